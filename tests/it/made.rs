//! What is made keeps its contract: every preset, and contracts drawn at random, by the program and the checker.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use karat::model::{Context, Outcome, Report};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use crate::support::{Folder, contract, karat, run_check, settings};

/// The day that stands for today where none is said.
const AS_OF: i32 = 20_484;

/// Generates and gives what was said where that failed.
fn generate(folder: &Folder, arguments: &[&str]) -> Result<(), String> {
    let output = karat(folder.path(), &[&["generate"], arguments].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(said) }
}

fn checked(folder: &Folder, contract_text: &str) -> Report {
    let mut settings = settings(2, 1000);
    settings.context = Context { today: AS_OF, now: i64::from(AS_OF) * 86_400_000_000 };
    run_check(&contract(contract_text), &folder.join("data"), None, &settings).unwrap_or_else(|error| panic!("{error}"))
}

/// The rules that are broken, each with the number of its violations. Rules that this build cannot ask are passed over.
fn broken(report: &Report) -> Vec<(String, u64)> {
    let rules = report.tables.iter().flat_map(|table| &table.rules);
    let broken = rules.filter(|rule| rule.failures > 0 || matches!(rule.outcome, Outcome::Failed | Outcome::Warned));
    broken.map(|rule| (rule.id.clone(), rule.failures)).collect()
}

#[test]
fn presets_keep_their_contracts() {
    for (preset, arguments, file, records) in [
        ("retail", &[][..], "retail.yaml", 137 + 64 + 2507),
        ("tpch-supplier", &[], "supplier.yaml", 25 + 10_000),
        ("claims", &[], "claims.yaml", 5000 + 6000 + 15_000 + 3600),
    ] {
        let folder = Folder::new();
        let all = [&[preset, "--out", "data", "--faults", "none"], arguments].concat();
        generate(&folder, &all).unwrap_or_else(|said| panic!("{preset}: {said}"));
        let report = checked(&folder, &folder.text(&format!("data/{file}")));
        assert!(broken(&report).is_empty(), "{preset}: {:?}", broken(&report));
        assert_eq!(report.tables.iter().map(|table| table.records).sum::<u64>(), records, "{preset}");
    }
}

/// Its key repeats on purpose, as in files that are upserted: the last record of a SKU wins, the others are refused, and
/// no other rule is broken.
#[test]
#[cfg_attr(debug_assertions, ignore = "takes long without optimisation")]
fn half_a_million_products_have_their_counts() {
    let folder = Folder::new();
    generate(&folder, &["products-500k", "--out", "data"]).unwrap_or_else(|said| panic!("{said}"));
    let report = checked(&folder, &folder.text("data/products.yaml"));
    assert_eq!(broken(&report), vec![("products.primary_key".to_owned(), 500_000_u64 - 466_693)]);
    assert_eq!((report.tables[0].records, report.tables[0].clean), (500_000, 466_693));
    // As the other presets' in `generate.rs`: bytes stay, or `generate::VERSION` is raised.
    let hash = Sha256::digest(folder.read("data/products.csv"));
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash, "982934fae138535d04971e07b9e96f14eddd2570f0c1d42066bac66e25bde152");
    let mut reader = csv::Reader::from_path(folder.join("data/products.csv")).unwrap();
    let (mut names, mut keys, mut breaks) = (BTreeSet::new(), BTreeSet::new(), 0);
    for record in reader.records() {
        let record = record.unwrap();
        names.insert(record[0].to_owned());
        keys.insert(record[1].to_owned());
        breaks += usize::from(record[2].contains('\n'));
    }
    assert_eq!((keys.len(), names.len()), (466_693, 222_024));
    assert!(breaks > 100_000, "{breaks} descriptions have line breaks");
}

/// A column that leaves room for values, and whether CSV can hold it.
fn column() -> impl Strategy<Value = (String, bool)> {
    let number = prop_oneof![Just("int16"), Just("int32"), Just("int64"), Just("\"decimal(12,2)\""), Just("float64")];
    let bounds = (-50i32..50, 20i32..5000, any::<bool>(), 1i32..4);
    let text = |text: String| (text, true);
    prop_oneof![
        (number, bounds).prop_map(move |(name, (least, span, required, step))| text(format!(
            "{{type: {name}, minimum: {least}, exclusive_maximum: {}, required: {required}, multiple_of: {step}, not_values: [{}]}}",
            least + span * step,
            least + 1
        ))),
        (1usize..6, 4usize..30)
            .prop_map(move |(least, more)| text(format!("{{type: string, min_length: {least}, max_length: {}}}", least + more))),
        (1u8..5, 1u8..5).prop_map(move |(a, b)| text(format!("{{type: string, unique: true, pattern: \"[A-Z]{{{a}}}-[0-9]{{{}}}x*\"}}", b + 4))),
        prop::sample::select(vec!["email", "uuid", "url", "ipv4", "ipv6", "iban", "ean13", "iso_country", "iso_currency", "phone_e164"])
            .prop_map(move |format| text(format!("{{type: string, format: {format}}}"))),
        (0u32..300).prop_map(move |days| text(format!(
            "{{type: date, minimum: \"{:02}.{:02}.2025\", maximum: today, format: \"%d.%m.%Y\"}}",
            1 + days % 28,
            1 + days % 12
        ))),
        Just(text("{type: timestamp, maximum: now, generate: {null_rate: 0.2}}".to_owned())),
        Just(text("{type: time, minimum: \"08:00:00\", exclusive_maximum: \"17:30:00\"}".to_owned())),
        Just(text("{type: bool, generate: {null_rate: 10%}}".to_owned())),
        Just(text("{type: string, not_values: [a, b], generate: {provider: text}}".to_owned())),
        Just(text("{type: int64, references: parent.id, generate: {reference: {zipf: 1.3}, null_rate: 0.1}}".to_owned())),
        (1u64..4, 0u64..4).prop_map(|(least, more)| {
            let fields = "{p: {type: int64, references: parent.id}, q: {type: float32, minimum: 0}}";
            let most = least + more;
            (format!("{{type: list, min_items: {least}, max_items: {most}, items: {{type: struct, fields: {fields}}}}}"), false)
        }),
    ]
}

/// A contract of two tables: every sort of column and rule, in every format, whole, in files, by day and by value.
fn random() -> impl Strategy<Value = (String, Vec<&'static str>)> {
    let columns = prop::collection::vec(column(), 1..7);
    (columns, 0usize..4, 0usize..4, any::<u8>(), prop_oneof![Just(","), Just(";"), Just("|")]).prop_map(
        |(columns, format, place, rules, delimiter)| {
            let format = ["csv", "ndjson", "json", "parquet"][format];
            let place = if place == 3 && matches!(format, "json" | "parquet") { 0 } else { place };
            let path = ["t.x", "t-*.x", "t/d=*/t.x", "t/status=*/t.x"][place];
            let dialect = if format == "csv" { format!(", delimiter: \"{delimiter}\"") } else { String::new() };
            let mut text = format!(
                "karat: 1
name: random
tables:
  parent:
    source: {{path: \"parent-*.csv\"}}
    primary_key: [id]
    columns:
      id: {{type: int64, minimum: 1}}
      code: {{type: string, unique: true, pattern: \"[A-Z]{{2}}[0-9]{{3}}\"}}
    generate: {{rows: 90}}
  t:
    source: {{format: {format}, path: \"{path}\"{dialect}}}
    primary_key: [id]
    columns:
      id: int64
      from: {{type: date, minimum: \"2025-01-01\"}}
      to: {{type: date, maximum: \"2026-01-01\"}}
      status: {{type: string, required: true, accepted_values: [open, shipped, lost]}}
      shipped_on: {{type: date, generate: {{null_rate: 0.5}}}}
      quantity: {{type: int32, required: true, minimum: 1, maximum: 9}}
      price: {{type: \"decimal(12,2)\", required: true, minimum: 0.01, maximum: 900}}
      total: {{type: \"decimal(14,2)\", generate: {{expression: \"price * quantity\"}}}}
      at: {{type: timestamp, required: true, generate: {{minimum: \"2026-01-01 00:00:00\", maximum: \"2026-01-09 23:59:59\"}}}}
      d: {{type: date, required: true, generate: {{expression: date(at)}}}}
"
            );
            for (at, (column, _)) in columns.iter().filter(|(_, flat)| *flat || format != "csv").enumerate() {
                let _ = writeln!(text, "      c{at}: {column}");
            }
            text += "    rules:\n      - {row_count: {minimum: 1}}\n";
            for (at, rule) in [
                "{compare: \"from <= to\"}",
                "{when: \"status = 'shipped'\", then: \"shipped_on IS NOT NULL\"}",
                "{when: \"status = 'open'\", then: \"shipped_on IS NULL\"}",
                "{expression: \"total = price * quantity\"}",
                "{expression: \"date(at) = d AND quantity <> 5\"}",
                "{required: true, column: to, where: \"quantity > 7\"}",
                "{null_rate: {maximum: 70%}, column: shipped_on}",
                "{unique: [at, id]}",
            ]
            .into_iter()
            .enumerate()
            {
                if rules & (1 << at) != 0 {
                    let _ = writeln!(text, "      - {rule}");
                }
            }
            if place == 2 {
                text += "    generate: {day: at}\n";
            }
            let arguments = if place == 1 { vec!["--files", "3"] } else { Vec::new() };
            (text, arguments)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_contracts_are_kept((text, arguments) in random(), rows in 1u64..700, seed in any::<u64>()) {
        let folder = Folder::new();
        folder.write("c.yaml", &text);
        let (rows_of, seed) = (format!("t={rows}"), seed.to_string());
        let all = [&["-c", "c.yaml", "--out", "data", "--rows", &rows_of, "--seed", &seed], &arguments[..]].concat();
        generate(&folder, &all).unwrap_or_else(|said| panic!("{text}\n{said}"));
        let report = checked(&folder, &text);
        prop_assert!(broken(&report).is_empty(), "{}: {:?}", text, broken(&report));
        let records: Vec<u64> = report.tables.iter().map(|table| table.records).collect();
        prop_assert_eq!(records, vec![90, rows], "{}\n{:?}", text, folder.files());
    }
}
