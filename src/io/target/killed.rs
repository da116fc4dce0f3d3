//! Loads that are killed before their commit, for real: in a process of their own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use crate::io::Mode;
use crate::io::target::fixtures::{Scratch, contract, held, load, prepared, products, rows, texts};
use crate::io::target::servers::postgres::postgres;

const TO: &str = "KARAT_TEST_KILLED_TO";
const READY: &str = "karat-test: all but the commit is done";
const FIRST: &[(i64, Option<i64>)] = &[(1, Some(1)), (2, Some(20)), (3, None)];
const AGAIN: &[(i64, Option<i64>)] = &[(2, Some(21)), (7, Some(8))];

/// Not a test but the process that is killed, when another test here started it: it does all of a load but the
/// commit, then waits for its end.
#[test]
#[expect(clippy::disallowed_methods, reason = "the only way to hand something to a test process")]
fn victim() {
    let Ok(to) = std::env::var(TO) else { return };
    let _sink = prepared(&to, "two", &contract(vec![products()]), Mode::Upsert, &[rows(AGAIN)]).unwrap();
    println!("\n{READY}");
    let _ = std::io::stdin().read(&mut [0]);
}

/// Runs `meanwhile` while another process holds the target, then kills that process.
fn kill_a_load(to: &str, meanwhile: impl FnOnce()) {
    let name = module_path!().split_once("::").unwrap().1;
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([&format!("{name}::victim"), "--exact", "--nocapture"])
        .env(TO, to)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == READY), "the load did not come so far");
    meanwhile();
    child.kill().unwrap();
    child.wait().unwrap();
}

fn a_killed_load_leaves_the_target_as_it_was(to: &str) {
    let contract = contract(vec![products()]);
    load(to, "one", &contract, Mode::Append, &[rows(FIRST)]).unwrap();
    kill_a_load(to, || {
        let error = load(to, "three", &contract, Mode::Append, &[rows(AGAIN)]).unwrap_err();
        assert!(error.message.contains("another"), "{error}");
        assert!(!error.hints.is_empty());
    });
    assert_eq!(held(to, &contract, &products()), texts(&rows(FIRST)));
    load(to, "four", &contract, Mode::Upsert, &[rows(AGAIN)]).unwrap();
    assert_eq!(held(to, &contract, &products()), texts(&rows(&[FIRST[0], AGAIN[0], FIRST[2], AGAIN[1]])));
}

#[test]
fn a_folder_survives_and_nothing_is_left_beside_it() {
    let scratch = Scratch::new();
    a_killed_load_leaves_the_target_as_it_was(&format!("parquet:{}", scratch.path("out").display()));
    assert_eq!(scratch.names(), ["out"]);
}

#[test]
fn a_new_folder_is_not_there_after_a_kill() {
    let scratch = Scratch::new();
    let to = format!("parquet:{}", scratch.path("out").display());
    kill_a_load(&to, || {});
    assert!(!scratch.path("out").exists());
    load(&to, "one", &contract(vec![products()]), Mode::Append, &[rows(FIRST)]).unwrap();
    assert_eq!(scratch.names(), ["out"]);
}

#[cfg(feature = "duckdb")]
#[test]
fn a_duckdb_file_survives() {
    let scratch = Scratch::new();
    a_killed_load_leaves_the_target_as_it_was(&scratch.path("shop.duckdb").display().to_string());
}

#[test]
fn a_postgres_database_survives() {
    a_killed_load_leaves_the_target_as_it_was(&postgres().new_address());
}

#[test]
fn a_database_of_mariadb_survives() {
    a_killed_load_leaves_the_target_as_it_was(&crate::io::target::servers::mariadb::new_database());
}
