//! PostgreSQL: targets, sources and their load history.
//!
//! A load is one transaction of one session (the writer), from `begin` to `commit`, so a process or server that dies
//! leaves the tables as they were. A second session (the reader) sees what is committed, all the time. An advisory lock a
//! table, held by the writer, keeps other loads of it away; nobody's reading is held up.
//!
//! | mode | way |
//! |---|---|
//! | append | COPY in binary form, straight into the table |
//! | replace | DELETE, children first, then as append: readers see the old rows until the commit |
//! | upsert | COPY into a temporary table, then `INSERT … ON CONFLICT DO UPDATE` |
//!
//! Rows go in chunks, each under a savepoint (`copy`), so that rows the server refuses are found and left out.

mod connect;
mod copy;
mod decode;
mod encode;
mod extract;
mod failure;
mod history;
mod ledger;
mod load;
mod lock;
mod merge;
mod nested;
mod numeric;
mod outcome;
mod passfile;
mod read;
mod settings;
mod sink;
mod tables;
#[cfg(test)]
mod tests;
mod tls;
mod watch;
mod window;
mod wire;

use std::sync::Arc;

use crate::io::databases::Extract;
use crate::io::databases::address::Address;
use crate::io::{InputFile, Ledger, Sink};
use crate::model::{Access, Result};

use self::ledger::History;
use self::settings::Login;
use self::sink::Postgres;

/// Makes the sink of a database.
///
/// # Errors
/// A usage error where the address has a setting that is not known.
pub fn target(address: Address, access: &Access) -> Result<Box<dyn Sink>> {
    Ok(Box::new(Postgres::new(Arc::new(Login::new(address, access)?))))
}

/// Opens the load history of a database.
///
/// # Errors
/// Where the server cannot be reached.
pub fn ledger(address: Address, access: &Access) -> Result<Box<dyn Ledger>> {
    Ok(Box::new(History::open(Login::new(address, access)?)?))
}

/// Copies rows into Parquet files.
///
/// # Errors
/// As [`crate::io::databases::extract`].
pub fn extract(asked: &Extract<'_>) -> Result<Vec<InputFile>> {
    extract::extract(asked)
}
