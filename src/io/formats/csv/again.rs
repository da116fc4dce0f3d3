//! Again: records that were read before, by their places.
//!
//! What stands at a place is the same however the file is cut into blocks, so a reader may start at any record.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use crate::frame::{Body, FileShape, RawBatch, Record};
use crate::io::formats::csv::framer::{self, Unit};
use crate::io::formats::csv::scan::{Level, Tape};
use crate::io::formats::csv::{CsvSource, Cursor, Dialect, Input, verify};
use crate::io::formats::transcode::TextReader;
use crate::io::{InputFile, Source};
use crate::model::{Encoding, Error, FileReport, Result};

/// Where a record starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Byte offset in the file.
    pub offset: u64,
    /// Physical line, from 1.
    pub line: u64,
    /// Number among the file's data records, from 1.
    pub number: u64,
}

/// Reads records of a file that is not compressed.
pub struct Again {
    source: CsvSource,
    file: File,
}

impl Again {
    /// Opens a file whose shape is known from its first reading.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn open(file: &InputFile, shape: &Arc<FileShape>) -> Result<Self> {
        let failed = |error| Error::reading(&file.path, error);
        let opened = File::open(&file.path).map_err(failed)?;
        // Both have one position in the file.
        let reader = TextReader::resume(Box::new(opened.try_clone().map_err(failed)?), shape.encoding);
        let (path, shown) = (file.path.clone(), file.shown.clone());
        let input = Input { reader, path, shown, text: Vec::new(), from: 0, until: 0, eof: false, block: 1 };
        let dialect = Arc::new(Dialect::new(&shape.spec)?);
        let level = dialect.is_regular().then(Level::best);
        let (cursor, shape) = (Cursor::default(), Arc::clone(shape));
        let (tape, used, fresh, stride, spans) = (Tape::default(), 0, false, usize::MAX, Vec::new());
        let source =
            CsvSource { input, cursor, dialect, shape, batch_rows: 1, level, tape, used, fresh, stride, spans };
        Ok(Self { source, file: opened })
    }

    /// Reads so many records from a place on, which take up about `bytes`, and shows them in batches, in order.
    ///
    /// # Errors
    /// Where the file cannot be read, or holds fewer.
    pub fn read(&mut self, place: Place, records: usize, bytes: u64, mut show: impl FnMut(&RawBatch)) -> Result<()> {
        let Self { source, file } = self;
        file.seek(SeekFrom::Start(place.offset)).map_err(|error| Error::reading(&source.input.path, error))?;
        source.input.reader.restart();
        (source.input.from, source.input.until, source.input.eof) = (0, 0, false);
        source.input.block = usize::try_from(bytes).unwrap_or(usize::MAX).clamp(1, 1 << 28);
        let tally = FileReport { records: place.number - 1, ..FileReport::default() };
        source.cursor = Cursor { line: place.line, offset: place.offset, tally };
        let mut left = records;
        while left > 0 {
            source.batch_rows = left;
            let Some(batch) = source.next_batch()? else {
                let path = source.input.path.display();
                return Err(Error::input(format!("{path} changed while it was read")));
            };
            left = left.saturating_sub(batch.len());
            show(&batch);
        }
        Ok(())
    }

    /// Reads the one record of so many bytes that stands at a place, and appends it to others of its file.
    ///
    /// # Errors
    /// As [`Again::read`].
    pub fn pick(&mut self, place: Place, bytes: usize, to: &mut RawBatch) -> Result<()> {
        if self.picked(place, bytes, to)? {
            return Ok(());
        }
        self.read(place, 1, bytes as u64, |batch| to.append(batch, 0..1))
    }

    /// Does it where the record can be told without what follows it.
    fn picked(&mut self, place: Place, bytes: usize, to: &mut RawBatch) -> Result<bool> {
        let CsvSource { dialect, shape, spans, input, .. } = &mut self.source;
        let RawBatch { text, records, body: Body::Delimited(fields), .. } = to else { return Ok(false) };
        if shape.encoding != Encoding::Utf8 {
            return Ok(false);
        }
        let start = text.len();
        text.resize(start + bytes, 0);
        let read = self.file.read_exact_at(text.get_mut(start..).unwrap_or_default(), place.offset);
        read.map_err(|error| Error::reading(&input.path, error))?;
        spans.clear();
        match framer::next(dialect, text, start, true, place.line, Some(shape.names.len()), spans) {
            Unit::Record(framed) if framed.flaw.is_none() && framed.end == text.len() => {}
            _ => {
                text.truncate(start);
                return Ok(false);
            }
        }
        let Place { offset, line, number } = place;
        let fault = verify::record(text.get(start..).unwrap_or_default(), shape, offset);
        records.push(Record { start, len: bytes, offset, length: bytes as u64, line, number, fault });
        fields.push_spans(start, spans);
        Ok(true)
    }
}

/// Tells whether records of a file can be read by their places: it is a file, and not compressed.
#[must_use]
pub fn is_seekable(file: &InputFile) -> bool {
    let Ok(mut opened) = File::open(&file.path) else { return false };
    let mut head = Vec::new();
    let whole = opened.metadata().is_ok_and(|data| data.is_file());
    whole && (&mut opened).take(10).read_to_end(&mut head).is_ok() && crate::io::stores::archive::is_plain(&head)
}
