//! Judging: the checker's own rules asked of generated values.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::Schema;

use crate::frame::judge::RuleVerdict;
use crate::frame::{Batch, Body, FileShape, Judge, Mask, RawBatch, Record};
use crate::model::{Check, Column, ColumnPath, Context, Encoding, Rule, SourceSpec, Table};

/// Gives the verdicts of a table's rules on columns in memory. Columns that no rule reads may be of any length.
#[must_use]
pub fn verdicts(judge: &Judge, columns: Vec<ArrayRef>, rows: usize) -> Vec<RuleVerdict> {
    let file = FileShape {
        path: String::new(),
        partitions: Vec::new(),
        spec: SourceSpec::default(),
        encoding: Encoding::Utf8,
        names: Vec::new(),
        header: Vec::new(),
    };
    let record = |number: u64| Record { start: 0, len: 0, offset: 0, length: 0, line: 0, number, fault: None };
    let raw = RawBatch {
        file: Arc::new(file),
        text: Vec::new(),
        records: (1..=rows as u64).map(record).collect(),
        body: Body::Columns(RecordBatch::new_empty(Arc::new(Schema::empty()))),
    };
    let width = columns.len();
    let batch = Batch {
        raw,
        columns,
        absent: vec![false; width],
        broken: Mask::new(rows),
        unparsed: vec![None; width],
        faults: Vec::new(),
    };
    judge.judge(batch).verdicts
}

/// Gives the rows that break any rule, ascending.
#[must_use]
pub fn failing(judge: &Judge, columns: Vec<ArrayRef>, rows: usize) -> Vec<u32> {
    let mut failed = Mask::new(rows);
    for verdict in verdicts(judge, columns, rows) {
        if verdict.not_evaluated.is_none() {
            failed.or(&verdict.failed);
        }
    }
    failed.rows().filter_map(|row| u32::try_from(row).ok()).collect()
}

/// Makes a judge of cell rules on a column alone, wherever the column stands in its table.
///
/// # Errors
/// In words, where a rule cannot be compiled.
pub fn of_column(column: &Column, rules: &[&Rule], context: &Context) -> Result<Judge, String> {
    let alone = |rule: &&Rule| Rule {
        columns: vec![ColumnPath { text: column.name.clone(), column: 0, steps: Vec::new() }],
        condition: None,
        ..(*rule).clone()
    };
    let rules = rules.iter().map(alone).collect();
    let table = Table { rules, ..Table::plain("column", SourceSpec::default(), vec![column.clone()]) };
    Judge::new(&table, context).map_err(|error| error.to_string())
}

/// Names a rule with its place, for messages.
#[must_use]
pub fn named(rule: &Rule) -> String {
    let (line, column) = rule.place;
    format!("`{}` (line {line}, column {column})", rule.id)
}

/// Tells whether a rule is one of rows or cells.
#[must_use]
pub const fn is_of_rows(rule: &Rule) -> bool {
    matches!(rule.check, Check::Cell(_) | Check::Row(_))
}
