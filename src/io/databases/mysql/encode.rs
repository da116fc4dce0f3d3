//! Rows as the values of an INSERT: exact, and so that no value can end its literal.
//!
//! The session has `NO_BACKSLASH_ESCAPES`, so a quote is the only letter of a string that is not itself. What the server
//! would round or forget without a word is refused here.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float32Type, Float64Type, Time64MicrosecondType, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, BinaryArray, BooleanArray, Float32Array, Float64Array, RecordBatch, StringArray};
use arrow_schema::{DataType as Arrow, TimeUnit};

use crate::frame::schema::arrow_type;
use crate::frame::text::Text;
use crate::io::formats::write::cells::Cells;
use crate::io::formats::write::plan::Plan;
use crate::model::{DataType, Table};

/// Knows how the columns of a table are written.
#[derive(Debug)]
pub struct Encoder {
    plans: Vec<Plan>,
    /// Microseconds that the moments of a column have to be a multiple of.
    steps: Vec<i64>,
}

/// Why a row cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unwritten {
    pub column: usize,
    pub why: &'static str,
}

impl Encoder {
    /// Prepares a table; `steps` has one number a column.
    #[must_use]
    pub fn new(table: &Table, steps: Vec<i64>) -> Self {
        let plan = |data_type: &DataType| match data_type {
            // Moments with a zone are written in UTC, without saying so.
            DataType::TimestampTz => Plan::plain(&arrow_type(&DataType::Timestamp)),
            other => Plan::plain(&arrow_type(other)),
        };
        Self { plans: table.columns.iter().map(|column| plan(&column.data_type)).collect(), steps }
    }

    /// Prepares rows: moments with a zone lose its name.
    #[must_use]
    pub fn columns(rows: &RecordBatch) -> Vec<ArrayRef> {
        let plain = |array: &ArrayRef| match array.data_type() {
            Arrow::Timestamp(TimeUnit::Microsecond, Some(_)) => {
                let moments = array.as_primitive::<TimestampMicrosecondType>().clone();
                Arc::new(moments.with_timezone_opt(None::<Arc<str>>)) as ArrayRef
            }
            _ => Arc::clone(array),
        };
        rows.columns().iter().map(plain).collect()
    }

    /// Makes ready to write columns that [`Encoder::columns`] gave.
    #[must_use]
    pub fn rows<'a>(&'a self, columns: &'a [ArrayRef]) -> Rows<'a> {
        let cells = columns
            .iter()
            .zip(&self.plans)
            .zip(&self.steps)
            .map(|((array, plan), step)| Column { array, values: values(array, plan, *step) });
        Rows { columns: cells.collect(), scratch: Text::default() }
    }
}

/// Rows being written.
pub struct Rows<'a> {
    columns: Vec<Column<'a>>,
    scratch: Text,
}

struct Column<'a> {
    array: &'a ArrayRef,
    values: Values<'a>,
}

enum Values<'a> {
    Bool(&'a BooleanArray),
    Number(Cells<'a>),
    Float32(&'a Float32Array),
    Float64(&'a Float64Array),
    Text(&'a StringArray),
    Bytes(&'a BinaryArray),
    Moment(Cells<'a>, &'a [i64], i64),
    Json(Cells<'a>),
}

fn values<'a>(array: &'a ArrayRef, plan: &'a Plan, step: i64) -> Values<'a> {
    let cells = || Cells::new(array, plan, &crate::io::formats::write::cells::wants_escape);
    match array.data_type() {
        Arrow::Boolean => Values::Bool(array.as_boolean()),
        Arrow::Float32 => Values::Float32(array.as_primitive::<Float32Type>()),
        Arrow::Float64 => Values::Float64(array.as_primitive::<Float64Type>()),
        Arrow::Utf8 => Values::Text(array.as_string()),
        Arrow::Binary => Values::Bytes(array.as_binary()),
        Arrow::Date32 => Values::Moment(cells(), &[], 1),
        Arrow::Time64(_) => Values::Moment(cells(), array.as_primitive::<Time64MicrosecondType>().values(), step),
        Arrow::Timestamp(..) => {
            Values::Moment(cells(), array.as_primitive::<TimestampMicrosecondType>().values(), step)
        }
        Arrow::List(_) | Arrow::Struct(_) => Values::Json(cells()),
        _ => Values::Number(cells()),
    }
}

impl Rows<'_> {
    /// Appends the values of a row with commas between them.
    ///
    /// # Errors
    /// The first value that the target would not keep as it is; what was appended so far means nothing then.
    pub fn push(&mut self, out: &mut Text, row: usize) -> Result<(), Unwritten> {
        for (index, column) in self.columns.iter_mut().enumerate() {
            if index > 0 {
                out.byte(b',');
            }
            if column.array.is_null(row) {
                out.push(b"NULL");
                continue;
            }
            column.values.push(out, &mut self.scratch, row).map_err(|why| Unwritten { column: index, why })?;
        }
        Ok(())
    }
}

impl Values<'_> {
    fn push(&mut self, out: &mut Text, scratch: &mut Text, row: usize) -> Result<(), &'static str> {
        match self {
            Values::Bool(array) => out.byte(if array.value(row) { b'1' } else { b'0' }),
            Values::Number(cells) => out.row(|out, at| cells.text(out, at, row)),
            // As the double that it is: no rounding is left to do.
            Values::Float32(array) => float(out, f64::from(array.value(row)))?,
            Values::Float64(array) => float(out, array.value(row))?,
            Values::Text(array) => quoted(out, array.value(row).as_bytes()),
            Values::Bytes(array) => hex(out, array.value(row)),
            Values::Moment(cells, micros, step) => {
                if micros.get(row).is_some_and(|micros| micros % *step != 0) {
                    return Err("it has more digits behind its seconds than the column there");
                }
                out.byte(b'\'');
                out.row(|out, at| cells.text(out, at, row));
                out.byte(b'\'');
            }
            Values::Json(cells) => {
                scratch.clear();
                scratch.row(|out, at| cells.json(out, at, row));
                quoted(out, scratch.as_slice());
            }
        }
        Ok(())
    }
}

/// Writes a number with an exponent: the server takes others for decimals.
fn float(out: &mut Text, value: f64) -> Result<(), &'static str> {
    if !value.is_finite() {
        return Err("the target holds no NaN and no infinity");
    }
    let mut text = String::new();
    // Writing into a string never fails.
    let _ = write!(text, "{value:e}");
    out.push(text.as_bytes());
    Ok(())
}

fn quoted(out: &mut Text, mut text: &[u8]) {
    out.byte(b'\'');
    while let Some((head, tail)) = memchr::memchr(b'\'', text).and_then(|at| text.split_at_checked(at + 1)) {
        out.push(head);
        out.byte(b'\'');
        text = tail;
    }
    out.push(text);
    out.byte(b'\'');
}

fn hex(out: &mut Text, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |value: u8| DIGITS.get(usize::from(value & 15)).copied().unwrap_or(b'0');
    let mut text = Vec::with_capacity(bytes.len() * 2 + 3);
    text.extend_from_slice(b"X'");
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]));
    text.push(b'\'');
    out.push(&text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::target::fixtures::{products, rows};

    #[test]
    fn values_are_literals() {
        let table = products();
        let encoder = Encoder::new(&table, vec![1; table.columns.len()]);
        let columns = Encoder::columns(&rows(&[(1, Some(2)), (-9, None)]));
        let mut out = Text::default();
        let mut rows = encoder.rows(&columns);
        rows.push(&mut out, 0).unwrap();
        let text = String::from_utf8(out.as_slice().to_vec()).unwrap();
        assert!(text.starts_with("1,'a,\"2\"\né',-99999999.85,"), "{text}");
        assert!(text.contains(",'1970-01-02T23:59:59.999997','1970-01-03T00:00:00.000002',1,253,"), "{text}");
        assert!(text.contains(",X'FFFF','[\"tag 0\",null]',"), "{text}");
        out.clear();
        rows.push(&mut out, 1).unwrap();
        assert!(out.as_slice().starts_with(b"-9,NULL,NULL"));
    }

    #[test]
    fn what_would_be_rounded_is_refused() {
        let table = products();
        let mut steps = vec![1; table.columns.len()];
        steps[6] = 1_000_000;
        let encoder = Encoder::new(&table, steps);
        let columns = Encoder::columns(&rows(&[(1, Some(2))]));
        let refused = encoder.rows(&columns).push(&mut Text::default(), 0).unwrap_err();
        assert_eq!(refused.column, 6);
        assert!(float(&mut Text::default(), f64::NAN).is_err());
    }

    #[test]
    fn quotes_are_doubled() {
        let mut out = Text::default();
        quoted(&mut out, b"it's \\ ''");
        assert_eq!(out.as_slice(), b"'it''s \\ '''''");
    }
}
