//! Every operator and function against what SQL says, and random expressions against a tiny evaluator of single rows.

use std::sync::Arc;

use arrow_array::types::{ArrowPrimitiveType, Int64Type};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int8Array,
    Int64Array, ListArray, PrimitiveArray, StringArray, StructArray, Time64MicrosecondArray, TimestampMicrosecondArray,
    UInt64Array,
};
use proptest::prelude::*;

#[cfg(test)]
use crate::rule::expression;

use crate::frame::batch::Batch;
use crate::frame::expr::{Compiled, Tri};
use crate::frame::mask::Mask;
use crate::frame::raw::{Body, FileShape, RawBatch, Record};
use crate::frame::schema;
use crate::model::{Column, Context, DataType, Encoding, SourceSpec, Table};

/// 2026-01-02 03:04:05.000006.
const NOW: i64 = 1_767_323_045_000_006;
const CONTEXT: Context = Context { today: 20_455, now: NOW };

fn table(columns: &[(&str, DataType)]) -> Table {
    Table {
        name: "t".into(),
        description: None,
        source: SourceSpec::default(),
        primary_key: None,
        columns: columns.iter().map(|(name, data_type)| Column::new(*name, data_type.clone())).collect(),
        rules: Vec::new(),
        generation: crate::model::TableGeneration::default(),
    }
}

fn batch(columns: Vec<ArrayRef>) -> Batch {
    let rows = columns[0].len();
    let record = Record { start: 0, len: 0, offset: 0, length: 0, line: 0, number: 1, fault: None };
    let file = FileShape {
        path: "t.csv".into(),
        partitions: Vec::new(),
        spec: SourceSpec::default(),
        encoding: Encoding::Utf8,
        names: Vec::new(),
        header: Vec::new(),
    };
    let body = Body::Delimited(crate::frame::Fields::new(0));
    let raw = RawBatch { file: Arc::new(file), text: Vec::new(), records: vec![record; rows], body };
    let (absent, unparsed) = (vec![false; columns.len()], vec![None; columns.len()]);
    Batch { raw, columns, absent, broken: Mask::new(rows), unparsed, faults: Vec::new() }
}

fn run(text: &str, table: &Table, batch: &Batch) -> Tri {
    let expression = expression::parse(text, table, true).unwrap_or_else(|trouble| panic!("{text}: {trouble:?}"));
    let compiled = Compiled::new(&[expression], table, &CONTEXT).unwrap();
    let value = compiled.evaluate(batch).unwrap_or_else(|error| panic!("{text}: {error}")).remove(0);
    let mut outside = value.truth.clone();
    outside.and_not(&value.known);
    assert!(!outside.any(), "{text}: truth outside known");
    value
}

/// One character a row: `1`, `0` or `?` for NULL.
fn show(value: &Tri) -> String {
    let cell = |row| match (value.known.get(row), value.truth.get(row)) {
        (false, _) => '?',
        (true, true) => '1',
        (true, false) => '0',
    };
    (0..value.known.len()).map(cell).collect()
}

/// Evaluates an expression over nothing.
fn constant(text: &str) -> char {
    let table = table(&[("x", DataType::Int8)]);
    let rows: ArrayRef = Arc::new(Int8Array::from(vec![1, 2, 3]));
    let shown = show(&run(text, &table, &batch(vec![rows])));
    let first = shown.chars().next().unwrap();
    assert!(shown.chars().all(|cell| cell == first), "{text}: {shown}");
    first
}

fn all_true(texts: &[&str]) {
    for text in texts {
        assert_eq!(constant(text), '1', "{text}");
    }
}

fn decimal(precision: u8, scale: u8) -> DataType {
    DataType::Decimal { precision, scale }
}

fn decimals(values: Vec<Option<i128>>, precision: u8, scale: i8) -> ArrayRef {
    Arc::new(Decimal128Array::from(values).with_precision_and_scale(precision, scale).unwrap())
}

#[test]
fn truth_tables_are_those_of_sql() {
    let table = table(&[("a", DataType::Bool), ("b", DataType::Bool)]);
    let (t, f) = (Some(true), Some(false));
    let a: ArrayRef = Arc::new(BooleanArray::from(vec![t, t, t, f, f, f, None, None, None]));
    let b: ArrayRef = Arc::new(BooleanArray::from(vec![t, f, None, t, f, None, t, f, None]));
    let batch = batch(vec![a, b]);
    for (text, wanted) in [
        ("a AND b", "10?000?0?"),
        ("a OR b", "11110?1??"),
        ("NOT a", "000111???"),
        ("NOT (a AND b)", "01?111?1?"),
        ("a = b", "10?01????"),
        ("a <> b", "01?10????"),
        ("a AND null", "???000???"),
        ("null OR a", "111??????"),
        ("a AND true", "111000???"),
        ("a OR false", "111000???"),
        ("a IS NULL", "000000111"),
        ("a IS NOT NULL", "111111000"),
        ("a IS TRUE", "111000000"),
        ("a IS NOT TRUE", "000111111"),
        ("a IS FALSE", "000111000"),
        ("a IS NOT FALSE", "111000111"),
        ("a IS UNKNOWN", "000000111"),
        ("a IS NOT UNKNOWN", "111111000"),
        ("a IS DISTINCT FROM b", "011101110"),
        ("a IS NOT DISTINCT FROM b", "100010001"),
        ("CASE WHEN a THEN b END", "10???????"),
        ("CASE WHEN a THEN b ELSE true END", "10?111111"),
        ("CASE a WHEN b THEN true ELSE false END", "100010000"),
        ("coalesce(a, b)", "11100010?"),
        ("nullif(a, b)", "?110?0???"),
        ("a IN (true, null)", "111??????"),
        ("a NOT IN (true, null)", "000??????"),
        ("a IN (b, false)", "10?111???"),
        ("null", "?????????"),
        ("true", "111111111"),
        ("null = null", "?????????"),
    ] {
        assert_eq!(show(&run(text, &table, &batch)), wanted, "{text}");
    }
}

#[test]
fn integers_never_wrap_or_round() {
    let table = table(&[("a", DataType::Int64), ("u", DataType::UInt64), ("s", DataType::Int8)]);
    let a: ArrayRef = Arc::new(Int64Array::from(vec![Some(i64::MAX), Some(i64::MIN), Some(-7), None]));
    let u: ArrayRef = Arc::new(UInt64Array::from(vec![u64::MAX, 0, 3, 4]));
    let s: ArrayRef = Arc::new(Int8Array::from(vec![127, -128, 2, 0]));
    let batch = batch(vec![a, u, s]);
    for (text, wanted) in [
        ("a + 1 > a", "111?"),
        ("a + 1 = 9223372036854775808", "100?"),
        ("-a = 9223372036854775808", "010?"),
        ("abs(a) = 9223372036854775808", "010?"),
        ("a * a = 85070591730234615847396907784232501249", "100?"),
        ("a < u", "111?"),
        ("u > 18446744073709551614", "1000"),
        ("u * u > 0", "0011"),
        ("u * u * u > 0", "0011"),
        ("s + s = 254", "1000"),
        ("s - 1 = -129", "0100"),
        ("a % 3 = -1", "001?"),
        ("a % u = -1", "001?"),
        ("a / 2 = -3.5", "001?"),
        ("7 % -3 = 1", "1111"),
        ("a BETWEEN -7 AND s", "001?"),
        ("a NOT BETWEEN -7 AND s", "110?"),
        ("a IN (1, -7, 2, 3, 4, 5, 6, 7, 8, 9)", "001?"),
        ("a NOT IN (1, -7, 2, 3, 4, 5, 6, 7, 8, null)", "??0?"),
        ("s / 0 = 1", "0000"),
        ("s % 0 = 1", "0000"),
        ("s / 0 IS NULL", "1111"),
        ("CASE WHEN u <> 0 THEN a / u END < 0", "0?1?"),
        ("u <> 0 AND a / u < 0", "001?"),
        ("cast(a as int8) = -7", "001?"),
        ("try_cast(a as int8) = -7", "??1?"),
        ("cast(s as uint8) = 127", "1000"),
    ] {
        assert_eq!(show(&run(text, &table, &batch)), wanted, "{text}");
    }
}

#[test]
fn decimals_are_exact_across_scales() {
    let table = table(&[("p", decimal(12, 2)), ("c", decimal(20, 6)), ("w", decimal(38, 0)), ("x", decimal(38, 37))]);
    let p = decimals(vec![Some(10), Some(-250), Some(199_999_999_999), None], 12, 2);
    let c = decimals(vec![Some(100_000), Some(-2_499_999), Some(1_999_999_999_990_001), Some(0)], 20, 6);
    let big = 10_i128.pow(38) - 1;
    let w = decimals(vec![Some(big), Some(-big), Some(0), Some(1)], 38, 0);
    let x = decimals(vec![Some(1), Some(-1), Some(0), Some(10_i128.pow(37))], 38, 37);
    let batch = batch(vec![p, c, w, x]);
    for (text, wanted) in [
        ("p = c", "100?"),
        ("p < c", "011?"),
        ("p <= c", "111?"),
        ("p = 0.1", "100?"),
        ("p = 0.10000", "100?"),
        ("p >= 1", "001?"),
        ("p > 0.09999999999999999999999999999999999999", "101?"),
        ("p + c = 0.2", "100?"),
        ("p * 3 = 0.3", "100?"),
        ("p * c = 0.01", "100?"),
        ("p * p = 6.25", "010?"),
        ("p - 0.1 = 0", "100?"),
        ("p % 1 = -0.5", "010?"),
        ("p % 0.03 = 0.01", "101?"),
        ("p / c = 1", "100?"),
        ("0.3 / p = 3.0", "100?"),
        ("-p = 2.5", "010?"),
        ("abs(p) = 2.5", "010?"),
        ("round(p) = -3", "010?"),
        ("round(p, 1) = 0.1", "100?"),
        ("round(p, -2) = 2000000000", "001?"),
        ("floor(p) = -3", "010?"),
        ("ceil(p) = -2", "010?"),
        ("ceil(p) = 1", "100?"),
        ("w > x", "1000"),
        ("w < x", "0100"),
        ("w = x", "0011"),
        ("w + 1 > 0", "0011"),
        ("w - w = 0", "1111"),
        ("w NOT IN (0.5, 0)", "1101"),
        ("x IN (1, w)", "0011"),
        ("coalesce(p, 0) = 0", "0001"),
        ("CASE WHEN p > 0 THEN p ELSE c END = 0.1", "1000"),
        ("p IN (0.1, -2.5, 7)", "110?"),
        ("p IN (1, 2, 3, 4, 5, 6, 7, 8, 0.1000, null)", "1???"),
        ("cast(p as int64) = -3", "010?"),
        ("cast(p as int32) > 0", "001?"),
        ("cast(p * 2 as int32) >= 0", "100?"),
        ("cast(p as decimal(4,1)) = -2.5", "010?"),
        ("cast(p as float64) = 0.1", "100?"),
        ("cast(p as string) = '-2.50'", "010?"),
    ] {
        assert_eq!(show(&run(text, &table, &batch)), wanted, "{text}");
    }
}

#[test]
fn nan_breaks_every_comparison() {
    let table =
        table(&[("f", DataType::Float64), ("g", DataType::Float32), ("i", DataType::Int64), ("d", decimal(5, 2))]);
    let f: ArrayRef =
        Arc::new(Float64Array::from(vec![Some(f64::NAN), Some(f64::INFINITY), Some(0.1), Some(2_f64.powi(53)), None]));
    let g: ArrayRef = Arc::new(Float32Array::from(vec![0.1, f32::NAN, 0.1, 1.5, 1.0]));
    let i: ArrayRef = Arc::new(Int64Array::from(vec![1, 1, 1, 9_007_199_254_740_993, 1]));
    let d = decimals(vec![Some(10); 5], 5, 2);
    let batch = batch(vec![f, g, i, d]);
    for (text, wanted) in [
        ("f > 0", "0011?"),
        ("f < 0", "0000?"),
        ("f <= 100 OR f > 100", "0011?"),
        ("NOT f > 0", "0000?"),
        ("NOT f < 0", "0011?"),
        ("f = f", "0011?"),
        ("f <> 7", "0011?"),
        ("f NOT IN (7, 8)", "0011?"),
        ("NOT f IN (7, 8)", "0011?"),
        ("f NOT BETWEEN 5 AND 6", "0011?"),
        ("f IS NULL", "00001"),
        ("f + 1 > 0", "0011?"),
        ("g = 0.1", "10100"),
        ("g <= 0.1", "10100"),
        ("g IN (0.1, 1.5)", "10110"),
        ("f >= 0.1", "0011?"),
        ("f = 0.1", "0010?"),
        ("f < i", "0011?"),
        ("f = i", "0000?"),
        ("i > f", "0011?"),
        ("f = d", "0010?"),
        ("d = f", "0010?"),
        ("f / 0 > 0", "0000?"),
        ("f * 1e308 * 1e308 > 0", "0000?"),
        ("round(f, 1) = 0.1", "0010?"),
        ("round(g) = 2", "00010"),
        ("floor(f) = 0", "0010?"),
        ("ceil(f) = 1", "0010?"),
        ("abs(-f) = 0.1", "0010?"),
        ("cast(f as int64) > 0", "0001?"),
        ("cast(f as decimal(3,1)) = 0.1", "0010?"),
        ("f % 0.04 < 0.021", "0011?"),
    ] {
        assert_eq!(show(&run(text, &table, &batch)), wanted, "{text}");
    }
}

#[test]
fn text_is_bytes_and_code_points() {
    let table = table(&[("a", DataType::String), ("b", DataType::Binary), ("n", DataType::Int8)]);
    let a: ArrayRef = Arc::new(StringArray::from(vec![Some("Zoë"), Some(" x%_ "), Some(""), Some("a\nB"), None]));
    let b: ArrayRef = Arc::new(BinaryArray::from(vec![Some(&b"\x00\xff"[..]), Some(b"x"), Some(b""), None, None]));
    let n: ArrayRef = Arc::new(Int8Array::from(vec![Some(2), Some(0), Some(-1), None, Some(1)]));
    let batch = batch(vec![a, b, n]);
    for (text, wanted) in [
        ("a = 'Zoë'", "1000?"),
        ("a < 'a'", "1110?"),
        ("a > ''", "1101?"),
        ("length(a) = 3", "1001?"),
        ("length(b) = 2", "100??"),
        ("lower(a) = 'zoë'", "1000?"),
        ("upper(a) = 'ZOË'", "1000?"),
        ("trim(a) = 'x%_'", "0100?"),
        ("a || '!' = 'Zoë!'", "1000?"),
        ("a || null = ''", "?????"),
        ("starts_with(a, 'Z')", "1000?"),
        ("ends_with(a, 'ë')", "1000?"),
        ("contains(a, '%')", "0100?"),
        ("contains('xyZoëx', a)", "1010?"),
        ("substring(a, 2) = 'oë'", "1000?"),
        ("substring(a, 2, 1) = 'o'", "1000?"),
        ("substring(a from 0 for 2) = 'Z'", "1000?"),
        ("substr(a, n, 1) = ''", "011??"),
        ("substring(a, 9, 9) = ''", "1111?"),
        ("substring(a, 1, -5) = ''", "1111?"),
        ("a LIKE 'Z%'", "1000?"),
        ("a LIKE 'z%'", "0000?"),
        ("a ILIKE 'zoË'", "1000?"),
        ("a LIKE '__ë'", "1000?"),
        ("a LIKE '%\\%\\_%'", "0100?"),
        ("a LIKE '%!%%' ESCAPE '!'", "0100?"),
        ("a LIKE 'a%B'", "0001?"),
        ("a LIKE ''", "0010?"),
        ("a LIKE '%'", "1111?"),
        ("a LIKE '.*'", "0000?"),
        ("a NOT LIKE 'Z%'", "0111?"),
        ("a IN ('Zoë', '')", "1010?"),
        ("a IN ('Zoë', '', '1', '2', '3', '4', '5', '6', null)", "1?1??"),
        ("b = X'00ff'", "100??"),
        ("b < X'01'", "101??"),
        ("a IS NOT NULL", "11110"),
        ("coalesce(a, 'none') = 'none'", "00001"),
        ("nullif(a, '') IS NULL", "00101"),
        ("cast(b as string) = 'x'", "010??"),
        ("cast(a as binary) = X''", "0010?"),
        ("CASE a WHEN 'Zoë' THEN 1 WHEN '' THEN 2 END = 2", "0?1??"),
        ("cast(a as int64) = 1", "0000?"),
        ("try_cast(a as int64) = 1", "?????"),
    ] {
        assert_eq!(show(&run(text, &table, &batch)), wanted, "{text}");
    }
}

#[test]
fn moments_are_compared_and_taken_apart() {
    let table = table(&[
        ("d", DataType::Date),
        ("t", DataType::Timestamp),
        ("z", DataType::TimestampTz),
        ("c", DataType::Time),
        ("s", DataType::String),
    ]);
    let day = 86_400_000_000;
    let moments = |values: [i64; 4]| TimestampMicrosecondArray::from(values.to_vec());
    let batch = batch(vec![
        Arc::new(Date32Array::from(vec![Some(20_455), Some(-1), Some(2_932_896), None])),
        Arc::new(moments([20_455 * day, -1, NOW, 0])),
        Arc::new(moments([NOW, 0, 20_455 * day, -day]).with_timezone("UTC")),
        Arc::new(Time64MicrosecondArray::from(vec![0, day - 1, 3_723_000_000, 1])),
        Arc::new(StringArray::from(vec!["2026-01-02", "2026-01-02 01:00:00", "2026-02-30", "2026-01-02T00:00:00Z"])),
    ]);
    for (text, wanted) in [
        ("d = '2026-01-02'", "100?"),
        ("d = date '2026-01-02'", "100?"),
        ("d IN ('2026-01-02', '1969-12-31')", "110?"),
        ("d BETWEEN '1969-12-31' AND '2026-01-02'", "110?"),
        ("d = today", "100?"),
        ("d <= current_date", "110?"),
        ("t < now()", "1101"),
        ("t = now", "0010"),
        ("z = now", "1000"),
        ("d = t", "100?"),
        ("d < z", "110?"),
        ("date(t) = d", "110?"),
        ("date(s) = '2026-01-02'", "1100"),
        ("d + 1 = '2026-01-03'", "100?"),
        ("d - 1 = '2026-01-01'", "100?"),
        ("d + 1 > d", "110?"),
        ("d - date '1970-01-01' = -1", "010?"),
        ("d - '1970-01-01' > 20000", "101?"),
        ("year(d) = 2026 AND month(d) = 1 AND day(d) = 2", "100?"),
        ("year(t) = 1969 AND month(t) = 12 AND day(t) = 31", "0100"),
        ("hour(t) = 23 AND minute(t) = 59 AND second(t) = 59", "0100"),
        ("hour(c) = 1 AND minute(c) = 2 AND second(c) = 3", "0010"),
        ("extract(hour from z) = 3", "1000"),
        ("c > '23:59:59'", "0100"),
        ("c = time '00:00:00'", "1000"),
        ("t >= '2026-01-02 00:00:00'", "1010"),
        ("t = '2026-01-02'", "1000"),
        ("z >= '2026-01-02T01:00:00+01:00'", "1010"),
        ("cast(t as date) = today", "1010"),
        ("cast(t as time) = '23:59:59.999999'", "0100"),
        ("cast(d as timestamp) = t", "100?"),
        ("cast(d as string) = '1969-12-31'", "010?"),
        ("cast(t as string) = '2026-01-02 03:04:05.000006'", "0010"),
        ("cast(s as date) = today", "1100"),
        ("cast(s as timestamp) = '2026-01-02'", "1000"),
        ("cast(t as timestamptz) = z", "0000"),
        ("coalesce(d, '2000-01-01') = '2000-01-01'", "0001"),
        ("nullif('2026-01-02', d) IS NULL", "1000"),
        ("nullif('2026-01-02', d) + 1 > today", "?111"),
        ("nullif(d, t) > now", "?01?"),
        ("CASE WHEN d IS NULL THEN '2000-01-01' ELSE d END = '2000-01-01'", "0001"),
    ] {
        assert_eq!(show(&run(text, &table, &batch)), wanted, "{text}");
    }
}

#[test]
fn constants_are_computed() {
    all_true(&[
        "9223372036854775807 + 1 = 9223372036854775808",
        "0.1 + 0.2 = 0.3",
        "1.0 = 1 AND 1.00 = 1.0",
        "1 / 2 = 0.5",
        "-(-5) = 5 AND - 5 = -5",
        "round(2.5) = 3 AND round(-2.5) = -3 AND round(2.345, 2) = 2.35",
        "round(1250, -2) = 1300 AND round(0.004, 2) = 0",
        "floor(-0.5) = -1 AND ceil(-0.5) = 0 AND ceiling(0.1) = 1",
        "round(0.15e0, 1) = 0.2e0 OR round(0.15e0, 1) = 0.1e0",
        "cast(1.5 as int8) = 2 AND cast(-1.5 as int8) = -2 AND cast(0.15e0 as decimal(3,1)) = 0.2",
        "cast('12' as int64) = 12 AND cast('1.005' as decimal(5,2)) = 1.01 AND cast('1e2' as float64) = 100",
        "cast(true as string) = 'true' AND cast('FALSE' as bool) = false",
        "cast(1 as string) = '1' AND cast(1.50 as string) = '1.50' AND cast(0.5e0 as string) = '0.5'",
        "cast('x' as int64) IS NULL AND try_cast('12x' as int64) IS NULL",
        "coalesce(null, null, 3) = 3 AND coalesce(null, null) IS NULL",
        "nullif(1, 1) IS NULL AND nullif(1, 2) = 1 AND nullif(1, 1.0) IS NULL",
        "CASE WHEN false THEN 1 ELSE 2.5 END = 2.5 AND CASE 3 WHEN 3 THEN 'a' ELSE 'b' END = 'a'",
        "CASE WHEN 1 = 1 THEN true ELSE cast('x' as bool) END",
        "1 IN (2, 1) AND 1 NOT IN (2, 3) AND (1 IN (2, null)) IS NULL",
        "date '9999-12-31' + 1 IS NULL AND today - today = 0 AND year(now) = 2026",
        "length('héé') = 3 AND length('') = 0 AND char_length('ab') = 2",
        "'a' || 'b' || 'c' = 'abc'",
        "99999999999999999999999999999999999999 + 1 IS NULL",
        "cast(16777217 as float32) = 16777216 AND cast(0.1e0 as float32) = 0.1",
        "cast(1e300 as int64) IS NULL AND cast(1e300 as float32) IS NULL",
    ]);
    for text in
        ["1 / 0 = 1", "cast('x' as int64) = 1", "date '9999-12-31' + 1 > today", "NOT 1 / 0 = 1", "1 / 0 > 1 AND true"]
    {
        assert_eq!(constant(text), '0', "{text}");
    }
    for text in ["try_cast('x' as int64) = 1", "null > 1", "nullif(1, 1) = 1", "CASE WHEN false THEN 1 / 0 END = 1"] {
        assert_eq!(constant(text), '?', "{text}");
    }
}

#[test]
fn deep_expressions_run() {
    assert_eq!(constant(&format!("1{} = 121", " + 1".repeat(120))), '1');
    assert_eq!(constant(&format!("{}true{}", "coalesce(".repeat(40), ", false)".repeat(40))), '1');
    assert_eq!(constant(&format!("NOT (false{}) AND true", " OR x = 9".repeat(900))), '1');
    assert_eq!(constant(&format!("{}x = 9{}", "NOT (".repeat(20), ")".repeat(20))), '0');
}

#[test]
fn lists_have_a_length_or_are_null() {
    let item = Column::new("item", DataType::Int64);
    let fields = vec![Column::new("x", DataType::Int64)];
    let table = table(&[("l", DataType::List(Box::new(item))), ("s", DataType::Struct(fields))]);
    let lists = vec![Some(vec![Some(1), None]), Some(vec![]), None];
    let l: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists));
    let x: ArrayRef = Arc::new(Int64Array::from(vec![None, Some(1), Some(1)]));
    let nulls = arrow_buffer::NullBuffer::from(vec![true, true, false]);
    let arrow_schema::DataType::Struct(fields) = schema::arrow_type(&table.columns[1].data_type) else { panic!() };
    let s: ArrayRef = Arc::new(StructArray::new(fields, vec![x], Some(nulls)));
    let batch = batch(vec![l, s]);
    for (text, wanted) in
        [("length(l) > 1", "10?"), ("length(l) = 0", "01?"), ("l IS NULL", "001"), ("s IS NOT NULL", "110")]
    {
        assert_eq!(show(&run(text, &table, &batch)), wanted, "{text}");
    }
}

#[test]
fn many_expressions_share_their_columns() {
    let table = table(&[("unused", DataType::String), ("b", DataType::Int64), ("a", DataType::Int64)]);
    let unused: ArrayRef = Arc::new(StringArray::from(vec!["x"; 3]));
    let ints = |values: Vec<i64>| Arc::new(Int64Array::from(values)) as ArrayRef;
    let batch = batch(vec![unused, ints(vec![1, 2, 3]), ints(vec![3, 2, 1])]);
    let texts = ["a > b", "b > a", "a = b", "true"];
    let expressions: Vec<_> = texts.iter().map(|text| expression::parse(text, &table, true).unwrap()).collect();
    let compiled = Compiled::new(&expressions, &table, &CONTEXT).unwrap();
    let shown: Vec<String> = compiled.evaluate(&batch).unwrap().iter().map(show).collect();
    assert_eq!(shown, ["100", "001", "010", "111"]);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(show(&compiled.evaluate(&batch).unwrap()[0]), "100"));
        }
    });
    let none = self::batch(vec![ints(vec![]), ints(vec![]), ints(vec![])]);
    assert_eq!(compiled.evaluate(&none).unwrap(), vec![Tri::default(); 4]);
    assert!(Compiled::new(&[], &table, &CONTEXT).unwrap().evaluate(&batch).unwrap().is_empty());
}

mod reference;
mod sound;

fn array<T: ArrowPrimitiveType>(values: Vec<Option<T::Native>>) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::from_iter(values))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_expressions_agree_with_the_reference(
        asked in reference::truth(),
        rows in prop::collection::vec(reference::row(), 1..20),
    ) {
        let table = table(&[("a", DataType::Int64), ("b", DataType::Int64), ("p", DataType::Bool), ("q", DataType::Bool)]);
        let ints = |pick: fn(&reference::Row) -> Option<i64>| array::<Int64Type>(rows.iter().map(pick).collect());
        let bools = |pick: fn(&reference::Row) -> Option<bool>| {
            Arc::new(rows.iter().map(pick).collect::<BooleanArray>()) as ArrayRef
        };
        let columns = vec![ints(|row| row.a), ints(|row| row.b), bools(|row| row.p), bools(|row| row.q)];
        let text = asked.to_string();
        let found = show(&run(&text, &table, &batch(columns)));
        let wanted: String = rows
            .iter()
            .map(|row| match asked.evaluate(row) {
                Some(true) => '1',
                Some(false) => '0',
                None => '?',
            })
            .collect();
        prop_assert_eq!(found, wanted, "{}", text);
    }
}
