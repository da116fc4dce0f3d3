//! Lists and structs, which come as JSON text, in the contract's types.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, ArrayRef};

use crate::frame::{Body, FileShape, Parser, RawBatch, Record};
use crate::io::formats::write::{self, value};
use crate::model::{Column, Encoding, Error, Format, Result, SourceSpec, Table, TableGeneration};

/// Reads the nested ones of some columns.
#[derive(Debug)]
pub struct Nested {
    /// Their places among the columns.
    places: Vec<usize>,
    table: Table,
    parser: Parser,
}

impl Nested {
    /// Prepares for columns; `None` where none is nested.
    pub fn of(columns: &[&Column]) -> Option<Self> {
        let nested = || columns.iter().enumerate().filter(|(_, column)| column.data_type.is_nested());
        let table = Table {
            name: String::new(),
            description: None,
            source: SourceSpec::default(),
            primary_key: None,
            columns: nested().map(|(_, column)| (*column).clone()).collect(),
            rules: Vec::new(),
            generation: TableGeneration::default(),
        };
        let mut table = write::reading(Format::Ndjson, &table);
        table.source.null_values.clear();
        let places: Vec<usize> = nested().map(|(place, _)| place).collect();
        (!places.is_empty()).then(|| Self { places, parser: Parser::new(&table), table })
    }

    /// Puts typed values in the place of their texts.
    ///
    /// # Errors
    /// The first value that is not of its type.
    pub fn read(&self, arrays: &mut [ArrayRef], rows: usize) -> Result<()> {
        let parsed = self.parser.parse(self.records(arrays, rows));
        if let Some(fault) = parsed.faults.first() {
            return Err(Error::output(format!("{}: {}", fault.path, fault.detail))
                .hint("The target holds values that the contract's type does not allow."));
        }
        for (place, array) in self.places.iter().zip(parsed.columns) {
            if let Some(slot) = arrays.get_mut(*place) {
                *slot = array;
            }
        }
        Ok(())
    }

    /// Makes one JSON object a row: `{"basket":…,"place":null}`.
    fn records(&self, arrays: &[ArrayRef], rows: usize) -> RawBatch {
        let (mut text, mut records) = (Vec::new(), Vec::with_capacity(rows));
        for row in 0..rows {
            let start = text.len();
            for (number, (place, column)) in self.places.iter().zip(&self.table.columns).enumerate() {
                text.push(if number == 0 { b'{' } else { b',' });
                value::push_json_string(&mut text, &column.name);
                text.push(b':');
                let cells = arrays.get(*place).and_then(|array| array.as_string_opt::<i32>());
                let cell = cells.filter(|cells| !cells.is_null(row)).map_or("null", |cells| cells.value(row));
                text.extend_from_slice(cell.as_bytes());
            }
            text.push(b'}');
            let (len, number) = (text.len() - start, row as u64 + 1);
            let (offset, length) = (start as u64, len as u64);
            records.push(Record { start, len, offset, length, line: number, number, fault: None });
        }
        let file = FileShape {
            path: String::new(),
            partitions: Vec::new(),
            spec: self.table.source.clone(),
            encoding: Encoding::Utf8,
            names: Vec::new(),
            header: Vec::new(),
        };
        RawBatch { file: Arc::new(file), text, records, body: Body::Json }
    }
}
