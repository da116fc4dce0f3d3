//! The rows that a target holds, in the contract's types.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Fields, Schema, SchemaRef};
use mysql::{Column, Conn};

use crate::frame::{Body, FileShape, Parser, RawBatch, Record, schema};
use crate::io::databases::mysql::connect::{Server, Session};
use crate::io::databases::mysql::decode::{Odd, type_of};
use crate::io::databases::mysql::rows::{Receiver, walk};
use crate::io::databases::mysql::tables::quote;
use crate::io::formats::write;
use crate::io::stores::folder::nested::Nested;
use crate::model::{DataType, Encoding, Error, Format, Result, Table};

/// Walks some columns of a table. A moment that is none (`0000-00-00`) is NULL here: no clean row has it.
///
/// # Errors
/// Where the table cannot be read, or holds what the contract's types do not.
pub fn walk_existing(
    server: &Server,
    conn: &mut Conn,
    table: &Table,
    columns: &[usize],
    visit: &mut dyn FnMut(&RecordBatch) -> Result<()>,
) -> Result<()> {
    let columns: Vec<_> = columns.iter().filter_map(|&column| table.columns.get(column)).cloned().collect();
    let fields: Fields = columns.iter().map(schema::field).collect();
    let names = columns.iter().map(|column| quote(&column.name)).collect::<Vec<_>>().join(", ");
    let query = format!("SELECT {names} FROM {}", quote(&table.name));
    let mut alone = write::reading(Format::Parquet, &Table { columns, primary_key: None, ..table.clone() });
    alone.source.null_values.clear();
    alone.rules.clear();
    let wanted: Vec<DataType> = alone.columns.iter().map(|column| column.data_type.clone()).collect();
    let nested = Nested::split(&mut alone);
    let file = FileShape {
        path: table.name.clone(),
        partitions: Vec::new(),
        spec: alone.source.clone(),
        encoding: Encoding::Utf8,
        names: alone.columns.iter().map(|column| column.name.clone()).collect(),
        header: Vec::new(),
    };
    let parser = Parser::new(&alone);
    let mut held = Held {
        table,
        wanted,
        fields: Schema::new(fields).into(),
        file: Arc::new(file),
        parser,
        nested,
        rows: 0,
        visit,
    };
    walk((server, Session::Target), conn, (&table.name, &query), Odd::Null, &mut held)?;
    Ok(())
}

struct Held<'a> {
    table: &'a Table,
    wanted: Vec<DataType>,
    fields: SchemaRef,
    file: Arc<FileShape>,
    parser: Parser,
    nested: Option<Nested>,
    rows: u64,
    visit: &'a mut dyn FnMut(&RecordBatch) -> Result<()>,
}

impl Receiver for Held<'_> {
    fn begin(&mut self, columns: &[Column]) -> Result<Vec<DataType>> {
        Ok(columns.iter().zip(&self.wanted).map(|(column, wanted)| type_of(column, Some(wanted))).collect())
    }

    fn take(&mut self, arrays: Vec<ArrayRef>, rows: usize) -> Result<bool> {
        let misfit = |what: &str| {
            Error::output(format!(
                "{} holds values in the target that do not fit the contract: {what}",
                self.table.name
            ))
            .hint("Replace the table (`--mode replace`), or mend it or the contract.")
        };
        let names = self.file.names.iter().cloned();
        let typed = RecordBatch::try_from_iter(names.zip(arrays)).map_err(|error| misfit(&error.to_string()))?;
        let first = self.rows;
        self.rows += rows as u64;
        let record = |row| Record { start: 0, len: 0, offset: row, length: 0, line: 0, number: row + 1, fault: None };
        let raw = RawBatch {
            file: Arc::clone(&self.file),
            text: Vec::new(),
            records: (first..self.rows).map(record).collect(),
            body: Body::Columns(typed),
        };
        let mut batch = self.parser.parse(raw);
        if let Some(fault) = batch.faults.first() {
            return Err(misfit(&format!("{}: {}", fault.path, fault.detail)));
        }
        if let Some(nested) = &self.nested {
            for (column, array) in nested.read(&batch).map_err(|what| misfit(&what))? {
                if let Some(slot) = batch.columns.get_mut(column) {
                    *slot = array;
                }
            }
        }
        let made = RecordBatch::try_new(Arc::clone(&self.fields), batch.columns);
        (self.visit)(&made.map_err(|error| misfit(&error.to_string()))?)?;
        Ok(true)
    }
}
