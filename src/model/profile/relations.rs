//! What was found between columns, rows and files.

use serde::{Deserialize, Serialize};

use crate::model::profile::Approx;

/// Rows that are equal in every column, NULLs included, by a 64-bit hash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Duplicates {
    /// Different rows.
    pub distinct: Approx,
    /// Rows that repeat an earlier one: rows less the different ones. Where it is estimated, from a sample of rows
    /// that holds all copies of each: `rel_err` is that of the count itself.
    pub repeated: Approx,
}

/// A column that could identify a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyCandidate {
    /// One name for now.
    pub columns: Vec<String>,
    /// Every value was compared (by a 64-bit hash); else only a sample of values, each with all its copies.
    pub exact: bool,
    /// Values that were looked at for copies.
    pub sampled: u64,
}

/// Two numeric columns that move together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    pub left: String,
    pub right: String,
    /// Pearson's coefficient, -1 to 1.
    pub pearson: f64,
    /// Spearman's rank coefficient, -1 to 1.
    pub spearman: f64,
    /// Rows it was computed from.
    pub rows: u64,
    /// One standard error of `pearson`; 0 where all rows were used.
    pub error: f64,
}

/// Columns that are NULL together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingPattern {
    /// The columns that are NULL; empty for complete rows.
    pub columns: Vec<String>,
    pub rows: u64,
}

/// A column whose values seem to come from another table's column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForeignKeyCandidate {
    pub table: String,
    pub column: String,
    pub parent_table: String,
    pub parent_column: String,
    /// The part of the child's different values that the parent has, 0 to 1, and how far it may be off.
    pub contained: f64,
    pub error: f64,
    /// Values compared.
    pub sampled: u64,
}
