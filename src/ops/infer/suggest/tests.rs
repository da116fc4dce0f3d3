//! Columns as profiles describe them, and what is made of them.

use super::*;
use crate::model::profile::{Approx, Lengths, Mask, NullSpelling, SemanticType, TopValue, TopValues, TypeCount};

const SCENE: Scene = Scene { style: Style::Normal, today: 20_000, typed: false };

fn of(name: &str, kinds: &[(&str, u64)], ends: (&str, &str)) -> ColumnProfile {
    let count = kinds.iter().map(|(_, count)| count).sum();
    ColumnProfile {
        name: name.to_owned(),
        count,
        types: kinds
            .iter()
            .map(|(kind, count)| TypeCount { kind: (*kind).to_owned(), count: *count, first: None })
            .collect(),
        distinct: Approx::exact(count),
        minimum: Some(ends.0.to_owned()),
        maximum: Some(ends.1.to_owned()),
        ..ColumnProfile::default()
    }
}

/// The draft in short: type, then each setting.
fn brief(profile: &ColumnProfile, scene: Scene) -> String {
    let draft = column(&profile.name, profile, scene);
    let value = |value: &Value| match value {
        Value::Plain(text) | Value::Text(text) => text.clone(),
        Value::List(items) => format!("{} values", items.len()),
    };
    let settings = draft.settings.iter().map(|setting| format!(" {}={}", setting.key, value(&setting.value)));
    draft.data_type.clone() + &settings.collect::<String>()
}

#[test]
fn numbers_get_the_narrowest_type_with_room() {
    let decimal = ColumnProfile {
        scale: Some(2),
        precision: Some(6),
        ..of("balance", &[("decimal", 900), ("integer", 100)], ("-998.22", "9999.72"))
    };
    assert_eq!(brief(&decimal, SCENE), "decimal(12,2) required=true minimum=-1000 maximum=10000");
    assert_eq!(brief(&of("id", &[("integer", 1000)], ("1", "10000")), SCENE), "int32 required=true minimum=1");
    assert_eq!(brief(&of("id", &[("integer", 1000)], ("1", "4000000000")), SCENE), "int64 required=true minimum=1");
    assert_eq!(
        brief(&of("id", &[("integer", 9)], ("0", "18446744073709551615")), SCENE),
        "uint64 required=true minimum=0"
    );
    assert_eq!(brief(&of("id", &[("integer", 9)], ("0", "99999999999999999999")), SCENE), "string required=true");
    let float = ColumnProfile {
        scale: Some(16),
        precision: Some(17),
        ..of("x", &[("decimal", 50)], ("0.1234567890123456", "1.5"))
    };
    assert!(brief(&float, SCENE).starts_with("float64 required=true minimum=0"), "{}", brief(&float, SCENE));
    let padded = ColumnProfile { zero_padded: 3, ..of("plz", &[("integer", 50)], ("00501", "99950")) };
    assert!(brief(&padded, SCENE).starts_with("string"));
    let price = ColumnProfile { distinct: Approx::exact(20), ..of("unit_price", &[("integer", 50)], ("33", "1999")) };
    assert_eq!(brief(&price, SCENE), "int32 required=true exclusive_minimum=0");
}

#[test]
fn closed_scales_keep_their_ends() {
    let score = ColumnProfile { distinct: Approx::exact(10), ..of("score", &[("integer", 137)], ("1", "10")) };
    assert_eq!(brief(&score, SCENE), "int32 required=true minimum=1 maximum=10");
    let loose = Scene { style: Style::Loose, ..SCENE };
    assert_eq!(brief(&score, loose), "int32 required=true");
    let strict = Scene { style: Style::Strict, ..SCENE };
    assert_eq!(brief(&of("n", &[("integer", 40)], ("7", "93")), strict), "int32 required=true minimum=7 maximum=93");
}

#[test]
fn null_in_disguise_does_not_decide_the_type() {
    let spelling = |text: &str, count| NullSpelling { text: text.to_owned(), count, is_null: false };
    let mut amount = of("amount", &[("integer", 95), ("text", 5)], ("1", "9"));
    assert!(brief(&amount, SCENE).starts_with("string"));
    amount.null_spellings = vec![spelling("N/A", 4), spelling("-", 1)];
    assert_eq!(spellings(&amount).len(), 2);
    assert!(brief(&amount, SCENE).starts_with("int32 exclusive_minimum=0"), "{}", brief(&amount, SCENE));
    // Among text a dash is a text.
    let mut note = of("note", &[("text", 100)], ("a", "z"));
    note.null_spellings = vec![spelling("-", 3), spelling("NULL", 3)];
    assert_eq!(spellings(&note).iter().map(|found| found.text.as_str()).collect::<Vec<_>>(), ["NULL"]);
}

#[test]
fn one_bad_value_in_a_hundred_is_borne_by_strict_only() {
    let column = of("n", &[("integer", 990), ("text", 10)], ("1", "9"));
    assert!(brief(&column, SCENE).starts_with("string"));
    assert!(brief(&column, Scene { style: Style::Strict, ..SCENE }).starts_with("int32"));
}

#[test]
fn texts_get_a_format_a_set_or_a_shape() {
    let mut text = of("t", &[("text", 200)], ("a", "z"));
    text.lengths = Some(Lengths { minimum: 3, maximum: 31, mean: 9.0, median: 8 });
    assert_eq!(brief(&text, SCENE), "string required=true max_length=50");
    let set = ["bws", "food", "house"].map(|value| TopValue { value: value.to_owned(), count: 60 }).to_vec();
    text.top = Some(TopValues { method: "exact".into(), max_error: 0, values: set, complete: true });
    assert_eq!(brief(&text, SCENE), "string required=true accepted_values=3 values");
    text.semantic = vec![SemanticType { kind: "email".into(), count: 200, share: 1.0 }];
    assert_eq!(brief(&text, SCENE), "string required=true format=email pii=true");
    text.semantic = vec![SemanticType { kind: "country_code".into(), count: 200, share: 1.0 }];
    assert!(brief(&text, SCENE).contains("accepted_values"), "only a column called so");
    let code = ColumnProfile {
        masks: vec![Mask { mask: "A9{1,3}".into(), count: 50, pattern: None }],
        ..of("id", &[("text", 50)], ("C1", "C99"))
    };
    assert_eq!(brief(&code, SCENE), "string required=true pattern=C[0-9]+");
}

#[test]
fn nothing_is_said_of_nothing() {
    assert_eq!(brief(&ColumnProfile { count: 10, nulls: 10, ..ColumnProfile::default() }, SCENE), "string");
    assert_eq!(brief(&of("n", &[("integer", 2)], ("1", "2")), SCENE), "int32 minimum=1");
    let days =
        ColumnProfile { format: Some("%d/%m/%Y".into()), ..of("d", &[("date", 50)], ("2020-01-01", "2024-05-01")) };
    assert_eq!(brief(&days, SCENE), "date format=%d/%m/%Y required=true maximum=today");
}
