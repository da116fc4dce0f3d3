//! Databases as targets, and as what is looked at: one file or folder each.

pub mod address;
#[cfg(feature = "duckdb")]
pub mod duckdb;
pub mod mysql;
pub mod postgres;

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::io::{InputFile, Ledger, Sink};
use crate::model::{Access, Contract, Error, Result};
use crate::sql::script;

use self::address::Address;

/// What is read of a database on a server.
#[derive(Debug, Clone)]
pub struct Extract<'a> {
    pub address: &'a Address,
    pub access: &'a Access,
    pub rows: Rows,
    /// A column whose ranges are read over several connections at once: a key of whole numbers or moments.
    pub partition_on: Option<&'a str>,
    /// Connections at most, at least 1.
    pub threads: usize,
    /// The folder the rows are written to; it need not exist yet.
    pub spool: &'a Path,
    /// Set by a signal.
    pub interrupted: &'a Arc<AtomicBool>,
}

/// Which rows are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    /// A table or view: `claims`, `schema.claims`.
    Table(String),
    /// What a query gives.
    Query(String),
}

/// Copies rows of a server into Parquet files below `spool`, as they were at one moment, so that they are read as any
/// other file, as often as need be. Types that Parquet lacks come as text, as the server writes it. The files are
/// shown as the address with `?table=…` or `?query`.
///
/// # Errors
/// Where the server cannot be reached, has no such table, or the disk is full.
pub fn extract(asked: &Extract<'_>) -> Result<Vec<InputFile>> {
    match asked.address.scheme {
        "mysql" => mysql::extract(asked),
        _ => postgres::extract(asked),
    }
}

/// Makes the sink of a server's database. Nothing is reached before [`Sink::begin`].
///
/// # Errors
/// A usage error where the address cannot be read or has a setting that is not known.
pub fn target(text: &str, access: &Access) -> Result<Box<dyn Sink>> {
    let address = Address::parse(text)?;
    match address.scheme {
        "mysql" => mysql::target(address, access),
        _ => postgres::target(address, access),
    }
}

/// Opens the load history of a server's database.
///
/// # Errors
/// As [`target`], and where the server cannot be reached.
pub fn ledger(text: &str, access: &Access) -> Result<Box<dyn Ledger>> {
    let address = Address::parse(text)?;
    match address.scheme {
        "mysql" => mysql::ledger(address, access),
        _ => postgres::ledger(address, access),
    }
}

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
    Err(Error::usage(message).hint("Build with the feature `duckdb` (it is on by default)."))
}

/// Gives the statements of `after_load`, in their order.
pub(crate) fn after_load(contract: &Contract) -> impl Iterator<Item = &str> {
    contract.after_load.iter().flat_map(|text| script::statements(text))
}

/// Refuses statements of `after_load` that would end the transaction, before anything is done.
pub(crate) fn check_after_load(contract: &Contract) -> Result<()> {
    after_load(contract).find(|statement| script::controls_transaction(statement)).map_or(Ok(()), |statement| {
        Err(Error::usage(format!("after_load may not control the transaction: `{statement}`"))
            .hint("The load and its statements are one transaction. Leave the statement out."))
    })
}

/// Shows a statement in one line of at most 100 characters.
pub(crate) fn brief(statement: &str) -> String {
    let line = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(100) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
