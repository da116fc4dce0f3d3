//! Rules over several columns, and rules with a `where`: asked of the judge, one record at a time.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::frame::{Body, FieldSpan, FileShape, Judge, Parser, RawBatch, Record};
use crate::generate::faults::csv::{self, Fields};
use crate::generate::faults::layout::Layout;
use crate::generate::faults::oracle::{Touched, contexts};
use crate::model::{Check, Encoding, RowTest, Rule, Table};

/// Judges single records by the rules that need an engine.
#[derive(Debug)]
pub struct Rowwise {
    table: Table,
    parser: Parser,
    judges: Vec<Judge>,
    /// For each rule of the reduced table its place in the whole one, and the columns it reads.
    places: Vec<(usize, Vec<usize>)>,
    names: Vec<String>,
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
        let judges = contexts().iter().map(|context| Judge::new(&reduced, context).ok()).collect::<Option<Vec<_>>>()?;
        let names = layout.inside.iter().map(|column| table.columns[*column].name.clone()).collect();
        Some(Self { parser: Parser::new(table), table: reduced, judges, places, names })
    }

    /// Adds the rules that a CSV record breaks.
    #[expect(clippy::too_many_arguments, reason = "all that is known of a record")]
    pub fn csv(
        &self,
        record: &[u8],
        fields: &Fields,
        layout: &Layout,
        touched: Touched<'_>,
        unread: &[usize],
        folders: &[(String, String)],
        broken: &mut BTreeSet<usize>,
    ) {
        if !self.concerns(touched) {
            return;
        }
        let whole = fields.list.len() != self.names.len();
        let names = if whole { layout.fields(fields.list.len()) } else { layout.inside.clone() };
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
        self.judge(record, names, Body::Delimited(places), touched, unread, folders, broken);
    }

    /// Adds the rules that a JSON record breaks.
    pub fn json(
        &self,
        record: &[u8],
        touched: Touched<'_>,
        unread: &[usize],
        folders: &[(String, String)],
        broken: &mut BTreeSet<usize>,
    ) {
        if self.concerns(touched) {
            self.judge(record, Vec::new(), Body::Json, touched, unread, folders, broken);
        }
    }

    fn concerns(&self, touched: Touched<'_>) -> bool {
        self.places.iter().any(|(_, reads)| meets(reads, touched))
    }

    #[expect(clippy::too_many_arguments, reason = "all that is known of a record")]
    fn judge(
        &self,
        record: &[u8],
        names: Vec<String>,
        body: Body,
        touched: Touched<'_>,
        unread: &[usize],
        folders: &[(String, String)],
        broken: &mut BTreeSet<usize>,
    ) {
        let file = FileShape {
            path: String::new(),
            partitions: folders.to_vec(),
            spec: self.table.source.clone(),
            encoding: Encoding::Utf8,
            names,
            header: Vec::new(),
        };
        let length = record.len() as u64;
        let only = Record { start: 0, len: record.len(), offset: 0, length, line: 1, number: 1, fault: None };
        let raw = RawBatch { file: Arc::new(file), text: record.to_vec(), records: vec![only], body };
        let known = |column: &usize| {
            let column = self.table.columns.get(*column);
            let folder = self.table.source.path.as_deref().unwrap_or_default();
            column.is_some_and(|column| {
                !folder.contains(&format!("{}=", column.name)) || folders.iter().any(|(name, _)| *name == column.name)
            })
        };
        let verdicts = self.judges.iter().map(|judge| judge.judge(self.parser.parse(raw.clone())).verdicts);
        let verdicts: Vec<_> = verdicts.collect();
        for (at, (rule, reads)) in self.places.iter().enumerate() {
            let fails = verdicts.iter().all(|verdicts| {
                verdicts.get(at).is_some_and(|verdict| verdict.not_evaluated.is_none() && verdict.failed.any())
            });
            let readable = reads.iter().all(known) && !reads.iter().any(|column| unread.contains(column));
            if fails && readable && meets(reads, touched) {
                broken.insert(*rule);
            }
        }
    }
}

fn meets(reads: &[usize], touched: Touched<'_>) -> bool {
    touched.is_none_or(|touched| reads.iter().any(|column| touched.contains(column)))
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
