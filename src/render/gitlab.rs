//! The report as GitLab code quality (the Code Climate shape): one issue a broken rule, at the contract's line.
//!
//! Source: GitLab Docs, "Code Quality", section on custom tools. The fingerprint depends on contract and rule alone,
//! so a rule that stays broken is no new issue in the next run, whatever its line and counts.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::model::{Outcome, Report};
use crate::render::summary::{anchor, broken, fingerprint, position, sentence, wrong};

/// Writes a JSON array, the worst rules first.
#[must_use]
pub fn render(report: &Report) -> String {
    let issues: Vec<Value> = broken(report)
        .into_iter()
        .map(|(table, rule)| {
            let mut description = format!("{} {}", rule.id, sentence(table, rule));
            if let Some(place) = rule.places.first() {
                let _ = write!(description, ". First: {}: {}", position(place), wrong(place));
            }
            let severity = match rule.outcome {
                Outcome::NotEvaluated => "critical",
                Outcome::Failed => "major",
                Outcome::Warned | Outcome::Passed => "minor",
            };
            let names = [&report.contract[..], &rule.id];
            let (high, low) = (fingerprint(&names), fingerprint(&["gitlab", names[0], names[1]]));
            let (path, line) = anchor(report, rule).unwrap_or((&report.contract, 1));
            json!({
                "description": description,
                "check_name": rule.id,
                "fingerprint": format!("{high:016x}{low:016x}"),
                "severity": severity,
                "categories": ["Bug Risk"],
                "location": {"path": path, "lines": {"begin": line}},
            })
        })
        .collect();
    format!("{:#}\n", Value::from(issues))
}
