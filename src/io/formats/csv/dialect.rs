//! Dialect: which bytes separate fields and end lines, prepared for a fast search.

use crate::model::{Error, ErrorKind, Escape, LineEnding, Quotes, Result, SourceSpec};

/// A record (or any line) longer than this stops the run: what has no line endings for so long is not CSV.
const MAX_RECORD_BYTES: usize = 256 << 20;
/// Fields over this are refused whatever the contract says: positions are 31 bits wide.
const MAX_FIELD_BYTES: usize = 1 << 29;

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Says how one file separates fields and records.
#[derive(Debug, Clone)]
pub struct Dialect {
    pub delimiter: u8,
    pub quote: Option<u8>,
    pub comment: Option<u8>,
    /// A backslash makes the next byte literal, else a quote is doubled.
    pub backslash: bool,
    pub trailing_delimiter: bool,
    /// An empty line is a record.
    pub blank_records: bool,
    pub line_ending: LineEnding,
    pub max_field: usize,
    pub max_record: usize,
    /// The bytes that mean something in an unquoted field, each eight times.
    needles: [u64; 5],
    special: [bool; 256],
}

/// Says what a CR or LF is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Data, by the dialect's line ending.
    Data,
    /// A line ending of so many bytes.
    Ends(usize),
    /// Decided by the next byte, which is not there yet.
    Unsure,
}

/// Says where a physical line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnd {
    /// Behind its ending, or at the end of the file.
    At(usize),
    /// Not in the text that is there yet.
    Unsure,
    /// Beyond `max_record`.
    TooLong,
}

impl Dialect {
    /// Prepares the dialect of a source.
    ///
    /// # Errors
    /// Where two bytes of it contradict each other, or one is not ASCII.
    pub fn new(spec: &SourceSpec) -> Result<Self> {
        let marks = [Some(("delimiter", spec.delimiter)), spec.quote.map(|quote| ("quote", quote))];
        for (name, byte) in marks.into_iter().flatten() {
            if !byte.is_ascii() || byte == b'\n' || byte == b'\r' {
                let message = format!("the {name} 0x{byte:02X} cannot be told from text or line endings");
                return Err(Error::new(ErrorKind::Contract, message)
                    .hint(format!("Set `source: {{{name}: …}}` to an ASCII character that is not a line ending.")));
            }
        }
        if spec.quote == Some(spec.delimiter) {
            return Err(Error::new(ErrorKind::Contract, "the delimiter and the quote are the same character")
                .hint("Set `source: {quote: none}` where nothing is quoted."));
        }
        let backslash = spec.escape == Escape::Backslash;
        let strict_quote = spec.quote.filter(|_| spec.quotes == Quotes::Strict);
        let mut bytes = [spec.delimiter; 5];
        bytes[1] = if spec.line_ending == LineEnding::Cr { b'\r' } else { b'\n' };
        bytes[2] = b'\r';
        bytes[3] = strict_quote.unwrap_or(spec.delimiter);
        bytes[4] = if backslash { b'\\' } else { spec.delimiter };
        let mut special = [false; 256];
        for byte in bytes {
            special[usize::from(byte)] = true;
        }
        let max_field = usize::try_from(spec.max_field_bytes).unwrap_or(MAX_FIELD_BYTES).min(MAX_FIELD_BYTES);
        Ok(Self {
            delimiter: spec.delimiter,
            quote: spec.quote,
            comment: spec.comment,
            backslash,
            trailing_delimiter: spec.trailing_delimiter,
            blank_records: spec.blank_records,
            line_ending: spec.line_ending,
            max_field,
            max_record: MAX_RECORD_BYTES.max(max_field + (1 << 16)),
            needles: bytes.map(|byte| u64::from(byte) * LOW),
            special,
        })
    }

    /// Tells whether regular records can be found by [`scan`](super::scan): lines end in LF or CRLF, and quotes are
    /// doubled.
    pub fn is_regular(&self) -> bool {
        !self.backslash && matches!(self.line_ending, LineEnding::Any | LineEnding::Lf)
    }

    /// Gives the start behind the last field of a record at `start`, by what is behind its separators (the last is its
    /// line feed).
    /// `None` where the record needs a closer look: it is blank, a comment, of another width or long.
    #[expect(clippy::cast_possible_truncation, reason = "texts are shorter than 2 GiB")]
    #[inline]
    pub fn regular_ends(&self, text: &[u8], start: usize, marks: &[u32], width: usize) -> Option<u32> {
        let (behind, before) = marks.split_last()?;
        let newline = (*behind as usize).checked_sub(1)?;
        let carriage = newline > start && text.get(newline - 1) == Some(&b'\r');
        let end = newline - usize::from(carriage);
        if width == 0
            || marks.len() != width + usize::from(self.trailing_delimiter)
            || end <= start
            || end - start > self.max_field
        {
            return None;
        }
        if self.comment.is_some() && self.comment == text.get(start).copied() {
            return None;
        }
        if self.trailing_delimiter {
            let last = *before.last()?;
            return (last as usize == end).then_some(last);
        }
        Some(end as u32 + 1)
    }

    /// Finds the next byte that means something in an unquoted field, or the end of the text.
    #[inline]
    pub fn find(&self, text: &[u8], from: usize) -> usize {
        if self.backslash { self.scan::<5>(text, from) } else { self.scan::<4>(text, from) }
    }

    /// Looks at eight bytes at once: `(x - 1) & !x` has the high bit of a byte set first where `x` is 0.
    #[inline]
    fn scan<const N: usize>(&self, text: &[u8], from: usize) -> usize {
        let mut at = from;
        while let Some(chunk) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
            let word = u64::from_le_bytes(*chunk);
            let mut hits = 0;
            for needle in &self.needles[..N] {
                let differs = word ^ needle;
                hits |= differs.wrapping_sub(LOW) & !differs;
            }
            hits &= HIGH;
            if hits != 0 {
                return at + (hits.trailing_zeros() / 8) as usize;
            }
            at += 8;
        }
        while text.get(at).is_some_and(|byte| !self.special[usize::from(*byte)]) {
            at += 1;
        }
        at.min(text.len())
    }

    /// Says what the byte at `at`, which is a CR or LF, does. `eof`: nothing follows the text.
    #[inline]
    pub fn ending(&self, text: &[u8], at: usize, eof: bool) -> Ending {
        let lone = if self.line_ending == LineEnding::Any { Ending::Ends(1) } else { Ending::Data };
        match (text.get(at), self.line_ending) {
            (Some(b'\n'), LineEnding::Any | LineEnding::Lf) | (Some(b'\r'), LineEnding::Cr) => Ending::Ends(1),
            (Some(b'\r'), _) => match text.get(at + 1) {
                Some(b'\n') => Ending::Ends(2),
                None if !eof => Ending::Unsure,
                _ => lone,
            },
            _ => Ending::Data,
        }
    }

    /// Finds the next byte that may end a line.
    fn newline(&self, text: &[u8], from: usize) -> Option<usize> {
        let rest = text.get(from..)?;
        let hit = match self.line_ending {
            LineEnding::Any => memchr::memchr2(b'\n', b'\r', rest),
            LineEnding::Lf => memchr::memchr(b'\n', rest),
            LineEnding::Crlf | LineEnding::Cr => memchr::memchr(b'\r', rest),
        };
        hit.map(|hit| from + hit)
    }

    /// Finds the end of the physical line that starts at `start`, quotes or not.
    pub fn line_end(&self, text: &[u8], start: usize, eof: bool) -> LineEnd {
        let mut at = start;
        let end = loop {
            let Some(hit) = self.newline(text, at) else { break eof.then_some(text.len()) };
            match self.ending(text, hit, eof) {
                Ending::Ends(len) => break Some(hit + len),
                Ending::Unsure => break None,
                Ending::Data => at = hit + 1,
            }
        };
        match end {
            Some(end) if end - start <= self.max_record => LineEnd::At(end),
            None if text.len() - start <= self.max_record => LineEnd::Unsure,
            _ => LineEnd::TooLong,
        }
    }

    /// Counts the line endings in a piece of text.
    pub fn count_endings(&self, text: &[u8]) -> u64 {
        let mut count = 0;
        let mut at = 0;
        while let Some(hit) = self.newline(text, at) {
            at = match self.ending(text, hit, true) {
                Ending::Ends(len) => {
                    count += 1;
                    hit + len
                }
                Ending::Data | Ending::Unsure => hit + 1,
            };
        }
        count
    }

    /// Tells whether a piece of text goes over several lines.
    #[inline]
    pub fn has_ending(&self, text: &[u8]) -> bool {
        self.newline(text, 0).is_some() && self.count_endings(text) > 0
    }

    /// Tells whether a record's text ends in a line ending.
    pub fn is_ended(&self, record: &[u8]) -> bool {
        match self.line_ending {
            LineEnding::Any => record.ends_with(b"\n") || record.ends_with(b"\r"),
            LineEnding::Lf => record.ends_with(b"\n"),
            LineEnding::Crlf => record.ends_with(b"\r\n"),
            LineEnding::Cr => record.ends_with(b"\r"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialect(line_ending: LineEnding, escape: Escape) -> Dialect {
        Dialect::new(&SourceSpec { escape, line_ending, ..SourceSpec::default() }).unwrap()
    }

    #[test]
    fn find_agrees_with_a_plain_search() {
        let text: Vec<u8> = (0..2000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        for escape in [Escape::Doubled, Escape::Backslash] {
            let dialect = dialect(LineEnding::Any, escape);
            for from in 0..text.len() {
                let plain = text[from..].iter().position(|byte| {
                    matches!(byte, b',' | b'"' | b'\n' | b'\r') || (*byte == b'\\' && escape == Escape::Backslash)
                });
                assert_eq!(dialect.find(&text, from), plain.map_or(text.len(), |hit| from + hit));
            }
        }
    }

    #[test]
    fn endings_are_counted_by_their_sort() {
        let text = b"a\nb\r\nc\rd\r\r\ne";
        for (line_ending, count) in
            [(LineEnding::Any, 5), (LineEnding::Lf, 3), (LineEnding::Crlf, 2), (LineEnding::Cr, 4)]
        {
            assert_eq!(dialect(line_ending, Escape::Doubled).count_endings(text), count, "{line_ending:?}");
        }
    }

    #[test]
    fn a_final_cr_waits_for_its_lf() {
        let any = dialect(LineEnding::Any, Escape::Doubled);
        assert_eq!(any.line_end(b"a\r", 0, false), LineEnd::Unsure);
        assert_eq!(any.line_end(b"a\r", 0, true), LineEnd::At(2));
        assert_eq!(any.line_end(b"a\r\nb", 0, false), LineEnd::At(3));
        assert_eq!(dialect(LineEnding::Lf, Escape::Doubled).line_end(b"a\rb\r\nc", 0, false), LineEnd::At(5));
    }

    #[test]
    fn contradictions_are_refused() {
        for spec in [
            SourceSpec { delimiter: b'"', ..SourceSpec::default() },
            SourceSpec { delimiter: b'\n', ..SourceSpec::default() },
            SourceSpec { quote: Some(0xFE), ..SourceSpec::default() },
        ] {
            assert_eq!(Dialect::new(&spec).unwrap_err().kind, ErrorKind::Contract);
        }
    }
}
