//! What every verb is told from outside.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::frame::keys::store::Blank;
use crate::io::ReadOptions;
use crate::model::{Context, Error, ErrorKind, Result};

/// Holds what `cli` hands to a run: the library itself knows no terminal, clock or environment.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The day and moment of the run.
    pub context: Context,
    /// Worker threads, at least 1.
    pub threads: usize,
    /// Records a batch at most.
    pub batch_rows: usize,
    /// Bytes read at once.
    pub block_bytes: usize,
    /// Bytes of keys that are kept in memory; more go to `spool`.
    pub memory: usize,
    /// A folder for what does not fit in memory; it need not exist yet. Without one everything stays in memory.
    pub spool: Option<PathBuf>,
    /// Memory of keys that one table leaves to the next.
    pub blank: Arc<Blank>,
    /// Set by a signal: the run stops at the next batch.
    pub interrupted: Arc<AtomicBool>,
    pub progress: Progress,
}

/// What a progress bar may show, updated while a run goes on.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// Stored bytes read so far, all passes.
    pub bytes: Arc<AtomicU64>,
    /// Stored bytes to read in all passes.
    pub total: Arc<AtomicU64>,
    /// Records judged.
    pub records: Arc<AtomicU64>,
}

impl Settings {
    /// The memory that keys take at most, unless said otherwise: 1 GiB, which holds 64 million keys.
    pub const MEMORY: usize = 1 << 30;

    /// Makes settings for a moment, with everything else at its default and one thread.
    #[must_use]
    pub fn new(context: Context) -> Self {
        let read = ReadOptions::default();
        Self {
            context,
            threads: 1,
            batch_rows: read.batch_rows,
            block_bytes: read.block_bytes,
            memory: Self::MEMORY,
            spool: None,
            blank: Arc::default(),
            interrupted: Arc::default(),
            progress: Progress::default(),
        }
    }

    /// Gives the reader's part of the settings.
    #[must_use]
    pub fn reading(&self) -> ReadOptions {
        ReadOptions {
            batch_rows: self.batch_rows,
            block_bytes: self.block_bytes,
            progress: self.progress.bytes.clone(),
        }
    }

    /// Stops the run where a signal asked for it.
    ///
    /// # Errors
    /// [`ErrorKind::Interrupted`].
    pub fn go_on(&self) -> Result<()> {
        if self.interrupted.load(Ordering::Relaxed) {
            return Err(Error::new(ErrorKind::Interrupted, "interrupted; nothing was committed"));
        }
        Ok(())
    }
}
