//! What became of a commit, also where its answer never came.

use std::sync::Arc;
use std::time::Duration;

use crate::io::databases::postgres::connect::{self, Link};
use crate::io::databases::postgres::failure::{failed, is_lost};
use crate::io::databases::postgres::settings::Login;
use crate::io::databases::postgres::{history, lock};
use crate::model::{Error, Result};

/// How often a lost server is looked for, and the pause between, which grows by itself each time.
const TRIES: u32 = 8;
const PAUSE: Duration = Duration::from_millis(250);

/// Decides whether the load is in the target.
///
/// Where the connection broke behind COMMIT, the transaction may have been committed or not. It holds the advisory locks
/// until it is one or the other, so once they can be taken, the history tells.
///
/// # Errors
/// Where it is not in the target, or nobody can tell.
pub fn decide(
    answer: Result<(), tokio_postgres::Error>,
    reader: &Link,
    login: &Arc<Login>,
    schema: &str,
    locks: &[i64],
    load_id: &str,
) -> Result<()> {
    match answer {
        // A transaction that had failed unnoticed ends in the same answer: the history tells.
        Ok(()) => match history::knows(reader, schema, load_id) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Error::output("the server did not keep the load").hint("Nothing was committed.")),
            Err(_) => ask(login, schema, locks, load_id),
        },
        Err(error) if is_lost(&error) => ask(login, schema, locks, load_id),
        Err(error) => Err(failed("cannot commit", &error)),
    }
}

fn ask(login: &Arc<Login>, schema: &str, locks: &[i64], load_id: &str) -> Result<()> {
    let mut last = None;
    for attempt in 0..TRIES {
        std::thread::sleep(PAUSE * attempt);
        // A runtime of its own: the old one's threads may be stuck with the old connection.
        let asked = connect::runtime().and_then(|runtime| Link::open(&runtime, login)).and_then(|link| {
            let wrong = |error| failed("cannot ask for the transaction", &error);
            if !lock::are_free(&link, locks).map_err(wrong)? {
                return Err(Error::output("the transaction is still being ended"));
            }
            history::knows(&link, schema, load_id).map_err(|error| failed("cannot read the load history", &error))
        });
        match asked {
            Ok(true) => return Ok(()),
            Ok(false) => {
                return Err(Error::output("the connection broke at the commit, and the load is not in the target")
                    .hint("Nothing was committed: run this load again."));
            }
            Err(error) => last = Some(error),
        }
    }
    let unknown =
        Error::output("the connection broke at the commit, and the server cannot be asked: the outcome is unknown")
            .hint(format!("`karat history {}` tells: if load {load_id} is listed, it was.", login.shown));
    Err(match last {
        Some(error) => unknown.because(error),
        None => unknown,
    })
}
