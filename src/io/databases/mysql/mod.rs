//! MariaDB and MySQL: targets, sources and their load history.

mod connect;
mod decode;
mod errors;
mod extract;
mod partition;
mod rows;
mod statements;

use crate::io::databases::address::Address;
use crate::io::databases::not_yet;
use crate::io::{Ledger, Sink};
use crate::model::{Access, Result};

pub use self::extract::extract;

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
