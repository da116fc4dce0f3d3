//! NDJSON: one object a line, every key written, NULL as `null`.

use arrow_array::RecordBatch;

use crate::io::formats::write::{TextFile, Writer, Written, value};
use crate::model::{Result, Table};

/// Writes NDJSON.
#[derive(Debug)]
pub struct NdjsonWriter {
    out: TextFile,
    text: Vec<u8>,
    /// What stands before each value: `{"id":`, `,"name":`.
    keys: Vec<Vec<u8>>,
}

impl NdjsonWriter {
    /// Prepares the keys of a table.
    #[must_use]
    pub fn new(out: TextFile, table: &Table) -> Self {
        let key = |(index, column): (usize, &crate::model::Column)| {
            let mut key = vec![if index == 0 { b'{' } else { b',' }];
            value::push_json_string(&mut key, &column.name);
            key.push(b':');
            key
        };
        Self { out, text: Vec::new(), keys: table.columns.iter().enumerate().map(key).collect() }
    }
}

impl Writer for NdjsonWriter {
    fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        for row in 0..rows.num_rows() {
            for (key, array) in self.keys.iter().zip(rows.columns()) {
                self.text.extend_from_slice(key);
                value::push_json(&mut self.text, array, row);
            }
            self.text.extend_from_slice(b"}\n");
        }
        self.out.push(&mut self.text, rows.num_rows())
    }

    fn bytes(&self) -> u64 {
        self.out.written.bytes
    }

    fn finish(self: Box<Self>) -> Result<Written> {
        self.out.finish()
    }
}
