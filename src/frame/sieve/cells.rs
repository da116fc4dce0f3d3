//! Cells of one column, read from the block.

use crate::frame::parse::Nulls;
use crate::frame::raw::{FieldSpan, Fields, unescape};
use crate::model::SourceSpec;

/// The cells of one column of a batch.
#[derive(Debug, Clone, Copy)]
pub struct Cells<'a> {
    pub text: &'a [u8],
    pub fields: &'a Fields,
    pub field: usize,
    pub rows: usize,
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
    /// Content with escapes to be undone.
    Escaped(&'a [u8], FieldSpan),
}

impl<'a> Cells<'a> {
    /// Gives a cell.
    #[inline]
    pub fn get(&self, row: usize) -> Cell<'a> {
        let (content, span) = self.fields.content(self.text, self.spec.quote, row, self.field);
        if self.nulls.is_null(content, span.quoted) {
            Cell::Null
        } else if span.escaped {
            Cell::Escaped(content, span)
        } else {
            Cell::Plain(content, span.start as usize)
        }
    }

    /// Undoes a cell's escapes into `out`.
    #[cold]
    pub fn undo<'o>(&self, content: &[u8], span: FieldSpan, out: &'o mut Vec<u8>) -> &'o [u8] {
        unescape(content, span, self.spec, out);
        out
    }
}
