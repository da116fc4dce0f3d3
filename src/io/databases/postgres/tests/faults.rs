//! Servers and connections that fail in the middle (reliability 4, 5, 6, 10).

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::io::Sink;
use crate::io::databases::address::Address;
use crate::io::databases::postgres::settings::Login;
use crate::io::databases::postgres::sink::Postgres as Target;
use crate::io::target::fixtures::{held, load, prepared, products, receipt, rows, seen, texts};
use crate::io::target::servers::proxy::{Proxy, Then};
use crate::model::{Access, Error};

/// A database that is reached by a proxy.
fn behind(shop: &Shop) -> (Proxy, String) {
    let proxy = Proxy::start(shop.server.port());
    let to = shop.to().replace(&format!(":{}/", shop.server.port()), &format!(":{}/", proxy.port));
    (proxy, to)
}

fn again(to: &str) -> (Box<dyn Sink>, crate::model::Contract) {
    let contract = contract(vec![products()]);
    let (sink, _) = prepared(to, "two", &contract, Mode::Replace, &[rows(AGAIN)]).unwrap();
    (sink, contract)
}

fn first(shop: &Shop) {
    load(&shop.to(), "one", &contract(vec![products()]), Mode::Append, &[rows(FIRST)]).unwrap();
}

#[test]
fn r05_a_commit_whose_answer_is_lost_was_made() {
    let shop = Shop::new();
    first(&shop);
    let (proxy, to) = behind(&shop);
    let (sink, contract) = again(&to);
    proxy.when(b"COMMIT\0", Then::LoseAnswer, false);
    sink.commit().unwrap();
    assert!(proxy.met());
    assert_eq!(held(&shop.to(), &contract, &products()), texts(&rows(AGAIN)));
}

#[test]
fn r05_a_commit_that_never_came_was_not_made() {
    let shop = Shop::new();
    first(&shop);
    let (proxy, to) = behind(&shop);
    let (sink, contract) = again(&to);
    proxy.when(b"COMMIT\0", Then::LoseRequest, false);
    let error = sink.commit().unwrap_err();
    assert!(error.message.contains("the load is not in the target"), "{error}");
    assert_eq!(held(&shop.to(), &contract, &products()), texts(&rows(FIRST)));
    load(&to, "two", &contract, Mode::Replace, &[rows(AGAIN)]).unwrap();
}

#[test]
fn r05_where_nobody_can_be_asked_the_outcome_is_unknown() {
    let shop = Shop::new();
    first(&shop);
    let (proxy, to) = behind(&shop);
    let (sink, _) = again(&to);
    proxy.when(b"COMMIT\0", Then::LoseAnswer, true);
    let error = sink.commit().unwrap_err();
    assert!(error.message.contains("cannot be asked"), "{error}");
    assert!(error.hints[0].contains("karat history") && error.hints[0].contains("load two"), "{:?}", error.hints);
}

#[test]
fn r06_a_connection_that_breaks_in_the_middle_leaves_the_old_state() {
    let shop = Shop::new();
    first(&shop);
    let (proxy, to) = behind(&shop);
    let contract = contract(vec![products()]);
    for (id, bytes) in [("a", &b"PGCOPY"[..]), ("b", b"DELETE FROM"), ("c", b"karat_load_file VALUES")] {
        proxy.when(bytes, Then::LoseRequest, false);
        let error = match prepared(&to, id, &contract, Mode::Replace, &[rows(AGAIN)]) {
            Ok((sink, _)) => sink.commit().unwrap_err(),
            Err(error) => error,
        };
        assert!(proxy.met() && !error.to_string().contains("panic"), "{id}: {error}");
        assert_eq!(held(&shop.to(), &contract, &products()), texts(&rows(FIRST)), "{id}");
    }
    load(&to, "d", &contract, Mode::Replace, &[rows(AGAIN)]).unwrap();
}

/// A sink that is soon impatient.
fn impatient(to: &str) -> Target {
    let mut login = Login::new(Address::parse(to).unwrap(), &Access::default()).unwrap();
    (login.silence, login.patience) = (Duration::from_millis(300), Duration::from_secs(1));
    Target::new(Arc::new(login))
}

#[test]
fn r06_a_stalled_connection_is_given_up() {
    let shop = Shop::new();
    first(&shop);
    let contract = contract(vec![products()]);
    for bytes in [&b"PGCOPY"[..], b"karat_load_file VALUES"] {
        let (proxy, to) = behind(&shop);
        let mut sink = impatient(&to);
        sink.begin(&contract, &[0], Mode::Replace).unwrap();
        proxy.when(bytes, Then::Stall, false);
        let error = sink
            .write(0, &rows(AGAIN))
            .and_then(|()| sink.settle(0).map(drop))
            .and_then(|()| sink.finish(&receipt("x", &contract, &[3])).map(drop))
            .unwrap_err();
        assert!(proxy.met(), "{error}");
        drop(sink);
        // The server's side of it still waits: nobody told it that the connection is gone.
        assert_eq!(shop.run("SELECT count(*) FROM products"), ["4"]);
    }
}

#[test]
fn r06_a_statement_that_takes_long_is_waited_for() {
    let shop = Shop::new();
    let mut contract = contract(vec![products()]);
    contract.after_load = vec!["SELECT pg_sleep(2)".to_owned()];
    let mut sink = Box::new(impatient(&shop.to()));
    sink.begin(&contract, &[0], Mode::Append).unwrap();
    sink.write(0, &rows(FIRST)).unwrap();
    sink.finish(&receipt("x", &contract, &[4])).unwrap();
    sink.commit().unwrap();
}

#[test]
fn r04_a_backend_killed_in_the_middle_leaves_the_old_state() {
    let shop = Shop::new();
    first(&shop);
    let contract = contract(vec![products()]);
    let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                WHERE datname = current_database() AND application_name = 'karat' AND backend_xid IS NOT NULL";
    let many: Vec<(i64, Option<i64>)> = (100..3000).map(|id| (id, Some(id % 900))).collect();
    let fail = |mode: Mode, after_finish: bool| -> Error {
        let mut sink = open(&shop.to()).unwrap();
        sink.begin(&contract, &[0], mode).unwrap();
        sink.write(0, &rows(&many)).unwrap();
        if after_finish {
            sink.finish(&receipt("x", &contract, &[many.len() as u64])).unwrap();
        }
        // The COPY is open, or all is done but the commit.
        let gone = || shop.run(kill) != ["0"];
        assert!((0..400).any(|_| gone()), "no session of the load was found");
        if after_finish {
            return sink.commit().unwrap_err();
        }
        sink.settle(0).map(drop).and_then(|()| sink.finish(&receipt("x", &contract, &[0])).map(drop)).unwrap_err()
    };
    for mode in [Mode::Append, Mode::Replace] {
        for after_finish in [false, true] {
            let error = fail(mode, after_finish);
            assert!(!error.hints.is_empty(), "{error}");
            assert_eq!(held(&shop.to(), &contract, &products()), texts(&rows(FIRST)), "{mode:?} {after_finish}");
        }
    }
}

#[test]
fn r10_two_loads_of_one_table_do_not_meet() {
    let shop = Shop::new();
    let (sink, contract) = again(&shop.to());
    let error = open(&shop.to()).unwrap().begin(&contract, &[0], Mode::Append).unwrap_err();
    assert!(error.message.contains("another load into products") && !error.hints.is_empty(), "{error}");
    let mut other = products();
    other.name = "other".to_owned();
    let mut beside = open(&shop.to()).unwrap();
    beside.begin(&super::contract(vec![other]), &[0], Mode::Append).unwrap();
    drop(beside);
    sink.commit().unwrap();
    open(&shop.to()).unwrap().begin(&contract, &[0], Mode::Append).unwrap();
}

#[test]
fn readers_see_the_old_rows_until_the_commit_and_wait_for_nothing() {
    let shop = Shop::new();
    first(&shop);
    let (mut sink, contract) = again(&shop.to());
    assert_eq!(shop.run("SET statement_timeout = '5s'; SELECT count(*) FROM products"), ["4"]);
    assert_eq!(shop.run("SET statement_timeout = '5s'; SELECT count(*) FROM karat_load"), ["1"]);
    assert_eq!(seen(&mut *sink, &products()).unwrap(), texts(&rows(FIRST)));
    sink.commit().unwrap();
    assert_eq!(held(&shop.to(), &contract, &products()), texts(&rows(AGAIN)));
}

#[test]
fn a_full_disk_of_the_server_says_so() {
    let shop = Shop::new();
    shop.run(
        "CREATE TABLE products (id bigint PRIMARY KEY); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$; \
         CREATE TRIGGER t BEFORE INSERT ON products FOR EACH ROW EXECUTE FUNCTION f()",
    );
    let mut table = products();
    table.columns.truncate(1);
    let part = rows(FIRST).project(&[0]).unwrap();
    let error = load_table(&shop.to(), "a", &table, Mode::Append, &[part]).unwrap_err();
    assert!(error.hints.iter().any(|hint| hint.contains("disk is full")), "{error} {:?}", error.hints);
}
