//! Hostile names, types and options, and what each mode writes.

use super::*;
use crate::model::{Column, DataType, PrimaryKey, SourceSpec};
use crate::sql::script::statements;

fn table(name: &str, columns: &[(&str, DataType)], key: &[usize]) -> Table {
    let columns = columns.iter().map(|(name, data_type)| Column::new(*name, data_type.clone())).collect();
    let mut table = Table::plain(name, SourceSpec::default(), columns);
    table.primary_key = (!key.is_empty()).then(|| PrimaryKey { columns: key.to_vec() });
    table
}

fn contract(tables: Vec<Table>) -> Contract {
    let sha256 = "0".repeat(64);
    Contract {
        name: "shop".to_owned(),
        description: None,
        tables,
        after_load: Vec::new(),
        audit_columns: Vec::new(),
        faults: Vec::new(),
        sha256,
    }
}

fn shop() -> Table {
    table("products", &[("id", DataType::Int64), ("name", DataType::String), ("seen", DataType::Timestamp)], &[0])
}

fn written(warehouse: Warehouse, table: &Table, options: &Options) -> Result<Scripts> {
    let parts = [Part { name: "products/part-1-0.csv".to_owned(), local: None }];
    check(&contract(vec![table.clone()]), warehouse, options)?;
    let counts = Some(Counts { loaded: 3, rejected: 1 });
    load(warehouse, &TableLoad { table, stem: "products", parts: &parts, counts }, options)
}

const BOTH: [Warehouse; 2] = [Warehouse::Redshift, Warehouse::Snowflake];

#[test]
fn hostile_names_stay_names() {
    let evil = "x\"; DROP TABLE y; --\u{2028}'";
    let table = table(evil, &[(evil, DataType::Int64), ("b\\'; c", DataType::String)], &[0]);
    for warehouse in BOTH {
        for mode in [Mode::Append, Mode::Upsert, Mode::Replace] {
            let options = Options { mode, schema: Some(evil.to_owned()), ..Options::default() };
            let scripts = written(warehouse, &table, &options).unwrap();
            for text in [&scripts.load, &scripts.rollback] {
                let pieces = statements(text);
                let drops: Vec<&&str> = pieces.iter().filter(|piece| first(piece) == "DROP").collect();
                assert!(drops.iter().all(|drop| !drop.ends_with("TABLE y")), "{drops:?}");
                // No comment runs on: each line outside statements begins with the marks.
                assert!(!text.contains('\u{2028}') || text.contains('"'), "{text}");
                assert!(text.lines().filter(|line| line.starts_with("--")).all(|line| !line.contains('\u{2028}')));
            }
        }
    }
}

fn first(piece: &str) -> String {
    crate::sql::script::first_word(piece)
}

#[test]
fn a_transaction_neither_truncates_nor_makes_tables_where_that_commits() {
    for (warehouse, forbidden) in [
        (Warehouse::Redshift, &["TRUNCATE", "ALTER"][..]),
        (Warehouse::Snowflake, &["TRUNCATE", "ALTER", "CREATE", "DROP", "PUT"][..]),
    ] {
        for mode in [Mode::Append, Mode::Upsert, Mode::Replace] {
            let scripts = written(warehouse, &shop(), &Options { mode, ..Options::default() }).unwrap();
            for text in [&scripts.load, &scripts.rollback] {
                let pieces = statements(text);
                let words: Vec<String> = pieces.iter().map(|piece| first(piece)).collect();
                let begin = words.iter().position(|word| word == "BEGIN").unwrap();
                let commit = words.iter().position(|word| word == "COMMIT").unwrap();
                let inside = &words[begin..commit];
                assert!(inside.iter().all(|word| !forbidden.contains(&word.as_str())), "{mode:?} {inside:?}");
            }
        }
    }
}

#[test]
fn an_upsert_wants_a_key_that_compares() {
    let list = DataType::List(Box::new(Column::new("item", DataType::Date)));
    let options = Options { mode: Mode::Upsert, ..Options::default() };
    for table in [table("t", &[("a", DataType::Int64)], &[]), table("t", &[("a", list)], &[0])] {
        let error = written(Warehouse::Redshift, &table, &options).unwrap_err();
        assert!(error.to_string().contains("primary key"), "{error}");
    }
}

#[test]
fn audit_columns_are_not_added_twice() {
    let table =
        table("t", &[("id", DataType::Int64), ("LOAD_ID", DataType::String), ("load_ts", DataType::Timestamp)], &[0]);
    for warehouse in BOTH {
        let text = written(warehouse, &table, &Options::default()).unwrap().load;
        let create = statements(&text)
            .into_iter()
            .find(|piece| piece.contains("EXISTS \"t\"") || piece.contains("EXISTS \"T\""));
        let create: String = create.unwrap().lines().filter(|line| !line.starts_with("--")).collect();
        let create = create.to_lowercase();
        assert_eq!(create.matches("\"load_id\"").count(), 1, "{create}");
        assert_eq!(create.matches("\"load_ts\"").count(), 1, "{create}");
    }
}

#[test]
fn null_is_spelled_as_the_parts_do() {
    let copy = |table: &Table| written(Warehouse::Redshift, table, &Options::default()).unwrap().load;
    assert!(copy(&shop()).contains("IGNOREHEADER 1 NULL AS ''"));
    let lone = table("t", &[("a", DataType::String)], &[]);
    assert!(copy(&lone).contains(r"NULL AS '\\N'"));
    // The key is NOT NULL: an empty text there is a text.
    let texts = table("t", &[("a", DataType::String), ("n", DataType::Int64)], &[0]);
    assert!(!copy(&texts).contains("NULL AS"));
    // Staged as text, so that nothing would be no bytes at all.
    let bytes = table("t", &[("a", DataType::Int64), ("b", DataType::Binary)], &[0]);
    assert!(copy(&bytes).contains("NULL AS ''"));
    let snowflake = |table: &Table| written(Warehouse::Snowflake, table, &Options::default()).unwrap().load;
    assert!(snowflake(&shop()).contains("NULL_IF = () EMPTY_FIELD_AS_NULL = TRUE"));
    assert!(snowflake(&lone).contains(r"NULL_IF = ('\\N')"));
}

#[test]
fn layouts_come_from_the_contract_or_the_options() {
    let text = written(Warehouse::Redshift, &shop(), &Options::default()).unwrap().load;
    assert!(text.contains("DISTSTYLE KEY DISTKEY (\"id\") COMPOUND SORTKEY (\"seen\")"), "{text}");
    assert!(text.contains("\"seen\" TIMESTAMP ENCODE RAW"), "{text}");
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let options =
        Options { dist_key: named(&["even"]), sort_key: named(&["products.name", "id"]), ..Options::default() };
    let text = written(Warehouse::Redshift, &shop(), &options).unwrap().load;
    assert!(text.contains("DISTSTYLE EVEN COMPOUND SORTKEY (\"name\", \"id\")"), "{text}");
    let text = written(Warehouse::Snowflake, &shop(), &Options::default()).unwrap().load;
    assert!(text.contains("CLUSTER BY (TO_DATE(\"SEEN\"))"), "{text}");
    let options = Options { cluster_by: named(&["none"]), ..Options::default() };
    assert!(!written(Warehouse::Snowflake, &shop(), &options).unwrap().load.contains("CLUSTER BY"));
    let options = Options { dist_key: named(&["sku"]), ..Options::default() };
    assert!(written(Warehouse::Redshift, &shop(), &options).unwrap_err().to_string().contains("no table has"));
}

#[test]
fn no_key_of_a_cloud_gets_into_a_script() {
    const SECRET: &str = "AKIAIOSFODNN7EXAMPLE";
    let wrong = [
        Options { iam_role: Some(SECRET.to_owned()), ..Options::default() },
        Options { region: Some(SECRET.to_owned()), ..Options::default() },
        Options { storage_integration: Some(format!("{SECRET}'")), ..Options::default() },
        Options { load_id: Some(format!("{SECRET}'")), ..Options::default() },
    ];
    for options in wrong {
        for warehouse in BOTH {
            let error = written(warehouse, &shop(), &options).unwrap_err();
            assert!(!format!("{error}{:?}", error.hints).contains(SECRET), "{error}");
        }
    }
    for stage in [
        format!("s3://b/p?X-Amz-Credential={SECRET}"),
        format!("s3://{SECRET}:x@b/p"),
        format!("https://b/{SECRET}"),
        format!("@a/{SECRET}'"),
        "s3://".to_owned(),
        "@a.b.c.d".to_owned(),
    ] {
        let error = Stage::read(&stage).unwrap_err();
        assert!(!format!("{error}{:?}", error.hints).contains(SECRET), "{error}");
    }
    assert_eq!(Stage::read("s3://b/p/").unwrap(), Stage::Url("s3://b/p".to_owned()));
    let roles = ["default", "arn:aws:iam::123456789012:role/a/copy", "arn:aws-cn:iam::123456789012:role/copy"];
    for role in roles {
        let options = Options { iam_role: Some(role.to_owned()), ..Options::default() };
        assert!(written(Warehouse::Redshift, &shop(), &options).is_ok(), "{role}");
    }
}

#[test]
fn texts_are_as_wide_as_the_contract_lets_them() {
    let mut table = shop();
    let path = table.path("name").unwrap();
    let mut rule = crate::model::Rule {
        id: "products.name.max_length".to_owned(),
        kind: "max_length",
        code: "R1",
        columns: vec![path],
        check: crate::model::Check::Cell(crate::model::CellTest::Length { minimum: None, maximum: Some(10) }),
        severity: crate::model::Severity::Error,
        condition: None,
        max_failures: None,
        nulls: crate::model::NullPolicy::Ignore,
        description: None,
        dimension: None,
        brief: String::new(),
        message: String::new(),
        place: (1, 1),
    };
    table.rules = vec![rule.clone()];
    let text = |table: &Table| written(Warehouse::Redshift, table, &Options::default()).unwrap().load;
    assert!(text(&table).contains("\"name\" VARCHAR(40)"));
    // A warning lets longer texts through.
    rule.severity = crate::model::Severity::Warning;
    table.rules = vec![rule];
    assert!(text(&table).contains("\"name\" VARCHAR(65535)"));
}

#[test]
fn the_history_has_its_own_name() {
    let table = table("Karat_Load_Table", &[("a", DataType::Int64)], &[]);
    for warehouse in BOTH {
        assert!(check(&contract(vec![table.clone()]), warehouse, &Options::default()).is_err());
    }
}

#[test]
fn files_of_tables_do_not_meet() {
    let tables = ["a/b", "a b", "A_b", "é"].map(|name| table(name, &[("a", DataType::Int64)], &[]));
    assert_eq!(stems(&contract(tables.to_vec())), ["a_b", "a_b_", "A_b__", "é"]);
}
