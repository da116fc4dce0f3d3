//! Tests of the terminal: what is left out in a narrow one, and what a card says.

use super::*;
use crate::model::profile::{
    Alert, AlertSeverity, Approx, Bin, ColumnProfile, Histogram, Lengths, Mask, Quantile, Quantiles, SemanticType,
    ShapeFinding, Sighting, Spot, TableProfile, TopValue, TopValues, TypeCount,
};
use crate::model::report::FileReport;
use crate::render::text::Style;

fn quantiles(median: &str) -> Option<Quantiles> {
    let points = vec![Quantile { part: 0.5, value: median.to_owned() }];
    Some(Quantiles { method: "kll512".to_owned(), rank_err: 0.0053, points })
}

fn histogram(counts: &[u64]) -> Option<Histogram> {
    let bin = |count: &u64| Bin { low: "0".to_owned(), high: "1".to_owned(), count: *count };
    let bins = counts.iter().map(bin).collect();
    Some(Histogram { method: "exact".to_owned(), rel_err: 0.0, scale: "linear".to_owned(), bins })
}

fn spot(line: u64, offset: u64) -> Spot {
    Spot { file: "orders.csv".to_owned(), record: line - 1, line, offset, detail: None }
}

fn column(name: &str, data_type: &str, ends: (&str, &str), mask: &str) -> ColumnProfile {
    ColumnProfile {
        name: name.to_owned(),
        data_type: data_type.to_owned(),
        count: 2000,
        distinct: Approx::exact(2000),
        minimum: Some(ends.0.to_owned()),
        maximum: Some(ends.1.to_owned()),
        masks: vec![Mask { mask: mask.to_owned(), count: 2000, pattern: None }],
        lengths: Some(Lengths { minimum: 1, maximum: 30, mean: 12.5, median: 12 }),
        ..ColumnProfile::default()
    }
}

fn profile() -> Profile {
    let id = ColumnProfile {
        quantiles: quantiles("1000"),
        histogram: histogram(&[5; 20]),
        flags: vec!["key?".to_owned()],
        ..column("id", "int64", ("1", "2000"), "9{1,4}")
    };
    let email = ColumnProfile {
        nulls: 4,
        distinct: Approx { value: 1987, rel_err: 0.0156, method: "bottom4096".to_owned() },
        semantic: vec![SemanticType { kind: "email".to_owned(), count: 1996, share: 1.0 }],
        masked: true,
        flags: vec!["PII?".to_owned()],
        ..column("email", "string", ("a@a.aa", "aaaa@aaaaaaaaa.aaa"), "a{1,12}@a{1,9}.a{2,3}")
    };
    let stray = Sighting { value: "N/A".to_owned(), place: spot(1501, 46_541) };
    let amount = ColumnProfile {
        types: vec![
            TypeCount { kind: "decimal".to_owned(), count: 1999, first: None },
            TypeCount { kind: "text".to_owned(), count: 1, first: Some(stray) },
        ],
        quantiles: quantiles("25.1"),
        histogram: histogram(&[100, 60, 30, 10, 5, 2, 1, 0, 0, 1]),
        top: Some(TopValues {
            method: "exact".to_owned(),
            max_error: 0,
            values: vec![
                TopValue { value: "9.99".to_owned(), count: 40 },
                TopValue { value: "0.50".to_owned(), count: 13 },
            ],
            complete: false,
        }),
        flags: vec!["1 mixed".to_owned(), "12 outliers".to_owned()],
        ..column("a_column_with_a_very_long_name_indeed", "decimal(6,2)", ("-3.00", "9999.99"), "9{1,4}.99")
    };
    let alert = Alert {
        code: "A403".to_owned(),
        severity: AlertSeverity::Warning,
        column: Some(amount.name.clone()),
        message: "1 value among numbers reads as text, the first \"N/A\"".to_owned(),
        count: Some(1),
        first: Some(spot(1501, 46_541)),
    };
    let mut table = TableProfile {
        name: "orders".to_owned(),
        files: vec![FileReport { path: "orders.csv".to_owned(), ..FileReport::default() }],
        bytes: 123_456,
        records: 2001,
        rows: 2000,
        malformed: 1,
        columns: vec![id, email, amount],
        alerts: vec![alert],
        state: Some(serde_json::json!({"rows": 2000})),
        ..TableProfile::default()
    };
    table.shape.findings.push(ShapeFinding {
        code: "P005".to_owned(),
        title: "too many fields".to_owned(),
        count: 1,
        places: vec![spot(1500, 46_500)],
    });
    Profile { schema: crate::model::profile::SCHEMA.to_owned(), tables: vec![table], ..Profile::default() }
}

fn at(width: usize) -> String {
    text(&profile(), Style { width, ..Style::plain() })
}

#[test]
fn eighty_columns_keep_what_matters_most() {
    let shown = at(80);
    assert!(shown.lines().filter(|line| line.starts_with(' ')).all(|line| line.chars().count() <= 80), "{shown}");
    insta::assert_snapshot!("eighty_columns", shown);
}

#[test]
fn a_pipe_gets_everything() {
    insta::assert_snapshot!("pipe", plain(&profile()));
}

#[test]
fn the_card_says_all_of_a_column() {
    let profile = profile();
    let table = &profile.tables[0];
    insta::assert_snapshot!("card", card(table, &table.columns[2], Style::plain()));
}

#[test]
fn json_comes_back_and_keeps_states_on_one_line() {
    let mut profile = profile();
    profile.tables[0].name = "\"state\": \"\\u00000\" \0".to_owned();
    let text = json(&profile);
    assert_eq!(parse(&text).unwrap(), profile);
    assert!(text.contains("\"state\": {\"rows\":2000}"), "{text}");
    assert!(!json(&crate::model::profile::without_state(&profile)).contains("2000}"));
}
