//! Tally: what a run has found of one table so far, batch after batch in file order.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::frame::split::{Finding, PLACES, Split};
use crate::model::report::PAIRS;
use crate::model::{Check, Outcome, RuleReport, Severity, Table, Together};

/// Counts records and violations of one table.
#[derive(Debug, Default)]
pub struct Tally {
    pub records: u64,
    pub clean: u64,
    pub rejected: u64,
    pub warned: u64,
    rules: Vec<Finding>,
    together: BTreeMap<(usize, usize), u64>,
    /// For each rule whether its places are all there; told to those who split the batches that follow.
    named: Arc<[AtomicBool]>,
}

/// What was decided about a table rule at the end.
#[derive(Debug, Clone, Default)]
pub struct TableVerdict {
    pub failures: u64,
    pub observed: Option<String>,
    pub note: Option<String>,
    pub not_evaluated: bool,
}

impl Tally {
    /// Starts with nothing found. `named` learns for which rules no place more is wanted.
    #[must_use]
    pub fn new(table: &Table, named: &Arc<[AtomicBool]>) -> Self {
        let rules = table.rules.iter().map(|_| Finding::default()).collect();
        Self { rules, named: Arc::clone(named), ..Self::default() }
    }

    /// Adds the next batch in file order, of so many records.
    pub fn add(&mut self, records: usize, split: &mut Split) {
        let rejected = split.rejected.count() as u64;
        self.records += records as u64;
        self.clean += records as u64 - rejected;
        self.rejected += rejected;
        self.warned += split.warned as u64;
        for (pair, records) in split.together.drain(..) {
            *self.together.entry(pair).or_default() += records;
        }
        for ((sum, found), named) in self.rules.iter_mut().zip(&mut split.findings).zip(self.named.iter()) {
            sum.failures += found.failures;
            sum.unknown += found.unknown;
            let room = PLACES.saturating_sub(sum.places.len());
            sum.places.extend(found.places.drain(..).take(room));
            named.store(sum.places.len() == PLACES, Ordering::Relaxed);
            if sum.not_evaluated.is_none() {
                sum.not_evaluated = found.not_evaluated.take();
            }
        }
    }

    /// Notes for each rule why a batch could not be judged by it, if it could not.
    pub fn leave_out(&mut self, reasons: &[Option<String>]) {
        for (sum, why) in self.rules.iter_mut().zip(reasons).filter(|(sum, _)| sum.not_evaluated.is_none()) {
            sum.not_evaluated.clone_from(why);
        }
    }

    /// Gives the pairs of rules that most records broke both of.
    #[must_use]
    pub fn together(&self, table: &Table) -> Vec<Together> {
        let mut pairs: Vec<((usize, usize), u64)> = self.together.iter().map(|(pair, n)| (*pair, *n)).collect();
        pairs.sort_by_key(|(pair, records)| (std::cmp::Reverse(*records), *pair));
        let id = |rule: usize| table.rules.get(rule).map(|rule| rule.id.clone()).unwrap_or_default();
        pairs.into_iter().take(PAIRS).map(|((a, b), records)| Together { rules: [id(a), id(b)], records }).collect()
    }

    /// Gives the report of each rule; `verdicts` holds what was decided about table rules, by rule index.
    #[must_use]
    pub fn rules(self, table: &Table, verdicts: &[(usize, TableVerdict)]) -> Vec<RuleReport> {
        let records = self.records;
        let reports = table.rules.iter().zip(self.rules).enumerate().map(|(index, (rule, found))| {
            let decided = verdicts.iter().find(|(at, _)| *at == index).map(|(_, verdict)| verdict.clone());
            let is_table = matches!(rule.check, Check::Table(_));
            // A rule that one batch could not evaluate is not evaluated, whatever the others say.
            let decided = match (decided, found.not_evaluated.clone()) {
                (Some(decided), None) => decided,
                (_, Some(why)) => TableVerdict { note: Some(why), not_evaluated: true, ..TableVerdict::default() },
                (None, None) => {
                    TableVerdict { failures: found.failures, not_evaluated: is_table, ..TableVerdict::default() }
                }
            };
            let borne =
                decided.failures == 0 || rule.max_failures.is_some_and(|limit| limit.bears(decided.failures, records));
            let outcome = match (decided.not_evaluated, borne, rule.severity) {
                (true, ..) => Outcome::NotEvaluated,
                (false, true, _) => Outcome::Passed,
                (false, false, Severity::Warning) => Outcome::Warned,
                (false, false, Severity::Error) => Outcome::Failed,
            };
            RuleReport {
                id: rule.id.clone(),
                kind: rule.kind.to_owned(),
                code: rule.code.to_owned(),
                severity: rule.severity,
                columns: rule.columns.iter().map(|path| path.text.clone()).collect(),
                contract_line: rule.place.0,
                contract_column: rule.place.1,
                description: rule.description.clone(),
                brief: rule.brief.clone(),
                outcome,
                failures: decided.failures,
                unknown: found.unknown,
                known: None,
                observed: decided.observed,
                note: decided.note,
                places: found.places,
            }
        });
        reports.collect()
    }
}
