//! Run: chunks to workers, their bytes to files in order.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use arrow_array::RecordBatch;

use crate::frame::schema;
use crate::io::Sink;
use crate::model::manifest::Entry;
use crate::model::{Error, ErrorKind, Result};
use crate::ops::Settings;
use crate::ops::generate::manifest::ManifestWriter;
use crate::ops::generate::output::Output;
use crate::ops::generate::sheet::{Chunk, Sheet, chunks};
use crate::ops::generate::work::{Bytes, Made, Piece, Pool, Work, chunk_rows};
use crate::ops::parallel::ordered;

/// What was written of one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Rows asked of the generator, and those it made: fewer in change batches.
    pub asked: u64,
    pub rows: u64,
    pub files: u64,
    /// As stored, and before compression.
    pub stored: u64,
    pub plain: u64,
    /// Rows handed to a load target.
    pub loaded: u64,
    pub faults: u64,
}

/// Where the chunks of a run end.
pub struct Ends<'a> {
    pub output: Output,
    /// Rows are handed on to a load target.
    loads: bool,
    pub manifest: Option<ManifestWriter>,
    /// One a work.
    pub written: Vec<Written>,
    sheets: &'a [Sheet],
    works: &'a [Work<'a>],
    pool: &'a Pool,
    /// The sheet that is being written.
    at: Option<usize>,
    /// What stands in its file, or in each of its files.
    places: BTreeMap<String, Place>,
}

/// How much stands in a file.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    bytes: u64,
    lines: u64,
    records: u64,
}

impl<'a> Ends<'a> {
    /// Prepares the ends of a run.
    #[must_use]
    pub fn new(works: &'a [Work<'a>], sheets: &'a [Sheet], pool: &'a Pool, output: Output) -> Self {
        let written = vec![Written::default(); works.len()];
        Self { output, loads: false, manifest: None, written, sheets, works, pool, at: None, places: BTreeMap::new() }
    }

    /// Makes all chunks of all sheets.
    ///
    /// # Errors
    /// The first error of a worker or of the ends, in the order of the sheets; a signal.
    pub fn run(&mut self, settings: &Settings) -> Result<()> {
        self.run_to(None, settings)
    }

    /// Makes all chunks of all sheets and hands their rows to a load target; `tables` are the contract's index of each
    /// work's table.
    ///
    /// # Errors
    /// As [`Ends::run`], and where the target refuses rows.
    pub fn load(&mut self, sink: &mut dyn Sink, tables: &[usize], settings: &Settings) -> Result<()> {
        self.loads = true;
        self.run_to(Some((sink, tables)), settings)
    }

    fn run_to(&mut self, mut sink: Option<(&mut dyn Sink, &[usize])>, settings: &Settings) -> Result<()> {
        let (works, sheets, pool) = (self.works, self.sheets, self.pool);
        // The table that the target takes rows of now.
        let mut open: Option<usize> = None;
        let of = |sheet: &Sheet| works.get(sheet.work).ok_or_else(|| Error::output("a file of no table"));
        let mut pieces = sheets.iter().enumerate().flat_map(|(index, sheet)| {
            chunks(index, sheet, works.get(sheet.work).map_or(1, |work| chunk_rows(&work.table)))
        });
        ordered(
            settings.threads,
            || {
                settings.go_on()?;
                Ok(pieces.next())
            },
            |chunk: Chunk| {
                let sheet = sheets.get(chunk.sheet).ok_or_else(|| Error::output("a chunk of no file"))?;
                of(sheet)?.chunk(sheet, &chunk, pool)
            },
            |made: Made| {
                if let Some((sink, tables)) = &mut sink {
                    let work = sheets.get(made.sheet).map_or(0, |sheet| sheet.work);
                    let table = tables.get(work).copied().unwrap_or(usize::MAX);
                    if let Some(done) = open.replace(table).filter(|done| *done != table) {
                        settle(*sink, done)?;
                    }
                    made.batches.iter().try_for_each(|batch| sink.write(table, batch))?;
                }
                self.take(made, settings)
            },
        )?;
        if let (Some((sink, _)), Some(done)) = (sink, open) {
            settle(sink, done)?;
        }
        self.check()
    }

    fn take(&mut self, made: Made, settings: &Settings) -> Result<()> {
        let Some(sheet) = self.sheets.get(made.sheet) else { return Ok(()) };
        if self.at != Some(made.sheet) {
            self.turn_to(made.sheet, sheet)?;
        }
        let before = self.written(sheet.work, |written| {
            written.asked += made.asked;
            written.rows += made.rows;
            written.stored
        });
        for entry in made.entries {
            self.enter(sheet, &sheet.path, entry)?;
        }
        for piece in made.pieces {
            self.write(sheet, piece)?;
        }
        self.hand_on(sheet, &made.batches)?;
        if made.closes
            && let Some(bytes) = self.output.end(&sheet.path)?
        {
            self.written(sheet.work, |written| {
                written.stored += bytes;
                written.plain += bytes;
            });
        }
        let stored = self.written(sheet.work, |written| written.stored) - before;
        settings.progress.bytes.fetch_add(stored, Ordering::Relaxed);
        settings.progress.records.fetch_add(made.asked, Ordering::Relaxed);
        Ok(())
    }

    fn turn_to(&mut self, index: usize, sheet: &Sheet) -> Result<()> {
        self.at = Some(index);
        self.places.clear();
        let Some(work) = self.works.get(sheet.work) else { return Ok(()) };
        if work.by.is_none() && !self.loads {
            self.written(sheet.work, |written| written.files += 1);
        }
        if work.writer.is_none() && !self.loads {
            // A file without rows says which columns there are.
            let empty = RecordBatch::new_empty(schema::schema(&work.table));
            self.output.append_rows(&sheet.path, &work.table, &empty)?;
        }
        for entry in &sheet.entries {
            self.note(sheet.work, entry)?;
        }
        Ok(())
    }

    /// Notes a fault of a record, its place in the file worked out.
    fn enter(&mut self, sheet: &Sheet, path: &str, entry: Entry) -> Result<()> {
        let Place { bytes, lines, records } = self.places.get(path).copied().unwrap_or_default();
        let entry = Entry {
            file: path.to_owned(),
            offset: entry.offset.map(|offset| offset + bytes),
            line: entry.line.map(|line| line + lines + 1),
            record: entry.record.map(|record| record + records + 1),
            pair: entry.pair.map(|record| record + records + 1),
            ..entry
        };
        self.note(sheet.work, &entry)
    }

    /// Notes a fault.
    ///
    /// # Errors
    /// Where the manifest cannot be written.
    pub fn note(&mut self, work: usize, entry: &Entry) -> Result<()> {
        self.written(work, |written| written.faults += 1);
        self.manifest.as_mut().map_or(Ok(()), |manifest| manifest.add(entry))
    }

    fn write(&mut self, sheet: &Sheet, mut piece: Piece) -> Result<()> {
        let path = Work::path_of(sheet, piece.value.as_deref());
        if piece.value.is_some() && !self.places.contains_key(&path) {
            self.written(sheet.work, |written| written.files += 1);
            if let Some(work) = self.works.get(sheet.work) {
                let opening = work.opening(self.pool)?;
                self.put(sheet.work, &path, opening)?;
            }
        }
        for entry in std::mem::take(&mut piece.entries) {
            self.enter(sheet, &path, entry)?;
        }
        self.put(sheet.work, &path, piece)
    }

    /// Appends a piece to its file.
    fn put(&mut self, work: usize, path: &str, piece: Piece) -> Result<()> {
        self.grow(path, &Place { bytes: piece.plain, lines: piece.lines, records: piece.records });
        self.append(work, path, &piece.bytes, piece.plain)?;
        if let Bytes::Text(text) = piece.bytes {
            self.pool.give(text);
        }
        Ok(())
    }

    /// Notes that a file has grown.
    fn grow(&mut self, path: &str, by: &Place) {
        if !self.places.contains_key(path) {
            self.places.insert(path.to_owned(), Place::default());
        }
        if let Some(place) = self.places.get_mut(path) {
            place.bytes += by.bytes;
            place.lines += by.lines;
            place.records += by.records;
        }
    }

    fn append(&mut self, work: usize, path: &str, bytes: &Bytes, plain: u64) -> Result<()> {
        let bytes = bytes.as_slice();
        self.written(work, |written| {
            written.stored += bytes.len() as u64;
            written.plain += plain;
        });
        self.output.append(path, bytes)
    }

    fn hand_on(&mut self, sheet: &Sheet, batches: &[RecordBatch]) -> Result<()> {
        let records = batches.iter().map(|batch| batch.num_rows() as u64).sum();
        self.grow(&sheet.path, &Place { records, ..Place::default() });
        for batch in batches {
            if !self.loads
                && let Some(work) = self.works.get(sheet.work)
            {
                self.output.append_rows(&sheet.path, &work.table, batch)?;
            }
            self.written(sheet.work, |written| written.loaded += batch.num_rows() as u64);
        }
        Ok(())
    }

    fn written<T>(&mut self, work: usize, change: impl FnOnce(&mut Written) -> T) -> T
    where
        T: Default,
    {
        self.written.get_mut(work).map_or_else(T::default, change)
    }

    /// Makes sure that every row asked for was written.
    fn check(&self) -> Result<()> {
        for (index, (work, written)) in self.works.iter().zip(&self.written).enumerate() {
            let sheets = self.sheets.iter().filter(|sheet| sheet.work == index);
            let asked: u64 = sheets.flat_map(|sheet| &sheet.rows).map(|rows| rows.end - rows.start).sum();
            if written.asked != asked {
                let message = format!("{asked} rows of {} were asked for, {} made", work.name, written.asked);
                return Err(Error::new(ErrorKind::Conservation, message));
            }
        }
        Ok(())
    }
}
/// Ends a table in the target, which must take every made row.
fn settle(sink: &mut dyn Sink, table: usize) -> Result<()> {
    match sink.settle(table)?.first() {
        None => Ok(()),
        Some(refused) => {
            Err(Error::output(format!("the target refuses made row {}: {}", refused.row + 1, refused.message))
                .hint("Write the target's constraint into the contract as a rule, so that the rows keep it."))
        }
    }
}
