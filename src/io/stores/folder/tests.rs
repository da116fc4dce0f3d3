//! What only folders do.

use super::*;
use crate::io::target::fixtures::{
    Scratch, contract, held, load, names, open, prepared, products, receipt, rows, texts,
};
use crate::io::target::{self, TargetOptions};
use crate::model::{Access, Column, DataType};

fn small(name: &str, columns: &[&str]) -> Table {
    let mut table = products();
    name.clone_into(&mut table.name);
    table.columns = columns.iter().map(|column| Column::new(*column, DataType::String)).collect();
    table
}

fn strings(table: &Table, values: &[&[Option<&str>]]) -> RecordBatch {
    let column = |index: usize| {
        let cells: Vec<Option<&str>> = values.iter().map(|row| row[index]).collect();
        std::sync::Arc::new(arrow_array::StringArray::from(cells)) as arrow_array::ArrayRef
    };
    let columns = (0..table.columns.len()).map(column).collect();
    RecordBatch::try_new(crate::frame::schema::schema(table), columns).unwrap()
}

#[test]
fn parts_and_history_stand_where_they_should() {
    let scratch = Scratch::new();
    let out = scratch.path("out");
    let to = format!("csv:{}/", out.display());
    let table = small("t", &["a", "b\"c"]);
    let contract = contract(vec![table.clone()]);
    let values: &[&[Option<&str>]] = &[&[Some("1"), None], &[Some(""), Some("x,y")]];
    load(&to, "id-1", &contract, Mode::Append, &[strings(&table, values)]).unwrap();
    assert_eq!(names(&out), ["_karat", "t"]);
    let text = fs::read_to_string(out.join("t/part-id-1-0.csv")).unwrap();
    assert_eq!(text, "a,\"b\"\"c\"\n1,\n\"\",\"x,y\"\n");
    let history = fs::read_to_string(out.join("_karat/history.ndjson")).unwrap();
    let entry: serde_json::Value = serde_json::from_str(history.trim()).unwrap();
    assert_eq!((&entry["load_id"], &entry["clean"], &entry["mode"]), (&"id-1".into(), &2.into(), &"append".into()));
    assert_eq!(scratch.names(), ["out"]);
}

#[test]
fn ndjson_is_exact() {
    let scratch = Scratch::new();
    let to = format!("ndjson:{}", scratch.path("out").display());
    load(&to, "l", &contract(vec![products()]), Mode::Append, &[rows(&[(i64::MAX, Some(2)), (2, None)])]).unwrap();
    let text = fs::read_to_string(scratch.path("out/products/part-l-0.ndjson")).unwrap();
    let first = text.lines().next().unwrap();
    assert!(
        first.starts_with(
            "{\"id\":9223372036854775807,\"sku \\\"x\\\", y\":\"a,\\\"2\\\"\\né\",\"price\":-99999999.85,"
        )
    );
    assert!(first.contains("\"at\":\"1970-01-02T23:59:59.999997\""), "{first}");
    assert!(first.contains("\"basket\":[{\"product \\\"id\\\"\":\"p0\",\"price\":9223372036854775807}"), "{first}");
    assert!(text.lines().nth(1).unwrap().ends_with("\"basket\":null,\"place\":null}"));
}

#[test]
fn the_null_of_a_single_column_is_no_empty_line() {
    let scratch = Scratch::new();
    let table = small("t", &["only"]);
    let to = format!("csv:{}", scratch.path("out").display());
    let values: &[&[Option<&str>]] = &[&[None], &[Some("")], &[Some(r"\N")]];
    load(&to, "l", &contract(vec![table.clone()]), Mode::Append, &[strings(&table, values)]).unwrap();
    let text = fs::read_to_string(scratch.path("out/t/part-l-0.csv")).unwrap();
    assert_eq!(text, "only\n\\N\n\"\"\n\"\\N\"\n");
}

#[test]
fn a_full_part_ends_and_the_next_begins() {
    let scratch = Scratch::new();
    let contract = contract(vec![products()]);
    let mut folder = Folder::new(Shape::new(Format::Parquet, None, false, 1).unwrap(), scratch.path("out"));
    folder.begin(&contract, &[0], Mode::Append).unwrap();
    folder.write(0, &rows(&[(1, Some(1))])).unwrap();
    folder.write(0, &rows(&[(2, None), (3, Some(3))])).unwrap();
    assert_eq!(folder.finish(&receipt("l", &contract, &[3])).unwrap()[0].loaded, 3);
    Box::new(folder).commit().unwrap();
    assert_eq!(names(&scratch.path("out/products")), ["part-l-0.parquet", "part-l-1.parquet"]);
    let to = format!("parquet:{}", scratch.path("out").display());
    assert_eq!(held(&to, &contract, &products()), texts(&rows(&[(1, Some(1)), (2, None), (3, Some(3))])));
}

#[test]
fn parts_that_keep_all_their_rows_are_not_written_again() {
    use std::os::unix::fs::MetadataExt;
    let scratch = Scratch::new();
    let contract = contract(vec![products()]);
    let to = format!("parquet:{}", scratch.path("out").display());
    load(&to, "a", &contract, Mode::Append, &[rows(&[(1, Some(1)), (2, Some(2))])]).unwrap();
    load(&to, "b", &contract, Mode::Append, &[rows(&[(3, Some(3))])]).unwrap();
    load(&to, "c", &contract, Mode::Append, &[rows(&[(4, Some(3))])]).unwrap();
    let inode = |name: &str| fs::metadata(scratch.path("out/products").join(name)).unwrap().ino();
    let before = (inode("part-a-0.parquet"), inode("part-b-0.parquet"));
    load(&to, "d", &contract, Mode::Upsert, &[rows(&[(2, Some(9)), (4, None)])]).unwrap();
    let parts = ["part-a-0.parquet", "part-b-0.parquet", "part-d-0.parquet"];
    assert_eq!(names(&scratch.path("out/products")), parts, "a part without rows goes");
    assert_ne!(inode("part-a-0.parquet"), before.0);
    assert_eq!(inode("part-b-0.parquet"), before.1);
}

#[test]
fn an_empty_table_has_a_file_that_names_its_columns() {
    let scratch = Scratch::new();
    let table = small("t", &["a", "b"]);
    let to = format!("csv:{}", scratch.path("out").display());
    load(&to, "l", &contract(vec![table.clone()]), Mode::Append, &[strings(&table, &[])]).unwrap();
    assert_eq!(fs::read_to_string(scratch.path("out/t/part-l-0.csv")).unwrap(), "a,b\n");
}

#[test]
fn columns_that_differ_are_named() {
    let scratch = Scratch::new();
    let to = format!("parquet:{}", scratch.path("out").display());
    load(&to, "a", &contract(vec![products()]), Mode::Append, &[rows(&[(1, Some(1))])]).unwrap();
    let mut other = products();
    other.columns[2].data_type = DataType::Decimal { precision: 14, scale: 2 };
    "note".clone_into(&mut other.columns[8].name);
    let refused = contract(vec![other]);
    let mut sink = open(&to).unwrap();
    let error = sink.begin(&refused, &[0], Mode::Append).unwrap_err();
    for part in ["price is Decimal128(12, 2) there", "note is missing there", "flag is not in the contract"] {
        assert!(error.message.contains(part), "{error}");
    }
    assert!(open(&to).unwrap().begin(&refused, &[0], Mode::Replace).is_ok());
    assert_eq!(scratch.names(), ["out"]);
}

#[test]
fn formats_are_not_mixed() {
    let scratch = Scratch::new();
    let out = scratch.path("out");
    load(&format!("parquet:{}", out.display()), "a", &contract(vec![products()]), Mode::Append, &[rows(&[])]).unwrap();
    let mut sink = open(&format!("csv:{}", out.display())).unwrap();
    let error = sink.begin(&contract(vec![products()]), &[0], Mode::Append).unwrap_err();
    assert!(error.message.contains("holds parquet files"), "{error}");
}

#[test]
fn statements_are_not_run_and_that_is_said() {
    let scratch = Scratch::new();
    let to = format!("parquet:{}", scratch.path("out").display());
    let mut contract = contract(vec![products()]);
    contract.after_load = vec!["CREATE VIEW v AS SELECT 1".to_owned()];
    let (sink, _) = prepared(&to, "a", &contract, Mode::Append, &[rows(&[])]).unwrap();
    assert!(sink.notes()[0].contains("after_load was not run"));
}

#[test]
fn rejects_written_into_the_target_during_the_load_stay() {
    let scratch = Scratch::new();
    let to = format!("parquet:{}", scratch.path("out").display());
    let contract = contract(vec![products()]);
    load(&to, "a", &contract, Mode::Append, &[rows(&[(1, None)])]).unwrap();
    let (sink, _) = prepared(&to, "b", &contract, Mode::Append, &[rows(&[(2, None)])]).unwrap();
    fs::create_dir(scratch.path("out/rejects")).unwrap();
    fs::write(scratch.path("out/rejects/products.csv"), "bad\n").unwrap();
    sink.commit().unwrap();
    assert_eq!(fs::read_to_string(scratch.path("out/rejects/products.csv")).unwrap(), "bad\n");
    assert_eq!(names(&scratch.path("out/products")).len(), 2);
}

#[test]
fn rejects_may_be_what_makes_the_target() {
    let scratch = Scratch::new();
    let to = format!("parquet:{}", scratch.path("out").display());
    let contract = contract(vec![products()]);
    let (sink, _) = prepared(&to, "a", &contract, Mode::Append, &[rows(&[(2, None)])]).unwrap();
    fs::create_dir_all(scratch.path("out/rejects")).unwrap();
    fs::write(scratch.path("out/rejects/products.csv"), "bad\n").unwrap();
    sink.commit().unwrap();
    assert_eq!(names(&scratch.path("out")), ["_karat", "products", "rejects"]);
    assert_eq!(names(&scratch.path("out/rejects")), ["products.csv"]);
}

#[test]
fn two_first_loads_at_once_are_not_mixed() {
    let scratch = Scratch::new();
    let contract = contract(vec![products()]);
    let to = format!("parquet:{}", scratch.path("out").display());
    let (sink, _) = prepared(&to, "a", &contract, Mode::Append, &[rows(&[(1, None)])]).unwrap();
    fs::create_dir_all(scratch.path("out/_karat")).unwrap();
    let error = sink.commit().unwrap_err();
    assert!(error.message.contains("another load made"), "{error}");
    assert_eq!(names(&scratch.path("out")), ["_karat"]);
    assert_eq!(scratch.names(), ["out"]);
}

#[test]
fn a_file_is_no_target() {
    let scratch = Scratch::new();
    fs::write(scratch.path("out"), "x").unwrap();
    let mut sink = Folder::new(Shape::new(Format::Csv, None, false, 1).unwrap(), scratch.path("out"));
    let error = sink.begin(&contract(vec![products()]), &[0], Mode::Append).unwrap_err();
    assert!(error.message.contains("is not a folder"), "{error}");
}

#[test]
fn equal_compressed_parts_are_read_and_mended_like_others() {
    let scratch = Scratch::new();
    let contract = contract(vec![products()]);
    let to = format!("csv:{}", scratch.path("out").display());
    let options = TargetOptions { parts: Some(3), gzip: true, ..TargetOptions::default() };
    let through = |id: &str, mode, batch: &RecordBatch| {
        let mut sink = target::open(&to, &options).unwrap();
        sink.begin(&contract, &[0], mode).unwrap();
        sink.write(0, batch).unwrap();
        sink.finish(&receipt(id, &contract, &[batch.num_rows() as u64])).unwrap();
        sink.commit().unwrap();
    };
    let first: Vec<(i64, Option<i64>)> = (0..100).map(|n| (n, Some(n))).collect();
    through("a", Mode::Append, &rows(&first));
    let parts = ["part-a-0.csv.gz", "part-a-1.csv.gz", "part-a-2.csv.gz"];
    assert_eq!(names(&scratch.path("out/products")), parts);
    assert!(fs::read(scratch.path("out/products/part-a-1.csv.gz")).unwrap().starts_with(&[0x1f, 0x8b]));
    through("b", Mode::Upsert, &rows(&[(7, None), (200, None)]));
    let mut merged = first.clone();
    merged[7] = (7, None);
    merged.push((200, None));
    assert_eq!(held(&to, &contract, &products()), texts(&rows(&merged)));
    assert!(fs::read(scratch.path("out/products/part-a-1.csv.gz")).unwrap().starts_with(&[0x1f, 0x8b]));
    // Later loads need not be compressed.
    load(&to, "c", &contract, Mode::Append, &[rows(&[(300, None)])]).unwrap();
    assert_eq!(names(&scratch.path("out/products")).last().unwrap(), "part-c-0.csv");
}

#[test]
fn a_load_is_undone_once_and_may_come_again() {
    let scratch = Scratch::new();
    let contract = contract(vec![products()]);
    let to = format!("ndjson:{}", scratch.path("out").display());
    let mut ledger = target::ledger(&to, &Access::default()).unwrap();
    assert!(ledger.loads().unwrap().is_empty());
    assert!(ledger.undo("a", "now").unwrap_err().message.contains("no load"));
    assert!(!scratch.path("out").exists());
    let (first, second) = (rows(&[(1, Some(1)), (2, None)]), rows(&[(3, Some(3))]));
    load(&to, "a", &contract, Mode::Append, std::slice::from_ref(&first)).unwrap();
    load(&to, "b", &contract, Mode::Append, std::slice::from_ref(&second)).unwrap();
    assert_eq!(ledger.undo("a", "2026-11-01T00:00:00Z").unwrap(), [("products".to_owned(), 2)]);
    assert_eq!(held(&to, &contract, &products()), texts(&second));
    assert_eq!(names(&scratch.path("out/products")), ["part-b-0.ndjson"]);
    let loads = ledger.loads().unwrap();
    let seen: Vec<_> = loads.iter().map(|load| (load.load_id.as_str(), load.undone_at.as_deref())).collect();
    assert_eq!(seen, [("a", Some("2026-11-01T00:00:00Z")), ("b", None)]);
    assert_eq!((loads[0].mode.as_str(), loads[0].files.len()), ("append", 1));
    assert!(ledger.undo("a", "now").unwrap_err().message.contains("undone"));
    let mut sink = open(&to).unwrap();
    sink.begin(&contract, &[0], Mode::Append).unwrap();
    assert_eq!(sink.loaded_before("products", "sha of a").unwrap(), None);
    drop(sink);
    load(&to, "c", &contract, Mode::Replace, &[first]).unwrap();
    assert!(ledger.undo("b", "now").unwrap_err().message.contains("replaced"));
    assert!(ledger.undo("c", "now").unwrap_err().message.contains("replace"));
    assert_eq!(scratch.names(), ["out"]);
}

#[test]
fn a_load_whose_rows_changed_is_not_undone() {
    let scratch = Scratch::new();
    let contract = contract(vec![products()]);
    let to = format!("parquet:{}", scratch.path("out").display());
    load(&to, "a", &contract, Mode::Append, &[rows(&[(1, Some(1)), (2, None)])]).unwrap();
    load(&to, "b", &contract, Mode::Upsert, &[rows(&[(2, Some(9))])]).unwrap();
    let error = target::ledger(&to, &Access::default()).unwrap().undo("a", "now").unwrap_err();
    assert!(error.message.contains("1 of 2 rows"), "{error}");
    assert_eq!(held(&to, &contract, &products()).len(), 2);
}
