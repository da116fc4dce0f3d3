//! Regular records against the reading that knows every fault: the same batch for any text.

use std::path::Path;

use arrow_array::Array;
use proptest::prelude::*;

use crate::frame::json::{self, tests as records};
use crate::frame::layout::Origin;
use crate::frame::{Batch, RawBatch};
use crate::model::{Column, DataType, Format, SourceSpec, Table};

fn scalar(name: &str, data_type: &str) -> Column {
    Column::new(name, DataType::parse_scalar(data_type).expect("type"))
}

/// Columns of every type, with short and long names.
fn columns() -> Vec<Column> {
    let item = DataType::Struct(vec![
        scalar("product_id", "string"),
        scalar("price", "int64"),
        Column::new("tags", DataType::List(Box::new(Column::new("item", DataType::String)))),
    ]);
    vec![
        scalar("id", "int64"),
        scalar("customer", "string"),
        Column::new("basket", DataType::List(Box::new(Column::new("item", item)))),
        scalar("date_of_purchase", "timestamp"),
        Column::new("at", DataType::Struct(vec![scalar("day", "date"), scalar("ok", "bool")])),
        scalar("a_name_of_more_than_thirty_two_letters", "decimal(9,2)"),
        scalar("n", "int8"),
        scalar("f", "float64"),
        scalar("b", "binary"),
        scalar("größe", "time"),
        scalar("needs\"escapes", "string"),
        scalar("folder", "string"),
    ]
}

fn table(source: SourceSpec) -> Table {
    records::table(columns(), source)
}

/// Parses records both ways. `padding` bytes follow the last one, so that it is not near the text's end.
fn both(lines: &[&[u8]], source: &SourceSpec, padding: usize) -> (Batch, Batch) {
    let mut raw = records::raw(lines, source);
    raw.text.extend(std::iter::repeat_n(b' ', padding));
    let table = table(source.clone());
    let mut origins = vec![Origin::Key; table.columns.len()];
    origins[11] = Origin::Partition(String::from("x"));
    let read = |raw: RawBatch, fast| json::read(raw, &table, &origins, fast);
    (read(raw.clone(), true), read(raw, false))
}

fn assert_same(lines: &[&[u8]], source: &SourceSpec) {
    for padding in [0, 40] {
        let (fast, exact) = both(lines, source, padding);
        let shown = || lines.iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect::<Vec<_>>();
        assert_eq!(fast.columns, exact.columns, "{:#?}", shown());
        assert_eq!(fast.faults, exact.faults, "{:#?}", shown());
        assert_eq!(fast.broken, exact.broken);
        assert_eq!(fast.unparsed, exact.unparsed);
        assert_eq!(fast.raw.records, exact.raw.records);
        for column in &fast.columns {
            column.to_data().validate_full().expect("valid array");
        }
    }
}

fn source() -> SourceSpec {
    SourceSpec { format: Format::Ndjson, ..SourceSpec::default() }
}

/// Records that are regular, or nearly.
const SEEDS: [&str; 22] = [
    r#"{"id":1,"customer":"C1","basket":[{"product_id":"P1","price":5,"tags":["a","b"]},{"product_id":"P22","price":-7,"tags":[]}],"date_of_purchase":"2026-01-02 03:04:05.6","at":{"day":"2026-01-02","ok":true},"a_name_of_more_than_thirty_two_letters":1.5,"n":-128,"f":1e3,"b":"Zm9v","größe":"01:02:03"}"#,
    r#"{ "id": 12345678, "customer": "a name of more than sixteen letters, in fact of three times as many", "basket": [ ], "at": { } }"#,
    r#"{"customer":"é\u00e9\n\"","id":9223372036854775807,"at":null,"basket":null}"#,
    r#"{"n":1,"f":0.1,"id":123456789012345678,"x":[1,{"y":[]}],"customer":""}"#,
    r#"{"x":{"y":1,"z":"\ud83d\ude00"},"id":-0,"unknown":"text","more":1.5e-3,"yes":true,"no":false,"nil":null,"customer":"N/A"}"#,
    r#"{"x":1,"x":2}"#,
    r#"{"x":{"y":1,"y":2},"id":3}"#,
    r#"{"id":1,"id":1}"#,
    r#"{"basket":[{"price":1,"price":1}]}"#,
    r#"{"basket":[{"price":1},{"price":"2"},{"price":"2e1"}],"id":"77"}"#,
    r#"{"id" : 1 , "customer" : "C" , "basket" : [ { "price" : 1 } , null ] }"#,
    r#"{"id":01}"#,
    r#"{"id":1.0,"n":128,"f":1e999,"b":"?"}"#,
    r#"{"id":1}{"id":2}"#,
    r#"{"id":1,}"#,
    r#"{"id":1"#,
    r#"{"date_of_purchase":"2026-13-02 00:00:00","at":{"day":"N/A","ok":"true"}}"#,
    r#"{"needs\"escapes":"x","\u0069d":5,"a_name_of_more_than_thirty_two_letterz":1}"#,
    r#"{"folder":"not this","a_name_of_more_than_thirty_two_letters":"1.25"}"#,
    r#"{"basket":[[1]],"at":[],"customer":{}}"#,
    r#"{}"#,
    r#"[]"#,
];

#[test]
fn seeds_are_read_alike() {
    let spellings = SourceSpec { null_values: vec![String::from("N/A"), String::from("C1")], ..source() };
    let tight = SourceSpec { max_depth: 2, max_field_bytes: 20, ..source() };
    let lines: Vec<String> = SEEDS.iter().map(|seed| format!("{seed}\n")).collect();
    let lines: Vec<&[u8]> = lines.iter().map(String::as_bytes).collect();
    let bare: Vec<&[u8]> = SEEDS.iter().map(|seed| seed.as_bytes()).collect();
    for source in [source(), spellings, tight, SourceSpec { format: Format::Json, ..source() }] {
        assert_same(&lines, &source);
        assert_same(&bare, &source);
        for line in &lines {
            // Each among regular ones, and alone.
            assert_same(&[lines[0], line, lines[0], line], &source);
            assert_same(&[line], &source);
        }
    }
}

#[test]
fn bytes_that_are_no_utf8_trouble_their_record_alone() {
    let lines: [&[u8]; 4] =
        [b"{\"id\":1}\n", b"{\"id\":2,\"customer\":\"\xff\"}\n", b"{\"id\":3}\r\n", b"{\"x\xc3\":3}\n"];
    assert_same(&lines, &source());
    // Together the two halves are one character.
    assert_same(&[b"{\"id\":1}\xc3", b"\xa9{\"id\":1}"], &SourceSpec { format: Format::Json, ..source() });
}

#[test]
fn what_is_regular_is_read_as_such() {
    let lines: Vec<String> = SEEDS.iter().map(|seed| format!("{seed}\n")).collect();
    let regular = |line: &String| {
        // The first time a key is met that is no column, the record is read the long way.
        let raw =
            records::raw(&[line.as_bytes(), line.as_bytes(), b"{\"id\":1,\"customer\":\"x\",\"n\":1}\n"], &source());
        let table = table(source());
        let origins = vec![Origin::Key; table.columns.len()];
        let mut reading = json::record::Reading::new(&raw, &table, &origins, true);
        reading.record(0);
        reading.regular(1).is_some()
    };
    let found: Vec<usize> = (0..SEEDS.len()).filter(|seed| regular(&lines[*seed])).collect();
    assert_eq!(found, [0, 1, 2, 3, 4, 10, 18, 20]);
}

#[test]
fn suite_files_are_read_alike() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/suites/JSONTestSuite/test_parsing");
    let Ok(files) = std::fs::read_dir(folder) else { return };
    for file in files {
        let text = std::fs::read(file.expect("entry").path()).expect("readable");
        let inside = |before: &str, behind: &str| [before.as_bytes(), &text, behind.as_bytes()].concat();
        let known = inside("{\"basket\":[{\"tags\":", "}],\"id\":1}\n");
        let unknown = inside("{\"x\":", ",\"id\":1}\n");
        let text_itself = inside("{\"customer\":\"", "\"}\n");
        assert_same(&[&unknown, &known, &unknown, &known, &text, &text_itself], &source());
    }
}

/// A seed with some of its bytes changed, left out or doubled.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, any::<u8>()), 0..4);
    (prop::sample::select(SEEDS.to_vec()), edits).prop_map(|(seed, edits)| {
        let mut text = seed.as_bytes().to_vec();
        for (place, edit, byte) in edits {
            if text.is_empty() {
                break;
            }
            let at = place.index(text.len());
            match edit {
                0 => text[at] = byte,
                1 => drop(text.remove(at)),
                2 => text.insert(at, b"{}[]\",:0 \\ntf-.e1"[usize::from(byte) % 17]),
                _ => text.insert(at, text[at]),
            }
        }
        text.push(b'\n');
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn mutated_records_are_read_alike(lines in prop::collection::vec(mutated(), 1..5)) {
        let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
        assert_same(&lines, &source());
    }

    #[test]
    fn nearly_json_is_read_alike(lines in prop::collection::vec(records::nearly_json(), 1..8)) {
        let lines: Vec<&[u8]> = lines.iter().map(String::as_bytes).collect();
        assert_same(&lines, &source());
    }

    #[test]
    fn any_bytes_are_read_alike(lines: Vec<Vec<u8>>) {
        let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
        assert_same(&lines, &source());
    }
}
