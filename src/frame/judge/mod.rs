//! Judge: every row rule of a table over a batch, to verdicts.

pub mod bounds;
pub mod cell;
pub mod classes;
mod explain;
#[cfg(test)]
pub mod fixture;
pub mod formats;
pub mod multiple;
pub mod number;
pub mod one_of;
pub mod path;
pub mod pattern;
mod plan;
pub mod row;
#[cfg(test)]
mod tests;
pub mod units;

use crate::frame::batch::Batch;
use crate::frame::expr::{Compiled, Tri};
use crate::frame::judge::plan::{Plan, Test, Unknown};
use crate::frame::layout::{Origin, origins};
use crate::frame::mask::Mask;
use crate::frame::raw::Body;
use crate::model::{Context, Error, ErrorKind, Result, Table};

/// Judges batches by the cell and row rules of a table.
#[derive(Debug)]
pub struct Judge {
    table: Table,
    /// One a rule of the table, in its order.
    plans: Vec<Plan>,
    engine: Engine,
}

/// What evaluates expressions.
#[derive(Debug)]
enum Engine {
    /// No rule has one.
    Idle,
    Ready(Compiled),
    /// Why this build cannot.
    Missing(String),
}

/// A batch with the verdict of every rule on every row.
#[derive(Debug)]
pub struct Judged {
    pub batch: Batch,
    /// One a rule of the table, in its order.
    pub verdicts: Vec<RuleVerdict>,
}

/// The verdicts of one rule on the rows of a batch. A row in neither mask passed (or is not covered by `where`).
#[derive(Debug, Clone, Default)]
pub struct RuleVerdict {
    /// Never marks a row that `unknown` marks.
    pub failed: Mask,
    /// Not decided: a cell the rule or its `where` reads did not parse, or the record is broken.
    pub unknown: Mask,
    /// The rows its `where` admits; `None` where it has none, so that all rows count.
    pub admitted: Option<Mask>,
    /// Why the rule could not be evaluated on this batch at all.
    pub not_evaluated: Option<String>,
}

impl RuleVerdict {
    /// Gives the verdicts of some of the rows, ascending.
    #[must_use]
    pub fn select(&self, rows: &Mask) -> Self {
        let select = |mask: &Mask| if mask.is_empty() { Mask::new(rows.count()) } else { mask.select(rows) };
        Self {
            failed: select(&self.failed),
            unknown: select(&self.unknown),
            admitted: self.admitted.as_ref().map(select),
            not_evaluated: self.not_evaluated.clone(),
        }
    }
}

impl Judge {
    /// Compiles the rules of a table. Where this build cannot evaluate expressions, their rules are not evaluated.
    ///
    /// # Errors
    /// Where a rule cannot be compiled, such as a pattern over the size limit.
    pub fn new(table: &Table, context: &Context) -> Result<Self> {
        let mut expressions = Vec::new();
        let mut plans = Vec::with_capacity(table.rules.len());
        for rule in &table.rules {
            let plan = Plan::new(rule, table, context, &mut expressions).map_err(|why| {
                let (line, column) = rule.place;
                let message =
                    format!("the rule `{}` (line {line}, column {column}) cannot be compiled: {why}", rule.id);
                Error::new(ErrorKind::Contract, message)
            })?;
            plans.push(plan);
        }
        let engine = if expressions.is_empty() {
            Engine::Idle
        } else {
            match Compiled::new(&expressions, table, context) {
                Ok(compiled) => Engine::Ready(compiled),
                Err(error) => Engine::Missing(error.to_string()),
            }
        };
        Ok(Self { table: table.clone(), plans, engine })
    }

    /// Judges a batch by all rules of scopes record, cell and row. Key and table rules get empty masks
    /// (`unknown` and `admitted` filled), to be decided elsewhere.
    ///
    /// A `where` has no say over the rules `record` and `type`: what cannot be read is never let through.
    #[must_use]
    pub fn judge(&self, batch: Batch) -> Judged {
        self.judge_only(batch, |_| true)
    }

    /// Judges a batch as [`Judge::judge`] does by some of the rules; the others get empty verdicts.
    #[must_use]
    pub fn judge_only(&self, batch: Batch, wanted: impl Fn(usize) -> bool) -> Judged {
        let asks = |(index, plan): (usize, &Plan)| wanted(index) && plan.has_expression();
        let values = match &self.engine {
            Engine::Ready(compiled) if self.plans.iter().enumerate().any(asks) => {
                compiled.evaluate(&batch).map_err(|error| error.to_string())
            }
            Engine::Idle | Engine::Ready(_) => Ok(Vec::new()),
            Engine::Missing(why) => Err(why.clone()),
        };
        let verdicts = self.verdicts(&batch, values.as_deref(), wanted);
        Judged { batch, verdicts }
    }

    /// Gives the verdicts, the values of all expressions known.
    fn verdicts(
        &self,
        batch: &Batch,
        values: Result<&[Tri], &String>,
        wanted: impl Fn(usize) -> bool,
    ) -> Vec<RuleVerdict> {
        let verdict = |(index, plan)| {
            if !wanted(index) {
                return RuleVerdict::default();
            }
            self.verdict(plan, batch, values).unwrap_or_else(|why| RuleVerdict {
                failed: Mask::new(batch.len()),
                unknown: Mask::new(batch.len()),
                admitted: None,
                not_evaluated: Some(why),
            })
        };
        self.plans.iter().enumerate().map(verdict).collect()
    }

    /// Gives the columns a rule cannot do without.
    #[must_use]
    pub fn needs(&self, rule: usize) -> &[usize] {
        self.plans.get(rule).map_or(&[], |plan| plan.needs.as_slice())
    }

    /// Gives the verdict of one rule, or says why it cannot be evaluated.
    fn verdict(
        &self,
        plan: &Plan,
        batch: &Batch,
        values: Result<&[Tri], &String>,
    ) -> std::result::Result<RuleVerdict, String> {
        if let Some(column) = plan.needs.iter().find(|column| batch.absent.get(**column).copied().unwrap_or(true)) {
            return Err(self.absence(batch, *column));
        }
        let value = |index: usize| {
            let values = values.map_err(Clone::clone)?;
            values.get(index).ok_or_else(|| "the expression engine gave no value".to_owned())
        };
        let mut failed = match &plan.test {
            Test::Record => batch.broken.clone(),
            Test::Type(column) => unparsed(batch, *column).cloned().unwrap_or_else(|| Mask::new(batch.len())),
            Test::Cell(cell) => cell.failed(batch)?,
            Test::Expression { index, nulls } => row::expression_failed(value(*index)?, *nulls),
            Test::When { when, then, nulls } => row::when_failed(value(*when)?, value(*then)?, *nulls),
            Test::Compare(compare) => compare.failed(batch)?,
            Test::AllNull => row::all_null(batch, &self.table)?,
            Test::Later => Mask::new(batch.len()),
        };
        let mut unknown = match plan.unknown {
            Unknown::Never => Mask::new(batch.len()),
            Unknown::Broken => batch.broken.clone(),
            Unknown::Unreadable => unreadable(batch, &plan.reads),
        };
        let mut admitted = None;
        if let Some((index, columns)) = &plan.condition {
            let undecided = unreadable(batch, columns);
            let mut rows = value(*index)?.truth.clone();
            rows.and_not(&undecided);
            failed.and(&rows);
            unknown.and(&rows);
            unknown.or(&undecided);
            admitted = Some(rows);
        }
        failed.and_not(&unknown);
        Ok(RuleVerdict { failed, unknown, admitted, not_evaluated: None })
    }

    /// Says why a file lacks a column.
    fn absence(&self, batch: &Batch, column: usize) -> String {
        let name = self.table.columns.get(column).map_or("?", |column| column.name.as_str());
        let json = matches!(batch.raw.body, Body::Json);
        match origins(&self.table, &batch.raw.file, json).get(column) {
            Some(Origin::Ambiguous) => format!("the file has more than one column `{name}`"),
            _ => format!("the file has no column `{name}`"),
        }
    }
}

fn unparsed(batch: &Batch, column: usize) -> Option<&Mask> {
    batch.unparsed.get(column).and_then(Option::as_ref)
}

/// Marks rows that are broken or have a cell among these columns that did not parse.
fn unreadable(batch: &Batch, columns: &[usize]) -> Mask {
    let mut mask = batch.broken.clone();
    for column in columns {
        if let Some(cells) = unparsed(batch, *column) {
            mask.or(cells);
        }
    }
    mask
}
