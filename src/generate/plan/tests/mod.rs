//! Generator and checker meet: what is generated passes the contract.

mod named;
mod random;
mod rows;
mod rules;
mod settings;
mod spread;

// Tests may look across: generator and checker meet here.
#[cfg(test)]
use crate::contract as document;

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_select::concat::concat_batches;

use crate::frame::keys::{KeyEncoder, KeySet, OrderState};
use crate::frame::{Judge, Mask};
use crate::generate::generator::{Generator, Options, TableGenerator};
use crate::generate::judging;
use crate::generate::residual::Group;
use crate::model::temporal::DAY;
use crate::model::{Check, Context, Contract, KeyTest, Table};

const AS_OF: i32 = 20_484;
const CONTEXT: Context = Context { today: AS_OF, now: AS_OF as i64 * DAY };

pub fn options(rows: u64) -> Options {
    Options { seed: 7, as_of: AS_OF, rows: Vec::new(), default_rows: rows, scale: 1.0 }
}

pub fn contract(tables: &str) -> Contract {
    let indented: String = tables.lines().map(|line| format!("  {line}\n")).collect();
    let text = format!("karat: 1\nname: n\ntables:\n{indented}");
    document::read(&text)
        .unwrap_or_else(|complaints| panic!("{}", document::diagnose::render("c", &text, &complaints, false)))
}

pub fn generator(tables: &str, rows: u64) -> Generator {
    Generator::new(&contract(tables), &options(rows)).unwrap_or_else(|error| panic!("{error}"))
}

/// Gives what a contract that cannot be met is told.
fn refusal(tables: &str, rows: u64) -> String {
    Generator::new(&contract(tables), &options(rows)).expect_err("it cannot be met").to_string()
}

fn whole(table: &TableGenerator) -> RecordBatch {
    table.batch(0..table.rows).unwrap_or_else(|error| panic!("{error}"))
}

/// Generates a contract and holds every rule of rows and keys against it; gives the tables.
fn passes(tables: &str, rows: u64) -> Vec<RecordBatch> {
    let contract = contract(tables);
    let generator = Generator::new(&contract, &options(rows)).unwrap_or_else(|error| panic!("{tables}\n{error}"));
    let batches: Vec<RecordBatch> = generator.tables.iter().map(whole).collect();
    for ((table, made), batch) in contract.tables.iter().zip(&generator.tables).zip(&batches) {
        judge(table, batch);
        keys(table, batch, &contract, &batches);
        let cut = made.rows / 3;
        let parts = [made.batch(0..cut).unwrap(), made.batch(cut..made.rows).unwrap()];
        assert_eq!(concat_batches(&batch.schema(), &parts).unwrap(), *batch, "{tables}");
    }
    batches
}

fn judge(table: &Table, batch: &RecordBatch) {
    let judge = Judge::new(table, &CONTEXT).unwrap();
    let columns: Vec<ArrayRef> = batch.columns().to_vec();
    for (rule, verdict) in table.rules.iter().zip(judging::verdicts(&judge, columns.clone(), batch.num_rows())) {
        if verdict.not_evaluated.is_some() && judging::is_of_rows(rule) {
            // This build has no engine for expressions.
            let all = (0..columns.len()).collect();
            let group = Group::new(table, all, &[rule], &CONTEXT).unwrap();
            assert_eq!(group.failing(&columns, batch.num_rows()).unwrap(), Vec::<u32>::new(), "{}", rule.id);
            continue;
        }
        let broken: Vec<usize> = verdict.failed.rows().take(3).collect();
        assert!(broken.is_empty(), "{} is broken by rows {broken:?}: {:?}", rule.id, batch.slice(broken[0], 1));
    }
}

fn keys(table: &Table, batch: &RecordBatch, contract: &Contract, batches: &[RecordBatch]) {
    let mut key = Vec::new();
    for rule in &table.rules {
        match &rule.check {
            Check::Key(KeyTest::Unique { columns, .. }) => {
                let arrays: Vec<ArrayRef> = columns.iter().map(|column| batch.column(*column).clone()).collect();
                let (encoder, mut known) = (KeyEncoder::of(&arrays), KeySet::new());
                for row in 0..batch.num_rows() {
                    if encoder.encode(row, &mut key) {
                        assert!(known.get_or_insert(&key, ()).is_none(), "{}: row {row} repeats a key", rule.id);
                    }
                }
            }
            Check::Key(KeyTest::Increasing { column, strict }) => {
                let fallen = OrderState::default().judge(batch.column(*column), &Mask::full(batch.num_rows()), *strict);
                assert!(!fallen.any(), "{}", rule.id);
            }
            Check::Key(KeyTest::References { columns, parent, parent_columns }) => {
                let index = contract.tables.iter().position(|table| table.name == *parent).unwrap();
                let arrays: Vec<ArrayRef> =
                    parent_columns.iter().map(|column| batches[index].column(*column).clone()).collect();
                let parts: Vec<&dyn arrow_array::Array> = arrays.iter().map(AsRef::as_ref).collect();
                let mut known = crate::frame::keys::DistinctKeys::new(arrays.iter().map(|array| array.data_type()));
                known.add(&parts, &Mask::full(batches[index].num_rows()));
                let references =
                    crate::frame::keys::reference::References { paths: columns, parents: &known, null_fails: false };
                let orphans = references.dangling(batch.columns(), &Mask::full(batch.num_rows()));
                assert!(!orphans.any(), "{} has orphans", rule.id);
            }
            _ => {}
        }
    }
}

fn different(array: &ArrayRef) -> usize {
    let arrays = [array.clone()];
    let (encoder, mut known, mut key) = (KeyEncoder::of(&arrays), KeySet::new(), Vec::new());
    for row in 0..array.len() {
        if encoder.encode(row, &mut key) {
            known.get_or_insert(&key, ());
        }
    }
    known.len()
}
