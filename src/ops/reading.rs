//! All files of a table as one stream of batches.

use std::sync::atomic::Ordering;

use crate::frame::RawBatch;
use crate::io::stores::local::Fingerprint;
use crate::io::{Claim, InputFile, Source, formats};
use crate::model::{Error, ErrorKind, FileReport, Format, Result, Table};
use crate::ops::settings::Settings;

/// Reads the files of a table one after another.
pub struct Reading<'a> {
    table: &'a Table,
    files: &'a [InputFile],
    settings: &'a Settings,
    open: Option<(Box<dyn Source>, Fingerprint)>,
    next_file: usize,
    /// Records of the files before the open one.
    base: u64,
    done: Vec<FileReport>,
    names: Vec<Vec<String>>,
}

/// Some records of one file, with their place in the run.
pub struct Piece {
    pub raw: RawBatch,
    /// Ordinal of the first record among all records of the table, from 0.
    pub first: u64,
    /// Index of the file.
    pub file: u32,
}

/// Some records of one file that are yet to be framed.
pub struct Claimed {
    claim: Claim,
    first: u64,
    file: u32,
}

impl Claimed {
    /// Frames the records, on any thread.
    ///
    /// # Errors
    /// Where they are not those that were counted.
    pub fn frame(self) -> Result<Piece> {
        Ok(Piece { raw: self.claim.frame()?, first: self.first, file: self.file })
    }
}

/// What was read of all files.
pub struct ReadFiles {
    pub files: Vec<FileReport>,
    /// Column names of each file; empty for formats without.
    pub names: Vec<Vec<String>>,
}

impl<'a> Reading<'a> {
    /// Starts before the first file.
    #[must_use]
    pub const fn new(table: &'a Table, files: &'a [InputFile], settings: &'a Settings) -> Self {
        Self { table, files, settings, open: None, next_file: 0, base: 0, done: Vec::new(), names: Vec::new() }
    }

    /// Takes the next records; `None` after the last file.
    ///
    /// # Errors
    /// Where a file cannot be read, changed while it was read, or its bytes do not add up.
    pub fn claim(&mut self) -> Result<Option<Claimed>> {
        loop {
            self.settings.go_on()?;
            if self.open.is_none() {
                let Some(file) = self.files.get(self.next_file) else { return Ok(None) };
                let fingerprint = Fingerprint::of(&file.path)?;
                let source = formats::open(file, self.table, &self.settings.reading())?;
                self.open = Some((source, fingerprint));
                self.next_file += 1;
            }
            let Some((source, _)) = &mut self.open else { continue };
            if let Some(claim) = source.claim()? {
                if claim.records == 0 {
                    continue;
                }
                let first = self.base + claim.number - 1;
                let file = u32::try_from(self.next_file - 1).unwrap_or(u32::MAX);
                self.settings.progress.records.fetch_add(claim.records as u64, Ordering::Relaxed);
                return Ok(Some(Claimed { claim, first, file }));
            }
            self.close()?;
        }
    }

    fn close(&mut self) -> Result<()> {
        let Some((source, fingerprint)) = self.open.take() else { return Ok(()) };
        fingerprint.check_unchanged()?;
        let tally = source.tally();
        let sum = tally.record_bytes + tally.framing_bytes;
        if self.table.source.format != Format::Parquet && sum != tally.bytes {
            let message = format!(
                "{}: {} record bytes + {} framing bytes are not the {} bytes read",
                tally.path, tally.record_bytes, tally.framing_bytes, tally.bytes
            );
            return Err(Error::new(ErrorKind::Conservation, message));
        }
        self.base += tally.records;
        self.names.push(source.names());
        self.done.push(tally);
        Ok(())
    }

    /// Gives what was read, after the last batch.
    #[must_use]
    pub fn finish(self) -> ReadFiles {
        ReadFiles { files: self.done, names: self.names }
    }
}
