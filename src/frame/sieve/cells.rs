//! Cells of one column, read from the block.

use std::ops::Range;

use crate::frame::parse::Nulls;
use crate::frame::raw::{FieldSpan, Fields, unescape};
use crate::model::SourceSpec;

/// Cells of one column of a batch.
#[derive(Debug, Clone)]
pub struct Cells<'a> {
    pub text: &'a [u8],
    pub fields: &'a Fields,
    pub field: usize,
    /// Starts at a multiple of 64.
    pub rows: Range<usize>,
    pub spec: &'a SourceSpec,
    pub nulls: &'a Nulls<'a>,
    /// The whole text is ASCII, so that bytes are characters.
    pub ascii: bool,
}

/// One cell.
pub enum Cell<'a> {
    Null,
    /// Content, and where it starts in the text.
    Plain(&'a [u8], usize),
    /// Content with escapes to be undone, and whether it stands in quotes.
    Escaped(&'a [u8], bool),
}

impl<'a> Cells<'a> {
    /// Walks the cells, one a record.
    #[inline]
    pub fn walk(&self) -> impl Iterator<Item = Cell<'a>> {
        let (text, nulls) = (self.text, self.nulls);
        // No byte where nothing quotes.
        let quote = self.spec.quote.map_or(u32::MAX, u32::from);
        self.fields.column(self.field, self.rows.clone()).map(move |(start, end, escaped)| {
            let raw = text.get(start..end).unwrap_or_default();
            let (content, start, quoted) = match raw {
                [first, inner @ .., last] if u32::from(*first) == quote && first == last => (inner, start + 1, true),
                _ => (raw, start, false),
            };
            if nulls.is_null(content, quoted) {
                Cell::Null
            } else if escaped {
                Cell::Escaped(content, quoted)
            } else {
                Cell::Plain(content, start)
            }
        })
    }

    /// Undoes a cell's escapes into `out`.
    #[cold]
    pub fn undo<'o>(&self, content: &[u8], quoted: bool, out: &'o mut Vec<u8>) -> &'o [u8] {
        let span = FieldSpan { quoted, escaped: true, ..FieldSpan::default() };
        unescape(content, span, self.spec, out);
        out
    }
}
