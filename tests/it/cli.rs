//! The program from outside: exit codes, streams, files.

use std::process::Output;

use crate::support::{Folder, SHOP, karat};

fn shop() -> Folder {
    let folder = Folder::new();
    folder.write("shop.yaml", SHOP);
    folder.write("products.csv", "sku,price\nA,1.00\nB,x\nA,2.00\n\"C,3.00\nD,-1\n");
    folder.write("good.csv", "sku,price\nA,1.00\nB,2.00\n");
    folder
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn the_exit_code_is_the_gate() {
    let shop = shop();
    let good = karat(shop.path(), &["check", "good.csv", "-c", "shop.yaml"]);
    assert_eq!(code(&good), 0, "{}{}", out(&good), err(&good));
    let bad = karat(shop.path(), &["check", "products.csv", "-c", "shop.yaml"]);
    assert_eq!(code(&bad), 1, "{}{}", out(&bad), err(&bad));
    assert!(out(&bad).contains("rejects=4"), "{}", out(&bad));
    assert!(out(&bad).contains("products.csv line 3"), "{}", out(&bad));
    assert!(out(&bad).lines().all(|line| line.chars().count() <= 80), "{}", out(&bad));
    assert_eq!(err(&bad), "");
}

#[test]
fn wrong_usage_is_two_and_says_what_to_do() {
    let shop = shop();
    shop.write("broken.yaml", "karat: 1\nname: x\ntables:\n  t:\n    columns:\n      a: {type: string, patern: x}\n");
    shop.write("empty.csv", "");
    for (arguments, word) in [
        (vec!["check", "products.csv"], "--contract"),
        (vec!["check", "products.csv", "-c", "missing.yaml"], "missing.yaml"),
        (vec!["check", "missing.csv", "-c", "shop.yaml"], "missing.csv"),
        (vec!["check", "good.csv", "-c", "broken.yaml"], "pattern"),
        (vec!["check", "good.csv", "-c", "shop.yaml", "--report", "pdf=x"], "json"),
        (vec!["check", "good.csv", "-c", "shop.yaml", "--as-of", "noon"], "2026-01-31"),
        (
            vec!["load", "good.csv", "-c", "shop.yaml", "--to", "csv:o", "--report", "json=no/x.json"],
            "no folder that exists",
        ),
        (vec!["check", "x=good.csv", "-c", "shop.yaml"], "no table of the contract"),
        (vec!["check", "empty.csv", "-c", "shop.yaml"], "--allow-empty"),
        (vec!["load", "good.csv", "-c", "shop.yaml", "--to", "oracle://x"], "parquet:"),
        (vec!["load", "good.csv", "-c", "shop.yaml", "--to", "csv:o", "--max-rejects", "many"], "0.5%"),
        (vec!["explain", "nonsense"], "karat rules"),
        (vec!["explain", "not_null"], "karat explain required"),
        (vec!["frobnicate"], "unrecognized"),
    ] {
        let output = karat(shop.path(), &arguments);
        let said = err(&output);
        let expected = if word == "missing.csv" { [2, 3] } else { [2, 2] };
        assert!(expected.contains(&code(&output)), "{arguments:?}: {} {said}", code(&output));
        assert!(said.contains(word), "{arguments:?} does not say `{word}`: {said}");
        assert_eq!(out(&output), "", "{arguments:?}");
    }
}

#[test]
fn a_load_is_noticed_and_can_be_mended() {
    let shop = shop();
    let load = ["load", "products.csv", "-c", "shop.yaml", "--to", "csv:target", "--rejects", "rejects"];
    let first = karat(shop.path(), &load);
    assert_eq!(code(&first), 1, "{}{}", out(&first), err(&first));
    assert_eq!(shop.text("rejects/products.rejects.csv"), "sku,price\nA,1.00\nB,x\n\"C,3.00\nD,-1\n");
    let second = karat(shop.path(), &load);
    assert_eq!(code(&second), 0, "{}{}", out(&second), err(&second));
    assert!(out(&second).contains("loaded before"), "{}", out(&second));
    assert!(shop.join("rejects/products.rejects.csv").exists(), "a load that did nothing keeps the rejects");

    shop.write("rejects/products.rejects.csv", "sku,price\nB,5.00\nC,3.00\nA,9.00\n");
    let mended = ["load", "--replay", "rejects", "-c", "shop.yaml", "--to", "csv:target", "--rejects", "rejects-2"];
    let third = karat(shop.path(), &mended);
    assert_eq!(code(&third), 1, "{}{}", out(&third), err(&third));
    assert!(out(&third).contains("the target holds it already"), "{}", out(&third));
    assert_eq!(shop.text("rejects-2/products.rejects.csv"), "sku,price\nA,9.00\n");
    let loaded: String =
        shop.files().iter().filter(|name| name.starts_with("target/products/")).map(|name| shop.text(name)).collect();
    for row in ["A,2.00", "B,5.00", "C,3.00"] {
        assert!(loaded.contains(row), "{loaded}");
    }
}

#[test]
fn standard_input_and_reports() {
    let shop = shop();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_karat"))
        .args(["check", "-", "-c", "shop.yaml", "--report", "json=-"])
        .current_dir(shop.path())
        .stdin(std::fs::File::open(shop.join("products.csv")).unwrap())
        .output()
        .unwrap();
    assert_eq!(code(&output), 1, "{}", err(&output));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["schema"], "karat.report/1");
    assert_eq!(report["tables"][0]["rejected"], 4);
    assert_eq!(report["tables"][0]["files"][0]["path"], "-");
}

#[cfg(feature = "polars")]
#[test]
fn the_demo_shows_the_whole_path() {
    let folder = Folder::new();
    let demo = karat(folder.path(), &["demo"]);
    assert_eq!(code(&demo), 0, "{}{}", out(&demo), err(&demo));
    let said = out(&demo);
    assert!(said.contains("rejected"), "{said}");
    assert!(said.contains("karat load --replay"), "{said}");
    let report: serde_json::Value = serde_json::from_slice(&folder.read("karat-demo/report.json")).unwrap();
    assert_eq!(report["committed"], true);
    for table in report["tables"].as_array().unwrap() {
        let number = |name: &str| table[name].as_u64().unwrap();
        assert_eq!(number("records"), number("clean") + number("rejected"), "{table}");
        assert_eq!(number("loaded"), number("clean"), "{table}");
        assert!(number("rejected") > 0, "{table}");
    }
    // Every command it recommends works as said.
    let again = ["load", "karat-demo/data", "-c", "karat-demo/retail.yaml", "--to"];
    let target = if cfg!(feature = "duckdb") { "karat-demo/shop.duckdb" } else { "parquet:karat-demo/shop" };
    let again = karat(folder.path(), &[&again[..], &[target, "--rejects", "karat-demo/rejects-2"]].concat());
    assert_eq!(code(&again), 0, "{}{}", out(&again), err(&again));
    let taken = karat(folder.path(), &["demo"]);
    assert_eq!(code(&taken), 2, "a second demo does not overwrite the first");
}

#[test]
fn contracts_are_linted_and_described() {
    let shop = shop();
    let lint = karat(shop.path(), &["contract", "lint", "shop.yaml"]);
    assert_eq!(code(&lint), 0, "{}", err(&lint));
    shop.write(
        "bad.yaml",
        "karat: 1\nname: x\ntables:\n  t:\n    columns:\n      a: {type: string, patern: x}\n      b: {type: money}\n      c: {type: int64, minimum: 5, maximum: 1}\n",
    );
    let lint = karat(shop.path(), &["contract", "lint", "bad.yaml"]);
    assert_eq!(code(&lint), 2);
    for word in ["C902", "C906", "C908", "bad.yaml:6:", "bad.yaml:7:", "bad.yaml:8:", "pattern"] {
        assert!(err(&lint).contains(word), "`{word}` is not in\n{}", err(&lint));
    }
    let schema = karat(shop.path(), &["contract", "schema"]);
    let schema: serde_json::Value = serde_json::from_slice(&schema.stdout).unwrap();
    assert!(schema["$schema"].as_str().unwrap().contains("2020-12"));
    let explain = karat(shop.path(), &["explain", "K201"]);
    assert!(out(&explain).contains("# What"), "{}", out(&explain));
}

#[test]
fn a_file_named_twice_is_read_once() {
    let shop = shop();
    let twice = karat(shop.path(), &["check", "good.csv", "./good.csv", "good.*", "-c", "shop.yaml"]);
    assert_eq!(code(&twice), 0, "{}{}", out(&twice), err(&twice));
    assert!(out(&twice).contains("records=2 "), "{}", out(&twice));
}

#[test]
fn nothing_is_written_over_what_is_read() {
    let folder = Folder::new();
    folder.write("a.csv", "id,price\n1,2\n2,3\n");
    let run = |line: &str| karat(folder.path(), &line.split(' ').collect::<Vec<_>>());
    assert_eq!(code(&run("profile a.csv -o p.json")), 0);
    folder.write("c.yaml", "karat: 1\nname: a\ntables:\n  a:\n    columns: {id: int64, price: int64}\n");
    let before = folder.files().into_iter().map(|name| (folder.read(&name), name)).collect::<Vec<_>>();
    for line in [
        "profile a.csv -o a.csv",
        "profile a.csv -c c.yaml -o c.yaml",
        "merge p.json -o p.json",
        "drift p.json a.csv -o ./a.csv",
        "infer a.csv -o a.csv --overwrite",
        "check a.csv -c c.yaml --report json=a.csv",
        "check a.csv -c c.yaml --report json=c.yaml",
    ] {
        let output = run(line);
        assert!(code(&output) == 2 && err(&output).contains("would overwrite"), "{line}: {}", err(&output));
    }
    let after = folder.files().into_iter().map(|name| (folder.read(&name), name)).collect::<Vec<_>>();
    assert_eq!(before, after);
}

#[test]
fn loads_are_listed_and_undone() {
    let targets: &[&str] = if cfg!(feature = "duckdb") { &["csv:out", "out.duckdb"] } else { &["csv:out"] };
    for to in targets {
        let folder = Folder::new();
        folder.write(
            "c.yaml",
            "karat: 1\nname: a\naudit_columns: [load_id, load_ts]\ntables:\n  a:\n    columns: {id: int64}\n",
        );
        folder.write("one.csv", "id\n1\n2\n");
        folder.write("two.csv", "id\n3\nx\n");
        let run = |line: &str| karat(folder.path(), &line.split(' ').collect::<Vec<_>>());
        assert_eq!(code(&run(&format!("load one.csv -c c.yaml --to {to}"))), 0, "{to}");
        assert_eq!(code(&run(&format!("load two.csv -c c.yaml --to {to}"))), 1, "{to}");
        let listed = run(&format!("history {to}"));
        assert_eq!(code(&listed), 0, "{to}: {}", err(&listed));
        let lines: Vec<String> = out(&listed).lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 4, "{lines:?}");
        assert!(lines[0].ends_with("append  loaded  a") && lines[0].contains("Z  append"), "{lines:?}");
        assert_eq!(lines[3].trim(), "a: 1 file, 2 read, 1 loaded, 1 rejected");
        let load = lines[0].split(' ').next().unwrap();
        let undone = run(&format!("undo {load} --from {to}"));
        assert_eq!((code(&undone), out(&undone).as_str()), (0, "a: 2 rows removed\n"), "{to}: {}", err(&undone));
        assert!(out(&run(&format!("history {to}"))).contains("append  undone 20"), "{to}");
        assert_eq!(code(&run(&format!("undo {load} --from {to}"))), 2, "{to}: it is undone already");
        assert_eq!(
            code(&run(&format!("load one.csv -c c.yaml --overwrite-rejects --to {to}"))),
            0,
            "{to}: the file may come again"
        );
        assert_eq!(code(&run(&format!("undo nobody --from {to}"))), 2, "{to}");
    }
}
