//! A score as text and as JSON.

use std::fmt::Write as _;

use crate::model::Score;
use crate::render::text::{Style, clean, counted, layout, short, thousands};

/// How many missed faults and false alarms the text names.
const SHOWN: usize = 10;

/// Renders a score for a terminal.
#[must_use]
pub fn text(score: &Score, style: Style) -> String {
    let mut out = String::new();
    let faults = &score.faults;
    let _ = writeln!(
        out,
        "score: {}  {} planted (seed {}), {} detectable, {} found, {} missed",
        clean(&score.contract),
        counted(faults.planted, "fault"),
        score.seed,
        thousands(faults.detectable),
        thousands(faults.found),
        thousands(faults.missed),
    );
    let violations = &score.violations;
    let _ = writeln!(
        out,
        "recall {}  precision {}  ({} at planted places, {} consequences, {} extra)\n",
        share(faults.recall),
        share(violations.precision),
        counted(violations.planted, "violation"),
        thousands(violations.consequences),
        thousands(violations.extra),
    );
    kinds(&mut out, score, style);
    rules(&mut out, score, style);
    missed(&mut out, score);
    extra(&mut out, score);
    for note in &score.notes {
        let _ = writeln!(out, "note: {}", clean(note));
    }
    out
}

fn kinds(out: &mut String, score: &Score, style: Style) {
    if score.kinds.is_empty() {
        return;
    }
    let header = ["kind", "planted", "detectable", "found", "missed", "beyond", "recall"];
    let rows: Vec<Vec<String>> = score
        .kinds
        .iter()
        .map(|kind| {
            let counts = &kind.faults;
            let mut row = vec![clean(&kind.kind)];
            let numbers = [counts.planted, counts.detectable, counts.found, counts.missed, counts.found_beyond];
            row.extend(numbers.map(thousands));
            row.push(share(counts.recall));
            row
        })
        .collect();
    out.push_str(&layout(&header, &rows, style, 1));
    out.push('\n');
}

fn rules(out: &mut String, score: &Score, style: Style) {
    if score.rules.is_empty() {
        return;
    }
    let header = ["rule", "planted", "found", "missed", "extra", "recall", "precision"];
    let rows: Vec<Vec<String>> = score
        .rules
        .iter()
        .map(|rule| {
            let mut row = vec![clean(&rule.rule)];
            row.extend([rule.planted, rule.found, rule.missed, rule.violations.extra].map(thousands));
            row.extend([share(rule.recall), share(rule.violations.precision)]);
            row
        })
        .collect();
    out.push_str(&layout(&header, &rows, style, 1));
    out.push('\n');
}

fn missed(out: &mut String, score: &Score) {
    if score.missed.is_empty() {
        return;
    }
    let _ = writeln!(out, "nobody noticed:");
    for fault in score.missed.iter().take(SHOWN) {
        let _ = write!(out, "  {} {}", clean(&fault.kind), clean(&fault.file));
        if let (Some(line), Some(offset)) = (fault.line, fault.offset) {
            let _ = write!(out, " line {}, byte {}", thousands(line), thousands(offset));
        }
        if let Some(column) = &fault.column {
            let _ = write!(out, ": {}", clean(column));
        }
        let value = |text: &Option<String>| {
            text.as_ref().map_or("NULL".to_owned(), |text| format!("\"{}\"", short(&clean(text), 40)))
        };
        if fault.clean.is_some() || fault.dirty.is_some() {
            let _ = write!(out, " {} became {}", value(&fault.clean), value(&fault.dirty));
        }
        let _ = writeln!(out, "; {} should have", clean(&fault.rule));
    }
    more(out, score.faults.missed, score.missed.len());
}

fn extra(out: &mut String, score: &Score) {
    if score.extra.is_empty() {
        return;
    }
    let _ = writeln!(out, "nothing was planted at:");
    for violation in score.extra.iter().take(SHOWN) {
        let (file, rule) = (clean(&violation.file), clean(&violation.rule));
        let (record, offset) = (thousands(violation.record), thousands(violation.offset));
        let _ = writeln!(out, "  {file} record {record}, byte {offset}: {rule}");
    }
    more(out, score.violations.extra, score.extra.len());
}

fn more(out: &mut String, all: u64, listed: usize) {
    let shown = listed.min(SHOWN) as u64;
    if all > shown {
        let _ = writeln!(out, "  … and {} more", thousands(all - shown));
    }
    out.push('\n');
}

/// Writes a share in percent; only what is whole is shown as 100.
fn share(share: Option<f64>) -> String {
    match share {
        None => "-".to_owned(),
        Some(share) if share < 1.0 => format!("{:.1}%", (share * 100.0).min(99.9)),
        Some(_) => "100%".to_owned(),
    }
}

/// Renders a score as JSON, indented, with a final newline.
#[must_use]
pub fn json(score: &Score) -> String {
    // A score holds text, counts and finite shares only, which serde_json always writes.
    let mut text = serde_json::to_string_pretty(score).unwrap_or_default();
    text.push('\n');
    text
}

/// Renders a score without colour in 80 columns.
#[must_use]
pub fn plain(score: &Score) -> String {
    text(score, Style::plain())
}
