//! Loads side by side, loads that break, and what the history tells of them.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};

use crate::io::databases::ledger;
use crate::io::databases::mysql::tests::{Shop, table};
use crate::io::target::fixtures::{contract, held, load, open, prepared, products, receipt, rows, seen, texts};
use crate::io::target::servers::mariadb;
use crate::io::{LOAD_ID, Mode};
use crate::model::{Access, Contract, DataType, ErrorKind, PrimaryKey};

const FIRST: &[(i64, Option<i64>)] = &[(1, Some(1)), (2, Some(20)), (3, None), (4, Some(5))];
const AGAIN: &[(i64, Option<i64>)] = &[(2, Some(21)), (3, Some(7)), (50, Some(8))];

fn retail() -> Contract {
    contract(vec![products()])
}

/// Ends all sessions of the user `karat` on a database, as an administrator would.
fn kill_sessions(shop: &Shop) {
    let list = format!("SELECT id FROM information_schema.processlist WHERE db = '{}' AND user = 'karat'", shop.name);
    for id in shop.sql(&list) {
        mariadb::root(&format!("KILL {id}"));
    }
}

#[test]
fn one_load_of_a_table_runs_at_a_time() {
    let shop = Shop::new();
    let (sink, _) = prepared(&shop.to, "a", &retail(), Mode::Append, &[rows(FIRST)]).unwrap();
    let error = load(&shop.to, "b", &retail(), Mode::Append, &[rows(AGAIN)]).unwrap_err();
    assert!(error.message.starts_with("another load of products") && !error.message.contains("canary"), "{error}");
    let mut other = products();
    other.name = "other".to_owned();
    load(&shop.to, "c", &contract(vec![other]), Mode::Append, &[rows(AGAIN)]).unwrap();
    // The same name in another database is another table.
    load(&Shop::new().to, "d", &retail(), Mode::Append, &[rows(AGAIN)]).unwrap();
    sink.commit().unwrap();
    assert_eq!(held(&shop.to, &retail(), &products()), texts(&rows(FIRST)));
}

#[test]
fn loads_of_other_tables_do_not_wait() {
    let shop = Shop::new();
    let mut other = products();
    other.name = "other".to_owned();
    let other = contract(vec![other]);
    for number in 0..2 {
        let begin = |id: &str, contract: &Contract| {
            prepared(&shop.to, &format!("{id}{number}"), contract, Mode::Replace, &[rows(FIRST)]).unwrap().0
        };
        let (one, two) = (begin("a", &retail()), begin("b", &other));
        one.commit().unwrap();
        two.commit().unwrap();
    }
    assert_eq!(shop.sql("SELECT COUNT(*), SUM(replaced_by IS NULL) FROM karat_load_file"), ["4\t2"]);
}

#[test]
fn readers_see_the_old_rows_until_the_commit() {
    let shop = Shop::new();
    load(&shop.to, "a", &retail(), Mode::Append, &[rows(FIRST)]).unwrap();
    let (mut sink, _) = prepared(&shop.to, "b", &retail(), Mode::Replace, &[rows(AGAIN)]).unwrap();
    assert_eq!(shop.sql("SELECT COUNT(*) FROM products"), ["4"]);
    assert_eq!(seen(&mut *sink, &products()).unwrap(), texts(&rows(FIRST)));
    sink.commit().unwrap();
    assert_eq!(shop.sql("SELECT COUNT(*) FROM products"), ["3"]);
}

#[test]
fn a_killed_session_leaves_the_target_as_it_was() {
    let shop = Shop::new();
    let mut sink = open(&shop.to).unwrap();
    sink.begin(&retail(), &[0], Mode::Append).unwrap();
    sink.write(0, &rows(FIRST)).unwrap();
    kill_sessions(&shop);
    let error = sink.finish(&receipt("a", &retail(), &[4])).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Output, "{error}");
    assert!(!error.hints.is_empty());
    drop(sink);
    // The table that was made stays, empty; it is made anew.
    assert_eq!(shop.sql("SELECT COUNT(*) FROM products"), ["0"]);
    load(&shop.to, "b", &retail(), Mode::Append, &[rows(FIRST)]).unwrap();
    let (sink, _) = prepared(&shop.to, "c", &retail(), Mode::Upsert, &[rows(AGAIN)]).unwrap();
    kill_sessions(&shop);
    let error = sink.commit().unwrap_err();
    assert!(error.message.contains("nothing was loaded"), "{error}");
    assert_eq!(held(&shop.to, &retail(), &products()), texts(&rows(FIRST)));
    assert_eq!(shop.sql("SELECT load_id FROM karat_load"), ["b"]);
}

/// Stands before the server, and cuts a connection as soon as a commit was done, before its answer comes through.
fn cutting_proxy() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = mariadb::server().port;
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (client, server) = (client.unwrap(), TcpStream::connect(("127.0.0.1", server)).unwrap());
            let committed = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
            for (mut from, mut to, asks) in
                [(client.try_clone().unwrap(), server.try_clone().unwrap(), true), (server, client, false)]
            {
                let committed = std::sync::Arc::clone(&committed);
                std::thread::spawn(move || {
                    let mut buffer = vec![0; 1 << 16];
                    while let Ok(length @ 1..) = from.read(&mut buffer) {
                        let bytes = &buffer[..length];
                        if asks && bytes.ends_with(b"\x03COMMIT") {
                            committed.store(true, std::sync::atomic::Ordering::SeqCst);
                        }
                        if (!asks && committed.load(std::sync::atomic::Ordering::SeqCst))
                            || to.write_all(bytes).is_err()
                        {
                            break;
                        }
                    }
                    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
                });
            }
        }
    });
    port
}

#[test]
fn a_commit_whose_answer_is_lost_is_looked_up() {
    let shop = Shop::new();
    let to = shop.to.replace(&format!(":{}/", mariadb::server().port), &format!(":{}/", cutting_proxy()));
    load(&to, "a", &retail(), Mode::Append, &[rows(FIRST)]).unwrap();
    assert_eq!(held(&shop.to, &retail(), &products()), texts(&rows(FIRST)));
    assert_eq!(shop.sql("SELECT load_id, outcome FROM karat_load"), ["a\tloaded"]);
}

#[test]
fn history_says_what_was_loaded() {
    let shop = Shop::new();
    let book = || ledger(&shop.to, &Access::default()).unwrap();
    assert_eq!(book().loads().unwrap(), []);
    load(&shop.to, "a", &retail(), Mode::Append, &[rows(FIRST)]).unwrap();
    load(&shop.to, "b", &retail(), Mode::Replace, &[rows(AGAIN)]).unwrap();
    let loads = book().loads().unwrap();
    assert_eq!(loads.len(), 2);
    let first = &loads[0];
    assert_eq!((first.load_id.as_str(), first.mode.as_str(), first.contract.as_str()), ("a", "append", "retail"));
    assert_eq!(first.loaded_at, "2026-10-31T12:00:00.123456Z");
    assert_eq!((first.contract_sha256.as_str(), first.undone_at.as_ref()), ("c0ffee", None));
    assert_eq!(first.files[0].replaced_by.as_deref(), Some("b"));
    assert_eq!(first.files[0].file, receipt("a", &retail(), &[4]).files[0]);
    assert_eq!(loads[1].files[0].replaced_by, None);
}

#[test]
fn a_load_can_be_undone() {
    let shop = Shop::new();
    let mut spec = table("t", &[("id", DataType::Int64), (LOAD_ID, DataType::String)]);
    spec.primary_key = Some(PrimaryKey { columns: vec![0] });
    let contract = contract(vec![spec.clone()]);
    let batch = |ids: std::ops::Range<i64>, id: &str| {
        let ids = arrow_array::Int64Array::from(ids.collect::<Vec<_>>());
        let loads = arrow_array::StringArray::from(vec![id; arrow_array::Array::len(&ids)]);
        let columns: Vec<arrow_array::ArrayRef> = vec![std::sync::Arc::new(ids), std::sync::Arc::new(loads)];
        arrow_array::RecordBatch::try_new(crate::frame::schema::schema(&spec), columns).unwrap()
    };
    for (id, ids) in [("a", 0..10), ("b'", 10..30), ("c", 30..40)] {
        load(&shop.to, id, &contract, Mode::Append, &[batch(ids, id)]).unwrap();
    }
    load(&shop.to, "u", &contract, Mode::Upsert, &[batch(0..1, "u")]).unwrap();
    let mut book = ledger(&shop.to, &Access::default()).unwrap();
    assert_eq!(book.undo("b'", "2026-11-01T00:00:00Z").unwrap(), [("t".to_owned(), 20)]);
    assert_eq!(shop.sql("SELECT COUNT(*) FROM t"), ["20"]);
    assert_eq!(book.loads().unwrap()[1].undone_at.as_deref(), Some("2026-11-01T00:00:00.000000Z"));
    let mut sink = open(&shop.to).unwrap();
    sink.begin(&contract, &[], Mode::Append).unwrap();
    assert_eq!(sink.loaded_before("t", "sha of b'").unwrap(), None, "its file may be loaded again");
    assert_eq!(sink.loaded_before("t", "sha of c").unwrap().as_deref(), Some("c"));
    for (id, kind) in
        [("b'", ErrorKind::Usage), ("x", ErrorKind::Usage), ("u", ErrorKind::Usage), ("a", ErrorKind::Output)]
    {
        assert_eq!(book.undo(id, "2026-11-01T00:00:00Z").unwrap_err().kind, kind, "{id}");
    }
    assert_eq!(shop.sql("SELECT COUNT(*) FROM t"), ["20"], "one row of a was changed since");
    load(&shop.to, "again", &contract, Mode::Append, &[batch(10..12, "again")]).unwrap();
}
