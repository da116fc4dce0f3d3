//! A load into MariaDB or MySQL: one transaction of one connection (the writer), so that it is there whole or not at all.
//! A second connection (the reader) sees the database as it was before.
//!
//! What a transaction cannot hold is done before it: tables that are missing are made, and dropped again if the load
//! does not commit. A process that is killed leaves them behind, empty and marked; the next load makes them anew.
//! One load of a table runs at a time, by a lock of the server that dies with the session.

use arrow_array::RecordBatch;
use mysql::Conn;

use crate::io::databases::mysql::connect::{Server, Session, all, number, run, text, whole};
use crate::io::databases::mysql::errors::{is_lost, words, wrong};
use crate::io::databases::mysql::existing::walk_existing;
use crate::io::databases::mysql::load::Load;
use crate::io::databases::mysql::tables::{self, Described, quote};
use crate::io::databases::mysql::{history, statements};
use crate::io::target::{check_shape, names_of};
use crate::io::{Mode, Receipt, Refused, Sink, Taken};
use crate::model::{Contract, Error, Result, Table};
use crate::sql::{MySql, key_columns};

/// Loads into a database of a server.
pub struct Target {
    server: Server,
    state: Option<State>,
}

/// A load that has begun.
struct State {
    open: Open,
    contract: Contract,
    mode: Mode,
    /// One a table of the contract.
    loads: Vec<Option<Load>>,
    /// Set by `finish`.
    load_id: Option<String>,
}

/// The connections, and what has to be taken back if nothing is committed.
struct Open {
    server: Server,
    /// In a transaction until the end.
    writer: Conn,
    /// Never in one, so that it sees what is committed.
    reader: Conn,
    /// The server ignores case in names of tables.
    fold: bool,
    /// Tables that were made for this load.
    made: Vec<String>,
}

impl Target {
    /// Names the database; nothing is reached yet.
    ///
    /// # Errors
    /// A usage error where the address names none.
    pub fn new(server: Server) -> Result<Self> {
        if server.database.is_none() {
            return Err(
                Error::usage(format!("{} names no database", server.shown)).hint("Write mysql://USER@HOST/DATABASE.")
            );
        }
        Ok(Self { server, state: None })
    }

    fn state(&mut self) -> Result<&mut State> {
        self.state.as_mut().ok_or_else(|| Error::output("the load has not begun"))
    }
}

impl Sink for Target {
    fn begin(&mut self, contract: &Contract, tables: &[usize], mode: Mode) -> Result<()> {
        statements::check(contract)?;
        let mut chosen: Vec<(usize, &Table)> = Vec::new();
        for &index in tables {
            let Some(table) = contract.tables.get(index) else { continue };
            if mode == Mode::Upsert && table.primary_key.is_none() {
                return Err(Error::usage(format!("{} has no primary key, so rows cannot be upserted", table.name))
                    .hint("Give the table a `primary_key:` in the contract, or load with `--mode append`."));
            }
            if !chosen.iter().any(|(known, _)| *known == index) {
                chosen.push((index, table));
            }
        }
        let mut open = Open::connect(&self.server)?;
        tables::check_names(contract, tables, open.fold)?;
        let loads = open.begin(contract, &chosen, mode)?;
        self.state = Some(State { open, contract: contract.clone(), mode, loads, load_id: None });
        Ok(())
    }

    fn loaded_before(&mut self, table: &str, sha256: &str) -> Result<Option<String>> {
        history::find(&mut self.state()?.open.reader, table, "sha256", sha256)
    }

    fn loaded_as_long(&mut self, table: &str, bytes: u64) -> Result<bool> {
        Ok(history::find(&mut self.state()?.open.reader, table, "bytes", &bytes.to_string())?.is_some())
    }

    fn existing(
        &mut self,
        table: &Table,
        columns: &[usize],
        visit: &mut dyn FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        let open = &mut self.state()?.open;
        if columns.is_empty() || tables::describe(&mut open.reader, &table.name, open.fold)?.is_none() {
            return Ok(());
        }
        walk_existing(&open.server, &mut open.reader, table, columns, visit)
    }

    fn write(&mut self, table: usize, rows: &RecordBatch) -> Result<()> {
        let state = self.state()?;
        let (Some(spec), Some(Some(load))) = (state.contract.tables.get(table), state.loads.get_mut(table)) else {
            return Err(Error::output(format!("table {table} was not prepared for rows")));
        };
        check_shape(spec, rows)?;
        load.write(&mut state.open.writer, spec, rows)
    }

    fn settle(&mut self, table: usize) -> Result<Vec<Refused>> {
        let state = self.state()?;
        let (Some(spec), Some(Some(load))) = (state.contract.tables.get(table), state.loads.get_mut(table)) else {
            return Ok(Vec::new());
        };
        load.settle(&mut state.open.writer, spec)
    }

    fn finish(&mut self, receipt: &Receipt) -> Result<Vec<Taken>> {
        let state = self.state()?;
        let mut taken = vec![Taken::default(); state.contract.tables.len()];
        let loads = state.loads.iter_mut().zip(&state.contract.tables).zip(&mut taken).enumerate();
        for (index, ((load, table), taken)) in loads {
            let Some(load) = load else { continue };
            let clean = receipt.clean.get(index).copied().unwrap_or(0);
            *taken = load.finish(&mut state.open.writer, table, clean)?;
        }
        statements::execute(&mut state.open.writer, &state.contract)?;
        let loaded = names_of(&state.contract, &state.loads);
        history::add(&mut state.open.writer, receipt, state.mode, &loaded)?;
        state.load_id = Some(receipt.load_id.clone());
        Ok(taken)
    }

    fn commit(mut self: Box<Self>) -> Result<()> {
        let Some(mut state) = self.state.take() else { return Err(Error::output("the load has not begun")) };
        let Some(load_id) = state.load_id.take() else { return Err(Error::output("the load is not finished")) };
        if let Err(error) = run(&mut state.open.writer, "COMMIT") {
            if !is_lost(&error) {
                return Err(wrong("cannot commit", &error));
            }
            state.open.resolve(&names_of(&state.contract, &state.loads), &load_id, &error)?;
        }
        for name in std::mem::take(&mut state.open.made) {
            tables::finished(&mut state.open.writer, &name);
        }
        Ok(())
    }
}

impl Open {
    fn connect(server: &Server) -> Result<Self> {
        let mut writer = server.connect(Session::Target)?;
        let reader = server.connect(Session::Target)?;
        let cannot = |error: mysql::Error| wrong("cannot prepare the session", &error);
        run(&mut writer, "SET SESSION max_error_count = 65535, lock_wait_timeout = 60").map_err(cannot)?;
        let fold = number(&mut writer, "SELECT @@lower_case_table_names", &[]).map_err(cannot)? != 0;
        Ok(Self { server: server.clone(), writer, reader, fold, made: Vec::new() })
    }

    /// Does what has to be done before the transaction, and begins it.
    fn begin(&mut self, contract: &Contract, tables: &[(usize, &Table)], mode: Mode) -> Result<Vec<Option<Load>>> {
        let mut loads: Vec<Option<Load>> = contract.tables.iter().map(|_| None).collect();
        if tables.is_empty() {
            return Ok(loads);
        }
        let cannot = |error: mysql::Error| wrong("cannot begin the load", &error);
        for (_, table) in tables {
            lock(&mut self.writer, &self.server, &table.name, 1)?;
        }
        let mut missing = Vec::new();
        for (_, table) in tables {
            match tables::describe(&mut self.writer, &table.name, self.fold)? {
                Some(there) if !tables::is_left_over(&mut self.writer, &table.name, &there)? => {
                    tables::check_columns(table, &there)?;
                }
                there => missing.push((*table, there.is_some())),
            }
        }
        let dialect = MySql { collation: collation(&mut self.writer).map_err(cannot)? };
        for (table, left_over) in missing {
            if left_over {
                run(&mut self.writer, &format!("DROP TABLE {}", quote(&table.name))).map_err(cannot)?;
            }
            tables::create(&mut self.writer, dialect, table)?;
            self.made.push(table.name.clone());
        }
        history::prepare(&mut self.writer)?;
        let packet = number(&mut self.writer, "SELECT @@max_allowed_packet", &[]).map_err(cannot)?;
        // A packet has a head, and the driver counts more strictly than the server.
        let packet = usize::try_from(packet).unwrap_or(usize::MAX).saturating_sub(64).max(1024);
        for (index, table) in tables {
            let there = tables::describe(&mut self.writer, &table.name, self.fold)?.unwrap_or_default();
            let direct =
                mode == Mode::Upsert && is_keyed(table, &there) && tables::is_empty(&mut self.writer, &table.name)?;
            let load = Load::begin(&mut self.writer, (table, *index), &there, (mode, direct), packet)?;
            if let Some(slot) = loads.get_mut(*index) {
                *slot = Some(load);
            }
        }
        run(&mut self.writer, "START TRANSACTION").map_err(cannot)?;
        let names: Vec<&str> = tables.iter().map(|(_, table)| table.name.as_str()).collect();
        tables::clear(&mut self.writer, &names, mode)?;
        Ok(loads)
    }

    /// Finds out whether a commit was done whose answer was lost. The lock is free once the old session has ended.
    fn resolve(&mut self, tables: &[&str], load_id: &str, error: &mysql::Error) -> Result<()> {
        let unknown = |why: String| {
            Error::output(format!("the connection was lost while the load {load_id} was committed")).because(why).hint(
                format!(
                    "Nobody knows yet whether it is there. `karat history {}` shows it if it is.",
                    self.server.shown
                ),
            )
        };
        let mut conn = self.server.connect(Session::Target).map_err(|again| unknown(again.to_string()))?;
        for table in tables {
            lock(&mut conn, &self.server, table, 60).map_err(|again| unknown(again.to_string()))?;
        }
        match history::has(&mut conn, load_id) {
            Ok(true) => {
                self.writer = conn;
                Ok(())
            }
            Ok(false) => {
                self.writer = conn;
                Err(wrong("the connection was lost before the commit was done: nothing was loaded", error)
                    .hint("Run the load again."))
            }
            Err(again) => Err(unknown(words(&again))),
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if self.made.is_empty() {
            return;
        }
        // The tables go that are not part of what was there. Somebody else's rows in them stay.
        let _ = run(&mut self.writer, "ROLLBACK");
        let _ = run(&mut self.writer, "SET SESSION lock_wait_timeout = 5");
        for name in std::mem::take(&mut self.made).iter().rev() {
            if matches!(tables::is_empty(&mut self.writer, name), Ok(true)) {
                let _ = run(&mut self.writer, &format!("DROP TABLE {}", quote(name)));
            }
        }
    }
}

/// Takes the lock of a table for this session, waiting some seconds at most.
///
/// # Errors
/// An output error where another session has it.
pub fn lock(conn: &mut Conn, server: &Server, table: &str, seconds: u32) -> Result<()> {
    let name = "CONCAT('karat:', SHA1(CONCAT(DATABASE(), '/', LOWER(?))))";
    let cannot = |error: mysql::Error| wrong("cannot lock the table for this load", &error);
    let rows = all(conn, &format!("SELECT GET_LOCK({name}, {seconds})"), &[table]).map_err(cannot)?;
    if whole(rows.first().and_then(|row| row.first())) == Some(1) {
        return Ok(());
    }
    let holder = all(conn, &format!("SELECT IS_USED_LOCK({name})"), &[table]).map_err(cannot)?;
    let holder = text(holder.first().and_then(|row| row.first()));
    let holder = holder.map_or_else(String::new, |id| format!(" (session {id} of the server)"));
    Err(Error::output(format!("another load of {table} into {} is running{holder}", server.shown))
        .hint("Run this one when it has ended. If it was killed, the server is still undoing it."))
}

/// Chooses how text compares: by bytes, and blanks at the end count where the server knows such an order.
fn collation(conn: &mut Conn) -> Result<&'static str, mysql::Error> {
    for name in ["utf8mb4_nopad_bin", "utf8mb4_0900_bin"] {
        let query = "SELECT COUNT(*) FROM information_schema.collations WHERE collation_name = ?";
        if number(conn, query, &[name])? > 0 {
            return Ok(name);
        }
    }
    Ok(MySql::default().collation)
}

/// Tells whether the primary key of a table is the contract's.
fn is_keyed(table: &Table, there: &Described) -> bool {
    let keys = key_columns(table);
    let same = |name: &String| keys.iter().any(|key| key.name.to_lowercase() == name.to_lowercase());
    !there.key.is_empty() && there.key.len() == keys.len() && there.key.iter().all(same)
}
