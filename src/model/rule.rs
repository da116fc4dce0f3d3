//! Rule: one check as written in a contract.

use serde::{Deserialize, Serialize};

use crate::model::check::Check;
use crate::model::contract::ColumnPath;
use crate::model::expr::Expression;

/// Holds one rule of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Stable and unique in the contract: `products.sku.unique`.
    pub id: String,
    /// The kind's name: `unique`.
    pub kind: &'static str,
    /// The kind's code: `K201`.
    pub code: &'static str,
    /// The columns it speaks of, in the order written; empty for rules on the whole row or table.
    pub columns: Vec<ColumnPath>,
    pub check: Check,
    pub severity: Severity,
    /// Rows for which this is not true are not judged.
    pub condition: Option<Expression>,
    pub max_failures: Option<Tolerance>,
    pub nulls: NullPolicy,
    pub description: Option<String>,
    /// Quality dimension, free text (ODCS: `accuracy`, `completeness`, …).
    pub dimension: Option<String>,
    /// What must hold, in words: `price is at least 0`.
    pub brief: String,
    /// What is wrong with a value that breaks it: `is below the minimum 0`.
    pub message: String,
    /// Line and column in the contract, both from 1.
    pub place: (u32, u32),
}

/// Decides what a broken rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The row is rejected.
    #[default]
    Error,
    /// The row is reported and stays clean.
    Warning,
}

/// What a rule makes of NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NullPolicy {
    #[default]
    Ignore,
    /// NULL (or an unknown comparison) breaks the rule.
    Fail,
}

/// How many failures a rule bears before its outcome turns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tolerance {
    Count(u64),
    /// A share of the records read, 0 to 1.
    Share(f64),
}

impl Tolerance {
    /// Tells whether so many failures among so many records are borne.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    pub fn bears(self, failures: u64, records: u64) -> bool {
        match self {
            Self::Count(limit) => failures <= limit,
            Self::Share(share) => failures == 0 || failures as f64 <= share * records as f64,
        }
    }
}

/// What the outside hands to a run: the library itself reads no clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// Days since 1970-01-01, UTC.
    pub today: i32,
    /// Microseconds since 1970-01-01, UTC.
    pub now: i64,
}
