//! Rows of a server as files.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::*;
use crate::io::databases::address::Address;
use crate::io::databases::{Extract, Rows, extract};
use crate::io::target::fixtures::{Scratch, texts};
use crate::io::{InputFile, ReadOptions, formats};
use crate::model::{Access, Column, DataType, Error, ErrorKind, Format};

fn files(to: &str, rows: Rows, key: Option<&str>, threads: usize, scratch: &Scratch) -> Result<Vec<InputFile>, Error> {
    let address = Address::parse(to)?;
    let interrupted = Arc::new(AtomicBool::new(false));
    let asked = Extract {
        address: &address,
        access: &Access::default(),
        rows,
        partition_on: key,
        threads,
        spool: &scratch.path("spool"),
        interrupted: &interrupted,
    };
    extract(&asked)
}

fn table(name: &str) -> Rows {
    Rows::Table(name.to_owned())
}

fn query(text: &str) -> Rows {
    Rows::Query(text.to_owned())
}

/// Reads files as the given columns; rows as JSON, sorted.
fn read(files: &[InputFile], columns: Vec<Column>) -> Vec<String> {
    let mut spec = crate::io::target::fixtures::products();
    spec.columns = columns;
    spec.source.format = Format::Parquet;
    let parser = crate::frame::Parser::new(&spec);
    let mut found = Vec::new();
    for file in files {
        let mut source = formats::open(file, &spec, &ReadOptions::default()).unwrap();
        while let Some(raw) = source.next_batch().unwrap() {
            let parsed = parser.parse(raw);
            assert_eq!(parsed.faults, []);
            let batch = RecordBatch::try_new(crate::frame::schema::schema(&spec), parsed.columns).unwrap();
            found.extend(texts(&batch));
        }
    }
    found.sort();
    found
}

#[test]
fn types_that_parquet_lacks_come_as_text() {
    let (shop, scratch) = (Shop::new(), Scratch::new());
    shop.run(
        "CREATE TYPE mood AS ENUM ('glad'); CREATE TABLE t AS SELECT 1::smallint AS a, 12.30::numeric(8,2) AS b, 1.234::numeric AS c, \
         '{\"a\":1}'::jsonb AS d, ARRAY[1,2] AS e, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid AS f, 'glad'::mood AS g, \
         'x'::char(3) AS h, DATE '0001-01-01 BC' AS i, '12:00'::time AS j, '1 day'::interval AS k, '\\xff00'::bytea AS l, \
         TIMESTAMPTZ '2020-01-01 00:00+02' AS m, NULL::float8 AS n",
    );
    let found = files(&shop.to(), table("t"), None, 4, &scratch).unwrap();
    assert_eq!(found.len(), 1);
    assert!(found[0].shown.ends_with(&format!("/{}?table=t", shop.name)), "{}", found[0].shown);
    let of = |name: &str, data_type| Column::new(name, data_type);
    let mut columns = vec![of("a", DataType::Int16), of("b", DataType::Decimal { precision: 8, scale: 2 })];
    columns.extend("cdefghk".chars().map(|name| of(&name.to_string(), DataType::String)));
    columns.extend([of("l", DataType::Binary), of("m", DataType::TimestampTz), of("n", DataType::Float64)]);
    assert_eq!(
        read(&found, columns),
        ["{\"a\":1,\"b\":12.30,\"c\":\"1.234\",\"d\":\"{\\\"a\\\": 1}\",\"e\":\"{1,2}\",\
          \"f\":\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\",\"g\":\"glad\",\"h\":\"x\",\"k\":\"1 day\",\"l\":\"/wA=\",\
          \"m\":\"2019-12-31T22:00:00Z\",\"n\":null}"]
    );
}

#[test]
fn several_connections_read_one_moment_whole() {
    let shop = Shop::new();
    shop.run(
        "CREATE SCHEMA s; CREATE TABLE s.t AS SELECT n AS id, DATE '2020-01-01' + n AS day, now() + n * interval '1 min' AS at \
         FROM generate_series(1, 50000) AS n; INSERT INTO s.t VALUES (NULL, NULL, NULL), (NULL, '2020-01-01', now())",
    );
    for (key, threads, parts) in
        [(None, 3, 1), (Some("id"), 3, 3), (Some("day"), 2, 2), (Some("at"), 4, 4), (Some("id"), 1, 1)]
    {
        let scratch = Scratch::new();
        let found = files(&shop.to(), table("s.t"), key, threads, &scratch).unwrap();
        assert_eq!(found.len(), parts, "{key:?}");
        let rows = read(&found, vec![Column::new("id", DataType::Int64)]);
        assert_eq!(rows.len(), 50_002);
        assert!(rows.contains(&"{\"id\":50000}".to_owned()) && rows.contains(&"{\"id\":1}".to_owned()));
    }
    let error = files(&shop.to(), table("s.t"), Some("none"), 2, &Scratch::new()).unwrap_err();
    assert!(error.kind == ErrorKind::Usage && error.hints[0].contains("id, day, at"), "{error}");
}

#[test]
fn queries_and_empty_tables_are_read() {
    let (shop, scratch) = (Shop::new(), Scratch::new());
    shop.run("CREATE TABLE t (id int)");
    let id = || vec![Column::new("id", DataType::Int32)];
    let found = files(&shop.to(), table("t"), Some("id"), 3, &scratch).unwrap();
    assert_eq!(read(&found, id()), Vec::<String>::new());
    let scratch = Scratch::new();
    let found = files(&shop.to(), query("SELECT 7 AS id -- seven\n;"), None, 1, &scratch).unwrap();
    assert_eq!(read(&found, id()), ["{\"id\":7}"]);
    assert!(found[0].shown.ends_with("?query"), "{}", found[0].shown);
}

#[test]
fn mistakes_are_named() {
    let shop = Shop::new();
    shop.run("CREATE TABLE \"Claims\" (id int); CREATE SCHEMA s; CREATE TABLE s.claims (id int, at date)");
    let error = |rows: Rows| files(&shop.to(), rows, None, 1, &Scratch::new()).unwrap_err();
    for name in ["claims", "public.claims", "other"] {
        let error = error(table(name));
        assert!(error.kind == ErrorKind::Usage && error.message.contains(name), "{error}");
        assert!(error.hints[0].contains("public.Claims") && error.hints[0].contains("s.claims"), "{:?}", error.hints);
    }
    assert_eq!(error(query("SELECT 1; SELECT 2")).kind, ErrorKind::Usage);
    assert!(error(query("SELECT 1 AS a, 2 AS a")).message.contains("two columns `a`"));
    let broken = error(query("SELECT nothing FROM nowhere"));
    assert!(broken.kind == ErrorKind::Input && broken.to_string().contains("nowhere"), "{broken}");
    let writing = error(query("WITH gone AS (DELETE FROM s.claims RETURNING 1) SELECT * FROM gone"));
    assert_eq!(writing.kind, ErrorKind::Input, "{writing}");
    shop.run("INSERT INTO s.claims VALUES (1, 'infinity')");
    let infinite = error(table("s.claims"));
    assert!(infinite.message.starts_with("at: a day is infinity"), "{infinite}");
    let in_schema = format!("{}?schema=s", shop.to());
    assert!(files(&in_schema, query("SELECT 1 AS one"), None, 1, &Scratch::new()).is_ok());
}

#[test]
fn a_signal_ends_it() {
    let shop = Shop::new();
    let address = Address::parse(&shop.to()).unwrap();
    let scratch = Scratch::new();
    let asked = Extract {
        address: &address,
        access: &Access::default(),
        rows: query("SELECT pg_sleep(600)::text AS nothing"),
        partition_on: None,
        threads: 1,
        spool: &scratch.path("spool"),
        interrupted: &Arc::new(AtomicBool::new(true)),
    };
    assert_eq!(extract(&asked).unwrap_err().kind, ErrorKind::Interrupted);
    assert!((0..400).any(|_| shop.run("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == ["0"]));
}
