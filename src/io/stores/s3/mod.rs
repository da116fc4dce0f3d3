//! S3-compatible object storage, as source and target.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::io::{InputFile, Ledger, Sink};
use crate::model::{Access, Error, Format, Result};

/// Fetches the objects of a URL (`s3://bucket/key`, globs in the key) into files below `spool`, each as it was at one
/// moment. They are shown by their own URLs, and the `key=value` folders of the pattern are their partitions.
///
/// # Errors
/// Where nothing matches, the store cannot be reached, or the disk is full.
pub fn fetch(_url: &str, _access: &Access, _spool: &Path, _interrupted: &Arc<AtomicBool>) -> Result<Vec<InputFile>> {
    Err(Error::usage("s3:// is not supported yet"))
}

/// Makes the sink of a prefix (`s3://bucket/prefix`) that takes files of one format.
///
/// # Errors
/// A usage error where the URL cannot be read.
pub fn target(_format: Format, _url: &str, _options: &crate::io::target::TargetOptions) -> Result<Box<dyn Sink>> {
    Err(Error::usage("s3:// is not supported yet"))
}

/// Opens the load history of a prefix.
///
/// # Errors
/// Where the store cannot be reached.
pub fn ledger(_url: &str, _access: &Access) -> Result<Box<dyn Ledger>> {
    Err(Error::usage("s3:// is not supported yet"))
}
