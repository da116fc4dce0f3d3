//! Values arrive exactly, and come back as they were.

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int8Array,
    Int16Array, Int32Array, Int64Array, StringArray, Time64MicrosecondArray, TimestampMicrosecondArray, UInt8Array,
    UInt16Array, UInt32Array, UInt64Array,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;
use crate::frame::schema;
use crate::io::target::fixtures::{held, load, products, rows, texts};
use crate::model::{Column, DataType};

fn every_type() -> Table {
    let mut table = products();
    (table.name, table.primary_key) = ("every".to_owned(), None);
    let item = DataType::List(Box::new(Column::new("item", DataType::String)));
    let types = [
        DataType::Bool,
        DataType::Int8,
        DataType::Int16,
        DataType::Int32,
        DataType::Int64,
        DataType::UInt8,
        DataType::UInt16,
        DataType::UInt32,
        DataType::UInt64,
        DataType::Float32,
        DataType::Float64,
        DataType::Decimal { precision: 38, scale: 0 },
        DataType::Decimal { precision: 38, scale: 38 },
        DataType::Decimal { precision: 19, scale: 7 },
        DataType::String,
        DataType::Date,
        DataType::Time,
        DataType::Timestamp,
        DataType::TimestampTz,
        DataType::Binary,
        item,
    ];
    table.columns =
        types.into_iter().enumerate().map(|(n, data_type)| Column::new(format!("c{n}"), data_type)).collect();
    table
}

/// What one row is made of.
#[derive(Debug, Clone)]
struct Row {
    bits: u64,
    wide: i128,
    real: f64,
    text: String,
    bytes: Vec<u8>,
    day: i32,
    moment: i64,
}

fn row() -> impl Strategy<Value = Option<Row>> {
    let bits = prop_oneof![Just(0), Just(u64::MAX), Just(1 << 63), Just(u64::MAX >> 1), any::<u64>()];
    let most = 10_i128.pow(38) - 1;
    let wide = prop_oneof![Just(most), Just(-most), Just(0), -most..=most, -10_000_i128..10_000];
    let real = prop_oneof![any::<f64>(), Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY), Just(-0.0)];
    let day = prop_oneof![Just(-2_451_545 + 10_957), Just(2_145_031_948), -700_000..3_000_000];
    let first = -211_813_488_000_000_000_i64 + 946_684_800_000_000;
    let moment = prop_oneof![Just(first), Just(i64::MAX), first..i64::MAX];
    let text = prop_oneof!["[^\\x00]{0,12}", Just("NULL".to_owned()), Just("\\N\n\t\\.".to_owned())];
    let some = (bits, wide, real, text, proptest::collection::vec(any::<u8>(), 0..9), day, moment);
    let some = some.prop_map(|(bits, wide, real, text, bytes, day, moment)| Row {
        bits,
        wide,
        real,
        text,
        bytes,
        day,
        moment,
    });
    proptest::option::weighted(0.9, some)
}

#[expect(clippy::cast_possible_truncation, reason = "the low bits are as good as any")]
fn batch_of(given: &[Option<Row>]) -> RecordBatch {
    fn each<T>(given: &[Option<Row>], f: impl Fn(&Row) -> T) -> Vec<Option<T>> {
        given.iter().map(|row| row.as_ref().map(&f)).collect()
    }
    let decimal = |values: Vec<Option<i128>>, precision, scale| -> ArrayRef {
        Arc::new(Decimal128Array::from(values).with_precision_and_scale(precision, scale).unwrap())
    };
    let mut lists = ListBuilder::new(StringBuilder::new());
    for row in given {
        if let Some(row) = row {
            lists.values().append_value(&row.text);
            lists.values().append_null();
        }
        lists.append(row.is_some());
    }
    let columns: Vec<ArrayRef> = vec![
        Arc::new(BooleanArray::from(each(given, |row| row.bits % 2 == 0))),
        Arc::new(Int8Array::from(each(given, |row| row.bits as i8))),
        Arc::new(Int16Array::from(each(given, |row| row.bits as i16))),
        Arc::new(Int32Array::from(each(given, |row| row.bits as i32))),
        Arc::new(Int64Array::from(each(given, |row| row.bits.cast_signed()))),
        Arc::new(UInt8Array::from(each(given, |row| row.bits as u8))),
        Arc::new(UInt16Array::from(each(given, |row| row.bits as u16))),
        Arc::new(UInt32Array::from(each(given, |row| row.bits as u32))),
        Arc::new(UInt64Array::from(each(given, |row| row.bits))),
        Arc::new(Float32Array::from(each(given, |row| row.real as f32))),
        Arc::new(Float64Array::from(each(given, |row| row.real))),
        decimal(each(given, |row| row.wide), 38, 0),
        decimal(each(given, |row| row.wide), 38, 38),
        decimal(each(given, |row| row.wide % 10_i128.pow(19)), 19, 7),
        Arc::new(StringArray::from(each(given, |row| row.text.clone()))),
        Arc::new(Date32Array::from(each(given, |row| row.day))),
        Arc::new(Time64MicrosecondArray::from(each(given, |row| (row.bits % 86_400_000_000).cast_signed()))),
        Arc::new(TimestampMicrosecondArray::from(each(given, |row| row.moment))),
        Arc::new(TimestampMicrosecondArray::from(each(given, |row| row.moment)).with_timezone("UTC")),
        Arc::new(BinaryArray::from_iter(given.iter().map(|row| row.as_ref().map(|row| row.bytes.clone())))),
        Arc::new(lists.finish()),
    ];
    RecordBatch::try_new(schema::schema(&every_type()), columns).unwrap()
}

/// The extremes of every type and all between, there and back: by the driver of the sink, and compared as values.
#[test]
fn every_value_comes_back() {
    let shop = Shop::new();
    let contract = contract(vec![every_type()]);
    let mut runner = TestRunner::new(Config { cases: 12, failure_persistence: None, ..Config::default() });
    let number = std::cell::Cell::new(0);
    let rows = proptest::collection::vec(row(), 0..60);
    let ran = runner.run(&rows, |given| {
        number.set(number.get() + 1);
        let batch = batch_of(&given);
        // `\u0000` in JSON cannot come up: the texts hold none.
        let loaded =
            load(&shop.to(), &format!("n{}", number.get()), &contract, Mode::Replace, std::slice::from_ref(&batch));
        prop_assert!(loaded.is_ok(), "{:?}", loaded.err().map(|error| error.to_string()));
        prop_assert_eq!(held(&shop.to(), &contract, &every_type()), texts(&batch));
        Ok(())
    });
    ran.unwrap();
}

#[test]
fn values_are_what_the_server_shows() {
    let shop = Shop::new();
    load(&shop.to(), "a", &contract(vec![products()]), Mode::Append, &[rows(&[(1, Some(2))])]).unwrap();
    let row = shop.run(
        "SELECT concat_ws('|', price, wide, listed_on, opens, \"at\", extract(epoch FROM seen), big, ratio, encode(raw, 'hex'), \
         tags, basket->0->>'price', place->>'city', length(\"sku \"\"x\"\", y\")) FROM products",
    );
    assert_eq!(
        row,
        [
            "-99999999.85|-99999999999999999999999999999999.999997|1962-05-03|00:00:02.000006|1970-01-02 23:59:59.999997|\
          172800.000002|18446744073709551613|0.2857142857142857|ffff|[\"tag 0\", null]|9223372036854775807|city 2|7"
        ]
    );
}

#[test]
fn moments_out_of_range_are_refused_by_their_row() {
    let shop = Shop::new();
    let mut table = products();
    table.primary_key = None;
    table.columns = vec![Column::new("day", DataType::Date), Column::new("moment", DataType::Timestamp)];
    let days: ArrayRef = Arc::new(Date32Array::from(vec![i32::MIN, 0, i32::MAX, -2_440_589, 1, 2]));
    let moments = vec![0, i64::MIN, 1, 2, 9_223_371_331_200_000_000, i64::MAX];
    let moments: ArrayRef = Arc::new(TimestampMicrosecondArray::from(moments));
    let batch = RecordBatch::try_new(schema::schema(&table), vec![days, moments]).unwrap();
    let (taken, refused) = load_table(&shop.to(), "a", &table, Mode::Append, &[batch]).unwrap();
    // What 64 bits of microseconds reach from 1970 ends before PostgreSQL's time does.
    assert_eq!(taken.loaded, 2);
    assert_eq!(refused.iter().map(|refused| refused.row).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(refused[0].column.as_deref(), Some("day"));
}

#[test]
fn columns_of_other_types_take_what_they_can_hold() {
    let shop = Shop::new();
    shop.run(
        "CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE DOMAIN deep AS varchar(5); CREATE DOMAIN deeper AS deep; \
         CREATE TABLE products (a uuid, b mood, c jsonb, d json, e deeper, f char(3), g numeric, h integer, i double precision)",
    );
    let mut table = products();
    table.primary_key = None;
    let of = |name: &str, data_type| Column::new(name, data_type);
    let mut columns: Vec<Column> =
        ["a", "b", "c", "d", "e", "f"].iter().map(|name| of(name, DataType::String)).collect();
    columns.extend([of("g", DataType::UInt64), of("h", DataType::Int64), of("i", DataType::Float32)]);
    table.columns = columns;
    let text = |values: Vec<&str>| -> ArrayRef { Arc::new(StringArray::from(values)) };
    let arrays: Vec<ArrayRef> = vec![
        text(vec!["A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "no uuid", "a0eebc999c0b4ef8bb6d6bb9bd380a11"]),
        text(vec!["glad", "sad", "angry"]),
        text(vec!["{\"b\": 1.50, \"a\": []}", "1", "2"]),
        text(vec!["[1,  2]", "1", "2"]),
        text(vec!["12345", "x", "y"]),
        text(vec!["abc", "x", "y"]),
        Arc::new(UInt64Array::from(vec![u64::MAX, 1, 2])),
        Arc::new(Int64Array::from(vec![-5, 1, 2])),
        Arc::new(Float32Array::from(vec![0.5, 1.0, 2.0])),
    ];
    let batch = RecordBatch::try_new(schema::schema(&table), arrays).unwrap();
    let (taken, refused) = load_table(&shop.to(), "a", &table, Mode::Append, &[batch]).unwrap();
    assert_eq!(taken.loaded, 1);
    assert_eq!(refused.iter().map(|refused| refused.row).collect::<Vec<_>>(), [1, 2]);
    assert!(refused[1].message.contains("angry"), "{refused:?}");
    assert_eq!(
        shop.run("SELECT * FROM products"),
        [
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|glad|{\"a\": [], \"b\": 1.50}|[1,  2]|12345|abc|18446744073709551615|-5|0.5"
        ]
    );
    let contract = contract(vec![table.clone()]);
    assert_eq!(held(&shop.to(), &contract, &table).len(), 1);
}
