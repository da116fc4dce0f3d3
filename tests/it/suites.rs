//! Public conformance suites, where they lie beside the project; the project's own cases cover the same ground.

use std::fs;
use std::path::Path;

use karat::model::Report;
use karat::ops::load::Mode;
use serde_json::Value;

use crate::support::{Folder, contract, run_check, run_load, settings, shared};

/// Reads a CSV file through a load into NDJSON; gives the rows as JSON objects of text, and the report.
fn rows(csv: &Path) -> (Vec<Value>, Report) {
    let (data, rejects, out) = (Folder::new(), Folder::new(), Folder::new());
    let bytes = fs::read(csv).unwrap();
    data.write("t.csv", &bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(&bytes[..]);
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let columns: Vec<String> = names
        .iter()
        .map(|name| format!("      {}: {{type: string}}\n", serde_json::to_string(name).unwrap()))
        .collect();
    let text = format!(
        "karat: 1\nname: s\ntables:\n  t:\n    source: {{null_values: [], quotes: lenient}}\n    columns:\n{}",
        columns.concat()
    );
    let contract = contract(&text);
    let to = format!("ndjson:{}", out.join("o").display());
    let report = run_load(&contract, data.path(), &to, Mode::Append, rejects.path(), &settings(1, 100)).unwrap();
    let mut found = Vec::new();
    for name in out.files().iter().filter(|name| name.starts_with("o/t/")) {
        found.extend(out.text(name).lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
    }
    (found, report)
}

/// Puts every scalar into text: the suites' expected files know numbers, CSV does not.
fn as_text(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(as_text).collect()),
        Value::Object(fields) => Value::Object(fields.into_iter().map(|(key, value)| (key, as_text(value))).collect()),
        Value::String(text) => Value::String(text),
        other => Value::String(other.to_string()),
    }
}

#[test]
fn csv_spectrum() {
    let Some(root) = shared("suites/csv-spectrum") else { return };
    let mut seen = 0;
    for entry in fs::read_dir(root.join("csvs")).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let expected: Value =
            serde_json::from_slice(&fs::read(root.join(format!("json/{stem}.json"))).unwrap()).unwrap();
        let (found, report) = rows(&path);
        assert_eq!(report.tables[0].rejected, 0, "{stem}");
        // One expected file is of another input; only what it shares can be compared.
        if stem == "location_coordinates" {
            assert_eq!(found.len(), 1, "{stem}");
            assert_eq!(found[0]["Location Coordinates"], expected["Location Coordinates"], "{stem}");
        } else {
            assert_eq!(Value::Array(found), as_text(expected), "{stem}");
        }
        seen += 1;
    }
    assert_eq!(seen, 12);
}

#[test]
fn csv_test_data() {
    let Some(root) = shared("suites/csv-test-data") else { return };
    let (mut good, mut bad) = (0, 0);
    let mut files: Vec<_> = fs::read_dir(root.join("csv")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for path in files {
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        if stem.starts_with("bad-") {
            assert!(!accepted(&path), "{stem} was accepted");
            bad += 1;
            continue;
        }
        let expected: Value =
            serde_json::from_slice(&fs::read(root.join(format!("json/{stem}.json"))).unwrap()).unwrap();
        good_file(&path, &stem, &expected);
        good += 1;
    }
    assert_eq!((good, bad), (18, 7));
}

/// Tells whether a file passes the gate of the suite's contract: columns foo, bar, baz, in a header.
fn accepted(csv: &Path) -> bool {
    let data = Folder::new();
    data.write("t.csv", fs::read(csv).unwrap());
    let text = "karat: 1\nname: s\ntables:\n  t:\n    columns: {foo: string, bar: string, baz: string}\n    rules: \
                [{columns: {extra: false}}, {row_count: {minimum: 1}}]\n";
    let report = run_check(&contract(text), data.path(), None, &settings(1, 100));
    report.is_ok_and(|report| report.passed)
}

fn good_file(path: &Path, stem: &str, expected: &Value) {
    // Files with a header are objects, others arrays of cells.
    let data = Folder::new();
    data.write("t.csv", fs::read(path).unwrap());
    let objects = expected.as_array().is_some_and(|rows| rows.first().is_some_and(Value::is_object));
    if objects || stem.starts_with("header-") {
        let (found, report) = rows(path);
        assert_eq!(report.tables[0].rejected, 0, "{stem}");
        assert_eq!(&Value::Array(found), expected, "{stem}");
        return;
    }
    let width = expected.as_array().and_then(|rows| rows.iter().filter_map(Value::as_array).map(Vec::len).max());
    let width = width.unwrap_or(1).max(1);
    let columns: String = (0..width).map(|index| format!("      c{index}: {{type: string}}\n")).collect();
    let text = format!(
        "karat: 1\nname: s\ntables:\n  t:\n    source: {{header: false, null_values: [], blank_lines: record}}\n    columns:\n{columns}"
    );
    let (rejects, out) = (Folder::new(), Folder::new());
    let to = format!("ndjson:{}", out.join("o").display());
    let contract = contract(&text);
    let report = run_load(&contract, data.path(), &to, Mode::Append, rejects.path(), &settings(1, 100)).unwrap();
    assert_eq!(report.tables[0].rejected, 0, "{stem}");
    let mut found = Vec::new();
    for name in out.files().iter().filter(|name| name.starts_with("o/t/")) {
        for line in out.text(name).lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            found.push(Value::Array((0..width).map(|index| row[format!("c{index}")].clone()).collect()));
        }
    }
    assert_eq!(&Value::Array(found), expected, "{stem}");
}

#[test]
fn json_test_suite() {
    let Some(root) = shared("suites/JSONTestSuite/test_parsing") else { return };
    let text = "karat: 1\nname: s\ntables:\n  t:\n    source: {format: json}\n    columns: {a: string}\n";
    let contract = contract(text);
    let (mut good, mut bad) = (0, 0);
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = fs::read(&path).unwrap();
        let verdict = karat::frame::json::validate(&bytes, 512);
        // The whole path, too: nothing crashes, and every byte is accounted for.
        let (data, rejects) = (Folder::new(), Folder::new());
        data.write("t.json", &bytes);
        let report = run_check(&contract, data.path(), Some(rejects.path()), &settings(1, 10))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let file = &report.tables[0].files[0];
        assert_eq!(file.record_bytes + file.framing_bytes, bytes.len() as u64, "{name}");
        if name.starts_with("y_") {
            assert!(verdict.is_ok(), "{name}: {verdict:?}");
            good += 1;
        } else if name.starts_with("n_") {
            assert!(verdict.is_err(), "{name} was accepted");
            // Nothing (or a byte-order mark alone) holds no record; a run on it stops with exit code 2.
            assert!(report.tables[0].rejected > 0 || report.tables[0].records == 0, "{name}: nothing was rejected");
            bad += 1;
        }
    }
    assert_eq!((good, bad), (95, 188));
}
