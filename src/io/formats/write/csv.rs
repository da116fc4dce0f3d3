//! CSV: records of a table in the dialect of its source.
//!
//! Files that karat loads into (`formats::write::reading`) are RFC 4180 with LF and a header, and tell NULL from the
//! empty string: NULL is nothing, the empty string is `""`. A row of one column that is NULL would be an empty line,
//! which is no record. A table of one column therefore writes NULL as `\N`, and the text `\N` in quotes.

use std::ops::Range;

use crate::frame::drawn::Letters;
use crate::frame::text::{FULL, Text, byte, ended, integer, put};
use crate::io::formats::write::cells::{Cells, Given, Piece, Values, objects, value, wants_escape};
use crate::io::formats::write::dialect::Dialect;
use crate::io::formats::write::plan::Plan;
use crate::io::formats::write::reading;
use crate::model::{Column, DataType, Format, SourceSpec, Table};

/// NULL in a table of one column.
pub const LONELY_NULL: &str = r"\N";

/// Tells whether a table has one column only.
#[must_use]
pub const fn is_lonely(table: &Table) -> bool {
    table.columns.len() == 1
}

/// Gives the header line of the files that a table is loaded into, line ending included.
#[must_use]
pub fn header(table: &Table) -> Vec<u8> {
    let columns: Vec<&Column> = table.columns.iter().collect();
    // The dialect has quotes, so that every name can be written.
    CsvForm::new(&reading(Format::Csv, table).source, &columns).map(|form| form.head).unwrap_or_default()
}

/// The form of a table's CSV files.
#[derive(Debug)]
pub struct CsvForm {
    dialect: Dialect,
    columns: Vec<FormColumn>,
    /// What stands before the first record.
    head: Vec<u8>,
}

#[derive(Debug)]
struct FormColumn {
    plan: Plan,
    is_text: bool,
    risky: bool,
}

/// Why a value cannot be written, and the place of its column among those written.
pub type Misfit = (usize, &'static str);

impl CsvForm {
    /// Prepares the form for these columns.
    ///
    /// # Errors
    /// Where a column's name cannot be written.
    pub fn new(source: &SourceSpec, columns: &[&Column]) -> Result<Self, Misfit> {
        let dialect = Dialect::new(source, columns.len());
        let mut head = Vec::new();
        for _ in 0..source.skip_lines {
            head.extend_from_slice(dialect.ending);
        }
        if source.header {
            for (index, column) in columns.iter().enumerate() {
                if index > 0 {
                    head.push(dialect.delimiter);
                }
                name(&dialect, column, index == 0, &mut head).map_err(|why| (index, why))?;
            }
            if dialect.trailing_delimiter {
                head.push(dialect.delimiter);
            }
            head.extend_from_slice(dialect.ending);
        }
        let form = |(index, column): (usize, &&Column)| FormColumn {
            plan: Plan::of(column),
            is_text: column.data_type == DataType::String,
            // Texts that need no look are found batch by batch.
            risky: column.data_type == DataType::String || dialect.is_risky(column, index == 0),
        };
        let columns = columns.iter().enumerate().map(form).collect();
        Ok(Self { dialect, columns, head })
    }

    /// Gives what stands before the first record: skipped lines and the header.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Tells whether texts of these letters stand in a column as they are, and none is taken for NULL.
    #[must_use]
    pub fn fits(&self, column: usize, letters: &Letters) -> bool {
        self.columns.get(column).is_some_and(|form| form.is_text) && self.dialect.fits(letters, column == 0)
    }

    /// Prepares the rows of a batch: the columns written, in order.
    #[must_use]
    pub fn rows<'a>(&'a self, columns: &[Given<'a>]) -> CsvRows<'a> {
        let column = |(index, (form, given)): (usize, (&'a FormColumn, &Given<'a>))| {
            // Text inside lists and structs is JSON.
            let json = |text: &[u8]| wants_escape(text);
            let plain = |text: &[u8]| self.dialect.is_guarded(text, index == 0);
            let special: &dyn Fn(&[u8]) -> bool = if form.is_text { &plain } else { &json };
            let cells = Cells::of(*given, &form.plan, special);
            let quick = cells.plain_texts().filter(|texts| !self.dialect.any_may_be_null(texts.ends));
            let is_drawn = matches!(cells.values, Values::Drawn(..));
            if form.risky && quick.is_none() && !is_drawn {
                return Piece::Other(Box::new(cells), true);
            }
            Piece::new(cells, quick.is_some(), form.risky)
        };
        let columns = self.columns.iter().zip(columns).enumerate().map(column).collect();
        CsvRows { dialect: &self.dialect, columns, quoted: Quoted::default() }
    }
}

fn name(dialect: &Dialect, column: &Column, first: bool, head: &mut Vec<u8>) -> Result<(), &'static str> {
    let mut written = Vec::new();
    match dialect.field(column.name.as_bytes(), first, &mut written) {
        // A header's names are never NULL.
        Err(_) if !dialect.is_special(column.name.as_bytes()) => head.extend_from_slice(column.name.as_bytes()),
        other => {
            other?;
            head.extend_from_slice(&written);
        }
    }
    Ok(())
}

/// The rows of one batch.
#[derive(Debug)]
pub struct CsvRows<'a> {
    dialect: &'a Dialect,
    columns: Vec<Piece<'a>>,
    quoted: Quoted,
}

impl CsvRows<'_> {
    /// Appends rows.
    ///
    /// # Errors
    /// Where the dialect has no way to write a value.
    pub fn render(&mut self, rows: Range<usize>, out: &mut Text) -> Result<(), Misfit> {
        let (dialect, columns, quoted) = (self.dialect, &mut self.columns, &mut self.quoted);
        let (mut misfit, delimiter) = (None, dialect.delimiter);
        for row in rows {
            out.row(|out, at| {
                let start = at;
                let mut at = at;
                for (index, column) in columns.iter_mut().enumerate() {
                    // A delimiter is written behind each field, and written over behind the last.
                    match column {
                        Piece::Text(texts) => {
                            at = ended(out, at, texts.bytes, texts.span(row), delimiter);
                            continue;
                        }
                        Piece::Drawn(author, numbers, key) => {
                            at = author.put(value(numbers, row).wrapping_add(*key), out, at);
                        }
                        Piece::Int64(values) => at = integer(out, at, value(values, row)),
                        Piece::Int32(values) => at = integer(out, at, value(values, row).into()),
                        Piece::Moment(micros, moments) => at = moments.write(out, at, value(micros, row)),
                        Piece::Objects(ends, fields) => at = objects(ends, fields, out, at, row),
                        Piece::Other(cells, risky) if *risky || cells.is_null(row) => {
                            match quoted.field(dialect, cells, row, index == 0) {
                                Ok(field) => at = put(out, at, field),
                                Err(why) => misfit = Some((index, why)),
                            }
                        }
                        Piece::Other(cells, _) => at = cells.text(out, at, row),
                    }
                    at = byte(out, at, delimiter);
                }
                if !dialect.trailing_delimiter && at > start && at < FULL {
                    at -= 1;
                }
                for last in dialect.ending {
                    at = byte(out, at, *last);
                }
                at
            });
        }
        misfit.map_or(Ok(()), Err)
    }
}

/// Fields that are not written as they are.
#[derive(Debug, Default)]
struct Quoted {
    plain: Text,
    field: Vec<u8>,
}

impl Quoted {
    #[inline(never)]
    fn field(
        &mut self,
        dialect: &Dialect,
        cells: &mut Cells<'_>,
        row: usize,
        first: bool,
    ) -> Result<&[u8], &'static str> {
        self.field.clear();
        if cells.is_null(row) {
            let null = dialect.null().ok_or("is NULL, and the source has no `null_values` to write it with")?;
            self.field.extend_from_slice(null);
            return Ok(&self.field);
        }
        if let Values::Text(strings) = &cells.values {
            let (start, end) = strings.span(row);
            dialect.field(strings.bytes.get(start..end).unwrap_or_default(), first, &mut self.field)?;
            return Ok(&self.field);
        }
        self.plain.clear();
        self.plain.row(|out, at| cells.text(out, at, row));
        dialect.field(self.plain.as_slice(), first, &mut self.field)?;
        Ok(&self.field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Escape;

    fn spec(lonely: bool) -> SourceSpec {
        let null = if lonely { LONELY_NULL } else { "" };
        SourceSpec { null_values: vec![null.to_owned()], quoted_nulls: false, ..SourceSpec::default() }
    }

    fn field(content: &str, lonely: bool) -> String {
        let mut out = Vec::new();
        let dialect = Dialect::new(&spec(lonely), if lonely { 1 } else { 2 });
        dialect.field(content.as_bytes(), false, &mut out).unwrap();
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
        assert_eq!(field("", true), "\"\"");
    }

    #[test]
    fn dialects_without_quotes_escape_or_refuse() {
        let bare = SourceSpec { quote: None, comment: Some(b'#'), ..SourceSpec::default() };
        let mut out = Vec::new();
        assert!(Dialect::new(&bare, 2).field(b"a,b", false, &mut out).is_err());
        assert!(Dialect::new(&bare, 2).field(b"#a", true, &mut out).is_err());
        assert!(Dialect::new(&bare, 2).field(b"", true, &mut out).is_err(), "it is NULL");
        let escaped = SourceSpec { escape: Escape::Backslash, null_values: vec![r"\N".to_owned()], ..bare };
        for (content, want) in [("a,b", r"\a\,b"), ("#a", r"\#a"), (r"\N", r"\\N"), ("x", "x"), ("", "")] {
            let mut out = Vec::new();
            Dialect::new(&escaped, 2).field(content.as_bytes(), true, &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), want);
        }
        assert_eq!(Dialect::new(&escaped, 1).null(), Some(&br"\N"[..]));
    }

    #[test]
    fn null_is_spelled_so_that_it_is_a_record() {
        let null = |source: &SourceSpec, fields| Dialect::new(source, fields).null().map(<[u8]>::to_vec);
        let source = SourceSpec::default();
        assert_eq!(null(&source, 2), Some(Vec::new()));
        assert_eq!(null(&source, 1), Some(b"\"\"".to_vec()), "an empty line is no record");
        let words = SourceSpec { null_values: vec!["#N/A".into(), "NULL".into()], comment: Some(b'#'), ..source };
        assert_eq!(null(&words, 2), Some(b"NULL".to_vec()));
        assert_eq!(null(&SourceSpec { null_values: Vec::new(), ..words }, 2), None);
    }

    #[test]
    fn numbers_are_risky_where_they_look_like_something_else() {
        let price = Column::new("price", DataType::Decimal { precision: 9, scale: 2 });
        let risky = |source: SourceSpec| Dialect::new(&source, 2).is_risky(&price, false);
        assert!(!risky(SourceSpec::default()));
        assert!(risky(SourceSpec { delimiter: b'.', ..SourceSpec::default() }));
        assert!(risky(SourceSpec { null_values: vec!["-1".into()], ..SourceSpec::default() }));
    }
}
