//! Typed columns to the types of a contract.

use std::sync::Arc;

use arrow_array::builder::{Int32Builder, ListBuilder, MapBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Date64Array, Decimal128Array, Decimal256Array,
    DictionaryArray, FixedSizeListArray, Float32Array, Float64Array, Int32Array, Int64Array, LargeListArray,
    LargeStringArray, ListArray, NullArray, RecordBatch, StringArray, StringViewArray, StructArray, Time32SecondArray,
    Time64NanosecondArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
    TimestampSecondArray, UInt64Array,
};
use arrow_buffer::{NullBuffer, OffsetBuffer, i256};
use arrow_cast::display::array_value_to_string;
use arrow_schema::{DataType as Arrow, Field};

use crate::frame::layout::Origin;
use crate::frame::raw::{Body, FileShape, RawBatch, Record};
use crate::frame::{Batch, columns, schema};
use crate::model::{Column, DataType, Encoding, ParseCode, SourceSpec, Table};

fn column(name: &str, data_type: &str) -> Column {
    Column::new(name, DataType::parse_scalar(data_type).expect("type"))
}

fn list(item: Column) -> Column {
    Column::new("a", DataType::List(Box::new(item)))
}

fn structure(name: &str, fields: Vec<Column>) -> Column {
    Column::new(name, DataType::Struct(fields))
}

fn parse_with(array: ArrayRef, column: Column, source: SourceSpec) -> Batch {
    let field = Field::new("a", array.data_type().clone(), true);
    let rows = RecordBatch::try_new(Arc::new(arrow_schema::Schema::new(vec![field])), vec![array]).expect("batch");
    let file = FileShape {
        path: String::new(),
        partitions: Vec::new(),
        spec: source.clone(),
        encoding: Encoding::Utf8,
        names: vec![String::from("a")],
        header: Vec::new(),
    };
    let record = |row| Record { start: 0, len: 0, offset: row, length: 0, line: 0, number: row + 1, fault: None };
    let records = (0..rows.num_rows() as u64).map(record).collect();
    let raw = RawBatch { file: Arc::new(file), text: Vec::new(), records, body: Body::Columns(rows) };
    let columns = vec![column];
    let table = Table {
        name: String::from("t"),
        description: None,
        source,
        primary_key: None,
        columns,
        rules: Vec::new(),
        generation: crate::model::TableGeneration::default(),
    };
    let batch = columns::parse(raw, &table, &[Origin::Field(0)]);
    assert_eq!(batch.columns[0].data_type(), schema::schema(&table).field(0).data_type());
    batch.columns[0].to_data().validate_full().expect("valid array");
    for row in 0..batch.len() {
        let unparsed = batch.unparsed[0].as_ref().is_some_and(|mask| mask.get(row));
        assert_eq!(unparsed, batch.faults.iter().any(|fault| fault.row == row));
        assert!(!unparsed || batch.columns[0].is_null(row));
    }
    batch
}

fn parse(array: impl Array + 'static, column: Column) -> Batch {
    parse_with(Arc::new(array), column, SourceSpec::default())
}

/// Gives each row: its value, `NULL`, or the code of its first fault.
fn rows(batch: &Batch) -> Vec<String> {
    let row = |row| {
        if let Some(fault) = batch.faults.iter().find(|fault| fault.row == row) {
            fault.code.code().to_owned()
        } else if batch.columns[0].is_null(row) {
            String::from("NULL")
        } else {
            array_value_to_string(&batch.columns[0], row).expect("text")
        }
    };
    (0..batch.len()).map(row).collect()
}

fn cast(array: impl Array + 'static, data_type: &str) -> Vec<String> {
    rows(&parse(array, column("a", data_type)))
}

fn decimal(values: Vec<Option<i128>>, precision: u8, scale: i8) -> Decimal128Array {
    Decimal128Array::from(values).with_precision_and_scale(precision, scale).expect("decimal")
}

#[test]
fn integers_fit_or_are_refused() {
    let numbers = || Int64Array::from(vec![Some(5), None, Some(300), Some(-1)]);
    assert_eq!(cast(numbers(), "int64"), ["5", "NULL", "300", "-1"]);
    assert_eq!(cast(numbers(), "int8"), ["5", "NULL", "P012", "-1"]);
    assert_eq!(cast(numbers(), "uint16"), ["5", "NULL", "300", "P012"]);
    assert_eq!(cast(numbers(), "decimal(4,2)"), ["5.00", "NULL", "P016", "-1.00"]);
    assert_eq!(cast(numbers(), "float32"), ["5.0", "NULL", "300.0", "-1.0"]);
    assert_eq!(cast(UInt64Array::from(vec![u64::MAX, 1]), "int64"), ["P012", "1"]);
    assert_eq!(cast(UInt64Array::from(vec![u64::MAX]), "decimal(20,0)"), ["18446744073709551615"]);
    assert_eq!(cast(Int64Array::from(vec![1 << 53, (1 << 53) + 1]), "float64"), ["9007199254740992.0", "P013"]);
    let fault = &parse(numbers(), column("a", "int8")).faults[0];
    assert_eq!((fault.value.as_deref(), &*fault.detail), (Some("300"), "is outside int8: -128 to 127"));
}

#[test]
fn decimals_are_rescaled_only_where_exact() {
    let money = || decimal(vec![Some(1250), Some(-1255), None, Some(99_999)], 10, 2);
    assert_eq!(cast(money(), "decimal(10,2)"), ["12.50", "-12.55", "NULL", "999.99"]);
    assert_eq!(cast(money(), "decimal(5,1)"), ["12.5", "P016", "NULL", "P016"]);
    assert_eq!(cast(money(), "decimal(5,3)"), ["12.500", "-12.550", "NULL", "P016"]);
    assert_eq!(cast(decimal(vec![Some(1200), Some(1250)], 10, 2), "int8"), ["12", "P011"]);
    assert_eq!(cast(decimal(vec![Some(12)], 10, -2), "int16"), ["1200"]);
    assert_eq!(cast(decimal(vec![Some(0)], 38, 38), "decimal(1,0)"), ["0"]);
    let wide = Decimal256Array::from(vec![Some(i256::from_i128(150)), Some(i256::MAX)]);
    let wide = wide.with_precision_and_scale(76, 2).expect("decimal");
    assert_eq!(cast(wide, "decimal(3,1)"), ["1.5", "P016"]);
    assert_eq!(cast(money(), "float64"), ["P013", "P013", "NULL", "P013"]);
}

#[test]
fn floats_stay_floats_and_finite() {
    let floats = || Float64Array::from(vec![Some(0.5), Some(f64::NAN), Some(f64::INFINITY), None, Some(0.1)]);
    assert_eq!(cast(floats(), "float64"), ["0.5", "P014", "P014", "NULL", "0.1"]);
    assert_eq!(cast(floats(), "float32"), ["0.5", "P014", "P014", "NULL", "P013"]);
    let with_nan = Column { allow_nan: true, ..column("a", "float64") };
    assert_eq!(rows(&parse(floats(), with_nan)), ["0.5", "NaN", "inf", "NULL", "0.1"]);
    assert_eq!(cast(Float32Array::from(vec![0.5, f32::NAN]), "float64"), ["0.5", "P014"]);
    assert_eq!(cast(Float64Array::from(vec![Some(1.0), None]), "int64"), ["P011", "NULL"]);
    assert_eq!(cast(Float64Array::from(vec![1.0]), "decimal(5,2)"), ["P015"]);
    let nested = ListArray::from_iter_primitive::<arrow_array::types::Float64Type, _, _>(vec![
        Some(vec![Some(1.0)]),
        Some(vec![Some(1.0), Some(f64::NAN)]),
    ]);
    let batch = parse(nested, list(column("item", "float64")));
    assert_eq!((&*batch.faults[0].path, batch.faults[0].code), ("a[1]", ParseCode::NotFinite));
    assert!(batch.columns[0].is_valid(0));
}

#[test]
fn text_of_any_kind_is_text() {
    let words = vec![Some("x"), None, Some("")];
    for array in [
        Arc::new(StringArray::from(words.clone())) as ArrayRef,
        Arc::new(LargeStringArray::from(words.clone())),
        Arc::new(StringViewArray::from(words.clone())),
        Arc::new(words.iter().copied().collect::<DictionaryArray<Int32Type>>()),
    ] {
        assert_eq!(rows(&parse_with(array, column("a", "string"), SourceSpec::default())), ["x", "NULL", ""]);
    }
    assert_eq!(cast(BinaryArray::from(vec![Some(&b"x"[..]), Some(b"\xff"), None]), "string"), ["x", "P006", "NULL"]);
    assert_eq!(cast(BinaryArray::from(vec![&b"x"[..]]), "binary"), ["78"]);
    assert_eq!(cast(StringArray::from(vec!["2026-01-02", "?"]), "date"), ["2026-01-02", "P017"]);
    assert_eq!(cast(StringArray::from(vec!["1.50", "x"]), "decimal(3,2)"), ["1.50", "P015"]);
    assert_eq!(cast(StringArray::from(vec!["1", "x"]), "uint64"), ["1", "P011"]);
    assert_eq!(cast(StringArray::from(vec!["Zm9v", "x"]), "binary"), ["666f6f", "P020"]);
    assert_eq!(cast(StringArray::from(vec![Some("1"), None]), "int32"), ["P011", "NULL"]);
    assert_eq!(cast(StringArray::from(vec!["true"]), "bool"), ["P010"]);
    let source = SourceSpec { null_values: vec![String::new(), String::from("N/A")], ..SourceSpec::default() };
    let array = Arc::new(StringArray::from(vec!["", "N/A", "x"]));
    assert_eq!(rows(&parse_with(array, column("a", "string"), source)), ["", "NULL", "x"]);
}

#[test]
fn moments_become_microseconds_where_exact() {
    assert_eq!(cast(Date32Array::from(vec![Some(0), None]), "date"), ["1970-01-01", "NULL"]);
    assert_eq!(cast(Date64Array::from(vec![86_400_000, 1, -86_400_000]), "date"), ["1970-01-02", "P017", "1969-12-31"]);
    assert_eq!(cast(TimestampSecondArray::from(vec![1, i64::MAX]), "timestamp"), ["1970-01-01T00:00:01", "P019"]);
    assert_eq!(cast(TimestampMillisecondArray::from(vec![1]), "timestamp"), ["1970-01-01T00:00:00.001"]);
    let batch = parse(TimestampNanosecondArray::from(vec![1000, 1001, -1000]), column("a", "timestamp"));
    assert_eq!(rows(&batch), ["1970-01-01T00:00:00.000001", "P019", "1969-12-31T23:59:59.999999"]);
    assert_eq!(batch.faults[0].detail, "is finer than a microsecond");
    let zoned = || TimestampMicrosecondArray::from(vec![0]).with_timezone("+02:00");
    let batch = parse(zoned(), column("a", "timestamptz"));
    assert_eq!(batch.columns[0].as_primitive::<arrow_array::types::TimestampMicrosecondType>().value(0), 0);
    let batch = parse(TimestampMicrosecondArray::from(vec![0]).with_timezone("UTC"), column("a", "timestamp"));
    assert_eq!(rows(&batch), ["P019"]);
    assert_eq!(batch.faults[0].value.as_deref(), Some("1970-01-01T00:00:00Z"));
    assert_eq!(cast(TimestampMicrosecondArray::from(vec![0]), "timestamptz"), ["P019"]);
    assert_eq!(cast(TimestampMicrosecondArray::from(vec![0]), "date"), ["P017"]);
    assert_eq!(cast(Time32SecondArray::from(vec![61]), "time"), ["00:01:01"]);
    assert_eq!(cast(Time64NanosecondArray::from(vec![1_000, 1]), "time"), ["00:00:00.000001", "P018"]);
    assert_eq!(cast(Date32Array::from(vec![0]), "timestamp"), ["P019"]);
}

#[test]
fn impossible_pairs_are_refused_cell_by_cell() {
    assert_eq!(cast(Int32Array::from(vec![Some(1), None]), "string"), ["P032", "NULL"]);
    assert_eq!(cast(Int32Array::from(vec![1]), "bool"), ["P010"]);
    assert_eq!(cast(BooleanArray::from(vec![Some(true), None]), "bool"), ["true", "NULL"]);
    assert_eq!(cast(BooleanArray::from(vec![true]), "int8"), ["P011"]);
    assert_eq!(cast(Int32Array::from(vec![1]), "date"), ["P017"]);
    assert_eq!(cast(BinaryArray::from(vec![&b"1"[..]]), "int64"), ["P011"]);
    assert_eq!(cast(NullArray::new(2), "int8"), ["NULL", "NULL"]);
    let batch = parse(Int32Array::from(vec![1]), list(column("item", "int32")));
    assert_eq!(batch.faults[0].detail, "is Int32 in the file where list<int32> is promised");
    assert_eq!(rows(&batch), ["P032"]);
}

#[test]
fn lists_of_any_kind_are_lists() {
    let lists = || vec![Some(vec![Some(1), Some(2)]), None, Some(vec![]), Some(vec![None, Some(300)])];
    let wanted = ["[1, 2]", "NULL", "[]", "P012"];
    let small = ListArray::from_iter_primitive::<Int32Type, _, _>(lists());
    let batch = parse(small.clone(), list(column("item", "int8")));
    assert_eq!(rows(&batch), wanted);
    assert_eq!((&*batch.faults[0].path, batch.faults[0].value.as_deref()), ("a[1]", Some("300")));
    let large = LargeListArray::from_iter_primitive::<Int32Type, _, _>(lists());
    assert_eq!(rows(&parse(large, list(column("item", "int8")))), wanted);
    let sliced = small.slice(2, 2);
    let batch = parse(sliced, list(column("item", "int8")));
    assert_eq!(rows(&batch), ["[]", "P012"]);
    assert_eq!(*batch.faults[0].path, *"a[1]");
    let fixed = FixedSizeListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![Some(1), Some(2)]), None], 2);
    assert_eq!(rows(&parse(fixed, list(column("item", "int64")))), ["[1, 2]", "NULL"]);
    let mut lists = ListBuilder::new(ListBuilder::new(Int32Builder::new()));
    lists.values().values().append_value(7);
    lists.values().append(true);
    lists.append(true);
    let inner = Column::new("item", DataType::List(Box::new(column("item", "int8"))));
    assert_eq!(rows(&parse(lists.finish(), list(inner))), ["[[7]]"]);
}

#[test]
fn values_behind_null_are_not_judged() {
    let field = Arc::new(Field::new("item", Arrow::Int32, true));
    let values = Arc::new(Int32Array::from(vec![300, 1, 300]));
    let nulls = NullBuffer::from(vec![false, true, false]);
    let lists = ListArray::new(field, OffsetBuffer::from_lengths([1, 1, 1]), values, Some(nulls.clone()));
    assert_eq!(rows(&parse(lists, list(column("item", "int8")))), ["NULL", "[1]", "NULL"]);
    let fields = vec![Field::new("x", Arrow::Int32, true)].into();
    let structs = StructArray::new(fields, vec![Arc::new(Int32Array::from(vec![300, 1, 300]))], Some(nulls));
    assert_eq!(rows(&parse(structs, structure("a", vec![column("x", "int8")]))), ["NULL", "{x: 1}", "NULL"]);
}

#[test]
fn structs_and_maps_go_by_name() {
    let fields = vec![Field::new("y", Arrow::Utf8, true), Field::new("x", Arrow::Int64, true)].into();
    let (words, numbers) = (StringArray::from(vec!["u", "v"]), Int64Array::from(vec![1, 1 << 40]));
    let structs = StructArray::new(fields, vec![Arc::new(words), Arc::new(numbers)], None);
    let wanted = structure("a", vec![column("x", "int32"), column("y", "string"), column("gone", "date")]);
    let batch = parse(structs, wanted);
    assert_eq!(rows(&batch), ["{x: 1, y: u, gone: }", "P012"]);
    assert_eq!(*batch.faults[0].path, *"a.x");
    let mut map = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
    map.keys().append_value("k");
    map.values().append_value(300);
    map.append(true).expect("map");
    map.append(false).expect("map");
    let map = map.finish();
    let names: Vec<String> = map.entries().fields().iter().map(|field| field.name().clone()).collect();
    let entry = |data_type| list(structure("item", vec![column(&names[0], "string"), column(&names[1], data_type)]));
    assert_eq!(parse(map.clone(), entry("int32")).columns[0].as_list::<i32>().value(0).len(), 1);
    let batch = parse(map, entry("int8"));
    assert_eq!(rows(&batch), ["P012", "NULL"]);
    assert_eq!(*batch.faults[0].path, *format!("a[0].{}", names[1]));
}
