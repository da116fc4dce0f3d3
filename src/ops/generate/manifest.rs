//! Manifest: the entries are kept in a file of their own until their number is known, which the header tells.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::io::stores::staging::{Staging, writing};
use crate::model::manifest::{Entry, Header};
use crate::model::{Error, Result};

/// Takes entries in their order.
pub struct ManifestWriter {
    path: PathBuf,
    staging: Staging,
    entries: BufWriter<File>,
    lies: PathBuf,
    count: u64,
}

impl ManifestWriter {
    /// Begins a manifest.
    ///
    /// # Errors
    /// Where the file is there already, or cannot be made.
    pub fn create(path: &Path, overwrite: bool, mark: &str) -> Result<Self> {
        // The entries lie beside the manifest; they are removed whatever happens.
        let mut staging = Staging::new(overwrite, format!("{mark}-entries"));
        let (file, lies) = staging.create(path)?;
        let entries = BufWriter::with_capacity(1 << 16, file);
        Ok(Self { path: path.to_owned(), staging, entries, lies, count: 0 })
    }

    /// Takes an entry.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn add(&mut self, entry: &Entry) -> Result<()> {
        let line =
            serde_json::to_string(entry).map_err(|error| Error::output("cannot write the manifest").because(error))?;
        self.count += 1;
        let written = self.entries.write_all(line.as_bytes()).and_then(|()| self.entries.write_all(b"\n"));
        written.map_err(|error| writing(&self.path, error))
    }

    /// Gives the number of entries.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Writes the header and the entries behind it as an unfinished file of `staging`.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn finish(mut self, header: &Header, staging: &mut Staging) -> Result<()> {
        let failed = |error: io::Error| writing(&self.path, error);
        self.entries.flush().map_err(failed)?;
        let (file, _) = staging.create(&self.path)?;
        let mut out = BufWriter::with_capacity(1 << 16, file);
        let head = serde_json::to_string(header).map_err(|error| failed(error.into()))?;
        let entries = File::open(&self.lies).map_err(failed)?;
        out.write_all(head.as_bytes())
            .and_then(|()| out.write_all(b"\n"))
            .and_then(|()| io::copy(&mut BufReader::new(entries), &mut out))
            .and_then(|_| out.flush())
            .map_err(failed)?;
        drop(self.staging);
        Ok(())
    }
}
