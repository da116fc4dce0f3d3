//! Batch: typed columns beside the raw records they were read from.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::ArrayRef;

use crate::frame::mask::Mask;
use crate::frame::raw::RawBatch;
use crate::model::ParseCode;

/// Holds parsed records: one Arrow array a contract column, in contract order.
#[derive(Debug, Clone)]
pub struct Batch {
    pub raw: RawBatch,
    /// `raw.len()` rows each, of the types `frame::schema` gives. NULL where the cell is NULL, did not
    /// parse, or stands in a broken record.
    pub columns: Vec<ArrayRef>,
    /// Columns this file does not have (or has twice): rules on them cannot be evaluated.
    pub absent: Vec<bool>,
    /// Rows whose record could not be read.
    pub broken: Mask,
    /// For each column the rows whose cell did not parse; `None` where all did. Broken rows are not marked.
    pub unparsed: Vec<Option<Mask>>,
    /// All record and cell faults, ascending by row, then by column.
    pub faults: Vec<Fault>,
}

/// One record or cell that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub row: usize,
    /// Absent for faults of the whole record.
    pub column: Option<usize>,
    /// `column` or a path inside it (`basket[1].price`); empty for the whole record.
    pub path: Arc<str>,
    pub code: ParseCode,
    /// The text that did not parse, decoded, at most 200 characters.
    pub value: Option<String>,
    /// In words, without a final stop.
    pub detail: Cow<'static, str>,
}

impl Batch {
    /// Gives the number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.raw.len()
    }

    /// Tells whether there are no rows.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }
}

/// Cuts text to 200 characters for reports, bad UTF-8 replaced.
#[must_use]
pub fn shorten(bytes: &[u8]) -> String {
    shortened(bytes).into_owned()
}

/// Cuts as [`shorten`] does; what is short and UTF-8 stays where it is.
#[must_use]
pub fn shortened(bytes: &[u8]) -> Cow<'_, str> {
    const LIMIT: usize = 200;
    // Four bytes a character at most: nothing beyond can be shown.
    let head = &bytes[..bytes.len().min(LIMIT * 4 + 4)];
    let text = String::from_utf8_lossy(head);
    // There are no more characters than bytes.
    if text.len() <= LIMIT {
        return text;
    }
    match text.char_indices().nth(LIMIT) {
        Some((cut, _)) => Cow::Owned(format!("{}…", &text[..cut])),
        None => text,
    }
}
