//! Values that attack what they are written to, boundaries of types, keys that meet again, rejects that come back.

use crate::reliability::{SHOP, reasons, rows_of_folder, run};
use crate::support::Folder;

/// Values that have a meaning somewhere.
const VALUES: &[&str] = &[
    "\\.",
    "\\N",
    "\\\\N",
    "a\\",
    "'; DROP TABLE t; --",
    "\"; DROP TABLE t; --",
    "NULL",
    "null",
    "",
    " ",
    "\t",
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\rx",
    "${HOME}",
    "$(id)",
    "`id`",
    "%n%s",
    "{{7*7}}",
    "<b>&amp;</b>",
    "\u{feff}",
    "\u{202e}",
    "\u{0}x",
    "é",
    "e\u{301}",
    "👩‍👩‍👧",
    "a,b",
    "a\nb",
    "a\r\nb",
    "\"",
    "\"\"",
    "'",
    "true",
    "1e5",
    "0x1F",
    "2026-01-01",
];

const TEXTS: &str = "karat: 1
name: v
tables:
  t:
    source: {format: ndjson}
    columns: {id: {type: int64, unique: true}, v: {type: string}}
";

/// A folder whose NDJSON file holds the values in order.
fn values() -> Folder {
    let folder = Folder::new();
    folder.write("c.yaml", TEXTS);
    let lines = VALUES.iter().enumerate();
    let text: String = lines.map(|(id, v)| serde_json::json!({"id": id, "v": v}).to_string() + "\n").collect();
    folder.write("t.ndjson", text);
    folder
}

#[test]
fn r28_values_arrive_as_they_are() {
    let folder = values();
    let (code, text) = run(&folder, "load t.ndjson -c c.yaml --to ndjson:out");
    assert_eq!(code, 0, "{text}");
    let mut found: Vec<(u64, String)> = rows_of_folder(&folder.join("out/t"))
        .iter()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|row| (row["id"].as_u64().unwrap(), row["v"].as_str().unwrap().to_owned()))
        .collect();
    found.sort();
    let found: Vec<&str> = found.iter().map(|(_, v)| v.as_str()).collect();
    assert_eq!(found, VALUES);
}

#[test]
fn r28_r29_values_go_through_csv_and_come_back_the_same() {
    let folder = values();
    assert_eq!(run(&folder, "load t.ndjson -c c.yaml --to csv:out").0, 0);
    let part = folder.files().into_iter().find(|name| name.starts_with("out/t/")).unwrap();
    let mut reader = csv::Reader::from_path(folder.join(&part)).unwrap();
    let found: Vec<String> = reader.records().map(|record| record.unwrap()[1].to_owned()).collect();
    // Nothing is put before `=`, `+`, `-` or `@`: the file holds the values, not what a spreadsheet makes of them.
    assert_eq!(found, VALUES);
}

#[cfg(feature = "duckdb")]
#[test]
fn r28_values_arrive_in_a_database() {
    let folder = values();
    let (code, text) = run(&folder, "load t.ndjson -c c.yaml --to out.duckdb");
    assert_eq!(code, 0, "{text}");
    let connection = ::duckdb::Connection::open(folder.join("out.duckdb")).unwrap();
    let mut statement = connection.prepare("SELECT v FROM t ORDER BY id").unwrap();
    let found: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(found, VALUES);
}

#[test]
fn r29_a_reject_file_keeps_formulas_as_they_stood() {
    let folder = Folder::new();
    folder.write("c.yaml", SHOP);
    folder.write("products.csv", "sku,price\n=cmd|' /C calc'!A0,x\n@SUM(1),-2\n");
    assert_eq!(run(&folder, "check products.csv -c c.yaml --rejects r").0, 1);
    assert_eq!(folder.text("r/products.rejects.csv"), "sku,price\n=cmd|' /C calc'!A0,x\n@SUM(1),-2\n");
}

/// Values at the edges of types: type, text, and whether it is in.
const EDGES: &[(&str, &str, bool)] = &[
    ("int8", "127", true),
    ("int8", "128", false),
    ("int8", "-128", true),
    ("int8", "-129", false),
    ("int64", "9223372036854775807", true),
    ("int64", "9223372036854775808", false),
    ("int64", "-9223372036854775808", true),
    ("uint64", "18446744073709551615", true),
    ("uint64", "18446744073709551616", false),
    ("uint8", "-1", false),
    ("decimal(5,2)", "999.99", true),
    ("decimal(5,2)", "1000.00", false),
    ("decimal(5,2)", "0.001", false),
    ("decimal(38,0)", "99999999999999999999999999999999999999", true),
    ("decimal(38,0)", "100000000000000000000000000000000000000", false),
    ("float64", "1.7976931348623157e308", true),
    ("float64", "NaN", false),
    ("float64", "Infinity", false),
    ("float64", "-0", true),
    ("date", "2024-02-29", true),
    ("date", "2023-02-29", false),
    ("date", "2100-02-29", false),
    ("date", "2000-02-29", true),
    ("date", "2024-13-01", false),
    ("date", "9999-12-31", true),
    ("time", "23:59:59.999999", true),
    ("time", "25:00:00", false),
    ("timestamp", "2024-06-30 23:59:59", true),
    ("timestamp", "2024-06-31 00:00:00", false),
    ("bool", "true", true),
    ("bool", "2", false),
];

fn verdict(data_type: &str, text: &str) -> bool {
    let folder = Folder::new();
    folder.write(
        "c.yaml",
        format!("karat: 1\nname: e\ntables: {{t: {{columns: {{v: {{type: \"{data_type}\", required: true}}}}}}}}\n"),
    );
    folder.write("t.csv", format!("v\n{text}\n"));
    let (code, said) = run(&folder, "check t.csv -c c.yaml");
    assert!(code == 0 || code == 1, "{data_type} {text}: {said}");
    code == 0
}

#[test]
fn r33_types_end_where_they_end() {
    for (data_type, text, inside) in EDGES {
        assert_eq!(verdict(data_type, text), *inside, "{data_type} {text}");
    }
}

#[cfg(feature = "duckdb")]
#[test]
fn r33_a_database_agrees() {
    let connection = ::duckdb::Connection::open_in_memory().unwrap();
    for (data_type, text, inside) in EDGES {
        // DuckDB rounds decimals to their scale and takes NaN; karat refuses both on purpose.
        if *text == "0.001" || data_type.starts_with("float") || data_type == &"bool" {
            continue;
        }
        let name = match *data_type {
            "int8" => "TINYINT",
            "int64" => "BIGINT",
            "uint8" => "UTINYINT",
            "uint64" => "UBIGINT",
            other => other,
        };
        let sql = format!("SELECT TRY_CAST('{text}' AS {name}) IS NOT NULL");
        let theirs: bool = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
        assert_eq!(theirs, *inside, "{sql}");
    }
}

#[test]
fn r34_a_key_that_comes_again_is_told_with_both_places() {
    let folder = Folder::new();
    folder.write("c.yaml", SHOP);
    folder.write("products.csv", "sku,price\nA,1\na,1\nA ,1\né,1\ne\u{301},1\nA,2\n");
    let (code, text) = run(&folder, "check products.csv -c c.yaml --rejects r");
    assert_eq!(code, 1, "{text}");
    let reasons = reasons(&folder.join("r"), "products");
    let lines: Vec<u64> = reasons.iter().map(|reason| reason["line"].as_u64().unwrap()).collect();
    // Case, spaces and the form of an accent tell keys apart; they are compared by bytes.
    assert_eq!(lines, [2, 7]);
    assert!(reasons[1].to_string().contains("line 2"), "{}", reasons[1]);
}

#[test]
fn r36_mended_rejects_are_loaded_once() {
    let folder = Folder::new();
    folder.write("c.yaml", SHOP);
    folder.write("products.csv", "sku,price\nA,1\nB,-2\nC,x\n");
    assert_eq!(run(&folder, "load products.csv -c c.yaml --to csv:out --rejects r1").0, 1);
    let kept = folder.text("r1/products.rejects.csv");
    assert_eq!(kept, "sku,price\nB,-2\nC,x\n");
    folder.write("r1/products.rejects.csv", kept.replace("-2", "2"));
    let replay = "load --replay r1 -c c.yaml --to csv:out --rejects";
    let (code, text) = run(&folder, &format!("{replay} r2"));
    assert_eq!(code, 1, "{text}");
    assert_eq!(rows_of_folder(&folder.join("out/products")), ["A,1", "B,2"]);
    assert_eq!(folder.text("r2/products.rejects.csv"), "sku,price\nC,x\n");
    let (code, text) = run(&folder, &format!("{replay} r3"));
    assert_eq!(code, 0, "the same file again is nothing new: {text}");
    assert_eq!(rows_of_folder(&folder.join("out/products")).len(), 2);
}

#[test]
fn r37_an_upsert_made_twice_is_made_once() {
    for order in [["one.csv", "two.csv"], ["two.csv", "one.csv"]] {
        let folder = Folder::new();
        folder.write("c.yaml", SHOP);
        folder.write("one.csv", "sku,price\nA,1\nB,1\n");
        folder.write("two.csv", "sku,price\nB,2\nC,2\n");
        for file in order.iter().chain(&order[1..]) {
            let (code, text) = run(&folder, &format!("load {file} -c c.yaml --to csv:out --mode upsert --force"));
            assert_eq!(code, 0, "{text}");
        }
        let last = if order[1] == "two.csv" { "B,2.00" } else { "B,1.00" };
        assert_eq!(rows_of_folder(&folder.join("out/products")), ["A,1.00", last, "C,2.00"]);
    }
}
