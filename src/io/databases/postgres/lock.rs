//! The lock of a table: an advisory one, held to the end of the transaction, that keeps other loads away and no readers.

use std::time::Duration;

use crate::io::databases::postgres::connect::Link;
use crate::io::databases::postgres::failure::failed;
use crate::model::{Error, Result};
use crate::sql::{identifier, literal};

/// How often another load's lock is looked for again, and how long is waited between: a load that was killed just now
/// may take a moment to be gone.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(150);

/// Locks a table and gives the lock's number.
///
/// # Errors
/// Where another load or undo holds it.
pub fn take(link: &Link, schema: &str, table: &str) -> Result<i64> {
    let wrong = |error| failed(format!("cannot lock {table}"), &error);
    let key = literal(&format!("karat:{}.{}", identifier(schema), identifier(table)));
    let key = link.number(&format!("SELECT pg_catalog.hashtextextended({key}, 0)"), &[]).map_err(wrong)?;
    for attempt in 0..TRIES {
        if attempt > 0 {
            std::thread::sleep(PAUSE);
        }
        if tried(link, "pg_try_advisory_xact_lock", key).map_err(wrong)? {
            return Ok(key);
        }
    }
    Err(Error::output(format!("another load into {table} is under way"))
        .hint("Wait until it has ended, then run this load again."))
}

/// Tells whether locks are free, by taking them for the session.
///
/// # Errors
/// The server's.
pub fn are_free(link: &Link, keys: &[i64]) -> Result<bool, tokio_postgres::Error> {
    for key in keys {
        if !tried(link, "pg_try_advisory_lock", *key)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn tried(link: &Link, function: &str, key: i64) -> Result<bool, tokio_postgres::Error> {
    let rows = link.query(&format!("SELECT pg_catalog.{function}($1)"), &[&key])?;
    rows.first().map_or(Ok(false), |row| row.try_get(0))
}
