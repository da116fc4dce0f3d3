//! JSON: one object a row, every key written in contract order, NULL as `null`; a line each, or elements of one array.

use std::ops::Range;

use arrow_array::Array;

use crate::io::formats::write::cells::{Cells, wants_escape};
use crate::io::formats::write::plan::{Plan, keys};
use crate::io::formats::write::text::{Literal, Text, literal};
use crate::model::Column;

/// The form of a table's JSON files.
#[derive(Debug)]
pub struct JsonForm {
    /// What stands before each value: `{"id":`, `,"name":`.
    keys: Vec<Literal>,
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
    pub fn rows<'a>(&'a self, arrays: &[&'a dyn Array]) -> JsonRows<'a> {
        let cells = |(plan, array): (&'a Plan, &&'a dyn Array)| Cells::new(*array, plan, &wants_escape);
        let columns = self.keys.iter().zip(self.plans.iter().zip(arrays).map(cells)).collect();
        let (open, mut close) = if self.array { (&b",\n"[..], &b"}"[..]) } else { (&b""[..], &b"}\n"[..]) };
        if self.keys.is_empty() {
            close = if self.array { b"{}" } else { b"{}\n" };
        }
        JsonRows { columns, open: Literal::new(open), close: Literal::new(close) }
    }
}

/// The rows of one batch.
#[derive(Debug)]
pub struct JsonRows<'a> {
    columns: Vec<(&'a Literal, Cells<'a>)>,
    open: Literal,
    close: Literal,
}

impl JsonRows<'_> {
    /// Appends rows.
    pub fn render(&mut self, rows: Range<usize>, out: &mut Text) {
        let Self { columns, open, close } = self;
        for row in rows {
            out.row(|out, at| {
                let mut at = if open.is_empty() { at } else { literal(out, at, open) };
                for (key, cells) in columns.iter_mut() {
                    at = literal(out, at, key);
                    at = cells.json(out, at, row);
                }
                literal(out, at, close)
            });
        }
    }
}
