//! Each kind alone: its places are the differing bytes, its counts are exact, and what is detectable is found.

use std::collections::BTreeSet;

use karat::frame::Mask;
use karat::generate::faults::kind::{Act, Needs};
use karat::generate::faults::{Planter, kinds, presets};
use karat::model::generation::Amount;
use karat::model::{Contract, DataType, Expr, Expression, FaultSpec, Literal, Score, Table};
use proptest::prelude::*;

#[cfg(feature = "polars")]
use crate::faults::plot::Field;
use crate::faults::plot::{Written, contract, fault, fields, lines, paths, plant, reap, sow};
use crate::support::Folder;

const COUNT: u64 = 6;

/// The faults that can be planted by row, kind, table and column, with one in so many columns.
fn by_row(one_in: usize) -> Vec<FaultSpec> {
    let contract = contract();
    let mut specs = Vec::new();
    for table in &contract.tables {
        for (turn, kind) in kinds::all().filter(|kind| kind.is_by_row()).enumerate() {
            let mut aims: Vec<Option<String>> = Vec::new();
            if kind.needs != Needs::Nothing {
                // Other columns for the next kind.
                let fit =
                    paths(table).into_iter().filter(|path| aimed(&contract, kind.name, table, Some(path)).is_some());
                aims.extend(fit.enumerate().filter(|(at, _)| (at + turn) % one_in == 0).map(|(_, path)| Some(path)));
            }
            if kind.needs != Needs::Column {
                aims.push(None);
            }
            specs.extend(aims.into_iter().filter_map(|path| aimed(&contract, kind.name, table, path.as_deref())));
        }
    }
    specs
}

/// A few faults of a kind, where the table and the column can take it.
fn aimed(contract: &Contract, kind: &str, table: &Table, path: Option<&str>) -> Option<FaultSpec> {
    let count = if table.name == "customers" { 2 } else { COUNT };
    let spec = fault(kind, &table.name, path, Amount::Count(count));
    Planter::new(contract, table, std::slice::from_ref(&spec), 1000, 1).is_ok().then_some(spec)
}

/// Takes the entries' bytes out of a file: what is left must be the clean file without its faulty rows.
fn assert_places(file: &Written, what: &str) {
    let mut rest: Vec<u8> = Vec::new();
    let mut at = 0;
    for entry in &file.entries {
        let (offset, length) = (entry.offset.unwrap(), entry.length.unwrap());
        let start = usize::try_from(offset).unwrap();
        assert!(start >= at, "{what}: entries overlap or are out of order");
        rest.extend(&file.bytes[at..start]);
        at = start + usize::try_from(length).unwrap();
        assert_eq!(entry.line.unwrap(), 1 + lines(&file.bytes[..start]), "{what}: line");
    }
    rest.extend(&file.bytes[at..]);
    assert!(
        rest == file.untouched,
        "{what}: bytes outside the manifest's places differ\n{}",
        String::from_utf8_lossy(&file.bytes)
    );
}

fn assert_score(score: &Score, what: &str) {
    assert_eq!(score.faults.missed, 0, "{what}: missed {:#?}", score.missed);
    assert_eq!(score.violations.extra, 0, "{what}: extra {:#?}", score.extra);
    for rule in &score.rules {
        assert_eq!(rule.missed, 0, "{what}: {rule:#?}");
    }
}

#[test]
fn every_kind_alone_is_placed_counted_and_found() {
    let contract = contract();
    for spec in by_row(6) {
        let what = format!("{} of {:?} in {}", spec.kind, spec.path, spec.table);
        let folder = Folder::new();
        let manifest = match sow(&contract, std::slice::from_ref(&spec), 7, &folder) {
            Ok(manifest) => manifest,
            // What is NULL already, or has no date, cannot be changed so: an exact count is then refused in words.
            Err(error) => {
                assert!(MAY_REFUSE.contains(&spec.kind.as_str()), "{what}: {error}");
                assert!(error.message.contains("cannot take"), "{what}: {error}");
                continue;
            }
        };
        let Amount::Count(count) = spec.amount else { unreachable!() };
        assert_eq!(manifest.entries.len() as u64, count, "{what}");
        let field = fields().into_iter().find(|field| field.table == spec.table).unwrap();
        for file in plant(&contract, &field, std::slice::from_ref(&spec), 7).unwrap().0 {
            assert_places(&file, &what);
        }
        let (_, score) = reap(&contract, &folder, &manifest);
        assert_score(&score, &what);
    }
}

#[test]
fn every_kind_is_detectable_somewhere() {
    let contract = contract();
    let mut noticed = BTreeSet::new();
    for spec in by_row(1) {
        let field = fields().into_iter().find(|field| field.table == spec.table).unwrap();
        let Ok((files, _)) = plant(&contract, &field, std::slice::from_ref(&spec), 11) else { continue };
        if files.iter().flat_map(|file| &file.entries).any(|entry| entry.detectable) {
            noticed.insert(spec.kind);
        }
    }
    let unnoticed = kinds::all().filter(|kind| kind.is_by_row() && !noticed.contains(kind.name)).map(|kind| kind.name);
    assert_eq!(unnoticed.collect::<Vec<_>>(), UNNOTICED);
}

/// Kinds that some rows cannot take whatever they borrow.
const MAY_REFUSE: &[&str] =
    &["null", "precision_loss", "unicode_nfd", "time_travel", "dup_case", "stale_version", "fd_violation"];
/// Kinds that no rule of this contract notices.
const UNNOTICED: &[&str] =
    &["tz_shift", "missing_row", "fd_violation", "wrong_parent", "blank_lines", "crlf_mix", "extra_key"];

#[test]
fn every_fault_of_files_is_found() {
    let contract = contract();
    for table in ["orders", "baskets"] {
        for kind in kinds::all().filter(|kind| matches!(kind.act, Act::File(_) | Act::Set(_))) {
            let spec = fault(kind.name, table, None, Amount::Count(1));
            let found = contract.table(table).unwrap();
            if Planter::new(&contract, found, std::slice::from_ref(&spec), 80, 1).is_err() {
                continue;
            }
            let what = format!("{} in {table}", kind.name);
            let folder = Folder::new();
            let manifest = sow(&contract, &[spec], 3, &folder).unwrap();
            assert_eq!(manifest.entries.len(), 1, "{what}");
            let (_, score) = reap(&contract, &folder, &manifest);
            assert_score(&score, &what);
            let sure = manifest.entries[0].detectable;
            assert_eq!(sure, SURE.contains(&what.as_str()), "{what}: {:?}", manifest.entries);
            assert_eq!(score.faults.found, u64::from(sure), "{what}");
        }
    }
}

/// Faults of whole files that a rule of the contract must notice.
const SURE: &[&str] = &[
    "footer in orders",
    "header_duplicated in orders",
    "header_missing in orders",
    "header_renamed in orders",
    "header_reordered in orders",
    "preamble in orders",
    "duplicate_file in orders",
    "empty_file in orders",
    "missing_partition in orders",
    "schema_drift in orders",
    "volume_anomaly in orders",
    "truncated_file in baskets",
    "late_file in baskets",
];

#[test]
fn the_same_rows_are_chosen_whatever_is_asked() {
    let contract = contract();
    let specs = presets::find("heavy").unwrap().faults(&contract);
    let whole: Vec<Vec<u8>> =
        (0..2).map(|_| plant(&contract, &fields()[1], &specs, 5).unwrap().0.remove(0).bytes).collect();
    assert_eq!(whole[0], whole[1]);
    let other = plant(&contract, &fields()[1], &specs, 6).unwrap().0.remove(0).bytes;
    assert_ne!(whole[0], other);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn mixtures_are_placed_and_found(seed in any::<u64>(), share in 0.05f64..0.6, preset in 0..presets::PRESETS.len()) {
        let contract = contract();
        let preset = &presets::PRESETS[preset];
        prop_assume!(preset.name != "files");
        let mut specs = preset.faults(&contract);
        for table in &contract.tables {
            let own = specs.iter_mut().filter(|spec| spec.table == table.name).collect::<Vec<_>>();
            let rate = share / f64::from(u32::try_from(own.len()).unwrap());
            for spec in own {
                spec.amount = Amount::Rate(rate);
            }
        }
        let folder = Folder::new();
        let manifest = sow(&contract, &specs, seed, &folder).unwrap();
        for field in fields() {
            for file in plant(&contract, &field, &specs, seed).unwrap().0 {
                assert_places(&file, preset.name);
            }
        }
        let (_, score) = reap(&contract, &folder, &manifest);
        prop_assert_eq!(score.faults.planted, manifest.entries.len() as u64);
        prop_assert_eq!(score.faults.missed, 0, "{:#?}", score.missed);
        prop_assert_eq!(score.violations.extra, 0, "{:#?}", score.extra);
    }
}

#[test]
fn faults_may_share_a_row_and_keep_to_a_condition() {
    let contract = contract();
    let table = contract.table("orders").unwrap();
    let overlapping = |kind: &str, path: &str| {
        let mut spec = fault(kind, "orders", Some(path), Amount::Count(60));
        spec.options.push(("overlap".to_owned(), "true".to_owned()));
        spec
    };
    let specs = [overlapping("negative", "qty"), overlapping("not_in_set", "city")];
    let folder = Folder::new();
    let manifest = sow(&contract, &specs, 9, &folder).unwrap();
    let (_, score) = reap(&contract, &folder, &manifest);
    assert_eq!((score.faults.planted, score.faults.found, score.violations.extra), (120, 120, 0));
    let rows: BTreeSet<Option<u64>> = manifest.entries.iter().map(|entry| entry.row).collect();
    assert!(rows.len() < 80, "two faults share a row");

    let mut some = fault("negative", "orders", Some("qty"), Amount::Rate(0.5));
    some.condition = Some(Expression {
        text: "true".to_owned(),
        root: Expr::Literal(Literal::Bool(true)),
        data_type: DataType::Bool,
        columns: Vec::new(),
    });
    let planter = Planter::new(&contract, table, &[some.clone()], 80, 1).unwrap();
    let even = |_| Ok(Mask::from_fn(80, |row| row % 2 == 0));
    let chosen = planter.rows(0..80, &even).unwrap();
    assert!(chosen.len() > 10 && chosen.len() < 30 && chosen.iter().all(|(row, _)| row % 2 == 0), "{chosen:?}");
    some.amount = Amount::Count(3);
    let refused = Planter::new(&contract, table, &[some], 80, 1).unwrap_err();
    assert!(refused.message.contains("only a rate"), "{refused}");
}

#[test]
fn what_cannot_be_planted_is_told_all_at_once() {
    let contract = contract();
    let table = contract.table("orders").unwrap();
    let mut specs = vec![
        fault("negatives", "orders", Some("qty"), Amount::Count(1)),
        fault("negative", "orders", None, Amount::Count(1)),
        fault("negative", "orders", Some("city"), Amount::Count(1)),
        fault("missing_key", "orders", None, Amount::Count(1)),
        fault("dup_exact", "orders", Some("city"), Amount::Count(1)),
        fault("null", "orders", Some("colour"), Amount::Count(1)),
        fault("null", "nowhere", Some("colour"), Amount::Count(1)),
        fault("null", "orders", Some("qty"), Amount::Rate(1.5)),
    ];
    specs[0].options.push(("x".to_owned(), "y".to_owned()));
    let told = Planter::new(&contract, table, &specs, 80, 1).unwrap_err().message;
    let words = [
        "did you mean negative",
        "wants a column",
        "wants a number",
        "not planted in CSV",
        "takes no column",
        "`colour`",
        "`nowhere`",
        "1.5",
    ];
    for word in words {
        assert!(told.contains(word), "{word}: {told}");
    }
    let many = fault("null", "orders", Some("qty"), Amount::Count(81));
    assert!(Planter::new(&contract, table, &[many], 80, 1).unwrap_err().message.contains("do not fit into 80 rows"));
}

/// Rules over several columns are asked of the engine of expressions.
#[cfg(feature = "polars")]
#[test]
fn expressions_notice_what_no_single_value_tells() {
    let text = "
karat: 1
name: sums
tables:
  orders:
    source: {path: \"orders-*.csv\"}
    columns:
      net: {type: int64}
      tax: {type: int64}
      total: {type: int64}
    rules:
      - {id: adds-up, expression: \"net + tax = total\"}
";
    let contract = crate::support::contract(text);
    let field = Field {
        table: "orders",
        head: b"net,tax,total\n".to_vec(),
        records: (0..80).map(|row| format!("{row},5,{}\n", row + 5).into_bytes()).collect(),
        files: fields()[1].files.clone(),
    };
    let spec = fault("aggregate_mismatch", "orders", Some("total"), Amount::Count(7));
    let entries: Vec<_> =
        plant(&contract, &field, &[spec], 3).unwrap().0.into_iter().flat_map(|file| file.entries).collect();
    assert_eq!(entries.len(), 7);
    assert!(entries.iter().all(|entry| entry.rule.as_deref() == Some("orders.adds-up")), "{entries:?}");
}
