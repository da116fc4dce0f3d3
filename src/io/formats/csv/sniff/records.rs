//! Records of a head as a lenient reader cuts them: a quote that closes nowhere near costs one line, not the rest.

/// One way to cut text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    pub delimiter: u8,
    pub quote: Option<u8>,
    /// A backslash makes the next byte literal inside quotes.
    pub backslash: bool,
    pub comment: Option<u8>,
}

/// A field of a head, without its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    pub start: usize,
    pub end: usize,
    pub quoted: bool,
}

/// A record of a head.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    pub start: usize,
    /// Its cells in the list of all cells.
    pub first: usize,
    pub width: usize,
    /// A quote of it does not close: it was cut without quotes.
    pub broken: bool,
}

/// Lines a quoted field may go over before its quote counts as stray.
const MAX_LINES: usize = 100;
/// Records that are cut at most.
const MAX_RECORDS: usize = 5000;

/// Cuts a head into records. Without `whole` the last one may be cut short and is left out.
pub fn cut(text: &[u8], how: Cut, whole: bool) -> (Vec<Row>, Vec<Cell>) {
    let (mut rows, mut cells) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < text.len() && rows.len() < MAX_RECORDS {
        if let Some(next) = line_break(text, at) {
            at = next;
            continue;
        }
        if how.comment == text.get(at).copied() {
            let Some((_, next)) = line(text, at) else { break };
            at = next;
            continue;
        }
        let first = cells.len();
        let (end, broken) = if let Ok(end) = record(text, at, how, &mut cells) {
            (end, false)
        } else {
            cells.truncate(first);
            (plain(text, at, how.delimiter, &mut cells), true)
        };
        let reaches_end = end >= text.len();
        if reaches_end && !whole && !rows.is_empty() {
            cells.truncate(first);
            break;
        }
        rows.push(Row { start: at, first, width: cells.len() - first, broken });
        at = end.max(at + 1);
    }
    (rows, cells)
}

/// Gives the place behind a line break that stands here.
fn line_break(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'\n' => Some(at + 1),
        b'\r' => Some(at + 1 + usize::from(text.get(at + 1) == Some(&b'\n'))),
        _ => None,
    }
}

/// Gives the end of the line that starts here, and the start of the next.
pub fn line(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let rest = text.get(at..)?;
    let end = at + memchr::memchr2(b'\n', b'\r', rest)?;
    Some((end, line_break(text, end).unwrap_or(end + 1)))
}

/// Cuts one record by its quotes; gives the place behind its line.
fn record(text: &[u8], start: usize, how: Cut, cells: &mut Vec<Cell>) -> Result<usize, ()> {
    let mut at = start;
    loop {
        let quoted = how.quote.is_some() && text.get(at).copied() == how.quote;
        let end = if quoted { closing(text, at + 1, how)? } else { field_end(text, at, how.delimiter) };
        let cell = if quoted { Cell { start: at + 1, end, quoted } } else { Cell { start: at, end, quoted } };
        cells.push(cell);
        let behind = end + usize::from(quoted);
        match text.get(behind) {
            None => return Ok(text.len()),
            Some(byte) if *byte == how.delimiter => at = behind + 1,
            Some(_) => return Ok(line_break(text, behind).unwrap_or(behind + 1)),
        }
    }
}

/// Finds the quote that closes a field: a delimiter, a line break or the end follows it.
fn closing(text: &[u8], from: usize, how: Cut) -> Result<usize, ()> {
    let quote = how.quote.ok_or(())?;
    let (mut at, mut lines) = (from, 0);
    loop {
        let byte = *text.get(at).ok_or(())?;
        if byte == b'\n' {
            lines += 1;
            if lines > MAX_LINES {
                return Err(());
            }
        }
        if how.backslash && byte == b'\\' {
            at += 2;
            continue;
        }
        if byte == quote {
            match text.get(at + 1) {
                Some(next) if *next == quote && !how.backslash => {
                    at += 2;
                    continue;
                }
                Some(next) if *next != how.delimiter && !matches!(next, b'\n' | b'\r') => return Err(()),
                _ => return Ok(at),
            }
        }
        at += 1;
    }
}

fn field_end(text: &[u8], at: usize, delimiter: u8) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + memchr::memchr3(delimiter, b'\n', b'\r', rest).unwrap_or(rest.len())
}

/// Cuts one physical line at every delimiter.
fn plain(text: &[u8], start: usize, delimiter: u8, cells: &mut Vec<Cell>) -> usize {
    let mut at = start;
    loop {
        let end = field_end(text, at, delimiter);
        cells.push(Cell { start: at, end, quoted: false });
        match text.get(end) {
            Some(byte) if *byte == delimiter => at = end + 1,
            Some(_) => return line_break(text, end).unwrap_or(end + 1),
            None => return text.len(),
        }
    }
}
