//! Split: a judged batch becomes clean rows and rejects, each reject with all its reasons.

pub mod teller;
mod together;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow_array::{ArrayRef, BooleanArray, RecordBatch};
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};
use arrow_select::filter::filter_record_batch;

use crate::frame::batch::Batch;
use crate::frame::judge::{Judge, Judged, RuleVerdict};
use crate::frame::keys::reference::References;
use crate::frame::keys::{DistinctKeys, Losers};
use crate::frame::mask::Mask;
use crate::frame::places::place;
use crate::frame::schema::schema;
use crate::frame::split::teller::{Found, Teller};
use crate::frame::tally::Tally;
use crate::model::{Check, Error, ErrorKind, KeyTest, NullPolicy, Place, Result, Rule, Severity, Table, Violation};

/// What the key rules of a table remember, one entry a rule; filled before the rows are split.
#[derive(Debug, Default)]
pub struct KeyKnowledge {
    /// Rows that break a `unique`, `primary_key` or `increasing` rule.
    pub losers: Vec<Losers>,
    /// The accepted keys of a `references` rule's parent, or why there are none.
    pub parents: Vec<Option<Result<Arc<DistinctKeys>, String>>>,
    /// Names of the files by index, for messages about rivals.
    pub files: Vec<String>,
}

/// A judged batch, split.
#[derive(Debug)]
pub struct Split {
    /// Rows that broke an error rule.
    pub rejected: Mask,
    /// The same rows with their violations, ascending, where these are wanted as values; else none.
    pub rejects: Vec<Reject>,
    /// Clean rows with a warning.
    pub warned: usize,
    /// One a rule of the table.
    pub findings: Vec<Finding>,
    /// Pairs of rules (indices, ascending) with the number of records that break both.
    pub together: Vec<((usize, usize), u64)>,
}

/// One refused record of a batch; its bytes stand in the raw batch.
#[derive(Debug)]
pub struct Reject {
    pub row: usize,
    pub violations: Vec<Violation>,
}

/// What one rule found in a batch.
#[derive(Debug, Default)]
pub struct Finding {
    pub failures: u64,
    pub unknown: u64,
    /// The first places, at most [`PLACES`]; none where the batches before have as many.
    pub places: Vec<Place>,
    pub not_evaluated: Option<String>,
}

/// How many places of a broken rule a report names.
pub const PLACES: usize = 5;

/// Splits judged batches of one table.
#[derive(Debug)]
pub struct Splitter<'a> {
    pub table: &'a Table,
    pub schema: SchemaRef,
    pub judge: &'a Judge,
    pub keys: &'a KeyKnowledge,
    /// For each rule whether its values are masked.
    masked: Vec<bool>,
    /// For each rule whether all batches before those that are still split have as many places as a report names.
    named: Arc<[AtomicBool]>,
}

impl<'a> Splitter<'a> {
    /// Prepares to split batches of a table.
    #[must_use]
    pub fn new(table: &'a Table, judge: &'a Judge, keys: &'a KeyKnowledge) -> Self {
        let masked = table.rules.iter().map(|rule| is_pii(table, rule)).collect();
        let named = table.rules.iter().map(|_| AtomicBool::new(false)).collect();
        Self { table, schema: schema(table), judge, keys, masked, named }
    }

    /// Starts to count what is found.
    #[must_use]
    pub fn tally(&self) -> Tally {
        Tally::new(self.table, &self.named)
    }

    /// Gives the same with all that is known of keys.
    #[must_use]
    pub fn knowing(self, keys: &'a KeyKnowledge) -> Self {
        Self { keys, ..self }
    }
}

impl Splitter<'_> {
    /// Adds the verdicts of the key rules; `lost` marks the losers among the rows.
    pub fn decide_keys(&self, judged: &mut Judged, lost: impl Fn(&Losers) -> Mask) {
        for (index, rule) in self.table.rules.iter().enumerate() {
            let Check::Key(test) = &rule.check else { continue };
            let verdict = &mut judged.verdicts[index];
            match test {
                KeyTest::References { .. } => self.decide_reference(index, rule, &judged.batch, verdict),
                KeyTest::Unique { .. } | KeyTest::Increasing { .. } => {
                    if let Some(losers) = self.keys.losers.get(index).filter(|losers| !losers.is_empty()) {
                        verdict.failed.or(&lost(losers));
                    }
                }
            }
        }
    }

    fn decide_reference(&self, index: usize, rule: &Rule, batch: &Batch, verdict: &mut RuleVerdict) {
        if verdict.not_evaluated.is_some() {
            return;
        }
        match self.keys.parents.get(index).and_then(Option::as_ref) {
            Some(Ok(parents)) => {
                let mut rows = verdict.admitted.clone().unwrap_or_else(|| Mask::full(batch.len()));
                rows.and_not(&verdict.unknown);
                let failed = references(rule, parents).dangling(&batch.columns, &rows);
                verdict.failed.or(&failed);
            }
            Some(Err(why)) => verdict.not_evaluated = Some(why.clone()),
            None => verdict.not_evaluated = Some("the referenced table is not part of this run".to_owned()),
        }
    }

    /// Splits a batch whose verdicts are complete. `ordinal` gives a row's place among all records of the table.
    /// Unless `told`, there are no rejects with their violations.
    #[must_use]
    pub fn split(&self, judged: &Judged, ordinal: impl Fn(usize) -> u64, told: bool) -> Split {
        let rows = judged.batch.len();
        let (mut rejected, mut warned) = (Mask::new(rows), Mask::new(rows));
        for (rule, verdict) in self.table.rules.iter().zip(&judged.verdicts) {
            if matches!(rule.check, Check::Table(_)) || verdict.failed.is_empty() {
                continue;
            }
            let side = if rule.severity == Severity::Error { &mut rejected } else { &mut warned };
            side.or(&verdict.failed);
        }
        warned.and_not(&rejected);
        let teller = Teller::new(self, judged);
        let mut findings: Vec<Finding> = judged.verdicts.iter().map(finding).collect();
        let unnamed = |rule: &&usize| self.named.get(**rule).is_none_or(|named| !named.load(Ordering::Relaxed));
        for &rule in teller.broken().iter().filter(unnamed) {
            let first = judged.verdicts[rule].failed.rows().take(PLACES);
            let violation = |row| teller.found(rule, row, ordinal(row)).violation(&self.table.rules[rule]);
            findings[rule].places = first.map(|row| place(&judged.batch.raw, row, &violation(row))).collect();
        }
        let mut rejects = Vec::new();
        if told {
            let reject = |row| Reject { row, violations: self.violations(&teller, row, ordinal(row)) };
            rejects.extend(rejected.rows().map(reject));
        }
        let mut marked = rejected.clone();
        marked.or(&warned);
        let together = together::pairs(&judged.verdicts, &marked);
        Split { rejected, rejects, warned: warned.count(), findings, together }
    }

    /// Gives all violations of a row that no error rule refused: its warnings.
    #[must_use]
    pub fn warnings(&self, judged: &Judged, row: usize, ordinal: u64) -> Vec<Violation> {
        self.violations(&Teller::new(self, judged), row, ordinal)
    }

    fn violations(&self, teller: &Teller<'_>, row: usize, ordinal: u64) -> Vec<Violation> {
        let owned = |found: Found<'_>| {
            let rule = &self.table.rules[found.rule];
            found.violation(rule)
        };
        teller.of(row, ordinal).map(owned).collect()
    }

    /// Gives the rows that are not rejected, contract columns, file order.
    ///
    /// # Errors
    /// [`ErrorKind::Conservation`] where clean and rejected rows do not add up.
    pub fn clean(&self, batch: &Batch, rejected: &Mask) -> Result<RecordBatch> {
        let broken = |error| Error::new(ErrorKind::Conservation, "columns do not form a table").because(error);
        let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(batch.len()));
        let all = RecordBatch::try_new_with_options(self.schema_of(batch), batch.columns.clone(), &options)
            .map_err(broken)?;
        if !rejected.any() {
            return Ok(all);
        }
        let kept = BooleanArray::new(rejected.inverse().to_boolean_buffer(), None);
        let clean = filter_record_batch(&all, &kept).map_err(broken)?;
        if clean.num_rows() + rejected.count() != batch.len() {
            let (clean, rejected, rows) = (clean.num_rows(), rejected.count(), batch.len());
            let message = format!("{clean} clean + {rejected} rejected are not {rows} records");
            return Err(Error::new(ErrorKind::Conservation, message));
        }
        Ok(clean)
    }

    /// Gives the table's schema; columns that were not read have no type.
    fn schema_of(&self, batch: &Batch) -> SchemaRef {
        let skipped = |column: &ArrayRef| *column.data_type() == DataType::Null;
        if !batch.columns.iter().any(skipped) {
            return self.schema.clone();
        }
        let fields = self.schema.fields().iter().zip(&batch.columns).map(|(field, column)| {
            if skipped(column) { Arc::new(Field::new(field.name(), DataType::Null, true)) } else { Arc::clone(field) }
        });
        Arc::new(Schema::new(fields.collect::<Fields>()))
    }

    /// Tells whether the values that break a rule are masked.
    fn is_pii(&self, rule: usize) -> bool {
        self.masked.get(rule).copied().unwrap_or(true)
    }
}

fn is_pii(table: &Table, rule: &Rule) -> bool {
    match &rule.check {
        Check::Row(_) if rule.columns.is_empty() => table.columns.iter().any(|column| column.pii),
        _ => rule.columns.iter().any(|path| table.is_pii(path)),
    }
}

fn references<'a>(rule: &'a Rule, parents: &'a DistinctKeys) -> References<'a> {
    References { paths: &rule.columns, parents, null_fails: rule.nulls == NullPolicy::Fail }
}

fn finding(verdict: &RuleVerdict) -> Finding {
    Finding {
        failures: verdict.failed.count() as u64,
        unknown: verdict.unknown.count() as u64,
        places: Vec::new(),
        not_evaluated: verdict.not_evaluated.clone(),
    }
}
