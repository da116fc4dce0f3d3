//! `generate:` and `faults:`: what is read, and every mistake with its code and place.

use crate::contract::tests::{drawn, good, json, one, told};
use crate::contract::{diagnose, faults, schema, yaml};
use crate::model::generation::{Amount, Distribution, Origin, Parents, Rows};
use crate::model::{DataType, Generation, Locale, Table};

/// A contract with every setting.
pub(in crate::contract) const SHOP: &str = r#"karat: 1
name: shop
tables:
  customers:
    primary_key: [customer_id]
    columns:
      customer_id: {type: string, generate: {template: "C{n:06}", shuffled: true}}
      name: {type: string, generate: {provider: person_name, locale: de_DE, distinct: 900, distribution: {zipf: 0.5}}}
      code: {type: string, generate: {pattern: "[A-Z]{3}-[0-9]{4}", distinct: 50}}
      motto: {type: string, generate: {fake: company.Buzzword, null_rate: 5%}}
      score: {type: float64, generate: {distribution: {normal: {mean: 5, stddev: 1.5}}, minimum: 0, maximum: 10}}
      since: {type: date, generate: {minimum: 2020-01-01, maximum: today, weekdays: [1, 1, 1, 1, 1, 0, 0], months: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3]}}
      wealth: {type: int64, generate: {distribution: {lognormal: {mu: 10, sigma: 2}}}}
      wait: {type: int64, generate: {distribution: {exponential: {mean: 30}}}}
      age: {type: int64, generate: {distribution: {histogram: [[0, 20, 1], [20, 65, 3.5]]}, null_rate: 0.1}}
    generate: {rows: 1000, locale: en_GB}
  products:
    primary_key: [product_id]
    columns:
      product_id: {type: int64, generate: {sequence: {start: 100, step: 10}}}
      old_id: {type: int64, generate: {sequence: true, shuffled: true}}
      label: string
      category: {type: string, accepted_values: [house, sweets]}
      price: {type: "decimal(12,2)", generate: {distribution: uniform}}
      taxed: {type: "decimal(12,2)", generate: {expression: "price * 1.2"}}
    generate:
      records:
        - {label: candles, category: house}
        - {label: ~, category: sweets}
  sales:
    columns:
      customer_id: {type: string, references: customers.customer_id, generate: {reference: {zipf: 1.1}}}
      product_id: {type: int64, references: products.product_id, generate: {reference: every_parent}}
      price: {type: "decimal(12,2)", generate: {copy: {through: product_id, column: price}}}
      rebate: {type: int64, generate: {per: customer_id, minimum: 0, maximum: 9}}
      channel: {type: string, generate: {weighted: {web: 3, shop: 1}}}
      basket:
        type: list
        min_items: 1
        generate: {items: [1, 3], together: {through: product_id, column: category}}
        items:
          type: struct
          fields:
            product_id: {type: int64, references: products.product_id, generate: {reference: uniform}}
            price: {type: "decimal(12,2)", generate: {copy: {through: product_id, column: price}}}
            amount: {type: int8, generate: {per: product_id, minimum: 1, maximum: 5}}
      sold_at: timestamp
    generate: {rows: {per: customers, factor: 2.5}, day: sold_at, late: {rate: 1%, days: 3}}
faults:
  - {kind: negative, at: products.price, rate: 1%}
  - {kind: negative, at: "sales.basket[].price", count: 5, id: unpaid, where: "price > 2", burst: 20, overlap: true, by: 3}
  - {kind: negative, at: sales, rate: 0.5}
"#;

fn generation<'t>(table: &'t Table, path: &str) -> &'t Generation {
    let path = table.path(path).unwrap();
    table.at(&path).generation.as_deref().unwrap()
}

#[test]
fn every_setting_of_a_column_is_read() {
    let shop = good(SHOP);
    let of = |table: &str, path: &str| generation(shop.table(table).unwrap(), path).clone();
    let from = |table: &str, path: &str| of(table, path).from.unwrap();
    assert_eq!(from("customers", "customer_id"), Origin::Template { text: "C{n:06}".to_owned(), permuted: true });
    let name = of("customers", "name");
    assert_eq!(name.from, Some(Origin::Provider("person_name".to_owned())));
    assert_eq!((name.locale, name.distinct), (Some(Locale::DeDe), Some(900)));
    assert_eq!(name.distribution, Some(Distribution::Zipf { exponent: 0.5 }));
    assert_eq!(name.place, (8, 28));
    assert_eq!(from("customers", "code"), Origin::Pattern("[A-Z]{3}-[0-9]{4}".to_owned()));
    assert_eq!(from("customers", "motto"), Origin::Fake("company.Buzzword".to_owned()));
    assert_eq!(of("customers", "motto").null_rate, Some(0.05));
    let score = of("customers", "score");
    assert_eq!(score.distribution, Some(Distribution::Normal { mean: 5.0, stddev: 1.5 }));
    assert_eq!((score.minimum.as_deref(), score.maximum.as_deref()), (Some("0"), Some("10")));
    let since = of("customers", "since");
    assert_eq!((since.minimum.as_deref(), since.maximum.as_deref()), (Some("2020-01-01"), Some("today")));
    assert_eq!(since.weekdays, Some([1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0]));
    assert_eq!(since.months.unwrap()[11], 3.0);
    let spread = |column: &str| of("customers", column).distribution.unwrap();
    assert_eq!(spread("wealth"), Distribution::Lognormal { mu: 10.0, sigma: 2.0 });
    assert_eq!(spread("wait"), Distribution::Exponential { mean: 30.0 });
    assert_eq!(spread("age"), Distribution::Histogram(vec![(0.0, 20.0, 1.0), (20.0, 65.0, 3.5)]));
    assert_eq!(of("customers", "age").null_rate, Some(0.1));
    assert_eq!(from("products", "product_id"), Origin::Sequence { start: 100, step: 10 });
    assert_eq!(from("products", "old_id"), Origin::Permuted { start: 1 });
    assert_eq!(of("products", "price").distribution, Some(Distribution::Uniform));
    let Origin::Derived(expression) = from("products", "taxed") else { panic!() };
    assert_eq!((expression.text.as_str(), expression.columns), ("price * 1.2", vec![4]));
    assert_eq!(from("sales", "customer_id"), Origin::Reference(Parents::Zipf(1.1)));
    assert_eq!(from("sales", "product_id"), Origin::Reference(Parents::Every));
    let copy = Origin::Copy { through: "product_id".to_owned(), column: "price".to_owned() };
    assert_eq!((from("sales", "price"), from("sales", "basket[].price")), (copy.clone(), copy));
    assert_eq!(of("sales", "rebate").per.as_deref(), Some("customer_id"));
    let weights = vec![("web".to_owned(), 3.0), ("shop".to_owned(), 1.0)];
    assert_eq!(from("sales", "channel"), Origin::Weighted(weights));
    assert_eq!(from("sales", "basket[].product_id"), Origin::Reference(Parents::Uniform));
    assert_eq!(of("sales", "basket[].amount").per.as_deref(), Some("product_id"));
    let basket = of("sales", "basket");
    assert_eq!(basket.items, Some((1, 3)));
    assert_eq!(basket.together, Some(("product_id".to_owned(), "category".to_owned())));
}

#[test]
fn every_setting_of_a_table_is_read() {
    let shop = good(SHOP);
    let of = |table: &str| &shop.table(table).unwrap().generation;
    assert_eq!((of("customers").rows.clone(), of("customers").locale), (Some(Rows::Count(1000)), Some(Locale::EnGb)));
    let products = shop.table("products").unwrap();
    assert_eq!(products.generation.rows, Some(Rows::Fixed(2)));
    let values = vec![Some("candles".to_owned()), None];
    assert_eq!(generation(products, "label").from, Some(Origin::Values(values)));
    assert_eq!(of("sales").rows, Some(Rows::Per { table: "customers".to_owned(), factor: 2.5 }));
    assert_eq!((of("sales").day, of("sales").late), (Some(6), Some((0.01, 3))));
}

#[test]
fn faults_are_read() {
    let shop = good(SHOP);
    let [first, second, third] = shop.faults.as_slice() else { panic!() };
    assert_eq!((first.id.as_str(), first.kind.as_str(), first.table.as_str()), ("negative", "negative", "products"));
    assert_eq!((first.path.as_deref(), first.amount), (Some("price"), Amount::Rate(0.01)));
    assert_eq!((second.id.as_str(), second.path.as_deref()), ("unpaid", Some("basket[].price")));
    assert_eq!((second.amount, second.burst), (Amount::Count(5), Some(20)));
    assert_eq!(second.condition.as_ref().unwrap().data_type, DataType::Bool);
    let options: Vec<(&str, &str)> = second.options.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(options, [("overlap", "true"), ("by", "3")]);
    assert_eq!(second.place, (51, 5));
    assert_eq!((third.id.as_str(), third.path.as_deref()), ("negative_2", None));
}

#[test]
fn a_file_of_faults_is_read_against_the_contract() {
    let shop = good(SHOP);
    let specs = faults("karat: 1\nfaults:\n- {kind: zero, at: sales.price, count: 1}\n", &shop).unwrap();
    assert_eq!((specs.len(), specs[0].table.as_str()), (1, "sales"));
    let wrong = |text: &str| {
        let complaints = faults(text, &shop).unwrap_err();
        assert_eq!(complaints.len(), 1, "{}", diagnose::render("f.yaml", text, &complaints, false));
        (complaints[0].code, text[complaints[0].span.clone()].to_owned())
    };
    assert_eq!(wrong("faults: [{kind: zero, at: sales.prise, count: 1}]"), ("C909", "sales.prise".into()));
    assert_eq!(wrong("fault: []\nfaults: []"), ("C902", "fault".into()));
    assert_eq!(wrong("karat: 1"), ("C904", String::new()));
    assert_eq!(wrong("faults: [").0, "C901");
    assert_eq!(wrong("").0, "C904");
    assert_eq!(wrong("[]"), ("C903", "[]".into()));
}

/// One column `a` beside others, a parent table, and what is told of it.
fn column(column: &str) -> (&'static str, String) {
    one(&with_column(column))
}

fn with_column(column: &str) -> String {
    format!(
        "karat: 1\nname: n\ntables:\n  p: {{columns: {{id: int64, text: string}}}}\n  t:\n    columns:\n      \
         r: {{type: int64, references: p.id}}\n      n: int64\n      a: {column}\n"
    )
}

fn of_type(data_type: &str, settings: &str) -> (&'static str, String) {
    column(&format!("{{type: {data_type}, generate: {settings}}}"))
}

#[test]
fn mistakes_in_keys_and_shapes() {
    assert_eq!(of_type("string", "{providr: email}"), ("C902", "providr".into()));
    assert_eq!(of_type("string", "email"), ("C903", "email".into()));
    assert_eq!(of_type("string", "{provider: 5}"), ("C903", "5".into()));
    assert_eq!(of_type("string", "{locale: de_AT}"), ("C903", "de_AT".into()));
    assert_eq!(of_type("string", "{null_rate: 5}"), ("C903", "5".into()));
    assert_eq!(of_type("string", "{null_rate: 105%}"), ("C903", "105%".into()));
    assert_eq!(of_type("string", "{distinct: 0}"), ("C903", "0".into()));
    assert_eq!(of_type("string", "{weighted: {a: -1, b: 1}}"), ("C903", "-1".into()));
    assert_eq!(of_type("string", "{weighted: {a: 0}}"), ("C903", "{a: 0}".into()));
    assert_eq!(of_type("string", "{weighted: [a]}"), ("C903", "[a]".into()));
    assert_eq!(of_type("int64", "{sequence: false}"), ("C903", "false".into()));
    assert_eq!(of_type("int64", "{sequence: {step: 0}}"), ("C903", "0".into()));
    assert_eq!(of_type("int64", "{sequence: {first: 1}}"), ("C902", "first".into()));
    assert_eq!(of_type("string", "{pattern: '[a'}"), ("C913", "'[a'".into()));
    assert_eq!(of_type("string", "{template: C}"), ("C903", "C".into()));
    assert_eq!(of_type("string", "{template: 'C{m}'}"), ("C903", "'C{m}'".into()));
    assert_eq!(of_type("date", "{weekdays: [1, 2]}"), ("C903", "[1, 2]".into()));
    assert_eq!(of_type("date", "{weekdays: [0, 0, 0, 0, 0, 0, 0]}").0, "C903");
    assert_eq!(of_type("float64", "{distribution: normal}"), ("C903", "normal".into()));
    assert_eq!(of_type("float64", "{distribution: {}}"), ("C904", "{}".into()));
    assert_eq!(of_type("float64", "{distribution: {normal: {mean: 1}}}"), ("C904", "{mean: 1}".into()));
    assert_eq!(of_type("float64", "{distribution: {normal: {mean: 1, stddev: 0}}}"), ("C903", "0".into()));
    assert_eq!(of_type("float64", "{distribution: {normal: {mean: 1, sd: 1}}}"), ("C902", "sd".into()));
    assert_eq!(of_type("float64", "{distribution: {zipf: -1}}"), ("C903", "-1".into()));
    assert_eq!(of_type("float64", "{distribution: {histogram: []}}"), ("C903", "[]".into()));
    assert_eq!(of_type("float64", "{distribution: {histogram: [[0, 1]]}}"), ("C903", "[0, 1]".into()));
    assert_eq!(of_type("float64", "{distribution: {histogram: [[1, 0, 1]]}}"), ("C903", "[1, 0, 1]".into()));
    assert_eq!(of_type("float64", "{distribution: {histogram: [[0, 2, 1], [1, 3, 1]]}}"), ("C903", "[1, 3, 1]".into()));
    assert_eq!(of_type("int64", "{minimum: x}"), ("C912", "x".into()));
}

#[test]
fn words_of_other_tools_lead_to_ours() {
    let hint = |settings: &str| drawn(&with_column(&format!("{{type: string, generate: {settings}}}")));
    assert!(hint("{choices: {a: 1}}").contains("`weighted`"));
    assert!(hint("{faker: company.Buzzword}").contains("`fake`"));
    assert!(hint("{null_probability: 5%}").contains("`null_rate`"));
    assert!(hint("{null_rate: 5}").contains("write 5%"));
}

#[test]
fn settings_that_do_not_fit_the_type() {
    assert_eq!(of_type("bool", "{provider: email}"), ("C907", "provider".into()));
    assert_eq!(of_type("int64", "{pattern: '[0-9]'}"), ("C907", "pattern".into()));
    assert_eq!(of_type("int64", "{fake: company.Buzzword}"), ("C907", "fake".into()));
    assert_eq!(of_type("string", "{sequence: true}"), ("C907", "sequence".into()));
    assert_eq!(of_type("int64", "{template: 'C{n}'}"), ("C907", "template".into()));
    assert_eq!(of_type("string", "{minimum: a}"), ("C907", "minimum".into()));
    assert_eq!(of_type("time", "{weekdays: [1, 1, 1, 1, 1, 1, 1]}"), ("C907", "weekdays".into()));
    assert_eq!(of_type("string", "{items: [1, 2]}"), ("C907", "items".into()));
    assert_eq!(of_type("string", "{distribution: {normal: {mean: 1, stddev: 1}}}"), ("C907", "normal".into()));
    assert_eq!(of_type("string", "{expression: n + 1}"), ("C907", "n + 1".into()));
    assert_eq!(of_type("int64", "{expression: nope + 1}"), ("C914", "nope".into()));
    assert_eq!(of_type("int64", "{copy: {through: r, column: text}}").0, "C907");
    assert_eq!(of_type("list, items: int64", "{distinct: 5}"), ("C907", "distinct".into()));
}

#[test]
fn settings_that_contradict() {
    assert_eq!(of_type("string", "{fake: a.B, provider: email}"), ("C908", "provider".into()));
    assert_eq!(of_type("int64", "{minimum: 1, sequence: true}"), ("C908", "minimum".into()));
    assert_eq!(of_type("string", "{shuffled: true, provider: email}"), ("C908", "shuffled".into()));
    assert_eq!(of_type("int64", "{shuffled: true, sequence: {step: 2}}"), ("C908", "2".into()));
    assert_eq!(of_type("string", "{provider: email, distribution: {zipf: 1}}"), ("C904", "distribution".into()));
    assert_eq!(of_type("float64", "{distribution: {zipf: 1, exponential: {mean: 1}}}"), ("C908", "exponential".into()));
    assert_eq!(of_type("int64", "{minimum: 5, maximum: 3}"), ("C908", "3".into()));
    assert_eq!(column("{type: int64, maximum: 3, generate: {minimum: 4}}"), ("C908", "4".into()));
    assert_eq!(column("{type: int64, exclusive_minimum: 3, generate: {maximum: 3}}"), ("C908", "3".into()));
    assert_eq!(column("{type: int64, required: true, generate: {null_rate: 1%}}"), ("C908", "1%".into()));
    assert_eq!(column("{type: string, accepted_values: [b], generate: {weighted: {c: 1}}}"), ("C912", "c".into()));
    assert_eq!(column("{type: int64, generate: {weighted: {c: 1}}}"), ("C912", "c".into()));
    good(&with_column("{type: bool, generate: {weighted: {true: 1, false: 3}}}"));
    good(&with_column("{type: int64, required: true, generate: {null_rate: 0}}"));
    let list = |settings: &str| column(&format!("{{type: list, items: int64, {settings}}}"));
    assert_eq!(list("generate: {items: [3, 1]}"), ("C908", "[3, 1]".into()));
    assert_eq!(list("generate: {items: [1, 1.5]}"), ("C903", "[1, 1.5]".into()));
    assert_eq!(list("max_items: 2, generate: {items: [3, 5]}"), ("C908", "[3, 5]".into()));
}

#[test]
fn references_must_lead_somewhere() {
    assert_eq!(of_type("int64", "{reference: uniform}"), ("C904", "uniform".into()));
    assert_eq!(column("{type: int64, references: p.id, generate: {reference: {}}}"), ("C904", "{}".into()));
    assert_eq!(column("{type: int64, references: p.id, generate: {reference: often}}"), ("C903", "often".into()));
    assert_eq!(of_type("int64", "{per: n}"), ("C909", "n".into()));
    assert_eq!(of_type("int64", "{per: nope}"), ("C909", "nope".into()));
    assert_eq!(of_type("int64", "{copy: {through: r}}"), ("C904", "{through: r}".into()));
    assert_eq!(of_type("int64", "{copy: {through: n, column: id}}"), ("C909", "n".into()));
    assert_eq!(of_type("int64", "{copy: {through: r, column: di}}"), ("C909", "di".into()));
    let list = "{type: list, items: int64, generate: {together: {through: x, column: id}}}";
    assert_eq!(column(list), ("C909", "x".into()));
}

#[test]
fn columns_made_from_themselves() {
    assert_eq!(of_type("int64", "{expression: a + 1}"), ("C919", "a + 1".into()));
    let text =
        with_column("{type: int64, generate: {expression: b + n}}\n      b: {type: int64, generate: {expression: a}}");
    assert_eq!(one(&text), ("C919", "a".into()));
    assert!(drawn(&text).contains("a ← b ← a"));
    good(&with_column("{type: int64, generate: {expression: b}}\n      b: {type: int64, generate: {expression: n}}"));
}

#[test]
fn settings_of_a_table() {
    let table = |settings: &str| {
        one(&format!(
            "karat: 1\nname: n\ntables:\n  p: {{columns: {{id: int64}}}}\n  t:\n    columns: {{a: string, d: date, \
             b: {{type: int64, required: true, maximum: 9}}, l: {{type: list, items: string}}}}\n    generate: {settings}\n"
        ))
    };
    assert_eq!(table("[]"), ("C903", "[]".into()));
    assert_eq!(table("{row: 5}"), ("C902", "row".into()));
    assert_eq!(table("{rows: -5}"), ("C903", "-5".into()));
    assert_eq!(table("{rows: {per: q, factor: 1}}"), ("C909", "q".into()));
    assert_eq!(table("{rows: {per: p}}"), ("C904", "{per: p}".into()));
    assert_eq!(table("{rows: {per: p, factor: 0}}"), ("C903", "0".into()));
    assert_eq!(table("{rows: {per: t, factor: 1}}"), ("C919", "t".into()));
    assert_eq!(table("{day: e}"), ("C909", "e".into()));
    assert_eq!(table("{day: a}"), ("C907", "a".into()));
    assert_eq!(table("{late: {rate: 1%}}"), ("C904", "late".into()));
    assert_eq!(table("{day: d, late: {days: 1}}"), ("C904", "{days: 1}".into()));
    assert_eq!(table("{day: d, late: {rate: 1%, days: 0}}"), ("C903", "0".into()));
    assert_eq!(table("{records: []}"), ("C903", "[]".into()));
    assert_eq!(table("{records: [a]}"), ("C903", "a".into()));
    assert_eq!(table("{records: [{c: x}]}"), ("C909", "c".into()));
    assert_eq!(table("{records: [{l: x}]}"), ("C907", "l".into()));
    assert_eq!(table("{records: [{b: 10}]}"), ("C912", "10".into()));
    assert_eq!(table("{records: [{b: ~}]}"), ("C912", "~".into()));
    assert_eq!(table("{records: [{a: x, b: 1}, {a: x}]}"), ("C904", "{a: x}".into()));
    assert_eq!(table("{records: [{a: x}, {a: x, b: 1}]}"), ("C902", "b".into()));
}

#[test]
fn tables_against_each_other() {
    let circle = "karat: 1\nname: n\ntables:\n  a: {columns: {x: int64}, generate: {rows: {per: b, factor: 2}}}\n  \
                  b: {columns: {x: int64}, generate: {rows: {per: c, factor: 3}}}\n  \
                  c: {columns: {x: int64}, generate: {rows: {per: a, factor: 4}}}\n";
    assert_eq!(one(circle), ("C919", "{per: a, factor: 4}".into()));
    let both = "karat: 1\nname: n\ntables:\n  a: {columns: {x: {type: string, generate: {provider: email}}}, \
                generate: {records: [{x: y}]}}\n";
    assert_eq!(one(both).0, "C908");
    let beside = "karat: 1\nname: n\ntables:\n  a: {columns: {x: {type: string, generate: {null_rate: 5%}}}, \
                  generate: {records: [{x: y}]}}\n";
    let contract = good(beside);
    let x = generation(&contract.tables[0], "x");
    assert_eq!((x.null_rate, x.from.is_some()), (Some(0.05), true));
}

#[test]
fn mistakes_in_faults() {
    let fault = |fault: &str| {
        one(&format!("karat: 1\nname: n\ntables:\n  t: {{columns: {{a: string, b: int64}}}}\nfaults:\n  - {fault}\n"))
    };
    assert_eq!(fault("negative"), ("C903", "negative".into()));
    assert_eq!(fault("{at: t.a, rate: 1%}"), ("C904", "{at: t.a, rate: 1%}".into()));
    assert_eq!(fault("{kind: null, at: t.a, rate: 1%}"), ("C903", "null".into()));
    assert_eq!(fault("{kind: zero, at: t.a}"), ("C904", "{kind: zero, at: t.a}".into()));
    assert_eq!(fault("{kind: zero, at: t.a, rate: 1%, count: 5}"), ("C908", "count".into()));
    assert_eq!(fault("{kind: zero, at: t.a, rate: 5}"), ("C903", "5".into()));
    assert_eq!(fault("{kind: zero, at: t.a, count: 0.5}"), ("C903", "0.5".into()));
    assert_eq!(fault("{kind: zero, at: s.a, count: 5}"), ("C909", "s.a".into()));
    assert_eq!(fault("{kind: zero, at: t.c, count: 5}"), ("C909", "t.c".into()));
    assert_eq!(fault("{kind: zero, at: 't.a[]', count: 5}"), ("C909", "'t.a[]'".into()));
    assert_eq!(fault("{kind: zero, at: t.a, count: 5, burst: 0}"), ("C903", "0".into()));
    assert_eq!(fault("{kind: zero, at: t.a, count: 5, where: c > 1}"), ("C914", "c".into()));
    assert_eq!(fault("{kind: zero, at: t.a, count: 5, where: b + 1}").0, "C914");
    assert_eq!(fault("{kind: zero, at: t.a, count: 5, id: a b}"), ("C903", "a b".into()));
    assert_eq!(fault("{kind: zero, at: t.a, count: 5, overlap: yes}"), ("C903", "yes".into()));
    assert_eq!(fault("{kind: zero, at: t.a, count: 5, by: [1]}"), ("C903", "[1]".into()));
    let twice = "{kind: zero, at: t.a, count: 5, id: x}\n  - {kind: zero, at: t.b, count: 5, id: x}";
    assert_eq!(fault(twice), ("C911", "x".into()));
}

#[test]
fn ids_of_faults_give_way_to_written_ones() {
    let text = "karat: 1\nname: n\ntables:\n  t: {columns: {a: string}}\nfaults:\n  \
                - {kind: zero, at: t.a, count: 5}\n  - {kind: zero, at: t.a, count: 5}\n  \
                - {kind: case, at: t.a, count: 5, id: zero}\n  - {kind: zero, at: t.a, count: 5}\n";
    let contract = good(text);
    let ids: Vec<&str> = contract.faults.iter().map(|fault| fault.id.as_str()).collect();
    assert_eq!(ids, ["zero_2", "zero_3", "zero", "zero_4"]);
}

#[test]
fn what_hangs_on_a_broken_type_is_not_told() {
    let text = "karat: 1\nname: n\ntables:\n  t:\n    columns:\n      a: {type: strin, generate: {sequence: true}}\n      \
                b: {type: int64, generate: {expression: a + 1}}\n    generate: {day: a}\nfaults:\n  \
                - {kind: zero, at: t.a, count: 5, where: a > 1}\n  - {kind: zero, at: u.a, count: 5}\n";
    let codes: Vec<&str> = told(text).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["C906"], "{}", drawn(text));
}

#[test]
fn the_schema_takes_what_the_reader_takes() {
    let validator = jsonschema::validator_for(&schema::json_schema()).unwrap();
    let value = json(&yaml::load(SHOP).0.unwrap());
    let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    for (from, to) in [
        ("shuffled: true", "shufled: true"),
        ("locale: de_DE", "locale: de_AT"),
        ("null_rate: 5%", "null_rate: 5"),
        ("null_rate: 0.1", "null_rate: 1.5"),
        ("{mean: 5, stddev: 1.5}", "{mean: 5, sd: 1.5}"),
        ("weekdays: [1, ", "weekdays: ["),
        ("[20, 65, 3.5]", "[20, 65]"),
        ("rows: 1000", "rows: many"),
        ("{per: customers, factor: 2.5}", "{per: customers, times: 2.5}"),
        ("{label: candles, category: house}", "{label: [candles], category: house}"),
        ("every_parent", "each_parent"),
        ("{web: 3, shop: 1}", "{web: 3, shop: -1}"),
        ("items: [1, 3]", "items: [1]"),
        ("kind: negative, at: products.price, rate: 1%", "kind: negative, rate: 1%"),
        ("at: products.price, rate: 1%", "at: products.price"),
        ("count: 5, id", "rate: 5%, count: 5, id"),
        ("by: 3", "by: [3]"),
    ] {
        assert!(SHOP.contains(from), "{from}");
        let broken = SHOP.replacen(from, to, 1);
        assert!(!validator.is_valid(&json(&yaml::load(&broken).0.unwrap())), "{to}");
        assert!(crate::contract::read(&broken).is_err(), "{to}");
    }
}

#[test]
fn the_page_about_generating_is_right() {
    let page = include_str!("../../../docs/generate.md");
    let blocks: Vec<&str> =
        page.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect();
    let (contracts, lists): (Vec<&str>, Vec<&str>) = blocks.iter().partition(|block| block.starts_with("karat: 1\n"));
    assert_eq!((contracts.len(), lists.len()), (4, 1));
    let read: Vec<_> = contracts.iter().map(|text| good(text)).collect();
    assert_eq!(faults(lists[0], &read[0]).unwrap().len(), 3);
}
