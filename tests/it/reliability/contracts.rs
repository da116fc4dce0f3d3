//! Contracts and column names that attack, limits met exactly, files that drift.

use std::fmt::Write as _;
use std::fs;

use crate::reliability::{FIRST, SHOP, rows_of_folder, run, shop};
use crate::support::Folder;

#[test]
fn r25_contracts_that_are_bombs_are_refused() {
    let mut laughs = String::from("karat: 1\nname: l\na0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let below = format!("*a{}, ", level - 1).repeat(9);
        writeln!(laughs, "a{level}: &a{level} [{}]", below.trim_end_matches(", ")).unwrap();
    }
    let bad = [
        ("laughs", laughs),
        ("cycle", "karat: 1\nname: &n [*n]\ntables: {}\n".to_owned()),
        ("twice", SHOP.replace("name: shop", "name: shop\nname: again")),
        ("deep", format!("karat: 1\nname: {}{}\n", "[".repeat(50_000), "]".repeat(50_000))),
        ("long", format!("karat: 1\nname: \"{}\"\n", "x".repeat(20 << 20))),
        ("empty", String::new()),
        ("bytes", "\u{0}\u{1}\u{2}".to_owned()),
    ];
    for (what, text) in bad {
        let folder = Folder::new();
        folder.write("c.yaml", text);
        folder.write("first.csv", FIRST);
        let (code, said) = run(&folder, "check products=first.csv -c c.yaml");
        assert_eq!(code, 2, "{what}: {said:.400}");
        assert!(said.contains("c.yaml") && said.len() < 20_000, "{what}: {} bytes said", said.len());
    }
}

#[test]
fn r26_patterns_that_blow_up_elsewhere_take_linear_time() {
    let folder = Folder::new();
    let rules = "{a: {type: string, pattern: \"(a+)+$\"}, b: {type: string, pattern: \"(a|aa)+(b|bb){50}\"}}";
    folder.write("c.yaml", format!("karat: 1\nname: r\ntables: {{t: {{columns: {rules}}}}}\n"));
    let cell = "a".repeat(100_000);
    folder.write("t.csv", format!("a,b\n{}", format!("{cell}!,{cell}\n").repeat(20)));
    let (code, text) = run(&folder, "check t.csv -c c.yaml");
    assert_eq!(code, 1, "{text}");
    let (code, text) = {
        folder.write("c.yaml", "karat: 1\nname: r\ntables: {t: {columns: {a: {type: string, pattern: \"((a{1000}){1000}){1000}\"}, b: string}}}\n");
        run(&folder, "check t.csv -c c.yaml")
    };
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("pattern"), "{text}");
}

/// Column names that databases and files trip over.
const NAMES: &[&str] = &[
    "\"; DROP TABLE t; --",
    "'; DROP TABLE t; --",
    "select",
    "a b",
    "a\"b",
    "a`b",
    "a]b",
    "a.b",
    "a,b",
    "é",
    "e\u{301}",
    "$1",
    "%s",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "-1",
    "NULL",
    "\u{202e}txt",
];

#[test]
fn r27_column_names_are_quoted_and_never_run() {
    let folder = Folder::new();
    let quoted = |name: &str| serde_json::to_string(name).unwrap();
    let columns: Vec<String> = NAMES.iter().map(|name| format!("{}: string", quoted(name))).collect();
    folder.write(
        "c.yaml",
        format!("karat: 1\nname: n\ntables: {{t: {{columns: {{id: int64, {}}}}}}}\n", columns.join(", ")),
    );
    let cells = |texts: Vec<String>| texts.join(",");
    let cell = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let header = cells(NAMES.iter().map(|name| cell(name)).collect());
    let values = cells(NAMES.iter().map(|name| cell(name)).collect());
    folder.write("t.csv", format!("id,{header}\n1,{values}\n"));
    for target in ["csv:out-csv", "ndjson:out-ndjson", "parquet:out-parquet", "out.duckdb"] {
        if cfg!(not(feature = "duckdb")) && target.ends_with(".duckdb") {
            continue;
        }
        let (code, text) = run(&folder, &format!("load t.csv -c c.yaml --to {target}"));
        assert_eq!(code, 0, "{target}: {text}");
    }
    let rows = rows_of_folder(&folder.join("out-ndjson/t"));
    let row: serde_json::Value = serde_json::from_str(&rows[0]).unwrap();
    for name in NAMES {
        assert_eq!(row[name], *name, "{name:?}");
    }
    #[cfg(feature = "duckdb")]
    {
        let connection = ::duckdb::Connection::open(folder.join("out.duckdb")).unwrap();
        for name in NAMES {
            let sql = format!("SELECT \"{}\" FROM t", name.replace('"', "\"\""));
            let value: String = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
            assert_eq!(value, *name);
        }
    }
}

#[test]
fn r27_names_that_collide_are_refused() {
    for (columns, header) in [("{a: string, A: string}", "a,A"), ("{a: string}", "a,a")] {
        let folder = Folder::new();
        folder.write("c.yaml", format!("karat: 1\nname: n\ntables: {{t: {{columns: {columns}}}}}\n"));
        folder.write("t.csv", format!("{header}\n1,2\n"));
        let (code, text) = run(&folder, "load t.csv -c c.yaml --to csv:out");
        // Either it says what collides, or both columns arrive; never one of them alone.
        let rows = rows_of_folder(&folder.join("out/t"));
        assert!(code != 0 || rows == ["1,2"], "{header}: {code} {rows:?}\n{text}");
        assert!(code == 0 || text.contains('`') || text.contains("column"), "{header}: {text}");
    }
}

#[test]
fn r35_limits_are_met_exactly() {
    // 100 of 1,000 records are rejects.
    for (limit, loaded) in [("99", 0), ("100", 900), ("101", 900), ("9.9%", 0), ("10%", 900), ("0", 0), ("100%", 900)] {
        let folder = shop();
        let (code, text) = run(&folder, &format!("load second.csv -c c.yaml --to csv:out --max-rejects {limit}"));
        assert_eq!(code, 1, "{limit}: {text}");
        assert_eq!(rows_of_folder(&folder.join("out/products")).len(), loaded, "{limit}: {text}");
        if loaded == 0 {
            assert!(text.contains("--max-rejects") || text.contains("rejects"), "{limit}: {text}");
        }
    }
    // A share of nothing is no failure.
    let folder = shop();
    folder.write("none.csv", "sku,price\n");
    let (code, text) = run(&folder, "load none.csv -c c.yaml --to csv:out --max-rejects 0% --allow-empty");
    assert_eq!(code, 0, "{text}");
}

#[test]
fn r38_columns_that_come_go_and_move() {
    let cases = [
        ("price,sku\n1,A\n", 0, "moved"),
        ("sku,price,extra\nA,1,x\n", 0, "new"),
        ("sku\nA\n", 1, "missing"),
        ("sku,cost\nA,1\n", 1, "renamed"),
        ("sku,price\nA,1.123\n", 1, "widened"),
    ];
    for (text, code, what) in cases {
        let folder = shop();
        folder.write("drift.csv", text);
        let (found, said) = run(&folder, "check first.csv drift.csv -c c.yaml");
        assert_eq!(found, code, "{what}: {said}");
        assert!(code == 0 || said.contains("drift.csv"), "{what}: {said}");
    }
}

#[test]
fn r39_patterns_of_names() {
    let folder = shop();
    let (code, text) = run(&folder, "check nothing-*.csv -c c.yaml");
    assert!(code == 2 || code == 3, "{code}: {text}");
    assert!(text.contains("nothing-*.csv"), "{text}");
    for number in 0..2000 {
        folder.write(&format!("many/products-{number}.csv"), format!("sku,price\nS{number},1\n"));
    }
    let (code, text) =
        run(&folder, "check products=many/*.csv products=many/products-1*.csv -c c.yaml --report json=r.json");
    assert_eq!(code, 0, "{text}");
    assert!(folder.text("r.json").contains("\"records\": 2000"), "each file is read once");
    fs::remove_file(folder.join("many/products-7.csv")).unwrap();
    fs::create_dir(folder.join("many/products-7.csv")).unwrap();
    let (code, text) = run(&folder, "check products=many/products-7.csv -c c.yaml");
    assert!(code == 2 || code == 3, "{code}: {text}");
}
