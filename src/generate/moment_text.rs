//! Moments as text, written by a pattern of strftime's letters (those of [`crate::model::temporal`]).

use crate::model::literal::civil_from_days;
use crate::model::temporal::{DAY, MONTHS};

/// Appends a moment (microseconds since 1970-01-01, in UTC) by a pattern.
pub fn write(pattern: &str, micros: i64, out: &mut Vec<u8>) {
    let mut letters = pattern.bytes();
    while let Some(byte) = letters.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut letter = letters.next();
        let (mut padded, mut point, mut digits) = (true, false, None);
        if letter == Some(b'-') {
            (padded, letter) = (false, letters.next());
        }
        if letter == Some(b'.') {
            (point, letter) = (true, letters.next());
        }
        if let Some(digit @ b'1'..=b'9') = letter {
            (digits, letter) = (Some(usize::from(digit - b'0')), letters.next());
        }
        match letter {
            Some(b'f') => fraction(micros, point, digits, out),
            Some(b'F') => write("%Y-%m-%d", micros, out),
            Some(b'T') => write("%H:%M:%S", micros, out),
            Some(b'R') => write("%H:%M", micros, out),
            Some(letter) => part(letter, padded, micros, out),
            None => {}
        }
    }
}

fn part(letter: u8, padded: bool, micros: i64, out: &mut Vec<u8>) {
    let days = i32::try_from(micros.div_euclid(DAY)).unwrap_or(0);
    let second = micros.rem_euclid(DAY) / 1_000_000;
    let (year, month, day) = civil_from_days(days);
    let hour = second / 3600;
    let name = MONTHS[usize::try_from(month - 1).unwrap_or(0).min(11)];
    let two = if padded { 2 } else { 1 };
    match letter {
        b'Y' => number(year.into(), 4, out),
        b'y' => number(year.rem_euclid(100).into(), 2, out),
        b'm' => number(month.into(), two, out),
        b'b' => out.extend_from_slice(&name.as_bytes()[..3]),
        b'B' => out.extend_from_slice(name.as_bytes()),
        b'd' => number(day.into(), two, out),
        b'e' => {
            if day < 10 {
                out.push(b' ');
            }
            number(day.into(), 1, out);
        }
        b'j' => number((days - crate::model::literal::days_from_civil(year, 1, 1) + 1).into(), 3, out),
        b'H' => number(hour, two, out),
        b'I' => number((hour + 11) % 12 + 1, two, out),
        b'p' => out.extend_from_slice(if hour < 12 { b"AM" } else { b"PM" }),
        b'M' => number(second / 60 % 60, two, out),
        b'S' => number(second % 60, two, out),
        b'z' => out.extend_from_slice(b"+00:00"),
        b's' => out.extend_from_slice(itoa::Buffer::new().format(micros.div_euclid(1_000_000)).as_bytes()),
        other => out.push(other),
    }
}

fn fraction(micros: i64, point: bool, digits: Option<usize>, out: &mut Vec<u8>) {
    let text = format!("{:06}000", micros.rem_euclid(1_000_000));
    if point && digits.is_none() && text.bytes().all(|digit| digit == b'0') {
        return;
    }
    if point {
        out.push(b'.');
    }
    out.extend_from_slice(&text.as_bytes()[..digits.unwrap_or(6)]);
}

fn number(value: i64, width: usize, out: &mut Vec<u8>) {
    let mut buffer = itoa::Buffer::new();
    let text = buffer.format(value.max(0));
    out.extend(std::iter::repeat_n(b'0', width.saturating_sub(text.len())));
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::temporal::Pattern;

    #[test]
    fn what_is_written_reads_back() {
        let micros = 1_767_225_599_000_000 + 123_456;
        for pattern in ["%Y-%m-%d %H:%M:%S%.f", "%e %B %Y %I:%M:%S.%f %p", "%FT%T.%6f%z", "%j/%Y %R:%S%.9f", "%s%6f"] {
            let mut text = Vec::new();
            write(pattern, micros, &mut text);
            let read = Pattern::new(pattern).unwrap().timestamp(&text);
            assert_eq!(read, Some(micros), "{pattern}: {}", String::from_utf8_lossy(&text));
        }
        let mut text = Vec::new();
        write("%-d.%-m.%y 100%%", 0, &mut text);
        assert_eq!(text, b"1.1.70 100%");
    }
}
