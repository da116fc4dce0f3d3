//! What every verb is told from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

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
    /// Makes settings for a moment, with everything else at its default and one thread.
    #[must_use]
    pub fn new(context: Context) -> Self {
        let read = ReadOptions::default();
        Self {
            context,
            threads: 1,
            batch_rows: read.batch_rows,
            block_bytes: read.block_bytes,
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
