//! Rows as text, independent of any file: what stands before them, they themselves, what stands behind.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch, StringArray};
use arrow_schema::DataType as Arrow;

use crate::io::formats::write::csv::{CsvForm, CsvRows, Misfit};
use crate::io::formats::write::ndjson::{JsonForm, JsonRows};
use crate::io::formats::write::text::Text;
use crate::model::{Column, Encoding, Error, Format, Result, Table};

/// Renders the rows of a table as text in its source's dialect. The text is UTF-8; files in other encodings are
/// transcoded from it.
#[derive(Debug)]
pub struct RowWriter {
    table: String,
    /// Indices of the columns written.
    columns: Vec<usize>,
    names: Vec<String>,
    form: Form,
    latin1: bool,
}

#[derive(Debug)]
enum Form {
    Csv(CsvForm),
    Json(JsonForm, bool),
}

impl RowWriter {
    /// Prepares to write a table in a format with the settings of its `source`, without the columns that `omit` names
    /// (those that stand in the path as `key=value` folders).
    ///
    /// # Errors
    /// Where the format is Parquet, which is no text, or a name cannot be written in the dialect.
    pub fn new(table: &Table, format: Format, omit: &[&str]) -> Result<Self> {
        let kept = |column: &Column| !omit.contains(&column.name.as_str());
        let columns: Vec<usize> = (0..table.columns.len()).filter(|index| kept(&table.columns[*index])).collect();
        let written: Vec<&Column> = table.columns.iter().filter(|column| kept(column)).collect();
        let names: Vec<String> = written.iter().map(|column| column.name.clone()).collect();
        let form = match format {
            Format::Csv => Form::Csv(
                CsvForm::new(&table.source, &written)
                    .map_err(|misfit| unwritable(&table.name, &names, misfit, "name"))?,
            ),
            Format::Ndjson => Form::Json(JsonForm::new(&written, false), false),
            Format::Json => Form::Json(JsonForm::new(&written, true), true),
            Format::Parquet => return Err(Error::usage("Parquet is not text")),
        };
        Ok(Self { table: table.name.clone(), columns, names, form, latin1: table.source.encoding == Encoding::Latin1 })
    }

    /// Gives what stands before the first row; of an array nothing, as the `[` takes the place of the comma before its
    /// first element.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        match &self.form {
            Form::Csv(form) => form.head(),
            Form::Json(..) => b"",
        }
    }

    /// Gives what stands behind the last row.
    #[must_use]
    pub const fn tail(&self) -> &'static [u8] {
        if self.is_array() { b"\n]\n" } else { b"" }
    }

    /// Tells whether rows are elements of an array, a comma before each.
    #[must_use]
    pub const fn is_array(&self) -> bool {
        matches!(self.form, Form::Json(_, true))
    }

    /// Prepares the rows of a batch: the contract's columns in its order and types.
    ///
    /// # Errors
    /// Where a text has no spelling in the source's encoding; names table and column.
    pub fn rows<'a>(&'a self, batch: &'a RecordBatch) -> Result<Rows<'a>> {
        let array = |index: &usize| batch.columns().get(*index).map(|array| array.as_ref() as &dyn Array);
        let arrays: Option<Vec<&dyn Array>> = self.columns.iter().map(array).collect();
        let arrays = arrays.ok_or_else(|| Error::output(format!("{}: rows lack columns", self.table)))?;
        if self.latin1
            && let Some(place) = arrays.iter().position(|array| beyond_latin1(*array))
        {
            let why = "holds a character that latin1 does not have";
            return Err(unwritable(&self.table, &self.names, (place, why), "value"));
        }
        let rows = match &self.form {
            Form::Csv(form) => Sort::Csv(form.rows(&arrays)),
            Form::Json(form, _) => Sort::Json(form.rows(&arrays)),
        };
        Ok(Rows { writer: self, rows })
    }
}

/// The rows of one batch, ready to be rendered.
#[derive(Debug)]
pub struct Rows<'a> {
    writer: &'a RowWriter,
    rows: Sort<'a>,
}

#[derive(Debug)]
enum Sort<'a> {
    Csv(CsvRows<'a>),
    Json(JsonRows<'a>),
}

impl Rows<'_> {
    /// Appends a range of rows, line endings included.
    ///
    /// # Errors
    /// Where the dialect has no way to write a value; names table and column.
    pub fn render(&mut self, rows: Range<usize>, out: &mut Text) -> Result<()> {
        match &mut self.rows {
            Sort::Csv(sort) => {
                let writer = self.writer;
                sort.render(rows, out).map_err(|misfit| unwritable(&writer.table, &writer.names, misfit, "value"))
            }
            Sort::Json(sort) => {
                sort.render(rows, out);
                Ok(())
            }
        }
    }
}

fn unwritable(table: &str, names: &[String], (place, why): Misfit, what: &str) -> Error {
    let name = names.get(place).map_or("?", String::as_str);
    Error::usage(format!("{table}.{name} cannot be written in the dialect of its source: a {what} {why}"))
        .hint("change `quote`, `escape`, `null_values`, `quoted_nulls` or `encoding` under `source:`, or the values")
}

/// Tells whether a text in an array, at any depth, holds a character above U+00FF.
fn beyond_latin1(array: &dyn Array) -> bool {
    // U+0100 and all above begin with a byte from 0xC4 on.
    let beyond = |strings: &StringArray| strings.value_data().iter().any(|byte| *byte >= 0xC4);
    match array.data_type() {
        Arrow::Utf8 => array.as_string_opt::<i32>().is_some_and(beyond),
        Arrow::List(_) => array.as_list_opt::<i32>().is_some_and(|list| beyond_latin1(list.values())),
        Arrow::Struct(_) => {
            array.as_struct_opt().is_some_and(|fields| fields.columns().iter().any(|field| beyond_latin1(field)))
        }
        _ => false,
    }
}
