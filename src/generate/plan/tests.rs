//! Generator and checker meet: what is generated passes the contract.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_select::concat::concat_batches;

use crate::frame::keys::{KeyEncoder, KeySet, OrderState};
use crate::frame::{Judge, Mask};
use crate::generate::generator::{Generator, Options, TableGenerator};
use crate::generate::judging;
use crate::generate::residual::Group;
use crate::model::temporal::DAY;
use crate::model::{Check, Context, Contract, KeyTest, Table};

const AS_OF: i32 = 20_484;
const CONTEXT: Context = Context { today: AS_OF, now: AS_OF as i64 * DAY };

pub fn options(rows: u64) -> Options {
    Options { seed: 7, as_of: AS_OF, rows: Vec::new(), default_rows: rows, scale: 1.0 }
}

pub fn contract(tables: &str) -> Contract {
    let indented: String = tables.lines().map(|line| format!("  {line}\n")).collect();
    let text = format!("karat: 1\nname: n\ntables:\n{indented}");
    crate::contract::read(&text)
        .unwrap_or_else(|complaints| panic!("{}", crate::contract::diagnose::render("c", &text, &complaints, false)))
}

pub fn generator(tables: &str, rows: u64) -> Generator {
    Generator::new(&contract(tables), &options(rows)).unwrap_or_else(|error| panic!("{error}"))
}

/// Gives what a contract that cannot be met is told.
fn refusal(tables: &str, rows: u64) -> String {
    Generator::new(&contract(tables), &options(rows)).expect_err("it cannot be met").to_string()
}

fn whole(table: &TableGenerator) -> RecordBatch {
    table.batch(0..table.rows).unwrap_or_else(|error| panic!("{error}"))
}

/// Generates a contract and holds every rule of rows and keys against it; gives the tables.
fn passes(tables: &str, rows: u64) -> Vec<RecordBatch> {
    let contract = contract(tables);
    let generator = Generator::new(&contract, &options(rows)).unwrap_or_else(|error| panic!("{tables}\n{error}"));
    let batches: Vec<RecordBatch> = generator.tables.iter().map(whole).collect();
    for ((table, made), batch) in contract.tables.iter().zip(&generator.tables).zip(&batches) {
        judge(table, batch);
        keys(table, batch, &contract, &batches);
        let cut = made.rows / 3;
        let parts = [made.batch(0..cut).unwrap(), made.batch(cut..made.rows).unwrap()];
        assert_eq!(concat_batches(&batch.schema(), &parts).unwrap(), *batch, "{tables}");
    }
    batches
}

fn judge(table: &Table, batch: &RecordBatch) {
    let judge = Judge::new(table, &CONTEXT).unwrap();
    let columns: Vec<ArrayRef> = batch.columns().to_vec();
    for (rule, verdict) in table.rules.iter().zip(judging::verdicts(&judge, columns.clone(), batch.num_rows())) {
        if verdict.not_evaluated.is_some() && judging::is_of_rows(rule) {
            // This build has no engine for expressions.
            let all = (0..columns.len()).collect();
            let group = Group::new(table, all, &[rule], &CONTEXT).unwrap();
            assert_eq!(group.failing(&columns, batch.num_rows()).unwrap(), Vec::<u32>::new(), "{}", rule.id);
            continue;
        }
        let broken: Vec<usize> = verdict.failed.rows().take(3).collect();
        assert!(broken.is_empty(), "{} is broken by rows {broken:?}: {:?}", rule.id, batch.slice(broken[0], 1));
    }
}

fn keys(table: &Table, batch: &RecordBatch, contract: &Contract, batches: &[RecordBatch]) {
    let mut key = Vec::new();
    for rule in &table.rules {
        match &rule.check {
            Check::Key(KeyTest::Unique { columns, .. }) => {
                let arrays: Vec<ArrayRef> = columns.iter().map(|column| batch.column(*column).clone()).collect();
                let (encoder, mut known) = (KeyEncoder::of(&arrays), KeySet::new());
                for row in 0..batch.num_rows() {
                    if encoder.encode(row, &mut key) {
                        assert!(known.get_or_insert(&key, ()).is_none(), "{}: row {row} repeats a key", rule.id);
                    }
                }
            }
            Check::Key(KeyTest::Increasing { column, strict }) => {
                let fallen = OrderState::default().judge(batch.column(*column), &Mask::full(batch.num_rows()), *strict);
                assert!(!fallen.any(), "{}", rule.id);
            }
            Check::Key(KeyTest::References { columns, parent, parent_columns }) => {
                let index = contract.tables.iter().position(|table| table.name == *parent).unwrap();
                let arrays: Vec<ArrayRef> =
                    parent_columns.iter().map(|column| batches[index].column(*column).clone()).collect();
                let parts: Vec<&dyn arrow_array::Array> = arrays.iter().map(AsRef::as_ref).collect();
                let mut known = crate::frame::keys::DistinctKeys::new(arrays.iter().map(|array| array.data_type()));
                known.add(&parts, &Mask::full(batches[index].num_rows()));
                let references =
                    crate::frame::keys::reference::References { paths: columns, parents: &known, null_fails: false };
                let orphans = references.dangling(batch.columns(), &Mask::full(batch.num_rows()));
                assert!(!orphans.any(), "{} has orphans", rule.id);
            }
            _ => {}
        }
    }
}

fn different(array: &ArrayRef) -> usize {
    let arrays = [array.clone()];
    let (encoder, mut known, mut key) = (KeyEncoder::of(&arrays), KeySet::new(), Vec::new());
    for row in 0..array.len() {
        if encoder.encode(row, &mut key) {
            known.get_or_insert(&key, ());
        }
    }
    known.len()
}

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

#[test]
fn references_have_no_orphans() {
    let batches = passes(
        r#"customers:
  primary_key: [customer_id]
  columns:
    customer_id: {type: string, pattern: "C[0-9]+", generate: {template: "C{n}"}}
    country: {type: string, accepted_values: [DE, FR, ES]}
    parent_id: {type: string, references: customers.customer_id}
  generate: {rows: 100}
products:
  primary_key: [store, sku]
  columns:
    store: {type: int8, minimum: 1, maximum: 5}
    sku: {type: string, pattern: "[A-Z]{2}[0-9]{2}"}
    category: {type: string, accepted_values: [a, b, c]}
    price: {type: int64, minimum: 1, maximum: 500}
  generate: {rows: 70000}
sales:
  columns:
    id: {type: int32, unique: true}
    customer_id: {type: string, required: true, references: customers.customer_id, generate: {reference: {zipf: 1.1}}}
    country: {type: string, generate: {copy: {through: customer_id, column: country}}}
    favourite: {type: string, references: customers.customer_id, generate: {null_rate: 0.3}}
    store: {type: int32}
    sku: string
    all: {type: list, min_items: 1, items: {type: string, references: customers.customer_id}}
    only: {type: string, references: customers.customer_id, generate: {reference: every_parent}}
  rules:
    - {references: products, columns: [store, sku], to: [store, sku]}
one_each:
  primary_key: [customer_id]
  columns:
    customer_id: {type: string, references: customers.customer_id}
    note: {type: string, max_length: 8}
  generate: {rows: 90}
lines:
  primary_key: [sale, line]
  columns:
    sale: {type: int32, references: sales.id}
    line: int16
"#,
        2000,
    );
    let customers: std::collections::BTreeMap<&str, &str> = batches[0]
        .column(0)
        .as_string::<i32>()
        .iter()
        .flatten()
        .zip(batches[0].column(1).as_string::<i32>().iter().flatten())
        .collect();
    let sales = &batches[2];
    for (customer, country) in sales.column(1).as_string::<i32>().iter().zip(sales.column(2).as_string::<i32>().iter())
    {
        assert_eq!(customers[customer.unwrap()], country.unwrap());
    }
    assert!((400..800).contains(&sales.column(3).null_count()));
    assert_eq!(different(sales.column(7)), 100);
    assert!(different(batches[0].column(2)) > 30);
}

#[test]
fn baskets_go_together_and_prices_belong_to_products() {
    let batches = passes(
        r#"products:
  primary_key: [product_id]
  columns:
    product_id: {type: string, generate: {template: "P{n:02}", shuffled: true}}
    category: {type: string, accepted_values: [a, b, c]}
  generate: {rows: 60}
sales:
  columns:
    basket:
      type: list
      min_items: 1
      generate: {items: [1, 3], together: {through: product_id, column: category}}
      items:
        type: struct
        fields:
          product_id: {type: string, required: true, references: products.product_id}
          category: {type: string, generate: {copy: {through: product_id, column: category}}}
          price: {type: int64, exclusive_minimum: 0, generate: {per: product_id, distribution: {lognormal: {mu: 5.8, sigma: 0.8}}, minimum: 30, maximum: 5999}}
"#,
        3000,
    );
    let list = batches[1].column(0).as_list::<i32>();
    let mut prices = std::collections::BTreeMap::new();
    for row in 0..list.len() {
        let items = list.value(row);
        let items = items.as_struct();
        assert!((1..=3).contains(&items.len()));
        assert_eq!(different(items.column(1)), 1);
        for at in 0..items.len() {
            let product = items.column(0).as_string::<i32>().value(at).to_owned();
            let price = items.column(2).as_primitive::<Int64Type>().value(at);
            assert_eq!(*prices.entry(product).or_insert(price), price);
        }
    }
    assert_eq!(prices.len(), 60);
}

#[test]
fn row_rules_are_met_by_drawing_anew() {
    passes(
        r#"t:
  columns:
    ordered: {type: date, minimum: "2025-01-01"}
    delivered: {type: date, maximum: "2025-06-30"}
    price: {type: "decimal(12,2)"}
    cost: {type: "decimal(12,2)", maximum: 10}
    status: {type: string, accepted_values: [open, shipped, lost]}
    shipped_on: {type: date, generate: {null_rate: 0.5}}
    quantity: {type: int32, minimum: 1, maximum: 9}
    total: {type: "decimal(14,2)", generate: {expression: "price * quantity"}}
    again: {type: "decimal(14,2)"}
    net: {type: "decimal(16,2)"}
    stamp: timestamp
    day: date
    a: {type: int8, generate: {null_rate: 0.5}}
    b: {type: int8, generate: {null_rate: 0.5}}
  rules:
    - {compare: "ordered <= delivered"}
    - {compare: "price > cost"}
    - {compare: "again = total"}
    - {when: "status = 'shipped'", then: "shipped_on IS NOT NULL"}
    - {when: "status = 'open'", then: "shipped_on IS NULL"}
    - {expression: "date(stamp) = day"}
    - {expression: "net = price * quantity - cost"}
    - {expression: "price * quantity < 60000 AND quantity <> 5"}
    - {minimum: 20, column: a, where: "b > 10"}
    - {id: some, expression: "coalesce(a, 1) + coalesce(b, 1) > -50 OR status LIKE 'l%'"}
"#,
        3000,
    );
}

#[test]
fn table_rules_are_steered_or_named() {
    let batches = passes(
        r#"t:
  columns:
    a: {type: int64, minimum: 0, maximum: 1000}
    b: {type: string}
    c: {type: timestamp}
    d: {type: float64, minimum: 0, maximum: 100}
    e: {type: string, accepted_values: [x, y, z]}
    f: {type: int32}
  rules:
    - {row_count: {minimum: 1500, maximum: 1600}}
    - {null_rate: {minimum: 0.2, maximum: "30%"}, column: b}
    - {freshness: c, maximum_age: 36h}
    - {aggregate: mean, column: d, minimum: 40, maximum: 42}
    - {aggregate: max, column: a, minimum: 1000}
    - {distinct_count: 3, column: e}
    - {distinct_count: {maximum: 40}, column: f}
    - {increasing: f}
"#
        .replace("    - {increasing: f}\n", "")
        .as_str(),
        1000,
    );
    let batch = &batches[0];
    assert_eq!(batch.num_rows(), 1500);
    assert!((300..=450).contains(&batch.column(1).null_count()));
    let mean = batch.column(3).as_primitive::<Float64Type>().values().iter().sum::<f64>() / 1500.0;
    assert!((40.0..=42.0).contains(&mean), "{mean}");
    assert_eq!((different(batch.column(4)), different(batch.column(5))), (3, 40));
}

#[test]
fn order_is_kept() {
    passes(
        r#"t:
  columns:
    a: int64
    b: timestamp
    c: {type: date, minimum: "2026-01-01", maximum: "2026-01-10"}
    d: string
    e: {type: int32, unique: true}
  rules:
    - {increasing: a, strict: true}
    - {increasing: b}
    - {increasing: c}
    - {increasing: d, strict: true}
    - {increasing: e}
"#,
        5000,
    );
}

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
fn what_cannot_be_met_is_named() {
    let one = |columns: &str, rules: &str| {
        refusal(
            &format!(
                "t:\n  columns:\n    a: {columns}\n    b: int64\n  rules:\n    - {{columns: {{extra: true}}}}\n{rules}"
            ),
            500,
        )
    };
    let told = |columns: &str, rules: &str, wanted: &str| {
        let message = one(columns, rules);
        assert!(message.contains(wanted), "{message}");
        assert!(message.contains("line ") || message.contains("generate"), "{message}");
    };
    let mut required = contract("t:\n  columns:\n    a: {type: int64, required: true}\n");
    let wish = crate::model::Generation { null_rate: Some(0.5), ..crate::model::Generation::default() };
    required.tables[0].columns[0].generation = Some(Box::new(wish));
    let message = Generator::new(&required, &options(5)).unwrap_err().to_string();
    assert!(message.contains("t.a.required"), "{message}");
    told("{type: int8, unique: true}", "", "t.a.unique");
    told("{type: int64, multiple_of: 1000, minimum: 1, maximum: 999}", "", "t.a.");
    told("{type: string, pattern: \"[ab]\", unique: true}", "", "t.a.unique");
    told("{type: int64, generate: {distinct: 600}}", "", "600");
    told("int64", "    - {id: never, expression: \"a <> a\"}", "t.never");
    told("int64", "    - {id: never, aggregate: sum, column: a, minimum: 100, maximum: 100}", "t.never");
    told("int64", "    - {row_count: 5}\n  generate: {rows: 6}", "row_count");
    told("{type: string, generate: {template: \"X{n}\"}, max_length: 3}", "", "t.a.max_length");
    told(
        "date",
        "    - {increasing: a, strict: true}\n    - {minimum: \"2026-01-01\", column: a}\n    - {maximum: \"2026-01-09\", column: a}",
        "increasing",
    );
}

#[test]
fn other_seeds_make_other_rows() {
    let text = "t:\n  columns:\n    a: int64\n    b: string\n";
    let contract = contract(text);
    let with =
        |seed| Generator::new(&contract, &Options { seed, ..options(50) }).unwrap().tables[0].batch(0..50).unwrap();
    assert_eq!(with(1), with(1));
    assert_ne!(with(1), with(2));
}

#[test]
fn the_presets_pass_their_contracts() {
    for (name, text) in [
        ("retail", include_str!("../../../rules/retail.yaml")),
        ("supplier", include_str!("../../../rules/supplier.yaml")),
    ] {
        let contract = crate::contract::read(text).unwrap();
        let generator = Generator::new(&contract, &options(500)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let batches: Vec<RecordBatch> = generator.tables.iter().map(whole).collect();
        for (table, batch) in contract.tables.iter().zip(&batches) {
            judge(table, batch);
            keys(table, batch, &contract, &batches);
        }
    }
}

mod random;
