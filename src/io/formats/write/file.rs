//! Text files of rows: what loads into folders write.

use arrow_array::RecordBatch;

use crate::frame::text::Text;
use crate::io::formats::write::rows::RowWriter;
use crate::io::formats::write::{Writer, Written, reading};
use crate::model::{Format, Result, Table};

/// Text gathered before it is written.
const GATHERED: usize = 1 << 18;

/// Where the text of a file goes: as it is, or compressed.
pub trait Out: Send {
    /// Appends text.
    ///
    /// # Errors
    /// Where it cannot be written.
    fn push(&mut self, text: &[u8]) -> Result<()>;

    /// Ends the file, waits until it is on the disk, and gives its length as stored.
    ///
    /// # Errors
    /// Where it cannot be written to the end.
    fn finish(self) -> Result<u64>;
}

/// Writes CSV or NDJSON in the dialect that [`reading`] describes.
#[derive(Debug)]
pub struct RowFile<O> {
    out: O,
    rows: RowWriter,
    text: Text,
    /// Rows and bytes of text so far.
    written: Written,
}

impl<O: Out> RowFile<O> {
    /// Writes what stands before the rows.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn new(out: O, format: Format, table: &Table) -> Result<Self> {
        let rows = RowWriter::new(&reading(format, table), format, &[])?;
        let mut file = Self { out, rows, text: Text::default(), written: Written::default() };
        file.out.push(file.rows.head())?;
        file.written.bytes = file.rows.head().len() as u64;
        Ok(file)
    }
}

impl<O: Out> Writer for RowFile<O> {
    fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        let mut ready = self.rows.rows(rows)?;
        let total = rows.num_rows();
        let mut done = 0;
        while done < total {
            // In pieces, so that the text of a large batch is never held whole.
            let upto = total.min(done + 1024);
            ready.render(done..upto, &mut self.text)?;
            if self.text.len() >= GATHERED || upto == total {
                self.out.push(self.text.as_slice())?;
                self.written.bytes += self.text.len() as u64;
                self.text.clear();
            }
            done = upto;
        }
        self.written.rows += total as u64;
        Ok(())
    }

    fn write_text(&mut self, text: &[u8], rows: usize) -> Result<()> {
        self.out.push(text)?;
        self.written.bytes += text.len() as u64;
        self.written.rows += rows as u64;
        Ok(())
    }

    fn bytes(&self) -> u64 {
        self.written.bytes
    }

    fn finish(self: Box<Self>) -> Result<Written> {
        let Self { out, written, .. } = *self;
        Ok(Written { rows: written.rows, bytes: out.finish()? })
    }
}
