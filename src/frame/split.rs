//! Split: a judged batch becomes clean rows and rejects, each reject with all its reasons.

mod together;

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, RecordBatch};
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};
use arrow_select::filter::filter_record_batch;

use crate::frame::batch::Batch;
use crate::frame::judge::{Judge, Judged, RuleVerdict};
use crate::frame::keys::reference::References;
use crate::frame::keys::{DistinctKeys, Losers, Rival};
use crate::frame::mask::Mask;
use crate::frame::places::place;
use crate::frame::show::value_text;
use crate::model::{
    Check, ColumnPath, Error, ErrorKind, KeyTest, NullPolicy, Place, Result, Rule, Severity, Table, Violation,
};

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
    /// Refused rows (indices into the batch), ascending.
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
    /// The first places, at most [`PLACES`].
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
    /// Unless `worded`, rejects come without their violations.
    #[must_use]
    pub fn split(&self, judged: &Judged, ordinal: impl Fn(usize) -> u64, worded: bool) -> Split {
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
        let mut findings: Vec<Finding> = judged.verdicts.iter().map(finding).collect();
        let mut rejects = Vec::with_capacity(rejected.count());
        let mut marked = rejected.clone();
        marked.or(&warned);
        for row in marked.rows() {
            let refused = rejected.get(row);
            let violations = self.violations(judged, row, ordinal(row), refused && worded, &mut findings);
            if refused {
                rejects.push(Reject { row, violations: if worded { violations } else { Vec::new() } });
            }
        }
        let together = together::pairs(&judged.verdicts, &marked);
        Split { rejected, rejects, warned: warned.count(), findings, together }
    }

    /// Gives all violations of a row that no error rule refused: its warnings.
    #[must_use]
    pub fn warnings(&self, judged: &Judged, row: usize, ordinal: u64) -> Vec<Violation> {
        let mut unseen: Vec<Finding> = judged.verdicts.iter().map(|_| Finding::default()).collect();
        self.violations(judged, row, ordinal, true, &mut unseen)
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

    /// Gives the violations of a row in rule order, if they are `wanted`, and notes the first places of each rule. Else
    /// only the places count, so that warnings on every row cost nothing.
    fn violations(
        &self,
        judged: &Judged,
        row: usize,
        ordinal: u64,
        wanted: bool,
        findings: &mut [Finding],
    ) -> Vec<Violation> {
        let mut all = Vec::new();
        for (index, verdict) in judged.verdicts.iter().enumerate() {
            let places = &mut findings[index].places;
            let here = wanted || places.len() < PLACES;
            if !here || verdict.failed.is_empty() || !verdict.failed.get(row) {
                continue;
            }
            let violation = self.violation(judged, index, row, ordinal);
            if places.len() < PLACES {
                places.push(place(&judged.batch.raw, row, &violation));
            }
            all.push(violation);
        }
        all
    }

    fn violation(&self, judged: &Judged, index: usize, row: usize, ordinal: u64) -> Violation {
        let rule = &self.table.rules[index];
        let batch = &judged.batch;
        let mut violation = Violation {
            rule: rule.id.clone(),
            code: rule.code.to_owned(),
            column: None,
            value: None,
            message: rule.message.clone(),
            severity: rule.severity,
        };
        match &rule.check {
            Check::Record | Check::Type => {
                let column = rule.columns.first().map(|path| path.column);
                if let Some(fault) = fault(batch, row, column) {
                    fault.code.code().clone_into(&mut violation.code);
                    violation.column = column.map(|_| fault.path.clone());
                    violation.value.clone_from(&fault.value);
                    violation.message.clone_from(&fault.detail);
                }
            }
            Check::Key(KeyTest::References { .. }) => {
                if let Some(Some(Ok(parents))) = self.keys.parents.get(index)
                    && let Some((path, cells)) = references(rule, parents).first_dangling(&batch.columns, row)
                {
                    violation.column = Some(path);
                    violation.value = joined(cells.iter().map(|(array, at)| value_text(array, *at)));
                }
            }
            Check::Key(_) => {
                violation.column = names(&rule.columns);
                violation.value = joined(rule.columns.iter().map(|path| value_text(&batch.columns[path.column], row)));
                if let Some(more) = self.rival(index, ordinal) {
                    violation.message = format!("{} ({more})", violation.message);
                }
            }
            _ => (violation.column, violation.value) = self.judge.locate(index, batch, row),
        }
        // That a value is missing tells nothing.
        if violation.value.as_ref().is_some_and(|value| !value.is_empty()) && self.is_pii(rule) {
            violation.value = Some("***".to_owned());
        }
        violation
    }

    fn rival(&self, index: usize, ordinal: u64) -> Option<String> {
        let seat = match self.keys.losers.get(index)?.of(ordinal)?.rival {
            Rival::Order => return None,
            Rival::Target => return Some("the target holds it already".to_owned()),
            Rival::Row(seat) => seat,
        };
        let place = seat.line.map_or_else(|| format!("record {}", seat.record), |line| format!("line {line}"));
        match self.keys.files.len() {
            0 | 1 => Some(format!("see {place}")),
            _ => Some(format!("see {place} of {}", self.keys.files.get(seat.file as usize)?)),
        }
    }

    fn is_pii(&self, rule: &Rule) -> bool {
        match &rule.check {
            Check::Row(_) if rule.columns.is_empty() => self.table.columns.iter().any(|column| column.pii),
            _ => rule.columns.iter().any(|path| self.table.is_pii(path)),
        }
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

fn fault(batch: &Batch, row: usize, column: Option<usize>) -> Option<&crate::frame::Fault> {
    let from = batch.faults.partition_point(|fault| fault.row < row);
    batch.faults[from..].iter().take_while(|fault| fault.row == row).find(|fault| fault.column == column)
}

fn names(paths: &[ColumnPath]) -> Option<String> {
    let names: Vec<&str> = paths.iter().map(|path| path.text.as_str()).collect();
    (!names.is_empty()).then(|| names.join("+"))
}

fn joined(values: impl Iterator<Item = Option<String>>) -> Option<String> {
    let parts: Vec<String> = values.map(|value| value.unwrap_or_else(|| "NULL".to_owned())).collect();
    (!parts.is_empty()).then(|| crate::frame::batch::shorten(parts.join(", ").as_bytes()))
}
