//! Change batches against a table replayed in memory.

// Tests may look across: the settings are easiest written as a contract.
#[cfg(test)]
use crate::contract;

use std::collections::BTreeMap;

use arrow_array::Int64Array;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;

use super::*;
/// Rows whose key is their number and whose other values follow from it.
#[derive(Debug)]
struct Numbered(u64);

impl Rows for Numbered {
    fn count(&self) -> u64 {
        self.0
    }

    fn make(&self, rows: Range<u64>) -> Result<RecordBatch> {
        assert!(rows.start <= rows.end && rows.end <= self.0, "{rows:?} of {}", self.0);
        let column = |times: i64| -> ArrayRef {
            Arc::new(Int64Array::from_iter_values(rows.clone().map(|row| row.cast_signed() * times)))
        };
        let fields = ["id", "price", "taxed", "label"].map(|name| Field::new(name, DataType::Int64, true));
        RecordBatch::try_new(
            Arc::new(Schema::new(fields.to_vec())),
            vec![column(1), column(10), column(20), column(-1)],
        )
        .map_err(broken)
    }
}

const TABLES: &str = "karat: 1\nname: n\ntables:\n  t:\n    primary_key: [id]\n    columns:\n      id: int64\n      \
                      price: int64\n      taxed: {type: int64, generate: {expression: price * 2}}\n      label: int64\n";

fn table(text: &str) -> Table {
    contract::read(text).unwrap().tables.remove(0)
}

fn plan<'r>(rows: &'r Numbered, initial: u64, batches: u32, shares: Shares) -> Updates<'r> {
    Updates::new(&table(TABLES), rows, 7, initial, batches, shares).unwrap()
}

fn values(rows: &RecordBatch) -> Vec<[i64; 4]> {
    let column = |index: usize| rows.column(index).as_primitive::<Int64Type>();
    (0..rows.num_rows()).map(|row| [0, 1, 2, 3].map(|index| column(index).value(row))).collect()
}

/// Plays the batches, in pieces of some length, onto what the table starts with.
fn replay(updates: &Updates<'_>, batches: u32, piece: u64) -> BTreeMap<i64, [i64; 4]> {
    let pieces = |range: Range<u64>| {
        let end = range.end;
        range.step_by(usize::try_from(piece).unwrap()).map(move |start| start..(start + piece).min(end))
    };
    let mut target = BTreeMap::new();
    for range in pieces(updates.initial()) {
        let rows = updates.state(0, range).unwrap();
        target.extend(values(&rows).into_iter().map(|row| (row[0], row)));
    }
    for batch in 1..=batches {
        for range in pieces(updates.known(batch)) {
            let changes = updates.batch(batch, range).unwrap();
            assert_eq!(changes.ops.len(), changes.rows.num_rows());
            for (op, row) in changes.ops.iter().zip(values(&changes.rows)) {
                let before = match op {
                    Op::Delete => target.remove(&row[0]),
                    Op::Insert | Op::Update => target.insert(row[0], row),
                };
                // An insert is new, an update and a delete find their row.
                assert_eq!(before.is_some(), *op != Op::Insert);
                assert!(*op != Op::Delete || before == Some(row));
            }
        }
    }
    target
}

#[test]
fn the_batches_lead_to_the_expected_state() {
    let shares = Shares { inserts: 0.1, updates: 0.2, deletes: 0.05 };
    let rows = Numbered(shares.planned(1000, 4));
    let updates = plan(&rows, 1000, 4, shares);
    assert_eq!((rows.0, updates.known(0), updates.known(4)), (1400, 0..1000, 0..1400));
    for piece in [1400, 333, 64] {
        for after in 0..=4 {
            let want = replay(&updates, after, piece);
            let state = updates.state(after, updates.known(after)).unwrap();
            assert_eq!(values(&state), want.into_values().collect::<Vec<_>>(), "{after}, {piece}");
        }
    }
}

#[test]
fn the_shares_are_met() {
    let shares = Shares::default();
    let rows = Numbered(shares.planned(20_000, 2));
    let updates = plan(&rows, 20_000, 2, shares);
    let count =
        |batch: u32, wanted: Op| updates.known(batch).filter(|row| updates.op(*row, batch) == Some(wanted)).count();
    assert_eq!((count(1, Op::Insert), count(2, Op::Insert)), (1000, 1000));
    assert!(count(1, Op::Update).abs_diff(2000) < 200);
    assert!(count(1, Op::Delete).abs_diff(400) < 100);
    // The dead do not die again: fewer of those there are.
    assert!(count(2, Op::Update).abs_diff(2058) < 200);
}

#[test]
fn what_hangs_together_changes_together() {
    let shares = Shares { inserts: 0.0, updates: 0.5, deletes: 0.0 };
    let rows = Numbered(100);
    let state = plan(&rows, 100, 3, shares).state(3, 0..100).unwrap();
    let changed = values(&state).iter().filter(|row| row[1] != row[0] * 10).count();
    assert!(changed > 50);
    for [_, price, taxed, label] in values(&state) {
        assert_eq!((taxed, label * -10), (price * 2, price));
    }
}

#[test]
fn columns_that_hang_on_the_key_stay() {
    let kept = |columns: &str, rules: &str| {
        let text = format!("karat: 1\nname: n\ntables:\n  t:\n    primary_key: [id]\n    columns: {columns}\n{rules}");
        bonds::kept(&table(&text)).unwrap()
    };
    let plain = "{id: int64, a: int64, b: int64, c: {type: string, unique: true}}";
    assert_eq!(kept(plain, ""), [true, false, false, true]);
    assert_eq!(kept(plain, "    rules: [{expression: id < a}, {expression: a < b}]"), [true; 4]);
    assert_eq!(kept(plain, "    rules: [{expression: a < b}]"), [true, false, false, true]);
    assert_eq!(kept(plain, "    rules: [{minimum: 1, column: b, where: id > 5}]"), [true, false, true, true]);
    let derived = "{id: int64, a: {type: int64, generate: {expression: id + 1}}, b: date}";
    assert_eq!(kept(derived, ""), [true, true, false]);
    assert_eq!(kept(derived, "    generate: {day: b}"), [true; 3]);
}

#[test]
fn tables_that_cannot_be_updated_are_told() {
    let refused = |text: &str, shares: Shares| {
        let rows = Numbered(shares.planned(10, 1));
        Updates::new(&table(text), &rows, 1, 10, 1, shares).unwrap_err().message
    };
    let keyless = "karat: 1\nname: n\ntables: {t: {columns: {id: int64}}}\n";
    assert!(refused(keyless, Shares::default()).contains("no primary key"));
    let bare = "karat: 1\nname: n\ntables: {t: {primary_key: id, columns: {id: int64}}}\n";
    assert!(refused(bare, Shares::default()).contains("nothing in `t` can change"));
    let twice = "karat: 1\nname: n\ntables:\n  t:\n    primary_key: {columns: id, keep: last}\n    columns: \
                 {id: {type: int64, generate: {distinct: 5}}, a: int64}\n";
    assert!(refused(twice, Shares::default()).contains("repeats"));
    assert!(refused(TABLES, Shares { updates: 0.9, deletes: 0.2, inserts: 0.0 }).contains("their sum"));
    let error = Updates::new(&table(TABLES), &Numbered(10), 1, 10, 1, Shares::default()).unwrap_err();
    assert!(error.message.contains("need 11"));
}

#[test]
fn parents_keep_their_rows() {
    let text = "karat: 1\nname: n\ntables:\n  p: {primary_key: id, columns: {id: int64, a: int64}}\n  \
                t: {columns: {p: {type: int64, references: p.id}}}\n";
    let contract = contract::read(text).unwrap();
    let of = |table: &str| Shares::default().of(&contract, table);
    assert_eq!(of("p"), Shares { inserts: 0.0, deletes: 0.0, updates: 0.1 });
    assert_eq!(of("t"), Shares::default());
}

#[test]
fn operations_are_a_column() {
    let rows = Numbered(Shares::default().planned(100, 1));
    let updates = plan(&rows, 100, 1, Shares::default());
    let changes = updates.batch(1, updates.known(1)).unwrap();
    let batch = changes.with_op("op").unwrap();
    assert_eq!((batch.num_columns(), batch.schema().field(0).name().as_str()), (5, "op"));
    let words = batch.column(0).as_string::<i32>();
    assert!(words.iter().flatten().all(|word| matches!(word, "insert" | "update" | "delete")));
    assert!(changes.with_op("label").unwrap_err().message.contains("`label`"));
}

#[test]
fn small_tables_do_no_harm() {
    for initial in [0, 1, 2] {
        let shares = Shares { inserts: 1.0, updates: 0.5, deletes: 0.5 };
        let rows = Numbered(shares.planned(initial, 3));
        let updates = plan(&rows, initial, 3, shares);
        let want = replay(&updates, 3, 2);
        assert_eq!(values(&updates.state(3, updates.known(3)).unwrap()), want.into_values().collect::<Vec<_>>());
    }
}
