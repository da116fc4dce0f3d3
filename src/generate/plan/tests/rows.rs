//! References, rules between columns, and rules of whole tables.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};

use crate::generate::plan::tests::{different, passes};

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
