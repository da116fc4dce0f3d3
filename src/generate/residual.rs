//! Groups: columns that row rules tie together, and those rules, asked of the rows as they are drawn.

use std::sync::Arc;

use arrow_array::{ArrayRef, NullArray};

use crate::frame::expr::Tri;
use crate::frame::judge::row::{expression_failed, when_failed};
use crate::frame::{Judge, Mask};
use crate::generate::formula::Formula;
use crate::generate::judging;
use crate::model::{Check, Context, NullPolicy, Result, RowTest, Rule, Table};

/// Columns and the rules that only drawing anew can meet.
#[derive(Debug)]
pub struct Group {
    /// Ascending.
    pub columns: Vec<usize>,
    width: usize,
    judge: Judge,
    rules: Vec<Residual>,
}

/// One rule.
#[derive(Debug)]
struct Residual {
    name: String,
    test: Test,
    condition: Option<Formula>,
    nulls: NullPolicy,
}

#[derive(Debug)]
enum Test {
    /// The rule with this number of the judge.
    Judged(usize),
    Expression(Formula),
    When(Formula, Formula),
}

impl Group {
    /// Prepares the rules of a group.
    ///
    /// # Errors
    /// In words, where a rule cannot be compiled.
    pub fn new(table: &Table, columns: Vec<usize>, rules: &[&Rule], context: &Context) -> Result<Self, String> {
        let mut judged = Table { rules: Vec::new(), ..table.clone() };
        let formula = |expression: &crate::model::Expression| Formula::new(&expression.root, context);
        let mut residual = Vec::with_capacity(rules.len());
        for rule in rules {
            let test = match &rule.check {
                Check::Row(RowTest::Expression(expression)) => Test::Expression(formula(expression)),
                Check::Row(RowTest::When { when, then }) => Test::When(formula(when), formula(then)),
                _ => {
                    judged.rules.push(Rule { condition: None, ..(*rule).clone() });
                    Test::Judged(judged.rules.len() - 1)
                }
            };
            let condition = rule.condition.as_ref().map(formula);
            residual.push(Residual { name: judging::named(rule), test, condition, nulls: rule.nulls });
        }
        let judge = Judge::new(&judged, context).map_err(|error| error.to_string())?;
        Ok(Self { columns, width: table.columns.len(), judge, rules: residual })
    }

    /// Gives the rows that break a rule, ascending. The arrays are those of the group's columns.
    ///
    /// # Errors
    /// Where a rule cannot be evaluated.
    pub fn failing(&self, arrays: &[ArrayRef], rows: usize) -> Result<Vec<u32>> {
        let mut failed = Mask::new(rows);
        for (_, broken) in self.masks(arrays, rows) {
            failed.or(&broken);
        }
        Ok(failed.rows().filter_map(|row| u32::try_from(row).ok()).collect())
    }

    /// Names the rules that some row breaks.
    #[must_use]
    pub fn broken(&self, arrays: &[ArrayRef], rows: usize) -> String {
        let names: Vec<&str> =
            self.masks(arrays, rows).into_iter().filter(|(_, broken)| broken.any()).map(|(name, _)| name).collect();
        names.join(" and ")
    }

    /// Gives the rows that break each rule, in the order of the rules, each with the rule's name. The arrays are those of
    /// the group's columns.
    #[must_use]
    pub fn masks(&self, arrays: &[ArrayRef], rows: usize) -> Vec<(&str, Mask)> {
        let nothing: ArrayRef = Arc::new(NullArray::new(rows));
        let mut columns = vec![nothing; self.width];
        for (column, array) in self.columns.iter().zip(arrays) {
            if let Some(place) = columns.get_mut(*column) {
                *place = array.clone();
            }
        }
        let verdicts = judging::verdicts(&self.judge, columns.clone(), rows);
        let value = |formula: &Formula| -> Tri {
            let read: Vec<ArrayRef> =
                formula.columns().iter().filter_map(|column| columns.get(*column).cloned()).collect();
            formula.tri(&read, rows)
        };
        let mask = |rule: &Residual| {
            let mut failed = match &rule.test {
                Test::Judged(index) => {
                    verdicts.get(*index).map_or_else(|| Mask::new(rows), |verdict| verdict.failed.clone())
                }
                Test::Expression(formula) => expression_failed(&value(formula), rule.nulls),
                Test::When(when, then) => when_failed(&value(when), &value(then), rule.nulls),
            };
            if let Some(condition) = &rule.condition {
                failed.and(&value(condition).truth);
            }
            failed
        };
        self.rules.iter().map(|rule| (rule.name.as_str(), mask(rule))).collect()
    }
}
