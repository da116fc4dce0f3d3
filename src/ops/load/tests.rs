//! Loads into a target that refuses rows of its own.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use proptest::prelude::*;

use crate::io::stores::testing::TestFolder;
use crate::io::{Receipt, Refused, Sink, Taken};
use crate::model::{Access, Context, Contract, Report, Result, Table};
use crate::ops::inputs::{Servers, Wanted, resolve};
use crate::ops::load::{LoadRequest, Mode, load};
use crate::ops::refused::RejectFolder;
use crate::ops::settings::Settings;

const CONTRACT: &str = "karat: 1
name: shop
tables:
  customers:
    columns:
      id: {type: int64, required: true, unique: true}
      name: {type: string}
    rules:
      - {max_length: 3, column: name, severity: warning}
  orders:
    columns:
      id: int64
      customer: {type: int64, references: customers.id}
";

/// A target in memory that refuses the ids it was told to.
struct Picky {
    refuses: BTreeSet<i64>,
    seen: Vec<Vec<i64>>,
    kept: Arc<Mutex<Vec<Vec<i64>>>>,
}

impl Sink for Picky {
    fn begin(&mut self, contract: &Contract, _: &[usize], _: Mode) -> Result<()> {
        self.seen = vec![Vec::new(); contract.tables.len()];
        Ok(())
    }

    fn loaded_before(&mut self, _: &str, _: &str) -> Result<Option<String>> {
        Ok(None)
    }

    fn existing(&mut self, _: &Table, _: &[usize], _: &mut dyn FnMut(&RecordBatch) -> Result<()>) -> Result<()> {
        Ok(())
    }

    fn write(&mut self, table: usize, rows: &RecordBatch) -> Result<()> {
        let ids = rows.column(0).as_primitive::<arrow_array::types::Int64Type>();
        self.seen[table].extend(ids.iter().map(|id| id.unwrap_or(-1)));
        Ok(())
    }

    fn settle(&mut self, table: usize) -> Result<Vec<Refused>> {
        let rows = self.seen[table].iter().enumerate();
        let refused = rows.filter(|(_, id)| self.refuses.contains(id)).map(|(row, id)| Refused {
            row: row as u64,
            message: format!("violates check constraint \"not_{id}\""),
            column: Some("id".to_owned()),
        });
        let refused = refused.collect();
        self.seen[table].retain(|id| !self.refuses.contains(id));
        Ok(refused)
    }

    fn finish(&mut self, receipt: &Receipt) -> Result<Vec<Taken>> {
        let counts: Vec<u64> = self.seen.iter().map(|ids| ids.len() as u64).collect();
        assert_eq!(counts, receipt.clean);
        *self.kept.lock().unwrap() = self.seen.clone();
        Ok(counts.into_iter().map(|loaded| Taken { loaded, updated: 0 }).collect())
    }

    fn commit(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

fn run(folder: &Path, refuses: &[i64], batch_rows: usize, threads: usize) -> (Report, Vec<Vec<i64>>) {
    let contract = crate::contract::read(CONTRACT).unwrap();
    let servers = Servers { access: Access::default(), ..Servers::default() };
    let stdin = &mut std::io::empty();
    let wanted = Wanted { files: &[], data: Some(folder), spool: folder, stdin, servers: &servers };
    let inputs = resolve(&contract, wanted).unwrap();
    let kept = Arc::default();
    let sink = Picky { refuses: refuses.iter().copied().collect(), seen: Vec::new(), kept: Arc::clone(&kept) };
    let mut settings = Settings::new(Context { today: 0, now: 0 });
    (settings.batch_rows, settings.threads) = (batch_rows, threads);
    let request = LoadRequest {
        contract: &contract,
        inputs: &inputs,
        sink: Box::new(sink),
        mode: Mode::Append,
        rejects: RejectFolder { path: &folder.join("rejects"), overwrite: true },
        force: false,
        max_rejects: None,
        allow_empty: true,
        load_id: "one".to_owned(),
        loaded_at: "2026-01-01T00:00:00Z".to_owned(),
    };
    let report = load(request, &settings).unwrap_or_else(|error| panic!("{error}"));
    let kept = kept.lock().unwrap().clone();
    (report, kept)
}

#[test]
fn refused_rows_become_rejects_in_their_place_and_are_no_parents() {
    let folder = TestFolder::new();
    folder.file("customers.csv", b"id,name\n1,abcd\nx,a\n2,\"b\nc\"\n3,abcde\n4,d\n");
    folder.file("orders.csv", b"id,customer\n10,1\n11,2\n12,3\n13,9\n");
    let (report, kept) = run(folder.path(), &[2, 3, 10], 2, 2);
    assert_eq!(kept, [vec![1, 4], vec![]]);
    let rejects = std::fs::read_to_string(folder.path().join("rejects/customers.rejects.csv")).unwrap();
    assert_eq!(rejects, "id,name\nx,a\n2,\"b\nc\"\n3,abcde\n");
    let rejects = std::fs::read_to_string(folder.path().join("rejects/orders.rejects.csv")).unwrap();
    assert_eq!(rejects, "id,customer\n10,1\n11,2\n12,3\n13,9\n", "their customers are not in the target");
    let reasons = std::fs::read_to_string(folder.path().join("rejects/customers.reasons.ndjson")).unwrap();
    let last = reasons.lines().last().unwrap();
    assert!(
        last.contains("violates check constraint") && last.contains("D501") && last.contains("max_length"),
        "{last}"
    );
    let customers = &report.tables[0];
    assert_eq!((customers.records, customers.clean, customers.rejected, customers.warned), (5, 2, 3, 1));
    let rule = customers.rules.last().unwrap();
    assert_eq!((rule.id.as_str(), rule.failures, rule.places.len()), ("customers.target", 2, 2));
    assert_eq!((rule.places[0].line, rule.places[1].line), (4, 6));
    assert!(!report.passed && report.committed == Some(true));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_is_lost_whatever_the_target_refuses(
        ids in proptest::collection::vec(0_i64..60, 0..80),
        refuses in proptest::collection::btree_set(0_i64..60, 0..30),
        batch_rows in 1_usize..9,
        threads in 1_usize..4,
    ) {
        let folder = TestFolder::new();
        let lines: String = ids.iter().map(|id| format!("{id},n\n")).collect();
        folder.file("customers.csv", format!("id,name\n{lines}").as_bytes());
        let refuses: Vec<i64> = refuses.into_iter().collect();
        let (report, kept) = run(folder.path(), &refuses, batch_rows, threads);
        let once = |id: &&i64| ids.iter().filter(|other| other == id).count() == 1;
        let want: Vec<i64> = ids.iter().filter(once).filter(|id| !refuses.contains(id)).copied().collect();
        let customers = &report.tables[0];
        prop_assert_eq!(customers.clean, want.len() as u64);
        prop_assert_eq!(customers.records, customers.clean + customers.rejected);
        if !ids.is_empty() {
            prop_assert_eq!(&kept[0], &want);
            let rejects = folder.path().join("rejects/customers.rejects.csv");
            let rejected = std::fs::read_to_string(rejects).unwrap_or_default();
            let gone: Vec<i64> = ids.iter().filter(|id| !want.contains(id)).copied().collect();
            let lines: Vec<String> = rejected.lines().skip(1).map(str::to_owned).collect();
            prop_assert_eq!(lines, gone.iter().map(|id| format!("{id},n")).collect::<Vec<_>>());
        }
    }
}
