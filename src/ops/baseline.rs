//! Baselines: what is broken today, so that tomorrow's gate fails on what is new.
//!
//! A violation is known by its rule's id and its record's bytes without the line ending. Lines may move and files be
//! renamed; a record that changes is a new one. Equal records are counted: a third copy of two known ones is new.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::frame::RawBatch;
use crate::frame::places::place;
use crate::frame::split::{PLACES, Reject};
use crate::model::baseline::{Baseline, KnownRule, SCHEMA};
use crate::model::binary::to_hex;
use crate::model::report::Place;
use crate::model::{Outcome, Report, Result, RuleReport, Severity};
use crate::ops::check::{CheckRequest, check_with};
use crate::ops::settings::Settings;

/// Checks, and gives all violations of `error` rules besides.
///
/// # Errors
/// As [`crate::ops::check::check`].
pub fn take(request: &CheckRequest<'_>, settings: &Settings) -> Result<(Report, Baseline)> {
    let mut rules: BTreeMap<String, KnownRule> = BTreeMap::new();
    let report = check_with(request, settings, &mut |_, raw, reject| {
        for violation in reject.violations.iter().filter(|violation| violation.severity == Severity::Error) {
            let rule = rules.entry(violation.rule.clone()).or_default();
            rule.failures += 1;
            *rule.records.entry(fingerprint(&violation.rule, raw, reject)).or_default() += 1;
        }
    })?;
    for rule in report.tables.iter().flat_map(|table| &table.rules) {
        if rule.outcome == Outcome::Failed && !rules.contains_key(&rule.id) {
            rules.insert(rule.id.clone(), KnownRule { failures: rule.failures, records: BTreeMap::new() });
        }
    }
    let baseline = Baseline { schema: SCHEMA.to_owned(), contract: request.contract.name.clone(), rules };
    Ok((report, baseline))
}

/// What a run found of a rule beside its baseline.
#[derive(Default)]
struct Compared {
    known: u64,
    new: u64,
    /// The first places that are new.
    places: Vec<Place>,
}

/// Checks; a rule fails only where it has violations that are not in the baseline.
///
/// # Errors
/// As [`crate::ops::check::check`].
pub fn check_against(request: &CheckRequest<'_>, settings: &Settings, baseline: &Baseline) -> Result<Report> {
    let mut left = baseline.rules.clone();
    let mut found: BTreeMap<String, Compared> = BTreeMap::new();
    let mut report = check_with(request, settings, &mut |_, raw, reject| {
        for violation in reject.violations.iter().filter(|violation| violation.severity == Severity::Error) {
            let compared = found.entry(violation.rule.clone()).or_default();
            let print = fingerprint(&violation.rule, raw, reject);
            let copies = left.get_mut(&violation.rule).and_then(|rule| rule.records.get_mut(&print));
            if let Some(copies) = copies.filter(|copies| **copies > 0) {
                *copies -= 1;
                compared.known += 1;
                continue;
            }
            compared.new += 1;
            if compared.places.len() < PLACES {
                compared.places.push(place(raw, reject.row, violation));
            }
        }
    })?;
    for rule in report.tables.iter_mut().flat_map(|table| &mut table.rules) {
        if rule.severity == Severity::Error && rule.failures > 0 && rule.outcome != Outcome::NotEvaluated {
            let known = baseline.rules.get(&rule.id);
            settle(rule, known, found.remove(&rule.id));
        }
    }
    report.passed = crate::ops::report::gate(&report.tables);
    Ok(report)
}

/// Decides a rule again, by what is new.
fn settle(rule: &mut RuleReport, baseline: Option<&KnownRule>, compared: Option<Compared>) {
    let before = baseline.map_or(0, |known| known.failures);
    let compared = compared.unwrap_or_else(|| {
        // A rule on the table has no records: it is known as far as its count was.
        let known = before.min(rule.failures);
        Compared { known, new: rule.failures - known, places: Vec::new() }
    });
    rule.known = Some(compared.known);
    if !compared.places.is_empty() {
        rule.places = compared.places;
    }
    let word = if compared.new == 0 {
        if rule.outcome == Outcome::Failed {
            rule.outcome = Outcome::Warned;
        }
        "the baseline holds all of it".to_owned()
    } else {
        format!("{} not in the baseline, which holds {}", compared.new, compared.known)
    };
    rule.note = Some(rule.note.take().map_or_else(|| word.clone(), |note| format!("{note}; {word}")));
}

/// Hashes rule and record to 16 hex digits: the first 64 bits of SHA-256. Records without text of their own (Parquet)
/// are known by file and number.
fn fingerprint(rule: &str, raw: &RawBatch, reject: &Reject) -> String {
    let mut hash = Sha256::new();
    hash.update(rule.as_bytes());
    hash.update([0]);
    match raw.records.get(reject.row) {
        Some(record) if record.len > 0 => hash.update(raw.record_text(reject.row).trim_ascii_end()),
        Some(record) => {
            hash.update(raw.file.path.as_bytes());
            hash.update(record.number.to_le_bytes());
        }
        None => {}
    }
    to_hex(&hash.finalize()[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(failures: u64) -> RuleReport {
        RuleReport { outcome: Outcome::Failed, failures, ..RuleReport::default() }
    }

    #[test]
    fn a_table_rule_is_known_as_far_as_its_count() {
        let known = KnownRule { failures: 2, ..KnownRule::default() };
        let mut same = rule(2);
        settle(&mut same, Some(&known), None);
        assert_eq!((same.outcome, same.known), (Outcome::Warned, Some(2)));
        let mut worse = rule(3);
        settle(&mut worse, Some(&known), None);
        assert_eq!((worse.outcome, worse.known), (Outcome::Failed, Some(2)));
        assert!(worse.note.unwrap().starts_with("1 not in the baseline"));
    }

    #[test]
    fn what_is_borne_stays_passed() {
        let mut borne = RuleReport { outcome: Outcome::Passed, ..rule(1) };
        settle(&mut borne, None, Some(Compared { new: 1, ..Compared::default() }));
        assert_eq!(borne.outcome, Outcome::Passed);
    }
}
