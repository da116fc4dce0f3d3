//! The conformance suite: `fixtures/conformance/<case>/` holds a contract, data and the verdicts that every way of
//! running must give. `expected.txt` is written by hand:
//!
//! ```text
//! # why
//! t.amount.maximum failed 2 5      outcome, then the records that broke the rule
//! t.name.unique passed
//! rejected t 2 5                   exactly the refused records of a table
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use karat::model::{Outcome, Report};
use karat::ops::load::Mode;

use crate::support::{Folder, contract, project, run_check, run_load, settings};

fn cases(below: &str) -> Vec<PathBuf> {
    let root = project().join("fixtures").join(below);
    let mut cases: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.is_dir());
    cases.sort();
    cases
}

/// The records of each rule and the refused records of each table, from the reasons on disk.
fn verdicts(rejects: &Folder) -> (BTreeMap<String, Vec<u64>>, BTreeMap<String, Vec<u64>>) {
    let (mut rules, mut tables) = (BTreeMap::<_, Vec<u64>>::new(), BTreeMap::<_, Vec<u64>>::new());
    for name in rejects.files().iter().filter(|name| name.ends_with(".reasons.ndjson")) {
        let table = name.rsplit('/').next().unwrap().trim_end_matches(".reasons.ndjson").to_owned();
        for line in rejects.text(name).lines() {
            let reason: serde_json::Value = serde_json::from_str(line).unwrap();
            let record = reason["record"].as_u64().unwrap();
            tables.entry(table.clone()).or_default().push(record);
            for violation in reason["violations"].as_array().unwrap() {
                rules.entry(violation["rule"].as_str().unwrap().to_owned()).or_default().push(record);
            }
        }
    }
    (rules, tables)
}

fn outcome(text: &str) -> Outcome {
    match text {
        "passed" => Outcome::Passed,
        "warned" => Outcome::Warned,
        "failed" => Outcome::Failed,
        "not_evaluated" => Outcome::NotEvaluated,
        other => panic!("no outcome is called {other}"),
    }
}

fn compare(case: &Path, how: &str, report: &Report, rejects: &Folder) {
    let expected = fs::read_to_string(case.join("expected.txt")).unwrap();
    let (by_rule, by_table) = verdicts(rejects);
    let mut lines = 0;
    for line in expected.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        lines += 1;
        let words: Vec<&str> = line.split_whitespace().collect();
        let records: Vec<u64> = words[2..].iter().map(|word| word.parse().unwrap()).collect();
        let place = format!("{} ({how}): {line}", case.file_name().unwrap().to_string_lossy());
        if words[0] == "rejected" {
            assert_eq!(by_table.get(words[1]).cloned().unwrap_or_default(), records, "{place}");
            continue;
        }
        let rule = report.tables.iter().flat_map(|table| &table.rules).find(|rule| rule.id == words[0]);
        let rule = rule.unwrap_or_else(|| panic!("{place}: no such rule"));
        assert_eq!(rule.outcome, outcome(words[1]), "{place}: {rule:?}");
        if !records.is_empty() {
            let found = by_rule.get(words[0]).cloned().unwrap_or_default();
            let first: Vec<u64> = rule.places.iter().map(|place| place.record).collect();
            // Warnings of clean rows stand in the report only, and there the first five.
            let found = if found.len() < records.len() { first } else { found };
            assert_eq!(found, records, "{place}");
            assert_eq!(rule.failures, records.len() as u64, "{place}");
        }
    }
    assert!(lines > 0, "{} expects nothing", case.display());
}

#[test]
fn checks_agree_for_all_batches_and_threads() {
    for case in cases("conformance") {
        let contract = contract(&fs::read_to_string(case.join("contract.yaml")).unwrap());
        for (threads, batch) in [(1, 1), (1, 2), (2, 7), (3, 1), (1, 100_000)] {
            let rejects = Folder::new();
            let settings = settings(threads, batch);
            let report = run_check(&contract, &case, Some(rejects.path()), &settings)
                .unwrap_or_else(|error| panic!("{}: {error}", case.display()));
            compare(&case, &format!("check, {threads} threads, {batch} records a batch"), &report, &rejects);
        }
    }
}

#[test]
fn loads_agree_for_all_targets() {
    for case in cases("conformance") {
        let contract = contract(&fs::read_to_string(case.join("contract.yaml")).unwrap());
        let mut targets = vec!["parquet:target", "csv:target", "ndjson:target"];
        if cfg!(feature = "duckdb") {
            targets.push("duckdb:target.duckdb");
        }
        for target in targets {
            let (work, rejects) = (Folder::new(), Folder::new());
            let (kind, name) = target.split_once(':').unwrap();
            let target = format!("{kind}:{}", work.join(name).display());
            let report = run_load(&contract, &case, &target, Mode::Append, rejects.path(), &settings(2, 3))
                .unwrap_or_else(|error| panic!("{} into {kind}: {error}", case.display()));
            compare(&case, &format!("load into {kind}"), &report, &rejects);
            for table in &report.tables {
                let loaded = if report.committed == Some(true) { table.clean } else { 0 };
                assert_eq!(table.loaded, Some(loaded), "{} into {kind}", case.display());
            }
        }
    }
}
