//! The statements of `after_load`: taken apart as MySQL reads them, refused where they would end the transaction, run.
//!
//! MySQL commits before most statements that change a definition (CREATE, ALTER, DROP, TRUNCATE, GRANT …), so that a
//! load could not be undone any more.

use mysql::Conn;

use crate::io::databases::brief;
use crate::io::databases::mysql::connect::{run, statements_mode};
use crate::io::databases::mysql::errors::{is_lost, wrong};
use crate::model::{Contract, Error, Result};

/// What statements begin with that end the transaction, or might.
const ENDING: &[&str] = &[
    "ALTER",
    "ANALYZE",
    "BACKUP",
    "BEGIN",
    "CACHE",
    "CHANGE",
    "CHECK",
    "COMMIT",
    "CREATE",
    "DROP",
    "END",
    "FLUSH",
    "GRANT",
    "IMPORT",
    "INSTALL",
    "LOCK",
    "OPTIMIZE",
    "PURGE",
    "RELEASE",
    "RENAME",
    "REPAIR",
    "RESET",
    "REVOKE",
    "ROLLBACK",
    "SAVEPOINT",
    "SHUTDOWN",
    "START",
    "STOP",
    "TRUNCATE",
    "UNINSTALL",
    "UNLOCK",
    "USE",
    "XA",
];

/// Refuses statements that would end the transaction, before anything is done.
///
/// # Errors
/// A usage error that names the first.
pub fn check(contract: &Contract) -> Result<()> {
    for statement in contract.after_load.iter().flat_map(|script| split(script)) {
        let refused = |why: &str| Err(Error::usage(format!("after_load may not {why}: `{}`", brief(&statement.shown))));
        if statement.hidden {
            return refused("hide statements in /*! comments */");
        }
        let words: Vec<&str> = statement.words.iter().map(String::as_str).collect();
        let temporary =
            matches!(words.as_slice(), ["CREATE" | "DROP", "TEMPORARY", ..] | ["CREATE", "OR", "REPLACE", "TEMPORARY"]);
        let first = words.first().copied().unwrap_or_default();
        let sets = first == "SET" && words.iter().any(|word| matches!(*word, "AUTOCOMMIT" | "PASSWORD" | "ROLE"));
        if sets || (ENDING.contains(&first) && !temporary) {
            return refused("end the transaction").map_err(|error| {
                error
                    .hint("The load and its statements are one transaction, and MariaDB commits before such a statement.")
                    .hint("Make the table or view once beforehand, and fill it here: DELETE FROM …; INSERT INTO … SELECT …")
            });
        }
    }
    Ok(())
}

/// Runs the statements inside the transaction.
///
/// # Errors
/// Where one fails, or one has ended the transaction all the same (a procedure may).
pub fn execute(conn: &mut Conn, contract: &Contract) -> Result<()> {
    if contract.after_load.is_empty() {
        return Ok(());
    }
    let cannot = |error: mysql::Error| wrong("cannot prepare for after_load", &error);
    run(conn, "SAVEPOINT karat_statements").map_err(cannot)?;
    statements_mode(conn, true).map_err(cannot)?;
    for statement in contract.after_load.iter().flat_map(|script| split(script)) {
        let done = run(conn, &statement.text);
        done.map_err(|error| wrong(format!("after_load failed at `{}`", brief(&statement.shown)), &error))?;
    }
    statements_mode(conn, false).map_err(cannot)?;
    // A commit forgets savepoints.
    run(conn, "RELEASE SAVEPOINT karat_statements").map_err(|error| {
        if is_lost(&error) {
            return cannot(error);
        }
        Error::output("a statement of after_load ended the transaction, so the load cannot be undone")
            .hint("The rows loaded so far are in the target. Look for a procedure that commits.")
    })?;
    Ok(())
}

/// One statement of a script.
#[derive(Debug, Default, PartialEq, Eq)]
struct Statement {
    /// As it is sent.
    text: String,
    /// Without comments.
    shown: String,
    /// Its first words, in capitals.
    words: Vec<String>,
    /// It has a comment that the server would run.
    hidden: bool,
}

/// Splits a script at its semicolons, but not at those in strings, quoted names and comments.
fn split(script: &str) -> Vec<Statement> {
    let mut pieces = Vec::new();
    let mut statement = Statement::default();
    let mut at = 0;
    while let Some(rest) = script.get(at..).filter(|rest| !rest.is_empty()) {
        let piece = rest.get(..length(rest)).unwrap_or(rest);
        at += piece.len();
        if piece == ";" {
            pieces.push(std::mem::take(&mut statement));
            continue;
        }
        statement.text.push_str(piece);
        if is_comment(piece) {
            statement.shown.push(' ');
            statement.hidden |= piece.starts_with("/*!") || piece.starts_with("/*M!");
        } else {
            statement.shown.push_str(piece);
        }
    }
    pieces.push(statement);
    for piece in &mut pieces {
        piece.text = piece.text.trim().to_owned();
        let words = piece.shown.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
        piece.words = words.take(4).map(str::to_ascii_uppercase).collect();
    }
    pieces.retain(|piece| piece.hidden || !piece.shown.trim().is_empty());
    pieces
}

fn is_comment(piece: &str) -> bool {
    piece.starts_with('#') || piece.starts_with("/*") || (piece.len() > 1 && piece.starts_with("--"))
}

/// Gives the length of the piece that a text begins with: a string, a quoted name, a comment or one character.
fn length(rest: &str) -> usize {
    let line = || rest.find('\n').map_or(rest.len(), |end| end + 1);
    let mut letters = rest.chars();
    let first = letters.next().unwrap_or_default();
    match (first, letters.next()) {
        ('\'' | '"' | '`', _) => quoted(rest, first),
        ('#', _) => line(),
        // Two hyphens without a space behind are two signs: 5--3.
        ('-', Some('-')) if letters.next().is_none_or(|c| c.is_whitespace() || c.is_control()) => line(),
        ('/', Some('*')) => rest.get(2..).and_then(|inside| inside.find("*/")).map_or(rest.len(), |end| end + 4),
        _ => first.len_utf8(),
    }
}

/// A doubled quote closes and opens again at once, which comes to the same end.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if letter == '\\' && quote != '`' {
            escaped = true;
        } else if letter == quote {
            return at + 1;
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::target::fixtures::contract;

    fn texts(script: &str) -> Vec<String> {
        split(script).into_iter().map(|statement| statement.text).collect()
    }

    #[test]
    fn semicolons_in_text_do_not_split() {
        let script =
            "SELECT 'it\\'s;', \"a;\"\"b\", `c;\\`; # no; end\n -- nor; this\nDELETE FROM t /* ; */ WHERE 5--3;;";
        let pieces = texts(script);
        assert_eq!(pieces.len(), 2, "{pieces:?}");
        assert!(pieces[1].ends_with("5--3"), "{pieces:?}");
        for script in ["'abc", "`abc", "/* abc", "-", "--", "#", "é;ü", "'\\"] {
            let _ = split(script);
        }
        assert_eq!(texts("é;ü"), ["é", "ü"]);
    }

    #[test]
    fn statements_that_commit_are_refused() {
        let refused = |script: &str| {
            let mut contract = contract(Vec::new());
            contract.after_load = vec![script.to_owned()];
            check(&contract).is_err()
        };
        for script in [
            "SELECT 1; commit",
            "/* x */ truncate t",
            "CREATE TABLE t (a INT)",
            "create or replace view v as select 1",
            "DROP TABLE t",
            "/*!50000 COMMIT */",
            "SELECT 1 /*M! ; */",
            "set autocommit = 1",
            "SET @@autocommit=1",
            "(SELECT 1); ALTER TABLE t ADD b INT",
            "XA START 'a'",
            "RENAME TABLE a TO b",
            "GRANT ALL ON x TO y",
        ] {
            assert!(refused(script), "{script}");
        }
        for script in [
            "CREATE TEMPORARY TABLE t (a INT)",
            "CREATE OR REPLACE TEMPORARY TABLE t AS SELECT 1",
            "DROP TEMPORARY TABLE t",
            "UPDATE t SET note = 'commit; drop table t'",
            "SET @a = 1",
            "-- commit\nSELECT 1",
            "INSERT INTO t SELECT * FROM s",
            "",
        ] {
            assert!(!refused(script), "{script}");
        }
    }
}
