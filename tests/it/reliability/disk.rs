//! A disk that is full, fails or forbids; names that are no plain names.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::process::Command;

use crate::reliability::{FIRST, SHOP, names, reasons, rows_of_folder, run, said, second, shop, with_faults};
use crate::support::Folder;

const LOAD: &str = "load second.csv -c c.yaml --to csv:out --threads 2";

/// Runs a load with a fault at the first, second, third … call until it is no longer reached. Each time either the
/// load says what failed and nothing is there, or it did not need the call.
fn failing(calls: &str, error: &str, says: &str, line: &str) -> u32 {
    let mut failed = 0;
    for at in 1..400 {
        let folder = shop();
        let (code, text) = with_faults(&folder, &[&format!("{calls}:error={error}:when={at}")], line);
        assert!(!text.contains("panicked"), "{calls} {at}: {text}");
        match code {
            3 => {
                failed += 1;
                assert!(text.contains(says), "{calls} {at} does not say `{says}`: {text}");
                let out = rows_of_folder(&folder.join("out/products"));
                assert!(out.is_empty() || out.len() == 900, "{calls} {at}: {} rows\n{text}", out.len());
            }
            1 => {
                assert_eq!(rows_of_folder(&folder.join("out/products")).len(), 900, "{calls} {at}: {text}");
                // Past the last call of the kind, in every thread.
                if at > 60 {
                    break;
                }
            }
            2 => assert!(text.contains(says), "{calls} {at}: {text}"),
            other => panic!("{calls} {at}: exit code {other}\n{text}"),
        }
    }
    failed
}

#[test]
fn r07_a_full_disk_is_named_and_nothing_is_committed() {
    assert!(failing("write,pwrite64", "ENOSPC", "No space left", LOAD) >= 3);
}

#[test]
fn r07_a_full_disk_for_the_keys_that_do_not_fit_in_memory() {
    let line = format!("{LOAD} --memory 0");
    assert!(failing("write,pwrite64", "ENOSPC", "No space left", &line) >= 3);
}

#[cfg(feature = "duckdb")]
#[test]
fn r07_a_full_disk_below_a_database() {
    for at in 1..14 {
        let folder = shop();
        let fault = format!("write,pwrite64:error=ENOSPC:when={at}");
        let (code, text) = with_faults(&folder, &[&fault], "load second.csv -c c.yaml --to out.duckdb");
        assert!(matches!(code, 1 | 3), "{at}: {code}\n{text}");
        let (again, text) = run(&folder, "load second.csv -c c.yaml --to out.duckdb --overwrite-rejects --mode upsert");
        assert_eq!(again, i32::from(code == 3), "{at}: {text}");
        let connection = ::duckdb::Connection::open(folder.join("out.duckdb")).unwrap();
        let rows: i64 = connection.query_row("SELECT count(*) FROM products", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 900, "{at}");
    }
}

#[test]
fn r08_errors_of_the_disk_are_errors_of_the_run() {
    assert!(failing("fsync,fdatasync", "EIO", "nput/output error", LOAD) >= 3);
    assert!(failing("rename,renameat,renameat2", "EIO", "nput/output error", LOAD) >= 2);
    assert!(failing("mkdir,mkdirat", "EROFS", "ead-only", LOAD) >= 2);
}

#[test]
fn r08_interrupted_calls_are_made_again() {
    // The loader of the program reads its libraries first, and does not try again.
    for calls in ["read:error=EINTR:when=16+3", "write:error=EINTR:when=2+3", "fsync,fdatasync:error=EINTR:when=2+3"] {
        let folder = shop();
        let (code, text) = with_faults(&folder, &[calls], LOAD);
        assert_eq!(code, 1, "{calls}: {text}");
        assert_eq!(rows_of_folder(&folder.join("out/products")).len(), 900);
        assert_eq!(reasons(&folder.join("rejects"), "products").len(), 100);
    }
}

#[test]
fn r08_an_input_that_cannot_be_read_to_its_end() {
    let folder = shop();
    // The program's own file, the contract and the input are read first; one of the reads is the input's.
    let mut failed = 0;
    for at in 1..40 {
        let (code, text) = with_faults(&folder, &[&format!("read:error=EIO:when={at}")], "check second.csv -c c.yaml");
        assert!(!text.contains("panicked"), "{at}: {text}");
        if text.contains("second.csv") && text.contains("nput/output error") {
            assert_eq!(code, 3, "{at}: {text}");
            failed += 1;
        }
    }
    assert!(failed > 0, "no read of the input was reached");
}

#[test]
fn r16_odd_names_are_names() {
    for name in ["a b.csv", "a\nb.csv", "-.csv", "ü.csv", "a'b\"c.csv", "[x].csv", "a*b.csv", "a=b.csv"] {
        let folder = Folder::new();
        folder.write("c.yaml", SHOP);
        folder.write(name, FIRST);
        let asked = format!("products=./{name}");
        let output = crate::support::karat(folder.path(), &["load", &asked, "-c", "c.yaml", "--to", "csv:out"]);
        let (code, text) = said(&output);
        assert_eq!(code, 0, "{name:?}: {text}");
        assert_eq!(rows_of_folder(&folder.join("out/products")).len(), 10, "{name:?}");
    }
}

#[test]
fn r16_a_name_that_is_no_text_is_read_too() {
    let folder = shop();
    let name = OsStr::from_bytes(b"sec\xffond.csv");
    fs::write(folder.path().join(name), second()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_karat"))
        .args(["check", "-c", "c.yaml"])
        .arg(name)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let (code, text) = said(&output);
    assert!(matches!(code, 1 | 2), "{code}: {text}");
    assert!(code == 1 || text.contains("UTF-8"), "{text}");
}

#[test]
fn r16_links_are_read_and_not_written_through() {
    let folder = shop();
    std::os::unix::fs::symlink("second.csv", folder.join("link.csv")).unwrap();
    folder.write("victim", "mine");
    fs::create_dir(folder.join("rejects")).unwrap();
    std::os::unix::fs::symlink("../victim", folder.join("rejects/products.rejects.csv")).unwrap();
    let (code, text) = run(&folder, "check link.csv -c c.yaml --rejects rejects --overwrite-rejects");
    assert_eq!(folder.text("victim"), "mine", "{code}: {text}");
    assert!(code == 1 || code == 2, "{code}: {text}");
    assert!(!names(folder.path()).iter().any(|name| name.contains("partial")));
}

#[test]
fn r16_a_folder_or_a_device_is_no_file() {
    let folder = shop();
    fs::create_dir(folder.join("empty")).unwrap();
    for (input, code) in [("products=empty", 2), ("products=/dev/null", 2), ("nothing.csv", 3)] {
        let (found, text) = run(&folder, &format!("check {input} -c c.yaml"));
        assert_eq!(found, code, "{input}: {text}");
    }
}
