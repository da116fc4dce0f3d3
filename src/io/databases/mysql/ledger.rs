//! What was loaded, and taking it out again.

use mysql::Conn;

use crate::io::databases::mysql::connect::{Server, Session, run};
use crate::io::databases::mysql::errors::wrong;
use crate::io::databases::mysql::history;
use crate::io::databases::mysql::sink::lock;
use crate::io::databases::mysql::tables::{self, quote};
use crate::io::{LOAD_ID, Ledger, PastLoad};
use crate::model::history::{undoable, without_load_id};
use crate::model::{Error, Result};
use crate::sql::literal;

/// The load history of a database.
pub struct Book {
    server: Server,
    conn: Conn,
}

impl Book {
    /// Opens the history of a server's database.
    ///
    /// # Errors
    /// Where the server cannot be reached.
    pub fn open(server: Server) -> Result<Self> {
        let conn = server.connect(Session::Target)?;
        Ok(Self { server, conn })
    }

    /// Removes the rows of a load: so many of each table.
    fn remove(&mut self, load_id: &str, clean: &[(String, u64)], undone_at: &str) -> Result<Vec<(String, u64)>> {
        for (table, _) in clean {
            lock(&mut self.conn, &self.server, table, 1)?;
            let there = tables::describe(&mut self.conn, table, true)?;
            if there.is_none_or(|there| there.column(LOAD_ID).is_none()) {
                return Err(without_load_id(table));
            }
        }
        let cannot = |error: mysql::Error| wrong(format!("cannot undo the load {load_id}"), &error);
        run(&mut self.conn, "START TRANSACTION").map_err(cannot)?;
        let mut removed = Vec::new();
        // Children were loaded after their parents.
        for (table, rows) in clean.iter().rev() {
            let statement = format!("DELETE FROM {} WHERE {} = {}", quote(table), quote(LOAD_ID), literal(load_id));
            let gone = run(&mut self.conn, &statement).map_err(cannot)?;
            if gone != *rows {
                return Err(Error::output(format!(
                    "{table} has {gone} rows of the load {load_id}, and {rows} were loaded: nothing was undone"
                ))
                .hint("Rows were changed or removed since. Take them out by hand."));
            }
            removed.push((table.clone(), gone));
        }
        removed.reverse();
        history::mark_undone(&mut self.conn, load_id, undone_at).map_err(cannot)?;
        run(&mut self.conn, "COMMIT").map_err(cannot)?;
        Ok(removed)
    }
}

impl Ledger for Book {
    fn loads(&mut self) -> Result<Vec<PastLoad>> {
        if !history::is_there(&mut self.conn)? {
            return Ok(Vec::new());
        }
        history::loads(&mut self.conn).map_err(|error| wrong("cannot read the load history", &error))
    }

    fn undo(&mut self, load_id: &str, undone_at: &str) -> Result<Vec<(String, u64)>> {
        let clean = undoable(&self.loads()?, load_id)?;
        let removed = self.remove(load_id, &clean, undone_at);
        if removed.is_err() {
            let _ = run(&mut self.conn, "ROLLBACK");
        }
        let _ = run(&mut self.conn, "DO RELEASE_ALL_LOCKS()");
        removed
    }
}
