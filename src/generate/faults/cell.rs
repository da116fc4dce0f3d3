//! Cell: one value in a record, and the change of it. What is not the value stays byte for byte.

use std::ops::Range;

use crate::generate::faults::csv;
use crate::generate::faults::json::{self, Shape};
use crate::generate::faults::knobs::Knobs;
use crate::generate::faults::layout::Layout;
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;
use crate::model::{Format, Table};

/// What a kind sees of a value that is not NULL.
pub struct Cell<'a> {
    pub target: &'a Target,
    pub knobs: &'a Knobs,
    pub table: &'a Table,
    /// Escapes undone.
    pub text: &'a [u8],
    /// `None` in CSV.
    pub shape: Option<Shape>,
    /// As it stands in the record.
    pub raw: &'a [u8],
    /// Gives another column of the record as text; `None` for NULL.
    pub beside: &'a dyn Fn(&str) -> Option<Vec<u8>>,
    /// Gives the same value of another row as text; `None` for NULL.
    pub elsewhere: &'a dyn Fn(&mut Draws) -> Option<Vec<u8>>,
}

/// What becomes of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Null,
    /// Text, written as the format writes it. A JSON number stays bare where the text is one.
    Text(Vec<u8>),
    /// Text in quotes, whatever it is.
    Quoted(Vec<u8>),
    /// Bytes in place of all that stands there, quotes included.
    Raw(Vec<u8>),
    /// Text that no row of the referenced table has.
    Orphan(Vec<u8>),
}

impl Change {
    /// Makes text.
    pub fn text(text: impl Into<Vec<u8>>) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> Cell<'a> {
    /// Gives the value as UTF-8.
    #[must_use]
    pub fn str(&self) -> Option<&'a str> {
        std::str::from_utf8(self.text).ok()
    }
}

/// Where a value stands in a record, and what it is.
#[derive(Debug, Clone)]
pub struct Spot {
    pub span: Range<usize>,
    /// Escapes undone.
    pub text: Vec<u8>,
    pub null: bool,
    pub quoted: bool,
    pub shape: Option<Shape>,
    /// With the places of elements.
    pub path: String,
    pub pointer: Option<String>,
}

/// Finds a target's value in a record. `pick` chooses among the elements of lists.
pub fn find(
    record: &[u8],
    table: &Table,
    layout: &Layout,
    target: &Target,
    pick: &mut dyn FnMut(usize) -> usize,
) -> Option<Spot> {
    let spec = &table.source;
    if spec.format == Format::Csv {
        let fields = csv::first(record, spec)?;
        let field = *fields.list.get(layout.field(target.path.column, fields.list.len())?)?;
        let text = field.content(record, spec);
        let raw = record.get(field.start..field.end)?;
        let inner = if field.quoted { raw.get(1..raw.len() - 1)? } else { raw };
        let null = csv::is_null(inner, field.quoted, spec);
        let (span, quoted, path) = (field.start..field.end, field.quoted, target.path.text.clone());
        return Some(Spot { span, text, null, quoted, shape: None, path, pointer: None });
    }
    let found = json::find(record, table, target.path.column, &target.path.steps, pick)?;
    let shape = json::shape(record, &found.span);
    let text = json::content(record, &found.span);
    let spelled = shape == Shape::Text && !text.is_empty() && csv::is_null(&text, false, spec);
    Some(Spot {
        span: found.span,
        null: shape == Shape::Null || spelled,
        quoted: shape == Shape::Text,
        text,
        shape: Some(shape),
        path: found.path,
        pointer: Some(found.pointer),
    })
}

/// Gives the bytes that a change puts in place of a value. `None` where the dialect cannot write it.
#[must_use]
pub fn encode(change: &Change, spot: &Spot, table: &Table, only: bool) -> Option<Vec<u8>> {
    let spec = &table.source;
    let Some(shape) = spot.shape else {
        return match change {
            Change::Raw(bytes) => Some(bytes.clone()),
            Change::Text(text) | Change::Orphan(text) => {
                csv::write(text, spot.quoted, spec).filter(|bytes| !only || !bytes.is_empty())
            }
            Change::Quoted(text) => csv::write(text, true, spec).filter(|bytes| !only || !bytes.is_empty()),
            Change::Null => {
                let empty = spec.null_values.iter().any(String::is_empty);
                let spelling = if empty { "" } else { spec.null_values.first()? };
                // A record of nothing would be a blank line.
                if only && spelling.is_empty() {
                    return spec.quote.filter(|_| spec.quoted_nulls).map(|quote| vec![quote, quote]);
                }
                Some(spelling.as_bytes().to_vec())
            }
        };
    };
    match change {
        Change::Null => Some(b"null".to_vec()),
        Change::Raw(bytes) => Some(bytes.clone()),
        Change::Text(text) if shape == Shape::Number && json::is_number(text) => Some(text.clone()),
        Change::Text(text) if shape == Shape::Bool && matches!(&text[..], b"true" | b"false") => Some(text.clone()),
        Change::Text(text) | Change::Orphan(text) | Change::Quoted(text) => match std::str::from_utf8(text) {
            Ok(text) => Some(json::quote(text)),
            // Bytes that are no text go in as they are.
            Err(_) => Some([&b"\""[..], text, b"\""].concat()),
        },
    }
}

/// Puts bytes in place of a span.
#[must_use]
pub fn splice(record: &[u8], span: &Range<usize>, with: &[u8]) -> Vec<u8> {
    let before = record.get(..span.start).unwrap_or_default();
    let after = record.get(span.end..).unwrap_or_default();
    [before, with, after].concat()
}
