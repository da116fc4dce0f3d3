//! What the sieve lets pass, the judge passes; and it holds back little else.

use std::io::Write as _;

use proptest::prelude::*;

use crate::contract;
use crate::frame::sieve::Sieve;
use crate::frame::{Judge, Mask, Parser, RawBatch};
use crate::io::{InputFile, ReadOptions, formats};
use crate::model::{Context, Table};

const CONTEXT: Context = Context { today: 20_000, now: 20_000 * 86_400_000_000 };

const CONTRACT: &str = r#"
karat: 1
name: sieve
tables:
  t:
    source: {format: csv, null_values: ["", "NA"], quotes: lenient}
    columns:
      id: {type: int64, required: true, minimum: 1}
      small: {type: int8, not_values: [7], maximum: 100}
      price: {type: "decimal(6,2)", not_values: [0], exclusive_minimum: -5}
      big: {type: "decimal(30,3)", minimum: 0}
      sku: {type: string, pattern: "SKU-[0-9]{3}"}
      mail: {type: string, pattern: "[^@\\s]+@[^@\\s]+\\.[a-z]{2,}", max_length: 9}
      kind: {type: string, accepted_values: [new, paid, "été"]}
      day: {type: date, maximum: today}
      at: {type: timestamp}
      ok: {type: bool}
      rate: {type: float64}
      code: {type: string, format: iso_country}
    rules:
      - {not_values: [x], column: sku, nulls: fail}
      - {all_null: reject}
"#;

fn table() -> Table {
    contract::read(CONTRACT).expect("reads").tables.remove(0)
}

fn batches(table: &Table, rows: &[Vec<String>]) -> Vec<RawBatch> {
    let mut file = tempfile();
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let lines = rows.iter().map(|row| row.join(","));
    let text: Vec<String> = std::iter::once(names.join(",")).chain(lines).collect();
    file.1.write_all(text.join("\n").as_bytes()).expect("writes");
    let input = InputFile { shown: "t.csv".into(), path: file.0.clone(), partitions: Vec::new() };
    let mut source = formats::open(&input, table, &ReadOptions::default()).expect("opens");
    let mut found = Vec::new();
    while let Some(raw) = source.next_batch().expect("reads") {
        found.push(raw);
    }
    std::fs::remove_file(&file.0).expect("is there");
    found
}

fn tempfile() -> (std::path::PathBuf, std::fs::File) {
    static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("karat-sieve-{}-{number}.csv", std::process::id()));
    let file = std::fs::File::create(&path).expect("makes");
    (path, file)
}

/// Gives what the sieve holds back and what the judge refuses by a covered rule.
fn compare(raw: RawBatch, table: &Table) -> (Mask, Mask) {
    let sieve = Sieve::new(table, &CONTEXT);
    let left: Vec<&str> = table
        .rules
        .iter()
        .zip(sieve.covered())
        .filter(|(rule, covered)| !**covered && rule.kind != "columns")
        .map(|(rule, _)| rule.id.as_str())
        .collect();
    assert_eq!(left, Vec::<&str>::new(), "every rule of this table is covered");
    let parser = Parser::new(table);
    let suspects = sieve.suspects(&raw, &parser.origins(&raw)).expect("is delimited");
    let judged = Judge::new(table, &CONTEXT).expect("compiles").judge(parser.parse(raw));
    let mut refused = Mask::new(judged.batch.len());
    for verdict in &judged.verdicts {
        refused.or(&verdict.failed);
        refused.or(&verdict.unknown);
    }
    (suspects, refused)
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => proptest::sample::select(&["", "1", "7", "-4", "5.00", "0.00", "-5.00", "SKU-123", "a@b.de", "new", "été",
            "2020-01-31", "2030-01-01", "2020-01-01 10:00:00", "true", "1e3", "DE", "NA", "\"NA\"", "\"new\"",
            "\"SKU-\"\"1\"", "123456789012345678", "+3", "x"][..]).prop_map(str::to_owned),
        1 => "[-+]?[0-9]{0,20}\\.?[0-9]{0,4}",
        1 => "[^,\r\n\"]{0,8}",
    ]
}

proptest! {
    #[test]
    fn what_passes_is_clean(rows in proptest::collection::vec(proptest::collection::vec(cell(), 12), 1..80)) {
        let table = table();
        for raw in batches(&table, &rows) {
            let (suspects, refused) = compare(raw, &table);
            for row in refused.rows() {
                prop_assert!(suspects.get(row), "row {row} was let pass: {:?}", rows[row]);
            }
        }
    }
}

#[test]
fn common_values_pass() {
    let good = [
        "12",
        "-3",
        "10.50",
        "123.456",
        "SKU-001",
        "a@bc.de",
        "paid",
        "2020-02-29",
        "2020-02-29 23:59:59",
        "f",
        "-1.5e3",
        "FR",
    ];
    let rows = vec![good.map(str::to_owned).to_vec(); 9];
    let table = table();
    for raw in batches(&table, &rows) {
        let (suspects, refused) = compare(raw, &table);
        assert!(!suspects.any() && !refused.any());
    }
}

/// Cells that columns of the kind of `CONTRACT` often hold, and some that they nearly hold.
fn likely() -> impl Strategy<Value = Vec<String>> {
    let quoted = |cell: String, quote: bool| if quote { format!("\"{cell}\"") } else { cell };
    let cell =
        |kinds: &'static str| (kinds, proptest::bool::weighted(0.1)).prop_map(move |(cell, quote)| quoted(cell, quote));
    vec![
        cell("[0-9]{1,18}|-?[0-9]{1,3}|[0-9]{0,3}[/:x][0-9]{0,2}"),
        cell("-?[0-9]{1,3}|[0-9]{1,12}"),
        cell("-?[0-9]{1,4}\\.[0-9]{2}|[0-9]{0,5}\\.[0-9]{0,3}|[0-9]{1,3}"),
        cell("[0-9]{1,15}\\.[0-9]{3}|[0-9]{0,17}\\.[0-9]{3}"),
        cell("SKU-[0-9]{3}|SK[A-Z]-[0-9]{2,4}|SKU-[0-9]{3}é?"),
        cell("[a-c]{1,3}@[a-c]{1,3}\\.(de|é)|[a-c@. ]{1,70}|[a-c]{60}@[a-c]{1,3}\\.de"),
        cell("new|paid|été|lost|[a-z]{0,20}"),
        cell(
            "(0000|0001|19[0-9]{2}|20[0-4][0-9]|9999)-[01][0-9]-[0-3][0-9]|20[0-9]{2}.[0-9]{2}.[0-9]{2}|2024-02-(28|29|30)",
        ),
        cell("2020-01-01 10:00:00|2020-01-01"),
        cell("true|f|x"),
        cell("[0-9]{1,3}"),
        cell("DE|FR|XX"),
    ]
}

proptest! {
    #[test]
    fn many_cells_at_once_are_judged_as_one_by_one(
        rows in proptest::collection::vec(likely(), 60..200), nulls in any::<bool>(), quote in any::<bool>(),
    ) {
        let mut table = table();
        if nulls {
            table.source.null_values = ["7", "SKU-007", "2020-01-01", "a@a.de", "0.00"].map(str::to_owned).to_vec();
        }
        if quote {
            table.source.quote = Some(b'1');
        }
        for raw in batches(&table, &rows) {
            let origins = Parser::new(&table).origins(&raw);
            let wide = Sieve::new(&table, &CONTEXT).suspects(&raw, &origins).expect("is delimited");
            let narrow = Sieve::new(&table, &CONTEXT).narrow().suspects(&raw, &origins).expect("is delimited");
            for row in 0..raw.len() {
                prop_assert_eq!(wide.get(row), narrow.get(row), "row {}: {:?}", row, raw.record_text(row).escape_ascii().to_string());
            }
        }
    }
}
