//! PostgreSQL: targets, sources and their load history.

use crate::io::databases::address::Address;
use crate::io::databases::{Extract, not_yet};
use crate::io::{InputFile, Ledger, Sink};
use crate::model::{Access, Result};

/// Makes the sink of a database.
///
/// # Errors
/// A usage error where the address has a setting that is not known.
pub fn target(address: Address, _access: &Access) -> Result<Box<dyn Sink>> {
    Err(not_yet(&address))
}

/// Opens the load history of a database.
///
/// # Errors
/// Where the server cannot be reached.
pub fn ledger(address: Address, _access: &Access) -> Result<Box<dyn Ledger>> {
    Err(not_yet(&address))
}

/// Copies rows into Parquet files.
///
/// # Errors
/// As [`crate::io::databases::extract`].
pub fn extract(asked: &Extract<'_>) -> Result<Vec<InputFile>> {
    Err(not_yet(asked.address))
}
