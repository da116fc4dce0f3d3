//! Record: what a kind that changes whole records sees, and what it makes of one.

use crate::generate::faults::cell::{self, Change, Spot};
use crate::generate::faults::csv::{self, Fields};
use crate::generate::faults::json::{self, Member};
use crate::generate::faults::knobs::Knobs;
use crate::generate::faults::layout::Layout;
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;
use crate::model::{Check, Format, KeyTest, Table};

/// A record about to be changed.
pub struct Work<'a> {
    pub table: &'a Table,
    pub layout: &'a Layout,
    pub knobs: &'a Knobs,
    pub target: Option<&'a Target>,
    /// Line ending included.
    pub record: &'a [u8],
    /// Gives another clean record.
    pub other: &'a dyn Fn(&mut Draws) -> Option<Vec<u8>>,
}

/// What stands in place of a record.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    /// Bytes that are no record, before it.
    pub before: Vec<u8>,
    /// The record itself; empty where it is missing.
    pub main: Vec<u8>,
    /// How many records a reader that trusts the format counts in `main`.
    pub records: u64,
    /// A record more, behind it.
    pub extra: Option<Vec<u8>>,
    pub at: Place,
    /// The columns that were touched; all where absent.
    pub touched: Option<Vec<usize>>,
    /// The new value of the touched column stands in no parent.
    pub orphan: bool,
    pub column: Option<String>,
    pub pointer: Option<String>,
    pub clean: Option<String>,
    pub dirty: Option<String>,
}

/// Which part of an edit is the fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Place {
    #[default]
    Main,
    Before,
    Extra,
}

impl Edit {
    /// Makes an edit that replaces a record.
    #[must_use]
    pub fn replace(main: Vec<u8>) -> Self {
        Self { main, records: 1, ..Self::default() }
    }

    /// Makes an edit that adds a record behind.
    #[must_use]
    pub fn add(work: &Work<'_>, extra: Vec<u8>) -> Self {
        Self { main: work.record.to_vec(), records: 1, extra: Some(extra), at: Place::Extra, ..Self::default() }
    }

    /// Notes a column and its values.
    #[must_use]
    pub fn told(self, column: &str, clean: Option<&[u8]>, dirty: Option<&[u8]>) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { column: Some(column.to_owned()), clean: clean.map(text), dirty: dirty.map(text), ..self }
    }
}

impl<'a> Work<'a> {
    /// Gives the fields of a CSV record.
    #[must_use]
    pub fn fields(&self) -> Option<Fields> {
        csv::first(self.record, &self.table.source)
    }

    /// Gives the fields of a CSV record that stands on one line and ends in a line ending.
    #[must_use]
    pub fn line(&self) -> Option<Fields> {
        let fields = self.fields()?;
        (csv::lines(self.record, &self.table.source) == 1 && fields.end == self.record.len()).then_some(fields)
    }

    /// Gives the line ending of the record.
    #[must_use]
    pub fn ending(&self) -> &'a [u8] {
        let cut = self.record.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
        self.record.get(cut..).unwrap_or_default()
    }

    /// Gives the record without its line ending.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        self.record.get(..self.record.len() - self.ending().len()).unwrap_or_default()
    }

    /// Gives the members of a JSON record.
    #[must_use]
    pub fn members(&self) -> Option<Vec<Member>> {
        json::members(self.record, &json::object(self.record)?)
    }

    /// Gives the name of the column that a field of the record is.
    #[must_use]
    pub fn name(&self, field: usize, width: usize) -> &'a str {
        let column = self.layout.fields(width).get(field).copied();
        column.and_then(|column| self.table.columns.get(column)).map_or("", |column| column.name.as_str())
    }

    /// Finds a column's value in the record.
    #[must_use]
    pub fn spot(&self, target: &Target) -> Option<Spot> {
        cell::find(self.record, self.table, self.layout, target, &mut |_| 0)
    }

    /// Aims at a column by its index, where it stands in the records.
    #[must_use]
    pub fn aim(&self, column: usize) -> Option<Target> {
        let name = &self.table.columns.get(column).filter(|_| self.layout.inside.contains(&column))?.name;
        Target::new(self.table, name).ok()
    }

    /// Gives the record with another value at a spot. `None` where the dialect cannot write it, or nothing changes.
    #[must_use]
    pub fn with(&self, spot: &Spot, change: &Change) -> Option<Vec<u8>> {
        let only = self.table.source.format == Format::Csv && self.fields()?.list.len() == 1;
        let bytes = cell::encode(change, spot, self.table, only)?;
        let changed = cell::splice(self.record, &spot.span, &bytes);
        (changed != self.record).then_some(changed)
    }

    /// Gives the columns of the table's key: the primary key, or the first `unique` rule.
    #[must_use]
    pub fn key(&self) -> Vec<usize> {
        if let Some(key) = &self.table.primary_key {
            return key.columns.clone();
        }
        let unique = self.table.rules.iter().find_map(|rule| match &rule.check {
            Check::Key(KeyTest::Unique { columns, .. }) => Some(columns.clone()),
            _ => None,
        });
        unique.unwrap_or_default()
    }

    /// Gives the columns that no rule wants unique and that refer to nothing: their values may be changed freely.
    #[must_use]
    pub fn free(&self) -> Vec<Target> {
        let bound = |column: usize| {
            self.table.rules.iter().any(
                |rule| matches!(&rule.check, Check::Key(KeyTest::Unique { columns, .. }) if columns.contains(&column)),
            )
        };
        let free = self.layout.inside.iter().filter(|column| !bound(**column));
        free.filter_map(|column| self.aim(*column)).filter(|target| !target.column.data_type.is_nested()).collect()
    }
}
