//! The sink: one transaction for all tables of a load.

use std::sync::Arc;

use arrow_array::RecordBatch;

use crate::io::databases::postgres::connect::{self, Link};
use crate::io::databases::postgres::failure::failed;
use crate::io::databases::postgres::load::Load;
use crate::io::databases::postgres::read::Reading;
use crate::io::databases::postgres::settings::Login;
use crate::io::databases::postgres::{history, lock, outcome, tables};
use crate::io::databases::{after_load, brief, check_after_load};
use crate::io::target::{check_shape, names_of};
use crate::io::{Mode, Receipt, Refused, Sink, Taken};
use crate::model::{Column, Contract, Error, Result, Table};
use crate::sql::{self, identifier};

/// Loads into a database.
pub struct Postgres {
    login: Arc<Login>,
    state: Option<State>,
}

/// A load that has begun.
struct State {
    /// In a transaction from the start to the end.
    writer: Link,
    /// Never in one, so that it sees what is committed.
    reader: Link,
    schema: String,
    contract: Contract,
    mode: Mode,
    /// One a table of the contract.
    loads: Vec<Option<Load>>,
    /// The advisory locks held.
    locks: Vec<i64>,
    /// Rows that are to be replaced were deleted.
    cleared: bool,
    /// The table whose rows come at the moment.
    current: Option<usize>,
    /// Set by `finish`.
    load_id: Option<String>,
    committed: bool,
}

impl Postgres {
    /// Names the database; it is not reached yet.
    #[must_use]
    pub const fn new(login: Arc<Login>) -> Self {
        Self { login, state: None }
    }

    fn state(&mut self) -> Result<&mut State> {
        self.state.as_mut().ok_or_else(|| Error::output("the load has not begun"))
    }
}

impl Sink for Postgres {
    fn begin(&mut self, contract: &Contract, tables: &[usize], mode: Mode) -> Result<()> {
        check_after_load(contract)?;
        tables::check_names(contract, tables)?;
        let runtime = connect::runtime()?;
        let writer = Link::open(&runtime, &self.login)?;
        let reader = Link::open(&runtime, &self.login)?;
        let schema = tables::schema(&reader, self.login.schema.as_deref())?;
        // Rows that a policy hides would be missed without a word.
        let begin = "BEGIN ISOLATION LEVEL read committed READ WRITE; SET CONSTRAINTS ALL IMMEDIATE";
        // A commit that was answered is to outlive a crash of the server, whatever its own habit.
        let durable = "SELECT pg_catalog.set_config('synchronous_commit', 'on', false) \
                       WHERE pg_catalog.current_setting('synchronous_commit') = 'off'";
        for (link, statements) in [
            (&reader, "SET row_security = off"),
            (&writer, "SET row_security = off"),
            (&writer, durable),
            (&writer, begin),
        ] {
            link.batch(statements).map_err(|error| failed("cannot begin a transaction", &error))?;
        }
        let loads = contract.tables.iter().map(|_| None).collect();
        let mut state = State {
            writer,
            reader,
            schema,
            contract: contract.clone(),
            mode,
            loads,
            locks: Vec::new(),
            cleared: mode != Mode::Replace,
            current: None,
            load_id: None,
            committed: false,
        };
        for &index in tables {
            if let (Some(table), Some(None)) = (contract.tables.get(index), state.loads.get(index)) {
                let key = lock::take(&state.writer, &state.schema, &table.name)?;
                state.locks.push(key);
                let load = Load::begin(&state.writer, &state.schema, table, index, mode)?;
                if let Some(slot) = state.loads.get_mut(index) {
                    *slot = Some(load);
                }
            }
        }
        if mode == Mode::Replace {
            state.spare_others()?;
        }
        self.state = Some(state);
        Ok(())
    }

    fn loaded_before(&mut self, table: &str, sha256: &str) -> Result<Option<String>> {
        let state = self.state()?;
        history::find(&state.reader, &state.schema, table, "sha256", &sha256)
    }

    fn loaded_as_long(&mut self, table: &str, bytes: u64) -> Result<bool> {
        let state = self.state()?;
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        Ok(history::find(&state.reader, &state.schema, table, "bytes", &bytes)?.is_some())
    }

    fn existing(
        &mut self,
        table: &Table,
        columns: &[usize],
        visit: &mut dyn FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        let state = self.state()?;
        let columns: Vec<&Column> = columns.iter().filter_map(|&column| table.columns.get(column)).collect();
        if columns.is_empty() || tables::describe(&state.reader, &state.schema, &table.name)?.is_none() {
            return Ok(());
        }
        read(&state.reader, &state.schema, table, &columns, visit)
    }

    fn write(&mut self, table: usize, rows: &RecordBatch) -> Result<()> {
        let state = self.state()?;
        let spec = state.contract.tables.get(table).filter(|_| matches!(state.loads.get(table), Some(Some(_))));
        let Some(spec) = spec else { return Err(Error::output(format!("table {table} was not prepared for rows"))) };
        check_shape(spec, rows)?;
        state.turn_to(table)?;
        match state.loads.get_mut(table) {
            Some(Some(load)) => load.write(&state.writer, rows),
            _ => Ok(()),
        }
    }

    fn settle(&mut self, table: usize) -> Result<Vec<Refused>> {
        let state = self.state()?;
        if !matches!(state.loads.get(table), Some(Some(_))) {
            return Ok(Vec::new());
        }
        state.turn_to(table)?;
        match (state.loads.get_mut(table), state.contract.tables.get(table)) {
            (Some(Some(load)), Some(spec)) => load.settle(&state.writer, spec),
            _ => Ok(Vec::new()),
        }
    }

    fn finish(&mut self, receipt: &Receipt) -> Result<Vec<Taken>> {
        let state = self.state()?;
        let mut taken = vec![Taken::default(); state.contract.tables.len()];
        for (index, taken) in taken.iter_mut().enumerate() {
            if !matches!(state.loads.get(index), Some(Some(_))) {
                continue;
            }
            state.turn_to(index)?;
            let clean = receipt.clean.get(index).copied().unwrap_or(0);
            if let (Some(Some(load)), Some(table)) = (state.loads.get_mut(index), state.contract.tables.get(index)) {
                *taken = load.finish(&state.writer, table, clean)?;
            }
        }
        state.run_statements()?;
        let loaded = names_of(&state.contract, &state.loads);
        history::add(&state.writer, &state.schema, receipt, state.mode, &loaded)?;
        state.load_id = Some(receipt.load_id.clone());
        Ok(taken)
    }

    fn notes(&self) -> Vec<String> {
        self.login.note.iter().cloned().collect()
    }

    fn commit(mut self: Box<Self>) -> Result<()> {
        let login = Arc::clone(&self.login);
        let state = self.state()?;
        let Some(load_id) = state.load_id.clone() else { return Err(Error::output("the load was not finished")) };
        let answer = state.writer.batch("COMMIT");
        // From here on there is nothing to give up any more.
        state.committed = answer.is_ok();
        outcome::decide(answer, &state.reader, &login, &state.schema, &state.locks, &load_id)
    }
}

impl State {
    /// Refuses to replace rows where that would delete or change rows of other tables.
    fn spare_others(&self) -> Result<()> {
        let ours: Vec<u32> =
            self.loads.iter().flatten().filter_map(|load| load.there.as_ref()).map(|t| t.oid).collect();
        for load in self.loads.iter().flatten() {
            let Some(there) = &load.there else { continue };
            for (oid, name, action) in tables::referring(&self.writer, there.oid)? {
                if ours.contains(&oid) || !matches!(action.as_str(), "c" | "n" | "d") {
                    continue;
                }
                let query = format!("SELECT count(*) FROM (SELECT FROM {name} LIMIT 1) AS karat_any");
                let rows = self
                    .writer
                    .number(&query, &[])
                    .map_err(|error| failed(format!("cannot look at {name}"), &error))?;
                if rows > 0 {
                    return Err(Error::output(format!(
                        "replacing {} would also delete or change rows of {name}",
                        load.name
                    ))
                    .hint("Its foreign key says so. Load that table too, or use `--mode upsert`."));
                }
            }
        }
        Ok(())
    }

    /// Makes way for the rows of a table: COPY runs for one table at a time.
    fn turn_to(&mut self, table: usize) -> Result<()> {
        if !self.cleared {
            self.clear()?;
            self.cleared = true;
        }
        if let Some(other) = self.current.replace(table).filter(|other| *other != table)
            && let Some(Some(load)) = self.loads.get_mut(other)
        {
            load.stop(&self.writer)?;
        }
        Ok(())
    }

    /// Deletes the rows that are to be replaced, those that refer to others first. Readers see them until the commit.
    fn clear(&self) -> Result<()> {
        let loads: Vec<(&Load, u32)> =
            self.loads.iter().flatten().filter_map(|load| Some((load, load.there.as_ref()?.oid))).collect();
        let order = tables::children_first(&self.writer, &loads.iter().map(|(_, oid)| *oid).collect::<Vec<_>>())?;
        for (load, _) in order.iter().filter_map(|&index| loads.get(index)) {
            let delete = format!("DELETE FROM {}", load.name);
            let done = self.writer.batch(&delete);
            done.map_err(|error| failed(format!("cannot replace the rows of {}", load.name), &error))?;
        }
        Ok(())
    }

    fn run_statements(&self) -> Result<()> {
        let writer = &self.writer;
        let transaction = || {
            let number = writer.number("SELECT pg_catalog.txid_current()", &[]);
            number.map_err(|error| failed("cannot ask for the transaction", &error))
        };
        let before = transaction()?;
        for statement in after_load(&self.contract) {
            let run = writer.batch(statement);
            run.map_err(|error| failed(format!("after_load failed at `{}`", brief(statement)), &error))?;
        }
        if transaction()? != before {
            return Err(Error::output("a statement of after_load ended the transaction"));
        }
        // What the statements put off is looked at now.
        writer.batch("SET CONSTRAINTS ALL IMMEDIATE").map_err(|error| failed("cannot finish the load", &error))
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if self.committed {
            return;
        }
        for load in self.loads.iter_mut().flatten() {
            load.abort(&self.writer);
        }
        self.writer.abandon();
    }
}

fn read(
    reader: &Link,
    schema: &str,
    table: &Table,
    columns: &[&Column],
    visit: &mut dyn FnMut(&RecordBatch) -> Result<()>,
) -> Result<()> {
    let wrong = |error: &tokio_postgres::Error| {
        failed(format!("cannot read {} in the target", table.name), error)
            .hint("Do its columns there have the names and types of the contract?")
    };
    let from = format!("{}.{}", identifier(schema), identifier(&table.name));
    let query = sql::select(&sql::Postgres, &from, columns);
    let mut reading = Reading::start(reader, &query, columns, None, &wrong)?;
    while let Some(rows) = reading.next_batch(&wrong)? {
        visit(&rows)?;
    }
    Ok(())
}
