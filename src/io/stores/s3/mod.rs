//! S3-compatible object storage, as source and target.

pub mod download;
pub mod error;
pub mod fetch;
pub mod http;
pub mod ledger;
pub mod profile;
pub mod settings;
pub mod sink;
pub mod state;
pub mod store;
pub mod url;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::io::stores::folder::PART_BYTES;
use crate::io::stores::folder::making::Shape;
use crate::io::target::TargetOptions;
use crate::io::{InputFile, Ledger, Sink};
use crate::model::{Access, Format, Result};

use self::ledger::ObjectLedger;
use self::sink::Objects;
use self::state::Target;
use self::store::Store;
use self::url::Url;

/// Fetches the objects of a URL (`s3://bucket/key`, globs in the key) into files below `spool`, each as it was at one
/// moment. They are shown by their own URLs, and the `key=value` folders of their keys are their partitions.
///
/// # Errors
/// Where nothing matches, the store cannot be reached, an object changes while it is read, or the disk is full.
pub fn fetch(url: &str, access: &Access, spool: &Path, interrupted: &Arc<AtomicBool>) -> Result<Vec<InputFile>> {
    fetch::fetch(url, access, spool, interrupted)
}

/// Makes the sink of a prefix (`s3://bucket/prefix`) that takes files of one format. Nothing is asked of the store
/// before [`Sink::begin`].
///
/// # Errors
/// A usage error where the URL cannot be read, or the files cannot be as was asked.
pub fn target(format: Format, url: &str, options: &TargetOptions) -> Result<Box<dyn Sink>> {
    let shape = Shape::new(format, options.parts, options.gzip, PART_BYTES)?;
    Ok(Box::new(Objects::new(shape, Url::parse(url)?, options.access.clone())))
}

/// Opens the load history of a prefix.
///
/// # Errors
/// Where the URL or the settings are wrong.
pub fn ledger(url: &str, access: &Access) -> Result<Box<dyn Ledger>> {
    Ok(Box::new(ObjectLedger(Target::new(Store::open(Url::parse(url)?, access)?)?)))
}

#[cfg(test)]
mod tests;
