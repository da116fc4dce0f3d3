//! What a cell looks like, cheaply: enough to tell values from pieces of values.

/// A sort of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    Empty,
    /// Digits with sign, point or comma, grouping, percent or exponent.
    Number,
    /// Digits with the marks of dates and times.
    Moment,
    /// One run of letters, digits and the marks inside codes and names.
    Word,
    Text,
}

/// Tells the sort of a cell, blanks around it taken off.
pub fn sort(cell: &[u8]) -> Sort {
    let cell = cell.trim_ascii();
    if cell.is_empty() {
        return Sort::Empty;
    }
    let digits = cell.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits > 0 && is_number(cell) {
        return Sort::Number;
    }
    if digits >= 3 && is_moment(cell) {
        return Sort::Moment;
    }
    let inner = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'@' | b'#' | b'/') || *byte >= 0x80
    };
    if cell.iter().all(inner) { Sort::Word } else { Sort::Text }
}

/// A number of any notation: `-1,234.50`, `1.234,50`, `12%`, `1e-3`.
fn is_number(cell: &[u8]) -> bool {
    let cell = cell.strip_prefix(b"-").or_else(|| cell.strip_prefix(b"+")).unwrap_or(cell);
    let cell = cell.strip_suffix(b"%").unwrap_or(cell);
    let mantissa = match cell.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => {
            let power = cell.get(at + 1..).unwrap_or_default();
            let power = power.strip_prefix(b"-").or_else(|| power.strip_prefix(b"+")).unwrap_or(power);
            if power.is_empty() || !power.iter().all(u8::is_ascii_digit) {
                return false;
            }
            cell.get(..at).unwrap_or_default()
        }
        None => cell,
    };
    let starts = mantissa.first().is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
    let (points, commas) = (count(mantissa, b'.'), count(mantissa, b','));
    starts
        && (points <= 1 || commas <= 1)
        && mantissa.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
        && grouped(mantissa, points, commas)
}

/// A mark that stands more than once groups digits by three.
fn grouped(number: &[u8], points: usize, commas: usize) -> bool {
    let mark = if commas > 1 { b',' } else { b'.' };
    if points.max(commas) <= 1 {
        return true;
    }
    let whole = number.split(|byte| *byte != mark && !byte.is_ascii_digit()).next().unwrap_or_default();
    whole.split(|byte| *byte == mark).skip(1).all(|group| group.len() == 3)
}

fn count(cell: &[u8], wanted: u8) -> usize {
    memchr::memchr_iter(wanted, cell).count()
}

/// A date, a time or both: digits, `-/.:`, and `T`, `Z`, `+` or one blank where they stand in moments.
fn is_moment(cell: &[u8]) -> bool {
    let marks = cell.iter().filter(|byte| matches!(byte, b'-' | b'/' | b'.' | b':')).count();
    let blanks = count(cell, b' ');
    marks >= 1
        && blanks <= 2
        && cell.len() <= 35
        && cell.first().is_some_and(u8::is_ascii_digit)
        && cell
            .iter()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'/' | b'.' | b':' | b' ' | b'T' | b'Z' | b'+'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_are_told() {
        for (cell, want) in [
            ("", Sort::Empty),
            ("12", Sort::Number),
            ("-1,5", Sort::Number),
            ("1,234,567.89", Sort::Number),
            ("1.234.567,89", Sort::Number),
            ("1e-5", Sort::Number),
            ("12%", Sort::Number),
            ("1,2,3", Sort::Text),
            ("2026-01-31", Sort::Moment),
            ("31.01.2026 12:30", Sort::Moment),
            ("2026-01-31T12:30:00Z", Sort::Moment),
            ("AB-12", Sort::Word),
            ("müller", Sort::Word),
            ("5;2", Sort::Text),
            ("two words", Sort::Text),
        ] {
            assert_eq!(sort(cell.as_bytes()), want, "{cell}");
        }
    }
}
