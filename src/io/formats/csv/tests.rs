//! What the CSV reader promises: every fault, every offset, any cut, any block size, every byte.

use std::io::Cursor as Bytes;

use proptest::prelude::*;

use super::*;
use crate::frame::raw::unescape;
use crate::io::formats::transcode::original_record;
use crate::model::{Column, DataType, Encoding, Escape, LineEnding, Quotes, SourceSpec, Why};

/// One record as a test sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    number: u64,
    line: u64,
    offset: u64,
    bytes: Vec<u8>,
    fields: Vec<String>,
    why: Option<Why>,
}

impl Row {
    fn code(&self) -> &'static str {
        self.why.as_ref().map_or("", |why| why.code.code())
    }
}

fn table(spec: &SourceSpec) -> Table {
    let columns = ["a", "b", "c"].map(|name| Column::new(name, DataType::String)).to_vec();
    Table {
        name: "t".into(),
        description: None,
        source: spec.clone(),
        primary_key: None,
        columns,
        rules: Vec::new(),
        generation: crate::model::TableGeneration::default(),
    }
}

fn source(bytes: &[u8], spec: &SourceSpec, options: &ReadOptions) -> Result<CsvSource> {
    let file = InputFile { shown: "t.csv".into(), path: "t.csv".into(), partitions: Vec::new() };
    CsvSource::new(Box::new(Bytes::new(bytes.to_vec())), &file, &table(spec), options)
}

fn read_with(bytes: &[u8], spec: &SourceSpec, options: &ReadOptions) -> Result<(Vec<Row>, CsvSource)> {
    read_at(None, bytes, spec, options)
}

/// Reads with a level of the scan (`Some(None)`: by the framer alone) instead of the machine's best.
fn read_at(
    level: Option<Option<Level>>,
    bytes: &[u8],
    spec: &SourceSpec,
    options: &ReadOptions,
) -> Result<(Vec<Row>, CsvSource)> {
    let mut source = source(bytes, spec, options)?;
    if let Some(level) = level {
        source.level = level.filter(|_| source.level.is_some());
    }
    let mut rows = Vec::new();
    let mut text = Vec::new();
    while let Some(raw) = source.next_batch()? {
        assert!(!raw.is_empty() && raw.len() <= options.batch_rows);
        for (index, record) in raw.records.iter().enumerate() {
            let fields = (0..source.names().len()).map(|field| {
                let (content, span) = raw.field(index, field).unwrap();
                assert!(record.fault.is_none() || span == FieldSpan::default());
                unescape(content, span, spec, &mut text);
                String::from_utf8_lossy(if span.escaped { &text } else { content }).into_owned()
            });
            let bytes = original_record(&raw, index).into_owned();
            assert_eq!(bytes.len() as u64, record.length);
            rows.push(Row {
                number: record.number,
                line: record.line,
                offset: record.offset,
                bytes,
                fields: fields.collect(),
                why: record.fault.as_deref().cloned(),
            });
        }
    }
    Ok((rows, source))
}

/// Reads and checks that no byte is lost.
fn read(bytes: &[u8], spec: &SourceSpec) -> (Vec<Row>, FileReport) {
    let (rows, source) = read_with(bytes, spec, &ReadOptions::default()).unwrap();
    conserves(bytes, &rows, &source.tally());
    (rows, source.tally())
}

fn conserves(bytes: &[u8], rows: &[Row], tally: &FileReport) {
    assert_eq!(tally.bytes, bytes.len() as u64);
    assert_eq!(tally.bytes, tally.record_bytes + tally.framing_bytes);
    assert_eq!(tally.records, rows.len() as u64);
    let mut behind = 0;
    for (row, number) in rows.iter().zip(1..) {
        let start = usize::try_from(row.offset).unwrap();
        assert!(start >= behind, "records overlap");
        assert_eq!(bytes[start..start + row.bytes.len()], row.bytes[..]);
        assert_eq!(row.number, number);
        behind = start + row.bytes.len();
    }
    assert_eq!(tally.record_bytes, rows.iter().map(|row| row.bytes.len() as u64).sum::<u64>());
}

fn bare() -> SourceSpec {
    SourceSpec { header: false, ..SourceSpec::default() }
}

fn codes(rows: &[Row]) -> Vec<&'static str> {
    rows.iter().map(Row::code).collect()
}

fn fields(rows: &[Row]) -> Vec<Vec<&str>> {
    rows.iter().map(|row| row.fields.iter().map(String::as_str).collect()).collect()
}

#[test]
fn plain_records_have_places() {
    let (rows, tally) = read(b"a,b,c\n1,2,3\r\n\n4,\"5\n5\",6\n7,8,9", &SourceSpec::default());
    assert_eq!(fields(&rows), [["1", "2", "3"], ["4", "5\n5", "6"], ["7", "8", "9"]]);
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 4, 6]);
    assert_eq!(rows.iter().map(|row| row.offset).collect::<Vec<_>>(), [6, 14, 24]);
    assert_eq!((tally.blank_lines, tally.framing_bytes), (1, 7));
}

#[test]
fn each_fault_condemns_its_first_line_only() {
    for (text, code, bytes, at) in [
        ("1,\"x\n2,3,4\n", "P001", "1,\"x\n", Some(2)),
        ("1,2,\"x\"y\n", "P002", "1,2,\"x\"y\n", Some(7)),
        ("1,2,\"x\nx\"y\n", "P002", "1,2,\"x\n", None),
        ("1,2\",3\n", "P003", "1,2\",3\n", Some(3)),
        ("1,\"2\n2\",3\"\n", "P003", "1,\"2\n", None),
        ("1,2\n", "P004", "1,2\n", None),
        ("1,\"2\n2\"\n", "P004", "1,\"2\n", None),
        ("1,2,3,4\n", "P005", "1,2,3,4\n", Some(6)),
        ("\"1\n\",2,3,4\n", "P005", "\"1\n", None),
        ("1,2,3\0\n", "P007", "1,2,3\0\n", Some(5)),
    ] {
        let (rows, _) = read(text.as_bytes(), &bare());
        assert_eq!(rows[0].code(), code, "{text:?}");
        assert_eq!(rows[0].bytes, bytes.as_bytes(), "{text:?}");
        assert_eq!(rows[0].why.as_ref().unwrap().at, at, "{text:?}");
        let (longer, _) = read(format!("{text}5,6,7\n").as_bytes(), &bare());
        assert_eq!(longer.last().unwrap().fields, ["5", "6", "7"], "reading goes on behind {text:?}");
    }
}

#[test]
fn faults_are_said_in_words() {
    for (text, words) in [
        ("1,\"x\n", "field 2 opens a quote that is never closed"),
        ("1,\"2\n2\",\"3\n", "field 3 opens a quote that is never closed on line 2"),
        ("1,\"2\n2\"x,3\n", "field 2 is closed and then followed by text on line 2"),
        ("1,2\n", "has 2 fields where 3 are expected"),
        ("1\n", "has 1 field where 3 are expected"),
        ("1,2,3,4,5\n", "has 5 fields where 3 are expected"),
        ("1,2,3,4,\"5\n6\",7\n", "the record goes over several lines and has at least 5 fields where 3 are expected"),
        ("1,\"2\n2\"\n", "the record goes over several lines and has 2 fields where 3 are expected"),
    ] {
        assert_eq!(read(text.as_bytes(), &bare()).0[0].why.as_ref().unwrap().detail, words, "{text:?}");
    }
}

#[test]
fn bytes_that_are_not_utf8_are_named() {
    let (rows, _) = read(b"1,2,3\n1,\"x\ny\xE9\",3\n4,5,6\n", &bare());
    assert_eq!(codes(&rows), ["", "P006", ""]);
    let why = rows[1].why.as_ref().unwrap();
    assert_eq!((why.at, why.detail.as_str()), (Some(6), "byte 0xE9 at offset 12 of the file is not UTF-8"));
    assert_eq!(rows[1].bytes, b"1,\"x\ny\xE9\",3\n");
    for bad in [&b"\xC0\xAF"[..], b"\xED\xA0\x80", b"\xE2\x82", b"\xF5\x80\x80\x80"] {
        let (rows, _) = read(&[b"1,2,", bad, b"\n"].concat(), &bare());
        assert_eq!(codes(&rows), ["P006"]);
    }
}

#[test]
fn long_fields_are_faults() {
    let spec = SourceSpec { max_field_bytes: 4, ..bare() };
    for (text, expected) in [
        ("1,1234,3\n", vec![""]),
        ("1,12345,3\n4,5,6\n", vec!["P008", ""]),
        ("1,\"1234\",3\n", vec![""]),
        ("1,\"12345\",3\n4,5,6\n", vec!["P008", ""]),
        ("1,\"12\"\"\",3\n", vec![""]),
        ("1,\"123\"\"\",3\n", vec!["P008"]),
        ("1,\"1\n345\",3\n", vec!["P001", "P003"]),
        ("1,12345", vec!["P008"]),
        ("12345,\"1", vec!["P008"]),
    ] {
        assert_eq!(codes(&read(text.as_bytes(), &spec).0), expected, "{text:?}");
    }
}

#[test]
fn a_stray_quote_swallows_nothing() {
    let mut text = b"1,\"open,3\n".to_vec();
    (0..5000).for_each(|i| text.extend(format!("{i},text without quotes,{i}\n").into_bytes()));
    for max_field_bytes in [100, 1 << 20] {
        let (rows, _) = read(&text, &SourceSpec { max_field_bytes, ..bare() });
        assert_eq!((rows.len(), rows[0].code()), (5001, "P001"));
        assert!(rows[1..].iter().all(|row| row.why.is_none()));
    }
}

#[test]
fn many_stray_quotes_stay_fast() {
    // Quadratic work would take hours here.
    let lines = 200_000;
    for line in ["\"\n", "x,\"\n", "\",\"\n", "\"\"\"\n", "\"a\"\"\n", "\"x\",y,\"z\n"] {
        let text = line.repeat(lines);
        let (rows, tally) = read(text.as_bytes(), &SourceSpec { escape: Escape::Backslash, ..bare() });
        assert!(!rows.is_empty() && tally.bytes == text.len() as u64);
        read(text.as_bytes(), &bare());
    }
}

#[test]
fn quotes_may_be_lenient_none_or_other() {
    let lenient = SourceSpec { quotes: Quotes::Lenient, ..bare() };
    assert_eq!(fields(&read(b"1,2\"x\",5\" pipe\n", &lenient).0), [["1", "2\"x\"", "5\" pipe"]]);
    assert_eq!(codes(&read(b"1,\"2\"x,3\n", &lenient).0), ["P002"]);
    let none = SourceSpec { quote: None, ..bare() };
    assert_eq!(fields(&read(b"\"1,2\",\"\n", &none).0), [["\"1", "2\"", "\""]]);
    let single = SourceSpec { quote: Some(b'\''), delimiter: b';', ..bare() };
    assert_eq!(fields(&read(b"'1;''';\"2\";3\n", &single).0), [["1;'", "\"2\"", "3"]]);
}

#[test]
fn backslashes_escape_inside_and_outside_quotes() {
    let spec = SourceSpec { escape: Escape::Backslash, ..bare() };
    let (rows, _) = read(b"a\\,b,\"c\\\"\\\\d\",e\\\nf\n1,2,3\\", &spec);
    assert_eq!(fields(&rows), [["a,b", "c\"\\d", "e\nf"], ["1", "2", "3\\"]]);
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(codes(&read(b"1,\"2\\", &spec).0), ["P001"]);
    assert_eq!(codes(&read(b"1,\"2\"\"3\",4\n", &spec).0), ["P002"]);
    assert_eq!(codes(&read(b"1,2\\\n3\n4,5,6\n", &spec).0), ["P004", "P004", ""]);
}

#[test]
fn line_endings_are_of_the_sort_said() {
    let text = b"1,2,3\n4,5,6\r\n7,\"8\r8\",9\r1,2,3";
    for (line_ending, expected) in [
        (LineEnding::Any, vec![(1, ""), (2, ""), (3, ""), (5, "")]),
        (LineEnding::Lf, vec![(1, ""), (2, ""), (3, "P005")]),
        (LineEnding::Crlf, vec![(1, "P005"), (2, "P005")]),
        (LineEnding::Cr, vec![(1, "P005"), (2, ""), (4, "")]),
    ] {
        let (rows, _) = read(text, &SourceSpec { line_ending, ..bare() });
        let found: Vec<_> = rows.iter().map(|row| (row.line, row.code())).collect();
        assert_eq!(found, expected, "{line_ending:?}");
    }
    let (rows, tally) = read(b"\r\n\r1,2,3\r\r\n\n\n", &bare());
    assert_eq!((rows[0].line, tally.blank_lines), (3, 5));
    let (rows, _) = read("1,2,x\u{2028}y\n".as_bytes(), &bare());
    assert_eq!(rows[0].fields[2], "x\u{2028}y");
}

#[test]
fn what_is_not_a_record_is_framing() {
    let spec = SourceSpec { comment: Some(b'#'), skip_lines: 2, ..SourceSpec::default() };
    let text = b"\xEF\xBB\xBFmade \"by\n\n#x\na,b,c\n#\"\n1,2,3\n\n#end";
    let (rows, tally) = read(text, &spec);
    assert_eq!(fields(&rows), [["1", "2", "3"]]);
    assert_eq!((tally.comment_lines, tally.blank_lines, rows[0].line), (3, 1, 6));
    let source = source(text, &spec, &ReadOptions::default()).unwrap();
    assert_eq!(source.shape.header, b"made \"by\n\na,b,c\n", "what a reject file needs to be read again");
}

#[test]
fn one_column_has_blank_lines_and_empty_records() {
    let (rows, tally) = read(b"foo\n\n\"\"\n1\n", &SourceSpec::default());
    assert_eq!((fields(&rows), tally.blank_lines), (vec![vec![""], vec!["1"]], 1));
}

#[test]
fn trailing_delimiters_are_no_fields() {
    let spec = SourceSpec { trailing_delimiter: true, delimiter: b'|', ..bare() };
    let (rows, _) = read(b"1|2|3|\n1|2|3\n1|2|\n1|2||\n1|2|3|4|\n1|2|3|4\n1|2|3||\n|||\n", &spec);
    assert_eq!(codes(&rows), ["", "", "P004", "", "P005", "P005", "P005", ""]);
    assert_eq!(rows[4].why.as_ref().unwrap().detail, "has 4 fields where 3 are expected");
    assert_eq!(rows[3].fields, ["1", "2", ""]);
    let header = SourceSpec { header: true, ..spec };
    let (_, source) = read_with(b"x|y|\n1|2|\n", &header, &ReadOptions::default()).unwrap();
    assert_eq!(source.names(), ["x", "y"]);
}

#[test]
fn headers_are_read_or_refused() {
    let names = |text: &[u8]| read_with(text, &SourceSpec::default(), &ReadOptions::default()).unwrap().1.names();
    assert_eq!(names(b"\"a \"\"1\"\"\",\"b\nc\",,a\n"), ["a \"1\"", "b\nc", "", "a"]);
    assert_eq!(names(b"a,b"), ["a", "b"]);
    assert!(names(b"").is_empty() && names(b"\xEF\xBB\xBF\n\n").is_empty());
    for (text, words) in [
        (&b"\n\"a,b\n1,2\n"[..], "line 2: field 1 opens a quote"),
        (b"a,\"b\"x\n", "followed by text"),
        (b"a,\xE9\n", "byte 0xE9 at offset 2"),
        (b"a\0,b\0\n", "NUL"),
    ] {
        let error = read_with(text, &SourceSpec::default(), &ReadOptions::default()).err().unwrap();
        assert!(error.message.contains(words) && error.message.contains("t.csv"), "{error}");
        assert_eq!(error.hints.len(), 1);
    }
}

#[test]
fn partitions_are_not_in_files_without_header() {
    let partitions = vec![("b".to_owned(), "x".to_owned())];
    let file = InputFile { shown: "b=x/t.csv".into(), path: "t.csv".into(), partitions };
    let bytes = Box::new(Bytes::new(b"1,3\n".to_vec()));
    let source = CsvSource::new(bytes, &file, &table(&bare()), &ReadOptions::default()).unwrap();
    assert_eq!(source.names(), ["a", "c"]);
}

fn encode(text: &str, encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Utf16Le => "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
        Encoding::Utf16Be => "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect(),
        Encoding::Latin1 => text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect(),
        Encoding::Auto | Encoding::Utf8 => text.as_bytes().to_vec(),
    }
}

#[test]
fn other_encodings_keep_their_own_offsets() {
    let text = "a,b,c\r\né,\"ü\n\",x\r\n1,2\r\n";
    for encoding in [Encoding::Utf16Le, Encoding::Utf16Be, Encoding::Latin1] {
        let bytes = encode(text, encoding);
        let asked = if encoding == Encoding::Latin1 { encoding } else { Encoding::Auto };
        let (rows, tally) = read(&bytes, &SourceSpec { encoding: asked, ..SourceSpec::default() });
        assert_eq!(rows[0].fields, ["é", "ü\n", "x"]);
        assert_eq!((rows[1].code(), rows[1].line), ("P004", 4));
        assert_eq!(rows[1].offset + rows[1].bytes.len() as u64, bytes.len() as u64);
        assert_eq!(tally.framing_bytes, if encoding == Encoding::Latin1 { 7 } else { 16 });
    }
}

#[test]
fn broken_utf16_is_named() {
    let mut bytes = encode("1,2,3\nx,y,", Encoding::Utf16Le);
    bytes.extend([0x00, 0xD8, b'\n', 0, b'1', 0, b',', 0, b'2', 0, b',', 0, b'3', 0, b'z']);
    let (rows, _) = read(&bytes, &bare());
    assert_eq!(codes(&rows), ["", "P006", "P006"]);
    let details: Vec<_> = rows[1..].iter().map(|row| row.why.as_ref().unwrap().detail.as_str()).collect();
    assert_eq!(details[0], "the surrogate 0xD800 at offset 22 of the file has no partner");
    assert_eq!(details[1], "byte 0x7A at offset 36 of the file is half of a UTF-16 unit");
    assert_eq!(rows[2].bytes.last(), Some(&b'z'));
}

/// A file with one of everything.
const TORN: &[u8] = b"\xEF\xBB\xBF#c\r\na,b,c\r\n1,\"two\r\n\"\"2\"\"\",3\r\n\r\n4,5\n\"x\"y,\xC3\xA9,\xE9\rp\"q,,\n\n7,\"8\n9,\"0\",\0";

#[test]
fn every_cut_of_a_file_keeps_every_byte() {
    let spec = SourceSpec { comment: Some(b'#'), ..SourceSpec::default() };
    for cut in 0..=TORN.len() {
        for ending in [&b""[..], b"\n"] {
            let bytes = [&TORN[..cut], ending].concat();
            match read_with(&bytes, &spec, &ReadOptions::default()) {
                Ok((rows, source)) => conserves(&bytes, &rows, &source.tally()),
                Err(error) => assert!(error.message.contains("header"), "{error}"),
            }
        }
    }
}

#[test]
fn blocks_and_batches_change_nothing() {
    let spec = SourceSpec { comment: Some(b'#'), ..SourceSpec::default() };
    let wide = encode("a,b,c\n1,\"é\n𝄞\",3\n4,5\nx\"y,,\n", Encoding::Utf16Le);
    for text in [TORN, &wide] {
        let (whole, source) = read_with(text, &spec, &ReadOptions::default()).unwrap();
        let tally = source.tally();
        for block_bytes in 1..=70 {
            for batch_rows in [1, 2, 7, 1000] {
                let options = ReadOptions { batch_rows, block_bytes, ..ReadOptions::default() };
                let (rows, source) = read_with(text, &spec, &options).unwrap();
                assert_eq!((&rows, &source.tally()), (&whole, &tally), "{block_bytes} bytes, {batch_rows} rows");
            }
        }
    }
}

#[test]
fn lines_without_end_stop_the_run() {
    let mut dialect = Dialect::new(&bare()).unwrap();
    dialect.max_record = 10;
    let mut fields = Vec::new();
    let mut next = |text: &[u8]| framer::next(&dialect, text, 0, true, 1, Some(3), &mut fields);
    assert_eq!(next(b"1,234567890\nx"), Unit::TooLong);
    assert!(matches!(next(b"1,\"2\n34567\",8\n"), Unit::Record(Framed { end: 5, flaw: Some(_), .. })));
    assert!(matches!(next(b"1,2,34567\nx"), Unit::Record(Framed { end: 10, flaw: None, .. })));
}

fn dialects() -> impl Strategy<Value = SourceSpec> {
    let endings =
        prop_oneof![Just(LineEnding::Any), Just(LineEnding::Lf), Just(LineEnding::Crlf), Just(LineEnding::Cr)];
    let encodings = prop_oneof![3 => Just(Encoding::Auto), 1 => Just(Encoding::Latin1), 1 => Just(Encoding::Utf16Be)];
    (endings, encodings, any::<[bool; 6]>(), 0..3_u64, prop_oneof![Just(3_u64), Just(1 << 20)]).prop_map(
        |(
            line_ending,
            encoding,
            [backslash, lenient, quoted, comment, trailing_delimiter, header],
            skip_lines,
            max,
        )| {
            SourceSpec {
                line_ending,
                encoding,
                escape: if backslash { Escape::Backslash } else { Escape::Doubled },
                quotes: if lenient { Quotes::Lenient } else { Quotes::Strict },
                quote: quoted.then_some(b'"'),
                comment: comment.then_some(b'#'),
                trailing_delimiter,
                header,
                skip_lines,
                max_field_bytes: max,
                ..SourceSpec::default()
            }
        },
    )
}

/// Bytes with much that means something.
fn dirt() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        8 => proptest::sample::select(&b"\"\",,\n\r\\#a"[..]),
        1 => any::<u8>(),
    ];
    proptest::collection::vec(byte, 0..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_are_kept_and_read_alike(bytes in dirt(), spec in dialects(), block_bytes in 1_usize..40) {
        let options = ReadOptions { block_bytes, batch_rows: 3, ..ReadOptions::default() };
        let whole = read_with(&bytes, &spec, &ReadOptions::default());
        let pieces = read_with(&bytes, &spec, &options);
        match (whole, pieces) {
            (Ok((rows, source)), Ok((others, other))) => {
                conserves(&bytes, &rows, &source.tally());
                prop_assert_eq!(rows, others);
                prop_assert_eq!(source.tally(), other.tally());
            }
            (Err(left), Err(right)) => prop_assert_eq!(left.message, right.message),
            _ => prop_assert!(false, "one way reads, the other does not"),
        }
    }

    #[test]
    fn every_level_of_the_scan_gives_what_the_framer_gives(
        bytes in dirt(),
        filler in 0_usize..130,
        spec in dialects(),
        block_bytes in 1_usize..400,
    ) {
        // The filler moves the dirt over the borders of the scan's steps.
        let bytes = [&vec![b'x'; filler][..], b",y\n\"p,q\",\"r\"\"s\"\n", &bytes].concat();
        let options = ReadOptions { block_bytes, ..ReadOptions::default() };
        let plain = read_at(Some(None), &bytes, &spec, &options);
        for level in Level::available() {
            match (&plain, read_at(Some(Some(level)), &bytes, &spec, &options)) {
                (Ok((rows, source)), Ok((others, other))) => {
                    prop_assert_eq!(rows, &others, "{:?}", level);
                    prop_assert_eq!(source.tally(), other.tally());
                }
                (Err(left), Err(right)) => prop_assert_eq!(&left.message, &right.message),
                _ => prop_assert!(false, "one way reads, the other does not"),
            }
        }
    }

    #[test]
    fn well_formed_files_read_as_by_the_csv_crate(
        records in proptest::collection::vec(proptest::array::uniform3("[a-c,;\"\r\n é]{0,6}"), 0..12),
        crlf in any::<bool>(),
        always in any::<bool>(),
        block_bytes in 1_usize..40,
    ) {
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let style = if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let mut writer =
            csv::WriterBuilder::new().terminator(terminator).quote_style(style).from_writer(Vec::new());
        for record in &records {
            writer.write_record(record).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let options = ReadOptions { block_bytes, ..ReadOptions::default() };
        let (rows, source) = read_with(&bytes, &bare(), &options).unwrap();
        conserves(&bytes, &rows, &source.tally());
        prop_assert!(rows.iter().all(|row| row.why.is_none()));
        let wanted: Vec<Vec<&str>> = records.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        prop_assert_eq!(fields(&rows), wanted);
    }

    #[test]
    fn blocks_framed_elsewhere_are_as_those_framed_at_once(
        pieces in proptest::collection::vec(mostly_regular(), 0..300),
        crlf in any::<bool>(),
        batch_rows in prop_oneof![Just(1_usize), 60..90_usize, Just(1000)],
        block_bytes in prop_oneof![1_usize..60, 500..3000_usize, Just(1 << 19)],
    ) {
        let ending = if crlf { "\r\n" } else { "\n" };
        let bytes: Vec<u8> = pieces.iter().flat_map(|piece| [piece, ending.as_bytes()].concat()).collect();
        let options = ReadOptions { batch_rows, block_bytes, ..ReadOptions::default() };
        let (rows, source) = read_at(Some(None), &bytes, &bare(), &options).unwrap();
        let (others, other) = read_at(Some(Some(Level::best())), &bytes, &bare(), &options).unwrap();
        conserves(&bytes, &rows, &source.tally());
        prop_assert_eq!(rows, others);
        prop_assert_eq!(source.tally(), other.tally());
    }
}

/// A record of three fields, and now and then something else.
fn mostly_regular() -> impl Strategy<Value = Vec<u8>> {
    const OTHER_WIDTHS: &[&[u8]] = &[b"a,b", b"a,b,c,d", b"a,\"b\nc\"", b"a", b",,,"];
    const IRREGULAR: &[&[u8]] = &[b"", b"a,\"b\"c,d", b"a,b\",c", b"a\rb,c", b"a,b\xFF,c", b"a,\0,c"];
    let one_of = |some| proptest::sample::select(some).prop_map(<[u8]>::to_vec);
    prop_oneof![
        150 => "[a-z]{0,4},[a-z]{0,4},[a-z]{0,4}".prop_map(String::into_bytes),
        20 => "\"[a-z,\n]{0,4}\",\"([a-z]|\"\"){0,4}\",[a-z]{0,4}".prop_map(String::into_bytes),
        1 => one_of(OTHER_WIDTHS),
        1 => one_of(IRREGULAR),
    ]
}
