//! Records of JSON to columns.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int32Type, Int64Type, Time64MicrosecondType,
    TimestampMicrosecondType, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_cast::display::array_value_to_string;
use proptest::prelude::*;

use crate::frame::layout::Origin;
use crate::frame::raw::{Body, FileShape, RawBatch, Record};
use crate::frame::{Batch, json, schema};
use crate::model::{Column, DataType, Encoding, Format, ParseCode, SourceSpec, Table};

fn column(name: &str, data_type: &str) -> Column {
    Column::new(name, DataType::parse_scalar(data_type).expect("type"))
}

fn list(name: &str, item: Column) -> Column {
    Column::new(name, DataType::List(Box::new(item)))
}

fn structure(name: &str, fields: Vec<Column>) -> Column {
    Column::new(name, DataType::Struct(fields))
}

fn spec() -> SourceSpec {
    SourceSpec { format: Format::Ndjson, ..SourceSpec::default() }
}

pub(super) fn table(columns: Vec<Column>, source: SourceSpec) -> Table {
    Table {
        name: String::from("t"),
        description: None,
        source,
        primary_key: None,
        columns,
        rules: Vec::new(),
        generation: crate::model::TableGeneration::default(),
    }
}

pub(super) fn raw(records: &[&[u8]], source: &SourceSpec) -> RawBatch {
    let mut text = Vec::new();
    let mut found = Vec::new();
    for (row, record) in records.iter().enumerate() {
        let (start, len) = (text.len(), record.len());
        found.push(Record {
            start,
            len,
            offset: start as u64,
            length: len as u64,
            line: row as u64 + 1,
            number: row as u64 + 1,
            fault: None,
        });
        text.extend_from_slice(record);
    }
    let file = FileShape {
        path: String::from("t.json"),
        partitions: Vec::new(),
        spec: source.clone(),
        encoding: Encoding::Utf8,
        names: Vec::new(),
        header: Vec::new(),
    };
    RawBatch { file: Arc::new(file), text, records: found, body: Body::Json }
}

fn parse_with(records: &[&[u8]], columns: Vec<Column>, source: SourceSpec) -> Batch {
    let raw = raw(records, &source);
    let table = table(columns, source);
    let origins = vec![Origin::Key; table.columns.len()];
    let batch = json::parse(raw, &table, &origins);
    check(&batch, &table);
    batch
}

/// Holds what every batch must hold.
fn check(batch: &Batch, table: &Table) {
    let schema = schema::schema(table);
    assert_eq!(batch.columns.len(), table.columns.len());
    for (index, column) in batch.columns.iter().enumerate() {
        assert_eq!(column.data_type(), schema.field(index).data_type());
        assert_eq!(column.len(), batch.len());
        column.to_data().validate_full().expect("valid array");
        for row in 0..batch.len() {
            let unparsed = batch.unparsed[index].as_ref().is_some_and(|mask| mask.get(row));
            let faulty = batch.faults.iter().any(|fault| fault.row == row && fault.column == Some(index));
            assert_eq!(unparsed, faulty, "column {index}, row {row}");
            assert!(!(unparsed && batch.broken.get(row)));
            assert!(column.is_null(row) || !unparsed && !batch.broken.get(row));
        }
    }
    for row in 0..batch.len() {
        let faulty = batch.faults.iter().any(|fault| fault.row == row && fault.column.is_none());
        assert_eq!(batch.broken.get(row), faulty);
    }
    assert!(batch.faults.is_sorted_by_key(|fault| (fault.row, fault.column)));
}

fn parse(records: &[&str], columns: Vec<Column>) -> Batch {
    let lines: Vec<String> = records.iter().map(|record| format!("{record}\n")).collect();
    let lines: Vec<&[u8]> = lines.iter().map(String::as_bytes).collect();
    parse_with(&lines, columns, spec())
}

fn one(value: &str, column: Column) -> Batch {
    parse(&[&format!("{{\"{}\": {value}}}", column.name)], vec![column])
}

/// Gives the code of the only fault of a value, `None` where it parses.
fn code(value: &str, column: Column) -> Option<ParseCode> {
    let batch = one(value, column);
    assert!(batch.faults.len() < 2, "{:?}", batch.faults);
    batch.faults.first().map(|fault| fault.code)
}

fn record_code(record: &[u8]) -> Option<ParseCode> {
    let batch = parse_with(&[record], vec![column("a", "int64")], spec());
    batch.faults.iter().find(|fault| fault.column.is_none()).map(|fault| fault.code)
}

fn shown(array: &ArrayRef) -> Vec<String> {
    (0..array.len())
        .map(
            |row| {
                if array.is_null(row) { String::from("NULL") } else { array_value_to_string(array, row).expect("text") }
            },
        )
        .collect()
}

#[test]
fn scalars_are_read_by_their_type() {
    let date = Column { format: Some(String::from("%d.%m.%Y")), ..column("d", "date") };
    let hex = Column { format: Some(String::from("hex")), ..column("h", "binary") };
    let columns = vec![
        column("i", "int64"),
        column("u", "uint64"),
        column("t", "int8"),
        column("f", "float64"),
        column("g", "float32"),
        column("m", "decimal(12,2)"),
        column("s", "string"),
        date,
        column("w", "time"),
        column("z", "timestamptz"),
        column("b", "bool"),
        column("x", "binary"),
        hex,
    ];
    let record = r#"{"i":-9223372036854775808,"u":18446744073709551615,"t":127,"f":1.5e3,"g":0.1,"m":1234567890.5,"s":"a\n\u00e9",
        "d":"31.12.1999","w":"01:02:03.5","z":"2026-01-01T00:00:00+02:00","b":true,"x":"Zm9v","h":"00ff"}"#;
    let batch = parse(&[record.replace('\n', " ").as_str()], columns);
    assert_eq!(batch.faults, []);
    let at = |index: usize| &batch.columns[index];
    assert_eq!(at(0).as_primitive::<Int64Type>().value(0), i64::MIN);
    assert_eq!(at(1).as_primitive::<UInt64Type>().value(0), u64::MAX);
    assert_eq!(at(2).as_primitive::<Int8Type>().value(0), 127);
    assert_eq!(at(3).as_primitive::<Float64Type>().value(0).to_bits(), 1500.0_f64.to_bits());
    assert_eq!(at(4).as_primitive::<Float32Type>().value(0).to_bits(), 0.1_f32.to_bits());
    assert_eq!(at(5).as_primitive::<Decimal128Type>().value(0), 123_456_789_050);
    assert_eq!(at(6).as_string::<i32>().value(0), "a\né");
    assert_eq!(at(7).as_primitive::<Date32Type>().value(0), 10_956);
    assert_eq!(at(8).as_primitive::<Time64MicrosecondType>().value(0), 3_723_500_000);
    assert_eq!(at(9).as_primitive::<TimestampMicrosecondType>().value(0), 1_767_218_400_000_000);
    assert!(at(10).as_boolean().value(0));
    assert_eq!(at(11).as_binary::<i32>().value(0), b"foo");
    assert_eq!(at(12).as_binary::<i32>().value(0), [0, 255]);
}

#[test]
fn numbers_are_exact() {
    use ParseCode::{DecimalRange, IntegerRange, JsonType, NotDecimal, NotFinite, NotInteger};
    for (value, data_type, wanted) in [
        ("128", "int8", Some(IntegerRange)),
        ("-1", "uint8", Some(IntegerRange)),
        ("-0", "int8", None),
        ("9223372036854775808", "int64", Some(IntegerRange)),
        ("1.0", "int64", Some(NotInteger)),
        ("1e2", "int64", Some(NotInteger)),
        ("\"9223372036854775807\"", "int64", None),
        ("\"1e2\"", "int64", Some(NotInteger)),
        ("\"1\"", "int32", Some(JsonType)),
        ("\"x\"", "int64", Some(NotInteger)),
        ("12.50", "decimal(4,2)", None),
        ("12.500", "decimal(4,2)", None),
        ("12.505", "decimal(4,2)", Some(DecimalRange)),
        ("1e2", "decimal(5,2)", None),
        ("125e-2", "decimal(4,2)", None),
        ("1e999999999999999999999", "decimal(38,0)", Some(DecimalRange)),
        ("0e999999999999999999999", "decimal(38,0)", None),
        ("\"12.50\"", "decimal(4,2)", None),
        ("\"1e1\"", "decimal(4,2)", Some(NotDecimal)),
        ("\"\"", "decimal(4,2)", Some(NotDecimal)),
        ("99999999999999999999999999999999999999", "decimal(38,0)", None),
        ("1e400", "float64", Some(NotFinite)),
        ("1e39", "float32", Some(NotFinite)),
        ("\"1\"", "float64", Some(JsonType)),
        ("5", "float64", None),
    ] {
        assert_eq!(code(value, column("a", data_type)), wanted, "{value} as {data_type}");
    }
    let batch = one("0.1000000000000000055511151231257827", column("a", "decimal(38,34)"));
    assert_eq!(shown(&batch.columns[0]), ["0.1000000000000000055511151231257827"]);
    let fault = &one("1.0", column("a", "int64")).faults[0];
    assert_eq!((fault.value.as_deref(), &*fault.detail), (Some("1.0"), "has a decimal point"));
}

#[test]
fn types_are_not_mixed() {
    for (value, data_type) in [
        ("1", "bool"),
        ("\"true\"", "bool"),
        ("true", "int64"),
        ("1", "string"),
        ("true", "string"),
        ("{}", "string"),
        ("[1]", "int64"),
        ("20260101", "date"),
        ("1", "binary"),
        ("{\"a\":[1,{}]}", "float64"),
    ] {
        assert_eq!(code(value, column("a", data_type)), Some(ParseCode::JsonType), "{value} as {data_type}");
    }
    let fault = &one("[1, 2]", column("a", "string")).faults[0];
    assert_eq!((&*fault.path, fault.value.as_deref()), ("a", Some("[1, 2]")));
    assert_eq!(fault.detail, "is an array where text is promised");
    assert_eq!(code("1", list("a", column("item", "int64"))), Some(ParseCode::JsonType));
    assert_eq!(code("[]", structure("a", Vec::new())), Some(ParseCode::JsonType));
    assert_eq!(code("\"2026-02-30\"", column("a", "date")), Some(ParseCode::NotDate));
    assert_eq!(code("\"25:00:00\"", column("a", "time")), Some(ParseCode::NotTime));
    assert_eq!(code("\"\"", column("a", "timestamp")), Some(ParseCode::NotTimestamp));
    assert_eq!(code("\"?\"", column("a", "binary")), Some(ParseCode::NotBinary));
}

#[test]
fn null_is_null_missing_or_listed_and_never_empty() {
    let source = SourceSpec { null_values: vec![String::new(), String::from("N/A")], ..spec() };
    let records: [&[u8]; 6] = [
        b"{\"a\":null}\n",
        b"{}\n",
        b"{\"a\":\"\"}\n",
        b"{\"a\":\"N/A\"}\n",
        b"{\"a\":\"N\\u002fA\"}\n",
        b"{\"b\":1}\n",
    ];
    let batch = parse_with(&records, vec![column("a", "string")], source.clone());
    assert_eq!(shown(&batch.columns[0]), ["NULL", "NULL", "", "NULL", "NULL", "NULL"]);
    assert_eq!(batch.faults, []);
    let batch = parse_with(&[b"{\"a\":\"N/A\"}"], vec![column("a", "date")], source);
    assert_eq!((shown(&batch.columns[0]), batch.faults.len()), (vec![String::from("NULL")], 0));
}

fn basket() -> Vec<Column> {
    let item = structure("item", vec![column("product_id", "string"), column("price", "int64")]);
    vec![column("customer_id", "string"), list("basket", item), structure("at", vec![column("day", "date")])]
}

#[test]
fn lists_and_structs_are_filled() {
    let batch = parse(
        &[
            r#"{"customer_id":"C1","basket":[{"product_id":"P1","price":5},{"price":7,"x":[{"y":0}],"product_id":null}],"at":{"day":"2026-01-02"}}"#,
            r#"{"basket":[],"at":{}}"#,
            r#"{"at":null,"basket":null}"#,
            r#"{"basket":[null,{}],"customer_id":"C4"}"#,
        ],
        basket(),
    );
    assert_eq!(batch.faults, []);
    assert_eq!(shown(&batch.columns[0]), ["C1", "NULL", "NULL", "C4"]);
    let basket = batch.columns[1].as_list::<i32>();
    assert_eq!((0..4).map(|row| basket.value_length(row)).collect::<Vec<_>>(), [2, 0, 0, 2]);
    assert_eq!((0..4).map(|row| basket.is_null(row)).collect::<Vec<_>>(), [false, false, true, false]);
    let items = basket.values().as_struct();
    assert_eq!(shown(items.column(0)), ["P1", "NULL", "NULL", "NULL"]);
    assert_eq!(shown(items.column(1)), ["5", "7", "NULL", "NULL"]);
    assert_eq!((0..4).map(|row| items.is_null(row)).collect::<Vec<_>>(), [false, false, true, false]);
    let at = batch.columns[2].as_struct();
    assert_eq!((0..4).map(|row| at.is_null(row)).collect::<Vec<_>>(), [false, false, true, true]);
}

#[test]
fn a_fault_inside_unparses_the_whole_cell_and_names_the_path() {
    let batch = parse(
        &[
            r#"{"customer_id":"C1","basket":[{"price":1},{"price":"x","product_id":3}],"at":{"day":"never"}}"#,
            r#"{"customer_id":"C2","basket":[{"price":2}]}"#,
        ],
        basket(),
    );
    let found: Vec<_> = batch.faults.iter().map(|fault| (fault.row, fault.column, &*fault.path, fault.code)).collect();
    let wanted = [
        (0, Some(1), "basket[1].price", ParseCode::NotInteger),
        (0, Some(1), "basket[1].product_id", ParseCode::JsonType),
        (0, Some(2), "at.day", ParseCode::NotDate),
    ];
    assert_eq!(found, wanted);
    assert!(batch.columns[1].is_null(0) && batch.columns[2].is_null(0));
    assert_eq!(shown(&batch.columns[0]), ["C1", "C2"]);
    let prices = batch.columns[1].as_list::<i32>().value(1);
    assert_eq!(prices.as_struct().column(1).as_primitive::<Int64Type>().value(0), 2);
    assert_eq!(batch.columns[1].as_list::<i32>().values().len(), 1, "nothing of the bad cell is left");
}

#[test]
fn a_long_bad_list_does_not_flood_the_report() {
    let value = format!("[{}]", vec!["true"; 1000].join(","));
    let batch = one(&value, list("a", column("item", "int8")));
    assert_eq!(batch.faults.len(), 16);
    assert_eq!(*batch.faults[15].path, *"a[15]");
}

#[test]
fn broken_records_leave_nothing_behind() {
    let good = r#"{"customer_id":"C","basket":[{"price":1}]}"#;
    let bad = [
        r#"{"customer_id":"X","basket":[{"price":1},{"price":"#,
        r#"{"basket":[{"price":1}],"basket":[]}"#,
        r#"{"customer_id":"X","basket":[{"price":1,"price":2}]}"#,
        r#"{"customer_id":"X"}}"#,
        r#"{"at":{"day":"x"},"customer_id":"X","basket":[{"price":"\ud800"}]}"#,
        "[]",
        "7",
        r#"{"a":{"b":1,"b":2}}"#,
        r#"{"a":{"b":1,"\u0062":2}}"#,
        r#"{"\u0061t":{},"at":{}}"#,
        r#"{"a":[1,],"at":{"day":5}}"#,
    ];
    let mut records = vec![good];
    for record in bad {
        records.extend([record, good]);
    }
    let batch = parse(&records, basket());
    for (row, record) in records.iter().enumerate() {
        assert_eq!(batch.broken.get(row), row % 2 == 1, "{record}");
        assert_eq!(batch.columns[0].is_null(row), row % 2 == 1);
    }
    assert_eq!(batch.columns[1].as_list::<i32>().values().len(), bad.len() + 1);
    assert_eq!(batch.faults.len(), bad.len());
    assert!(batch.unparsed.iter().all(Option::is_none));
}

#[test]
fn record_faults_have_their_codes() {
    use ParseCode::{FieldTooLong, InvalidUtf8, JsonDepth, JsonDuplicateKey, JsonNotObject, JsonSyntax, JsonTruncated};
    let deep = format!("{{\"x\":{}{}}}\n", "[".repeat(100_000), "]".repeat(100_000));
    let at_limit = format!("{{\"x\":{}{}}}\n", "[".repeat(127), "]".repeat(127));
    let long = format!("{{\"x\":\"{}\"}}\n", "y".repeat((1 << 20) + 1));
    let long_number = format!("{{\"a\":{}}}\n", "1".repeat((1 << 20) + 1));
    for (record, wanted) in [
        (&b"{\"a\":1}\n"[..], None),
        (b"{\"a\":1}", None),
        (b" {\"a\":1} \r\n", None),
        (b"{\"a\":1\r}\n", None),
        (at_limit.as_bytes(), None),
        (deep.as_bytes(), Some(JsonDepth)),
        (b"{\"a\":1\n", Some(JsonSyntax)),
        (b"{\"a\":1", Some(JsonTruncated)),
        (b"{\"a\":tr", Some(JsonTruncated)),
        (b"{\"a\":\"caf\xc3", Some(JsonTruncated)),
        (b"{\"a\":\"caf\xc3\n", Some(InvalidUtf8)),
        (b"{\"a\":\"\xff\"}\n", Some(InvalidUtf8)),
        (b"{\"a\":\0}\n", Some(JsonSyntax)),
        (b"{\"a\":1}{\"a\":2}\n", Some(JsonSyntax)),
        (b"[{\"a\":1}]\n", Some(JsonNotObject)),
        (b"null\n", Some(JsonNotObject)),
        (b"nul\n", Some(JsonSyntax)),
        (b"nul", Some(JsonTruncated)),
        (b"{\"a\":1,\"a\":1}\n", Some(JsonDuplicateKey)),
        (b"{\"x\":{\"y\":1,\"z\":2,\"y\":3}}\n", Some(JsonDuplicateKey)),
        (b"[{\"y\":1,\"y\":3}]\n", Some(JsonDuplicateKey)),
        (b"{\"a\":1,\"a\":1\n", Some(JsonSyntax)),
        (b"{\"x\":{\"y\":1},\"z\":{\"y\":1}}\n", None),
        (long.as_bytes(), Some(FieldTooLong)),
        (long_number.as_bytes(), Some(FieldTooLong)),
    ] {
        let start = &record[..record.len().min(40)];
        assert_eq!(record_code(record), wanted, "{}", String::from_utf8_lossy(start));
    }
    let batch = parse(&[r#"{"a":1,"b":2,"a":3}"#], vec![column("a", "int64")]);
    assert_eq!(batch.faults[0].detail, "the key `a` stands in one object again at byte 14");
    let private = Column { pii: true, ..column("a", "int64") };
    let hidden = parse(&[r#"{"x":{"me@b.c":2,"me@b.c":3}}"#], vec![private]);
    assert_eq!(hidden.faults[0].detail, "a key stands in one object again at byte 18");
    assert_eq!(batch.raw.records[0].fault.as_ref().and_then(|why| why.at), Some(13));
}

#[test]
fn codes_do_not_depend_on_the_neighbours() {
    // Together the two halves are one character.
    let halves: [&[u8]; 2] = [b"\xc3", b"\xa9"];
    let source = SourceSpec { format: Format::Json, ..spec() };
    let batch = parse_with(&halves, vec![column("a", "int64")], source);
    assert!(batch.faults.iter().all(|fault| fault.code == ParseCode::InvalidUtf8), "{:?}", batch.faults);
}

#[test]
fn origins_are_kept_apart() {
    let columns = vec![column("d", "date"), column("a", "int64"), column("gone", "int64"), column("n", "int64")];
    let table = table(columns, spec());
    let origins = [
        Origin::Partition(String::from("2026-10-31")),
        Origin::Key,
        Origin::Missing,
        Origin::Partition(String::from("x")),
    ];
    let raw = raw(&[b"{\"d\":\"never\",\"a\":1}\n", b"{\n", b"{\"a\":2}\n"], &spec());
    let batch = json::parse(raw, &table, &origins);
    assert_eq!(shown(&batch.columns[0]), ["2026-10-31"; 3]);
    assert_eq!(shown(&batch.columns[1]), ["1", "NULL", "2"]);
    assert_eq!(batch.absent, [false, false, true, false]);
    let rows: Vec<_> = batch.faults.iter().map(|fault| (fault.row, fault.column)).collect();
    assert_eq!(rows, [(0, Some(3)), (1, None), (2, Some(3))]);
}

#[test]
fn keys_come_in_any_order() {
    let records = [
        r#"{"a":1,"b":2,"c":3}"#,
        r#"{"c":3,"b":2,"a":1}"#,
        r#"{"b":2,"x":0,"a":1,"y":0,"c":3}"#,
        r#"{"x":0}"#,
        r#"{"\u0062":2,"a":1,"c":3}"#,
    ];
    let batch = parse(&records, vec![column("a", "int32"), column("b", "int32"), column("c", "int32")]);
    for (index, wanted) in [1, 2, 3].into_iter().enumerate() {
        let values: Vec<_> = batch.columns[index].as_primitive::<Int32Type>().iter().collect();
        assert_eq!(values, [Some(wanted), Some(wanted), Some(wanted), None, Some(wanted)]);
    }
}

/// JSON and text close to it.
pub(super) fn nearly_json() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"a\"",
        "\"b\"",
        "\"basket\"",
        "\"price\"",
        "\"id\"",
        "\"customer\"",
        "\"at\"",
        "\"day\"",
        "1",
        "-2.5e3",
        "null",
        "true",
        "\"\\u00e9\"",
        "\"2026-01-01\"",
        " ",
        "\"",
        "\\",
        "é",
        "{\"basket\":[{\"price\":1}]}",
        "[{\"price\":\"x\"}]",
        "\r",
    ]);
    prop::collection::vec(words, 0..20).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn bytes_never_panic(records: Vec<Vec<u8>>) {
        let records: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
        parse_with(&records, basket(), spec());
    }

    #[test]
    fn nearly_json_never_panics_and_batches_agree(records in prop::collection::vec(nearly_json(), 1..8)) {
        let lines: Vec<String> = records.iter().map(|record| format!("{record}\n")).collect();
        let lines: Vec<&[u8]> = lines.iter().map(String::as_bytes).collect();
        let whole = parse_with(&lines, basket(), spec());
        for (row, line) in lines.iter().enumerate() {
            let alone = parse_with(&[line], basket(), spec());
            let faults: Vec<_> = whole.faults.iter().filter(|fault| fault.row == row).cloned().collect();
            let alone_faults: Vec<_> = alone.faults.iter().cloned().map(|fault| crate::frame::Fault { row, ..fault }).collect();
            prop_assert_eq!(faults, alone_faults);
            for (column, single) in whole.columns.iter().zip(&alone.columns) {
                prop_assert_eq!(&column.slice(row, 1), single);
            }
        }
    }

    #[test]
    fn validity_is_that_of_another_reader(text in nearly_json()) {
        let ours = json::validate(text.as_bytes(), 120).is_ok();
        let theirs = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
        prop_assert_eq!(ours, theirs);
    }
}
