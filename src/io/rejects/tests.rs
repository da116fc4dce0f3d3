//! What a reject folder holds: bytes as they stood, reasons in order, one run.

use std::fs;

use super::*;
use crate::frame::{Fields, Record};
use crate::io::formats::csv;
use crate::io::stores::testing::TestFolder;
use crate::io::{InputFile, ReadOptions};
use crate::model::{Encoding, Severity, SourceSpec, Table};

fn violation(rule: &str) -> Violation {
    Violation {
        rule: rule.into(),
        code: "R101".into(),
        column: Some("a".into()),
        value: None,
        message: "is missing".into(),
        severity: Severity::Error,
    }
}

fn raw(path: &str, text: &[&[u8]], change: impl FnOnce(&mut FileShape)) -> RawBatch {
    let mut shape = FileShape {
        path: path.into(),
        partitions: Vec::new(),
        spec: SourceSpec::default(),
        encoding: Encoding::Utf8,
        names: vec!["a".into()],
        header: b"a\n".to_vec(),
    };
    change(&mut shape);
    let mut start = 0;
    let records = text.iter().zip(1..).map(|(bytes, number)| {
        let (at, len) = (start, bytes.len());
        start += len;
        let (offset, length) = (at as u64 + 2, len as u64);
        Record { start: at, len, offset, length, line: number + 1, number, fault: None }
    });
    let records: Vec<_> = records.collect();
    let mut fields = Fields::new(1);
    records.iter().for_each(|record: &Record| fields.push_spans(record.start, &[]));
    RawBatch { file: Arc::new(shape), text: text.concat(), records, body: Body::Delimited(fields) }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = entries.collect();
    names.sort();
    names
}

#[test]
fn rejects_keep_their_bytes_and_reasons_their_order() {
    let folder = TestFolder::new();
    let dir = folder.path().join("rejects");
    let mut writer = RejectWriter::new(&dir, "t").unwrap();
    let first = raw("in/one.tbl.gz", &[b"\"1\n", b"2\xE9\r\n", b"3"], |_| {});
    writer.write(&first, 1, &[violation("t.a.required")]).unwrap();
    writer.write(&first, 2, &[violation("x"), violation("y")]).unwrap();
    let second = raw("in/two.tbl", &[b"4"], |_| {});
    writer.write(&second, 0, &[violation("z")]).unwrap();
    assert!(names(&dir).iter().all(|name| name.starts_with('.')), "nothing bears its name yet");
    let paths = writer.commit().unwrap();
    assert_eq!(paths, [dir.join("t.rejects.tbl"), dir.join("t.reasons.ndjson")]);
    assert_eq!(fs::read(&paths[0]).unwrap(), b"a\n2\xE9\r\n3\n4");
    let reasons = fs::read_to_string(&paths[1]).unwrap();
    assert_eq!(
        reasons.lines().next().unwrap(),
        r#"{"file":"in/one.tbl.gz","record":2,"line":3,"offset":5,"length":4,"rejects_file":"t.rejects.tbl","violations":[{"rule":"t.a.required","code":"R101","column":"a","message":"is missing","severity":"error"}]}"#
    );
    assert_eq!(reasons.lines().count(), 3);
    assert_eq!(names(&dir).len(), 2);
}

#[test]
fn other_headers_and_encodings_have_files_of_their_own() {
    let folder = TestFolder::new();
    let mut writer = RejectWriter::new(folder.path(), "t").unwrap();
    let plain = raw("a.csv", &[b"1\n", b"2\n"], |_| {});
    let other = raw("b.csv", &[b"3,x\n"], |shape| shape.header = b"a,b\n".to_vec());
    let wide = raw("c.csv", &["é\n".as_bytes()], |shape| shape.encoding = Encoding::Utf16Be);
    for (raw, row) in [(&plain, 0), (&other, 0), (&wide, 0), (&plain, 1)] {
        writer.write(raw, row, &[violation("x")]).unwrap();
    }
    writer.commit().unwrap();
    assert_eq!(fs::read(folder.path().join("t.rejects.csv")).unwrap(), b"a\n1\n2\n");
    assert_eq!(fs::read(folder.path().join("t.rejects-2.csv")).unwrap(), b"a,b\n3,x\n");
    let wide = fs::read(folder.path().join("t.rejects-3.csv")).unwrap();
    assert_eq!(wide, [0xFE, 0xFF, 0, b'a', 0, b'\n', 0, 0xE9, 0, b'\n']);
}

#[test]
fn partitions_keep_their_folders() {
    let folder = TestFolder::new();
    let mut writer = RejectWriter::new(folder.path(), "t").unwrap();
    let day = |day: &str| {
        let day = ("d".to_owned(), day.to_owned());
        raw("x.json", &[b"{}\n"], |shape| {
            shape.spec.format = Format::Ndjson;
            shape.header.clear();
            shape.partitions.push(day);
        })
    };
    for value in ["2026-10-31", "a/b", "2026-10-31"] {
        writer.write(&day(value), 0, &[]).unwrap();
    }
    let paths = writer.commit().unwrap();
    assert_eq!(paths[0], folder.path().join("d=2026-10-31/t.rejects.ndjson"));
    assert_eq!(fs::read(&paths[0]).unwrap(), b"{}\n{}\n");
    assert_eq!(paths[1], folder.path().join("d=a%2Fb/t.rejects.ndjson"));
    RejectWriter::new(folder.path(), "t").unwrap().commit().unwrap();
    assert!(names(folder.path()).is_empty(), "an earlier run's files and folders are gone");
}

#[test]
fn arrays_stay_arrays() {
    let folder = TestFolder::new();
    let mut writer = RejectWriter::new(folder.path(), "t").unwrap();
    let array = raw("x.json", &[b"{\n\"a\": 1}", b"{}"], |shape| {
        shape.spec.format = Format::Json;
        shape.header.clear();
    });
    writer.write(&array, 0, &[]).unwrap();
    writer.write(&array, 1, &[]).unwrap();
    let paths = writer.commit().unwrap();
    assert_eq!(fs::read_to_string(&paths[0]).unwrap(), "[\n{\n\"a\": 1},\n{}\n]\n");
    assert!(paths[0].ends_with("t.rejects.json"));
}

#[test]
fn parquet_rows_are_written_as_parquet() {
    let folder = TestFolder::new();
    let mut writer = RejectWriter::new(folder.path(), "t").unwrap();
    let column: arrow_array::ArrayRef = Arc::new(arrow_array::Int64Array::from(vec![10, 20, 30]));
    let rows = RecordBatch::try_from_iter([("a", column)]).unwrap();
    let mut raw = raw("x.parquet", &[b"", b"", b""], |shape| {
        shape.spec.format = Format::Parquet;
        shape.header.clear();
    });
    raw.body = Body::Columns(rows.clone());
    writer.write(&raw, 0, &[]).unwrap();
    writer.write(&raw, 2, &[]).unwrap();
    raw.body = Body::Columns(rows.slice(1, 1));
    writer.write(&raw, 0, &[]).unwrap();
    let paths = writer.commit().unwrap();
    let file = File::open(&paths[0]).unwrap();
    let read = parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(file, 100).unwrap();
    let read: Vec<RecordBatch> = read.map(std::result::Result::unwrap).collect();
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].column(0).as_ref(), &arrow_array::Int64Array::from(vec![10, 30, 20]) as &dyn arrow_array::Array);
}

#[test]
fn a_dropped_writer_leaves_nothing_and_a_commit_only_its_own() {
    let folder = TestFolder::new();
    let dir = folder.path().join("a/b");
    let batch = raw("x.csv", &[b"1\n"], |_| {});
    let mut writer = RejectWriter::new(&dir, "t").unwrap();
    writer.write(&batch, 0, &[]).unwrap();
    drop(writer);
    assert!(!folder.path().join("a").exists());
    for name in ["t.rejects.csv", "t.rejects-2.tbl", "t.reasons.ndjson", ".t.rejects.csv.partial"] {
        folder.file(name, b"old");
    }
    let others = ["t.rejects-x.csv", "t.txt", "t2.rejects.csv", "x.t.rejects.csv"];
    for name in others {
        folder.file(name, b"mine");
    }
    let mut writer = RejectWriter::new(folder.path(), "t").unwrap();
    writer.write(&batch, 0, &[]).unwrap();
    writer.commit().unwrap();
    let mut wanted = [&others[..], &["t.rejects.csv", "t.reasons.ndjson"]].concat();
    wanted.sort_unstable();
    assert_eq!(names(folder.path()), wanted);
    assert_eq!(fs::read(folder.path().join("t.rejects.csv")).unwrap(), b"a\n1\n");
    assert!(RejectWriter::new(&folder.path().join("t.txt"), "t").is_err());
}

#[test]
fn a_reject_file_reads_again() {
    let folder = TestFolder::new();
    let spec = SourceSpec { skip_lines: 1, delimiter: b';', ..SourceSpec::default() };
    let source = spec.clone();
    let table = Table {
        name: "t".into(),
        description: None,
        source,
        primary_key: None,
        columns: vec![],
        rules: vec![],
        generation: crate::model::TableGeneration::default(),
    };
    let bytes = b"\xFF\xFEx\0\n\0a\0;\0b\0\n\0\xE9\0;\0\n\0\"\0\n\0";
    let path = folder.file("in.csv", bytes);
    let read = |path: &Path| {
        let file = InputFile { shown: "in.csv".into(), path: path.to_owned(), partitions: Vec::new() };
        let mut source = csv::open(&file, &table, &ReadOptions::default()).unwrap();
        source.next_batch().unwrap().unwrap()
    };
    let batch = read(&path);
    let mut writer = RejectWriter::new(&folder.path().join("rejects"), "t").unwrap();
    (0..batch.len()).for_each(|row| writer.write(&batch, row, &[]).unwrap());
    let paths = writer.commit().unwrap();
    assert_eq!(fs::read(&paths[0]).unwrap(), bytes);
    assert_eq!(read(&paths[0]).records, batch.records);
}
