//! Work: one table being written; how a chunk of its rows becomes bytes.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use arrow_array::{RecordBatch, UInt32Array};

use crate::frame::drawn;
use crate::frame::show;
use crate::frame::text::Text;
use crate::generate::faults::Planter;
use crate::generate::formula::Formula;
use crate::io::formats::csv::Dialect;
use crate::io::formats::transcode;
use crate::io::formats::write::rows::RowWriter;
use crate::io::stores::pack::Packing;
use crate::model::manifest::Entry;
use crate::model::{DataType, Encoding, Error, ErrorKind, Format, Result, Table};
use crate::ops::generate::layout::{VALUE, folder_text};
use crate::ops::generate::sheet::{Chunk, Sheet};

/// Rows made at once: their values and their text stay in a core's cache.
const STEP: u64 = 2048;
/// Cells a chunk, about.
const CELLS: u64 = 1 << 17;

/// Makes rows by number.
pub trait Source: Sync {
    /// Makes rows of a range.
    ///
    /// # Errors
    /// Where a row cannot be made.
    fn make(&self, rows: Range<u64>) -> Result<RecordBatch>;

    /// Makes the columns of a range's rows, all of them, each in the form in which it is quickest written; `None` where
    /// rows are made as arrays alone.
    fn made(&self, _rows: Range<u64>) -> Option<Result<Vec<drawn::Made<'_>>>> {
        None
    }

    /// Tells whether a range gives as many rows as it is long.
    fn is_dense(&self) -> bool {
        true
    }
}

/// One table being written.
pub struct Work<'a> {
    /// For people.
    pub name: String,
    /// As it is written: its format and dialect.
    pub table: Table,
    pub source: &'a dyn Source,
    /// Rows asked for, of all parts.
    pub rows: u64,
    /// `None`: rows are handed on as they are (Parquet, load targets).
    pub writer: Option<RowWriter>,
    /// Writes one record a line, to be dirtied, where the file is no lines: an array.
    pub lines: Option<RowWriter>,
    pub packing: Packing,
    pub planter: Option<Planter>,
    /// Conditions of faults by the fault's number.
    pub conditions: Vec<(usize, Formula)>,
    /// To count lines.
    pub dialect: Option<Dialect>,
    pub by: Option<usize>,
}

/// What a worker made of a chunk.
#[derive(Default)]
pub struct Made {
    pub sheet: usize,
    pub closes: bool,
    /// Rows asked of the source, and those it gave.
    pub asked: u64,
    pub rows: u64,
    pub pieces: Vec<Piece>,
    /// Rows handed on as they are, and their faults: records count from the start of the chunk, from 0.
    pub batches: Vec<RecordBatch>,
    pub entries: Vec<Entry>,
}

/// Bytes for one file.
pub struct Piece {
    /// The value of the folder's column, where files are told by one.
    pub value: Option<String>,
    pub bytes: Bytes,
    /// Before compression.
    pub plain: u64,
    /// Lines and records, where faults are planted.
    pub lines: u64,
    pub records: u64,
    /// Places count from the start of the piece, from 0.
    pub entries: Vec<Entry>,
}

/// Bytes as written.
pub enum Bytes {
    Text(Text),
    Packed(Vec<u8>),
}

impl Bytes {
    /// Gives the bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_slice(),
            Self::Packed(bytes) => bytes,
        }
    }
}

/// Buffers that wait for their next use.
#[derive(Debug, Default)]
pub struct Pool(Mutex<Vec<Text>>);

impl Pool {
    /// Takes an empty buffer.
    #[must_use]
    pub fn take(&self) -> Text {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Gives a buffer back.
    pub fn give(&self, mut text: Text) {
        text.clear();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }
}

/// Gives the rows of a chunk of a table: fewer where rows are wide, so that memory stays bounded. It depends on the
/// table alone, since the members of compressed files begin with chunks.
#[must_use]
pub fn chunk_rows(table: &Table) -> u64 {
    fn cells(data_type: &DataType) -> u64 {
        match data_type {
            DataType::List(item) => 1 + 3 * cells(&item.data_type),
            DataType::Struct(fields) => fields.iter().map(|field| cells(&field.data_type)).sum(),
            DataType::String | DataType::Binary => 2,
            _ => 1,
        }
    }
    let cells: u64 = table.columns.iter().map(|column| cells(&column.data_type)).sum();
    (CELLS / cells.max(1)).clamp(1 << 10, 1 << 14).next_power_of_two().min(1 << 14)
}

/// Cuts a range at the multiples of a step.
fn steps(rows: &Range<u64>, step: u64) -> impl Iterator<Item = Range<u64>> + use<> {
    let Range { mut start, end } = *rows;
    std::iter::from_fn(move || {
        let next = (start - start % step + step).min(end);
        (start < end).then(|| std::mem::replace(&mut start, next)..next)
    })
}

/// Rows asked of a source, and those it gave.
#[derive(Debug, Default)]
struct Counts {
    asked: u64,
    rows: u64,
}

/// The rows of a chunk that stand in one file, on their way to text.
#[derive(Default)]
pub(super) struct Page {
    /// The first row of the file and one past the last, as far as they are known.
    pub rows: Range<u64>,
    /// The value of the folder's column.
    pub folder: Option<String>,
    pub text: Text,
    pub scratch: Text,
    pub entries: Vec<Entry>,
    /// Lines are counted up to here.
    pub counted: usize,
    pub lines: u64,
    pub records: u64,
}

/// A row that gets faults.
#[derive(Debug)]
pub(super) struct Pick {
    /// Its place in the batch at hand.
    pub at: usize,
    /// Its number in the table.
    pub row: u64,
    /// The numbers of its faults.
    pub faults: Vec<usize>,
}

/// The rows of a batch that go to one file.
#[derive(Default)]
struct Group {
    value: Option<String>,
    rows: Vec<u32>,
    picked: Vec<Pick>,
}

impl Work<'_> {
    /// Makes a chunk.
    ///
    /// # Errors
    /// Where a row cannot be made or written.
    pub fn chunk(&self, sheet: &Sheet, chunk: &Chunk, pool: &Pool) -> Result<Made> {
        let mut made = Made { sheet: chunk.sheet, closes: chunk.closes, ..Made::default() };
        let mut counts = Counts::default();
        let Some(writer) = &self.writer else {
            self.each(&chunk.rows, &mut counts, |start, batch| self.typed(start, batch, sheet, &mut made))?;
            (made.asked, made.rows) = (counts.asked, counts.rows);
            return Ok(made);
        };
        if let Some(by) = self.by {
            made.pieces = self.by_value(writer, by, sheet, chunk, pool, &mut counts)?;
            (made.asked, made.rows) = (counts.asked, counts.rows);
            return Ok(made);
        }
        let mut page = Page { rows: sheet.whole.clone(), text: pool.take(), scratch: pool.take(), ..Page::default() };
        if chunk.opens {
            page.text.push(&sheet.head);
        }
        let head = page.text.len();
        if self.planter.is_none() && self.quick(writer, &chunk.rows, &mut page.text)? {
            (counts.asked, counts.rows) = (chunk.rows.end - chunk.rows.start, chunk.rows.end - chunk.rows.start);
        } else {
            self.slow(writer, chunk, &mut counts, &mut page)?;
        }
        if chunk.opens && writer.is_array() {
            if page.text.len() > head { page.text.set(head, b'[') } else { page.text.byte(b'[') }
        }
        if chunk.closes {
            page.text.push(writer.tail());
            page.text.push(&sheet.tail);
            let cut = usize::try_from(sheet.cut).unwrap_or(usize::MAX);
            page.text.truncate(page.text.len().saturating_sub(cut));
        }
        if self.planter.is_some() {
            self.count_lines(&mut page);
        }
        made.pieces.push(self.piece(page, None, sheet.encoding, chunk.opens, pool)?);
        (made.asked, made.rows) = (counts.asked, counts.rows);
        Ok(made)
    }

    /// Writes the rows of a range column by column as they are made; tells whether the source can do that.
    fn quick(&self, writer: &RowWriter, rows: &Range<u64>, text: &mut Text) -> Result<bool> {
        for step in steps(rows, STEP) {
            let count = usize::try_from(step.end - step.start).unwrap_or(0);
            let Some(columns) = self.source.made(step) else { return Ok(false) };
            let columns = writer.settled(columns?)?;
            writer.made(&columns)?.render(0..count, text)?;
        }
        Ok(true)
    }

    /// Writes the rows of a range as arrays hold them, with faults where they are planted.
    fn slow(&self, writer: &RowWriter, chunk: &Chunk, counts: &mut Counts, page: &mut Page) -> Result<()> {
        self.each(&chunk.rows, counts, |start, batch| {
            let Some(planter) = &self.planter else {
                return writer.rows(batch)?.render(0..batch.num_rows(), &mut page.text);
            };
            let picked = self.picked(planter, start, batch)?;
            self.dirty(planter, writer, batch, &picked, page)
        })
    }

    /// Stores a page.
    fn piece(&self, page: Page, value: Option<String>, encoding: Encoding, opens: bool, pool: &Pool) -> Result<Piece> {
        let Page { text, scratch, mut entries, lines, records, .. } = page;
        pool.give(scratch);
        let (bytes, plain) = self.stored(text, encoding, opens, &mut entries, pool)?;
        Ok(Piece { value, bytes, plain, lines, records, entries })
    }

    /// Makes the rows of a range in steps.
    fn each(
        &self,
        rows: &Range<u64>,
        counts: &mut Counts,
        mut take: impl FnMut(u64, &RecordBatch) -> Result<()>,
    ) -> Result<()> {
        for Range { start, end } in steps(rows, STEP) {
            let batch = self.source.make(start..end)?;
            if self.source.is_dense() && batch.num_rows() as u64 != end - start {
                let (table, got) = (&self.table.name, batch.num_rows());
                let message = format!("{} rows of table {table} were asked for, {got} were made", end - start);
                return Err(Error::new(ErrorKind::Conservation, message));
            }
            take(start, &batch)?;
            counts.asked += end - start;
            counts.rows += batch.num_rows() as u64;
        }
        Ok(())
    }

    /// Counts the lines up to the end of the text.
    pub(super) fn count_lines(&self, page: &mut Page) {
        let fresh = page.text.as_slice().get(page.counted..).unwrap_or_default();
        page.lines += match &self.dialect {
            Some(dialect) => dialect.count_endings(fresh),
            None => memchr::memchr_iter(b'\n', fresh).count() as u64,
        };
        page.counted = page.text.len();
    }

    /// Encodes and compresses a chunk's text; entries come to count the file's own bytes.
    fn stored(
        &self,
        text: Text,
        encoding: Encoding,
        opens: bool,
        entries: &mut [Entry],
        pool: &Pool,
    ) -> Result<(Bytes, u64)> {
        if text.is_empty() && !opens {
            // Nothing of a file that has its members elsewhere.
            return Ok((Bytes::Text(text), 0));
        }
        if matches!(encoding, Encoding::Auto | Encoding::Utf8) {
            let plain = text.len() as u64;
            return Ok(match self.packing.pack(text.as_slice())? {
                Some(packed) => {
                    pool.give(text);
                    (Bytes::Packed(packed), plain)
                }
                None => (Bytes::Text(text), plain),
            });
        }
        let mark = if opens { transcode::byte_order_mark(encoding) } else { &[] };
        let piece = |from: u64, length: u64| {
            let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
            let piece = text.as_slice().get(place(from)..place(from + length)).unwrap_or_default();
            transcode::original_len(piece, encoding)
        };
        for entry in entries {
            if let Some(offset) = entry.offset {
                entry.offset = Some(mark.len() as u64 + piece(0, offset));
                entry.length = entry.length.map(|length| piece(offset, length));
            }
        }
        let mut bytes = mark.to_vec();
        bytes.extend_from_slice(&transcode::original(text.as_slice(), encoding));
        pool.give(text);
        let plain = bytes.len() as u64;
        let packed = self.packing.pack(&bytes)?;
        Ok((Bytes::Packed(packed.unwrap_or(bytes)), plain))
    }

    /// Makes a chunk whose rows go to one file a value of a column.
    fn by_value(
        &self,
        writer: &RowWriter,
        by: usize,
        sheet: &Sheet,
        chunk: &Chunk,
        pool: &Pool,
        counts: &mut Counts,
    ) -> Result<Vec<Piece>> {
        let mut pages: BTreeMap<String, Page> = BTreeMap::new();
        self.each(&chunk.rows, counts, |start, batch| {
            let Some(column) = batch.columns().get(by) else { return Ok(()) };
            let picked = self.planter.as_ref().map(|planter| self.picked(planter, start, batch)).transpose()?;
            let mut picked = picked.unwrap_or_default().into_iter().peekable();
            let mut groups: BTreeMap<String, Group> = BTreeMap::new();
            for row in 0..batch.num_rows() {
                let value = show::value_text(column, row);
                let group = groups.entry(folder_text(value.as_deref())).or_default();
                group.value = value;
                if let Some(pick) = picked.next_if(|pick| pick.at == row) {
                    group.picked.push(Pick { at: group.rows.len(), ..pick });
                }
                group.rows.push(u32::try_from(row).unwrap_or(u32::MAX));
            }
            for (folder, group) in groups {
                let taken = arrow_select::take::take_record_batch(batch, &UInt32Array::from(group.rows));
                let taken = taken.map_err(|error| Error::output("cannot sort rows into folders").because(error))?;
                let page = pages.entry(folder).or_insert_with(|| Page {
                    rows: sheet.whole.clone(),
                    folder: group.value,
                    text: pool.take(),
                    scratch: pool.take(),
                    ..Page::default()
                });
                match &self.planter {
                    Some(planter) => self.dirty(planter, writer, &taken, &group.picked, page)?,
                    None => writer.rows(&taken)?.render(0..taken.num_rows(), &mut page.text)?,
                }
            }
            Ok(())
        })?;
        let pieces = pages.into_iter().map(|(folder, mut page)| {
            if self.planter.is_some() {
                self.count_lines(&mut page);
            }
            self.piece(page, Some(folder), self.table.source.encoding, false, pool)
        });
        pieces.collect()
    }

    /// Gives what opens the file of a value: the header, encoded and compressed.
    ///
    /// # Errors
    /// Where it cannot be compressed.
    pub fn opening(&self, pool: &Pool) -> Result<Piece> {
        let mut page = Page { text: pool.take(), ..Page::default() };
        page.text.push(self.writer.as_ref().map_or(&[][..], RowWriter::head));
        self.count_lines(&mut page);
        self.piece(page, None, self.table.source.encoding, true, pool)
    }

    /// Gives the path of a file, its value put in.
    #[must_use]
    pub fn path_of(sheet: &Sheet, value: Option<&str>) -> String {
        value.map_or_else(|| sheet.path.clone(), |value| sheet.path.replace(VALUE, value))
    }

    /// Tells whether the table is kept as text.
    #[must_use]
    pub fn is_csv(&self) -> bool {
        self.writer.is_some() && self.table.source.format == Format::Csv
    }
}
