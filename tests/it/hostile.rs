//! Runs that are asked to harm their user: to write over what they read, over each other, or to trust what changes.

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::{Folder, SHOP, karat};

const DIRTY: &str = "sku,price\nA,1.00\nB,x\nC,3.00\n";

fn shop() -> Folder {
    let folder = Folder::new();
    folder.write("shop.yaml", SHOP);
    folder.write("products.csv", DIRTY);
    folder
}

/// Runs the program; gives its exit code and all it said.
fn run(folder: &Folder, arguments: &[&str]) -> (i32, String) {
    let output = karat(folder.path(), arguments);
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

#[test]
fn a_report_never_takes_the_place_of_what_is_read() {
    let shop = shop();
    for report in ["json=products.csv", "text=./products.csv", "json=shop.yaml"] {
        let (code, said) = run(&shop, &["check", "products.csv", "-c", "shop.yaml", "--report", report]);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains("would overwrite"), "{said}");
    }
    assert_eq!(shop.text("products.csv"), DIRTY);
    assert_eq!(shop.text("shop.yaml"), SHOP);
}

#[test]
fn a_report_that_cannot_be_written_is_told_before_anything_is_loaded() {
    let shop = shop();
    shop.write("folder/x", "");
    for (reports, word) in [
        (vec!["--report", "json=folder"], "is a folder"),
        (vec!["--report", "json=nowhere/x.json"], "no folder that exists"),
        (vec!["--report", "json="], "names no file"),
        (vec!["--report", "json=r", "--report", "text=./r"], "twice"),
    ] {
        let load = ["load", "products.csv", "-c", "shop.yaml", "--to", "csv:out"];
        let (code, said) = run(&shop, &[&load[..], &reports].concat());
        assert_eq!(code, 2, "{said}");
        assert!(said.contains(word), "`{word}` is not in {said}");
        assert!(!shop.join("out").exists());
    }
}

#[test]
fn a_report_that_fails_late_says_that_the_rows_are_loaded() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    let shop = shop();
    let (code, said) =
        run(&shop, &["load", "products.csv", "-c", "shop.yaml", "--to", "csv:out", "--report", "json=/dev/full"]);
    // 3 would say that nothing was committed.
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("the load itself is done"), "{said}");
}

#[test]
fn a_report_to_a_full_disk_is_an_error_and_to_a_closed_pipe_is_none() {
    let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") else { return };
    let shop = shop();
    let check = |out: std::process::Stdio| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_karat"));
        let command = command.args(["check", "products.csv", "-c", "shop.yaml", "--report", "json=-"]);
        command.current_dir(shop.path()).stdout(out).status().unwrap().code().unwrap()
    };
    assert_eq!(check(full.into()), 3);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    assert_eq!(check(writer.into()), 1);
}

#[test]
fn rejects_never_take_the_place_of_what_is_read() {
    let shop = shop();
    let (code, said) = run(&shop, &["check", "products.csv", "-c", "shop.yaml", "--rejects", "rejects"]);
    assert_eq!(code, 1, "{said}");
    let mended = "sku,price\nB,2.00\nD,y\n";
    shop.write("rejects/products.rejects.csv", mended);
    symlink("rejects/products.rejects.csv", shop.join("link.csv")).unwrap();
    for file in ["rejects/products.rejects.csv", "link.csv"] {
        let (code, said) = run(&shop, &["check", file, "-c", "shop.yaml", "--rejects", "rejects"]);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains("would be replaced"), "{said}");
        let load = ["load", file, "-c", "shop.yaml", "--to", "csv:out", "--rejects", "./rejects"];
        assert_eq!(run(&shop, &load).0, 2);
    }
    assert_eq!(shop.text("rejects/products.rejects.csv"), mended);
    // Inputs and rejects may share a folder as long as their names differ.
    let (code, said) = run(&shop, &["check", "products.csv", "-c", "shop.yaml", "--rejects", "."]);
    assert_eq!(code, 1, "{said}");
    assert_eq!(shop.text("products.csv"), DIRTY);
}

#[test]
fn a_pipe_is_read_as_often_as_it_takes() {
    let shop = shop();
    let command = "\"$0\" check <(cat products.csv) -c shop.yaml";
    let mut bash = std::process::Command::new("bash");
    bash.args(["-c", command, env!("CARGO_BIN_EXE_karat")]).current_dir(shop.path());
    let Ok(output) = bash.output() else { return };
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(said.contains("records=3 rejects=1"), "{said}");
}

#[test]
fn errors_do_not_speak_to_the_terminal() {
    let shop = shop();
    let (code, said) = run(&shop, &["check", "a\x1b[31mb.csv", "-c", "shop.yaml"]);
    assert!(code >= 2 && !said.contains('\x1b') && said.contains("u{1b}"), "{said:?}");
}

#[test]
fn a_target_never_takes_the_place_of_what_is_read() {
    let shop = shop();
    shop.write("data/products/part.csv", "sku,price\nA,1.00\n");
    for mode in ["append", "replace", "upsert"] {
        let load = ["load", "data/products/part.csv", "-c", "shop.yaml", "--to", "csv:data", "--mode", mode];
        let (code, said) = run(&shop, &load);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains("keeps its own rows"), "{said}");
    }
    assert_eq!(shop.text("data/products/part.csv"), "sku,price\nA,1.00\n");
}

#[test]
fn a_table_behind_a_link_is_not_lost() {
    let shop = shop();
    shop.write("elsewhere/part.csv", "sku,price\nZ,1.00\n");
    fs::create_dir(shop.join("out")).unwrap();
    symlink("../elsewhere", shop.join("out/products")).unwrap();
    let (code, said) = run(&shop, &["load", "products.csv", "-c", "shop.yaml", "--to", "csv:out"]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("is a link"), "{said}");
    assert!(shop.join("out/products/part.csv").exists());
}

#[test]
fn folders_of_the_user_beside_the_target_stay() {
    let shop = shop();
    shop.write(".out.karat-backup/precious", "x");
    let (code, said) = run(&shop, &["load", "products.csv", "-c", "shop.yaml", "--to", "csv:out"]);
    assert_eq!(code, 1, "{said}");
    assert_eq!(shop.text(".out.karat-backup/precious"), "x");
}

#[test]
fn a_file_named_twice_is_read_once() {
    let shop = shop();
    shop.write("data/products.csv", DIRTY);
    symlink("data/products.csv", shop.join("link.csv")).unwrap();
    let files = ["data", "data/products.csv", "./data/products.csv", "link.csv", "products=data/products.csv", "data/"];
    let (code, said) = run(&shop, &[&["check", "-c", "shop.yaml"], &files[..]].concat());
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("records=3 rejects=1"), "{said}");
}

#[test]
fn the_same_bytes_in_the_folder_of_another_day_are_other_rows() {
    let shop = Folder::new();
    shop.write(
        "sales.yaml",
        "karat: 1\nname: s\ntables:\n  sales:\n    source: {path: \"d=*/sales.csv\"}\n    columns:\n      d: date\n      n: int64\n",
    );
    let load = |day: &str| {
        shop.write(&format!("data/d={day}/sales.csv"), "n\n1\n");
        run(&shop, &["load", &format!("data/d={day}/sales.csv"), "-c", "sales.yaml", "--to", "csv:out"])
    };
    assert!(load("2026-01-01").1.contains("records=1"));
    let (code, said) = load("2026-01-02");
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("records=1"), "{said}");
    let (code, said) = load("2026-01-02");
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("loaded before"), "{said}");
}

#[test]
fn two_runs_do_not_write_into_one_reject_file() {
    let shop = shop();
    let path = shop.write("rejects/.products.reasons.ndjson.partial", "of a run that lives\n");
    let other = fs::File::open(&path).unwrap();
    other.try_lock().unwrap();
    for file in ["products.csv", "good.csv"] {
        shop.write("good.csv", "sku,price\nA,1.00\n");
        let (code, said) = run(&shop, &["check", file, "-c", "shop.yaml", "--rejects", "rejects"]);
        assert_eq!(code, 3, "{said}");
        assert!(said.contains("another run"), "{said}");
    }
    assert_eq!(shop.text("rejects/.products.reasons.ndjson.partial"), "of a run that lives\n");
    drop(other);
    let (code, said) = run(&shop, &["check", "products.csv", "-c", "shop.yaml", "--rejects", "rejects"]);
    assert_eq!(code, 1, "{said}");
    assert_eq!(shop.files().iter().filter(|name| name.contains("partial")).count(), 0);
}
