//! Contracts from files: what is written, and that it holds. `KARAT_BLESS=1` rewrites the expected ones.

use std::fs;
use std::path::{Path, PathBuf};

use karat::model::{Contract, Outcome, Report};
use karat::ops::infer::suggest::Style;
use karat::ops::infer::{InferRequest, Inferred, Known, infer};
use karat::ops::inputs::{Servers, Wanted, resolve};
use proptest::prelude::*;

use crate::support::{Folder, contract, inputs, karat, project, run_check, settings, shared};

fn try_infer(files: &[String], style: Style, threads: usize) -> karat::model::Result<Inferred> {
    let spool = Folder::new();
    let request = InferRequest {
        files,
        name: None,
        style,
        known: Known::default(),
        spool: spool.path(),
        stdin: &mut std::io::empty(),
        servers: &Servers::default(),
    };
    infer(request, &settings(threads, 4096))
}

fn of(data: &Path, style: Style) -> Inferred {
    try_infer(&[data.display().to_string()], style, 2).unwrap_or_else(|error| panic!("{error} {:?}", error.hints))
}

/// Rules that a report says are broken, those about broken records aside.
fn broken(report: &Report) -> Vec<String> {
    let rules = report.tables.iter().flat_map(|table| &table.rules);
    let failed =
        rules.filter(|rule| !matches!(rule.outcome, Outcome::Passed | Outcome::Warned) && rule.kind != "record");
    failed.map(|rule| format!("{} {}", rule.id, rule.failures)).collect()
}

fn check(contract: &Contract, data: &Path) -> Report {
    run_check(contract, data, None, &settings(2, 512)).unwrap()
}

fn compare(path: &PathBuf, now: &str) {
    if std::env::var_os("KARAT_BLESS").is_some() {
        fs::write(path, now).unwrap();
    }
    let stored = fs::read_to_string(path).unwrap_or_default();
    assert!(stored == now, "{} is not what is inferred now:\n{now}", path.display());
}

#[test]
fn contracts_are_those_of_a_careful_person() {
    for name in ["shop", "bars", "broken", "parts"] {
        let folder = project().join("fixtures/infer").join(name);
        let data = folder.join("data");
        let inferred = of(&data, Style::Normal);
        compare(&folder.join("contract.yaml"), &inferred.text);
        let contract = contract(&inferred.text);
        let report = check(&contract, &data);
        assert_eq!(broken(&report), Vec::<String>::new(), "{name}");
        assert!(report.passed || name == "broken", "{name}");
        assert!(report.tables.iter().all(|table| table.records > 0), "{name}: every table finds its files again");
        for style in [Style::Loose, Style::Strict] {
            let other = crate::support::contract(&of(&data, style).text);
            let report = check(&other, &data);
            for table in &report.tables {
                let bears = if style == Style::Strict { table.records / 50 } else { 0 };
                let malformed: u64 =
                    table.rules.iter().filter(|rule| rule.kind == "record").map(|rule| rule.failures).sum();
                assert!(table.rejected <= malformed + bears, "{name} {style:?} {:?}", broken(&report));
            }
        }
    }
}

#[test]
fn real_inputs() {
    for name in ["postman", "starter", "tpch"] {
        let Some(data) = shared("data").map(|data| data.join(name)).filter(|data| data.exists()) else { continue };
        let inferred = of(&data, Style::Normal);
        compare(&project().join("fixtures/infer").join(format!("real-{name}.yaml")), &inferred.text);
        let report = check(&contract(&inferred.text), &data);
        assert!(report.passed, "{name}: {:?}", broken(&report));
    }
}

#[test]
fn threads_change_nothing() {
    let data = project().join("fixtures/infer/shop/data").display().to_string();
    let texts: Vec<String> =
        [1, 2, 5].iter().map(|threads| try_infer(&[data.clone()], Style::Normal, *threads).unwrap().text).collect();
    assert_eq!(texts[0], texts[1]);
    assert_eq!(texts[0], texts[2]);
}

#[test]
fn what_does_not_hold_on_rows_held_out_is_no_rule() {
    let folder = Folder::new();
    // Every value twice: nothing seen once, and still each fifth row brings values that were not learnt.
    let rows: String = (0..400).map(|row| format!("v{},{}\n", row / 30, ["a", "b"][row % 2])).collect();
    folder.write("t.csv", format!("group_name,flag\n{rows}"));
    let inferred = of(&folder.join("t.csv"), Style::Normal);
    assert!(inferred.text.contains("accepted_values: [a, b]"), "{}", inferred.text);
    let held = "held out: all";
    assert!(inferred.text.contains(held), "{}", inferred.text);
}

#[test]
fn the_program_writes_what_the_program_checks() {
    let folder = Folder::new();
    let rows: String = (1..200).map(|row| format!("{row};{}.5;x{row}@example.com\n", row % 7)).collect();
    folder.write("t.csv", format!("id;rate;email\n{rows}"));
    let out = karat(folder.path(), &["infer", "t.csv", "-o", "t.yaml"]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let told = String::from_utf8(out.stderr).unwrap();
    assert!(told.contains("3 columns") && told.contains("karat check --data . -c t.yaml"), "{told}");
    assert_eq!(karat(folder.path(), &["check", "t.csv", "-c", "t.yaml"]).status.code(), Some(0));
    assert_eq!(karat(folder.path(), &["check", "--data", ".", "-c", "t.yaml"]).status.code(), Some(0));
    let again = karat(folder.path(), &["infer", "t.csv", "-o", "t.yaml"]);
    assert_eq!(again.status.code(), Some(2), "an own contract is not written over");
    let plain = karat(folder.path(), &["infer", "t.csv"]);
    assert_eq!(folder.read("t.yaml"), plain.stdout);
    assert_eq!(karat(folder.path(), &["infer", "no.csv"]).status.code(), Some(3));
    // A worse file breaks it.
    folder.write("t.csv", format!("id;rate;email\n{rows}1;-3;nobody\n"));
    assert_eq!(karat(folder.path(), &["check", "t.csv", "-c", "t.yaml"]).status.code(), Some(1));
}

#[test]
fn odd_files_have_contracts() {
    let folder = Folder::new();
    for (name, bytes) in [
        ("empty.csv", &b""[..]),
        ("header.csv", b"a,b\n"),
        ("blank.csv", b"\n\n\n"),
        ("one.csv", b"a\n"),
        ("twice.csv", b"a,a,,a\n1,2,3,4\n5,6,7,8\n"),
        ("quotes.csv", b"\"a\"\"b\",\"c: #d\"\n\"1\",\"x\"\"y\"\n"),
        ("nul.csv", b"a,b\n1,\0\n2,x\n"),
        ("bytes.csv", b"a,b\n1,\xFF\xFE\n2,x\n"),
        ("reserved.csv", b"true,null,~,- x,1\na,b,c,d,e\nf,g,h,i,j\n"),
        ("dots.csv", b"a.b,a[],a\n1,2,3\n4,5,6\n"),
        ("mixed.ndjson", b"{\"a\":1}\n{\"a\":[1]}\n{\"a\":{\"b\":2}}\n{\"c\":null}\nnot json\n"),
        ("deep.ndjson", b"{\"a\":[[1,2],[3]]}\n{\"a\":[]}\n"),
        ("dotted.ndjson", b"{\"a.b\":1,\"c[]\":2,\"\":3}\n{\"a.b\":4,\"c[]\":5,\"\":6}\n"),
        ("doc.json", b"[{\"a\":1},{\"a\":2}]"),
        ("big.csv", b"n\n99999999999999999999999999999999999999999\n1\n2\n3\n4\n5\n"),
    ] {
        let path = folder.write(name, bytes);
        let inferred = try_infer(&[path.display().to_string()], Style::Normal, 1);
        let Ok(inferred) = inferred else {
            let error = inferred.unwrap_err();
            assert!(!error.message.contains("inferred contract"), "{name}: {error}");
            continue;
        };
        let contract = contract(&inferred.text);
        let report = check(&contract, folder.path());
        assert_eq!(broken(&report), Vec::<String>::new(), "{name}\n{}", inferred.text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_table_has_a_contract_that_holds(
        rows in prop::collection::vec(prop::collection::vec("[a-c0-2 .:/\"-]{0,6}|N/A|2026-01-0[1-9]|0[0-9]{3}|-?[0-9]{1,5}(\\.[0-9]{1,3})?", 3), 1..70),
        delimiter in prop::sample::select(vec![",", ";", "\t", "|"]),
    ) {
        let folder = Folder::new();
        let lines: Vec<String> = rows.iter().map(|row| row.join(delimiter)).collect();
        let path = folder.write("t.csv", format!("x{delimiter}y{delimiter}z\n{}\n", lines.join("\n")));
        for style in [Style::Normal, Style::Loose] {
            if let Ok(inferred) = try_infer(&[path.display().to_string()], style, 1) {
                let contract = contract(&inferred.text);
                let wanted = Wanted { files: &[], data: Some(folder.path()), spool: folder.path(), stdin: &mut std::io::empty(), servers: &Servers::default() };
                if resolve(&contract, wanted).is_ok() && !inputs(&contract, folder.path()).is_empty() {
                    let report = check(&contract, folder.path());
                    prop_assert_eq!(broken(&report), Vec::<String>::new(), "{}", inferred.text);
                }
            }
        }
    }
}
