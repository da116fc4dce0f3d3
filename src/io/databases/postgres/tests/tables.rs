//! Which tables are made, which fit, and what stands beside them.

use super::*;
use crate::io::target::fixtures::{held, load, products, rows, texts};
use crate::model::{Column, DataType, ErrorKind, PrimaryKey};

fn narrow(columns: usize) -> Table {
    let mut table = products();
    table.columns.truncate(columns);
    table
}

fn part(specs: Specs, columns: &[usize]) -> RecordBatch {
    rows(specs).project(columns).unwrap()
}

#[test]
fn types_and_keys_are_the_contracts() {
    let shop = Shop::new();
    load(&shop.to(), "a", &contract(vec![products()]), Mode::Append, &[rows(&FIRST[..2])]).unwrap();
    let columns = shop.run(
        "SELECT attname || ' ' || format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END \
         FROM pg_attribute WHERE attrelid = 'products'::regclass AND attnum > 0 ORDER BY attnum",
    );
    assert_eq!(
        columns,
        [
            "id bigint NOT NULL",
            "sku \"x\", y text",
            "price numeric(12,2)",
            "wide numeric(38,6)",
            "listed_on date",
            "opens time without time zone",
            "at timestamp without time zone",
            "seen timestamp with time zone",
            "flag boolean",
            "tiny smallint",
            "big numeric(20,0)",
            "small real",
            "ratio double precision",
            "raw bytea",
            "tags jsonb",
            "basket jsonb",
            "place jsonb",
        ]
    );
    assert_eq!(shop.run("SELECT indkey FROM pg_index WHERE indrelid = 'products'::regclass AND indisprimary"), ["1"]);
}

#[test]
fn replace_keeps_the_tables_own_definition() {
    let shop = Shop::new();
    shop.run(
        "CREATE TABLE products (\"sku \"\"x\"\", y\" varchar(30) DEFAULT 'none', extra int, price numeric(14,3) CHECK (price < 0), \
         noted timestamptz NOT NULL DEFAULT now(), number int GENERATED ALWAYS AS IDENTITY, id integer UNIQUE); \
         CREATE INDEX by_price ON products (price); CREATE VIEW v AS SELECT count(*) AS n FROM products; \
         INSERT INTO products VALUES ('q', 1, -1, DEFAULT, DEFAULT, 9)",
    );
    let table = narrow(3);
    let contract = contract(vec![table.clone()]);
    let part = part(FIRST, &[0, 1, 2]);
    for (id, mode) in [("a", Mode::Replace), ("b", Mode::Upsert), ("c", Mode::Replace)] {
        load(&shop.to(), id, &contract, mode, std::slice::from_ref(&part)).unwrap();
        assert_eq!(held(&shop.to(), &contract, &table), texts(&part));
        assert_eq!(shop.run("SELECT n FROM v"), ["4"]);
    }
    assert_eq!(shop.run("SELECT count(*) FROM pg_indexes WHERE tablename = 'products'"), ["2"]);
}

#[test]
fn tables_that_do_not_fit_are_refused_by_column() {
    let shop = Shop::new();
    shop.run(
        "CREATE TABLE products (id text, \"SKU \"\"x\"\", y\" text, price numeric(10,1), note text NOT NULL, \
         filled int NOT NULL DEFAULT 1, empty int)",
    );
    let contract = contract(vec![narrow(4)]);
    for mode in [Mode::Append, Mode::Replace, Mode::Upsert] {
        let error = open(&shop.to()).unwrap().begin(&contract, &[0], mode).unwrap_err();
        assert_eq!(
            error.message,
            "the table products does not fit the contract: id is text there and bigint by the contract; sku \"x\", y is \
             called SKU \"x\", y there; price is numeric(10,1) there and numeric(12,2) by the contract; wide is missing \
             there; note is not in the contract, and wants a value there"
        );
    }
    shop.run("DROP TABLE products; CREATE VIEW products AS SELECT 1 AS id");
    let error = open(&shop.to()).unwrap().begin(&contract, &[0], Mode::Append).unwrap_err();
    assert!(error.message.contains("is a view"), "{error}");
}

#[test]
fn an_upsert_needs_a_unique_index_on_exactly_the_key() {
    let shop = Shop::new();
    shop.run(
        "CREATE TABLE products (id bigint, price numeric(12,2)); CREATE UNIQUE INDEX ON products (id) WHERE id > 0; \
         CREATE UNIQUE INDEX ON products (id, price)",
    );
    let mut table = narrow(3);
    table.columns.remove(1);
    let contract = contract(vec![table]);
    let part = part(FIRST, &[0, 2]);
    let error = load(&shop.to(), "a", &contract, Mode::Upsert, std::slice::from_ref(&part)).unwrap_err();
    let hint = "Make one there: CREATE UNIQUE INDEX ON \"public\".\"products\" (\"id\");";
    assert!(error.hints.iter().any(|known| known == hint), "{:?}", error.hints);
    shop.run("CREATE UNIQUE INDEX ON products (id)");
    let taken = load(&shop.to(), "b", &contract, Mode::Upsert, &[part]).unwrap();
    assert_eq!((taken[0].loaded, taken[0].updated), (4, 0));
    shop.run("ALTER TABLE products ADD UNIQUE (id) DEFERRABLE");
    let error = load(&shop.to(), "c", &contract, Mode::Upsert, &[rows(AGAIN).project(&[0, 2]).unwrap()]).unwrap_err();
    assert!(error.message.contains("deferrable"), "{error}");
}

#[test]
fn a_primary_key_may_be_a_list_or_all_there_is() {
    let shop = Shop::new();
    let mut table = products();
    table.primary_key = Some(PrimaryKey { columns: vec![14, 0] });
    let specs = &[(1, Some(2)), (2, Some(3)), (3, Some(5))];
    let taken = |id, rows| load_table(&shop.to(), id, &table, Mode::Upsert, &[rows]).unwrap().0;
    assert_eq!(taken("a", rows(specs)), Taken { loaded: 3, updated: 0 });
    assert_eq!(taken("b", rows(&specs[1..])), Taken { loaded: 2, updated: 2 });
    let mut alone = narrow(1);
    alone.name = "alone".to_owned();
    let taken = |id, specs| load_table(&shop.to(), id, &alone, Mode::Upsert, &[part(specs, &[0])]).unwrap().0;
    assert_eq!(taken("c", FIRST), Taken { loaded: 4, updated: 0 });
    assert_eq!(taken("d", AGAIN), Taken { loaded: 3, updated: 2 });
}

#[test]
fn counts_of_an_upsert_are_exact_on_every_sort_of_table() {
    let shop = Shop::new();
    shop.run(
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; \
         CREATE TABLE triggered (id bigint PRIMARY KEY); \
         CREATE TRIGGER t BEFORE INSERT OR UPDATE ON triggered FOR EACH ROW EXECUTE FUNCTION f(); \
         CREATE TABLE parted (id bigint PRIMARY KEY) PARTITION BY RANGE (id); \
         CREATE TABLE low PARTITION OF parted FOR VALUES FROM (-1000) TO (3); \
         CREATE TABLE high PARTITION OF parted FOR VALUES FROM (3) TO (1000)",
    );
    for name in ["triggered", "parted"] {
        let mut table = narrow(1);
        table.name = name.to_owned();
        let taken = |id: &str, specs| load_table(&shop.to(), id, &table, Mode::Upsert, &[part(specs, &[0])]).unwrap().0;
        assert_eq!(taken(&format!("{name} a"), FIRST), Taken { loaded: 4, updated: 0 });
        assert_eq!(taken(&format!("{name} b"), AGAIN), Taken { loaded: 3, updated: 2 });
    }
}

#[test]
fn foreign_keys_set_the_order_of_deleting_and_spare_other_tables() {
    let shop = Shop::new();
    shop.run(
        "CREATE TABLE products (id bigint PRIMARY KEY); CREATE TABLE lines (id bigint REFERENCES products); \
         INSERT INTO products VALUES (7); INSERT INTO lines VALUES (7)",
    );
    let mut lines = narrow(1);
    (lines.name, lines.primary_key) = ("lines".to_owned(), None);
    let both = contract(vec![narrow(1), lines.clone()]);
    let part = part(FIRST, &[0]);
    load(&shop.to(), "a", &both, Mode::Replace, &[part.clone(), part.clone()]).unwrap();
    assert_eq!(held(&shop.to(), &both, &lines), texts(&part));
    let error = load(&shop.to(), "b", &contract(vec![narrow(1)]), Mode::Replace, &[part.clone()]).unwrap_err();
    assert!(error.to_string().contains("foreign key") && !error.hints.is_empty(), "{error}");
    shop.run(
        "ALTER TABLE lines DROP CONSTRAINT lines_id_fkey, ADD FOREIGN KEY (id) REFERENCES products ON DELETE CASCADE",
    );
    let error = load(&shop.to(), "c", &contract(vec![narrow(1)]), Mode::Replace, &[part]).unwrap_err();
    assert!(error.message.contains("would also delete"), "{error}");
    assert_eq!(shop.run("SELECT count(*) FROM lines"), ["4"]);
}

#[test]
fn rows_may_refer_to_rows_that_come_later() {
    let shop = Shop::new();
    shop.run(
        "CREATE TABLE products (id bigint PRIMARY KEY, above bigint REFERENCES products); \
         CREATE INDEX ON products (above)",
    );
    let mut table = narrow(1);
    table.columns.push(Column::new("above", DataType::Int64));
    let ids: Vec<i64> = (0..140_000).collect();
    let above = ids.iter().map(|id| (*id < 139_999).then_some(id + 1)).collect::<Vec<_>>();
    let arrays: Vec<arrow_array::ArrayRef> = vec![
        std::sync::Arc::new(arrow_array::Int64Array::from(ids)),
        std::sync::Arc::new(arrow_array::Int64Array::from(above)),
    ];
    let batch = RecordBatch::try_new(crate::frame::schema::schema(&table), arrays).unwrap();
    for (id, mode) in [("a", Mode::Append), ("b", Mode::Replace), ("c", Mode::Upsert)] {
        let (taken, refused) = load_table(&shop.to(), id, &table, mode, std::slice::from_ref(&batch)).unwrap();
        assert_eq!((taken.loaded, refused.len()), (140_000, 0));
    }
}

#[test]
fn another_schema_is_loaded_and_a_missing_one_refused() {
    let shop = Shop::new();
    shop.run("CREATE SCHEMA \"Odd 's\"");
    let contract = contract(vec![products()]);
    let to = format!("{}?schema=Odd%20's", shop.to());
    load(&to, "a", &contract, Mode::Append, &[rows(FIRST)]).unwrap();
    assert_eq!(held(&to, &contract, &products()), texts(&rows(FIRST)));
    assert_eq!(shop.run("SELECT count(*) FROM \"Odd 's\".karat_load"), ["1"]);
    let error = load(&format!("{}?schema=none", shop.to()), "b", &contract, Mode::Append, &[]).unwrap_err();
    assert!(error.message.contains("no schema none") && error.hints[0].contains("CREATE SCHEMA"), "{error}");
}

#[test]
fn names_that_postgresql_would_cut_or_that_are_karats_are_refused() {
    let refused = |table: Table| {
        let error = super::super::tables::check_names(&contract(vec![table]), &[0]).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Usage);
        error.message
    };
    let mut table = narrow(1);
    table.columns.push(Column::new("é".repeat(32), DataType::String));
    assert!(refused(table.clone()).contains("64 bytes"));
    table.columns[1].name = "a\0b".to_owned();
    assert!(refused(table.clone()).contains("U+0000"));
    table.columns[1].name = String::new();
    assert!(refused(table.clone()).contains("empty"));
    table.name = "karat_load".to_owned();
    assert!(refused(table).contains("load history"));
}

#[test]
fn hostile_names_are_names() {
    let shop = Shop::new();
    for (number, name) in
        ["\"; DROP TABLE x; --", "select", "Ünïcode €", "a'b", "$1", "%s\\", "karat_row"].iter().enumerate()
    {
        let mut table = narrow(3);
        table.name = (*name).to_owned();
        table.columns[2].name = (*name).to_owned();
        let contract = contract(vec![table.clone()]);
        let part = rows(FIRST);
        let part = RecordBatch::try_new(crate::frame::schema::schema(&table), part.columns()[..3].to_vec()).unwrap();
        load(&shop.to(), &format!("a{number}"), &contract, Mode::Append, std::slice::from_ref(&part)).unwrap();
        load(&shop.to(), &format!("b{number}"), &contract, Mode::Upsert, std::slice::from_ref(&part)).unwrap();
        assert_eq!(held(&shop.to(), &contract, &table), texts(&part), "{name}");
    }
}

#[test]
fn statements_run_in_the_transaction() {
    let shop = Shop::new();
    let mut contract = contract(vec![products()]);
    contract.after_load = vec![
        "CREATE TABLE by_day AS SELECT listed_on, count(*) AS n FROM products GROUP BY 1; -- ;".to_owned(),
        "DELETE FROM products WHERE id = 3".to_owned(),
    ];
    load(&shop.to(), "a", &contract, Mode::Replace, &[rows(FIRST)]).unwrap();
    assert_eq!(shop.run("SELECT count(*) FROM products"), ["3"]);
    contract.after_load = vec!["SELECT nothing\nFROM nowhere".to_owned()];
    let error = load(&shop.to(), "b", &contract, Mode::Replace, &[rows(AGAIN)]).unwrap_err();
    assert!(error.to_string().contains("`SELECT nothing FROM nowhere`"), "{error}");
    contract.after_load = vec!["SELECT 1; commit".to_owned()];
    let error = load(&shop.to(), "c", &contract, Mode::Append, &[rows(AGAIN)]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Usage, "{error}");
    assert_eq!(shop.run("SELECT count(*) FROM products"), ["3"]);
}
