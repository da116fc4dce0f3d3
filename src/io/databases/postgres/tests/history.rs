//! The load history, and loads taken back.

use super::*;
use crate::io::LOAD_ID;
use crate::io::target::fixtures::{contract, held, load, products, rows, texts};
use crate::io::target::ledger;
use crate::model::{Access, Column, DataType, ErrorKind};

#[test]
fn history_says_what_was_loaded() {
    let shop = Shop::new();
    let mut history = ledger(&shop.to(), &Access::default()).unwrap();
    assert_eq!(history.loads().unwrap(), []);
    let contract = contract(vec![products()]);
    load(&shop.to(), "a", &contract, Mode::Append, &[rows(FIRST)]).unwrap();
    load(&shop.to(), "b", &contract, Mode::Replace, &[rows(AGAIN)]).unwrap();
    let loads = history.loads().unwrap();
    let shown: Vec<String> = loads
        .iter()
        .map(|load| {
            format!("{} {} {} {} {}", load.load_id, load.loaded_at, load.mode, load.contract, load.contract_sha256)
        })
        .collect();
    assert_eq!(
        shown,
        ["a 2026-10-31T12:00:00.123456Z append retail c0ffee", "b 2026-10-31T12:00:00.123456Z replace retail c0ffee"]
    );
    let file = &loads[0].files[0];
    assert_eq!((file.file.table.as_str(), file.file.sha256.as_str()), ("products", "sha of a"));
    assert_eq!((file.file.bytes, file.file.records, file.file.clean, file.file.rejected), (100, 5, 4, 1));
    assert_eq!(file.replaced_by.as_deref(), Some("b"));
    assert_eq!(loads[1].files[0].replaced_by, None);
    assert_eq!(loads[1].karat_version, env!("CARGO_PKG_VERSION"));
}

/// `products` with the column that tells loads apart.
fn marked() -> Table {
    let mut table = products();
    table.columns.truncate(1);
    table.columns.push(Column::new(LOAD_ID, DataType::String));
    table
}

fn of_load(specs: Specs, id: &str) -> RecordBatch {
    let ids = rows(specs).column(0).clone();
    let marks = arrow_array::StringArray::from(vec![id; specs.len()]);
    RecordBatch::try_new(crate::frame::schema::schema(&marked()), vec![ids, std::sync::Arc::new(marks)]).unwrap()
}

const UNDONE: &str = "2026-11-01T08:00:00.000000Z";

#[test]
fn an_append_can_be_undone_and_done_again() {
    let shop = Shop::new();
    let contract = contract(vec![marked()]);
    let more: Specs = &[(60, None), (61, None)];
    load(&shop.to(), "a", &contract, Mode::Append, &[of_load(FIRST, "a")]).unwrap();
    load(&shop.to(), "b", &contract, Mode::Append, &[of_load(more, "b")]).unwrap();
    let mut history = ledger(&shop.to(), &Access::default()).unwrap();
    assert_eq!(history.undo("a", UNDONE).unwrap(), [("products".to_owned(), 4)]);
    assert_eq!(held(&shop.to(), &contract, &marked()), texts(&of_load(more, "b")));
    let undone = &history.loads().unwrap()[0];
    assert_eq!((undone.undone_at.as_deref(), undone.outcome()), (Some(UNDONE), "undone"));
    let mut sink = open(&shop.to()).unwrap();
    sink.begin(&contract, &[0], Mode::Append).unwrap();
    assert_eq!(sink.loaded_before("products", "sha of a").unwrap(), None);
    assert_eq!(sink.loaded_before("products", "sha of b").unwrap().as_deref(), Some("b"));
    let error = history.undo("b", UNDONE).unwrap_err();
    assert!(error.message.contains("another load"), "{error}");
    drop(sink);
    let error = history.undo("a", UNDONE).unwrap_err();
    assert!(error.kind == ErrorKind::Usage && error.message.contains("undone at"), "{error}");
}

#[test]
fn what_cannot_be_undone_is_left_alone() {
    let shop = Shop::new();
    let contract = contract(vec![marked()]);
    load(&shop.to(), "a", &contract, Mode::Append, &[of_load(FIRST, "a")]).unwrap();
    let mut history = ledger(&shop.to(), &Access::default()).unwrap();
    shop.run("DELETE FROM products WHERE id = 3");
    let error = history.undo("a", UNDONE).unwrap_err();
    assert!(error.message.contains("brought 4 rows, and 3 of them are there"), "{error}");
    assert_eq!(shop.run("SELECT count(*) FROM products"), ["3"]);
    assert_eq!(history.undo("z", UNDONE).unwrap_err().kind, ErrorKind::Usage);
    load(&shop.to(), "b", &contract, Mode::Upsert, &[of_load(AGAIN, "b")]).unwrap();
    assert!(history.undo("b", UNDONE).unwrap_err().message.contains("no append but an upsert"));
    load(&shop.to(), "c", &contract, Mode::Replace, &[of_load(AGAIN, "c")]).unwrap();
    assert!(history.undo("a", UNDONE).unwrap_err().message.contains("load c replaced"));
    load(&shop.to(), "d", &contract, Mode::Append, &[of_load(&[(70, None)], "d")]).unwrap();
    shop.run("ALTER TABLE products DROP COLUMN load_id");
    assert!(history.undo("d", UNDONE).unwrap_err().message.contains("has no column load_id"));
}

#[test]
fn two_first_loads_into_one_schema_make_one_history() {
    let shop = Shop::new();
    let mut second = products();
    second.name = "second".to_owned();
    let both = contract(vec![products(), second]);
    let threads: Vec<_> = (0..2)
        .map(|index| {
            let (to, contract) = (shop.to(), both.clone());
            std::thread::spawn(move || {
                let mut sink = open(&to)?;
                sink.begin(&contract, &[index], Mode::Append)?;
                sink.write(index, &rows(FIRST))?;
                let mut clean = vec![0; 2];
                clean[index] = 4;
                sink.finish(&crate::io::target::fixtures::receipt(&format!("l{index}"), &contract, &clean))?;
                sink.commit()
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap().unwrap();
    }
    assert_eq!(shop.run("SELECT load_id FROM karat_load ORDER BY 1"), ["l0", "l1"]);
}
