//! Files of JSON to records: each byte once, whatever the blocks.

use std::io::Cursor;
use std::path::PathBuf;

use proptest::prelude::*;

use crate::frame::json;
use crate::frame::layout;
use crate::io::formats::json::Json;
use crate::io::formats::transcode::original_record;
use crate::io::{InputFile, ReadOptions, Source};
use crate::model::{Column, DataType, FileReport, Format, ParseCode, SourceSpec, Table};

/// A record as it was found: its bytes and their image, where it stands, and its fault after parsing.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    bytes: Vec<u8>,
    image: Vec<u8>,
    offset: u64,
    line: u64,
    code: Option<ParseCode>,
}

impl Found {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.image).into_owned()
    }
}

fn table(format: Format, max_field_bytes: u64) -> Table {
    Table {
        name: String::from("t"),
        description: None,
        source: SourceSpec { format, max_field_bytes, ..SourceSpec::default() },
        primary_key: None,
        columns: vec![Column::new("a", DataType::Int64)],
        rules: Vec::new(),
        generation: crate::model::TableGeneration::default(),
    }
}

fn read_by(bytes: &[u8], table: &Table, block_bytes: usize, batch_rows: usize) -> (Vec<Found>, FileReport) {
    let file = InputFile { shown: String::from("t.json"), path: PathBuf::from("t.json"), partitions: Vec::new() };
    let options = ReadOptions { batch_rows, block_bytes, ..ReadOptions::default() };
    let mut source = Json::new(Box::new(Cursor::new(bytes.to_vec())), &file, table, &options).expect("opens");
    let mut found = Vec::new();
    while let Some(raw) = source.next_batch().expect("memory reads") {
        assert!(raw.len() <= batch_rows && !raw.is_empty());
        let origins = layout::origins(table, &raw.file, true);
        let batch = json::parse(raw, table, &origins);
        for (row, record) in batch.raw.records.iter().enumerate() {
            let number = found.len() as u64 + 1;
            let bytes = original_record(&batch.raw, row).into_owned();
            assert_eq!((record.number, record.length), (number, bytes.len() as u64));
            let image = batch.raw.record_text(row).to_vec();
            let code = record.fault.as_ref().map(|why| why.code);
            found.push(Found { bytes, image, offset: record.offset, line: record.line, code });
        }
    }
    assert!(source.next_batch().expect("memory reads").is_none(), "the end stays the end");
    (found, source.tally())
}

/// Reads a file and holds what must hold of every file: nothing lost, nothing twice, lines and offsets right.
fn read_with(bytes: &[u8], table: &Table) -> (Vec<Found>, FileReport) {
    let (found, tally) = read_by(bytes, table, 1 << 20, 8192);
    let mut end = 0;
    for record in &found {
        let start = usize::try_from(record.offset).expect("small");
        assert!(start >= end, "records do not overlap");
        end = start + record.bytes.len();
        assert_eq!(&bytes[start..end], record.bytes);
        assert_eq!(record.line, line_feeds(&bytes[..start]) as u64 + 1);
    }
    let held: usize = found.iter().map(|record| record.bytes.len()).sum();
    assert_eq!((tally.bytes, tally.record_bytes), (bytes.len() as u64, held as u64));
    assert_eq!(tally.framing_bytes, tally.bytes - tally.record_bytes);
    assert_eq!(tally.records, found.len() as u64);
    for (block, rows) in [(1, 1), (2, 3), (3, 1), (7, 2), (64, 1000)] {
        assert_eq!(read_by(bytes, table, block, rows), (found.clone(), tally.clone()), "blocks of {block}");
    }
    (found, tally)
}

/// Counts the line feeds of a file's front, which are whole units behind a mark of UTF-16.
fn line_feeds(front: &[u8]) -> usize {
    let wide = match front {
        [0xFF, 0xFE, ..] => b"\n\0",
        [0xFE, 0xFF, ..] => b"\0\n",
        _ => return memchr::memchr_iter(b'\n', front).count(),
    };
    front.chunks(2).filter(|unit| unit == wide).count()
}

fn read(bytes: &[u8], format: Format) -> (Vec<Found>, FileReport) {
    read_with(bytes, &table(format, 1 << 20))
}

fn codes(bytes: &[u8], format: Format) -> Vec<(String, Option<ParseCode>)> {
    read(bytes, format).0.into_iter().map(|found| (found.text(), found.code)).collect()
}

fn named(records: &[(&str, Option<ParseCode>)]) -> Vec<(String, Option<ParseCode>)> {
    records.iter().map(|(text, code)| ((*text).to_owned(), *code)).collect()
}

const OK: Option<ParseCode> = None;
const SYNTAX: Option<ParseCode> = Some(ParseCode::JsonSyntax);
const CUT: Option<ParseCode> = Some(ParseCode::JsonTruncated);
const NO_OBJECT: Option<ParseCode> = Some(ParseCode::JsonNotObject);

#[test]
fn ndjson_is_one_record_a_line() {
    let bytes = b"\xEF\xBB\xBF{\"a\":1}\n\n{\"a\":2,\"b\":\"\\n\"}\r\n \t\r\n{\"a\"\r:3}\n{\"a\":4}";
    let (found, tally) = read(bytes, Format::Ndjson);
    let texts: Vec<_> = found.iter().map(Found::text).collect();
    assert_eq!(texts, ["{\"a\":1}\n", "{\"a\":2,\"b\":\"\\n\"}\r\n", "{\"a\"\r:3}\n", "{\"a\":4}"]);
    assert_eq!(found.iter().map(|record| record.line).collect::<Vec<_>>(), [1, 3, 5, 6]);
    assert!(found.iter().all(|record| record.code.is_none()));
    assert_eq!((tally.blank_lines, tally.framing_bytes), (2, 3 + 1 + 4));
}

#[test]
fn other_encodings_keep_their_bytes() {
    let text = "{\"a\":1,\"é\":\"𝄞\"}\n\n{\"a\":?}\n{\"a\":2}";
    let units: Vec<u8> = std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let table = table(Format::Ndjson, 1 << 20);
    let (found, tally) = read_by(&units, &table, 1 << 20, 10);
    let records: Vec<_> = found.iter().map(|record| (record.text(), record.offset, record.code)).collect();
    let first = "{\"a\":1,\"é\":\"𝄞\"}\n";
    let (at, len) = (2, 2 * first.encode_utf16().count() as u64);
    let wanted = [(first, at, OK), ("{\"a\":?}\n", at + len + 2, SYNTAX), ("{\"a\":2}", at + len + 2 + 16, OK)];
    assert_eq!(records, wanted.map(|(text, at, code)| (text.to_owned(), at, code)));
    assert_eq!((tally.bytes, tally.framing_bytes), (units.len() as u64, 4));
    for block in [1, 2, 3, 7] {
        assert_eq!(read_by(&units, &table, block, 2), (found.clone(), tally.clone()));
    }
}

#[test]
fn only_a_last_line_without_ending_is_cut() {
    assert_eq!(codes(b"{\"a\":1}\n{\"a\":", Format::Ndjson), named(&[("{\"a\":1}\n", OK), ("{\"a\":", CUT)]));
    assert_eq!(codes(b"{\"a\":1}\n{\"a\":\n", Format::Ndjson), named(&[("{\"a\":1}\n", OK), ("{\"a\":\n", SYNTAX)]));
    assert_eq!(codes(b"{\"a\":1}\n{\"a\":}", Format::Ndjson), named(&[("{\"a\":1}\n", OK), ("{\"a\":}", SYNTAX)]));
    assert_eq!(codes(b"", Format::Ndjson), []);
    assert_eq!(codes(b"\xEF\xBB\xBF", Format::Ndjson), []);
    assert_eq!(read(b" \n\n ", Format::Ndjson).1.blank_lines, 3);
}

#[test]
fn lines_that_are_too_long_are_refused_in_pieces() {
    let long = Some(ParseCode::FieldTooLong);
    let table = table(Format::Ndjson, 1);
    let bytes = b"{\"a\":1}\n0123456789abcdef\r\n0123456789abcdefg\r\n0123456789abcdef0123456789abcdefg\n{\"a\":2}\n";
    let found: Vec<_> = read_with(bytes, &table).0.into_iter().map(|found| (found.text(), found.code)).collect();
    let wanted = [
        ("{\"a\":1}\n", OK),
        ("0123456789abcdef\r\n", SYNTAX),
        ("0123456789abcdef", long),
        ("g\r\n", long),
        ("0123456789abcdef", long),
        ("0123456789abcdef", long),
        ("g\n", long),
        ("{\"a\":2}\n", OK),
    ];
    assert_eq!(found, named(&wanted));
    assert_eq!(read_with(&[b'\r'; 100], &table).0.len(), 7);
    assert_eq!(read_with(&[b'\n'; 100], &table).1.blank_lines, 100);
}

#[test]
fn elements_of_an_array_are_the_records() {
    let bytes =
        b"\xEF\xBB\xBF \n[ {\"a\":1 ,\"s\":\"],\\\"}{[\"},\r\n{\n \"a\": {\"b\":[1,{}]} }\t, 5,\"x\" , [1],null]\n\n";
    let (found, _) = read(bytes, Format::Json);
    let found: Vec<_> = found.into_iter().map(|found| (found.text(), found.code, found.line)).collect();
    let wanted = [
        ("{\"a\":1 ,\"s\":\"],\\\"}{[\"}", OK, 2),
        ("{\n \"a\": {\"b\":[1,{}]} }", OK, 3),
        ("5", NO_OBJECT, 4),
        ("\"x\"", NO_OBJECT, 4),
        ("[1]", NO_OBJECT, 4),
        ("null", NO_OBJECT, 4),
    ];
    assert_eq!(found, wanted.map(|(text, code, line)| (text.to_owned(), code, line)));
    assert_eq!(codes(b"[]", Format::Json), []);
    assert_eq!(codes(b" [ \n ] ", Format::Json), []);
    assert_eq!(codes(b" {\"a\":1}\n", Format::Json), named(&[("{\"a\":1}", OK)]));
    assert_eq!(codes(b"12", Format::Json), named(&[("12", NO_OBJECT)]));
    assert_eq!(codes(b"", Format::Json), []);
    assert_eq!(codes(b" \n", Format::Json), []);
}

#[test]
fn a_bad_element_harms_no_other() {
    let wanted = [("{\"a\":tru}", SYNTAX), ("nul", SYNTAX), ("'x", SYNTAX), ("{\"a\":1,}", SYNTAX), ("{\"a\":2}", OK)];
    assert_eq!(codes(b"[{\"a\":tru}, nul,'x, {\"a\":1,},{\"a\":2}]", Format::Json), named(&wanted));
}

#[test]
fn a_broken_structure_is_refused_by_the_line() {
    for (bytes, wanted) in [
        // Nothing between the elements.
        (
            &b"[{\"a\":1} {\"a\":2},\n{\"a\":3},\n {\"a\":4}\n]\n"[..],
            &[("{\"a\":1}", OK), ("{\"a\":2},", SYNTAX), ("{\"a\":3}", OK), ("{\"a\":4}", OK)][..],
        ),
        (b"[{\"a\":1},]", &[("{\"a\":1}", OK), ("]", SYNTAX)]),
        (b"[,{\"a\":1}]", &[(",{\"a\":1}]", SYNTAX)]),
        (b"[{\"a\":1},,\n{\"a\":2}]", &[("{\"a\":1}", OK), (",", SYNTAX), ("{\"a\":2}]", SYNTAX)]),
        // Behind the end.
        (b"[{\"a\":1}]]\n", &[("{\"a\":1}", OK), ("]", SYNTAX)]),
        (b"[] x\r\n{\"a\":1}\r\n", &[("x", SYNTAX), ("{\"a\":1}", OK)]),
        (b"{\"a\":1}\n{\"a\":2}\n{\"a\":3}", &[("{\"a\":1}", OK), ("{\"a\":2}", SYNTAX), ("{\"a\":3}", OK)]),
        (b"]", &[("]", SYNTAX)]),
        // An element whose end cannot be found.
        (b"[{\"a\":[1},\n{\"a\":2},{\"a\":3}\n]", &[("{\"a\":[1},", SYNTAX), ("{\"a\":2},{\"a\":3}", SYNTAX)]),
        (
            b"[\n {\"a\":\"x},\n {\"a\":2},\n {\"a\":3}\n]",
            &[("{\"a\":\"x},", SYNTAX), ("{\"a\":2}", OK), ("{\"a\":3}", OK)],
        ),
        (b"[\n {\"a\":\"x\\\n\"},\n {\"a\":3}\n]\n", &[("{\"a\":\"x\\", SYNTAX), ("\"}", SYNTAX), ("{\"a\":3}", OK)]),
        (b"[{\"a\":[1},\n{\"a\":2", &[("{\"a\":[1},", SYNTAX), ("{\"a\":2", CUT)]),
        (b"[{\"a\":[1},\n{\"a\":2\n", &[("{\"a\":[1},", SYNTAX), ("{\"a\":2", SYNTAX)]),
        (
            b"[{\"a\":[1},\n,\n]\n{\"a\":2}\n",
            &[("{\"a\":[1},", SYNTAX), (",", SYNTAX), ("]", SYNTAX), ("{\"a\":2}", OK)],
        ),
    ] {
        assert_eq!(codes(bytes, Format::Json), named(wanted), "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn a_cut_array_is_refused_where_it_is_cut() {
    for (bytes, wanted) in [
        (&b"[{\"a\":1},\n {\"a\":\n 2"[..], &[("{\"a\":1}", OK), ("{\"a\":\n 2", CUT)][..]),
        (b"[{\"a\":1},\n ", &[("{\"a\":1}", OK), (",\n ", CUT)]),
        (b"[{\"a\":1}\n", &[("{\"a\":1}", OK), ("\n", CUT)]),
        (b"[{\"a\":1}", &[("{\"a\":1}", OK), ("", CUT)]),
        (b"[", &[("[", CUT)]),
        (b"[12", &[("12", CUT)]),
        (b"[\"12", &[("\"12", CUT)]),
        (b"{\"a\":1", &[("{\"a\":1", CUT)]),
        (b"\"\\", &[("\"\\", CUT)]),
    ] {
        assert_eq!(codes(bytes, Format::Json), named(wanted), "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn elements_that_are_too_long_are_refused_by_the_line() {
    let long = Some(ParseCode::FieldTooLong);
    let table = table(Format::Json, 1);
    for (bytes, wanted) in [
        (
            &b"[{\"a\":12345678.0},\n{\"a\":12345678.01},\n{\"a\":3}\n]"[..],
            &[("{\"a\":12345678.0}", long), ("{\"a\":12345678.01", long), ("},", long), ("{\"a\":3}", OK)][..],
        ),
        (b"[12345678901234567,\n{\"a\":3}]", &[("1234567890123456", long), ("7,", long), ("{\"a\":3}]", SYNTAX)]),
        (b"[1234567890123456]", &[("1234567890123456", long)]),
        (
            b"[{\n\"a\":\n[1,\n2,\n3,\n4]},\n{\"a\":3}]",
            &[
                ("{", long),
                ("\"a\":", SYNTAX),
                ("[1", SYNTAX),
                ("2", NO_OBJECT),
                ("3", NO_OBJECT),
                ("4]}", SYNTAX),
                ("{\"a\":3}]", SYNTAX),
            ],
        ),
    ] {
        let found: Vec<_> = read_with(bytes, &table).0.into_iter().map(|found| (found.text(), found.code)).collect();
        assert_eq!(found, named(wanted), "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn long_gaps_are_not_kept() {
    let gap = " ".repeat(200_000);
    for text in [format!("[{gap}"), format!("[{{\"a\":1}}{gap}"), format!("[{{\"a\":1}},{gap}")] {
        let file = InputFile { shown: String::new(), path: PathBuf::new(), partitions: Vec::new() };
        let table = table(Format::Json, 1 << 20);
        let mut results = Vec::new();
        for block_bytes in [1000, 65_536, 1 << 20] {
            let options = ReadOptions { block_bytes, ..ReadOptions::default() };
            let input = Box::new(Cursor::new(text.clone().into_bytes()));
            let mut source = Json::new(input, &file, &table, &options).expect("opens");
            let mut lengths = Vec::new();
            while let Some(raw) = source.next_batch().expect("memory reads") {
                lengths.extend(raw.records.iter().map(|record| record.len));
                assert!(source.ahead.len() <= (1 << 17) + block_bytes);
            }
            assert_eq!(source.tally().bytes, text.len() as u64);
            results.push(lengths);
        }
        assert!(results.windows(2).all(|pair| pair[0] == pair[1]), "{results:?}");
    }
}

#[test]
fn nesting_does_not_touch_the_stack() {
    let deep = format!("[{}{}, {{\"a\":1}}]", "[".repeat(100_000), "]".repeat(100_000));
    let table = table(Format::Json, 1 << 20);
    let (found, _) = read_by(deep.as_bytes(), &table, 4096, 10);
    assert_eq!(found.iter().map(|record| record.code).collect::<Vec<_>>(), [Some(ParseCode::JsonDepth), None]);
    let (found, _) = read_by("[".repeat(100_000).as_bytes(), &table, 4096, 10);
    assert_eq!(found.iter().map(|record| record.code).collect::<Vec<_>>(), [Some(ParseCode::JsonTruncated)]);
}

#[test]
fn files_cut_at_every_byte_lose_nothing() {
    let lines = "{\"a\":1}\r\n\n{\"a\":\"é\\u00e9\"}\n[1]\n{\"a\":{\"b\":[null]}}\n";
    let array = "\u{feff}[ {\"a\":1},\n {\"a\":\"é\\\"],\"} ,\n\n {\"a\":[{}, 2]} ]\n";
    for (text, format) in [(lines, Format::Ndjson), (array, Format::Json)] {
        for end in 0..=text.len() {
            read(&text.as_bytes()[..end], format);
            let mut broken = text.as_bytes().to_vec();
            broken.splice(end..end, *b"]");
            read(&broken, format);
            broken[end] = b'"';
            read(&broken, format);
        }
    }
}

#[test]
fn blocks_of_any_size_give_the_same() {
    let array =
        b"\xEF\xBB\xBF[ {\"a\":1},\r\n {\"a\":\"\\\\\\\"]\"} , 7, \"x\\\"\",\n {\"a\":[1}, {\"b\":2}\n{\"a\":5},\n]\n";
    let lines = b"\xEF\xBB\xBF{\"a\":1}\r\n\r\n{\"a\":\"\\\"\"}\n{\"a\":[1}\n  \n{\"a\":5},\n{\"a\"";
    for (bytes, format) in [(&array[..], Format::Json), (&lines[..], Format::Ndjson)] {
        let table = table(format, 1 << 20);
        let whole = read_by(bytes, &table, 1 << 20, 8192);
        for block in 1..=70 {
            for rows in [1, 2, 7, 1000] {
                assert_eq!(read_by(bytes, &table, block, rows), whole);
            }
        }
    }
}

/// Reads each file of JSONTestSuite, if it is there, as an array: what is no JSON must not pass unseen.
#[test]
fn json_test_suite() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/suites/JSONTestSuite/test_parsing");
    let Ok(files) = std::fs::read_dir(folder) else { return };
    for file in files {
        let path = file.expect("entry").path();
        let bytes = std::fs::read(&path).expect("readable");
        let name = path.file_name().expect("name").to_string_lossy().into_owned();
        for format in [Format::Json, Format::Ndjson] {
            let table = table(format, 1 << 20);
            let whole = read_by(&bytes, &table, 1 << 20, 1000);
            if bytes.len() < 1000 {
                assert_eq!(read_by(&bytes, &table, 3, 2), whole, "{name}");
            }
            let (found, tally) = whole;
            assert_eq!(tally.record_bytes + tally.framing_bytes, bytes.len() as u64, "{name}");
            let refused = found.iter().filter(|record| record.code.is_some()).count();
            // A byte-order mark alone is framing, as blanks are: there is no record to refuse.
            let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
            let blank = json::validate(&bytes, 500).is_err() && text.iter().all(u8::is_ascii_whitespace);
            if name.starts_with("n_") && format == Format::Json && !blank {
                assert!(refused > 0, "{name}: {found:?}");
            }
            if name.starts_with("y_") && format == Format::Json {
                let only = found.iter().filter_map(|record| record.code);
                let accepted = [ParseCode::JsonNotObject, ParseCode::JsonDuplicateKey];
                assert!(only.into_iter().all(|code| accepted.contains(&code)), "{name}: {found:?}");
            }
        }
    }
}

fn nearly_json() -> impl Strategy<Value = Vec<u8>> {
    let words: Vec<&[u8]> = vec![
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b"\"",
        b"\\",
        b"\n",
        b"\r\n",
        b" ",
        b"1",
        b"tru",
        b"\xEF\xBB\xBF",
        b"\xC3",
        b"\xA9",
        b"{\"a\":1}",
        b"{\"a\":\"x\"},\n",
        b"],\n",
        b"\0",
    ];
    prop::collection::vec(prop::sample::select(words), 0..30).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn bytes_are_conserved(bytes: Vec<u8>) {
        for mark in [b"".as_slice(), b"\xEF\xBB\xBF", b"\xFF\xFE", b"\xFE\xFF"] {
            let bytes = [mark, &bytes].concat();
            read(&bytes, Format::Ndjson);
            read(&bytes, Format::Json);
        }
    }

    #[test]
    fn nearly_json_is_conserved(bytes in nearly_json(), small: bool) {
        let limit = if small { 1 } else { 1 << 20 };
        read_with(&bytes, &table(Format::Ndjson, limit));
        read_with(&bytes, &table(Format::Json, limit));
        let array = [b"[", bytes.as_slice()].concat();
        read_with(&array, &table(Format::Json, limit));
        let wide = array.iter().flat_map(|byte| [0, *byte]);
        let wide: Vec<u8> = [0xFE, 0xFF].into_iter().chain(wide).collect();
        read_with(&wide, &table(Format::Json, limit));
        read_with(&wide, &table(Format::Ndjson, limit));
    }

    #[test]
    fn good_arrays_are_read_whole(values in prop::collection::vec(any::<i64>(), 0..20), pretty: bool) {
        let elements: Vec<_> = values.iter().map(|value| serde_json::json!({"a": value})).collect();
        let text = if pretty { serde_json::to_string_pretty(&elements) } else { serde_json::to_string(&elements) };
        let (found, _) = read(text.expect("JSON").as_bytes(), Format::Json);
        prop_assert_eq!(found.len(), values.len());
        prop_assert!(found.iter().all(|record| record.code.is_none()));
    }
}
