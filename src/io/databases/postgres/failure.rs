//! What PostgreSQL's errors mean: a row's fault, or the run's, and what to do about it.

use std::error::Error as _;

use tokio_postgres::error::{DbError, Severity, SqlState};

use crate::model::{Error, ErrorKind};

/// Why the server refused a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub message: String,
    pub column: Option<String>,
    /// The row's number in its COPY, from 0, where the server tells it.
    pub line: Option<usize>,
}

/// Characters of a server's words that are kept of each refused row.
const WORDS: usize = 400;

/// Takes an error as a row's fault where it is one; `relation` is the name of the table that was copied into.
#[must_use]
pub fn row_fault(error: &tokio_postgres::Error, relation: &str) -> Option<Fault> {
    let said = error.as_db_error()?;
    if !of_a_row(said.code().code()) {
        return None;
    }
    let line = said.where_().and_then(|context| line(context, relation));
    Some(Fault { message: words(said), column: said.column().map(str::to_owned), line })
}

/// Tells by its code whether an error is about a value or a row rather than about the server or the statement
/// (PostgreSQL manual, "Error Codes"). Codes that are none of PostgreSQL's come from a trigger's RAISE.
fn of_a_row(code: &str) -> bool {
    const OF_THE_RUN: &[&str] = &[
        "08", "0A", "25", "26", "28", "34", "3D", "3F", "40", "42", "53", "55", "57", "58", "F0", "XX", "21", "2D",
        "3B",
    ];
    let class = code.get(..2).unwrap_or_default();
    // 54000 is a key too long for its index; the others of its class are about statements.
    !OF_THE_RUN.contains(&class) && (class != "54" || code == "54000")
}

/// Reads the line of `COPY products, line 7, column price`: the outermost context, so the last line.
fn line(context: &str, relation: &str) -> Option<usize> {
    let start = context.rfind(&format!("COPY {relation}, line "))?;
    let rest = context.get(start + "COPY ".len() + relation.len() + ", line ".len()..)?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest.get(..digits)?.parse::<usize>().ok()?.checked_sub(1)
}

/// Gives the server's message with its detail.
fn words(said: &DbError) -> String {
    let mut words = said.message().to_owned();
    if let Some(detail) = said.detail() {
        words.push_str(": ");
        words.push_str(detail);
    }
    match words.char_indices().nth(WORDS) {
        Some((end, _)) => format!("{}…", words.get(..end).unwrap_or_default()),
        None => words,
    }
}

/// Makes an error of the run: what was tried, what the server said, and what to do.
pub fn failed(what: impl Into<String>, error: &tokio_postgres::Error) -> Error {
    let Some(said) = error.as_db_error() else { return lost(what, error) };
    let made = Error::output(what).because(words(said));
    let code = said.code();
    let hint = match code.code() {
        "53100" => "The server's disk is full: make room there, then run this load again.",
        "53200" => "The server is out of memory: try again when it has less to do.",
        "53300" => "The server has no connection free: try again later.",
        "40001" | "40P01" => "Another transaction came between: run this again.",
        "42501" => "The server's user lacks a permission: ask for a GRANT, or name another user.",
        "25006" => "The server takes no writes now: it is a standby, or read-only. Name its primary.",
        "55P03" => "Another session holds a lock on it: end that session, or wait for it, then run this again.",
        "57014" => "The statement was cancelled on the server.",
        "57P01" | "57P02" | "57P03" => {
            "The server was shut down, or its administrator ended the session: run this again."
        }
        "23503" => "Rows of another table refer to these: load that table too, or use `--mode upsert`.",
        "23505" => "The target has a row with that key already: load with `--mode upsert` or `--mode replace`.",
        "XX001" | "XX002" => "The server's files are damaged: see its log.",
        _ => return made,
    };
    made.hint(hint)
}

/// Tells whether the connection is gone: nothing more can be asked on it.
#[must_use]
pub fn is_lost(error: &tokio_postgres::Error) -> bool {
    match error.as_db_error() {
        // The last words of a session that is ended.
        Some(said) => {
            let ended = matches!(said.parsed_severity(), Some(Severity::Fatal | Severity::Panic));
            ended || said.code().code().starts_with("57P")
        }
        None => true,
    }
}

fn lost(what: impl Into<String>, error: &tokio_postgres::Error) -> Error {
    let made = Error::output(what).because(beneath(error));
    if error.is_closed() || error.source().is_some_and(<dyn std::error::Error>::is::<std::io::Error>) {
        return made.hint("The connection to the server broke, and nothing was committed: run this again.");
    }
    made
}

/// Gives an error of the client's side in words: the driver's are "error communicating with the server" and the like,
/// which say less than what is beneath. None of them hold settings.
fn beneath(error: &tokio_postgres::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |source| format!("the connection failed: {source}"))
}

/// Makes an error of why a server cannot be reached.
pub fn unreachable(shown: &str, note: Option<&str>, error: &tokio_postgres::Error) -> Error {
    let made = match error.as_db_error() {
        Some(said) => refused(shown, said),
        None => no_connection(shown, error),
    };
    note.into_iter().fold(made, Error::hint)
}

fn refused(shown: &str, said: &DbError) -> Error {
    let made = |what: String| Error::output(what).because(said.message().to_owned());
    match *said.code() {
        SqlState::INVALID_PASSWORD => made(format!("{shown} refused the password")).hint(PASSWORD),
        SqlState::INVALID_CATALOG_NAME => made(format!("{shown} is no database there"))
            .hint("Name one that is: postgres://user@host/database, or make it with `createdb`."),
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION => made(format!("{shown} refused the user"))
            .hint("Does its pg_hba.conf let this user in from here, in this way (with or without TLS)?"),
        SqlState::TOO_MANY_CONNECTIONS => made(format!("{shown} has no connection free")).hint("Try again later."),
        _ => made(format!("{shown} refused the connection")),
    }
}

const PASSWORD: &str = "Give it by --password-file, PGPASSWORD or a password file (PGPASSFILE, ~/.pgpass).";

fn no_connection(shown: &str, error: &tokio_postgres::Error) -> Error {
    let said = error.to_string();
    let mut deepest = said.clone();
    let mut source = error.source();
    while let Some(inner) = source {
        deepest = inner.to_string();
        source = inner.source();
    }
    if said.contains("TLS") || deepest.contains("certificate") {
        return tls(shown, &deepest);
    }
    if deepest.contains("password missing") || said.contains("password missing") {
        return Error::output(format!("{shown} wants a password")).hint(PASSWORD);
    }
    Error::output(format!("{shown} cannot be reached"))
        .because(deepest)
        .hint("Is the server running there, and do host and port say so? Is a firewall between?")
}

fn tls(shown: &str, said: &str) -> Error {
    if said.contains("server does not support TLS") {
        return Error::output(format!("{shown} offers no TLS, so the connection would be open to everyone between"))
            .hint("Turn TLS on there (`ssl = on`), or allow plain connections with ?sslmode=disable.");
    }
    let made = Error::output(format!("{shown} did not show who it is")).because(said.to_owned());
    if said.contains("UnknownIssuer") {
        return made.hint("No known authority signed its certificate: name the one that did, ?sslrootcert=ca.pem.");
    }
    if said.contains("not valid for name") || said.contains("NotValidForName") {
        return made.hint("Its certificate is for another name: use that name as the host, or ?sslmode=verify-ca.");
    }
    made.hint("Name the authority of its certificate by ?sslrootcert=ca.pem; ?sslmode=require asks for no proof.")
}

/// Makes an error of a server that did not answer in time.
#[must_use]
pub fn too_late(shown: &str, seconds: u64) -> Error {
    Error::output(format!("{shown} did not answer within {seconds} seconds"))
        .hint("Is it there, and is no firewall between? ?connect_timeout=SECONDS waits longer.")
}

/// Makes an error of sums that do not add up.
#[must_use]
pub fn broken(what: String) -> Error {
    Error::new(ErrorKind::Conservation, what).hint("Nothing was loaded. Did somebody else write to the table?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_of_the_outermost_context() {
        assert_eq!(line("COPY t, line 7, column a", "t"), Some(6));
        assert_eq!(line("PL/pgSQL function f() line 3 at RAISE\nCOPY a, line 9, line 12", "a, line 9"), Some(11));
        assert_eq!(line("COPY t, line 0", "t"), None);
        assert_eq!(line("COPY t, Zeile 7", "t"), None);
        assert_eq!(line("COPY t, line 99999999999999999999999", "t"), None);
    }

    #[test]
    fn classes_tell_rows_from_runs() {
        for code in ["22001", "23505", "23514", "P0001", "54000", "KA001", "44000", "09000"] {
            assert!(of_a_row(code), "{code}");
        }
        for code in ["42501", "53100", "57P01", "40P01", "54001", "XX000", "08006", "21000", "25P02"] {
            assert!(!of_a_row(code), "{code}");
        }
    }
}
