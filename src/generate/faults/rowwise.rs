//! Rules over several columns, and rules with a `where`: asked of the judge, one record at a time.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::frame::{Body, FieldSpan, FileShape, Judge, Parser, RawBatch, Record};
use crate::generate::faults::csv::{self, Fields};
use crate::generate::faults::layout::Layout;
use crate::generate::faults::oracle::{Case, contexts};
use crate::model::{CellTest, Check, Encoding, Expr, Expression, Function, Literal, RowTest, Rule, Table};

/// Judges single records by the rules that need an engine.
#[derive(Debug)]
pub struct Rowwise {
    table: Table,
    parser: Parser,
    judges: Vec<Judge>,
    /// For each rule of the reduced table its place in the whole one, and the columns it reads.
    places: Vec<(usize, Vec<usize>)>,
    folders: Vec<usize>,
}

impl Rowwise {
    /// Prepares the rules of a table; `None` where there are none.
    #[must_use]
    pub fn new(table: &Table, layout: &Layout) -> Option<Self> {
        let mut rules = Vec::new();
        let mut places = Vec::new();
        for (index, rule) in table.rules.iter().enumerate() {
            let wanted = match rule.check {
                Check::Row(_) => true,
                Check::Cell(_) => rule.condition.is_some(),
                _ => false,
            };
            if wanted {
                places.push((index, reads(rule, table)));
                rules.push(rule.clone());
            }
        }
        if rules.is_empty() {
            return None;
        }
        let reduced = Table { rules, ..table.clone() };
        // Where no rule asks for the day, one judge says as much as two.
        let days = if rules_of_today(&reduced) { 2 } else { 1 };
        let judges = contexts().into_iter().take(days).map(|context| Judge::new(&reduced, &context).ok());
        let judges = judges.collect::<Option<Vec<_>>>()?;
        Some(Self { parser: Parser::new(table), table: reduced, judges, places, folders: layout.folders.clone() })
    }

    /// Adds the rules that a CSV record breaks.
    pub fn csv(
        &self,
        record: &[u8],
        fields: &Fields,
        layout: &Layout,
        case: &Case<'_>,
        unread: &[usize],
        broken: &mut BTreeSet<usize>,
    ) {
        let names = layout.fields(fields.list.len());
        let names = names.iter().filter_map(|column| self.table.columns.get(*column)).map(|c| c.name.clone()).collect();
        let span = |field: &csv::Field| {
            let quotes = usize::from(field.quoted);
            let at = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
            FieldSpan {
                start: at(field.start + quotes),
                end: at(field.end.saturating_sub(quotes)),
                quoted: field.quoted,
                escaped: field.escaped,
            }
        };
        let spans: Vec<FieldSpan> = fields.list.iter().map(span).collect();
        self.judge(record, names, Body::Delimited { width: spans.len(), fields: spans }, case, unread, broken);
    }

    /// Adds the rules that a JSON record breaks.
    pub fn json(&self, record: &[u8], case: &Case<'_>, unread: &[usize], broken: &mut BTreeSet<usize>) {
        self.judge(record, Vec::new(), Body::Json, case, unread, broken);
    }

    fn judge(
        &self,
        record: &[u8],
        names: Vec<String>,
        body: Body,
        case: &Case<'_>,
        unread: &[usize],
        broken: &mut BTreeSet<usize>,
    ) {
        if !self.places.iter().any(|(_, reads)| case.touches(reads)) {
            return;
        }
        let file = FileShape {
            path: String::new(),
            partitions: case.folders.to_vec(),
            spec: self.table.source.clone(),
            encoding: Encoding::Utf8,
            names,
            header: Vec::new(),
        };
        let length = record.len() as u64;
        let only = Record { start: 0, len: record.len(), offset: 0, length, line: 1, number: 1, fault: None };
        let raw = RawBatch { file: Arc::new(file), text: record.to_vec(), records: vec![only], body };
        let known = |column: &usize| {
            let name = self.table.columns.get(*column).map(|column| &column.name);
            !self.folders.contains(column) || case.folders.iter().any(|(folder, _)| Some(folder) == name)
        };
        let verdicts = self.judges.iter().map(|judge| judge.judge(self.parser.parse(raw.clone())).verdicts);
        let verdicts: Vec<_> = verdicts.collect();
        for (at, (rule, reads)) in self.places.iter().enumerate() {
            let fails = verdicts.iter().all(|verdicts| {
                verdicts.get(at).is_some_and(|verdict| verdict.not_evaluated.is_none() && verdict.failed.any())
            });
            let readable = reads.iter().all(known) && !reads.iter().any(|column| unread.contains(column));
            if fails && readable && case.touches(reads) {
                broken.insert(*rule);
            }
        }
    }
}

/// Gives the columns a rule reads.
fn reads(rule: &Rule, table: &Table) -> Vec<usize> {
    let mut columns: Vec<usize> = rule.columns.iter().map(|path| path.column).collect();
    columns.extend(rule.condition.iter().flat_map(|condition| &condition.columns));
    match &rule.check {
        Check::Row(RowTest::Expression(expression)) => columns.extend(&expression.columns),
        Check::Row(RowTest::Compare { left, right, .. }) => columns.extend([left.column, right.column]),
        Check::Row(RowTest::When { when, then }) => columns.extend(when.columns.iter().chain(&then.columns)),
        Check::Row(RowTest::NotAllNull) => columns.extend(0..table.columns.len()),
        _ => {}
    }
    columns.sort_unstable();
    columns.dedup();
    columns
}

/// Tells whether a rule or a `where` of a table asks for the day of the run.
fn rules_of_today(table: &Table) -> bool {
    fn asks(expr: &Expr) -> bool {
        let own = match expr {
            Expr::Call { function, .. } => matches!(function, Function::Today | Function::Now),
            Expr::Literal(literal) => matches!(literal, Literal::Today | Literal::Now),
            _ => false,
        };
        own || expr.children().into_iter().any(asks)
    }
    let day = |literal: &Literal| matches!(literal, Literal::Today | Literal::Now);
    table.rules.iter().any(|rule| {
        let own: Vec<&Expression> = match &rule.check {
            Check::Row(RowTest::Expression(expression)) => vec![expression],
            Check::Row(RowTest::When { when, then }) => vec![when, then],
            Check::Cell(CellTest::Bound { bound, .. }) if day(bound) => return true,
            Check::Cell(CellTest::OneOf { values, .. }) if values.iter().any(day) => return true,
            _ => Vec::new(),
        };
        own.into_iter().chain(&rule.condition).any(|expression| asks(&expression.root))
    })
}
