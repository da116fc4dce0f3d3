//! Rows as text, independent of any file: what stands before them, they themselves, what stands behind.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::{RecordBatch, StringArray};
use arrow_schema::DataType as Arrow;

use crate::frame::drawn::Made;
use crate::frame::text::Text;
use crate::io::formats::write::cells::Given;
use crate::io::formats::write::csv::{CsvForm, CsvRows, Misfit};
use crate::io::formats::write::ndjson::{self, JsonForm, JsonRows};
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
        self.given(|index| batch.columns().get(index).map(|array| Given::Array(array.as_ref())))
    }

    /// Prepares the rows of columns on their way to text, [`RowWriter::settled`].
    ///
    /// # Errors
    /// As [`RowWriter::rows`].
    pub fn made<'a>(&'a self, columns: &'a [Made<'a>]) -> Result<Rows<'a>> {
        self.given(|index| columns.get(index).map(Given::Made))
    }

    /// Makes arrays of the columns that cannot be written unseen.
    ///
    /// # Errors
    /// Where the texts of a column are too long.
    pub fn settled<'a>(&self, columns: Vec<Made<'a>>) -> Result<Vec<Made<'a>>> {
        let settled = |(index, made): (usize, Made<'a>)| {
            let Some(place) = self.columns.iter().position(|column| *column == index) else { return Ok(made) };
            let is_text = matches!(made, Made::Drawn(_));
            made.settled(&|letters| {
                let fits = match &self.form {
                    Form::Csv(form) if is_text => form.fits(place, letters),
                    _ => ndjson::fits(letters),
                };
                fits && !(self.latin1 && (0xC4..=0xFF).any(|byte| letters.has(byte)))
            })
        };
        columns.into_iter().enumerate().map(settled).collect()
    }

    fn given<'a>(&'a self, column: impl Fn(usize) -> Option<Given<'a>>) -> Result<Rows<'a>> {
        let given: Option<Vec<Given<'a>>> = self.columns.iter().map(|index| column(*index)).collect();
        let given = given.ok_or_else(|| Error::output(format!("{}: rows lack columns", self.table)))?;
        if self.latin1
            && let Some(place) = given.iter().position(|given| beyond_latin1(*given))
        {
            let why = "holds a character that latin1 does not have";
            return Err(unwritable(&self.table, &self.names, (place, why), "value"));
        }
        let rows = match &self.form {
            Form::Csv(form) => Sort::Csv(form.rows(&given)),
            Form::Json(form, _) => Sort::Json(form.rows(&given)),
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
fn beyond_latin1(given: Given<'_>) -> bool {
    let array = match given {
        Given::Array(array) => array,
        Given::Made(Made::Array(array)) => array.as_ref(),
        Given::Made(Made::Drawn(_)) => return false,
        Given::Made(Made::List(_, items)) => return beyond_latin1(Given::Made(items)),
        Given::Made(Made::Struct(fields)) => return fields.iter().any(|field| beyond_latin1(Given::Made(field))),
    };
    // U+0100 and all above begin with a byte from 0xC4 on.
    let beyond = |strings: &StringArray| strings.value_data().iter().any(|byte| *byte >= 0xC4);
    match array.data_type() {
        Arrow::Utf8 => array.as_string_opt::<i32>().is_some_and(beyond),
        Arrow::List(_) => array.as_list_opt::<i32>().is_some_and(|list| beyond_latin1(Given::Array(list.values()))),
        Arrow::Struct(_) => array
            .as_struct_opt()
            .is_some_and(|fields| fields.columns().iter().any(|field| beyond_latin1(Given::Array(field)))),
        _ => false,
    }
}
