//! Databases as targets, and as what is looked at: one file each.

#[cfg(feature = "duckdb")]
pub mod duckdb;

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::io::InputFile;
use crate::model::Result;

/// Tells whether a file is a DuckDB database, by its first bytes.
#[must_use]
pub fn is_duckdb(path: &Path) -> bool {
    // A checksum of eight bytes stands before the name.
    let mut head = [0; 12];
    path.is_file()
        && File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok()
        && head.ends_with(b"DUCK")
}

/// Copies a table of a database file, or all of them, into files below `spool`; gives each one's name and file.
///
/// # Errors
/// Where the database cannot be read, has no such table, or this build knows no DuckDB.
#[cfg(feature = "duckdb")]
pub fn export(path: &Path, table: Option<&str>, spool: &Path) -> Result<Vec<(String, InputFile)>> {
    duckdb::export::export(path, table, spool)
}

/// Says that this build reads no databases.
///
/// # Errors
/// Always.
#[cfg(not(feature = "duckdb"))]
pub fn export(path: &Path, _table: Option<&str>, _spool: &Path) -> Result<Vec<(String, InputFile)>> {
    let message = format!("{} is a DuckDB file, and this karat was built without DuckDB", path.display());
    Err(crate::model::Error::usage(message).hint("Build with the feature `duckdb` (it is on by default)."))
}
