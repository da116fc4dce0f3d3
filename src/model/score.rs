//! Score: what a check found of the faults that were planted. `docs/faults.md` says what counts as found.

use serde::{Deserialize, Serialize};

/// The version of the JSON form, `name/major`.
pub const SCHEMA: &str = "karat.score/1";

/// How many missed faults and false alarms a score names.
pub const PLACES: usize = 100;

/// Compares a manifest with what a check found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// [`SCHEMA`].
    pub schema: String,
    pub contract: String,
    /// Of the manifest.
    pub seed: u64,
    pub generator: u32,
    pub faults: FaultCounts,
    pub violations: ViolationCounts,
    /// One a kind of fault that was planted, by name.
    pub kinds: Vec<KindScore>,
    /// One a rule that should have found something or did, contract order.
    pub rules: Vec<RuleScore>,
    /// Detectable faults that nobody noticed, in the manifest's order: the first [`PLACES`].
    pub missed: Vec<MissedFault>,
    /// Violations where nothing was planted: the first [`PLACES`].
    pub extra: Vec<ExtraViolation>,
    /// What makes the score less than it seems, one sentence each.
    pub notes: Vec<String>,
}

/// Counts planted faults.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct FaultCounts {
    pub planted: u64,
    /// Those that a rule must notice.
    pub detectable: u64,
    /// Detectable, and some rule was broken at their place.
    pub found: u64,
    /// Detectable and not found.
    pub missed: u64,
    /// Not detectable for certain, and found all the same.
    pub found_beyond: u64,
    /// Found / detectable; absent where none is detectable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recall: Option<f64>,
}

/// Counts violations of rules that have places.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct ViolationCounts {
    /// At the place of a fault, or of the record a duplicate repeats.
    pub planted: u64,
    /// Elsewhere, since a fault makes other rows break rules that remember.
    pub consequences: u64,
    /// Elsewhere: false alarms.
    pub extra: u64,
    /// Planted / (planted + extra); absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<f64>,
}

/// What was found of one kind of fault, by any rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KindScore {
    pub kind: String,
    #[serde(flatten)]
    pub faults: FaultCounts,
}

/// What one rule found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleScore {
    pub rule: String,
    pub kind: String,
    /// Faults whose rule this is.
    pub planted: u64,
    /// Those at whose place it was broken.
    pub found: u64,
    pub missed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recall: Option<f64>,
    pub violations: ViolationCounts,
}

/// A detectable fault that no rule noticed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MissedFault {
    pub table: String,
    pub file: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    pub kind: String,
    pub rule: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clean: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dirty: Option<String>,
}

/// A violation at no planted place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExtraViolation {
    pub table: String,
    pub file: String,
    pub record: u64,
    pub offset: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    pub rule: String,
}

/// Gives a part of a whole; `None` where the whole is nothing.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
