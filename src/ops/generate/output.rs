//! Output: where the bytes of files go.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;

use crate::io::formats::write::Writer;
use crate::io::formats::write::parquet::ParquetWriter;
use crate::io::stores::staging::{Staging, writing};
use crate::model::{Error, Result, Table};

/// The most files that are written at once: one a value of a column.
const MOST_OPEN: usize = 1000;

/// Takes the bytes of files.
pub enum Output {
    Folder(Folder),
    Stream(Box<dyn Write + Send>),
    /// The manifest alone is wanted.
    Nothing,
}

/// Files in a folder.
pub struct Folder {
    root: PathBuf,
    staging: Staging,
    open: BTreeMap<String, (File, PathBuf)>,
    parquet: BTreeMap<String, Box<dyn Writer>>,
}

impl Output {
    /// Writes into a folder.
    #[must_use]
    pub fn folder(root: &Path, staging: Staging) -> Self {
        Self::Folder(Folder { root: root.to_owned(), staging, open: BTreeMap::new(), parquet: BTreeMap::new() })
    }

    /// Appends bytes to a file, which is made where it is new.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn append(&mut self, path: &str, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Nothing => Ok(()),
            Self::Stream(out) => match out.write_all(bytes) {
                Err(error) => Err(Error::output("cannot write to standard output").because(error)),
                Ok(()) => Ok(()),
            },
            Self::Folder(folder) => folder.append(path, bytes),
        }
    }

    /// Appends rows to a Parquet file, which is made where it is new.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn append_rows(&mut self, path: &str, table: &Table, rows: &RecordBatch) -> Result<()> {
        match self {
            Self::Nothing => Ok(()),
            Self::Stream(_) => Err(Error::usage("Parquet is not written to standard output")
                .hint("name a folder with --out, or choose --format csv or ndjson")),
            Self::Folder(folder) => folder.append_rows(path, table, rows),
        }
    }

    /// Ends a file; gives the bytes of a Parquet file.
    ///
    /// # Errors
    /// Where it cannot be written to its end.
    pub fn end(&mut self, path: &str) -> Result<Option<u64>> {
        let Self::Folder(folder) = self else { return Ok(None) };
        folder.open.remove(path);
        folder.parquet.remove(path).map(|writer| Ok(writer.finish().map_err(told)?.bytes)).transpose()
    }

    /// Flushes what is left and gives all files their names.
    ///
    /// # Errors
    /// Where that fails.
    pub fn commit(self) -> Result<()> {
        match self {
            Self::Nothing => Ok(()),
            Self::Stream(mut out) => {
                out.flush().map_err(|error| Error::output("cannot write to standard output").because(error))
            }
            Self::Folder(Folder { staging, open, parquet, .. }) => {
                drop(open);
                for writer in parquet.into_values() {
                    writer.finish()?;
                }
                staging.commit()
            }
        }
    }
}

impl Folder {
    fn append(&mut self, path: &str, bytes: &[u8]) -> Result<()> {
        if !self.open.contains_key(path) {
            if self.open.len() >= MOST_OPEN {
                return Err(Error::usage(format!("more than {MOST_OPEN} files would be written at once, one a value"))
                    .hint("keep the table in folders of a column with fewer values, or sort it by day"));
            }
            let file = self.staging.create(&self.root.join(path))?;
            self.open.insert(path.to_owned(), file);
        }
        match self.open.get_mut(path) {
            Some((file, _)) => file.write_all(bytes).map_err(|error| writing(&self.root.join(path), error)),
            None => Ok(()),
        }
    }

    fn append_rows(&mut self, path: &str, table: &Table, rows: &RecordBatch) -> Result<()> {
        if !self.parquet.contains_key(path) {
            let shown = self.root.join(path);
            let (file, _) = self.staging.create(&shown)?;
            self.parquet.insert(path.to_owned(), Box::new(ParquetWriter::new(&shown, file, table)?));
        }
        self.parquet.get_mut(path).map_or(Ok(()), |writer| writer.write(rows).map_err(told))
    }
}

/// Says what to do where the disk is full, which a Parquet writer wraps in errors of its own.
fn told(error: Error) -> Error {
    let mut cause = error.source.as_deref().map(|cause| cause as &dyn std::error::Error);
    let mut full = false;
    while let Some(found) = cause {
        let io = found.downcast_ref::<std::io::Error>();
        full |= io.is_some_and(|io| io.kind() == std::io::ErrorKind::StorageFull);
        cause = found.source();
    }
    if full { error.hint("The disk is full. What was begun has been removed again.") } else { error }
}
