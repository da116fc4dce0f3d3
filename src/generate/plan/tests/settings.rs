//! What `generate:` says, day folders, presets.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};

use crate::generate::plan::tests::{different, generator, passes};
use crate::model::temporal::DAY;

#[test]
fn few_values_are_exactly_so_many() {
    let batches = passes(
        r#"t:
  columns:
    a: {type: int64, generate: {distinct: 777}}
    b: {type: string, generate: {distinct: 777, distribution: {zipf: 1.0}, null_rate: 0.1}}
    c: {type: date, generate: {distinct: 100}}
    person_name: {type: string, generate: {provider: person_name, distinct: 1500}}
    e: {type: float64, minimum: 0, maximum: 100, generate: {distinct: 50, distribution: {normal: {mean: 50, stddev: 10}}}}
    f: {type: string, pattern: "[a-z]{2}[0-9]", generate: {distinct: 1234}}
"#,
        2000,
    );
    let counts: Vec<usize> = batches[0].columns().iter().map(different).collect();
    assert_eq!(counts, [777, 777, 100, 1500, 50, 1234]);
    assert!(batches[0].column(1).null_count() > 100);
}

#[test]
fn days_own_folders() {
    let text = r#"t:
  source: {format: ndjson, path: "t/d=*/t.json"}
  columns:
    id: int64
    at: {type: timestamp, required: true, format: "%Y-%m-%d %H:%M:%S%.f", generate: {minimum: "2025-12-01 00:00:00", maximum: "2026-01-30 23:59:59.999999", weekdays: [1, 1, 1, 1, 1, 3, 0]}}
    d: {type: date, required: true}
  rules:
    - {expression: "date(at) = d"}
  generate: {rows: 5000, day: at}
"#;
    passes(text, 10);
    let generator = generator(text, 10);
    let table = &generator.tables[0];
    assert!(table.days.len() > 45 && table.days.len() < 56, "{}", table.days.len());
    for (day, rows) in &table.days {
        let batch = table.batch(rows.clone()).unwrap();
        let micros = batch.column(1).as_primitive::<arrow_array::types::TimestampMicrosecondType>();
        assert!(micros.values().iter().all(|at| at.div_euclid(DAY) == i64::from(*day)));
        assert!(batch.column(2).as_primitive::<arrow_array::types::Date32Type>().values().iter().all(|at| at == day));
    }
}

#[test]
fn late_rows_stand_in_later_folders() {
    let text = r#"t:
  columns:
    at: {type: timestamp, required: true, generate: {minimum: "2025-12-01 00:00:00"}}
  generate: {rows: 5000, day: at, late: {rate: 0.2, days: 3}}
"#;
    let generator = generator(text, 10);
    let table = &generator.tables[0];
    let mut late = 0;
    for (day, rows) in &table.days {
        let batch = table.batch(rows.clone()).unwrap();
        for at in batch.column(0).as_primitive::<arrow_array::types::TimestampMicrosecondType>().values() {
            let behind = i64::from(*day) - at.div_euclid(DAY);
            assert!((0..=3).contains(&behind));
            late += usize::from(behind > 0);
        }
    }
    assert!((800..1100).contains(&late), "{late}");
}

#[test]
fn settings_make_values() {
    let batches = passes(
        r#"t:
  columns:
    a: {type: int32, generate: {sequence: {start: 10, step: -5}}}
    b: {type: string, generate: {weighted: {red: 8, green: 2}}}
    c: {type: int64, generate: {distribution: {zipf: 1.2}, minimum: 1, maximum: 1000}}
    d: {type: float64, generate: {distribution: {normal: {mean: 10, stddev: 2}}}}
    e: {type: date, generate: {weekdays: [1, 1, 1, 1, 1, 0, 0], months: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]}}
    f: {type: float64, generate: {distribution: {exponential: {mean: 30}}, minimum: 5}}
    g: {type: string, generate: {template: "{n}"}}
    h: {type: string, generate: {null_rate: 1}}
    i: {type: int64, generate: {distribution: {histogram: [[0, 10, 1], [100, 200, 3]]}}}
"#,
        4000,
    );
    let batch = &batches[0];
    assert_eq!(batch.column(0).as_primitive::<Int32Type>().value(2), 0);
    let red = batch.column(1).as_string::<i32>().iter().filter(|value| *value == Some("red")).count();
    assert!((3100..3300).contains(&red), "{red}");
    let ones = batch.column(2).as_primitive::<Int64Type>().values().iter().filter(|value| **value == 1).count();
    assert!(ones > 700, "{ones}");
    let mean = batch.column(3).as_primitive::<Float64Type>().values().iter().sum::<f64>() / 4000.0;
    assert!((9.8..10.2).contains(&mean), "{mean}");
    for day in batch.column(4).as_primitive::<arrow_array::types::Date32Type>().values() {
        assert!((i64::from(*day) + 3).rem_euclid(7) < 5);
        assert!([1, 12].contains(&crate::model::literal::civil_from_days(*day).1));
    }
    assert_eq!(batch.column(6).as_string::<i32>().value(41), "42");
    assert_eq!(batch.column(7).null_count(), 4000);
}

#[test]
fn no_rows_and_very_many_are_fine() {
    let text = r#"t:
  primary_key: [id]
  columns:
    id: int64
    code: {type: string, unique: true, pattern: "[A-Z]{3}-[0-9]{12}"}
    email: {type: string, format: email, unique: true}
    day: {type: date, generate: {weekdays: [1, 1, 1, 1, 1, 0, 0]}}
    at: {type: timestamp, required: true}
    parent: {type: int64, references: t.id}
  rules:
    - {increasing: id, strict: true}
  generate: {day: at}
"#;
    let empty = generator(text, 0);
    assert_eq!(empty.tables[0].batch(0..0).unwrap().num_rows(), 0);
    assert!(empty.tables[0].days.is_empty() && empty.tables[0].batch(0..1).is_err());
    let rows = 1_000_000_000_000;
    let huge = generator(text, rows);
    let batch = huge.tables[0].batch(rows - 100..rows).unwrap();
    assert_eq!(different(batch.column(1)) + different(batch.column(2)), 200);
    assert_eq!(huge.tables[0].days.last().unwrap().1.end, rows);
}
