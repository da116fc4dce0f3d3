//! Bytes that are hard to read: encodings, NUL, line ends, quotes, size, depth.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use karat::model::{Report, TableReport};
use proptest::prelude::*;

use crate::reliability::reasons;
use crate::support::{Folder, contract, run_check, settings};

const TEXTS: &str = "karat: 1
name: f
tables:
  t:
    source: {SOURCE}
    columns: {a: {type: string}, b: {type: string}}
";

/// What a check made of a file: its report, the offset and length of each reject, and the bytes that were kept.
struct Checked {
    report: Report,
    rejects: Vec<(usize, usize)>,
    kept: Vec<u8>,
    codes: BTreeSet<String>,
    lines: Vec<u64>,
}

impl Checked {
    fn table(&self) -> &TableReport {
        &self.report.tables[0]
    }
}

/// Checks bytes, and that every record and every byte is accounted for.
fn check(source: &str, name: &str, bytes: &[u8], block: usize) -> Checked {
    let (data, rejects) = (Folder::new(), Folder::new());
    data.write(name, bytes);
    let contract = contract(&TEXTS.replace("SOURCE", source));
    let mut settings = settings(2, 3);
    settings.block_bytes = block;
    let report = run_check(&contract, data.path(), Some(rejects.path()), &settings)
        .unwrap_or_else(|error| panic!("{error}\n{}", String::from_utf8_lossy(bytes)));
    let table = &report.tables[0];
    assert_eq!(table.records, table.clean + table.rejected);
    assert_eq!(table.files[0].record_bytes + table.files[0].framing_bytes, bytes.len() as u64);
    let reasons = reasons(rejects.path(), "t");
    assert_eq!(reasons.len() as u64, table.rejected);
    let number = |reason: &serde_json::Value, key: &str| usize::try_from(reason[key].as_u64().unwrap()).unwrap();
    let places = reasons.iter().map(|reason| (number(reason, "offset"), number(reason, "length"))).collect();
    let lines = reasons.iter().map(|reason| reason["line"].as_u64().unwrap()).collect();
    let violations = reasons.iter().flat_map(|reason| reason["violations"].as_array().unwrap());
    let codes = violations.map(|violation| violation["code"].as_str().unwrap().to_owned()).collect();
    let kept = rejects.files().into_iter().find(|file| file.contains(".rejects.")).map(|file| rejects.read(&file));
    Checked { rejects: places, codes, lines, kept: kept.unwrap_or_default(), report }
}

fn csv(bytes: &[u8]) -> Checked {
    check("format: csv", "t.csv", bytes, 1 << 20)
}

#[test]
fn r17_bytes_that_are_no_text_are_rejects_that_name_the_byte() {
    // Overlong, a surrogate, a cut sequence, a lone continuation, beyond U+10FFFF.
    for wrong in [&b"\xc0\xaf"[..], b"\xed\xa0\x80", b"\xe2\x82", b"\x80", b"\xf4\x90\x80\x80"] {
        for block in [1, 7, 64, 1 << 16] {
            let bytes = [&b"a,b\nok,1\n"[..], b"x", wrong, b"y,2\nok,3\n"].concat();
            let found = check("format: csv", "t.csv", &bytes, block);
            assert_eq!((found.table().clean, found.rejects.as_slice()), (2, &[(9, wrong.len() + 5)][..]));
            assert!(memchr::memmem::find(&found.kept, wrong).is_some(), "the bytes are kept");
        }
    }
}

#[test]
fn r17_other_encodings_keep_their_own_offsets() {
    let text = "a,b\nü,1\n\"open,2\nok,3\n";
    let wide = |units: &mut dyn Iterator<Item = [u8; 2]>| units.flatten().collect::<Vec<u8>>();
    let little = wide(&mut std::iter::once(0xfeff).chain(text.encode_utf16()).map(u16::to_le_bytes));
    let big = wide(&mut std::iter::once(0xfeff).chain(text.encode_utf16()).map(u16::to_be_bytes));
    let latin: Vec<u8> = text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    for (encoding, bytes, unit, head) in [("utf-16le", little, 2, 2), ("utf-16be", big, 2, 2), ("latin1", latin, 1, 0)]
    {
        let found = check(&format!("format: csv, encoding: {encoding}"), "t.csv", &bytes, 16);
        // The record with the open quote stands behind "a,b\n" and "ü,1\n".
        assert_eq!(found.rejects, [(head + 8 * unit, 8 * unit)], "{encoding}");
        assert_eq!(found.table().clean, 2, "{encoding}");
        let (offset, length) = found.rejects[0];
        assert!(memchr::memmem::find(&found.kept, &bytes[offset..offset + length]).is_some(), "{encoding}");
    }
}

#[test]
fn r18_a_nul_anywhere_glues_nothing() {
    let whole = b"a,b\n1,\"x\"\"y\"\n2,z\r\n3,last";
    let records = csv(whole).table().records;
    for at in 4..whole.len() {
        let mut bytes = whole.to_vec();
        bytes[at] = 0;
        let found = csv(&bytes);
        // A NUL in the place of a line end joins two lines, as any letter would; it never takes more.
        let joined = u64::from(matches!(whole[at], b'\n' | b'\r' | b'"'));
        assert!(found.table().records + joined >= records && found.table().records <= records + 1, "NUL at {at}");
    }
}

#[test]
fn r19_line_ends_of_every_kind_keep_lines_and_offsets() {
    let rows = ["1,a", "\"2\",\"b\r\nc\nd\re\"", "3,\u{2028}", "4,\"open", "5,f"];
    for ending in ["\n", "\r\n", "\r"] {
        for last in [true, false] {
            for blank in [0, 1, 2] {
                let mut text = format!("a,b{ending}");
                let mut wanted = None;
                for (row, content) in rows.iter().enumerate() {
                    if row == 3 {
                        let before = text.clone();
                        wanted = Some((before.len(), content.len() + ending.len()));
                    }
                    write!(text, "{content}{ending}").unwrap();
                    text.push_str(&ending.repeat(blank));
                }
                if !last {
                    text.truncate(text.trim_end_matches(['\r', '\n']).len());
                }
                let found = csv(text.as_bytes());
                assert_eq!(found.table().records, 5, "{text:?}");
                assert_eq!(found.rejects, [wanted.unwrap()], "{text:?}");
                let lines_before = text[..wanted.unwrap().0].replace("\r\n", "\n").matches(['\n', '\r']).count();
                assert_eq!(found.lines, [lines_before as u64 + 1], "{text:?}");
            }
        }
    }
}

#[test]
fn r20_quotes_out_of_place_are_typed_rejects_and_take_no_other_record() {
    for wrong in ["\"open,2", "\"a\"b,2", "a\"b\",2", "\"a\" ,2", "\"\"\",2", "\"", "\"\\\"\",2"] {
        let text = format!("a,b\nok,1\n{wrong}\nok,3\nok,4\n");
        let found = csv(text.as_bytes());
        assert!(found.table().clean >= 3, "{wrong}: {} clean", found.table().clean);
        assert!(found.codes.iter().all(|code| code.starts_with('P')), "{wrong}: {:?}", found.codes);
        for (offset, length) in &found.rejects {
            assert!(memchr::memmem::find(&found.kept, &text.as_bytes()[*offset..offset + length]).is_some());
        }
    }
    let found = csv(format!("a,b\n{}\nok,1\n", "\"".repeat(65_537)).as_bytes());
    assert_eq!((found.table().clean, found.table().rejected), (1, 1));
}

#[test]
fn r21_large_and_empty_files() {
    let header = "a,b\n";
    for (text, records) in [("", 0), (header, 0), ("a,b", 0), ("a,b\r\n", 0)] {
        assert_eq!(csv(text.as_bytes()).table().records, records, "{text:?}");
    }
    // A field past the limit is a reject, the next record is read.
    let long = format!("{header}{},1\nok,2\n", "x".repeat(3 << 20));
    let found = csv(long.as_bytes());
    assert_eq!((found.table().clean, found.table().rejected), (1, 1));
    // A hundred thousand columns where two are wanted; a million records of one byte.
    let wide = format!("{header}{}\nok,2\n", ",".repeat(100_000));
    assert_eq!(csv(wide.as_bytes()).table().rejected, 1);
    let narrow = contract("karat: 1\nname: n\ntables: {t: {columns: {a: {type: int8}}}}\n");
    let data = Folder::new();
    data.write("t.csv", format!("a\n{}", "1\n".repeat(1_000_000)));
    let report = run_check(&narrow, data.path(), None, &settings(2, 8192)).unwrap();
    assert_eq!(report.tables[0].clean, 1_000_000);
}

#[test]
fn r22_no_edge_of_a_block_is_seen() {
    // Each structural byte at every place around the ends of blocks.
    let body = "1,\"a,\"\"b\"\"\r\nc\"\r\n2,ü\n\"open,3\n4,d\r5,\"e\"\n";
    for pad in 0..70 {
        let text = format!("a,b\n{},pad\n{body}", "p".repeat(pad));
        let whole = csv(text.as_bytes());
        for block in [1, 2, 3, 7, 63, 64, 65] {
            let other = check("format: csv", "t.csv", text.as_bytes(), block);
            assert_eq!((other.table().clean, &other.rejects), (whole.table().clean, &whole.rejects), "{pad} {block}");
            assert_eq!(other.kept, whole.kept, "{pad} {block}");
        }
    }
}

#[test]
fn r24_json_that_is_deep_double_huge_or_cut() {
    let deep = format!("{{\"a\":{}1{},\"b\":\"x\"}}", "[".repeat(100_000), "]".repeat(100_000));
    for bad in [
        deep.as_str(),
        r#"{"a":"x","b":"y""#,
        r#"{"a":"\ud800","b":"y"}"#,
        r#"{"a":"x","a":"y","b":"z"}"#,
        r#"{"a":1e99999,"b":"y"}"#,
        r#"["a","b"]"#,
        "nul",
        "{\"a\":\"x\" \"b\":1}",
        "\u{feff}\u{feff}{}",
    ] {
        let text = format!("{{\"a\":\"1\",\"b\":\"2\"}}\n{bad}\n{{\"a\":\"3\",\"b\":\"4\"}}\n");
        let found = check("format: ndjson", "t.ndjson", text.as_bytes(), 1 << 12);
        assert_eq!((found.table().clean, found.table().rejected), (2, 1), "{:.60}", bad);
    }
    let torn = check("format: json", "t.json", br#"[{"a":"1","b":"2"},{"a":"3","#, 1 << 12);
    assert_eq!((torn.table().clean, torn.table().rejected), (1, 1));
    let numbers = contract(
        "karat: 1\nname: n\ntables: {t: {source: {format: ndjson}, columns: {a: {type: \"decimal(38,2)\"}}}}\n",
    );
    let (data, out) = (Folder::new(), Folder::new());
    data.write("t.ndjson", "{\"a\":123456789012345678901234567890123456.78}\n");
    let to = format!("csv:{}", out.join("o").display());
    let mode = karat::ops::load::Mode::Append;
    crate::support::run_load(&numbers, data.path(), &to, mode, &out.join("r"), &settings(1, 10)).unwrap();
    let rows = crate::reliability::rows_of_folder(&out.join("o/t"));
    assert_eq!(rows, ["123456789012345678901234567890123456.78"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// Another reader comes to the same fields on files that break no rule of RFC 4180.
    #[test]
    fn r41_the_csv_crate_reads_what_is_loaded(rows in prop::collection::vec(("[a-zé\",\n\r ]{0,12}", "[^\0]{0,12}"), 1..30)) {
        let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
        writer.write_record(["a", "b"]).unwrap();
        for (a, b) in &rows {
            writer.write_record([a, b]).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let (data, out) = (Folder::new(), Folder::new());
        data.write("t.csv", &bytes);
        let contract = contract(&TEXTS.replace("SOURCE", "format: csv, null_values: []"));
        let to = format!("csv:{}", out.join("o").display());
        let mode = karat::ops::load::Mode::Append;
        let report = crate::support::run_load(&contract, data.path(), &to, mode, &out.join("r"), &settings(2, 4)).unwrap();
        prop_assert_eq!(report.tables[0].clean, rows.len() as u64);
        let part = out.files().into_iter().find(|name| name.starts_with("o/t/")).unwrap();
        let mut reader = csv::Reader::from_path(out.join(&part)).unwrap();
        let read: Vec<(String, String)> =
            reader.records().map(|record| record.map(|record| (record[0].to_owned(), record[1].to_owned())).unwrap()).collect();
        prop_assert_eq!(read, rows);
    }
}
