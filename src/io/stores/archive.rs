//! archive: to come.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::model::{Error, Result};

/// Opens a file.
///
/// # Errors
/// Where it cannot be opened.
pub fn open(path: &Path, progress: Arc<AtomicU64>) -> Result<Box<dyn Read + Send>> {
    let _ = progress;
    std::fs::File::open(path).map(|file| Box::new(file) as _).map_err(|error| Error::reading(path, error))
}
