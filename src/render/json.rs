//! The report as JSON: versioned, and the same bytes for the same data but for the part `run`.

use crate::model::Report;

/// Writes the whole report, indented, with a final newline.
#[must_use]
pub fn render(report: &Report) -> String {
    // A report holds text, counts and finite seconds only, which serde_json always writes.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}

/// Reads a report back.
///
/// # Errors
/// Those of `serde_json`, where the text is no report.
pub fn parse(text: &str) -> Result<Report, serde_json::Error> {
    serde_json::from_str(text)
}

/// Writes the part that two runs over the same data share: all but `run`.
#[must_use]
pub fn comparable(report: &Report) -> String {
    render(&Report { run: None, ..report.clone() })
}
