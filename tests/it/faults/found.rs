//! Each kind alone: its places are the differing bytes, its counts are exact, and what is detectable is found.

use karat::generate::faults::kind::{Act, Needs};
use karat::generate::faults::{Planter, kinds, presets};
use karat::model::generation::Amount;
use karat::model::{FaultSpec, Score};
use proptest::prelude::*;

use crate::faults::plot::{Written, contract, fault, fields, lines, paths, plant, reap, sow};
use crate::support::Folder;

const COUNT: u64 = 6;

/// Every fault that can be planted by row: kind, table and column.
fn by_row() -> Vec<FaultSpec> {
    let contract = contract();
    let mut specs = Vec::new();
    for table in &contract.tables {
        for kind in kinds::all().filter(|kind| kind.is_by_row()) {
            let mut aims: Vec<Option<String>> = Vec::new();
            if kind.needs != Needs::Nothing {
                aims.extend(paths(table).into_iter().map(Some));
            }
            if kind.needs != Needs::Column {
                aims.push(None);
            }
            let fits = |path: Option<String>| {
                let spec = fault(kind.name, &table.name, path.as_deref(), Amount::Count(COUNT.min(if table.name == "customers" { 2 } else { COUNT })));
                Planter::new(&contract, table, std::slice::from_ref(&spec), 1000, 1).is_ok().then_some(spec)
            };
            specs.extend(aims.into_iter().filter_map(fits));
        }
    }
    specs
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
    assert!(rest == file.untouched, "{what}: bytes outside the manifest's places differ\n{}", String::from_utf8_lossy(&file.bytes));
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
    let mut refused = Vec::new();
    let mut blind = std::collections::BTreeMap::<&str, bool>::new();
    for spec in by_row() {
        let what = format!("{} of {:?} in {}", spec.kind, spec.path, spec.table);
        // NULL cannot become NULL: such a row is an error for a count, and stays as it is for a rate.
        let planted = std::panic::catch_unwind(|| {
            let folder = Folder::new();
            let manifest = sow(&contract, std::slice::from_ref(&spec), 7, &folder);
            (folder, manifest)
        });
        let Ok((folder, manifest)) = planted else {
            refused.push(what);
            continue;
        };
        let Amount::Count(count) = spec.amount else { unreachable!() };
        assert_eq!(manifest.entries.len() as u64, count, "{what}");
        let field = fields().into_iter().find(|field| field.table == spec.table).unwrap();
        for file in plant(&contract, &field, std::slice::from_ref(&spec), 7).0 {
            assert_places(&file, &what);
        }
        let (_, score) = reap(&contract, &folder, &manifest);
        assert_score(&score, &what);
        let kind = kinds::find(&spec.kind).unwrap();
        *blind.entry(kind.name).or_insert(true) &= manifest.entries.iter().all(|entry| !entry.detectable);
    }
    let never: Vec<&str> = blind.into_iter().filter_map(|(kind, blind)| blind.then_some(kind)).collect();
    println!("refused: {refused:#?}\nnever detectable here: {never:?}");
}

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
            let manifest = sow(&contract, &[spec], 3, &folder);
            assert_eq!(manifest.entries.len(), 1, "{what}");
            let (_, score) = reap(&contract, &folder, &manifest);
            assert_score(&score, &what);
            println!("{what}: {:?} {:?}", manifest.entries[0].rule, score.faults);
        }
    }
}

#[test]
fn the_same_rows_are_chosen_whatever_is_asked() {
    let contract = contract();
    let specs = presets::find("heavy").unwrap().faults(&contract);
    let whole: Vec<Vec<u8>> = (0..2).map(|_| plant(&contract, &fields()[1], &specs, 5).0.remove(0).bytes).collect();
    assert_eq!(whole[0], whole[1]);
    let other = plant(&contract, &fields()[1], &specs, 6).0.remove(0).bytes;
    assert_ne!(whole[0], other);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn mixtures_are_placed_and_found(seed in any::<u64>(), share in 0.05f64..0.6, preset in 0..presets::PRESETS.len()) {
        let contract = contract();
        let preset = &presets::PRESETS[preset];
        prop_assume!(preset.name != "files");
        let mut specs = preset.faults(&contract);
        for table in &contract.tables {
            let own = specs.iter_mut().filter(|spec| spec.table == table.name).collect::<Vec<_>>();
            let rate = share / own.len() as f64;
            own.into_iter().for_each(|spec| spec.amount = Amount::Rate(rate));
        }
        let folder = Folder::new();
        let manifest = sow(&contract, &specs, seed, &folder);
        for field in fields() {
            for file in plant(&contract, &field, &specs, seed).0 {
                assert_places(&file, preset.name);
            }
        }
        let (_, score) = reap(&contract, &folder, &manifest);
        prop_assert_eq!(score.faults.planted, manifest.entries.len() as u64);
        prop_assert_eq!(score.faults.missed, 0, "{:#?}", score.missed);
        prop_assert_eq!(score.violations.extra, 0, "{:#?}", score.extra);
    }
}
