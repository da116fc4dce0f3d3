//! MariaDB and MySQL: targets, sources and their load history. Tested on MariaDB 10.11.

mod connect;
mod decode;
mod encode;
mod errors;
mod existing;
mod extract;
mod history;
mod ledger;
mod load;
mod partition;
mod rows;
mod sink;
mod statements;
mod tables;

use crate::io::databases::address::Address;
use crate::io::{Ledger, Sink};
use crate::model::{Access, Result};

use self::connect::Server;
pub use self::extract::extract;

/// Makes the sink of a database.
///
/// # Errors
/// A usage error where the address has a setting that is not known, or names no user or database.
#[expect(clippy::needless_pass_by_value, reason = "all kinds of servers are made alike")]
pub fn target(address: Address, access: &Access) -> Result<Box<dyn Sink>> {
    Ok(Box::new(sink::Target::new(Server::new(&address, access, &[])?)?))
}

/// Opens the load history of a database.
///
/// # Errors
/// As [`target`], and where the server cannot be reached.
#[expect(clippy::needless_pass_by_value, reason = "all kinds of servers are made alike")]
pub fn ledger(address: Address, access: &Access) -> Result<Box<dyn Ledger>> {
    Ok(Box::new(ledger::Book::open(Server::new(&address, access, &[])?)?))
}

#[cfg(test)]
mod tests;
