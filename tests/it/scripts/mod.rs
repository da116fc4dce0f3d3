//! `karat sql`: the scripts as they are stored, under their dialect's parser, and run.
//!
//! Redshift's run on PostgreSQL with what only Redshift says taken out, Snowflake's on fakesnow; what comes out is compared
//! with karat's own load of the same files. `warehouses.py` does that; what it needs comes from PyPI and Debian.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::servers::postgres::postgres;
use crate::support::{Folder, karat, project};

const REDSHIFT: &str = "--dialect redshift --schema shop --load-id first --stage s3://lake/in \
    --iam-role arn:aws:iam::123456789012:role/copy --region eu-central-1 --role reader=analyst --role loader=etl \
    --parts products/part-first-0.csv.gz products/part-first-1.csv.gz order/part-first-0.csv.gz words/part-first-0.csv.gz \
    --report report.json";
const SNOWFLAKE: &str = "--dialect snowflake --schema shop --load-id first --stage s3://lake/in \
    --storage-integration lake --role reader=analyst --role loader=etl \
    --parts products/part-first-0.csv.gz products/part-first-1.csv.gz order/part-first-0.csv.gz words/part-first-0.csv.gz \
    --report report.json";

/// What is stored below `fixtures/scripts`: folder and arguments.
const CASES: &[(&str, &str)] = &[
    ("redshift-append", REDSHIFT),
    ("redshift-upsert", "--dialect redshift --mode upsert --table products --parts part-x-0.csv --sort-key auto"),
    (
        "redshift-replace",
        "--dialect redshift --mode replace --table order --load-id first --iam-role default --dist-key product \
         --sort-key order_id,line --parts s3://other/deep/part-first-0.csv",
    ),
    ("snowflake-append", SNOWFLAKE),
    (
        "snowflake-upsert",
        "--dialect snowflake --mode upsert --table products --exact-names --cluster-by none --parts part-x-0.csv.zst",
    ),
    (
        "snowflake-replace",
        "--dialect snowflake --mode replace --table order --load-id first --stage @lake.shop.parts/in \
         --cluster-by order.product --parts order=part-first-0.csv",
    ),
];

fn fixtures() -> std::path::PathBuf {
    project().join("fixtures/scripts")
}

/// A folder with the shop: contract, data and the report of a check.
fn shop() -> Folder {
    let folder = Folder::new();
    for name in ["shop.yaml", "data/products.csv", "data/order.ndjson", "data/words.ndjson", "later/products.csv"] {
        folder.write(name, fs::read(fixtures().join(name)).unwrap());
    }
    let check = run(&folder, "check --data data -c shop.yaml --report json=report.json");
    assert_eq!(check.status.code(), Some(1), "{}", said(&check));
    folder
}

fn run(folder: &Folder, arguments: &str) -> Output {
    karat(folder.path(), &arguments.split_whitespace().collect::<Vec<_>>())
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn write(folder: &Folder, out: &str, arguments: &str) {
    let output = run(folder, &format!("sql load -c shop.yaml --out {out} {arguments}"));
    assert!(output.status.success(), "{arguments}\n{}", said(&output));
}

fn compare(name: &str, now: &str) {
    let path = fixtures().join(name);
    if std::env::var_os("KARAT_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, now).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == now, "{} is stale: run with KARAT_BLESS=1\n{now}", path.display());
}

#[test]
fn scripts_are_as_they_are_stored() {
    let folder = shop();
    for (case, arguments) in CASES {
        write(&folder, case, arguments);
        let files: Vec<String> =
            folder.files().into_iter().filter(|name| name.starts_with(&format!("{case}/"))).collect();
        for name in &files {
            compare(name, &folder.text(name));
        }
        let stored = fs::read_dir(fixtures().join(case)).unwrap().count();
        assert_eq!(stored, files.len(), "{case}: a stored file is no longer written");
    }
    for dialect in ["duckdb", "redshift", "snowflake"] {
        let output = run(&folder, &format!("sql ddl -c shop.yaml --dialect {dialect} --schema shop"));
        assert!(output.status.success(), "{}", said(&output));
        compare(&format!("ddl/{dialect}.sql"), &String::from_utf8(output.stdout).unwrap());
    }
}

#[test]
fn one_script_is_printed_without_a_folder() {
    let folder = shop();
    let output = run(&folder, &format!("sql load -c shop.yaml {REDSHIFT}"));
    let text = String::from_utf8(output.stdout).unwrap();
    let (products, order) =
        (text.find("INSERT INTO \"products\"").unwrap(), text.find("INSERT INTO \"order\"").unwrap());
    assert!(products < order, "parents come first");
    assert!(text.contains("-- products.manifest:\n-- {\n"), "{text}");
    assert!(text.contains("GRANT SELECT ON TABLE \"shop\".\"words\" TO ROLE \"analyst\";"), "{text}");
}

#[test]
fn a_manifest_of_karats_own_names_the_parts() {
    let folder = shop();
    let entry = |load: &str| format!(r#"{{"url": "s3://lake/in/words/part-{load}-0.csv.gz", "mandatory": true}}"#);
    folder.write("words.manifest", format!(r#"{{"entries": [{}, {}]}}"#, entry("a"), entry("b")));
    let arguments = "--parts words.manifest --load-id b --stage s3://lake/in";
    for dialect in ["redshift", "snowflake"] {
        write(&folder, dialect, &format!("--dialect {dialect} {arguments}"));
    }
    let manifest: serde_json::Value = serde_json::from_slice(&folder.read("redshift/words.manifest")).unwrap();
    assert_eq!(manifest["entries"], serde_json::from_str::<serde_json::Value>(&format!("[{}]", entry("b"))).unwrap());
    assert!(folder.text("snowflake/words.load.sql").contains("FILES = ('words/part-b-0.csv.gz')"));
}

#[test]
fn mistakes_are_named() {
    let folder = shop();
    folder.write("parts/products/part-a-0.csv", "x\n");
    folder.write("parts/products/part-b-0.csv", "x\n");
    folder.write("none/products/readme.txt", "x\n");
    folder.write("products.manifest", r#"{"entries": [{"url": "s3://b/in/products/part-a-0.parquet"}]}"#);
    folder.write("words.manifest", r#"{"entries": [{"mandatory": true}]}"#);
    for (arguments, complaint) in [
        ("--dialect oracle --parts a.csv", "possible values: redshift, snowflake"),
        ("--dialect redshift", "--parts"),
        ("--dialect redshift --parts none", "there are no parts to load"),
        ("--dialect redshift --parts data", "no folder of a table"),
        ("--dialect redshift --parts parts", "the parts are of several loads"),
        ("--dialect redshift --parts parts --load-id c", "there is no part of load c"),
        ("--dialect redshift --parts part-a-0.csv", "which table is part-a-0.csv for?"),
        ("--dialect redshift --parts ./products/part-z-0.csv", "there is no file"),
        ("--dialect redshift --parts products/part-a-0.csv products/part-a-0.csv", "is named twice"),
        ("--dialect redshift --parts products/a.csv products/b.csv.gz", "compressed"),
        ("--dialect redshift --parts products/a.parquet", "is no CSV file"),
        ("--dialect redshift --parts products.manifest", "is no CSV file"),
        ("--dialect redshift --parts words.manifest", "is no manifest"),
        ("--dialect redshift --parts words/part-a-0.csv --mode upsert", "words has no primary key"),
        ("--dialect redshift --parts parts --table sales", "no table sales"),
        ("--dialect redshift --parts words/a.csv --stage @lake/in", "Redshift reads parts from S3"),
        ("--dialect redshift --parts words/a.csv --cluster-by word", "are for Snowflake"),
        ("--dialect redshift --parts words/a.csv --dist-key colour", "no table has such a column"),
        ("--dialect redshift --parts words/a.csv --sort-key picture", "orders nothing"),
        ("--dialect snowflake --parts words/a.csv --iam-role default", "are for Redshift"),
        ("--dialect snowflake --parts s3://b/words/a.csv", "is a whole URL"),
        ("--dialect snowflake --parts words/a.csv --role writer=x", "neither reader=NAME nor loader=NAME"),
        ("--dialect snowflake --parts words/a.csv --report shop.yaml", "is no report"),
    ] {
        let output = run(&folder, &format!("sql load -c shop.yaml {arguments}"));
        assert_eq!(output.status.code(), Some(2), "{arguments}\n{}", said(&output));
        assert!(said(&output).contains(complaint), "{arguments}\n{}", said(&output));
    }
}

#[test]
fn no_secret_comes_back() {
    let folder = shop();
    for option in ["--stage s3://b/p?X-Amz-Signature=CANARY", "--iam-role CANARY", "--storage-integration CANARY'"] {
        for dialect in ["redshift", "snowflake"] {
            let output =
                run(&folder, &format!("sql load -c shop.yaml --dialect {dialect} --parts words/a.csv {option}"));
            assert_eq!(output.status.code(), Some(2), "{option}");
            assert!(!said(&output).contains("CANARY"), "{}", said(&output));
        }
    }
}

#[test]
fn every_script_parses_and_runs() {
    let folder = shop();
    let python = python(&folder);
    let check = |arguments: &[&str], at: &Path| {
        let mut command = Command::new(&python);
        command.arg(project().join("tests/it/scripts/warehouses.py")).args(arguments).current_dir(at);
        done(&mut command, &arguments.join(" "));
    };
    for dialect in ["redshift", "snowflake"] {
        let stored = CASES.iter().filter(|(case, _)| case.starts_with(dialect));
        let folders: Vec<&str> = stored.map(|(case, _)| *case).collect();
        check(&[&["parse", dialect], folders.as_slice()].concat(), &fixtures());
    }
    let server = postgres();
    server.run("postgres", "CREATE DATABASE redshift");
    let (socket, port) = (server.folder().display().to_string(), server.port().to_string());
    for (dialect, stage) in [("redshift", "--stage s3://lake/in --iam-role default"), ("snowflake", "")] {
        let folder = shop();
        life(&folder, &format!("--dialect {dialect} --schema shop --parts bucket {stage}"));
        check(&["parse", dialect, "first", "second", "third"], folder.path());
        let place: &[&str] = if dialect == "redshift" { &[&socket, &port] } else { &[] };
        check(&[&[dialect, "."], place].concat(), folder.path());
    }
}

/// Loads by karat, and writes the scripts of the same loads.
fn life(folder: &Folder, options: &str) {
    let load = |arguments: &str| {
        let output = run(folder, &format!("load -c shop.yaml --overwrite-rejects {arguments}"));
        assert!(matches!(output.status.code(), Some(0 | 1)), "{arguments}\n{}", said(&output));
    };
    load("--data data --to csv:csv-1 --report json=report-1.json");
    load("--data data --to ndjson:truth-1");
    load("--data data --to ndjson:truth-2");
    load("products=later/products.csv --to csv:csv-2 --report json=report-2.json");
    load("products=later/products.csv --to ndjson:truth-2 --mode upsert");
    // Parts by the names of loads that the test knows beforehand; the first table comes in two.
    for name in folder.files() {
        let Some((which, table)) = name.strip_prefix("csv-").and_then(|rest| rest.split_once('/')) else { continue };
        let Some((table, _)) = table.split_once("/part-") else { continue };
        let text = folder.text(&name);
        let head = text.find('\n').unwrap() + 1;
        let cut = text.find("\n3,ABC").map_or(text.len(), |at| at + 1);
        let loads: &[&str] = if which == "1" { &["first", "again", "third"] } else { &["second"] };
        for load in loads {
            folder.write(&format!("bucket/{table}/part-{load}-0.csv"), &text[..cut]);
            if cut < text.len() {
                let rest = format!("{}{}", &text[..head], &text[cut..]);
                folder.write(&format!("bucket/{table}/part-{load}-1.csv"), rest);
            }
        }
    }
    let mut report: serde_json::Value = serde_json::from_slice(&folder.read("report-1.json")).unwrap();
    report["tables"][0]["loaded"] = 999.into();
    folder.write("report-wrong.json", report.to_string());
    write(
        folder,
        "first",
        &format!("--load-id first --report report-1.json --role reader=analyst --role loader=etl {options}"),
    );
    write(
        folder,
        "second",
        &format!("--load-id second --mode upsert --table products --report report-2.json {options}"),
    );
    write(folder, "third", &format!("--load-id third --mode replace --table products {options}"));
    write(folder, "again", &format!("--load-id again {options}"));
    write(folder, "wrong", &format!("--load-id first --table products --report report-wrong.json {options}"));
}

/// Makes a virtual environment with the parser and the fake; gives its Python.
fn python(folder: &Folder) -> std::path::PathBuf {
    done(Command::new("python3").args(["-m", "venv"]).arg(folder.join("venv")), "python3 -m venv");
    let python = folder.join("venv/bin/python");
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    // The test reaches inside this fakesnow. It names the sqlglot that it wants.
    pip.args(["sqlglot", "fakesnow[server]==0.12.1", "snowflake-connector-python<5"]);
    done(&mut pip, "pip install sqlglot fakesnow (they come from PyPI, so it needs the network)");
    python
}

fn done(command: &mut Command, what: &str) {
    let output = command.output().unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(output.status.success(), "{what} failed\n{}", said(&output));
}
