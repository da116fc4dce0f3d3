//! Spill: a temporary file for what does not fit in memory.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::model::{Error, Result};

/// The chunks of a shelf on disk.
#[derive(Debug)]
pub struct Spill {
    folder: PathBuf,
    file: SpillFile,
    len: u64,
    /// Where the bytes of each partition lie.
    extents: Vec<Vec<Extent>>,
}

/// Bytes of one partition that lie side by side.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    pub start: u64,
    pub len: u64,
}

/// A file that is gone when it is dropped; where the system allows it, it has no name even before.
#[derive(Debug)]
pub struct SpillFile {
    file: File,
    path: PathBuf,
    named: bool,
}

impl SpillFile {
    /// Reads bytes back into the whole of `buffer`.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn read(&mut self, start: u64, buffer: &mut [u8]) -> Result<()> {
        let read = self.file.seek(SeekFrom::Start(start)).and_then(|_| self.file.read_exact(buffer));
        read.map_err(|error| Error::reading(&self.path, error))
    }
}

impl Drop for SpillFile {
    fn drop(&mut self) {
        if self.named {
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Spill {
    /// Makes an empty file in a folder, which is made too, for so many partitions.
    ///
    /// # Errors
    /// Where that is not possible.
    pub fn new(folder: &Path, parts: usize) -> Result<Self> {
        let file = create(folder).map_err(|error| no_room(folder, error))?;
        Ok(Self { folder: folder.to_owned(), file, len: 0, extents: vec![Vec::new(); parts] })
    }

    /// Gives the number of bytes written.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Tells whether nothing was written.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Ends the writing: gives where the bytes of each partition lie, and the file.
    #[must_use]
    pub fn finish(self) -> (Vec<Vec<Extent>>, SpillFile) {
        (self.extents, self.file)
    }

    /// Writes all chunks, partition by partition, and hands each on to `written`.
    ///
    /// # Errors
    /// Where they cannot be written.
    pub fn append(&mut self, chunks: &mut [Vec<Vec<u8>>], mut written: impl FnMut(Vec<u8>)) -> Result<()> {
        self.write(chunks, &mut written).map_err(|error| no_room(&self.folder, error))
    }

    fn write(&mut self, chunks: &mut [Vec<Vec<u8>>], written: &mut impl FnMut(Vec<u8>)) -> io::Result<()> {
        let mut out = BufWriter::with_capacity(256 << 10, &mut self.file.file);
        for (chunks, extents) in chunks.iter_mut().zip(&mut self.extents) {
            let start = self.len;
            for chunk in std::mem::take(chunks) {
                out.write_all(&chunk)?;
                self.len += chunk.len() as u64;
                written(chunk);
            }
            if self.len > start {
                extents.push(Extent { start, len: self.len - start });
            }
        }
        out.flush()
    }
}

fn create(folder: &Path) -> io::Result<SpillFile> {
    fs::create_dir_all(folder)?;
    let mut number = 0_u32;
    loop {
        let path = folder.join(format!("keys-{number}"));
        match File::options().read(true).write(true).create_new(true).open(&path) {
            Ok(file) => {
                // Systems that let an open file lose its name free its space even if the process is killed.
                let named = cfg!(not(unix)) || fs::remove_file(&path).is_err();
                return Ok(SpillFile { file, path, named });
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 100_000 => number += 1,
            Err(error) => return Err(error),
        }
    }
}

fn no_room(folder: &Path, error: io::Error) -> Error {
    Error::output(format!("cannot write keys to the temporary folder {}", folder.display())).because(error).hint(
        "Let more keys stay in memory with a larger `--memory`, or name a temporary folder with more room (`TMPDIR`).",
    )
}
