//! Properties that hold for every input: conservation, bytes of rejects, and verdicts that depend on nothing else.

use std::collections::BTreeMap;
use std::path::Path;

use karat::model::Report;
use karat::ops::load::Mode;
use karat::render;
use proptest::prelude::*;
use serde_json::Value;

use crate::support::{Folder, contract, run_check, run_load, settings};

const CONTRACT: &str = r#"
karat: 1
name: p
tables:
  t:
    columns:
      id: {type: int64, required: true, unique: true, minimum: 0}
      name: {type: string, max_length: 6, pattern: "[a-z\n\",é]*"}
      paid: {type: "decimal(6,2)", not_values: [0]}
    rules:
      - {unique: [name, paid], keep: last, severity: warning}
      - {increasing: id, severity: warning}
      - {row_count: {minimum: 1}, severity: warning}
"#;

/// A line of a file that is mostly good and sometimes very bad.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let id = prop_oneof![4 => "[0-9]{1,2}", 1 => "x|-1|", 1 => "\"[0-9]\""];
    let name = prop_oneof![3 => "[a-z]{0,7}", 1 => "\"[a-z\n,]{0,5}\"", 1 => "\"a\"\"b\"", 1 => "\"open", 1 => "a\"b"];
    let paid = prop_oneof![3 => "[0-9]{1,3}\\.[0-9]{1,2}", 1 => "0|0.00|1.234|nan|"];
    let good = (id, name, paid).prop_map(|(id, name, paid)| format!("{id},{name},{paid}").into_bytes());
    prop_oneof![
        12 => good,
        1 => prop::collection::vec(any::<u8>(), 0..12),
        1 => Just(b"1,2".to_vec()),
        1 => Just(Vec::new()),
    ]
}

fn file() -> impl Strategy<Value = Vec<u8>> {
    let ending = prop_oneof![Just(&b"\n"[..]), Just(&b"\r\n"[..]), Just(&b"\r"[..])];
    let lines = prop::collection::vec((line(), ending), 0..30);
    (lines, any::<bool>()).prop_map(|(lines, cut)| {
        let mut bytes = b"id,name,paid\n".to_vec();
        for (line, ending) in lines {
            bytes.extend(line);
            bytes.extend(ending);
        }
        if cut {
            bytes.pop();
        }
        bytes
    })
}

/// Checks a file and gives the comparable report, and every file of rejects.
fn outcome(bytes: &[u8], threads: usize, batch: usize, memory: usize) -> (Report, BTreeMap<String, Vec<u8>>) {
    let (data, rejects, spool) = (Folder::new(), Folder::new(), Folder::new());
    data.write("t.csv", bytes);
    let contract = contract(CONTRACT);
    let mut settings = settings(threads, batch);
    (settings.memory, settings.spool) = (memory, Some(spool.path().to_owned()));
    let mut report =
        run_check(&contract, data.path(), Some(rejects.path()), &settings).unwrap_or_else(|error| panic!("{error}"));
    assert!(spool.files().is_empty(), "spilled keys stay behind");
    let here = data.path().display().to_string();
    let text = render::json::comparable(&report).replace(&here, "");
    report = render::json::parse(&text).unwrap();
    let files = rejects.files().into_iter().map(|name| {
        let bytes = rejects.read(&name);
        (name, String::from_utf8_lossy(&bytes).replace(&here, "").into_bytes())
    });
    (report, files.collect())
}

fn reasons(rejects: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(rejects.join("t.reasons.ndjson")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn r23_verdicts_rejects_and_order_depend_on_nothing_else(bytes in file()) {
        let whole = outcome(&bytes, 1, 1_000_000, 1 << 30);
        for (threads, batch) in [(1, 1), (2, 2), (3, 7), (4, 1000), (5, 1), (6, 2), (7, 7), (8, 1000)] {
            // Odd numbers of threads have no memory for keys.
            let other = outcome(&bytes, threads, batch, if threads % 2 == 1 { 0 } else { 1 << 30 });
            prop_assert_eq!(&whole.0, &other.0, "{} threads, {} records a batch", threads, batch);
            prop_assert_eq!(&whole.1, &other.1, "{} threads, {} records a batch", threads, batch);
        }
    }

    #[test]
    fn records_and_bytes_are_conserved(bytes in file()) {
        let (data, rejects) = (Folder::new(), Folder::new());
        data.write("t.csv", &bytes);
        let contract = contract(CONTRACT);
        let report = run_check(&contract, data.path(), Some(rejects.path()), &settings(2, 3)).unwrap();
        let table = &report.tables[0];
        prop_assert_eq!(table.records, table.clean + table.rejected);
        let file = &table.files[0];
        prop_assert_eq!(file.bytes, bytes.len() as u64);
        prop_assert_eq!(file.record_bytes + file.framing_bytes, file.bytes);

        let reasons = reasons(rejects.path());
        prop_assert_eq!(reasons.len() as u64, table.rejected);
        if reasons.is_empty() {
            prop_assert!(!rejects.join("t.rejects.csv").exists());
            return Ok(());
        }
        // The reject file is the header and the slices of the input that the reasons name, nothing else.
        let mut expected = b"id,name,paid\n".to_vec();
        for reason in &reasons {
            if !expected.ends_with(b"\n") && !expected.ends_with(b"\r") {
                expected.push(b'\n');
            }
            let offset = usize::try_from(reason["offset"].as_u64().unwrap()).unwrap();
            let length = usize::try_from(reason["length"].as_u64().unwrap()).unwrap();
            expected.extend(&bytes[offset..offset + length]);
        }
        prop_assert_eq!(rejects.read("t.rejects.csv"), expected);
    }

    #[test]
    fn a_load_takes_exactly_the_clean_rows(bytes in file()) {
        let (data, rejects, target) = (Folder::new(), Folder::new(), Folder::new());
        data.write("t.csv", &bytes);
        let contract = contract(CONTRACT);
        let to = format!("ndjson:{}", target.join("out").display());
        let report = run_load(&contract, data.path(), &to, Mode::Append, rejects.path(), &settings(2, 3)).unwrap();
        let table = &report.tables[0];
        let lines: usize = target
            .files()
            .iter()
            .filter(|name| name.starts_with("out/t/"))
            .map(|name| target.text(name).lines().count())
            .sum();
        prop_assert_eq!(lines as u64, table.clean);
        prop_assert_eq!(table.loaded, Some(table.clean));
    }

    #[test]
    fn no_bytes_stop_a_check(bytes in prop::collection::vec(any::<u8>(), 0..400), json in any::<bool>()) {
        let data = Folder::new();
        let format = if json { "ndjson" } else { "csv" };
        let header = if json { "" } else { "id,name,paid\n" };
        data.write(&format!("t.{format}"), [header.as_bytes(), &bytes].concat());
        let text = CONTRACT.replace("  t:\n", &format!("  t:\n    source: {{format: {format}}}\n"));
        // A compressed stream by chance may be corrupt: that is an error, not a panic.
        if let Ok(report) = run_check(&contract(&text), data.path(), None, &settings(2, 3)) {
            let table = &report.tables[0];
            prop_assert_eq!(table.records, table.clean + table.rejected);
        }
    }
}
