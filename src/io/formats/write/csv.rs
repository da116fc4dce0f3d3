//! CSV: RFC 4180 with LF, a header, and NULL told from the empty string: NULL is nothing, the empty string is `""`.
//!
//! A row of one column that is NULL would be an empty line, which is no record. A table of one column therefore
//! writes NULL as `\N`, and the text `\N` in quotes.

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType as Arrow;

use crate::io::formats::write::{TextFile, Writer, Written, value};
use crate::model::{Result, Table};

/// NULL in a table of one column.
pub const LONELY_NULL: &str = r"\N";

/// Tells whether a table has one column only.
#[must_use]
pub const fn is_lonely(table: &Table) -> bool {
    table.columns.len() == 1
}

/// Writes CSV.
#[derive(Debug)]
pub struct CsvWriter {
    out: TextFile,
    text: Vec<u8>,
    cell: Vec<u8>,
    lonely: bool,
}

impl CsvWriter {
    /// Writes the header.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn new(mut out: TextFile, table: &Table) -> Result<Self> {
        out.push(&mut header(table), 0)?;
        Ok(Self { out, text: Vec::new(), cell: Vec::new(), lonely: is_lonely(table) })
    }
}

/// Gives the header line of a table's files, line ending included.
#[must_use]
pub fn header(table: &Table) -> Vec<u8> {
    let mut line = Vec::new();
    for (index, column) in table.columns.iter().enumerate() {
        if index > 0 {
            line.push(b',');
        }
        push_field(&mut line, column.name.as_bytes(), false);
    }
    line.push(b'\n');
    line
}

impl CsvWriter {
    fn push_cell(&mut self, array: &dyn Array, row: usize) {
        match array.data_type() {
            Arrow::Utf8 => {
                let text = array.as_string_opt::<i32>().map_or("", |array| array.value(row));
                push_field(&mut self.text, text.as_bytes(), self.lonely);
            }
            Arrow::Binary | Arrow::List(_) | Arrow::Struct(_) => {
                self.cell.clear();
                value::push_text(&mut self.cell, array, row);
                push_field(&mut self.text, &self.cell, self.lonely);
            }
            // Numbers and moments hold nothing that wants quotes.
            _ => value::push_text(&mut self.text, array, row),
        }
    }
}

impl Writer for CsvWriter {
    fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        for row in 0..rows.num_rows() {
            for (index, array) in rows.columns().iter().enumerate() {
                if index > 0 {
                    self.text.push(b',');
                }
                if array.is_null(row) {
                    self.text.extend_from_slice(if self.lonely { LONELY_NULL.as_bytes() } else { b"" });
                    continue;
                }
                self.push_cell(array, row);
            }
            self.text.push(b'\n');
        }
        self.out.push(&mut self.text, rows.num_rows())
    }

    fn bytes(&self) -> u64 {
        self.out.written.bytes
    }

    fn finish(self: Box<Self>) -> Result<Written> {
        self.out.finish()
    }
}

/// Appends a value that is not NULL, quoted where it must be.
fn push_field(out: &mut Vec<u8>, content: &[u8], lonely: bool) {
    // A byte-order mark at the start of a file would vanish when it is read.
    let special = content.iter().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r'))
        || content.is_empty()
        || content.starts_with("\u{feff}".as_bytes())
        || (lonely && content == LONELY_NULL.as_bytes());
    if !special {
        return out.extend_from_slice(content);
    }
    out.push(b'"');
    for &byte in content {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(content: &str, lonely: bool) -> String {
        let mut out = Vec::new();
        push_field(&mut out, content.as_bytes(), lonely);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn only_what_must_be_quoted_is() {
        assert_eq!(field("plain text; 5'", false), "plain text; 5'");
        assert_eq!(field("", false), "\"\"");
        assert_eq!(field("a,b", false), "\"a,b\"");
        assert_eq!(field("5\" pipe", false), "\"5\"\" pipe\"");
        assert_eq!(field("two\nlines\r", false), "\"two\nlines\r\"");
        assert_eq!(field("\u{feff}x", false), "\"\u{feff}x\"");
    }

    #[test]
    fn the_null_of_a_single_column_is_quoted_as_text() {
        assert_eq!(field(r"\N", true), "\"\\N\"");
        assert_eq!(field(r"\N", false), r"\N");
    }
}
