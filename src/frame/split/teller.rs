//! Teller: what rules found in the rows of a batch, in words that are borrowed wherever they stand somewhere already.

use std::borrow::Cow;
use std::cell::Cell;

use crate::frame::batch::{Fault, shortened};
use crate::frame::judge::Judged;
use crate::frame::keys::Rival;
use crate::frame::keys::reference::References;
use crate::frame::layout::{self, Origin};
use crate::frame::raw::Body;
use crate::frame::show::value_text;
use crate::frame::split::{Splitter, references};
use crate::model::{Check, ColumnPath, KeyTest, Rule, Violation};

/// Tells why rows of one batch are refused; quickest for ascending rows.
#[derive(Debug)]
pub struct Teller<'a> {
    splitter: &'a Splitter<'a>,
    judged: &'a Judged,
    /// Where the records keep the columns; empty where records have no fields.
    origins: Vec<Origin>,
    /// Rules (indices, ascending) that some row breaks.
    broken: Vec<usize>,
    /// All faults before this one stand in rows before those asked for last.
    next: Cell<usize>,
}

/// What one rule found in one row; what is absent here is as the rule says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found<'a> {
    /// Index of the rule.
    pub rule: usize,
    /// The parse code, where a cell or record could not be read.
    pub code: Option<&'static str>,
    /// As in [`Violation::column`].
    pub column: Option<Cow<'a, str>>,
    /// As in [`Violation::value`].
    pub value: Option<Cow<'a, str>>,
    /// The message, where it is not the rule's.
    pub message: Option<Cow<'a, str>>,
}

impl Found<'_> {
    /// Makes it a value of its own.
    #[must_use]
    pub fn violation(self, rule: &Rule) -> Violation {
        Violation {
            rule: rule.id.clone(),
            code: self.code.unwrap_or(rule.code).to_owned(),
            column: self.column.map(Cow::into_owned),
            value: self.value.map(Cow::into_owned),
            message: self.message.map_or_else(|| rule.message.clone(), Cow::into_owned),
            severity: rule.severity,
        }
    }
}

impl<'a> Teller<'a> {
    /// Looks at a batch whose verdicts are complete.
    #[must_use]
    pub fn new(splitter: &'a Splitter<'a>, judged: &'a Judged) -> Self {
        let broken = (0..judged.verdicts.len()).filter(|rule| judged.verdicts[*rule].failed.any()).collect();
        let raw = &judged.batch.raw;
        let origins = match raw.body {
            Body::Delimited(_) => layout::origins(splitter.table, &raw.file, false),
            Body::Json | Body::Columns(_) => Vec::new(),
        };
        Self { splitter, judged, origins, broken, next: Cell::new(0) }
    }

    /// Gives the rules (indices, ascending) that some row of the batch breaks.
    #[must_use]
    pub fn broken(&self) -> &[usize] {
        &self.broken
    }

    /// Gives what every rule found that a row breaks, in rule order.
    pub fn of(&self, row: usize, ordinal: u64) -> impl Iterator<Item = Found<'a>> {
        let breaks = move |rule: &&usize| self.judged.verdicts[**rule].failed.get(row);
        self.broken.iter().filter(breaks).map(move |rule| self.found(*rule, row, ordinal))
    }

    /// Gives what a rule found in a row that breaks it; `ordinal` is the row's place among all records of the table.
    #[must_use]
    pub fn found(&self, index: usize, row: usize, ordinal: u64) -> Found<'a> {
        let (splitter, batch) = (self.splitter, &self.judged.batch);
        let rule = &splitter.table.rules[index];
        let mut found = Found { rule: index, ..Found::default() };
        match &rule.check {
            Check::Record | Check::Type => {
                let column = rule.columns.first().map(|path| path.column);
                if let Some(fault) = self.fault(row, column) {
                    found.code = Some(fault.code.code());
                    found.column = column.map(|_| Cow::Borrowed(&*fault.path));
                    found.value = fault.value.as_deref().map(Cow::Borrowed);
                    found.message = Some(Cow::Borrowed(&*fault.detail));
                }
            }
            Check::Key(KeyTest::References { .. }) => {
                if let Some(Some(Ok(parents))) = splitter.keys.parents.get(index) {
                    let references: References<'_> = references(rule, parents);
                    if let Some((path, cells)) = references.first_dangling(&batch.columns, row) {
                        found.column = Some(Cow::Owned(path));
                        found.value = joined(cells.iter().map(|(array, at)| value_text(array, *at)));
                    }
                }
            }
            Check::Key(_) => {
                found.column = names(&rule.columns);
                found.value = joined(rule.columns.iter().map(|path| value_text(&batch.columns[path.column], row)));
                if let Some(more) = self.rival(index, ordinal) {
                    found.message = Some(Cow::Owned(format!("{} ({more})", rule.message)));
                }
            }
            _ => (found.column, found.value) = splitter.judge.locate(index, batch, row, &self.origins),
        }
        // That a value is missing tells nothing.
        if found.value.as_ref().is_some_and(|value| !value.is_empty()) && splitter.is_pii(index) {
            found.value = Some(Cow::Borrowed("***"));
        }
        found
    }

    fn rival(&self, index: usize, ordinal: u64) -> Option<String> {
        let keys = self.splitter.keys;
        let seat = match keys.losers.get(index)?.of(ordinal)?.rival {
            Rival::Order => return None,
            Rival::Target => return Some("the target holds it already".to_owned()),
            Rival::Row(seat) => seat,
        };
        let place = seat.line.map_or_else(|| format!("record {}", seat.record), |line| format!("line {line}"));
        match keys.files.len() {
            0 | 1 => Some(format!("see {place}")),
            _ => Some(format!("see {place} of {}", keys.files.get(seat.file as usize)?)),
        }
    }

    /// Finds the fault of a column, or of the whole record.
    fn fault(&self, row: usize, column: Option<usize>) -> Option<&'a Fault> {
        let faults = &self.judged.batch.faults;
        let mut from = self.next.get();
        if from.checked_sub(1).and_then(|last| faults.get(last)).is_some_and(|last| last.row >= row) {
            from = faults.partition_point(|fault| fault.row < row);
        }
        while faults.get(from).is_some_and(|fault| fault.row < row) {
            from += 1;
        }
        self.next.set(from);
        faults.get(from..)?.iter().take_while(|fault| fault.row == row).find(|fault| fault.column == column)
    }
}

fn names(paths: &[ColumnPath]) -> Option<Cow<'_, str>> {
    match paths {
        [] => None,
        [path] => Some(Cow::Borrowed(&path.text)),
        _ => Some(Cow::Owned(paths.iter().map(|path| path.text.as_str()).collect::<Vec<_>>().join("+"))),
    }
}

fn joined(values: impl Iterator<Item = Option<String>>) -> Option<Cow<'static, str>> {
    let parts: Vec<String> = values.map(|value| value.unwrap_or_else(|| "NULL".to_owned())).collect();
    (!parts.is_empty()).then(|| Cow::Owned(shortened(parts.join(", ").as_bytes()).into_owned()))
}
