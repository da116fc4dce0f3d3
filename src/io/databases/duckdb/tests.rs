//! What only DuckDB does.

use super::*;
use crate::io::target::fixtures::{Scratch, contract, held, load, open, products, receipt, rows, texts};
use crate::model::{CellTest, Check, DataType, ErrorKind, NullPolicy, Rule, Severity};

type Specs = &'static [(i64, Option<i64>)];
const FIRST: Specs = &[(1, Some(1)), (2, Some(20)), (3, None), (4, Some(5))];
const AGAIN: Specs = &[(2, Some(21)), (3, Some(7)), (50, Some(8))];

/// A database beside which tests work with SQL.
struct Shop {
    scratch: Scratch,
}

impl Shop {
    fn new() -> Self {
        Self { scratch: Scratch::new() }
    }

    fn path(&self) -> PathBuf {
        self.scratch.path("shop.duckdb")
    }

    fn to(&self) -> String {
        self.path().display().to_string()
    }

    fn run(&self, script: &str) {
        Connection::open(self.path()).unwrap().execute_batch(script).unwrap();
    }

    fn texts(&self, query: &str) -> Vec<String> {
        let connection = Connection::open(self.path()).unwrap();
        let mut statement = connection.prepare(query).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.collect::<duckdb::Result<_>>().unwrap()
    }
}

fn required(table: &Table, column: usize) -> Rule {
    Rule {
        id: "r".to_owned(),
        kind: "required",
        code: "R101",
        columns: vec![table.path(&table.columns[column].name).unwrap()],
        check: Check::Cell(CellTest::Required),
        severity: Severity::Error,
        condition: None,
        max_failures: None,
        nulls: NullPolicy::Ignore,
        description: None,
        dimension: None,
        brief: String::new(),
        message: String::new(),
        place: (1, 1),
    }
}

#[test]
fn types_and_constraints_are_the_contracts() {
    let shop = Shop::new();
    let mut table = products();
    table.rules.push(required(&table, 2));
    load(&shop.to(), "a", &contract(vec![table]), Mode::Append, &[rows(&FIRST[..2])]).unwrap();
    let columns = shop.texts(
        "SELECT column_name || ' ' || data_type || CASE WHEN is_nullable THEN '' ELSE ' NOT NULL' END \
         FROM duckdb_columns() WHERE table_name = 'products' ORDER BY column_index",
    );
    assert_eq!(
        columns,
        [
            "id BIGINT NOT NULL",
            "sku \"x\", y VARCHAR",
            "price DECIMAL(12,2) NOT NULL",
            "wide DECIMAL(38,6)",
            "listed_on DATE",
            "opens TIME",
            "at TIMESTAMP",
            "seen TIMESTAMP WITH TIME ZONE",
            "flag BOOLEAN",
            "tiny UTINYINT",
            "big UBIGINT",
            "small FLOAT",
            "ratio DOUBLE",
            "raw BLOB",
            "tags VARCHAR[]",
            "basket STRUCT(\"product \"\"id\"\"\" VARCHAR, price BIGINT)[]",
            "place STRUCT(city VARCHAR, zip INTEGER)",
        ]
    );
    let keys = shop.texts(
        "SELECT constraint_column_names::VARCHAR FROM duckdb_constraints() \
         WHERE table_name = 'products' AND constraint_type = 'PRIMARY KEY'",
    );
    assert_eq!(keys, ["[id]"]);
}

#[test]
fn values_arrive_exactly() {
    let shop = Shop::new();
    load(&shop.to(), "a", &contract(vec![products()]), Mode::Append, &[rows(&[(1, Some(2))])]).unwrap();
    let row = shop.texts(
        "SELECT concat_ws('|', price, wide, listed_on, opens, \"at\", epoch_us(seen), big, ratio, hex(raw), tags::VARCHAR, \
         basket[1].price, place.city, \"sku \"\"x\"\", y\") FROM products",
    );
    assert_eq!(
        row,
        [
            "-99999999.85|-99999999999999999999999999999999.999997|1962-05-03|00:00:02.000006|1970-01-02 23:59:59.999997|\
         172800000002|18446744073709551613|0.2857142857142857|FFFF|[tag 0, NULL]|9223372036854775807|city 2|\
         a,\"2\"\né"
        ]
    );
}

#[test]
fn history_says_what_was_loaded() {
    let shop = Shop::new();
    let contract = contract(vec![products()]);
    load(&shop.to(), "a", &contract, Mode::Append, &[rows(FIRST)]).unwrap();
    load(&shop.to(), "b", &contract, Mode::Replace, &[rows(AGAIN)]).unwrap();
    assert_eq!(
        shop.texts(
            "SELECT concat_ws('|', load_id, epoch_us(loaded_at), mode, contract, contract_sha256) FROM karat_load"
        ),
        ["a|1793448000123456|append|retail|c0ffee", "b|1793448000123456|replace|retail|c0ffee"]
    );
    assert_eq!(
        shop.texts(
            "SELECT concat_ws('|', load_id, table_name, path, sha256, bytes, records, clean, rejected, replaced_by) \
             FROM karat_load_file ORDER BY load_id"
        ),
        ["a|products|in/products.csv|sha of a|100|5|4|1|b", "b|products|in/products.csv|sha of b|100|4|3|1"]
    );
}

#[test]
fn views_and_indexes_outlive_every_mode() {
    let shop = Shop::new();
    let contract = contract(vec![products()]);
    load(&shop.to(), "a", &contract, Mode::Append, &[rows(FIRST)]).unwrap();
    shop.run(
        "CREATE VIEW v AS SELECT count(*)::VARCHAR AS n FROM products; CREATE INDEX by_day ON products (listed_on)",
    );
    load(&shop.to(), "b", &contract, Mode::Replace, &[rows(AGAIN)]).unwrap();
    assert_eq!(shop.texts("SELECT n FROM v"), ["3"]);
    load(&shop.to(), "c", &contract, Mode::Upsert, &[rows(FIRST)]).unwrap();
    assert_eq!(shop.texts("SELECT n FROM v"), ["5"]);
    load(&shop.to(), "d", &contract, Mode::Replace, &[rows(FIRST)]).unwrap();
    assert_eq!(shop.texts("SELECT index_name FROM duckdb_indexes()"), ["by_day"]);
    assert_eq!(shop.texts("SELECT n FROM v"), ["4"]);
}

#[test]
fn replace_keeps_the_tables_own_definition() {
    let shop = Shop::new();
    let mut table = products();
    table.columns.truncate(3);
    shop.run(
        "CREATE SEQUENCE s; CREATE TABLE products (\"sku \"\"x\"\", y\" VARCHAR DEFAULT 'none', \
         price DECIMAL(12,2) CHECK (price < 0), \"ID\" BIGINT UNIQUE DEFAULT nextval('s')); \
         INSERT INTO products VALUES ('q', -1, 9)",
    );
    let definition = shop.texts("SELECT sql FROM duckdb_tables() WHERE table_name = 'products'");
    let contract = contract(vec![table]);
    let part = rows(FIRST).project(&[0, 1, 2]).unwrap();
    for (id, mode) in [("a", Mode::Replace), ("b", Mode::Upsert), ("c", Mode::Replace)] {
        load(&shop.to(), id, &contract, mode, std::slice::from_ref(&part)).unwrap();
        assert_eq!(shop.texts("SELECT sql FROM duckdb_tables() WHERE table_name = 'products'"), definition);
        assert_eq!(held(&shop.to(), &contract, &contract.tables[0]), texts(&part));
    }
}

#[test]
fn upserts_follow_each_other() {
    let shop = Shop::new();
    let contract = contract(vec![products()]);
    let specs = |seed: i64| -> Vec<(i64, Option<i64>)> { (0..3000).map(|n| (n, Some((n * seed) % 997))).collect() };
    for (id, seed) in [("a", 1), ("b", 2), ("c", 3), ("d", 3)] {
        load(&shop.to(), id, &contract, Mode::Upsert, &[rows(&specs(seed))]).unwrap();
        assert_eq!(held(&shop.to(), &contract, &products()), texts(&rows(&specs(seed))));
    }
}

#[test]
fn an_upsert_needs_no_constraint_in_the_target_but_a_unique_key() {
    let shop = Shop::new();
    let mut table = products();
    table.columns.truncate(1);
    shop.run("CREATE TABLE products (id BIGINT); INSERT INTO products VALUES (1), (2), (7)");
    let contract = contract(vec![table]);
    let part = rows(AGAIN).project(&[0]).unwrap();
    let taken = load(&shop.to(), "a", &contract, Mode::Upsert, std::slice::from_ref(&part)).unwrap();
    assert_eq!((taken[0].loaded, taken[0].updated), (3, 1));
    shop.run("INSERT INTO products VALUES (2)");
    let error = load(&shop.to(), "b", &contract, Mode::Upsert, &[part]).unwrap_err();
    assert!(error.message.contains("4 rows in the target for 3 primary keys"), "{error}");
    assert_eq!(shop.texts("SELECT count(*)::VARCHAR FROM products"), ["6"]);
}

#[test]
fn an_upsert_into_an_empty_table_still_wants_a_unique_key() {
    let shop = Shop::new();
    let mut table = products();
    table.columns.truncate(1);
    shop.run("CREATE TABLE products (id BIGINT)");
    let part = rows(&[(1, None), (2, None), (1, None)]).project(&[0]).unwrap();
    let error = load(&shop.to(), "a", &contract(vec![table]), Mode::Upsert, &[part]).unwrap_err();
    assert!(error.message.contains("the same primary key"), "{error}");
}

#[test]
fn a_primary_key_may_be_a_list() {
    let shop = Shop::new();
    let mut table = products();
    table.primary_key = Some(crate::model::PrimaryKey { columns: vec![14, 0] });
    let contract = contract(vec![table]);
    let specs = &[(1, Some(2)), (2, Some(3)), (3, Some(5))];
    load(&shop.to(), "a", &contract, Mode::Upsert, &[rows(specs)]).unwrap();
    let taken = load(&shop.to(), "b", &contract, Mode::Upsert, &[rows(&specs[1..])]).unwrap();
    assert_eq!((taken[0].loaded, taken[0].updated), (2, 2));
    assert_eq!(held(&shop.to(), &contract, &contract.tables[0]), texts(&rows(specs)));
}

#[test]
fn an_append_of_a_known_key_is_refused_with_a_hint() {
    let shop = Shop::new();
    let contract = contract(vec![products()]);
    load(&shop.to(), "a", &contract, Mode::Append, &[rows(FIRST)]).unwrap();
    let error = load(&shop.to(), "b", &contract, Mode::Append, &[rows(AGAIN)]).unwrap_err();
    assert!(error.hints.iter().any(|hint| hint.contains("--mode upsert")), "{error}");
    assert_eq!(held(&shop.to(), &contract, &products()), texts(&rows(FIRST)));
}

#[test]
fn statements_run_in_the_transaction() {
    let shop = Shop::new();
    let mut contract = contract(vec![products()]);
    contract.after_load = vec![
        "CREATE OR REPLACE TABLE by_day AS SELECT listed_on, count(*) AS n FROM products GROUP BY 1; -- ;".to_owned(),
        "CREATE OR REPLACE VIEW v AS SELECT sum(n)::VARCHAR AS n FROM by_day".to_owned(),
        "DELETE FROM products WHERE id = 3".to_owned(),
    ];
    load(&shop.to(), "a", &contract, Mode::Replace, &[rows(FIRST)]).unwrap();
    load(&shop.to(), "b", &contract, Mode::Replace, &[rows(AGAIN)]).unwrap();
    assert_eq!(shop.texts("SELECT n FROM v"), ["3"]);
    assert_eq!(shop.texts("SELECT count(*)::VARCHAR FROM products"), ["2"]);
    contract.after_load.push("SELECT nothing\nFROM nowhere".to_owned());
    let error = load(&shop.to(), "c", &contract, Mode::Replace, &[rows(FIRST)]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Output);
    assert!(
        error.to_string().contains("`SELECT nothing FROM nowhere`") && error.to_string().contains("nowhere"),
        "{error}"
    );
    assert_eq!(shop.texts("SELECT n FROM v"), ["3"]);
}

#[test]
fn statements_may_not_end_the_transaction() {
    let shop = Shop::new();
    let mut contract = contract(vec![products()]);
    contract.after_load = vec!["SELECT 1; commit".to_owned()];
    let error = load(&shop.to(), "a", &contract, Mode::Append, &[rows(FIRST)]).unwrap_err();
    assert!(error.kind == ErrorKind::Usage && error.message.contains("`commit`"), "{error}");
    assert!(!shop.path().exists());
}

#[test]
fn tables_that_do_not_fit_are_refused_by_column() {
    let shop = Shop::new();
    let mut table = products();
    table.columns.truncate(4);
    shop.run("CREATE TABLE products (id INTEGER, \"SKU \"\"x\"\", y\" VARCHAR, price DECIMAL(10,2), note TEXT)");
    for mode in [Mode::Append, Mode::Replace, Mode::Upsert] {
        let mut sink = open(&shop.to()).unwrap();
        let error = sink.begin(&contract(vec![table.clone()]), &[0], mode).unwrap_err();
        assert_eq!(
            error.message,
            "the table products does not fit the contract: id is INTEGER there and BIGINT by the contract; price is \
             DECIMAL(10,2) there and DECIMAL(12,2) by the contract; wide is missing there; note is not in the contract"
        );
    }
    shop.run("DROP TABLE products; CREATE VIEW products AS SELECT 1 AS id");
    let mut sink = open(&shop.to()).unwrap();
    let error = sink.begin(&contract(vec![table]), &[0], Mode::Append).unwrap_err();
    assert!(error.message.contains("is a view"), "{error}");
}

#[test]
fn names_duckdb_cannot_tell_apart_are_refused() {
    let mut twin = products();
    twin.name = "PRODUCTS".to_owned();
    let error = tables::check_names(&contract(vec![products(), twin]), &[0, 1]).unwrap_err();
    assert!(error.message.contains("products and PRODUCTS"), "{error}");
    let mut table = products();
    table.columns[1].name = "Id".to_owned();
    assert!(tables::check_names(&contract(vec![table]), &[0]).is_err());
    let mut table = products();
    table.name = "Karat_load".to_owned();
    assert!(tables::check_names(&contract(vec![table]), &[0]).is_err());
}

#[test]
fn a_file_that_was_made_for_nothing_is_removed() {
    let shop = Shop::new();
    let mut sink = open(&shop.to()).unwrap();
    sink.begin(&contract(vec![products()]), &[0], Mode::Append).unwrap();
    sink.write(0, &rows(FIRST)).unwrap();
    drop(sink);
    assert_eq!(shop.scratch.names(), Vec::<String>::new());
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let shop = Shop::new();
    std::fs::write(shop.path(), vec![b'x'; 20_000]).unwrap();
    let mut sink = open(&shop.to()).unwrap();
    let error = sink.begin(&contract(vec![products()]), &[0], Mode::Append).unwrap_err();
    assert!(error.message.contains("is not a DuckDB file"), "{error}");
    assert_eq!(std::fs::read(shop.path()).unwrap().len(), 20_000);
}

#[test]
fn other_types_are_cast_when_read() {
    let shop = Shop::new();
    let mut table = products();
    table.columns.truncate(3);
    shop.run("CREATE TABLE products (ID INTEGER, price DOUBLE, \"sku \"\"x\"\", y\" VARCHAR); INSERT INTO products VALUES (1, 2.5, 'x')");
    let found = held(&shop.to(), &contract(vec![]), &table);
    assert_eq!(found, ["{\"id\":1,\"sku \\\"x\\\", y\":\"x\",\"price\":2.50}"]);
    table.columns[2] = crate::model::Column::new("absent", DataType::Date);
    let mut sink = open(&shop.to()).unwrap();
    sink.begin(&contract(vec![]), &[], Mode::Append).unwrap();
    assert!(sink.existing(&table, &[2], &mut |_| Ok(())).is_err());
}

#[test]
fn text_may_hold_any_character() {
    let shop = Shop::new();
    let mut table = products();
    table.columns.truncate(2);
    let strings = arrow_array::StringArray::from(vec!["a\0b", "\u{10ffff}", ""]);
    let ids = arrow_array::Int64Array::from(vec![1, 2, 3]);
    let columns: Vec<ArrayRef> = vec![std::sync::Arc::new(ids), std::sync::Arc::new(strings)];
    let batch = RecordBatch::try_new(schema::schema(&table), columns).unwrap();
    let contract = contract(vec![table]);
    load(&shop.to(), "a", &contract, Mode::Append, std::slice::from_ref(&batch)).unwrap();
    assert_eq!(held(&shop.to(), &contract, &contract.tables[0]), texts(&batch));
}

#[test]
fn a_lost_row_is_noticed() {
    let shop = Shop::new();
    let contract = contract(vec![products()]);
    let mut sink = DuckDb::new(shop.path());
    sink.begin(&contract, &[0], Mode::Append).unwrap();
    sink.write(0, &rows(FIRST)).unwrap();
    let state = sink.state.as_mut().unwrap();
    let load = state.loads[0].as_mut().unwrap();
    // As if the target had dropped a row.
    load.flush(&state.file.writer, &products()).unwrap();
    state.file.writer.execute_batch("DELETE FROM products WHERE id = 2").unwrap();
    let error = sink.finish(&receipt("a", &contract, &[4])).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conservation, "{error}");
}

#[test]
fn many_rows_come_by_files_in_their_order_and_leave_nothing_behind() {
    let shop = Shop::new();
    let contract = contract(vec![products()]);
    let all: Vec<(i64, Option<i64>)> = (0..150_000).map(|n| (n * 7919 % 150_001, Some(n % 1000))).collect();
    for mode in [Mode::Append, Mode::Upsert, Mode::Replace] {
        let mut sink = open(&shop.to()).unwrap();
        sink.begin(&contract, &[0], mode).unwrap();
        for part in all.chunks(7_000) {
            sink.write(0, &rows(part)).unwrap();
        }
        assert_eq!(sink.finish(&receipt(mode.name(), &contract, &[150_000])).unwrap()[0].loaded, 150_000);
        sink.commit().unwrap();
        let connection = Connection::open(shop.path()).unwrap();
        let mut statement = connection.prepare("SELECT id FROM products").unwrap();
        let ids: Vec<i64> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert!(ids.iter().eq(all.iter().map(|(id, _)| id)), "{}: another order", mode.name());
    }
    assert_eq!(held(&shop.to(), &contract, &products()), texts(&rows(&all)));
    assert_eq!(shop.scratch.names(), ["shop.duckdb"]);
}
