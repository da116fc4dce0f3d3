//! Text files of rows: what loads into folders write.

use arrow_array::RecordBatch;

use crate::frame::text::Text;
use crate::io::formats::write::rows::RowWriter;
use crate::io::formats::write::{TextFile, Writer, Written, reading};
use crate::model::{Format, Result, Table};

/// Text gathered before it is written.
const GATHERED: usize = 1 << 18;

/// Writes CSV or NDJSON in the dialect that [`reading`] describes.
#[derive(Debug)]
pub struct RowFile {
    out: TextFile,
    rows: RowWriter,
    text: Text,
}

impl RowFile {
    /// Writes what stands before the rows.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn new(mut out: TextFile, format: Format, table: &Table) -> Result<Self> {
        let rows = RowWriter::new(&reading(format, table), format, &[])?;
        out.push(rows.head(), 0)?;
        Ok(Self { out, rows, text: Text::default() })
    }
}

impl Writer for RowFile {
    fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        let mut ready = self.rows.rows(rows)?;
        let total = rows.num_rows();
        let mut done = 0;
        while done < total {
            // In pieces, so that the text of a large batch is never held whole.
            let upto = total.min(done + 1024);
            ready.render(done..upto, &mut self.text)?;
            if self.text.len() >= GATHERED || upto == total {
                self.out.push(self.text.as_slice(), 0)?;
                self.text.clear();
            }
            done = upto;
        }
        self.out.written.rows += total as u64;
        Ok(())
    }

    fn write_text(&mut self, text: &[u8], rows: usize) -> Result<()> {
        self.out.push(text, rows)
    }

    fn bytes(&self) -> u64 {
        self.out.written.bytes
    }

    fn finish(self: Box<Self>) -> Result<Written> {
        self.out.finish()
    }
}
