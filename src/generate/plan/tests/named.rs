//! What cannot be met is named; presets pass; seeds differ.

use arrow_array::RecordBatch;

use crate::generate::generator::{Generator, Options};
use crate::generate::plan::tests::{contract, judge, keys, options, refusal, whole};

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
fn late_rows_do_not_go_with_a_rule_that_forbids_them() {
    let text = |d: &str, rule: &str| {
        format!(
            r#"t:
  source: {{path: "t/d=*/t.csv"}}
  columns:
    at: {{type: timestamp, required: true, generate: {{minimum: "2026-01-01 00:00:00"}}}}
    d: {{type: date, required: true{d}}}
{rule}  generate: {{rows: 500, day: at, late: {{rate: 1%, days: 3}}}}
"#
        )
    };
    let rule = "  rules:\n    - {id: in-time, expression: \"date(at) = d\"}\n";
    let message = refusal(&text("", rule), 500);
    assert!(message.contains("t.in-time") && message.contains("later days"), "{message}");
    let message = refusal(&text(", generate: {expression: date(at)}", ""), 500);
    assert!(message.contains("`d`") && message.contains("later ones"), "{message}");
    Generator::new(&contract(&text("", "")), &options(500)).unwrap();
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
        ("retail", include_str!("../../../../rules/retail.yaml")),
        ("supplier", include_str!("../../../../rules/supplier.yaml")),
    ] {
        let contract = crate::generate::plan::tests::document::read(text).unwrap();
        let generator = Generator::new(&contract, &options(500)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let batches: Vec<RecordBatch> = generator.tables.iter().map(whole).collect();
        for (table, batch) in contract.tables.iter().zip(&batches) {
            judge(table, batch);
            keys(table, batch, &contract, &batches);
        }
    }
}
