//! Columns that are typed already (Parquet) to the types of a contract, cell by cell and exactly.
//!
//! | in the file | read as |
//! |---|---|
//! | integers of any width | any integer type in range (`P012`), decimals that hold them (`P016`), floats that hold them exactly |
//! | decimals of any width | decimals whose digits suffice (`P016`; never rounded), integers where nothing stands behind the point |
//! | floats | floats; NaN and infinity only with `allow_nan` (`P014`); never integers or decimals |
//! | strings, also in dictionaries | strings; moments, bytes, decimals and 64-bit integers by their text, as in JSON |
//! | bytes | bytes; strings where they are UTF-8 (`P006`) |
//! | dates, times, timestamps of any unit | the same in days or microseconds where that is exact; with and without UTC do not mix |
//! | lists of any kind, maps, structs | lists and structs of such; a field the file does not have is NULL |
//!
//! Any other pair is a fault of every cell that is not NULL. A fault inside a list or struct makes the whole
//! column's cell unparsed.

mod cast;
mod moment;
mod number;
mod scalar;

use std::borrow::Cow;

use arrow_array::{Array, ArrayRef, BooleanArray};
use arrow_select::nullif::nullif;

use crate::frame::batch::{Batch, Fault};
use crate::frame::layout::Origin;
use crate::frame::mask::Mask;
use crate::frame::parse::{self, Parsed};
use crate::frame::raw::{Body, RawBatch};
use crate::model::{Column, ParseCode, Table};

/// Faults kept of one cell.
const CELL_FAULTS: usize = 16;

/// Converts every column of a batch with a [`Body::Columns`].
#[must_use]
pub fn parse(raw: RawBatch, table: &Table, origins: &[Origin]) -> Batch {
    let (broken, _) = parse::record_faults(&raw);
    let spellings = &raw.file.spec.null_values;
    let nulls: Vec<&[u8]> = spellings.iter().map(String::as_bytes).filter(|text| !text.is_empty()).collect();
    let columns = table.columns.iter().zip(origins).enumerate().map(|(index, (column, origin))| {
        let array = match (origin, &raw.body) {
            (Origin::Partition(text), _) => return parse::partition(index, column, text, &raw.file.spec, &broken),
            (Origin::Field(field), Body::Columns(rows)) => rows.columns().get(*field),
            _ => None,
        };
        match array.filter(|array| array.len() == raw.len()) {
            Some(array) => parsed(cast::cast(array, column, &nulls), index, column),
            None => parse::absent(column, raw.len()),
        }
    });
    let columns = columns.collect();
    parse::batch(raw, origins, columns)
}

/// An array of the contract's type, NULL where a cell does not fit it.
struct Cast {
    array: ArrayRef,
    /// Ascending by place.
    wrong: Vec<Wrong>,
}

/// One value that does not fit.
struct Wrong {
    /// Index into the array.
    at: usize,
    /// The path from there to the value: `[1].price`.
    path: String,
    code: ParseCode,
    value: String,
    detail: Cow<'static, str>,
}

/// Makes a converted array a column.
fn parsed(cast: Cast, index: usize, column: &Column) -> Parsed {
    let Cast { array, wrong } = cast;
    if wrong.is_empty() {
        return Parsed { array, unparsed: None, faults: Vec::new() };
    }
    let mut mask = Mask::new(array.len());
    let mut faults: Vec<Fault> = Vec::with_capacity(wrong.len());
    for Wrong { at, path, code, value, detail } in wrong {
        mask.set(at);
        let many = faults.len().checked_sub(CELL_FAULTS).and_then(|first| faults.get(first));
        if many.is_none_or(|fault| fault.row != at) {
            let path = format!("{}{path}", column.name).into();
            faults.push(Fault { row: at, column: Some(index), path, code, value: Some(value), detail });
        }
    }
    let unparsed = BooleanArray::new(mask.to_boolean_buffer(), None);
    let array = nullif(&array, &unparsed).unwrap_or_else(|_| parse::all_null(column, array.len()));
    Parsed { array, unparsed: Some(mask), faults }
}

#[cfg(test)]
mod tests;
