//! What was loaded, and taking it out again.

use mysql::Conn;

use crate::io::databases::mysql::connect::{Server, Session, run};
use crate::io::databases::mysql::errors::wrong;
use crate::io::databases::mysql::history;
use crate::io::databases::mysql::sink::lock;
use crate::io::databases::mysql::tables::{self, quote};
use crate::io::{LOAD_ID, Ledger, Mode, PastLoad};
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

    fn find(&mut self, load_id: &str) -> Result<PastLoad> {
        let found = self.loads()?.into_iter().find(|load| load.load_id == load_id);
        let load = found.ok_or_else(|| {
            Error::usage(format!("{} knows no load `{load_id}`", self.server.shown))
                .hint("See `karat history` for the loads it knows.")
        })?;
        let refused = |why: String| Err(Error::usage(format!("the load {load_id} cannot be undone: {why}")));
        if let Some(at) = &load.undone_at {
            return refused(format!("that was done at {at}"));
        }
        if load.mode != Mode::Append.name() {
            return refused(format!("it was of mode {}, and the rows it took the place of are gone", load.mode));
        }
        match load.files.iter().find_map(|file| file.replaced_by.as_ref().map(|by| (&file.file.table, by))) {
            Some((table, by)) => refused(format!("{table} was replaced by the load {by}")),
            None => Ok(load),
        }
    }

    fn remove(&mut self, load: &PastLoad, undone_at: &str) -> Result<Vec<(String, u64)>> {
        let mut clean: Vec<(String, u64)> = Vec::new();
        for file in &load.files {
            match clean.iter_mut().find(|(table, _)| *table == file.file.table) {
                Some((_, rows)) => *rows += file.file.clean,
                None => clean.push((file.file.table.clone(), file.file.clean)),
            }
        }
        for (table, _) in &clean {
            lock(&mut self.conn, &self.server, table, 1)?;
            let there = tables::describe(&mut self.conn, table, true)?;
            if there.is_none_or(|there| there.column(LOAD_ID).is_none()) {
                return Err(Error::usage(format!(
                    "the load {} cannot be undone: {table} has no column {LOAD_ID} in the target",
                    load.load_id
                ))
                .hint("Only rows that carry the id of their load can be told from others."));
            }
        }
        let cannot = |error: mysql::Error| wrong(format!("cannot undo the load {}", load.load_id), &error);
        run(&mut self.conn, "START TRANSACTION").map_err(cannot)?;
        let mut removed = Vec::new();
        // Children were loaded after their parents.
        for (table, rows) in clean.iter().rev() {
            let statement =
                format!("DELETE FROM {} WHERE {} = {}", quote(table), quote(LOAD_ID), literal(&load.load_id));
            let gone = run(&mut self.conn, &statement).map_err(cannot)?;
            if gone != *rows {
                return Err(Error::output(format!(
                    "{table} has {gone} rows of the load {}, and {rows} were loaded: nothing was undone",
                    load.load_id
                ))
                .hint("Rows were changed or removed since. Take them out by hand."));
            }
            removed.push((table.clone(), gone));
        }
        removed.reverse();
        history::mark_undone(&mut self.conn, &load.load_id, undone_at).map_err(cannot)?;
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
        let load = self.find(load_id)?;
        let removed = self.remove(&load, undone_at);
        if removed.is_err() {
            let _ = run(&mut self.conn, "ROLLBACK");
        }
        let _ = run(&mut self.conn, "DO RELEASE_ALL_LOCKS()");
        removed
    }
}
