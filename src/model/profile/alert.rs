//! Alerts: what a reader of a profile should look at first. Codes are never reused.

use serde::{Deserialize, Serialize};

use crate::model::profile::shape::Spot;

/// How much an alert matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertSeverity {
    /// Data is lost or wrong.
    Error,
    /// Probably not meant so.
    Warning,
    /// Worth knowing.
    Info,
}

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// `A403`, or the parse code of broken records.
    pub code: String,
    pub severity: AlertSeverity,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// In words, without a final stop: `1 value is text among numbers`.
    pub message: String,
    /// Values or records it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Spot>,
}

/// A sort of alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertKind {
    pub code: &'static str,
    pub severity: AlertSeverity,
    pub title: &'static str,
    /// What it means and what to do.
    pub page: &'static str,
}

const fn kind(code: &'static str, severity: AlertSeverity, title: &'static str, page: &'static str) -> AlertKind {
    AlertKind { code, severity, title, page }
}

/// Every sort of alert, by code.
pub const ALERTS: &[AlertKind] = &[
    kind(
        "A401",
        AlertSeverity::Warning,
        "mixed line endings",
        "Lines end in LF, CRLF or CR in one file: parts of it come from different systems. karat reads all three.",
    ),
    kind(
        "A402",
        AlertSeverity::Info,
        "a byte-order mark",
        "The file starts with a byte-order mark, which many readers take for a part of the first column's name.",
    ),
    kind(
        "A403",
        AlertSeverity::Warning,
        "mixed types",
        "Most values read as one type, and a few do not. The first of them is named: often a unit, a footnote, a\nspelling of NULL or a shifted row.",
    ),
    kind(
        "A404",
        AlertSeverity::Warning,
        "NULL in disguise",
        "Texts such as N/A, null or - stand where values are missing. Name them in `source: {null_values: [...]}`.",
    ),
    kind(
        "A405",
        AlertSeverity::Warning,
        "blanks around values",
        "Values start or end with blanks, so that they equal nothing without them.",
    ),
    kind("A406", AlertSeverity::Info, "a constant", "Every value is the same."),
    kind("A407", AlertSeverity::Info, "nothing but NULL", "The column has no value at all."),
    kind(
        "A408",
        AlertSeverity::Warning,
        "outliers",
        "Some numbers lie beyond three times the distance of the quartiles from the nearest of them.",
    ),
    kind(
        "A409",
        AlertSeverity::Info,
        "zeros in front",
        "Digits with zeros in front are codes, not numbers: read as numbers they lose the zeros. Make the type `string`.",
    ),
    kind("A410", AlertSeverity::Warning, "duplicated rows", "Some rows are equal to an earlier one in every column."),
    kind(
        "A411",
        AlertSeverity::Warning,
        "almost unique",
        "Nearly every value stands once, and a few repeat: often a key with duplicates.",
    ),
    kind(
        "A412",
        AlertSeverity::Warning,
        "dates in several formats",
        "Dates are written in more than one way; some may read as another day in the wrong one.",
    ),
    kind(
        "A413",
        AlertSeverity::Info,
        "a gap in time",
        "There is a stretch without values that is much longer than the usual step.",
    ),
    kind(
        "A414",
        AlertSeverity::Info,
        "stand-in dates",
        "Dates such as 9999-12-31 or 1900-01-01 usually mean that the date is not known.",
    ),
    kind(
        "A415",
        AlertSeverity::Info,
        "personal data",
        "The values look like personal data; they are masked in every output unless --unmask is given.",
    ),
    kind(
        "A416",
        AlertSeverity::Warning,
        "control characters",
        "Values hold control characters or line breaks, which other programs may cut or refuse.",
    ),
    kind(
        "A417",
        AlertSeverity::Info,
        "a strong correlation",
        "Two columns move together almost perfectly: one may be computed from the other.",
    ),
    kind("A418", AlertSeverity::Warning, "mostly NULL", "More than half of the values are missing."),
    kind(
        "A419",
        AlertSeverity::Warning,
        "one name twice",
        "The header names two columns alike; contracts and databases need one name a column.",
    ),
    kind(
        "A420",
        AlertSeverity::Error,
        "broken records",
        "Some records could not be read. They are counted and located, and take no part in the statistics.",
    ),
    kind(
        "A421",
        AlertSeverity::Warning,
        "another type than the contract's",
        "The values read as another type than the contract names.",
    ),
];

impl AlertKind {
    /// Finds a sort of alert by its code.
    #[must_use]
    pub fn find(code: &str) -> Option<&'static Self> {
        ALERTS.iter().find(|kind| kind.code.eq_ignore_ascii_case(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_ascend() {
        assert!(ALERTS.windows(2).all(|pair| pair[0].code < pair[1].code));
        assert_eq!(AlertKind::find("a403").unwrap().title, "mixed types");
    }
}
