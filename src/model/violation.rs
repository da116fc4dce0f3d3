//! Violation: one broken rule at one place.

use serde::{Deserialize, Serialize};

use crate::model::parse_code::ParseCode;

/// Describes why a record was refused (or warned about) by one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// The rule's id.
    pub rule: String,
    /// The parse code where a cell or record could not be read, else the kind's code.
    pub code: String,
    /// Column or element: `basket[1].price`; absent for rules on the whole record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The value as it stood in the file, decoded, at most 200 characters; masked for `pii`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    pub message: String,
    pub severity: crate::model::rule::Severity,
}

/// What a reader or parser found wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    pub code: ParseCode,
    /// Byte offset of the trouble from the start of the record's original bytes, where one is known.
    pub at: Option<u64>,
    /// In words, without a final stop: `field 2 opens a quote that is never closed`.
    pub detail: String,
}
