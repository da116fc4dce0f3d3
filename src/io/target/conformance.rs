//! What every target must do alike, run on each of them.

use crate::io::target::fixtures::{
    Scratch, contract, held, load, open, prepared, products, receipt, rows, seen, texts,
};
use crate::io::target::servers;
use crate::io::{Mode, Taken};
use crate::model::{Contract, ErrorKind};

fn retail() -> Contract {
    contract(vec![products()])
}

const FIRST: &[(i64, Option<i64>)] = &[(1, Some(1)), (2, Some(20)), (3, None), (4, Some(5)), (-9, Some(11))];
const AGAIN: &[(i64, Option<i64>)] = &[(2, Some(21)), (3, Some(7)), (50, Some(8)), (4, None)];

const fn taken(loaded: u64, updated: u64) -> Taken {
    Taken { loaded, updated }
}

fn append_adds_rows(to: &str) {
    let contract = retail();
    assert_eq!(held(to, &contract, &products()), Vec::<String>::new());
    let report = load(to, "one", &contract, Mode::Append, &[rows(FIRST)]).unwrap();
    assert_eq!(report, [taken(5, 0)]);
    assert_eq!(held(to, &contract, &products()), texts(&rows(FIRST)));
    let more = &[(70, Some(3)), (71, None)];
    load(to, "two", &contract, Mode::Append, &[rows(more)]).unwrap();
    assert_eq!(held(to, &contract, &products()), texts(&rows(&[FIRST, more].concat())));
}

fn replace_leaves_only_the_new_rows(to: &str) {
    let contract = retail();
    load(to, "one", &contract, Mode::Replace, &[rows(FIRST)]).unwrap();
    for id in ["two", "three"] {
        let report = load(to, id, &contract, Mode::Replace, &[rows(AGAIN)]).unwrap();
        assert_eq!(report, [taken(4, 0)]);
        assert_eq!(held(to, &contract, &products()), texts(&rows(AGAIN)));
    }
    load(to, "four", &contract, Mode::Replace, &[rows(&[])]).unwrap();
    assert_eq!(held(to, &contract, &products()), Vec::<String>::new());
}

fn upsert_takes_the_place_of_equal_keys(to: &str) {
    let contract = retail();
    let report = load(to, "one", &contract, Mode::Upsert, &[rows(FIRST)]).unwrap();
    assert_eq!(report, [taken(5, 0)]);
    let merged = rows(&[FIRST[0], FIRST[4], AGAIN[0], AGAIN[1], AGAIN[2], AGAIN[3]]);
    let report = load(to, "two", &contract, Mode::Upsert, &[rows(AGAIN)]).unwrap();
    assert_eq!(report, [taken(4, 3)]);
    assert_eq!(held(to, &contract, &products()), texts(&merged));
    let report = load(to, "three", &contract, Mode::Upsert, &[rows(AGAIN)]).unwrap();
    assert_eq!(report, [taken(4, 4)]);
    assert_eq!(held(to, &contract, &products()), texts(&merged));
    load(to, "four", &contract, Mode::Upsert, &[rows(&[])]).unwrap();
    assert_eq!(held(to, &contract, &products()), texts(&merged));
}

fn upsert_needs_a_key_that_is_unique(to: &str) {
    let mut keyless = retail();
    keyless.tables[0].primary_key = None;
    let error = load(to, "one", &keyless, Mode::Upsert, &[rows(FIRST)]).unwrap_err();
    assert!(error.kind == ErrorKind::Usage && error.message.contains("primary key"), "{error}");
    let contract = retail();
    load(to, "one", &contract, Mode::Upsert, &[rows(FIRST)]).unwrap();
    let twice = rows(&[(2, Some(1)), (6, None), (2, Some(4))]);
    assert!(load(to, "two", &contract, Mode::Upsert, &[twice]).is_err());
    assert_eq!(held(to, &contract, &products()), texts(&rows(FIRST)));
}

fn nothing_is_there_before_the_commit(to: &str) {
    let contract = retail();
    drop(prepared(to, "zero", &contract, Mode::Append, &[rows(FIRST)]).unwrap());
    assert_eq!(held(to, &contract, &products()), Vec::<String>::new());
    load(to, "one", &contract, Mode::Append, &[rows(FIRST)]).unwrap();
    for mode in [Mode::Replace, Mode::Upsert] {
        let (mut sink, _) = prepared(to, "two", &contract, mode, &[rows(AGAIN)]).unwrap();
        assert_eq!(seen(&mut *sink, &products()).unwrap(), texts(&rows(FIRST)), "the state before the load");
        drop(sink);
        assert_eq!(held(to, &contract, &products()), texts(&rows(FIRST)));
    }
    let mut sink = open(to).unwrap();
    sink.begin(&contract, &[0], Mode::Append).unwrap();
    assert_eq!(sink.loaded_before("products", "sha of two").unwrap(), None);
}

fn a_file_loaded_before_is_known(to: &str) {
    let contract = retail();
    let known = |table: &str, load: &str| {
        let mut sink = open(to).unwrap();
        sink.begin(&contract, &[0], Mode::Append).unwrap();
        sink.loaded_before(table, &format!("sha of {load}")).unwrap()
    };
    assert_eq!(known("products", "one"), None);
    load(to, "one", &contract, Mode::Append, &[rows(&FIRST[..2])]).unwrap();
    load(to, "two", &contract, Mode::Append, &[rows(&FIRST[2..])]).unwrap();
    assert_eq!(known("products", "one").as_deref(), Some("one"));
    assert_eq!(known("products", "two").as_deref(), Some("two"));
    assert_eq!(known("products", "three"), None);
    assert_eq!(known("customers", "one"), None);
    let as_long = |table: &str, bytes: u64| {
        let mut sink = open(to).unwrap();
        sink.begin(&contract, &[0], Mode::Append).unwrap();
        sink.loaded_as_long(table, bytes).unwrap()
    };
    assert!(as_long("products", 100) && !as_long("products", 99) && !as_long("customers", 100));
    load(to, "three", &contract, Mode::Replace, &[rows(AGAIN)]).unwrap();
    assert_eq!(known("products", "one"), None, "its rows were replaced");
    assert_eq!(known("products", "three").as_deref(), Some("three"));
}

fn a_wrong_count_is_refused(to: &str) {
    let contract = retail();
    let mut sink = open(to).unwrap();
    sink.begin(&contract, &[0], Mode::Append).unwrap();
    sink.write(0, &rows(FIRST)).unwrap();
    let error = sink.finish(&receipt("one", &contract, &[6])).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conservation, "{error}");
}

fn rows_of_another_shape_are_refused(to: &str) {
    let contract = retail();
    let mut sink = open(to).unwrap();
    sink.begin(&contract, &[0], Mode::Append).unwrap();
    assert!(sink.write(0, &rows(FIRST).project(&[0, 1]).unwrap()).is_err());
    let mut swapped: Vec<usize> = (0..products().columns.len()).collect();
    swapped.swap(2, 3);
    assert!(sink.write(0, &rows(FIRST).project(&swapped).unwrap()).is_err());
    assert!(sink.write(7, &rows(FIRST)).is_err());
}

fn some_columns_can_be_read_alone(to: &str) {
    let contract = retail();
    load(to, "one", &contract, Mode::Append, &[rows(FIRST)]).unwrap();
    let mut sink = open(to).unwrap();
    sink.begin(&contract, &[], Mode::Append).unwrap();
    let mut found = Vec::new();
    sink.existing(&products(), &[2, 0], &mut |batch| {
        found.extend(texts(batch));
        Ok(())
    })
    .unwrap();
    found.sort();
    assert_eq!(found, texts(&rows(FIRST).project(&[2, 0]).unwrap()));
}

fn names_may_be_odd(to: &str) {
    let mut table = products();
    table.name = "order \"1\"; it's /../ a table".to_owned();
    let contract = contract(vec![table.clone()]);
    load(to, "a/b", &contract, Mode::Append, &[rows(FIRST)]).unwrap();
    load(to, "c'd", &contract, Mode::Upsert, &[rows(&FIRST[..1])]).unwrap();
    assert_eq!(held(to, &contract, &table), texts(&rows(FIRST)));
    load(to, "e", &contract, Mode::Replace, &[rows(AGAIN)]).unwrap();
    assert_eq!(held(to, &contract, &table), texts(&rows(AGAIN)));
}

fn tables_are_loaded_together(to: &str) {
    let mut second = products();
    second.name = "more".to_owned();
    let contract = contract(vec![products(), second.clone()]);
    load(to, "one", &contract, Mode::Append, &[rows(FIRST), rows(AGAIN)]).unwrap();
    assert_eq!(held(to, &contract, &products()), texts(&rows(FIRST)));
    assert_eq!(held(to, &contract, &second), texts(&rows(AGAIN)));
    // Only the first is loaded here: the second stays.
    load(to, "two", &contract, Mode::Replace, &[rows(AGAIN)]).unwrap();
    assert_eq!(held(to, &contract, &products()), texts(&rows(AGAIN)));
    assert_eq!(held(to, &contract, &second), texts(&rows(AGAIN)));
}

fn many_rows_arrive(to: &str) {
    let specs: Vec<(i64, Option<i64>)> = (0..10_000).map(|n| (n, Some(n % 1000))).collect();
    let contract = retail();
    load(to, "one", &contract, Mode::Append, &[rows(&specs)]).unwrap();
    assert_eq!(held(to, &contract, &products()), texts(&rows(&specs)));
    let report = load(to, "two", &contract, Mode::Upsert, &[rows(&specs[5000..])]).unwrap();
    assert_eq!(report, [taken(5000, 5000)]);
    assert_eq!(held(to, &contract, &products()), texts(&rows(&specs)));
}

/// Names a place in a folder, behind what says which target it is.
fn in_folder(prefix: &str, scratch: &Scratch) -> String {
    format!("{prefix}{}", scratch.path("target.x").display())
}

macro_rules! conforms {
    (@ $to:expr; $($case:ident)*) => {
        $(
            #[test]
            fn $case() {
                let scratch = Scratch::new();
                let to: fn(&Scratch) -> String = $to;
                super::$case(&to(&scratch));
            }
        )*
    };
    ($($(#[$meta:meta])* $name:ident = $to:expr;)*) => {
        $(
            $(#[$meta])*
            mod $name {
                use super::*;

                conforms! {
                    @ $to;
                    append_adds_rows
                    replace_leaves_only_the_new_rows
                    upsert_takes_the_place_of_equal_keys
                    upsert_needs_a_key_that_is_unique
                    nothing_is_there_before_the_commit
                    a_file_loaded_before_is_known
                    a_wrong_count_is_refused
                    rows_of_another_shape_are_refused
                    some_columns_can_be_read_alone
                    names_may_be_odd
                    tables_are_loaded_together
                    many_rows_arrive
                }
            }
        )*
    };
    // What targets without upsert can.
    (without upsert: $($name:ident = $to:expr;)*) => {
        $(
            mod $name {
                use super::*;

                conforms! {
                    @ $to;
                    append_adds_rows
                    replace_leaves_only_the_new_rows
                    a_file_loaded_before_is_known
                    a_wrong_count_is_refused
                    rows_of_another_shape_are_refused
                    some_columns_can_be_read_alone
                    tables_are_loaded_together
                }
            }
        )*
    };
}

conforms! {
    #[cfg(feature = "duckdb")]
    duckdb = |scratch| in_folder("duckdb:", scratch);
    parquet = |scratch| in_folder("parquet:", scratch);
    csv = |scratch| in_folder("csv:", scratch);
    ndjson = |scratch| in_folder("ndjson:", scratch);
    postgres = |_| servers::postgres::postgres().new_address();
    mariadb = |_| servers::mariadb::new_database();
}

conforms! {
    without upsert:
    csv_s3 = |scratch| in_folder("csv:s3://karat", scratch);
    ndjson_s3 = |scratch| in_folder("ndjson:s3://karat", scratch);
    parquet_s3 = |scratch| in_folder("parquet:s3://karat", scratch);
}
