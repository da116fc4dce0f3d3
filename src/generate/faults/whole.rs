//! Faults of whole files and of the list of files.

use std::ops::Range;

use crate::frame::header::deviations;
use crate::frame::judge::number::Number;
use crate::generate::faults::PlannedFile;
use crate::generate::faults::csv;
use crate::generate::faults::knobs::Knobs;
use crate::generate::faults::layout::Layout;
use crate::generate::faults::oracle::{Case, Oracle};
use crate::model::{
    BinaryOp, Bounds, Check, CompareOp, DataType, Encoding, Expr, Format, Function, KeyTest, Literal, RowTest, Table,
    TableTest,
};

/// A file about to be changed as a whole.
pub struct FileEdit<'a> {
    pub table: &'a Table,
    pub layout: &'a Layout,
    pub knobs: &'a Knobs,
    /// What stands before the records; line ending included.
    pub head: &'a [u8],
}

/// What happens to a file.
#[derive(Debug, Clone, Default)]
pub struct Whole {
    pub head: Option<Vec<u8>>,
    pub tail: Vec<u8>,
    pub cut: u64,
    pub utf16: bool,
    /// The last record cannot be read.
    pub breaks_last: bool,
    pub column: Option<String>,
    pub clean: Option<String>,
    pub dirty: Option<String>,
}

impl FileEdit<'_> {
    /// Gives the names of the header as they are written, and its line ending.
    #[must_use]
    pub fn names(&self) -> Option<(Vec<Vec<u8>>, &[u8])> {
        let spec = &self.table.source;
        if !spec.header || self.head.is_empty() {
            return None;
        }
        let fields = csv::first(self.head, spec)?;
        let names = fields.list.iter().filter_map(|field| self.head.get(field.start..field.end)).map(<[u8]>::to_vec);
        let end = self.head.get(fields.content..).unwrap_or_default();
        Some((names.collect(), end))
    }

    /// Makes the edit that writes other names.
    #[must_use]
    pub fn renamed(&self, names: &[Vec<u8>], column: Option<&[u8]>) -> Option<Whole> {
        let (old, end) = self.names()?;
        let spec = &self.table.source;
        let join = |names: &[Vec<u8>]| names.join(&[spec.delimiter][..]);
        let mut head = join(names);
        let (clean, dirty) = (text(&join(&old)), text(&head));
        if spec.trailing_delimiter {
            head.push(spec.delimiter);
        }
        head.extend_from_slice(end);
        let column = column.map(text);
        (clean != dirty).then(|| Whole {
            head: Some(head),
            column,
            clean: Some(clean),
            dirty: Some(dirty),
            ..Whole::default()
        })
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Gives the rule that must notice what happened to a file.
#[must_use]
pub fn noticed(oracle: &Oracle, whole: &Whole, clean: &[u8], catches: &[&str]) -> Option<String> {
    let table = &oracle.table;
    let rule =
        |wanted: &dyn Fn(&Check) -> bool| table.rules.iter().find(|rule| wanted(&rule.check)).map(|r| r.id.clone());
    let record = || rule(&|check| *check == Check::Record);
    if whole.breaks_last || (whole.utf16 && !matches!(table.source.encoding, Encoding::Auto | Encoding::Utf16Le)) {
        return record();
    }
    if !whole.tail.is_empty() {
        let width = csv::first(clean, &table.source).map_or(oracle.layout.inside.len(), |fields| fields.list.len());
        let broken = oracle.broken(&whole.tail, &Case { width, touched: None, folders: &[], thorough: false });
        return oracle.choose(&broken, catches).map(str::to_owned);
    }
    let head = whole.head.as_deref()?;
    let head = match table.source.encoding {
        Encoding::Auto | Encoding::Utf8 => head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head),
        _ => head,
    };
    if !table.source.header || head.is_empty() {
        // The first record is taken for the header: its values are the names of no column.
        return if table.source.header { columns_rule(table, &["\0".to_owned()]) } else { record() };
    }
    let fields = csv::first(head, &table.source)?;
    let names: Vec<String> = fields.list.iter().map(|field| text(&field.content(head, &table.source))).collect();
    columns_rule(table, &names)
}

/// Gives the rule about the header that these names break.
fn columns_rule(table: &Table, names: &[String]) -> Option<String> {
    let layout = Layout::new(table);
    let folders: Vec<(String, String)> =
        layout.folders.iter().map(|column| (table.columns[*column].name.clone(), String::new())).collect();
    let broken = table.rules.iter().find(|rule| match &rule.check {
        Check::Table(TableTest::Columns(policy)) => !deviations(table, *policy, names, &folders).is_empty(),
        _ => false,
    });
    broken.map(|rule| rule.id.clone())
}

/// The list of files about to be changed.
pub struct SetEdit<'a> {
    pub table: &'a Table,
    pub knobs: &'a Knobs,
    pub files: &'a mut Vec<PlannedFile>,
}

/// What happened to the list.
#[derive(Debug, Clone)]
pub struct Told {
    /// The file that tells of it.
    pub file: String,
    pub clean: Option<String>,
    pub dirty: Option<String>,
    pub expects: Expects,
}

/// What a change of the list breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expects {
    /// The number of rows.
    Volume,
    /// Keys stand twice.
    Duplicates,
    /// Rows stand in the folder of another day.
    Misplaced,
}

/// Counts the rows of a file.
#[must_use]
pub fn rows(ranges: &[Range<u64>]) -> u64 {
    ranges.iter().map(|range| range.end.saturating_sub(range.start)).sum()
}

/// Gives the rule that must notice a change of the list, once all changes are made.
#[must_use]
pub fn noticed_in_set(table: &Table, told: &Told, files: &[PlannedFile]) -> Option<String> {
    let found = table.rules.iter().find(|rule| match (&rule.check, told.expects) {
        (Check::Table(TableTest::RowCount(bounds)), Expects::Volume) => {
            let read = files.iter().filter(|file| is_read(table, &file.path));
            rule.condition.is_none() && outside(bounds, read.map(|file| rows(&file.rows)).sum())
        }
        (Check::Key(KeyTest::Unique { .. }), Expects::Duplicates) => {
            rule.condition.is_none() && is_read(table, &told.file)
        }
        (check, Expects::Misplaced) => {
            rule.condition.is_none() && is_read(table, &told.file) && ties_day_to_folder(check, table)
        }
        _ => false,
    });
    found.map(|rule| rule.id.clone())
}

/// Tells whether a rule says that the rows of a folder are those of its day: `at = d` or `date(at) = d`.
fn ties_day_to_folder(check: &Check, table: &Table) -> bool {
    let Some(day) = table.generation.day else { return false };
    let folders = Layout::new(table).folders;
    let pair = |one: usize, other: usize| {
        let dates = [one, other].iter().all(|at| table.columns.get(*at).is_some_and(|c| c.data_type.is_temporal()));
        dates && ((one == day && folders.contains(&other)) || (other == day && folders.contains(&one)))
    };
    let column = |expr: &Expr| match expr {
        Expr::Column(column) => Some(*column),
        Expr::Call { function: Function::Date, args } => match args.as_slice() {
            [Expr::Column(column)] => Some(*column),
            _ => None,
        },
        Expr::Cast { expr, to: DataType::Date, .. } => match **expr {
            Expr::Column(column) => Some(column),
            _ => None,
        },
        _ => None,
    };
    match check {
        Check::Row(RowTest::Compare { left, op: CompareOp::Eq, right }) => pair(left.column, right.column),
        Check::Row(RowTest::Expression(expression)) => match &expression.root {
            Expr::Binary(left, BinaryOp::Eq, right) => {
                column(left).zip(column(right)).is_some_and(|(left, right)| pair(left, right))
            }
            _ => false,
        },
        _ => false,
    }
}

fn outside(bounds: &Bounds, count: u64) -> bool {
    let count = Number::Exact { unscaled: count.into(), scale: 0 };
    let order = |literal: &Option<Literal>| literal.as_ref().and_then(Number::of).and_then(|limit| count.order(limit));
    order(&bounds.minimum).is_some_and(std::cmp::Ordering::is_lt)
        || order(&bounds.maximum).is_some_and(std::cmp::Ordering::is_gt)
        || order(&bounds.exclusive_minimum).is_some_and(std::cmp::Ordering::is_le)
        || order(&bounds.exclusive_maximum).is_some_and(std::cmp::Ordering::is_ge)
}

/// Tells whether a check that is given the data folder reads a file of this path.
#[must_use]
pub fn is_read(table: &Table, path: &str) -> bool {
    match &table.source.path {
        Some(pattern) => {
            let plain = [".gz", ".zst"].iter().find_map(|ending| path.strip_suffix(ending)).unwrap_or(path);
            matches(pattern.trim_start_matches("./"), path) || matches(pattern.trim_start_matches("./"), plain)
        }
        None => false,
    }
}

/// Matches a path with a pattern in which `*` stands for anything but a slash.
fn matches(pattern: &str, path: &str) -> bool {
    let (mut parts, mut pieces) = (pattern.split('/'), path.split('/'));
    loop {
        match (parts.next(), pieces.next()) {
            (None, None) => return true,
            (Some(part), Some(piece)) if matches_name(part, piece) => {}
            _ => return false,
        }
    }
}

fn matches_name(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = left.find(part) else { return false };
        left = left.get(at + part.len()..).unwrap_or_default();
    }
    left.ends_with(last)
}

/// Tells whether files of a format can be changed as a whole.
#[must_use]
pub const fn has_lines(format: Format) -> bool {
    matches!(format, Format::Csv | Format::Ndjson)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_matched_by_folder() {
        assert!(matches("transactions/d=*/transactions.json", "transactions/d=2026-01-01/transactions.json"));
        assert!(!matches("transactions/d=*/transactions.json", "transactions/d=2026-01-01/x/transactions.json"));
        assert!(matches("a-*-*.csv", "a-1-2.csv") && !matches("a-*.csv", "a-1.csv.gz") && !matches("a.csv", "b.csv"));
    }
}
