//! Whole cases: `fixtures/cases/<case>/` holds a contract, data, and what must come out: the report, the rejects and
//! the reasons. `KARAT_BLESS=1` writes what comes out; read it before you commit it.

use std::fs;
use std::path::Path;

use karat::render;

use crate::support::{Folder, contract, project, run_check, settings};

#[test]
fn cases_come_out_as_written() {
    let root = project().join("fixtures/cases");
    let mut cases: Vec<_> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.is_dir());
    cases.sort();
    assert!(!cases.is_empty());
    for case in cases {
        one_case(&case);
    }
}

fn one_case(case: &Path) {
    let contract = contract(&fs::read_to_string(case.join("contract.yaml")).unwrap());
    let out = Folder::new();
    let rejects = out.join("rejects");
    let mut report = run_check(&contract, &case.join("data"), Some(&rejects), &settings(2, 2)).unwrap();
    // Paths below the case, so that the report is the same wherever the project lies.
    let prefix = format!("{}/", case.join("data").display());
    for table in &mut report.tables {
        for file in &mut table.files {
            file.path = file.path.replace(&prefix, "");
        }
        for rule in &mut table.rules {
            rule.note = rule.note.take().map(|note| note.replace(&prefix, ""));
            rule.places.iter_mut().for_each(|place| place.file = place.file.replace(&prefix, ""));
        }
    }
    out.write("report.json", render::json::comparable(&report));
    let bless = std::env::var_os("KARAT_BLESS").is_some();
    let expected = case.join("expected");
    if bless {
        let _ = fs::remove_dir_all(&expected);
    }
    let mut wanted = Vec::new();
    for name in out.files() {
        let mut bytes = out.read(&name);
        if name.ends_with(".reasons.ndjson") {
            bytes = String::from_utf8(bytes).unwrap().replace(&prefix, "").into_bytes();
        }
        if bless {
            let path = expected.join(&name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &bytes).unwrap();
        }
        let path = expected.join(&name);
        let stored = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(stored == bytes, "{} differs; it is now:\n{}", path.display(), String::from_utf8_lossy(&bytes));
        wanted.push(name);
    }
    let stored = stored_files(&expected, &expected);
    assert_eq!(stored, wanted, "{}", case.display());
}

fn stored_files(root: &Path, folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(stored_files(root, &path));
        } else {
            found.push(path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/"));
        }
    }
    found.sort();
    found
}
