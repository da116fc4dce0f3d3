//! Cells of one column, read from the block.

use std::ops::Range;

use crate::frame::parse::Nulls;
use crate::frame::raw::{FieldSpan, Fields, unescape};
use crate::frame::sieve::wide::{Lanes, Wide};
use crate::frame::sieve::{LANES, STRETCH};
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
    /// What looks at many cells at once, where the machine can.
    pub wide: Option<Wide>,
}

/// Cells that surely are fine, one bit each, from the first row on.
pub type Sure = [u64; STRETCH / LANES];

/// One cell.
pub enum Cell<'a> {
    Null,
    /// Content, and where it starts in the text.
    Plain(&'a [u8], usize),
    /// Content with escapes to be undone, and whether it stands in quotes.
    Escaped(&'a [u8], bool),
}

impl<'a> Cells<'a> {
    /// Walks the cells of some rows, one a record.
    #[inline]
    pub fn walk(&self, rows: Range<usize>) -> impl Iterator<Item = Cell<'a>> {
        let (text, nulls, quote) = (self.text, self.nulls, self.quote());
        self.fields.column(self.field, rows).map(move |extent| cell(text, nulls, quote, extent))
    }

    /// Gives one cell.
    #[inline]
    pub fn cell(&self, row: usize) -> Cell<'a> {
        cell(self.text, self.nulls, self.quote(), self.fields.extent(row, self.field))
    }

    /// Gives the byte that quotes; no byte where nothing does.
    fn quote(&self) -> u32 {
        self.spec.quote.map_or(u32::MAX, u32::from)
    }

    /// Asks which cells surely are fine, many at once; none where a spelling of NULL is `plausible`.
    pub fn sure(&self, plausible: impl Fn(&[u8]) -> bool, ask: impl Fn(Wide, &Lanes<'_>) -> u64) -> Sure {
        let mut sure = [0; STRETCH / LANES];
        // A quote that could be part of a number is none to look over.
        let strange = |quote: u8| quote.is_ascii_alphanumeric() || quote == b'.' || quote == b'-';
        let plain = !self.spec.quote.is_some_and(strange) && !self.nulls.words().any(plausible);
        if let Some(wide) = self.wide.filter(|_| plain) {
            for (bits, first) in sure.iter_mut().zip(self.rows.clone().step_by(LANES)) {
                let lanes = wide.lanes(self.text, self.fields, self.field, first..self.rows.end);
                *bits = lanes.map_or(0, |lanes| ask(wide, &lanes));
            }
        }
        sure
    }

    /// Undoes a cell's escapes into `out`.
    #[cold]
    pub fn undo<'o>(&self, content: &[u8], quoted: bool, out: &'o mut Vec<u8>) -> &'o [u8] {
        let span = FieldSpan { quoted, escaped: true, ..FieldSpan::default() };
        unescape(content, span, self.spec, out);
        out
    }
}

#[inline]
fn cell<'a>(text: &'a [u8], nulls: &Nulls<'_>, quote: u32, (start, end, escaped): (usize, usize, bool)) -> Cell<'a> {
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
}
