//! Rules of single columns, and keys.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;

use crate::generate::plan::tests::{generator, passes};

#[test]
fn every_type_has_values() {
    let types = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 decimal(38,10) decimal(3,3) \
                 decimal(1,0) string date time timestamp timestamptz binary";
    let columns: Vec<String> = types
        .split(' ')
        .enumerate()
        .map(|(at, name)| format!("    c{at}: {{type: \"{name}\", required: true}}"))
        .collect();
    let text = format!(
        "t:\n  columns:\n{}\n    l: {{type: list, items: {{type: list, items: {{type: int8}}}}}}\n    s: {{type: struct, fields: {{a: {{type: int8}}, b: {{type: list, items: string}}}}}}\n",
        columns.join("\n")
    );
    let batch = &passes(&text, 500)[0];
    assert!(batch.columns().iter().all(|column| column.null_count() == 0));
}

#[test]
fn cell_rules_are_met() {
    passes(
        r#"t:
  columns:
    a: {type: int8, minimum: -3, exclusive_maximum: 4, not_values: [0, 1], multiple_of: 1}
    b: {type: "decimal(38,2)", exclusive_minimum: 0.5, maximum: 99999999999999999999999999999999.99, multiple_of: 0.25}
    c: {type: float64, minimum: 0.1, maximum: 0.9, not_values: [0.5]}
    d: {type: date, minimum: "2025-02-01", maximum: today}
    e: {type: timestamp, exclusive_minimum: "2025-02-01 12:00:00", maximum: now, format: "%Y-%m-%d %H:%M:%S%.f"}
    f: {type: time, minimum: "08:00:00", exclusive_maximum: "17:30:00"}
    g: {type: string, min_length: 30, max_length: 40}
    h: {type: string, max_length: 3}
    i: {type: string, accepted_values: [red, blue], max_length: 4}
    j: {type: int64, accepted_values: [5, 7, 100], minimum: 5}
    k: {type: binary, min_length: 3, max_length: 4}
    l: {type: list, min_items: 2, max_items: 5, items: {type: float32, minimum: 1, maximum: 2}}
    m: {type: float32, multiple_of: 0.5, minimum: -10, maximum: 10}
    n: {type: uint64, minimum: 18446744073709551000}
    o: {type: string, format: "%d.%m.%Y"}
    p: {type: string, not_values: [a, ab], max_length: 2}
    q: {type: date, format: "%d/%m/%y"}
    r: {type: bool, accepted_values: [true]}
    s: {type: timestamptz, minimum: "2026-01-01T00:00:00Z"}
    u: {type: float64, minimum: 1000000, exclusive_maximum: 1000000.5}
"#,
        2000,
    );
}

#[test]
fn formats_and_patterns_are_met() {
    passes(
        r#"t:
  columns:
    a: {type: string, format: email, unique: true}
    b: {type: string, format: uuid}
    c: {type: string, format: url}
    d: {type: string, format: ipv4}
    e: {type: string, format: ipv6}
    f: {type: string, format: iso_country}
    g: {type: string, format: iso_currency}
    h: {type: string, format: iban}
    i: {type: string, format: ean13, unique: true}
    j: {type: string, format: phone_e164}
    k: {type: string, pattern: "[A-Z]{3}-[0-9]{6}", unique: true}
    l: {type: string, pattern: "(foo|ba[rz])+", max_length: 9}
    m: {type: string, pattern: "C[0-9]+", unique: true}
    n: {type: string, pattern: "x.z", search: true}
    o: {type: string, format: email, max_length: 24}
    email: string
    first_name: string
    city: {type: string, max_length: 12}
"#
        .replace(", search: true", "")
        .as_str(),
        3000,
    );
}

#[test]
fn keys_of_all_sorts_are_unique() {
    passes(
        r#"t:
  primary_key: [id]
  columns:
    id: int64
    a: {type: string, unique: true}
    b: {type: date, unique: true, minimum: "2000-01-01", maximum: "2020-01-01"}
    c: {type: "decimal(9,2)", unique: true}
    d: {type: string, unique: true, max_length: 4}
    e: {type: binary, unique: true}
    f: {type: int16, minimum: -2000, maximum: 1000, unique: true}
    g: {type: timestamp, unique: true}
    h: {type: float64, unique: true}
u:
  primary_key: [store, line]
  columns:
    store: {type: string, accepted_values: [north, south, west]}
    line: int32
    x: {type: string, max_length: 2}
    y: {type: date, minimum: "2025-01-01", maximum: "2025-12-31"}
  rules:
    - {unique: [x, y]}
"#,
        3000,
    );
}

#[test]
fn a_million_keys_are_all_there() {
    let generator = generator(
        "t:\n  columns:\n    a: {type: int64, unique: true, minimum: 1, maximum: 1000000}\n    b: {type: int64, generate: {sequence: true, shuffled: true}}\n",
        1_000_000,
    );
    let table = &generator.tables[0];
    for column in 0..2 {
        let mut seen = vec![0u64; 1_000_000 / 64 + 1];
        for start in (0..1_000_000).step_by(50_000) {
            let batch = table.batch(start..start + 50_000).unwrap();
            for value in batch.column(column).as_primitive::<Int64Type>().values() {
                seen[usize::try_from(*value / 64).unwrap()] |= 1 << (value % 64);
            }
        }
        assert_eq!(seen.iter().map(|word| word.count_ones()).sum::<u32>(), 1_000_000);
    }
}
