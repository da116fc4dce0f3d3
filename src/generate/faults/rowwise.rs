//! Rules over several columns, and rules with a `where`: asked of one record at a time.
//!
//! Expressions are computed by the generator's own formulas, so that a manifest is the same whatever engine a build has.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::frame::{Body, FieldSpan, FileShape, Parser, RawBatch, Record};
use crate::generate::faults::csv::{self, Fields};
use crate::generate::faults::layout::Layout;
use crate::generate::faults::oracle::{Case, contexts};
use crate::generate::residual::Group;
use crate::model::{CellTest, Check, Encoding, Expr, Expression, Function, Literal, RowTest, Rule, Table};

/// Judges single records by the rules that need several columns.
#[derive(Debug)]
pub struct Rowwise {
    table: Table,
    parser: Parser,
    /// One for each day that may be today.
    groups: Vec<Group>,
    /// For each rule of the groups its place in the table, and the columns it reads.
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
                rules.push(rule);
            }
        }
        if rules.is_empty() {
            return None;
        }
        // Where no rule asks for the day, one answer says as much as two.
        let days = if rules_of_today(&rules) { 2 } else { 1 };
        let all = || (0..table.columns.len()).collect();
        let groups = contexts().into_iter().take(days).map(|context| Group::new(table, all(), &rules, &context).ok());
        let groups = groups.collect::<Option<Vec<_>>>()?;
        Some(Self { parser: Parser::new(table), table: table.clone(), groups, places, folders: layout.folders.clone() })
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
        let mut places = crate::frame::Fields::new(spans.len());
        places.push_spans(0, &spans);
        self.judge(record, names, Body::Delimited(places), case, unread, broken);
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
        let columns = self.parser.parse(raw).columns;
        let failed: Vec<_> = self.groups.iter().map(|group| group.masks(&columns, 1)).collect();
        for (at, (rule, reads)) in self.places.iter().enumerate() {
            let fails = failed.iter().all(|masks| masks.get(at).is_some_and(|(_, mask)| mask.any()));
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

/// Tells whether a rule or its `where` asks for the day of the run.
fn rules_of_today(rules: &[&Rule]) -> bool {
    fn asks(expr: &Expr) -> bool {
        let own = match expr {
            Expr::Call { function, .. } => matches!(function, Function::Today | Function::Now),
            Expr::Literal(literal) => matches!(literal, Literal::Today | Literal::Now),
            _ => false,
        };
        own || expr.children().into_iter().any(asks)
    }
    let day = |literal: &Literal| matches!(literal, Literal::Today | Literal::Now);
    rules.iter().any(|rule| {
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
