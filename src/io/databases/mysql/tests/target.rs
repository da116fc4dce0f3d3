//! Loads into tables, and what the server says of single rows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int64Array,
    RecordBatch, StringArray, Time64MicrosecondArray, TimestampMicrosecondArray, UInt64Array,
};
use proptest::prelude::*;

use crate::frame::schema;
use crate::io::databases::mysql::tests::{Shop, table};
use crate::io::target::fixtures::{contract, held, load, open, prepared, products, receipt, rows, texts};
use crate::io::{Mode, Refused};
use crate::model::{Contract, DataType, ErrorKind, PrimaryKey, Table};

const FIRST: &[(i64, Option<i64>)] = &[(1, Some(1)), (2, Some(20)), (3, None), (4, Some(5))];
const AGAIN: &[(i64, Option<i64>)] = &[(2, Some(21)), (3, Some(7)), (50, Some(8))];

/// A table of an id and a name, and rows for it.
fn people() -> Table {
    let mut table = table("people", &[("id", DataType::Int64), ("name", DataType::String)]);
    table.primary_key = Some(PrimaryKey { columns: vec![0] });
    table
}

fn named(specs: &[(i64, &str)]) -> RecordBatch {
    let ids = Int64Array::from(specs.iter().map(|(id, _)| *id).collect::<Vec<_>>());
    let names =
        StringArray::from(specs.iter().map(|(_, name)| (!name.is_empty()).then_some(*name)).collect::<Vec<_>>());
    RecordBatch::try_new(schema::schema(&people()), vec![Arc::new(ids), Arc::new(names)]).unwrap()
}

/// Loads as a run does: rows that are refused are no clean rows then.
fn settled(to: &str, contract: &Contract, mode: Mode, batch: &RecordBatch) -> Vec<Refused> {
    let mut sink = open(to).unwrap();
    sink.begin(contract, &[0], mode).unwrap();
    sink.write(0, batch).unwrap();
    let refused = sink.settle(0).unwrap();
    let clean = (batch.num_rows() - refused.len()) as u64;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let id = format!("settled {}", NEXT.fetch_add(1, Ordering::Relaxed));
    let taken = sink.finish(&receipt(&id, contract, &[clean])).unwrap();
    assert_eq!(taken[0].loaded, clean);
    sink.commit().unwrap();
    refused
}

#[test]
fn types_and_constraints_are_the_contracts() {
    let shop = Shop::new();
    load(&shop.to, "a", &contract(vec![products()]), Mode::Append, &[rows(&FIRST[..2])]).unwrap();
    let columns = shop.sql(
        "SELECT CONCAT_WS(' ', column_name, column_type, is_nullable, collation_name) FROM information_schema.columns \
         WHERE table_schema = DATABASE() AND table_name = 'products' ORDER BY ordinal_position",
    );
    assert_eq!(
        columns,
        [
            "id bigint(20) NO",
            "sku \"x\", y longtext YES utf8mb4_nopad_bin",
            "price decimal(12,2) YES",
            "wide decimal(38,6) YES",
            "listed_on date YES",
            "opens time(6) YES",
            "at datetime(6) YES",
            "seen datetime(6) YES",
            "flag tinyint(1) YES",
            "tiny tinyint(3) unsigned YES",
            "big bigint(20) unsigned YES",
            "small float YES",
            "ratio double YES",
            "raw longblob YES",
            "tags longtext YES utf8mb4_bin",
            "basket longtext YES utf8mb4_bin",
            "place longtext YES utf8mb4_bin",
        ]
    );
    let table = shop.sql("SELECT engine, table_comment FROM information_schema.tables WHERE table_name = 'products' AND table_schema = DATABASE()");
    assert_eq!(table, ["InnoDB\t"]);
}

#[test]
fn only_a_finished_load_leaves_a_table() {
    let shop = Shop::new();
    let both = contract(vec![products(), people()]);
    drop(prepared(&shop.to, "a", &both, Mode::Append, &[rows(FIRST), named(&[(1, "a")])]).unwrap());
    assert_eq!(shop.tables(), ["karat_load", "karat_load_file"]);
    // As a killed load leaves it, with another contract.
    shop.sql("CREATE TABLE people (id INT) COMMENT = 'made by karat for a load that is not committed'");
    load(&shop.to, "b", &contract(vec![people()]), Mode::Append, &[named(&[(1, "a")])]).unwrap();
    assert_eq!(shop.sql("SELECT * FROM people"), ["1\ta"]);
}

#[test]
fn rows_the_target_refuses_are_found() {
    let shop = Shop::new();
    shop.sql(
        "CREATE TABLE people (id BIGINT PRIMARY KEY, name VARCHAR(6) UNIQUE, CONSTRAINT no_x CHECK (name NOT LIKE 'x%'));
         INSERT INTO people VALUES (7, 'seven');\nDELIMITER //\n
         CREATE TRIGGER t BEFORE INSERT ON people FOR EACH ROW IF NEW.id = 13 THEN \
         SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'thirteen is bad luck'; END IF //",
    );
    let contract = contract(vec![people()]);
    let mut specs: Vec<(i64, String)> = (100..20_100).map(|n| (n, format!("n{n}"))).collect();
    for (at, id, name) in [
        (0, 7, "a"),
        (5, 13, "b"),
        (9_000, 1, "xylo"),
        (9_001, 2, "too long"),
        (15_000, 3, "seven"),
        (19_999, 4, "6   "),
    ] {
        specs[at] = (id, name.to_owned());
    }
    let borrowed: Vec<(i64, &str)> = specs.iter().map(|(id, name)| (*id, name.as_str())).collect();
    let refused = settled(&shop.to, &contract, Mode::Append, &named(&borrowed));
    let told: Vec<(u64, &str, Option<&str>)> =
        refused.iter().map(|r| (r.row, r.message.as_str(), r.column.as_deref())).collect();
    assert_eq!(
        told,
        [
            (0, "Duplicate entry '7' for key 'PRIMARY'", None),
            (5, "thirteen is bad luck", None),
            (9_000, &*format!("CONSTRAINT `no_x` failed for `{}`.`people`", shop.name), None),
            (9_001, "Data too long for column 'name'", Some("name")),
            (15_000, "Duplicate entry 'seven' for key 'name'", None),
        ]
    );
    assert_eq!(shop.sql("SELECT COUNT(*) FROM people"), ["19996"]);
    // Blanks that do not fit are lost with a mere note.
    let refused = settled(&shop.to, &contract, Mode::Append, &named(&[(50_000, "ok"), (50_001, "blank    ")]));
    assert_eq!((refused.len(), refused[0].row), (1, 1), "{refused:?}");
}

#[test]
fn rows_refused_at_the_merge_are_found() {
    let shop = Shop::new();
    shop.sql(
        "CREATE TABLE people (id BIGINT PRIMARY KEY, name VARCHAR(20) UNIQUE, extra INT DEFAULT 5, CHECK (name <> 'bad'));
         INSERT INTO people SELECT seq, CONCAT('old', seq), 1 FROM seq_1_to_6000",
    );
    let mut specs: Vec<(i64, String)> = (3_001..12_001).map(|n| (n, format!("new{n}"))).collect();
    specs[10].1 = "bad".to_owned();
    specs[5_000].1 = "old1".to_owned();
    specs[8_999].1 = "bad".to_owned();
    let borrowed: Vec<(i64, &str)> = specs.iter().map(|(id, name)| (*id, name.as_str())).collect();
    let refused = settled(&shop.to, &contract(vec![people()]), Mode::Upsert, &named(&borrowed));
    assert_eq!(refused.iter().map(|r| r.row).collect::<Vec<_>>(), [10, 5_000, 8_999], "{refused:?}");
    assert_eq!(
        shop.sql("SELECT COUNT(*), SUM(name LIKE 'old%'), SUM(extra = 1), SUM(extra = 5) FROM people"),
        ["11998\t3001\t6000\t5998"]
    );
}

#[test]
fn refusals_nobody_asked_about_stop_the_load() {
    let shop = Shop::new();
    let contract = contract(vec![products()]);
    load(&shop.to, "a", &contract, Mode::Append, &[rows(FIRST)]).unwrap();
    let error = load(&shop.to, "b", &contract, Mode::Append, &[rows(AGAIN)]).unwrap_err();
    assert!(error.hints.iter().any(|hint| hint.contains("--mode upsert")), "{error}");
    assert_eq!(held(&shop.to, &contract, &products()), texts(&rows(FIRST)));
}

#[test]
fn an_upsert_spares_rows_equal_in_another_key() {
    let shop = Shop::new();
    shop.sql("CREATE TABLE people (id BIGINT PRIMARY KEY, name VARCHAR(9) UNIQUE); INSERT INTO people VALUES (1, 'a'), (2, 'b')");
    let refused = settled(&shop.to, &contract(vec![people()]), Mode::Upsert, &named(&[(2, "c"), (3, "a")]));
    assert_eq!(refused.len(), 1);
    assert_eq!(shop.sql("SELECT * FROM people ORDER BY id"), ["1\ta", "2\tc"]);
}

#[test]
fn an_upsert_needs_a_key_that_is_unique_there() {
    let shop = Shop::new();
    shop.sql("CREATE TABLE people (id BIGINT, name TEXT); INSERT INTO people VALUES (1, 'a'), (2, 'b'), (7, 'c')");
    let contract = contract(vec![people()]);
    let taken = load(&shop.to, "a", &contract, Mode::Upsert, &[named(&[(2, "x"), (3, "y")])]).unwrap();
    assert_eq!((taken[0].loaded, taken[0].updated), (2, 1));
    shop.sql("INSERT INTO people VALUES (2, 'z')");
    let error = load(&shop.to, "b", &contract, Mode::Upsert, &[named(&[(2, "q"), (4, "y")])]).unwrap_err();
    assert!(error.message.contains("2 rows in the target for 1 primary keys"), "{error}");
    assert_eq!(shop.sql("SELECT COUNT(*) FROM people WHERE name IN ('x', 'z')"), ["2"]);
}

#[test]
fn text_keys_compare_by_bytes() {
    let shop = Shop::new();
    let mut table = people();
    table.primary_key = Some(PrimaryKey { columns: vec![1] });
    let contract = contract(vec![table]);
    let batch = named(&[(1, "a"), (2, "A"), (3, "a "), (4, "á"), (5, "ß"), (6, "ss")]);
    assert_eq!(settled(&shop.to, &contract, Mode::Upsert, &batch), []);
    let again = load(&shop.to, "b", &contract, Mode::Upsert, &[named(&[(9, "A"), (10, "ä")])]).unwrap();
    assert_eq!((again[0].loaded, again[0].updated), (2, 1));
    let long = "x".repeat(256);
    assert_eq!(settled(&shop.to, &contract, Mode::Append, &named(&[(7, &long), (8, "y")])).len(), 1);
}

#[test]
fn replace_goes_from_child_to_parent() {
    let shop = Shop::new();
    let mut child = people();
    child.name = "child".to_owned();
    shop.sql(
        "CREATE TABLE people (id BIGINT PRIMARY KEY, name TEXT);
         CREATE TABLE child (id BIGINT PRIMARY KEY, name TEXT, FOREIGN KEY (id) REFERENCES people (id));",
    );
    let both = contract(vec![people(), child.clone()]);
    let two = [named(&[(1, "a"), (2, "b")]), named(&[(2, "c")])];
    for id in ["a", "b"] {
        load(&shop.to, id, &both, Mode::Replace, &two).unwrap();
    }
    let error = load(&shop.to, "c", &contract(vec![people()]), Mode::Replace, &two[..1]).unwrap_err();
    assert!(error.hints.iter().any(|hint| hint.contains("refer")), "{error}");
    // A row without its parent is refused by itself.
    let refused = settled(&shop.to, &contract(vec![child]), Mode::Append, &named(&[(1, "ok"), (99, "orphan")]));
    assert!(refused.len() == 1 && refused[0].row == 1, "{refused:?}");
    shop.sql("ALTER TABLE child DROP FOREIGN KEY child_ibfk_1, ADD FOREIGN KEY (id) REFERENCES people (id) ON DELETE CASCADE");
    let error = load(&shop.to, "d", &contract(vec![people()]), Mode::Replace, &two[..1]).unwrap_err();
    assert!(error.message.contains("rows of child"), "{error}");
    assert_eq!(shop.sql("SELECT COUNT(*) FROM child"), ["2"]);
}

#[test]
fn tables_that_do_not_fit_are_refused_by_column() {
    let shop = Shop::new();
    let mut table = products();
    table.columns.truncate(5);
    shop.sql(
        "CREATE TABLE products (ID INT, `SKU \"x\", y` VARCHAR(9), price DECIMAL(10,1), listed_on TIMESTAMP, \
         note INT NOT NULL, n INT NOT NULL DEFAULT 5, g INT AS (n + 1), auto INT NOT NULL AUTO_INCREMENT UNIQUE)",
    );
    let mut sink = open(&shop.to).unwrap();
    let error = sink.begin(&contract(vec![table.clone()]), &[0], Mode::Append).unwrap_err();
    assert_eq!(
        error.message,
        "the table products does not fit the contract: price is decimal(10,1) there and DECIMAL(12,2) by the contract; \
         wide is missing there; listed_on is timestamp there and DATE by the contract; note wants a value and is not in \
         the contract"
    );
    drop(sink);
    let begun = |table: &Table| {
        let mut sink = open(&shop.to).unwrap();
        sink.begin(&contract(vec![table.clone()]), &[0], Mode::Append).unwrap_err()
    };
    shop.sql("DROP TABLE products; CREATE VIEW products AS SELECT 1 AS id");
    assert!(begun(&table).message.contains("is a view"));
    shop.sql("DROP VIEW products; CREATE TABLE products (id INT) ENGINE = Aria");
    assert!(begun(&table).message.contains("undoes nothing"));
    assert_eq!(shop.tables(), ["products"]);
}

#[test]
fn moments_are_not_rounded() {
    let shop = Shop::new();
    shop.sql("CREATE TABLE t (at DATETIME(3))");
    let spec = table("t", &[("at", DataType::Timestamp)]);
    let moments = TimestampMicrosecondArray::from(vec![1_000, 1_001, -1_000]);
    let batch = RecordBatch::try_new(schema::schema(&spec), vec![Arc::new(moments)]).unwrap();
    let refused = settled(&shop.to, &contract(vec![spec]), Mode::Append, &batch);
    assert_eq!((refused.len(), refused[0].row, refused[0].column.as_deref()), (1, 1, Some("at")));
}

#[test]
fn statements_run_in_the_transaction() {
    let shop = Shop::new();
    shop.sql("CREATE TABLE by_name (name VARCHAR(9), n INT); CREATE PROCEDURE p() COMMIT");
    let mut contract = contract(vec![people()]);
    contract.after_load = vec![
        "DELETE FROM by_name; -- ;\nINSERT INTO by_name SELECT name, COUNT(*) FROM people GROUP BY name".to_owned(),
        "CREATE TEMPORARY TABLE x AS SELECT 'it\\'s; fine' AS y; DROP TEMPORARY TABLE x;".to_owned(),
    ];
    load(&shop.to, "a", &contract, Mode::Append, &[named(&[(1, "a"), (2, "a")])]).unwrap();
    assert_eq!(shop.sql("SELECT * FROM by_name"), ["a\t2"]);
    contract.after_load.push("SELECT nothing\nFROM nowhere".to_owned());
    let error = load(&shop.to, "b", &contract, Mode::Replace, &[named(&[(3, "z")])]).unwrap_err();
    assert!(error.message.contains("`SELECT nothing FROM nowhere`"), "{error}");
    assert_eq!(shop.sql("SELECT * FROM by_name"), ["a\t2"]);
    contract.after_load = vec!["CALL p()".to_owned()];
    let error = load(&shop.to, "c", &contract, Mode::Append, &[named(&[(4, "z")])]).unwrap_err();
    assert!(error.message.contains("ended the transaction"), "{error}");
    contract.after_load = vec!["ALTER TABLE people ADD x INT".to_owned()];
    let error = load(&shop.to, "d", &contract, Mode::Append, &[named(&[(5, "z")])]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Usage);
}

#[test]
fn names_may_be_hostile() {
    let shop = Shop::new();
    let mut spec = people();
    spec.name = "`; DROP TABLE `x`; --".to_owned();
    spec.columns[1].name = "a`b' \\ \"c\" é".to_owned();
    let contract = contract(vec![spec.clone()]);
    let batch = named(&[(0, "'); DROP TABLE x; --"), (2, "\\"), (3, "\\'"), (4, "a\0b\n\u{1a}"), (5, "😀")]);
    let batch = RecordBatch::try_new(schema::schema(&spec), batch.columns().to_vec()).unwrap();
    load(&shop.to, "it's\\", &contract, Mode::Append, std::slice::from_ref(&batch)).unwrap();
    load(&shop.to, "b", &contract, Mode::Upsert, std::slice::from_ref(&batch)).unwrap();
    assert_eq!(held(&shop.to, &contract, &spec), texts(&batch));
    spec.name = "x".repeat(65);
    let mut sink = open(&shop.to).unwrap();
    assert!(sink.begin(&self::contract(vec![spec]), &[0], Mode::Append).unwrap_err().message.contains("64"));
}

#[test]
fn rows_may_be_large_but_not_larger_than_a_packet() {
    let shop = Shop::new();
    let (large, huge) = ("é".repeat(3 << 20), "x".repeat(17 << 20));
    let batch = named(&[(1, "a"), (2, &large), (3, &huge), (4, &large), (5, "b")]);
    let refused = settled(&shop.to, &contract(vec![people()]), Mode::Append, &batch);
    assert!(refused.len() == 1 && refused[0].message.contains("max_allowed_packet"), "{}", refused[0].message);
    assert_eq!(shop.sql("SELECT id, LENGTH(name) FROM people"), ["1\t1", "2\t6291456", "4\t6291456", "5\t1"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_come_back_as_they_were(
        specs in proptest::collection::vec(
            (
                (any::<i64>(), any::<u64>(), any::<Option<bool>>(), any::<f32>(), any::<f64>()),
                (any::<Option<String>>(), any::<Vec<u8>>(), -719_162_i32..2_932_896, 0_i64..86_400_000_000),
                (-62_135_596_800_000_000_i64..253_402_300_799_999_999, any::<i64>(), any::<f32>()),
            ),
            1..60,
        )
    ) {
        let spec = table("t", &[
            ("i", DataType::Int64), ("u", DataType::UInt64), ("b", DataType::Bool), ("f", DataType::Float32),
            ("d", DataType::Float64), ("s", DataType::String), ("x", DataType::Binary), ("day", DataType::Date),
            ("time", DataType::Time), ("at", DataType::Timestamp), ("tz", DataType::TimestampTz),
            ("n", DataType::Decimal { precision: 38, scale: 19 }),
        ]);
        // The server knows one zero only.
        let finite = |value: f64| if value.is_finite() { value + 0.0 } else { 0.0 };
        let narrow = |value: f32| if value.is_finite() { value + 0.0 } else { f32::MAX };
        let columns: Vec<ArrayRef> = vec![
            Arc::new(specs.iter().map(|s| Some(s.0.0)).collect::<Int64Array>()),
            Arc::new(specs.iter().map(|s| Some(s.0.1)).collect::<UInt64Array>()),
            Arc::new(specs.iter().map(|s| s.0.2).collect::<BooleanArray>()),
            Arc::new(specs.iter().map(|s| Some(narrow(s.0.3))).collect::<Float32Array>()),
            Arc::new(specs.iter().map(|s| Some(finite(s.0.4))).collect::<Float64Array>()),
            Arc::new(specs.iter().map(|s| s.1.0.clone()).collect::<StringArray>()),
            Arc::new(BinaryArray::from_iter_values(specs.iter().map(|s| &s.1.1))),
            Arc::new(specs.iter().map(|s| Some(s.1.2)).collect::<Date32Array>()),
            Arc::new(specs.iter().map(|s| Some(s.1.3)).collect::<Time64MicrosecondArray>()),
            Arc::new(specs.iter().map(|s| Some(s.2.0)).collect::<TimestampMicrosecondArray>()),
            Arc::new(specs.iter().map(|s| Some(s.2.0)).collect::<TimestampMicrosecondArray>().with_timezone("UTC")),
            Arc::new(
                specs.iter().map(|s| Some(i128::from(s.2.1) * i128::from(s.0.0 >> 1))).collect::<Decimal128Array>()
                    .with_precision_and_scale(38, 19).unwrap(),
            ),
        ];
        let batch = RecordBatch::try_new(schema::schema(&spec), columns).unwrap();
        let shop = Shop::new();
        let contract = contract(vec![spec.clone()]);
        load(&shop.to, "a", &contract, Mode::Append, std::slice::from_ref(&batch)).unwrap();
        prop_assert_eq!(held(&shop.to, &contract, &spec), texts(&batch));
        shop.sql(&format!("DROP DATABASE {}", shop.name));
    }
}
