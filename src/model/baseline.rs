//! Baseline: the violations a team knows of and lives with, so that a gate fails on new ones only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The version of the JSON form, `name/major`.
pub const SCHEMA: &str = "karat.baseline/1";

/// Holds the violations of `error` rules that were there when the baseline was made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// [`SCHEMA`].
    pub schema: String,
    /// The contract's name.
    pub contract: String,
    /// By rule id.
    pub rules: BTreeMap<String, KnownRule>,
}

/// What is known of one rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownRule {
    /// Violations in all.
    pub failures: u64,
    /// Fingerprints of the records that broke it, each with how many such records there were. Empty for rules on a
    /// table, which have no records.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub records: BTreeMap<String, u64>,
}

impl Baseline {
    /// Writes it as JSON, sorted, one fingerprint a line, with a final newline.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Text and counts only, which serde_json always writes.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Reads it back.
    ///
    /// # Errors
    /// In words, where the text is no baseline, or one of a version this karat does not know.
    pub fn parse(text: &str) -> Result<Self, String> {
        let read: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if read.schema == SCHEMA {
            Ok(read)
        } else {
            Err(format!("its schema is {:?}, and this karat reads {SCHEMA}", read.schema))
        }
    }
}
