//! The score itself: what a blind checker misses, what no fault explains, and the program's own words.

use karat::generate::faults::presets;
use karat::model::generation::Amount;
use karat::model::{Score, Severity};
use karat::render;

use crate::faults::plot::{CONTRACT, contract, fault, reap, sow};
use crate::support::{Folder, karat};

#[test]
fn a_blind_contract_misses_and_a_false_alarm_is_told() {
    let contract = contract();
    let folder = Folder::new();
    let specs = [
        fault("negative", "orders", Some("qty"), Amount::Count(4)),
        fault("null", "orders", Some("qty"), Amount::Count(3)),
    ];
    let manifest = sow(&contract, &specs, 1, &folder).unwrap();
    let mut blind = contract.clone();
    blind.tables[1].rules.retain(|rule| rule.id != "orders.qty.minimum");
    let (_, score) = reap(&blind, &folder, &manifest);
    assert_eq!((score.faults.found, score.faults.missed, score.missed.len()), (3, 4, 4));
    assert!(score.missed.iter().all(|fault| fault.rule == "orders.qty.minimum" && fault.kind == "negative"));

    let mut deaf = manifest.clone();
    deaf.entries.retain(|entry| entry.kind == "null");
    let (_, score) = reap(&contract, &folder, &deaf);
    assert_eq!((score.violations.planted, score.violations.extra), (3, 4));
    assert_eq!(score.faults.recall, Some(1.0));
    assert!((score.violations.precision.unwrap() - 3.0 / 7.0).abs() < 1e-9);
}

#[test]
fn warnings_count_and_parents_take_their_children_along() {
    let mut contract = contract();
    for rule in contract.tables[1].rules.iter_mut().filter(|rule| rule.id.ends_with("qty.maximum")) {
        rule.severity = Severity::Warning;
    }
    let folder = Folder::new();
    let mut outlier = fault("outlier", "orders", Some("qty"), Amount::Count(9));
    outlier.id = "far".to_owned();
    let specs = [outlier, fault("null", "customers", Some("name"), Amount::Count(2))];
    let manifest = sow(&contract, &specs, 4, &folder).unwrap();
    let (_, score) = reap(&contract, &folder, &manifest);
    assert_eq!((score.faults.planted, score.faults.found, score.violations.extra), (11, 11, 0));
    // Orders and baskets of the two customers dangle.
    assert_eq!(score.violations.consequences, 2 * (8 + 6));
}

#[test]
fn the_program_prints_and_writes_the_score() {
    let contract = contract();
    let folder = Folder::new();
    let mut specs = presets::find("values").unwrap().faults(&contract);
    // The program knows no day of the baskets here.
    specs.retain(|spec| spec.table != "baskets");
    let manifest = sow(&contract, &specs, 2, &folder).unwrap();
    let mut text = serde_json::to_string(&manifest.header).unwrap() + "\n";
    for entry in &manifest.entries {
        text += &(serde_json::to_string(entry).unwrap() + "\n");
    }
    folder.write("plot.yaml", CONTRACT);
    folder.write("manifest.ndjson", text);
    let arguments = ["check", "-c", "plot.yaml", "--data", ".", "--as-of", "2026-01-01", "--score", "manifest.ndjson"];
    let plain = karat(folder.path(), &arguments);
    let out = String::from_utf8(plain.stdout).unwrap();
    assert_eq!(plain.status.code(), Some(1), "{out}{}", String::from_utf8_lossy(&plain.stderr));
    assert!(out.contains("Done. PASS=") && out.contains("recall 100%  precision 100%"), "{out}");

    let json = karat(folder.path(), &[&arguments[..], &["--score-report", "json=-"]].concat());
    let score: Score = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(score.schema, "karat.score/1");
    assert_eq!((score.faults.planted, score.faults.missed), (manifest.entries.len() as u64, 0));
    let again: Score = serde_json::from_str(&render::score::json(&score)).unwrap();
    assert_eq!(again, score);

    folder.write("cut.ndjson", "{}\n");
    let refused = karat(folder.path(), &["check", "-c", "plot.yaml", "--data", ".", "--score", "cut.ndjson"]);
    assert_eq!(refused.status.code(), Some(2));
}
