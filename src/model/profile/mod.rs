//! Profile: what is in some files, as plain data. Its JSON form is versioned and, but for `run`, depends on the data
//! alone: the same bytes for any number of threads.
//!
//! | part | file |
//! |---|---|
//! | what all of it hangs on, tables | `mod.rs` |
//! | one column | `column.rs` |
//! | broken records, line endings | `shape.rs` |
//! | duplicates, keys, correlations, missing values | `relations.rs` |
//! | alerts and their codes | `alert.rs` |
//! | two profiles compared | `drift.rs` |

pub mod alert;
pub mod column;
pub mod drift;
pub mod relations;
pub mod shape;

use serde::{Deserialize, Serialize};

use crate::model::report::{FileReport, RunReport};

pub use alert::{ALERTS, Alert, AlertKind, AlertSeverity};
pub use column::{
    Bin, ColumnProfile, DateFormat, Dates, FreeText, Gap, Histogram, Lengths, Mask, NullSpelling, Outliers, Personal,
    Quantile, Quantiles, SemanticType, Sighting, TopValue, TopValues, TypeCount, Zeros,
};
pub use drift::{ColumnDrift, Drift, DriftFinding, TableDrift};
pub use relations::{Correlation, Duplicates, ForeignKeyCandidate, KeyCandidate, MissingPattern};
pub use shape::{LineEndings, Shape, ShapeFinding, Spot};

/// The version of the JSON form, `name/major`.
pub const SCHEMA: &str = "karat.profile/1";

/// Holds what was found in one or more tables.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// [`SCHEMA`].
    pub schema: String,
    /// In the order they were named.
    pub tables: Vec<TableProfile>,
    /// Columns whose values seem to come from another table's, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreign_keys: Vec<ForeignKeyCandidate>,
    /// What the run wants to say besides, one sentence each.
    #[serde(default)]
    pub notes: Vec<String>,
    /// What differs between two equal runs; never compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunReport>,
}

/// What was found in the files of one table. `records = rows + malformed`, always.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TableProfile {
    /// The contract's table, or the file's name without its endings.
    pub name: String,
    /// `csv`, `ndjson`, `json` or `parquet`.
    pub format: String,
    /// How CSV was read; absent for other formats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialect: Option<DialectReport>,
    pub files: Vec<FileReport>,
    /// Decoded bytes of all files.
    pub bytes: u64,
    pub records: u64,
    /// Records that could be read: the statistics are over these.
    pub rows: u64,
    pub malformed: u64,
    pub shape: Shape,
    /// In the order of the file; nested values by path, a list's elements as `basket[].price`.
    pub columns: Vec<ColumnProfile>,
    /// Absent where rows could not be compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicates: Option<Duplicates>,
    /// Columns that could identify a row, best first.
    pub keys: Vec<KeyCandidate>,
    /// The strongest pairs of numeric columns, at most [`TableProfile::PAIRS`].
    pub correlations: Vec<Correlation>,
    /// Which columns are NULL together, most frequent first, at most [`TableProfile::PATTERNS`].
    pub missing: Vec<MissingPattern>,
    /// Worst first.
    pub alerts: Vec<Alert>,
    /// What was left out, and why.
    pub not_computed: Vec<NotComputed>,
    /// What `merge` and `drift` go on from: counts and sketches, for karat only. Reports leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<serde_json::Value>,
}

impl TableProfile {
    /// Correlations that a profile names.
    pub const PAIRS: usize = 10;
    /// Patterns of missing values that a profile names.
    pub const PATTERNS: usize = 10;

    /// Finds a column by its name or path.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnProfile> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// How CSV was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialectReport {
    /// One character.
    pub delimiter: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    pub header: bool,
    /// `utf-8`, `utf-16le`, `utf-16be` or `latin1`.
    pub encoding: String,
    /// Who said so: `contract`, `sniffed`, `default`.
    pub from: String,
}

/// A number and how far off it may be.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Approx {
    pub value: u64,
    /// One standard deviation, as a part of the value; 0 where it is exact.
    pub rel_err: f64,
    /// `exact`, or the sketch: `bottom65536` (the smallest 65,536 hashes).
    pub method: String,
}

impl Approx {
    /// Makes a number that is no estimate.
    #[must_use]
    pub fn exact(value: u64) -> Self {
        Self { value, rel_err: 0.0, method: "exact".to_owned() }
    }

    /// Tells whether the number is exact.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.rel_err <= 0.0
    }
}

/// Something a profile usually holds and this one does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotComputed {
    /// `correlations`, `quantiles of basket[].note` …
    pub what: String,
    pub reason: String,
}

/// Leaves the states out: what a report embeds.
#[must_use]
pub fn without_state(profile: &Profile) -> Profile {
    let mut profile = profile.clone();
    for table in &mut profile.tables {
        table.state = None;
    }
    profile
}
