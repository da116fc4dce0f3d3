//! What changed between two profiles, as text and as JSON.

use std::fmt::Write;

use crate::model::profile::{Drift, DriftFinding};
use crate::render::text::{Style, clean, thousands};

/// Writes the drift as JSON, indented, with a final newline.
#[must_use]
pub fn json(drift: &Drift) -> String {
    let mut text = serde_json::to_string_pretty(drift).unwrap_or_default();
    text.push('\n');
    text
}

/// Writes the drift for people: findings first, then every column that moved, or all of them if `verbose`.
#[must_use]
pub fn text(drift: &Drift, style: Style) -> String {
    let mut out = String::new();
    for finding in &drift.findings {
        line(&mut out, finding, style);
    }
    for table in &drift.tables {
        let _ = writeln!(
            out,
            "{}  {} → {} rows",
            style.paint("1", &clean(&table.table)),
            thousands(table.rows_before),
            thousands(table.rows_after)
        );
        for finding in &table.findings {
            line(&mut out, finding, style);
        }
        let moved = |value: Option<f64>| value.is_some_and(|value| value >= 0.01);
        let shown: Vec<_> =
            table.columns.iter().filter(|column| style.verbose || moved(column.psi) || moved(column.ks)).collect();
        if !shown.is_empty() {
            let widest =
                shown.iter().map(|column| clean(&column.column).chars().count()).max().unwrap_or(6).clamp(6, 28);
            let _ = writeln!(out, "  {:<widest$}  {:>7}  {:>7}  null% before → after", "column", "psi", "ks");
            for column in shown {
                let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
                let name: String = clean(&column.column).chars().take(widest).collect();
                let _ = writeln!(
                    out,
                    "  {name:<widest$}  {:>7}  {:>7}  {:.2} → {:.2}",
                    number(column.psi),
                    number(column.ks),
                    column.null_share_before * 100.0,
                    column.null_share_after * 100.0,
                );
            }
        }
    }
    let findings = drift.tables.iter().map(|table| table.findings.len()).sum::<usize>() + drift.findings.len();
    let failed =
        drift.tables.iter().flat_map(|table| &table.findings).chain(&drift.findings).filter(|f| f.fails).count();
    let last = match (findings, failed) {
        (0, _) => "Nothing to speak of changed.".to_owned(),
        (_, 0) => format!("{findings} changed, no limit passed."),
        _ => format!("{findings} changed, {failed} beyond a limit."),
    };
    let _ = writeln!(out, "{}", style.paint(if drift.passed { "1;32" } else { "1;31" }, &last));
    out
}

fn line(out: &mut String, finding: &DriftFinding, style: Style) {
    let mark = if finding.fails { style.paint("1;31", "✗") } else { style.paint("33", "!") };
    let of = finding.column.as_ref().map_or_else(String::new, |column| format!("{}: ", clean(column)));
    let _ = writeln!(out, "{mark} {of}{}", clean(&finding.message));
}
