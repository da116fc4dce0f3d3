//! What parses evaluates: the parser's types and the engine's forms agree, whatever is combined.

use std::sync::Arc;

use arrow_array::types::Int64Type;
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Float32Array, Float64Array, Int8Array, Int64Array, ListArray,
    StringArray, Time64MicrosecondArray, TimestampMicrosecondArray, UInt64Array,
};
use proptest::prelude::*;

#[cfg(test)]
use crate::rule::expression;

use crate::frame::batch::Batch;
use crate::frame::expr::Compiled;
use crate::frame::expr::tests::{CONTEXT, batch, decimal, decimals, table};
use crate::model::{Column, DataType, Table};

const ATOMS: &[&str] = &[
    "i8",
    "i64",
    "u64",
    "p",
    "w",
    "f32",
    "f64",
    "s",
    "ok",
    "d",
    "t",
    "z",
    "c",
    "b",
    "l",
    "null",
    "true",
    "0",
    "-1",
    "1.50",
    "2e0",
    "18446744073709551616",
    "'x'",
    "'7'",
    "'2026-01-02'",
    "X'00'",
    "today",
    "now",
];

fn everything() -> (Table, Batch) {
    let list = DataType::List(Box::new(Column::new("item", DataType::Int64)));
    let table = table(&[
        ("i8", DataType::Int8),
        ("i64", DataType::Int64),
        ("u64", DataType::UInt64),
        ("p", decimal(12, 2)),
        ("w", decimal(38, 19)),
        ("f32", DataType::Float32),
        ("f64", DataType::Float64),
        ("s", DataType::String),
        ("ok", DataType::Bool),
        ("d", DataType::Date),
        ("t", DataType::Timestamp),
        ("z", DataType::TimestampTz),
        ("c", DataType::Time),
        ("b", DataType::Binary),
        ("l", list),
    ]);
    let moments = || TimestampMicrosecondArray::from(vec![Some(0), None, Some(1_767_323_045_000_006)]);
    let lists = vec![Some(vec![Some(1)]), None, Some(vec![])];
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int8Array::from(vec![Some(1), None, Some(-128)])),
        Arc::new(Int64Array::from(vec![Some(i64::MAX), None, Some(i64::MIN)])),
        Arc::new(UInt64Array::from(vec![Some(u64::MAX), None, Some(0)])),
        decimals(vec![Some(150), None, Some(-1)], 12, 2),
        decimals(vec![Some(10_i128.pow(38) - 1), None, Some(1 - 10_i128.pow(38))], 38, 19),
        Arc::new(Float32Array::from(vec![Some(0.1), None, Some(f32::NAN)])),
        Arc::new(Float64Array::from(vec![Some(1e300), None, Some(f64::INFINITY)])),
        Arc::new(StringArray::from(vec![Some("7"), None, Some("Zoë")])),
        Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)])),
        Arc::new(Date32Array::from(vec![Some(0), None, Some(2_932_896)])),
        Arc::new(moments()),
        Arc::new(moments().with_timezone("UTC")),
        Arc::new(Time64MicrosecondArray::from(vec![Some(0), None, Some(86_399_999_999)])),
        Arc::new(BinaryArray::from(vec![Some(&b"\xff"[..]), None, Some(b"")])),
        Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists)),
    ];
    (table, batch(columns))
}

fn text() -> impl Strategy<Value = String> {
    let atom = prop::sample::select(ATOMS).prop_map(str::to_owned).boxed();
    atom.prop_recursive(3, 12, 3, |inner| {
        let any = || inner.clone();
        let infix = prop::sample::select(vec![
            "+",
            "-",
            "*",
            "/",
            "%",
            "||",
            "=",
            "<>",
            "<",
            ">=",
            "AND",
            "OR",
            "IS DISTINCT FROM",
        ]);
        let one = prop::sample::select(vec![
            "abs", "ceil", "date", "day", "floor", "hour", "length", "lower", "round", "second", "trim", "year",
            "NOT ", "- ", "date ",
        ]);
        let two = prop::sample::select(vec!["coalesce", "contains", "nullif", "starts_with", "substring", "round"]);
        let types = crate::model::data_type::SCALARS.iter().map(|(name, _)| *name).chain(["decimal(9,3)"]);
        let cast = (any(), prop::sample::select(types.collect::<Vec<_>>()), proptest::bool::ANY);
        prop_oneof![
            5 => (any(), infix, any()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            2 => (one, any()).prop_map(|(f, a)| format!("{f}({a})")),
            2 => (two, any(), any()).prop_map(|(f, a, b)| format!("{f}({a}, {b})")),
            2 => cast.prop_map(|(a, to, strict)| format!("{}cast({a} as {to})", if strict { "" } else { "try_" })),
            1 => any().prop_map(|a| format!("({a} IS NOT NULL)")),
            1 => any().prop_map(|a| format!("({a} LIKE '%o_')")),
            1 => (any(), any(), any()).prop_map(|(a, b, c)| format!("({a} BETWEEN {b} AND {c})")),
            1 => (any(), any(), any()).prop_map(|(a, b, c)| format!("({a} IN ({b}, {c}))")),
            1 => (any(), any(), any()).prop_map(|(a, b, c)| format!("CASE WHEN {a} THEN {b} ELSE {c} END")),
            1 => (any(), any(), any()).prop_map(|(a, b, c)| format!("CASE {a} WHEN {b} THEN {c} END")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn what_parses_evaluates(text in text()) {
        let (table, batch) = everything();
        for text in [text.clone(), format!("({text}) IS NULL"), format!("coalesce({text}, {text}) = {text}")] {
            let Ok(expression) = expression::parse(&text, &table, true) else { continue };
            let compiled = Compiled::new(&[expression], &table, &CONTEXT).unwrap();
            let found = compiled.evaluate(&batch);
            prop_assert!(found.is_ok(), "{}: {:?}", text, found);
        }
    }
}
