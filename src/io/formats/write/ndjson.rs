//! JSON: one object a row, every key written in contract order, NULL as `null`; a line each, or elements of one array.

use std::ops::Range;

use crate::frame::drawn::Letters;
use crate::frame::text::Text;
use crate::io::formats::write::cells::{Cells, Fields, Given, wants_escape};
use crate::io::formats::write::plan::{Plan, keys};
use crate::model::Column;

/// The form of a table's JSON files.
#[derive(Debug)]
pub struct JsonForm {
    /// What stands before each value: `{"id":`, `,"name":`.
    keys: Vec<Vec<u8>>,
    plans: Vec<Plan>,
    array: bool,
}

impl JsonForm {
    /// Prepares the form for these columns: lines, or elements of an array, each behind a comma of its own.
    #[must_use]
    pub fn new(columns: &[&Column], array: bool) -> Self {
        let keys = keys(columns.iter().map(|column| column.name.as_str()));
        Self { keys, plans: columns.iter().map(|column| Plan::of(column)).collect(), array }
    }

    /// Prepares the rows of a batch: the columns written, in order.
    #[must_use]
    pub fn rows<'a>(&'a self, columns: &[Given<'a>]) -> JsonRows<'a> {
        let cells = self.plans.iter().zip(columns).map(|(plan, given)| Cells::of(*given, plan, &wants_escape));
        let (open, mut close) = if self.array { (&b",\n"[..], &b"}"[..]) } else { (&b""[..], &b"}\n"[..]) };
        if self.keys.is_empty() {
            close = if self.array { b"{}" } else { b"{}\n" };
        }
        JsonRows(Fields::new(self.keys.iter().zip(cells), open, close))
    }
}

/// Tells whether texts of these letters stand in JSON as they are.
#[must_use]
pub fn fits(letters: &Letters) -> bool {
    !(0..b' ').chain([b'"', b'\\']).any(|byte| letters.has(byte))
}

/// The rows of one batch.
#[derive(Debug)]
pub struct JsonRows<'a>(Fields<'a>);

impl JsonRows<'_> {
    /// Appends rows.
    pub fn render(&mut self, rows: Range<usize>, out: &mut Text) {
        for row in rows {
            out.row(|out, at| self.0.write(out, at, row));
        }
    }
}
