//! Drift: what changed between two profiles.

use serde::{Deserialize, Serialize};

/// The version of the JSON form, `name/major`.
pub const SCHEMA: &str = "karat.drift/1";

/// Compares two profiles.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    /// [`SCHEMA`].
    pub schema: String,
    /// Whether every limit was kept (exit 0).
    pub passed: bool,
    /// Tables of both, in the order of the first profile.
    pub tables: Vec<TableDrift>,
    /// Tables that only one of them has, and the like.
    pub findings: Vec<DriftFinding>,
}

/// One limit that was passed, or one change worth knowing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftFinding {
    /// `volume`, `column_added`, `column_lost`, `type`, `nulls`, `psi`, `ks`, `categories`.
    pub what: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// In words, without a final stop.
    pub message: String,
    /// It passed a limit, so that the gate fails.
    pub fails: bool,
}

/// What changed in one table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TableDrift {
    pub table: String,
    pub rows_before: u64,
    pub rows_after: u64,
    pub columns: Vec<ColumnDrift>,
    pub findings: Vec<DriftFinding>,
}

/// What changed in one column of both.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ColumnDrift {
    pub column: String,
    pub type_before: String,
    pub type_after: String,
    pub null_share_before: f64,
    pub null_share_after: f64,
    pub distinct_before: u64,
    pub distinct_after: u64,
    /// Population stability index over tenths of the first (or its values, where they are few): below 0.1 is stable,
    /// above 0.25 is another distribution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub psi: Option<f64>,
    /// The largest distance of the two distribution functions (Kolmogorov and Smirnov), 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ks: Option<f64>,
    /// Values that only the second has, most frequent first, at most ten.
    pub new_values: Vec<String>,
    /// Values that only the first has, most frequent first, at most ten.
    pub lost_values: Vec<String>,
}
