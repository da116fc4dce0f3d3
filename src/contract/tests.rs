//! Contracts whole: what is read, and every mistake with its code and place.

use proptest::prelude::*;
use serde_json::Value;

use crate::contract::{diagnose, read, schema, yaml};
use crate::model::{Check, DataType, KeyTest, NullPolicy, Severity, Tolerance};
use crate::rule::node::{Data, Node};

/// The contract of the design, with one of everything.
const RETAIL: &str = r#"karat: 1
name: retail
description: a shop
after_load:
  - CREATE VIEW sales AS SELECT 1
tables:
  transactions:
    source: {format: ndjson, path: "transactions/d=*/transactions.json"}
    columns:
      customer_id: {type: string, required: true, references: customers.customer_id}
      basket:
        type: list
        min_items: 1
        items:
          type: struct
          fields:
            product_id: {type: int64, required: true, references: products.product_id}
            price: {type: int64, exclusive_minimum: 0}
      date_of_purchase: {type: timestamp, format: "%Y-%m-%d %H:%M:%S%.f"}
  products:
    source: {format: csv, delimiter: ",", header: true, null_values: [""]}
    primary_key: [product_id]
    columns:
      product_id: {type: int64, minimum: 1}
      sku: {type: string, required: true, unique: true, pattern: "[A-Z]{3}-[0-9]{6}"}
      name: {type: string, required: true, max_length: 420, pii: true}
      category: {type: string, accepted_values: [house, clothes, fruit_veg, sweets, food, bws]}
      price: {type: "decimal(12,2)", required: true, not_values: [0], minimum: 0}
      cost: {type: "decimal(12,2)"}
      listed_on: {type: date, format: "%Y-%m-%d", maximum: today}
      country: {type: string, format: iso_country}
    rules:
      - {id: price-covers-cost, expression: "price >= cost", severity: warning, dimension: accuracy}
      - {row_count: {minimum: 1}}
      - {unique: [name, listed_on], severity: warning, max_failures: "0.1%"}
      - {required: true, columns: [cost, category], where: "price > 0", nulls: fail, max_failures: 3}
  customers:
    primary_key: {columns: [customer_id], keep: last}
    columns:
      customer_id: string
      parent_id: {type: string, references: customers.customer_id}
"#;

/// Puts columns and rules into a small contract.
fn small(columns: &str, rules: &str) -> String {
    let rules = if rules.is_empty() { String::new() } else { format!("    rules:\n{}", indent(rules)) };
    format!("karat: 1\nname: n\ntables:\n  t:\n    columns:\n{}{rules}", indent(columns))
}

fn indent(text: &str) -> String {
    format!("      {}\n", text.lines().collect::<Vec<_>>().join("\n      "))
}

/// Gives code and marked text of every complaint.
pub(super) fn told(text: &str) -> Vec<(&'static str, String)> {
    let complaints = read(text).unwrap_err();
    complaints.iter().map(|c| (c.code, text[c.span.clone()].to_owned())).collect()
}

pub(super) fn one(text: &str) -> (&'static str, String) {
    let mut told = told(text);
    assert_eq!(told.len(), 1, "{}", drawn(text));
    told.remove(0)
}

pub(super) fn drawn(text: &str) -> String {
    diagnose::render("c.yaml", text, &read(text).unwrap_err(), false)
}

pub(super) fn good(text: &str) -> crate::model::Contract {
    read(text).unwrap_or_else(|complaints| panic!("{}", diagnose::render("c.yaml", text, &complaints, false)))
}

fn ids(table: &crate::model::Table) -> Vec<&str> {
    table.rules.iter().map(|rule| rule.id.as_str()).collect()
}

#[test]
fn the_whole_format_is_read() {
    let contract = good(RETAIL);
    let names: Vec<&str> = contract.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["products", "customers", "transactions"]);
    assert_eq!(contract.after_load, ["CREATE VIEW sales AS SELECT 1"]);
    assert_eq!(contract.sha256.len(), 64);
    let products = contract.table("products").unwrap();
    assert_eq!(
        ids(products),
        [
            "products.record",
            "products.columns",
            "products.product_id.type",
            "products.product_id.minimum",
            "products.sku.type",
            "products.sku.required",
            "products.sku.unique",
            "products.sku.pattern",
            "products.name.type",
            "products.name.required",
            "products.name.max_length",
            "products.category.type",
            "products.category.accepted_values",
            "products.price.type",
            "products.price.required",
            "products.price.not_values",
            "products.price.minimum",
            "products.cost.type",
            "products.listed_on.type",
            "products.listed_on.maximum",
            "products.country.type",
            "products.country.format",
            "products.primary_key",
            "products.product_id.required",
            "products.price-covers-cost",
            "products.row_count",
            "products.name+listed_on.unique",
            "products.cost.required",
            "products.category.required",
        ]
    );
    let warning = products.rules.iter().find(|rule| rule.id == "products.price-covers-cost").unwrap();
    assert_eq!((warning.severity, warning.dimension.as_deref()), (Severity::Warning, Some("accuracy")));
    let last = products.rules.last().unwrap();
    assert_eq!((last.nulls, last.max_failures), (NullPolicy::Fail, Some(Tolerance::Count(3))));
    assert_eq!(last.condition.as_ref().unwrap().text, "price > 0");
    assert!(products.rules.iter().all(|rule| !rule.code.is_empty() && rule.place.0 > 1));
    assert!(products.columns[2].pii);
    let transactions = contract.table("transactions").unwrap();
    assert_eq!(
        ids(transactions),
        [
            "transactions.record",
            "transactions.customer_id.type",
            "transactions.customer_id.required",
            "transactions.customer_id.references",
            "transactions.basket.type",
            "transactions.basket.min_items",
            "transactions.basket[].product_id.required",
            "transactions.basket[].product_id.references",
            "transactions.basket[].price.exclusive_minimum",
            "transactions.date_of_purchase.type",
        ]
    );
    assert_eq!(transactions.columns[1].data_type.to_string(), "list<struct<product_id: int64, price: int64>>");
    assert!(transactions.source.null_values.is_empty());
    let customers = contract.table("customers").unwrap();
    assert_eq!(customers.columns[0].data_type, DataType::String);
    assert!(customers.rules.iter().any(|rule| matches!(
        &rule.check,
        Check::Key(KeyTest::Unique { keep: crate::model::Keep::Last, primary: true, .. })
    )));
}

#[test]
fn the_hash_is_of_the_bytes() {
    assert_eq!(crate::contract::sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn ids_that_repeat_are_numbered() {
    let contract = good(&small(
        "a: {type: int64, minimum: 1}",
        "- {minimum: 2, column: a, where: a > 5}\n- {minimum: 3, column: a, id: a.minimum_2, where: a > 6}\n- {minimum: 4, column: a, id: x}",
    ));
    assert_eq!(ids(&contract.tables[0])[3..], ["t.a.minimum", "t.a.minimum_3", "t.a.minimum_2", "t.x"]);
}

#[test]
fn the_document_itself() {
    assert_eq!(one("karat: 1\nname: n\ntabels: {}\ntables: {t: {columns: {a: string}}}\n"), ("C902", "tabels".into()));
    assert_eq!(one("karat: 2\nname: n\ntables: {t: {columns: {a: string}}}\n"), ("C917", "2".into()));
    assert_eq!(one("karat: x\nname: n\ntables: {t: {columns: {a: string}}}\n"), ("C903", "x".into()));
    assert_eq!(told("name: n\n"), [("C904", String::new()), ("C904", String::new())]);
    assert_eq!(one("karat: 1\nname: n\ntables: {}\n"), ("C903", "{}".into()));
    assert_eq!(one("[]\n"), ("C903", "[]".into()));
    assert_eq!(one("karat: [1\n").0, "C901");
    assert_eq!(one(""), ("C904", String::new()));
    assert_eq!(one("karat: 1\nname: n\nname: m\ntables: {t: {columns: {a: string}}}\n"), ("C905", "name".into()));
    assert_eq!(one("karat: 1\nname: n\nafter_load: x\ntables: {t: {columns: {a: string}}}\n"), ("C903", "x".into()));
    assert_eq!(one(&"[".repeat(1000)).0, "C915");
}

#[test]
fn a_table_and_its_key() {
    let table = |table: &str| format!("karat: 1\nname: n\ntables:\n  t: {table}\n");
    assert_eq!(one(&table("{}")), ("C904", "t".into()));
    assert_eq!(one(&table("{columns: {}}")), ("C903", "{}".into()));
    assert_eq!(one(&table("[]")), ("C903", "[]".into()));
    assert_eq!(one(&table("{columns: {a: string}, primary_key: [b]}")), ("C909", "b".into()));
    assert_eq!(one(&table("{columns: {a: string}, primary_key: [a, a]}")), ("C916", "a".into()));
    assert_eq!(one(&table("{columns: {a: string}, primary_key: {keep: last}}")), ("C904", "{keep: last}".into()));
    assert_eq!(one(&table("{columns: {a: string}, primary_key: {columns: a, keep: best}}")), ("C903", "best".into()));
    assert_eq!(one(&table("{columns: {a: string}, primary_key: []}")), ("C903", "[]".into()));
    assert_eq!(one(&table("{columns: {a: string}, primery_key: a}")), ("C902", "primery_key".into()));
    assert_eq!(one(&table("{columns: {a: string}, source: {format: parquet, quote: none}}")), ("C918", "quote".into()));
    assert_eq!(one("karat: 1\nname: n\ntables: {../t: {columns: {a: string}}}\n"), ("C903", "../t".into()));
    good(&table("{columns: {a: string}, primary_key: a}"));
}

#[test]
fn keywords_of_a_column() {
    let column = |column: &str| one(&small(&format!("a: {column}"), ""));
    assert_eq!(column("{type: strin}"), ("C906", "strin".into()));
    assert_eq!(column("{type: string, requird: true}"), ("C902", "requird".into()));
    assert_eq!(column("{type: string, required: yes}"), ("C903", "yes".into()));
    assert_eq!(column("{type: string, required:}"), ("C903", String::new()));
    assert_eq!(column("{type: string, min_items: 1}").0, "C907");
    assert_eq!(column("{type: string, pattern: '[a'}").0, "C913");
    assert_eq!(column("{type: string, format: emial}"), ("C903", "emial".into()));
    assert_eq!(column("{type: int64, minimum: x}"), ("C912", "x".into()));
    assert_eq!(column("{type: int64, references: nothing.a}").0, "C909");
    assert_eq!(column("{type: int64, references: t.b}").0, "C909");
    assert_eq!(column("{type: string, accepted_values: []}"), ("C903", "[]".into()));
}

#[test]
fn hints_lead_on() {
    let hints = |columns: &str, rules: &str| -> String {
        let complaints = read(&small(columns, rules)).unwrap_err();
        complaints.into_iter().filter_map(|complaint| complaint.hint).collect::<Vec<_>>().join("\n")
    };
    assert!(hints("a: {type: string, minLength: 2}", "").contains("`min_length`"));
    assert!(hints("a: {type: string, enum: [a]}", "").contains("`accepted_values`"));
    assert!(hints("a: {type: string, row_count: 5}", "").contains("under `rules:`"));
    assert!(hints("a: {type: string, severity: error}", "").contains("long form"));
    assert!(hints("a: string", "- {uniqe: [a]}").contains("`unique`"));
    assert!(hints("a: string", "- {unique: [a], severty: warning}").contains("`severity`"));
    assert!(hints("price: int64", "- {minimum: 1, column: prise}").contains("`price`"));
}

#[test]
fn rules_in_the_long_form() {
    let rule = |rule: &str| one(&small("a: int64\nb: int64", &format!("- {rule}")));
    assert_eq!(rule("{severity: warning}"), ("C904", "severity".into()));
    assert_eq!(rule("text"), ("C903", "text".into()));
    assert_eq!(rule("{minimm: 1, column: a}"), ("C902", "minimm".into()));
    assert_eq!(rule("{minimum: 1, colum: a}"), ("C902", "colum".into()));
    assert_eq!(rule("{minimum: 1, column: c}"), ("C909", "c".into()));
    assert_eq!(rule("{minimum: 1, columns: [a, a]}"), ("C916", "a".into()));
    assert_eq!(rule("{minimum: 1, maximum: 2, column: a}"), ("C903", "maximum".into()));
    assert_eq!(rule("{minimum: 1, column: a, severity: fatal}"), ("C903", "fatal".into()));
    assert_eq!(rule("{minimum: 1, column: a, max_failures: lots}"), ("C903", "lots".into()));
    assert_eq!(rule("{minimum: 1, column: a, nulls: fall}"), ("C903", "fall".into()));
    assert_eq!(rule("{minimum: 1, column: a, id: a b}"), ("C903", "a b".into()));
    assert_eq!(rule("{minimum: 1, column: a, where: nope > 1}"), ("C914", "nope".into()));
    assert_eq!(rule("{minimum: 1, column: a, where: 'b > 2 and nope > 1'}"), ("C914", "nope".into()));
    assert_eq!(rule("{columns: [a, b]}").0, "C903");
    assert_eq!(rule("{columns: {extr: true}}"), ("C902", "extr".into()));
    assert_eq!(rule("{primary_key: a}"), ("C902", "primary_key".into()));
    let twice = small("a: int64\nb: int64", "- {id: x, minimum: 1, column: a}\n- {id: x, minimum: 1, column: b}");
    assert_eq!(one(&twice), ("C911", "x".into()));
    let taken = small("a: {type: int64, minimum: 1}", "- {id: a.minimum, maximum: 5, column: a}");
    assert_eq!(one(&taken), ("C911", "a.minimum".into()));
}

#[test]
fn columns_is_a_kind_alone_and_a_key_beside_one() {
    let contract = good(&small(
        "a: int64\nb: int64",
        "- {columns: {extra: false}}\n- {unique: true, columns: [a, b]}\n- {minimum: 1, columns: [a, b]}",
    ));
    assert_eq!(ids(&contract.tables[0])[3..], ["t.columns", "t.a+b.unique", "t.a.minimum", "t.b.minimum"]);
    let contract = good(&small("a: int64\nb: int64", "- {when: a > 1, then: b > 1}"));
    assert!(contract.tables[0].rules.iter().any(|rule| rule.kind == "when"));
}

#[test]
fn contradictions() {
    let column = |column: &str| one(&small(&format!("a: {column}"), ""));
    assert_eq!(column("{type: int64, minimum: 5, maximum: 3}"), ("C908", "maximum: 3".into()));
    assert_eq!(column("{type: 'decimal(38,10)', maximum: 1.5, minimum: 1.5000000001}").0, "C908");
    assert_eq!(column("{type: int64, minimum: 5, exclusive_maximum: 5}").0, "C908");
    assert_eq!(column("{type: date, minimum: 2024-02-01, maximum: 2024-01-01}").0, "C908");
    assert_eq!(column("{type: string, min_length: 5, max_length: 3}").0, "C908");
    assert_eq!(column("{type: list, items: string, min_items: 5, max_items: 3}").0, "C908");
    assert_eq!(column("{type: list, items: {type: int64, minimum: 5, maximum: 3}}").0, "C908");
    assert_eq!(column("{type: string, pattern: '[a-z]+', accepted_values: [a, B, ab]}"), ("C912", "B".into()));
    assert_eq!(column("{type: string, accepted_values: [a, bcd], max_length: 2}"), ("C912", "bcd".into()));
    assert_eq!(column("{type: int64, accepted_values: [1, 2], minimum: 2}"), ("C912", "1".into()));
    assert_eq!(column("{type: string, accepted_values: [GB, XXX], format: iso_country}"), ("C912", "XXX".into()));
    assert_eq!(column("{type: string, accepted_values: [2024-01-01, x], format: '%Y-%m-%d'}"), ("C912", "x".into()));
    assert_eq!(column("{type: string, accepted_values: [a, b], not_values: [b]}"), ("C912", "b".into()));
    assert_eq!(column("{type: int64, accepted_values: [1, x]}"), ("C912", "x".into()));
    let across = small("a: {type: int64, minimum: 5}", "- {maximum: 3, column: a}");
    assert_eq!(one(&across), ("C908", "maximum: 3".into()));
    good(&small("a: {type: int64, minimum: 5}", "- {maximum: 3, column: a, where: a > 0}"));
    good(&small("a: {type: int64, minimum: 5, maximum: 5}", ""));
    good(&small("a: {type: date, minimum: 2024-01-01, maximum: today}", ""));
    let rows = small("a: int64", "- {row_count: {minimum: 5, maximum: 3}}");
    assert_eq!(one(&rows).0, "C908");
}

#[test]
fn tables_in_a_circle() {
    let text = "karat: 1\nname: n\ntables:\n  a: {columns: {x: {type: int64, references: b.x}}}\n  \
                b: {columns: {x: {type: int64, references: c.x}}}\n  c: {columns: {x: {type: int64, references: a.x}}}\n  \
                d: {columns: {x: {type: int64, references: d.x}}}\n";
    assert_eq!(one(text), ("C910", "references: a.x".into()));
    assert!(drawn(text).contains("a → b → c → a"));
}

#[test]
fn all_mistakes_come_in_one_run() {
    let text = "karat: 1\nname: n\nextra: 1\ntables:\n  t:\n    source: {header: ja}\n    columns:\n      a: {type: strin, minimum: 3}\n      \
                b: {type: int64, minimum: 5, maximum: 3, foo: 1}\n    rules:\n      - {expression: a > nope}\n      - {uniq: [b]}\n      \
                - {unique: [c]}\n";
    let codes: Vec<&str> = told(text).into_iter().map(|(code, _)| code).collect();
    // The expression mentions `a`, whose type is not known: nothing is said of it.
    assert_eq!(codes, ["C902", "C903", "C906", "C908", "C902", "C902", "C909"]);
    assert!(drawn(text).ends_with("7 mistakes in c.yaml\n"));
}

#[test]
fn what_cannot_be_read_hides_only_what_hangs_on_it() {
    let text = small(
        "a: {type: strin, pattern: '[x'}\nb: {type: string, pattern: '[a'}\nc: {type: list, items: {type: dat}}",
        "- {minimum: 1, column: a}\n- {expression: a > 1, where: nope > a}\n- {minimum: 1, column: 'c[]'}\n- {minimum: x, column: d}",
    );
    let want = [("C906", "strin"), ("C913", "[a"), ("C906", "dat"), ("C909", "d")];
    let told = told(&text);
    assert_eq!(told.len(), want.len(), "{}", drawn(&text));
    for ((code, span), (want_code, want_span)) in told.iter().zip(want) {
        assert_eq!(*code, want_code);
        assert!(span.contains(want_span) || want_span.contains(span.as_str()), "{span}");
    }
}

#[test]
fn anchors_are_told_of_once() {
    let text = small("a: &a {type: string, requird: true}\nb: *a", "");
    assert_eq!(told(&text).len(), 2, "{}", drawn(&text));
    good(&small("a: &a {type: string, required: true}\nb: *a", ""));
}

#[test]
fn the_schema_takes_what_the_reader_takes() {
    let validator = jsonschema::validator_for(&schema::json_schema()).unwrap();
    let value = json(&yaml::load(RETAIL).0.unwrap());
    let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    for (from, to) in [
        ("karat: 1", "karat: 2"),
        ("name: retail\n", ""),
        ("tables:", "tabels:"),
        ("primary_key: [product_id]", "primery_key: [product_id]"),
        ("header: true", "header: yes"),
        ("format: ndjson, path", "format: ndjson, header: true, path"),
        ("type: date", "type: dat"),
        ("decimal(12,2)", "decimal(12;2)"),
        ("minimum: 0}", "minimun: 0}"),
        ("max_length: 420", "max_length: -1"),
        ("unique: true", "unique: {}"),
        ("keep: last", "keep: best"),
        ("severity: warning, dimension", "severity: fatal, dimension"),
        ("row_count: {minimum: 1}", "row_count: {minimun: 1}"),
        ("max_failures: 3", "max_failures: lots"),
        ("  - {row_count", "  - {rowcount"),
        ("min_items: 1\n        items:", "min_items: 1\n        elements:"),
        ("customer_id: string\n", "customer_id: strin\n"),
    ] {
        assert!(RETAIL.contains(from), "{from}");
        let broken = RETAIL.replacen(from, to, 1);
        assert!(!validator.is_valid(&json(&yaml::load(&broken).0.unwrap())), "{to}");
        assert!(read(&broken).is_err(), "{to}");
    }
}

#[test]
fn the_shipped_contracts_are_right() {
    let validator = jsonschema::validator_for(&schema::json_schema()).unwrap();
    let mut count = 0;
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/rules")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        good(&text);
        let value = json(&yaml::load(&text).0.unwrap());
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{}", path.display());
        count += 1;
    }
    assert!(count > 0);
}

#[test]
fn passwords_do_not_belong_into_a_contract() {
    let text = "karat: 1\nname: n\ntables: {t: {source: {url: 'mysql://u:secret@h/d'}, columns: {a: string}}}\n";
    assert_eq!(one(text), ("C920", "'mysql://u:secret@h/d'".into()));
}

#[test]
fn every_code_has_its_complaint() {
    let here = concat!(include_str!("tests.rs"), include_str!("generation/tests.rs"));
    for (code, title) in crate::rule::CONTRACT_CODES {
        assert!(here.contains(&format!("\"{code}\"")), "{code} {title}");
    }
}

pub(super) fn json(node: &Node) -> Value {
    match &node.data {
        Data::Null => Value::Null,
        Data::Bool(value) => Value::Bool(*value),
        Data::Number(text) => serde_json::from_str(text).unwrap(),
        Data::Text(text) => Value::String(text.clone()),
        Data::List(items) => items.iter().map(json).collect(),
        Data::Map(entries) => {
            Value::Object(entries.iter().map(|(key, value)| (key.text().unwrap().to_owned(), json(value))).collect())
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn no_change_of_a_contract_makes_it_panic(
        whole in prop::sample::select(vec![RETAIL, crate::contract::generation::tests::SHOP]),
        cuts in prop::collection::vec((0..RETAIL.len(), 0..40_usize, prop::sample::select(vec![
            "", "x", ": ", "- ", "[", "]", "{", "}", "\n", "ä", "0", "-1", "true", "null", "''", "*a", "&a ", "%", ".", "products", "list",
        ])), 1..6),
    ) {
        let mut text = whole.to_owned();
        for (start, length, insert) in cuts {
            let start = (start * whole.len() / RETAIL.len()).min(text.len());
            let end = (start + length).min(text.len());
            if text.is_char_boundary(start) && text.is_char_boundary(end) {
                text.replace_range(start..end, insert);
            }
        }
        if let Err(complaints) = read(&text) {
            prop_assert!(!complaints.is_empty());
            for complaint in &complaints {
                prop_assert!(text.get(complaint.span.clone()).is_some());
            }
            prop_assert!(diagnose::render("c.yaml", &text, &complaints, true).contains("c.yaml"));
        }
    }
}
