//! Dialect: how fields of CSV are written so that the same source settings read them back.

use crate::frame::drawn::Letters;
use crate::model::{Column, DataType, Escape, LineEnding, SourceSpec};

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Knows which fields want quotes, and how NULL is spelled.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of the source")]
pub struct Dialect {
    pub delimiter: u8,
    pub ending: &'static [u8],
    pub trailing_delimiter: bool,
    quote: Option<u8>,
    backslash: bool,
    comment: Option<u8>,
    /// The bytes that mean something inside a field; the first of them fills up the rest.
    special: [u8; 5],
    spellings: Vec<Vec<u8>>,
    /// Bit n: a spelling of NULL has n bytes (bit 63: 63 or more).
    lengths: u64,
    quoted_nulls: bool,
    /// How NULL is written; `None` where it has no spelling.
    null: Option<Vec<u8>>,
    /// A record is one field, so an empty one would be an empty line.
    lonely: bool,
}

impl Dialect {
    /// Prepares the dialect of a source for records of so many fields.
    #[must_use]
    pub fn new(source: &SourceSpec, fields: usize) -> Self {
        let backslash = source.escape == Escape::Backslash;
        let mut special = [source.delimiter; 5];
        special[1..3].copy_from_slice(b"\r\n");
        special[3] = source.quote.unwrap_or(source.delimiter);
        special[4] = if backslash { b'\\' } else { source.delimiter };
        let spellings: Vec<Vec<u8>> = source.null_values.iter().map(|text| text.clone().into_bytes()).collect();
        let lengths = spellings.iter().fold(0, |bits, spelling| bits | 1 << spelling.len().min(63));
        let mut dialect = Self {
            delimiter: source.delimiter,
            ending: match source.line_ending {
                LineEnding::Any | LineEnding::Lf => b"\n",
                LineEnding::Crlf => b"\r\n",
                LineEnding::Cr => b"\r",
            },
            trailing_delimiter: source.trailing_delimiter,
            quote: source.quote,
            backslash,
            comment: source.comment,
            special,
            spellings,
            lengths,
            quoted_nulls: source.quoted_nulls,
            null: None,
            lonely: fields == 1 && !source.blank_records && !source.trailing_delimiter,
        };
        dialect.null = dialect.choose_null();
        dialect.lengths |= u64::from(dialect.lonely);
        dialect
    }

    /// Gives how NULL is written; `None` where it cannot be.
    #[must_use]
    pub fn null(&self) -> Option<&[u8]> {
        self.null.as_deref()
    }

    fn choose_null(&self) -> Option<Vec<u8>> {
        // A backslash is fine here: spellings are compared before escapes are undone.
        let written = |spelling: &&Vec<u8>| {
            let harmful = |byte: &u8| *byte != b'\\' && self.special.contains(byte);
            !spelling.iter().any(harmful) && self.comment.is_none_or(|comment| spelling.first() != Some(&comment))
        };
        let mut spellings = self.spellings.iter().filter(written);
        let empty = self.lengths & 1 == 1;
        if empty && !self.lonely {
            return Some(Vec::new());
        }
        let quoted = || self.quote.filter(|_| empty && self.quoted_nulls).map(|quote| vec![quote, quote]);
        spellings.find(|spelling| !spelling.is_empty()).cloned().or_else(quoted)
    }

    /// Tells whether text holds a byte that means something inside a field.
    #[must_use]
    pub fn is_special(&self, text: &[u8]) -> bool {
        let [delimiter, cr, lf, quote, escape] = self.special;
        if text.len() > 64 {
            return memchr::memchr3(delimiter, cr, lf, text).is_some()
                || memchr::memchr2(quote, escape, text).is_some();
        }
        text.iter().any(|byte| self.special.contains(byte))
    }

    /// Tells whether a column of texts has to be looked at cell by cell.
    #[must_use]
    pub fn is_guarded(&self, texts: &[u8], first: bool) -> bool {
        self.is_special(texts)
            || (first && self.comment.is_some())
            || memchr::memmem::find(texts, BYTE_ORDER_MARK).is_some()
    }

    /// Tells whether texts of these letters are all written as they are.
    #[must_use]
    pub fn fits(&self, letters: &Letters, first: bool) -> bool {
        let could_be = |null: &Vec<u8>| null.len() >= letters.least && null.iter().all(|byte| letters.has(*byte));
        let guarded = self.special.iter().any(|byte| letters.has(*byte))
            || (first && self.comment.is_some())
            || BYTE_ORDER_MARK.iter().all(|byte| letters.has(*byte))
            || (self.lonely && letters.least == 0)
            || self.spellings.iter().any(could_be);
        !guarded
    }

    /// Tells whether text of so many bytes may be taken for NULL, or for no record at all.
    #[inline]
    #[must_use]
    pub fn may_be_null(&self, len: usize) -> bool {
        self.lengths >> len.min(63) & 1 == 1
    }

    /// Tells whether any of several texts may be, by where each ends.
    #[must_use]
    pub fn any_may_be_null(&self, ends: &[i32]) -> bool {
        let pairs = ends.iter().zip(ends.iter().skip(1));
        if self.lengths == 1 {
            // Without branches, so that many are looked at at once.
            return pairs.fold(0, |found, (start, end)| found | u8::from(start == end)) != 0;
        }
        let mut lengths = pairs.map(|(start, end)| usize::try_from(end - start).unwrap_or(0));
        self.lengths != 0 && lengths.any(|len| self.may_be_null(len))
    }

    /// Tells whether values that are not text may want quotes all the same: the delimiter of a decimal point, a
    /// number that is a spelling of NULL.
    #[must_use]
    pub fn is_risky(&self, column: &Column, first: bool) -> bool {
        let Some(alphabet) = alphabet(column) else { return true };
        let inside = |byte: &u8| alphabet.contains(byte);
        self.special.iter().any(inside)
            || (first && self.comment.as_ref().is_some_and(inside))
            || self.spellings.iter().any(|spelling| !spelling.is_empty() && spelling.iter().all(inside))
    }

    /// Appends a value that is not NULL, quoted or escaped where it must be.
    ///
    /// # Errors
    /// In words, where the dialect has no way to write it.
    pub fn field(&self, content: &[u8], first: bool, out: &mut Vec<u8>) -> Result<(), &'static str> {
        let is_null = self.may_be_null(content.len()) && self.spellings.iter().any(|spelling| spelling == content);
        let opens_comment = first && self.comment.is_some_and(|comment| content.first() == Some(&comment));
        let guarded = is_null
            || opens_comment
            || (self.lonely && content.is_empty())
            // A byte-order mark at the start of a file would vanish when it is read.
            || content.starts_with(BYTE_ORDER_MARK)
            || self.is_special(content);
        if !guarded {
            out.extend_from_slice(content);
            return Ok(());
        }
        match self.quote {
            Some(quote) if !(is_null && self.quoted_nulls) => self.quoted(content, quote, out),
            _ if self.backslash && !content.is_empty() => self.escaped(content, out),
            _ if is_null => return Err("is a spelling of NULL and would read as NULL"),
            _ => return Err("holds a delimiter or a line break, and the dialect has neither quotes nor escapes"),
        }
        Ok(())
    }

    fn quoted(&self, content: &[u8], quote: u8, out: &mut Vec<u8>) {
        out.push(quote);
        for byte in content {
            if self.backslash && (*byte == quote || *byte == b'\\') {
                out.push(b'\\');
            } else if *byte == quote {
                out.push(quote);
            }
            out.push(*byte);
        }
        out.push(quote);
    }

    /// A backslash before the first byte tells the text from a spelling of NULL and from a comment.
    fn escaped(&self, content: &[u8], out: &mut Vec<u8>) {
        for (at, byte) in content.iter().enumerate() {
            if at == 0 || self.special.contains(byte) {
                out.push(b'\\');
            }
            out.push(*byte);
        }
    }
}

/// Gives the bytes that values of a column may be written with; `None` for all.
fn alphabet(column: &Column) -> Option<Vec<u8>> {
    let mut bytes = b"0123456789-".to_vec();
    match &column.data_type {
        DataType::Bool => return Some(b"truefals".to_vec()),
        data_type if data_type.is_integer() => {}
        DataType::Decimal { .. } => bytes.push(b'.'),
        DataType::Float32 | DataType::Float64 => bytes.extend(b".+eENaInfinity"),
        data_type if data_type.is_temporal() => {
            bytes.extend(b".:+TZ");
            if let Some(format) = &column.format {
                bytes.extend(b'a'..=b'z');
                bytes.extend(b'A'..=b'Z');
                bytes.push(b' ');
                bytes.extend(format.bytes());
            }
        }
        _ => return None,
    }
    Some(bytes)
}
