//! Lists and structs in CSV parts: written as JSON text, and read back as JSON text here, since the CSV parser
//! itself takes no nested types.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};

use crate::frame::{Batch, Body, FileShape, Parser, RawBatch, Record};
use crate::io::formats::write::value;
use crate::model::{Column, DataType, Format, Table};

/// Reads the nested columns of a table from the text in their cells.
#[derive(Debug)]
pub struct Nested {
    /// The nested columns' places in the table.
    columns: Vec<usize>,
    /// A table of the nested columns alone.
    table: Table,
    parser: Parser,
}

impl Nested {
    /// Takes the nested columns out of a table, which keeps text in their place. `None` where it has none.
    pub fn split(table: &mut Table) -> Option<Self> {
        let mut columns = Vec::new();
        let mut taken = Vec::new();
        for (index, column) in table.columns.iter_mut().enumerate() {
            if column.data_type.is_nested() {
                columns.push(index);
                taken.push(std::mem::replace(column, Column::new(&column.name, DataType::String)));
            }
        }
        if columns.is_empty() {
            return None;
        }
        let mut alone = Table { columns: taken, rules: Vec::new(), primary_key: None, ..table.clone() };
        alone.source.format = Format::Ndjson;
        alone.source.null_values.clear();
        let parser = Parser::new(&alone);
        Some(Self { columns, table: alone, parser })
    }

    /// Reads the nested columns of a batch, and gives them with their places.
    ///
    /// # Errors
    /// The first cell that does not parse, in words.
    pub fn read(&self, batch: &Batch) -> Result<Vec<(usize, ArrayRef)>, String> {
        let parsed = self.parser.parse(self.records(batch));
        if let Some(fault) = parsed.faults.first() {
            let line = batch.raw.records.get(fault.row).map_or(0, |record| record.line);
            return Err(format!("line {line}: {} {}", fault.path, fault.detail));
        }
        Ok(self.columns.iter().copied().zip(parsed.columns).collect())
    }

    /// Makes one JSON object a row: `{"basket":<cell>,"place":null}`.
    fn records(&self, batch: &Batch) -> RawBatch {
        let mut text = Vec::new();
        let mut records = Vec::with_capacity(batch.len());
        for (row, original) in batch.raw.records.iter().enumerate() {
            let start = text.len();
            for (number, (&index, column)) in self.columns.iter().zip(&self.table.columns).enumerate() {
                text.push(if number == 0 { b'{' } else { b',' });
                value::push_json_string(&mut text, &column.name);
                text.push(b':');
                let cells = batch.columns.get(index).and_then(|array| array.as_string_opt::<i32>());
                let cell = cells.filter(|cells| !cells.is_null(row)).map_or("null", |cells| cells.value(row));
                text.extend_from_slice(cell.as_bytes());
            }
            text.push(b'}');
            records.push(Record { start, len: text.len() - start, fault: None, ..original.clone() });
        }
        let spec = self.table.source.clone();
        let file = FileShape { spec, names: Vec::new(), header: Vec::new(), ..(*batch.raw.file).clone() };
        RawBatch { file: Arc::new(file), text, records, body: Body::Json }
    }
}
