//! Tables of good and bad cells for every type, and how the columns of a batch come together.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType, UInt64Type};
use arrow_array::{Array, ArrayRef};
use proptest::prelude::*;

use crate::frame::batch::{Batch, Fault};
use crate::frame::mask::Mask;
use crate::frame::parse::{Parser, all_null, constant, partition};
use crate::frame::raw::{Body, FieldSpan, Fields, FileShape, RawBatch, Record};
use crate::frame::schema::arrow_type;
use crate::model::{Column, DataType, Encoding, Escape, Literal, ParseCode, SourceSpec, Table, Why};

/// A cell: its raw content, whether it stood in quotes, whether it holds escapes.
type Cell<'a> = (&'a [u8], bool, bool);

fn table(columns: Vec<Column>, source: SourceSpec) -> Table {
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

fn raw(spec: &SourceSpec, names: &[&str], rows: &[&[Cell]]) -> RawBatch {
    let mut text = Vec::new();
    let mut fields = Fields::new(names.len());
    let mut records = Vec::new();
    for (number, row) in (1..).zip(rows) {
        let start = text.len();
        let mut spans = Vec::new();
        for (content, quoted, escaped) in *row {
            text.extend(quoted.then_some(b'"'));
            let from = u32::try_from(text.len()).unwrap();
            text.extend_from_slice(content);
            let to = u32::try_from(text.len()).unwrap();
            spans.push(FieldSpan { start: from, end: to, quoted: *quoted, escaped: *escaped });
            text.extend(quoted.then_some(b'"'));
            text.push(b',');
        }
        fields.push_spans(start, &spans);
        let len = text.len() - start;
        let (offset, length) = (start as u64, len as u64);
        records.push(Record { start, len, offset, length, line: number, number, fault: None });
    }
    let file = FileShape {
        path: String::from("t.csv"),
        partitions: vec![(String::from("d"), String::from("2026-10-31"))],
        spec: spec.clone(),
        encoding: Encoding::Utf8,
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        header: Vec::new(),
    };
    RawBatch { file: Arc::new(file), text, records, body: Body::Delimited(fields) }
}

/// Parses texts as one column.
fn parsed(column: &Column, texts: &[&[u8]]) -> Batch {
    let rows: Vec<[Cell; 1]> = texts.iter().map(|text| [(*text, false, false)]).collect();
    let rows: Vec<&[Cell]> = rows.iter().map(<[Cell; 1]>::as_slice).collect();
    let spec = SourceSpec { null_values: vec![String::from("NULL")], ..SourceSpec::default() };
    let batch = Parser::new(&table(vec![column.clone()], spec.clone())).parse(raw(&spec, &[&column.name], &rows));
    assert_eq!(batch.columns[0].len(), texts.len());
    assert_eq!(*batch.columns[0].data_type(), arrow_type(&column.data_type));
    assert_eq!(batch.faults.len(), batch.unparsed[0].as_ref().map_or(0, Mask::count));
    for fault in &batch.faults {
        assert!(batch.columns[0].is_null(fault.row) && fault.column == Some(0) && *fault.path == *column.name);
    }
    batch
}

fn column(data_type: &str) -> Column {
    Column::new("c", DataType::parse_scalar(data_type).unwrap())
}

/// Parses one text that must be refused.
fn refused(column: &Column, text: &str) -> Fault {
    let batch = parsed(column, &[text.as_bytes(), b"NULL"]);
    assert_eq!(batch.faults.len(), 1, "{} {text:?}", column.data_type);
    batch.faults.into_iter().next().unwrap()
}

#[test]
fn integers_keep_to_their_ranges() {
    for (name, low, high) in [
        ("int8", i128::from(i8::MIN), i128::from(i8::MAX)),
        ("int16", i128::from(i16::MIN), i128::from(i16::MAX)),
        ("int32", i128::from(i32::MIN), i128::from(i32::MAX)),
        ("int64", i128::from(i64::MIN), i128::from(i64::MAX)),
        ("uint8", 0, i128::from(u8::MAX)),
        ("uint16", 0, i128::from(u16::MAX)),
        ("uint32", 0, i128::from(u32::MAX)),
        ("uint64", 0, i128::from(u64::MAX)),
    ] {
        let texts = [low - 1, low, low + 1, 0, high - 1, high, high + 1].map(|value| value.to_string());
        let batch = parsed(&column(name), &texts.each_ref().map(String::as_bytes));
        let bad: Vec<usize> = batch.faults.iter().map(|fault| fault.row).collect();
        assert_eq!(bad, [0, 6], "{name}");
        for fault in &batch.faults {
            assert_eq!(fault.code, ParseCode::IntegerRange);
            assert_eq!(fault.detail, format!("is outside {name}: {low} to {high}"));
            assert_eq!(fault.value.as_ref(), Some(&texts[fault.row]));
        }
        let cast = arrow_cast::cast(&batch.columns[0], &arrow_schema::DataType::Utf8).unwrap();
        let written: Vec<Option<&str>> = cast.as_string::<i32>().iter().skip(1).take(5).collect();
        assert_eq!(written, texts[1..6].iter().map(|text| Some(text.as_str())).collect::<Vec<_>>(), "{name}");
        assert_eq!(
            refused(&column(name), "99999999999999999999999999999999999999999999").code,
            ParseCode::IntegerRange
        );
        assert!(parsed(&column(name), &[b"-0", b"+0", b"007"]).faults.is_empty());
    }
}

#[test]
fn texts_that_are_no_integer_say_why() {
    for (text, detail) in [
        ("", "is empty"),
        (" 5", "has blanks around it"),
        ("5\t", "has blanks around it"),
        ("5.0", "has a decimal point"),
        ("5e3", "has an exponent"),
        ("1,000", "has separators in it"),
        ("1 000", "has separators in it"),
        ("five", "is not an integer"),
        ("NaN", "is not an integer"),
        ("0x10", "is not an integer"),
        ("-", "is not an integer"),
    ] {
        let fault = refused(&column("int64"), text);
        assert_eq!((fault.code, &*fault.detail), (ParseCode::NotInteger, detail), "{text}");
        assert_eq!(fault.value.as_deref(), Some(text));
    }
}

#[test]
fn booleans_have_ten_words() {
    let batch =
        parsed(&column("bool"), &[b"true", b"FALSE", b"T", b"f", b"Yes", b"no", b"y", b"N", b"1", b"0", b"NULL"]);
    let values: Vec<Option<bool>> = batch.columns[0].as_boolean().iter().collect();
    let mut expected = [Some(true), Some(false)].repeat(5);
    expected.push(None);
    assert_eq!(values, expected);
    for text in ["on", "2", "tru", "", " true", "truetrue"] {
        assert_eq!(refused(&column("bool"), text).code, ParseCode::NotBool, "{text}");
    }
}

#[test]
fn decimals_are_exact() {
    let batch = parsed(&column("decimal(5,2)"), &[b"999.99", b"-999.99", b"1", b".5", b"-0", b"1.2300", b"NULL"]);
    let values: Vec<Option<i128>> = batch.columns[0].as_primitive::<Decimal128Type>().iter().collect();
    assert_eq!(values, [Some(99_999), Some(-99_999), Some(100), Some(50), Some(0), Some(123), None]);
    for (text, code, detail) in [
        ("1.234", ParseCode::DecimalRange, "has 3 digits after the point, the type holds 2"),
        ("1000", ParseCode::DecimalRange, "has 4 digits before the point, the type holds 3"),
        ("1e2", ParseCode::NotDecimal, "has an exponent"),
        ("1,5", ParseCode::NotDecimal, "has separators in it"),
        ("$5", ParseCode::NotDecimal, "is not a decimal"),
        ("5 ", ParseCode::NotDecimal, "has blanks around it"),
    ] {
        let fault = refused(&column("decimal(5,2)"), text);
        assert_eq!((fault.code, &*fault.detail), (code, detail), "{text}");
    }
    let widest = "9".repeat(38);
    assert!(parsed(&column("decimal(38,0)"), &[widest.as_bytes()]).faults.is_empty());
    assert_eq!(refused(&column("decimal(38,0)"), &format!("{widest}9")).code, ParseCode::DecimalRange);
}

#[test]
fn floats_are_finite_unless_allowed() {
    let batch = parsed(&column("float64"), &[b"1.5", b"-0", b"1e308", b"5e-324", b"NULL"]);
    let values = batch.columns[0].as_primitive::<Float64Type>();
    assert_eq!(values.iter().collect::<Vec<_>>(), [Some(1.5), Some(-0.0), Some(1e308), Some(5e-324), None]);
    for (text, code, detail) in [
        ("1e400", ParseCode::NotFinite, "is too large for float64"),
        ("NaN", ParseCode::NotFinite, "is not finite, and the column does not say allow_nan"),
        ("-inf", ParseCode::NotFinite, "is not finite, and the column does not say allow_nan"),
        ("1.5f", ParseCode::NotNumber, "is not a number"),
        (" 1", ParseCode::NotNumber, "has blanks around it"),
    ] {
        let fault = refused(&column("float64"), text);
        assert_eq!((fault.code, &*fault.detail), (code, detail), "{text}");
    }
    assert_eq!(refused(&column("float32"), "1e39").detail, "is too large for float32");
    let mut allowed = column("float64");
    allowed.allow_nan = true;
    assert!(parsed(&allowed, &[b"NaN", b"inf", b"-Infinity"]).faults.is_empty());
    assert_eq!(refused(&allowed, "1e400").detail, "is too large for float64");
}

#[test]
fn moments_are_real() {
    for (name, good, bad, code) in [
        ("date", "2024-02-29", "2023-02-29", ParseCode::NotDate),
        ("time", "23:59:59.999999", "24:00:00", ParseCode::NotTime),
        ("timestamp", "2024-02-29T00:00:00", "2024-02-29T00:00:60", ParseCode::NotTimestamp),
        ("timestamptz", "2024-02-29 00:00:00.5Z", "2024-02-29 00:00:00", ParseCode::NotTimestamp),
    ] {
        assert!(parsed(&column(name), &[good.as_bytes(), b"NULL"]).faults.is_empty(), "{name}");
        assert_eq!(refused(&column(name), bad).code, code, "{name}");
    }
    assert_eq!(refused(&column("date"), "31/10/2026").detail, "is no real day written as YYYY-MM-DD");
    assert_eq!(refused(&column("date"), "2026-10-31 ").detail, "has blanks around it");
    assert_eq!(refused(&column("timestamp"), "2026-10-31 10:00:00.1234567").detail, "is finer than a microsecond");
    let mut day_first = column("date");
    day_first.format = Some(String::from("%d/%m/%Y"));
    assert!(parsed(&day_first, &[b"31/10/2026"]).faults.is_empty());
    assert_eq!(refused(&day_first, "10/31/2026").detail, "is no real day written as %d/%m/%Y");
    day_first.format = Some(String::from("%Q"));
    assert!(refused(&day_first, "31/10/2026").detail.contains("%Q"));
    let zoned = parsed(&column("timestamptz"), &[b"1970-01-01T01:00:00+01:00"]);
    assert_eq!(zoned.columns[0].as_primitive::<TimestampMicrosecondType>().value(0), 0);
}

#[test]
fn bytes_are_base64_or_hex() {
    let batch = parsed(&column("binary"), &[b"Zm9v", b"", b"NUI=", b"Zg"]);
    assert_eq!(batch.columns[0].as_binary::<i32>().value(0), b"foo");
    assert!(batch.columns[0].is_valid(1));
    assert_eq!(batch.faults[0].row, 3);
    assert_eq!(batch.faults[0].detail, "is not base64 with its padding");
    let mut hex = column("binary");
    hex.format = Some(String::from("hex"));
    assert_eq!(parsed(&hex, &[b"00ff"]).columns[0].as_binary::<i32>().value(0), [0, 255]);
    assert_eq!(refused(&hex, "0f0").detail, "is not hex: two digits a byte");
}

#[test]
fn nested_values_do_not_stand_in_cells() {
    let list = Column::new("c", DataType::List(Box::new(column("int64"))));
    let batch = parsed(&list, &[b"[1]", b"NULL"]);
    assert_eq!(batch.faults[0].code, ParseCode::JsonType);
    assert_eq!(batch.columns[0].null_count(), 2);
}

#[test]
fn text_must_be_utf8() {
    let batch = parsed(&column("string"), &["é".as_bytes(), b"a\xE9b", b"", b"x", b"NULL", b"\xC3", b"\xA9"]);
    let values: Vec<Option<&str>> = batch.columns[0].as_string::<i32>().iter().collect();
    assert_eq!(values, [Some("é"), None, Some(""), Some("x"), None, None, None]);
    assert_eq!(batch.faults.iter().map(|fault| fault.row).collect::<Vec<_>>(), [1, 5, 6]);
    assert_eq!(batch.faults[0].code, ParseCode::InvalidUtf8);
    assert_eq!(batch.faults[0].detail, "is not UTF-8: its byte 2 is 0xE9");
}

#[test]
fn null_is_spelled_in_raw_text() {
    let rows: [&[Cell]; 6] = [
        &[(b"", false, false)],
        &[(b"", true, false)],
        &[(b"\\N", false, true)],
        &[(b"\\\\N", false, true)],
        &[(b"\\N", true, true)],
        &[(b"null", false, false)],
    ];
    for quoted_nulls in [true, false] {
        let null_values = vec![String::new(), String::from("\\N")];
        let spec = SourceSpec { null_values, quoted_nulls, escape: Escape::Backslash, ..SourceSpec::default() };
        let batch = Parser::new(&table(vec![column("string")], spec.clone())).parse(raw(&spec, &["c"], &rows));
        let values: Vec<Option<&str>> = batch.columns[0].as_string::<i32>().iter().collect();
        let (empty, escaped) = if quoted_nulls { (None, None) } else { (Some(""), Some("N")) };
        assert_eq!(values, [None, empty, None, Some("\\N"), escaped, Some("null")]);
    }
}

#[test]
fn escapes_are_undone_before_reading() {
    let spec = SourceSpec::default();
    let rows: [&[Cell]; 2] =
        [&[(b"say \"\"hi\"\"", true, true), (b"1", true, false)], &[(b"x", false, false), (b"a\"\"", true, true)]];
    let columns = vec![column("string"), Column::new("n", DataType::Int64)];
    let batch = Parser::new(&table(columns, spec.clone())).parse(raw(&spec, &["c", "n"], &rows));
    assert_eq!(batch.columns[0].as_string::<i32>().value(0), "say \"hi\"");
    assert_eq!(batch.columns[1].as_primitive::<Int64Type>().value(0), 1);
    assert_eq!(batch.faults[0].value.as_deref(), Some("a\""));
}

#[test]
fn a_batch_comes_together() {
    let spec = SourceSpec::default();
    let columns = vec![
        Column::new("b", DataType::Int8),
        Column::new("missing", DataType::String),
        Column::new("twice", DataType::Bool),
        Column::new("d", DataType::Date),
        Column::new("a", DataType::UInt64),
    ];
    let plain: &[Cell] = &[(b"x", false, false), (b"x", false, false), (b"1", false, false), (b"1", false, false)];
    let wrong: &[Cell] = &[(b"-1", false, false), (b"300", false, false), (b"1", false, false), (b"1", false, false)];
    let mut raw = raw(&spec, &["a", "b", "twice", "twice"], &[plain, wrong, plain]);
    let why = Why { code: ParseCode::UnclosedQuote, at: Some(0), detail: String::from("field 1 is never closed") };
    raw.records[0].fault = Some(Box::new(why));
    let batch = Parser::new(&table(columns, spec)).parse(raw);
    assert_eq!(batch.absent, [false, true, true, false, false]);
    assert_eq!(batch.broken.rows().collect::<Vec<_>>(), [0]);
    let places: Vec<_> = batch.faults.iter().map(|fault| (fault.row, fault.column, fault.code)).collect();
    assert_eq!(
        places,
        [
            (0, None, ParseCode::UnclosedQuote),
            (1, Some(0), ParseCode::IntegerRange),
            (1, Some(4), ParseCode::IntegerRange),
            (2, Some(0), ParseCode::NotInteger),
            (2, Some(4), ParseCode::NotInteger),
        ]
    );
    assert_eq!(batch.faults[0].detail, "field 1 is never closed");
    assert_eq!(batch.columns.iter().map(Array::len).collect::<Vec<_>>(), [3; 5]);
    assert_eq!(batch.columns[1].null_count(), 3);
    assert_eq!(batch.columns[3].null_count(), 0);
    assert_eq!(batch.columns[4].as_primitive::<UInt64Type>().null_count(), 3);
    assert!(batch.unparsed[3].is_none());
}

#[test]
fn a_folder_gives_a_constant() {
    let spec = SourceSpec::default();
    let day: ArrayRef = constant(&column("date"), "2026-10-31", &spec, 3).unwrap();
    assert_eq!((day.len(), day.null_count()), (3, 0));
    let hive = constant(&column("date"), "__HIVE_DEFAULT_PARTITION__", &spec, 3).unwrap();
    assert_eq!(hive.null_count(), 3);
    assert_eq!(constant(&column("string"), "", &spec, 2).unwrap().null_count(), 2);
    assert_eq!(constant(&column("string"), "é", &spec, 2).unwrap().as_string::<i32>().value(1), "é");
    assert_eq!(constant(&column("int8"), "128", &spec, 0).unwrap_err().0, ParseCode::IntegerRange);
    let broken = Mask::from_fn(3, |row| row == 1);
    let parsed = partition(7, &column("int8"), "x", &spec, &broken);
    assert_eq!(
        parsed.faults.iter().map(|fault| (fault.row, fault.column)).collect::<Vec<_>>(),
        [(0, Some(7)), (2, Some(7))]
    );
    assert_eq!(parsed.unparsed, Some(broken.inverse()));
    assert_eq!(parsed.array.null_count(), 3);
    let list = Column::new("l", DataType::List(Box::new(column("int8"))));
    assert_eq!(all_null(&list, 4).null_count(), 4);
}

const TYPES: [&str; 19] = [
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float32",
    "float64",
    "decimal(5,2)",
    "decimal(38,38)",
    "string",
    "date",
    "time",
    "timestamp",
    "timestamptz",
    "binary",
];

proptest! {
    #[test]
    fn no_cell_panics(
        cells in proptest::collection::vec((proptest::collection::vec(any::<u8>(), 0..12), any::<bool>(), any::<bool>()), 0..8),
        digits in proptest::collection::vec("[-+:.TZe0-9 /=]{0,30}", 0..8),
    ) {
        let spec = SourceSpec::default();
        let digits = digits.iter().map(|text| (text.as_bytes(), false, false));
        let rows: Vec<[Cell; 1]> =
            cells.iter().map(|(text, quoted, escaped)| (text.as_slice(), *quoted, *escaped)).chain(digits).map(|cell| [cell]).collect();
        let rows: Vec<&[Cell]> = rows.iter().map(<[Cell; 1]>::as_slice).collect();
        for name in TYPES {
            let batch = Parser::new(&table(vec![column(name)], spec.clone())).parse(raw(&spec, &["c"], &rows));
            prop_assert_eq!(batch.columns[0].len(), rows.len());
            let unparsed = batch.unparsed[0].clone().unwrap_or_else(|| Mask::new(rows.len()));
            prop_assert_eq!(unparsed.rows().collect::<Vec<_>>(), batch.faults.iter().map(|fault| fault.row).collect::<Vec<_>>());
            prop_assert!(unparsed.rows().all(|row| batch.columns[0].is_null(row)));
        }
    }

    #[test]
    fn moments_written_are_read(micros in -62_135_596_800_000_000i64..=253_402_300_799_999_999) {
        let text = Literal::Timestamp(micros).to_string();
        let batch = parsed(&column("timestamp"), &[text.as_bytes()]);
        prop_assert_eq!(batch.columns[0].as_primitive::<TimestampMicrosecondType>().value(0), micros);
    }
}
