//! What the forms for machines say alike: which rules to tell of, in which order, and in which words.

use std::cmp::Reverse;
use std::fmt::Write;

use crate::model::temporal::Pattern;
use crate::model::{DataType, Outcome, Place, Report, RuleReport, Severity, TableReport};
use crate::render::text::{clean, counted, share, short, thousands};

/// How much of a value a report shows.
pub const VALUE: usize = 80;

/// Walks every rule with its table, contract order.
pub fn rules(report: &Report) -> impl Iterator<Item = (&TableReport, &RuleReport)> {
    report.tables.iter().flat_map(|table| table.rules.iter().map(move |rule| (table, rule)))
}

/// Counts the rules with an outcome.
#[must_use]
pub fn count(report: &Report, outcome: Outcome) -> usize {
    rules(report).filter(|(_, rule)| rule.outcome == outcome).count()
}

/// Gives the rules that did not pass, the worst first: not evaluated, failed, warned; then by failures.
#[must_use]
pub fn broken(report: &Report) -> Vec<(&TableReport, &RuleReport)> {
    let mut found: Vec<_> = rules(report).filter(|(_, rule)| rule.outcome != Outcome::Passed).collect();
    found.sort_by_key(|(_, rule)| (rank(rule.outcome), Reverse(rule.failures)));
    found
}

/// Orders outcomes, the worst first.
#[must_use]
pub const fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::NotEvaluated => 0,
        Outcome::Failed => 1,
        Outcome::Warned => 2,
        Outcome::Passed => 3,
    }
}

/// Gives an outcome's mark and word; the mark alone tells them apart without colour.
#[must_use]
pub const fn mark(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Passed => ("✓", "passed"),
        Outcome::Warned => ("!", "warned"),
        Outcome::Failed => ("✗", "failed"),
        Outcome::NotEvaluated => ("?", "not evaluated"),
    }
}

/// Gives the word of a severity.
#[must_use]
pub const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// Tells whether a rule speaks of the table as a whole, so that its failures are no records.
#[must_use]
pub fn is_about_table(rule: &RuleReport) -> bool {
    rule.code.starts_with('T')
}

/// Says what became of a rule, in one sentence without a final stop: `3 of 1,000 records break it (0.30%)`.
#[must_use]
pub fn finding(table: &TableReport, rule: &RuleReport) -> String {
    let note = rule.note.as_deref().map(clean);
    if rule.outcome == Outcome::NotEvaluated {
        return format!("not evaluated: {}", note.unwrap_or_else(|| "no reason was given".to_owned()));
    }
    let observed = rule.observed.as_deref().map(|observed| format!("observed {}", clean(observed)));
    let mut parts = Vec::new();
    if is_about_table(rule) {
        parts.extend(note.or(observed));
    } else if rule.failures > 0 {
        let verb = if rule.failures == 1 { "breaks" } else { "break" };
        let (failures, records) = (thousands(rule.failures), counted(table.records, "record"));
        parts.push(format!("{failures} of {records} {verb} it ({})", share(rule.failures, table.records)));
        parts.extend(note);
    }
    if parts.is_empty() {
        let holds = if rule.failures == 0 { "holds" } else { "is broken" };
        parts.push(holds.to_owned());
    }
    parts.join("; ")
}

/// Says what must hold and what became of it: `email is required: 3 of 1,000 records break it (0.30%)`.
#[must_use]
pub fn sentence(table: &TableReport, rule: &RuleReport) -> String {
    format!("{}: {}", clean(&rule.brief), finding(table, rule))
}

/// Says where a place is: `orders.csv line 43, column 12, byte 3127`.
#[must_use]
pub fn position(place: &Place) -> String {
    let file = shown_file(&place.file);
    match (&place.cell, place.line) {
        (Some(cell), _) => format!("{file} line {}, column {}, byte {}", cell.line, cell.column, cell.offset),
        (None, 0) => format!("{file} record {}", place.record),
        (None, line) => format!("{file} line {line}, byte {}", place.offset),
    }
}

/// Says what is wrong at a place: `email "a.example.com" is no address`.
#[must_use]
pub fn wrong(place: &Place) -> String {
    let mut text = place.column.as_deref().map(|column| clean(column) + " ").unwrap_or_default();
    if let Some(value) = value(place) {
        let _ = write!(text, "\"{value}\" ");
    }
    text + &clean(&place.message)
}

/// Gives the value at a place, harmless and cut; `None` where there is none to show.
#[must_use]
pub fn value(place: &Place) -> Option<String> {
    place.value.as_deref().filter(|value| !value.is_empty()).map(|value| short(&clean(value), VALUE))
}

/// Gives a file's name as people know it.
#[must_use]
pub fn shown_file(path: &str) -> String {
    if path == "-" { "standard input".to_owned() } else { clean(path) }
}

/// Gives a path as CI services want it: relative, without `./`.
#[must_use]
pub fn plain_path(path: &str) -> &str {
    let mut path = path;
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/');
    }
    path
}

/// Writes a path as a URI reference (RFC 3986): what is not unreserved is percent-encoded, byte by byte.
#[must_use]
pub fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    if path.starts_with('/') {
        out.push_str("file://");
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/=+@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Gives where an annotation of a rule stands: the contract's path and line, else the first place's. The data is
/// seldom part of a change under review, the contract mostly is.
#[must_use]
pub fn anchor<'a>(report: &'a Report, rule: &'a RuleReport) -> Option<(&'a str, u64)> {
    let contract = report.run.as_ref().and_then(|run| run.contract_file.as_deref());
    match (contract, rule.places.first()) {
        (Some(file), _) => Some((plain_path(file), u64::from(rule.contract_line.max(1)))),
        (None, Some(place)) if place.file != "-" => Some((plain_path(&place.file), place.line.max(1))),
        (None, _) => None,
    }
}

/// Gives a number that stays the same for a rule from run to run, whatever its line and counts: 64 bits of FNV-1a
/// (Fowler, Noll, Vo) over the parts.
#[must_use]
pub fn fingerprint(parts: &[&str]) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for part in parts {
        for byte in part.bytes().chain([0xFF]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3);
        }
    }
    hash
}

/// Reads an RFC 3339 moment in UTC, as microseconds since 1970.
#[must_use]
pub fn moment(text: &str) -> Option<i64> {
    Pattern::default_for(&DataType::Timestamp).timestamp(text.trim_end_matches('Z').as_bytes())
}

/// The version of karat that made the report, where it is known.
#[must_use]
pub fn version(report: &Report) -> &str {
    report.run.as_ref().map_or(env!("CARGO_PKG_VERSION"), |run| run.karat_version.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_plain() {
        assert_eq!(plain_path("././/a/b"), "a/b");
        assert_eq!(plain_path("/a"), "/a");
        assert_eq!(plain_path(".hidden"), ".hidden");
    }

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("data/d=1/ä b.csv"), "data/d=1/%C3%A4%20b.csv");
        assert_eq!(uri("/tmp/a:b"), "file:///tmp/a%3Ab");
        assert_eq!(uri("javascript:alert(1)"), "javascript%3Aalert%281%29");
    }

    #[test]
    fn parts_of_a_fingerprint_do_not_run_together() {
        assert_ne!(fingerprint(&["ab", "c"]), fingerprint(&["a", "bc"]));
        assert_eq!(fingerprint(&["a"]), fingerprint(&["a"]));
    }

    #[test]
    fn moments_are_read() {
        assert_eq!(moment("1970-01-01T00:00:01.5Z"), Some(1_500_000));
        assert_eq!(moment("noon"), None);
    }

    #[test]
    fn a_table_rule_tells_what_was_observed() {
        let table = TableReport { records: 1000, ..TableReport::default() };
        let mut rule = RuleReport { code: "T301".to_owned(), failures: 1, ..RuleReport::default() };
        rule.outcome = Outcome::Failed;
        rule.observed = Some("0 rows".to_owned());
        assert_eq!(finding(&table, &rule), "observed 0 rows");
        rule.code = "R101".to_owned();
        assert_eq!(finding(&table, &rule), "1 of 1,000 records breaks it (0.10%)");
        rule.failures = 0;
        assert_eq!(finding(&table, &rule), "holds");
    }
}
