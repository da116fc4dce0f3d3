//! Parquet files written here, read back.

use std::path::PathBuf;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, Int64Array, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

use super::*;
use crate::frame::Parser;
use crate::model::{Column, DataType, Format, SourceSpec};

fn table() -> Table {
    Table {
        name: String::from("t"),
        description: None,
        source: SourceSpec { format: Format::Parquet, ..SourceSpec::default() },
        primary_key: None,
        columns: vec![
            Column::new("id", DataType::Int32),
            Column::new("name", DataType::String),
            Column::new("d", DataType::Date),
        ],
        rules: Vec::new(),
        generation: crate::model::TableGeneration::default(),
    }
}

/// A file of `rows` rows that is deleted at the end.
struct Written(PathBuf);

impl Written {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("karat-{}-{name}.parquet", std::process::id()));
        std::fs::write(&path, bytes).expect("written");
        Self(path)
    }

    fn input(&self) -> InputFile {
        let partitions = vec![(String::from("d"), String::from("2026-10-31"))];
        InputFile { shown: String::from("t.parquet"), path: self.0.clone(), partitions }
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn bytes(rows: i64) -> Vec<u8> {
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..rows));
    let names: ArrayRef =
        Arc::new((0..rows).map(|row| (row % 2 == 0).then(|| format!("n{row}"))).collect::<StringArray>());
    let batch = RecordBatch::try_from_iter([("name", names), ("id", ids)]).expect("batch");
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(40)).build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).expect("writer");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
    bytes
}

#[test]
fn rows_come_in_order_with_their_numbers() {
    let written = Written::new("rows", &bytes(100));
    for batch_rows in [1, 7, 64, 8192] {
        let options = ReadOptions { batch_rows, ..ReadOptions::default() };
        let mut source = open(&written.input(), &table(), &options).expect("opens");
        assert_eq!(source.names(), ["name", "id"]);
        let parser = Parser::new(&table());
        let mut next = 0;
        while let Some(raw) = source.next_batch().expect("reads") {
            assert!(raw.len() <= batch_rows);
            let batch = parser.parse(raw);
            assert_eq!(batch.faults, []);
            assert_eq!(batch.absent, [false; 3]);
            for (row, record) in batch.raw.records.iter().enumerate() {
                assert_eq!((record.offset, record.number, record.line, record.length), (next, next + 1, 0, 0));
                assert_eq!(
                    u64::try_from(batch.columns[0].as_primitive::<arrow_array::types::Int32Type>().value(row)),
                    Ok(next)
                );
                assert_eq!(batch.columns[1].is_null(row), next % 2 == 1);
                assert_eq!(batch.columns[2].as_primitive::<arrow_array::types::Date32Type>().value(row), 20_757);
                next += 1;
            }
        }
        let tally = source.tally();
        assert_eq!((next, tally.records, tally.record_bytes), (100, 100, 0));
        assert_eq!(tally.framing_bytes, tally.bytes);
        assert_eq!(options.progress.load(Ordering::Relaxed), tally.bytes);
    }
}

#[test]
fn an_empty_file_has_no_rows() {
    let written = Written::new("empty", &bytes(0));
    let mut source = open(&written.input(), &table(), &ReadOptions::default()).expect("opens");
    assert!(source.next_batch().expect("reads").is_none());
    assert_eq!(source.tally().records, 0);
}

#[test]
fn broken_files_are_errors() {
    let whole = bytes(100);
    for (name, bytes) in [("none", &b""[..]), ("text", b"id,name\n1,x\n"), ("cut", &whole[..whole.len() - 9])] {
        let written = Written::new(name, bytes);
        let error = open(&written.input(), &table(), &ReadOptions::default()).err().expect("refused");
        assert!(error.to_string().starts_with("cannot read t.parquet as Parquet: "), "{error}");
        assert_eq!(error.exit_code(), 3);
    }
    assert!(
        open(
            &InputFile { path: PathBuf::from("nowhere"), ..Written::new("gone", b"").input() },
            &table(),
            &ReadOptions::default()
        )
        .is_err()
    );
    // A changed byte is an error or other data, never a crash.
    for at in (0..whole.len()).step_by(17) {
        let mut changed = whole.clone();
        changed[at] ^= 0x41;
        let written = Written::new("changed", &changed);
        let Ok(mut source) = open(&written.input(), &table(), &ReadOptions::default()) else { continue };
        while let Ok(Some(raw)) = source.next_batch() {
            if let Body::Columns(rows) = &raw.body
                && let Some(ids) = rows.column_by_name("id").and_then(|ids| ids.as_primitive_opt::<Int64Type>())
            {
                assert_eq!(ids.len(), raw.len());
            }
            let _ = Parser::new(&table()).parse(raw);
        }
    }
}
