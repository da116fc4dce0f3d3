//! Where the fields of a CSV record stand, and how a value is written into one. It knows the dialect from the
//! contract alone, so that it is no echo of the reader.

use crate::model::{Escape, LineEnding, Quotes, SourceSpec};

/// One field of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// With its quotes.
    pub start: usize,
    pub end: usize,
    pub quoted: bool,
    /// It holds escapes.
    pub escaped: bool,
}

/// A record that reads well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    pub list: Vec<Field>,
    /// Where the content ends (a trailing delimiter is content), and behind the line ending.
    pub content: usize,
    pub end: usize,
}

/// Gives the length of the line ending that stands at a place; 0 where none does.
#[must_use]
pub fn ending(text: &[u8], at: usize, spec: &SourceSpec) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    match (rest, spec.line_ending) {
        ([b'\r', b'\n', ..], LineEnding::Any | LineEnding::Lf | LineEnding::Crlf) => 2,
        ([b'\n', ..], LineEnding::Any | LineEnding::Lf) | ([b'\r', ..], LineEnding::Any | LineEnding::Cr) => 1,
        _ => 0,
    }
}

/// Gives the line ending a dialect's files are written with.
#[must_use]
pub const fn written_ending(spec: &SourceSpec) -> &'static [u8] {
    match spec.line_ending {
        LineEnding::Any | LineEnding::Lf => b"\n",
        LineEnding::Crlf => b"\r\n",
        LineEnding::Cr => b"\r",
    }
}

/// Counts the physical lines that end in a text.
#[must_use]
pub fn lines(text: &[u8], spec: &SourceSpec) -> u64 {
    let (mut count, mut at) = (0, 0);
    while at < text.len() {
        let ends = ending(text, at, spec);
        count += u64::from(ends > 0);
        at += ends.max(1);
    }
    count
}

/// Finds the fields of the first record of a text. `None` where it is not well formed by the strict dialect.
#[must_use]
pub fn first(text: &[u8], spec: &SourceSpec) -> Option<Fields> {
    let mut list = Vec::new();
    let mut at = 0;
    loop {
        let field = if spec.quote.is_some() && text.get(at).copied() == spec.quote {
            quoted(text, at, spec)?
        } else {
            unquoted(text, at, spec)?
        };
        at = field.end;
        list.push(field);
        if text.get(at) == Some(&spec.delimiter) {
            at += 1;
            continue;
        }
        let ends = ending(text, at, spec);
        if ends == 0 && at < text.len() {
            return None;
        }
        if spec.trailing_delimiter && list.len() > 1 && list.last().is_some_and(|last| last.start == last.end) {
            list.pop();
        }
        return Some(Fields { list, content: at, end: at + ends });
    }
}

fn quoted(text: &[u8], start: usize, spec: &SourceSpec) -> Option<Field> {
    let mut at = start + 1;
    let mut escaped = false;
    loop {
        let byte = *text.get(at)?;
        if spec.escape == Escape::Backslash && byte == b'\\' {
            escaped = true;
            at += 2;
        } else if Some(byte) == spec.quote {
            if spec.escape == Escape::Backslash || text.get(at + 1).copied() != spec.quote {
                return Some(Field { start, end: at + 1, quoted: true, escaped });
            }
            escaped = true;
            at += 2;
        } else {
            at += 1;
        }
    }
}

fn unquoted(text: &[u8], start: usize, spec: &SourceSpec) -> Option<Field> {
    let mut at = start;
    let mut escaped = false;
    while let Some(byte) = text.get(at) {
        if *byte == spec.delimiter || ending(text, at, spec) > 0 {
            break;
        }
        if Some(*byte) == spec.quote && spec.quotes == Quotes::Strict {
            return None;
        }
        if spec.escape == Escape::Backslash && *byte == b'\\' {
            escaped = true;
            at += 1;
        }
        at += 1;
    }
    Some(Field { start, end: at.min(text.len()), quoted: false, escaped })
}

impl Field {
    /// Gives the content without its quotes, escapes undone.
    #[must_use]
    pub fn content(self, text: &[u8], spec: &SourceSpec) -> Vec<u8> {
        let inner = if self.quoted { self.start + 1..self.end.saturating_sub(1) } else { self.start..self.end };
        let inner = text.get(inner).unwrap_or_default();
        let mut out = Vec::with_capacity(inner.len());
        let mut bytes = inner.iter().copied();
        while let Some(byte) = bytes.next() {
            let skips = match spec.escape {
                Escape::Backslash => byte == b'\\',
                Escape::Doubled => self.quoted && Some(byte) == spec.quote,
            };
            out.push(if skips { bytes.next().unwrap_or(byte) } else { byte });
        }
        out
    }
}

/// Writes a value that is not NULL as a field: in quotes where it stood in quotes, or must. `None` where the dialect
/// cannot write it.
#[must_use]
pub fn write(content: &[u8], quoted: bool, spec: &SourceSpec) -> Option<Vec<u8>> {
    let special = |byte: &u8| *byte == spec.delimiter || Some(*byte) == spec.quote || matches!(byte, b'\n' | b'\r');
    let backslash = spec.escape == Escape::Backslash;
    let null = spec.null_values.iter().any(|spelling| spelling.as_bytes() == content) && !spec.quoted_nulls;
    let comment = spec.comment.is_some() && content.first().copied() == spec.comment;
    let must = null || comment || content.iter().any(special);
    let Some(quote) = spec.quote.filter(|_| quoted || must) else {
        if !must && !backslash {
            return Some(content.to_vec());
        }
        return escaped(content, special, backslash).filter(|_| !null && !comment);
    };
    let mut out = vec![quote];
    for byte in content {
        if *byte == quote {
            out.push(if backslash { b'\\' } else { quote });
        } else if *byte == b'\\' && backslash {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    out.push(quote);
    Some(out)
}

fn escaped(content: &[u8], special: impl Fn(&u8) -> bool, backslash: bool) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(content.len());
    for byte in content {
        if special(byte) || (*byte == b'\\' && backslash) {
            if !backslash || matches!(byte, b'\n' | b'\r') {
                return None;
            }
            out.push(b'\\');
        }
        out.push(*byte);
    }
    Some(out)
}

/// Tells whether a field is a spelling of NULL.
#[must_use]
pub fn is_null(content: &[u8], quoted: bool, spec: &SourceSpec) -> bool {
    (!quoted || spec.quoted_nulls) && spec.null_values.iter().any(|spelling| spelling.as_bytes() == content)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn contents(text: &str, spec: &SourceSpec) -> Option<Vec<String>> {
        let fields = first(text.as_bytes(), spec)?;
        let text = |field: &Field| String::from_utf8(field.content(text.as_bytes(), spec)).unwrap();
        Some(fields.list.iter().map(text).collect())
    }

    #[test]
    fn fields_are_found_as_written() {
        let spec = SourceSpec::default();
        assert_eq!(contents("a,\"b\"\"\n,c\",\nnext", &spec).unwrap(), ["a", "b\"\n,c", ""]);
        assert_eq!(contents("a\"b,c\n", &spec), None);
        assert_eq!(contents("\"a\"b,c\n", &spec), None);
        assert_eq!(contents("\"a,c\n", &spec), None);
        let bars = SourceSpec { delimiter: b'|', quote: None, trailing_delimiter: true, ..spec };
        assert_eq!(contents("a|\"b|\n", &bars).unwrap(), ["a", "\"b"]);
        let back = SourceSpec { escape: Escape::Backslash, ..SourceSpec::default() };
        assert_eq!(contents("a\\,b,\"c\\\"d\"\n", &back).unwrap(), ["a,b", "c\"d"]);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(cells in prop::collection::vec("[a-c\",;\n\r\\\\é]{0,6}", 2..5), back in any::<bool>()) {
            let escape = if back { Escape::Backslash } else { Escape::Doubled };
            let spec = SourceSpec { escape, ..SourceSpec::default() };
            let fields: Vec<Vec<u8>> = cells.iter().map(|cell| write(cell.as_bytes(), false, &spec).unwrap()).collect();
            let mut record = fields.join(&b","[..]);
            record.push(b'\n');
            prop_assert_eq!(contents(std::str::from_utf8(&record).unwrap(), &spec).unwrap(), cells);
        }
    }
}
