//! Text to types: a raw batch becomes typed columns, and every cell that does not parse a fault.
//!
//! CSV is parsed here, column by column; the records of JSON and the columns of Parquet have parsers of their own,
//! which share the readers and helpers below.

mod column;
mod delimited;
mod reader;
mod words;

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::{ArrayRef, NullArray, UInt32Array, new_null_array};

use crate::frame::batch::{Batch, Fault, shorten};
use crate::frame::layout::{self, Origin};
use crate::frame::mask::Mask;
use crate::frame::raw::{Body, FieldSpan, Fields, FileShape, RawBatch};
use crate::frame::{columns, json, schema};
use crate::model::{Column, ParseCode, SourceSpec, Table};

pub use column::{Nulls, Parsed};
pub use reader::{Reader, boolean, decimal, whole};
pub use words::detail;

/// The name of the folder that Hive and Spark write rows with a NULL key to.
const NULL_PARTITION: &str = "__HIVE_DEFAULT_PARTITION__";

/// Parses the raw batches of one table.
#[derive(Debug)]
pub struct Parser {
    table: Table,
    readers: Vec<Reader>,
    /// The columns that are read; all of them where absent.
    wanted: Option<Vec<bool>>,
    /// The file whose columns were looked for last, and where they are.
    last: Mutex<Option<(Arc<FileShape>, Vec<Origin>)>>,
}

impl Parser {
    /// Prepares to parse a table: compiles date patterns.
    #[must_use]
    pub fn new(table: &Table) -> Self {
        let readers = table.columns.iter().map(Reader::new).collect();
        Self { readers, table: table.clone(), wanted: None, last: Mutex::default() }
    }

    /// Reads only these columns; the others become all NULL, without faults.
    #[must_use]
    pub fn only(mut self, columns: &[usize]) -> Self {
        let wanted = (0..self.table.columns.len()).map(|index| columns.contains(&index));
        self.wanted = Some(wanted.collect());
        self
    }

    /// Finds where the records keep the columns.
    #[must_use]
    pub fn origins(&self, raw: &RawBatch) -> Vec<Origin> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = last.as_ref().filter(|(file, _)| Arc::ptr_eq(file, &raw.file)) {
            return known.clone();
        }
        let origins = layout::origins(&self.table, &raw.file, matches!(raw.body, Body::Json));
        *last = Some((Arc::clone(&raw.file), origins.clone()));
        origins
    }

    /// Parses every column.
    #[must_use]
    pub fn parse(&self, raw: RawBatch) -> Batch {
        let mut origins = self.origins(&raw);
        if let Some(wanted) = &self.wanted {
            for (origin, _) in
                origins.iter_mut().zip(wanted).filter(|(origin, wanted)| !**wanted && !origin.is_absent())
            {
                *origin = Origin::Skipped;
            }
        }
        match raw.body {
            Body::Delimited(_) => delimited::parse(raw, &self.table, &self.readers, &origins),
            Body::Json => json::parse(raw, &self.table, &origins),
            Body::Columns(_) => columns::parse(raw, &self.table, &origins),
        }
    }
}

/// Puts parsed columns (contract order) beside their records.
#[must_use]
pub fn batch(raw: RawBatch, origins: &[Origin], columns: Vec<Parsed>) -> Batch {
    let read = record_faults(&raw);
    assemble(raw, origins, columns, read)
}

fn assemble(
    raw: RawBatch,
    origins: &[Origin],
    columns: Vec<Parsed>,
    (broken, mut faults): (Mask, Vec<Fault>),
) -> Batch {
    let mut arrays = Vec::with_capacity(columns.len());
    let mut unparsed = Vec::with_capacity(columns.len());
    for column in columns {
        arrays.push(column.array);
        unparsed.push(column.unparsed);
        faults.extend(column.faults);
    }
    faults.sort_by_key(|fault| (fault.row, fault.column));
    let absent = origins.iter().map(Origin::is_absent).collect();
    Batch { raw, columns: arrays, absent, broken, unparsed, faults }
}

/// Gives the records that cannot be read, and a fault for each.
#[must_use]
pub fn record_faults(raw: &RawBatch) -> (Mask, Vec<Fault>) {
    let mut broken = Mask::new(raw.len());
    let mut faults = Vec::new();
    for (row, record) in raw.records.iter().enumerate() {
        if let Some(why) = &record.fault {
            broken.set(row);
            let (code, detail) = (why.code, why.detail.clone().into());
            faults.push(Fault { row, column: None, path: "".into(), code, value: None, detail });
        }
    }
    (broken, faults)
}

/// Gives a column of nothing but NULL.
#[must_use]
pub fn all_null(column: &Column, rows: usize) -> ArrayRef {
    new_null_array(&schema::arrow_type(&column.data_type), rows)
}

/// Gives a column with the same value in every row, read from text such as that of a `key=value` folder.
/// `__HIVE_DEFAULT_PARTITION__` is NULL, and so are the source's spellings of it.
///
/// # Errors
/// The code and the words of the fault where the text does not parse.
pub fn constant(
    column: &Column,
    text: &str,
    spec: &SourceSpec,
    rows: usize,
) -> Result<ArrayRef, (ParseCode, Cow<'static, str>)> {
    if text == NULL_PARTITION {
        return Ok(all_null(column, rows));
    }
    // A folder's name is never quoted or escaped.
    let unquoted = SourceSpec { quote: None, ..spec.clone() };
    let mut fields = Fields::new(1);
    let end = u32::try_from(text.len()).unwrap_or(0);
    fields.push_spans(0, &[FieldSpan { start: 0, end, quoted: false, escaped: false }]);
    let nulls = column::Nulls::new(spec);
    let text_bytes = text.as_bytes();
    let cells = column::Cells {
        text: text_bytes,
        fields: &fields,
        field: 0,
        rows: 1,
        spec: &unquoted,
        nulls: &nulls,
        broken: None,
    };
    let mut parsed = Reader::new(column).read(&cells, 0, column);
    match parsed.faults.pop() {
        Some(fault) => Err((fault.code, fault.detail)),
        None if rows == 1 => Ok(parsed.array),
        None => {
            let first = UInt32Array::from(vec![0; rows]);
            arrow_select::take::take(&parsed.array, &first, None)
                .map_err(|error| (ParseCode::FieldTooLong, format!("cannot be repeated for every row: {error}").into()))
        }
    }
}

/// Gives the column of a `key=value` folder as [`constant`] does; where it does not parse, every row that is not
/// broken gets a fault.
#[must_use]
pub fn partition(index: usize, column: &Column, text: &str, spec: &SourceSpec, broken: &Mask) -> Parsed {
    match constant(column, text, spec, broken.len()) {
        Ok(array) => Parsed { array, unparsed: None, faults: Vec::new() },
        Err((code, detail)) => {
            let (unparsed, path) = (broken.inverse(), Arc::from(column.name.as_str()));
            let faults = unparsed.rows().map(|row| Fault {
                row,
                column: Some(index),
                path: Arc::clone(&path),
                code,
                value: Some(shorten(text.as_bytes())),
                detail: detail.clone(),
            });
            let faults = faults.collect();
            Parsed { array: all_null(column, broken.len()), unparsed: Some(unparsed), faults }
        }
    }
}

/// Gives a column nobody asked for: it has a length and nothing else.
#[must_use]
pub fn skipped(rows: usize) -> Parsed {
    Parsed { array: Arc::new(NullArray::new(rows)), unparsed: None, faults: Vec::new() }
}

/// Gives a column that a file does not have.
#[must_use]
pub fn absent(column: &Column, rows: usize) -> Parsed {
    Parsed { array: all_null(column, rows), unparsed: None, faults: Vec::new() }
}

#[cfg(test)]
mod tests;
