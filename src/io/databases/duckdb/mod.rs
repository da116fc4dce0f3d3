//! DuckDB, the embedded target.
//!
//! A load is one transaction of one connection (the writer), so a process that dies leaves the file as it was. A second
//! connection (the reader) sees the file as it was before the load, all the time. A file that is not there yet is made
//! in a folder beside its place and moved there, whole, after the commit.
//!
//! Ways of writing: an append goes straight into the table. A replace drops the table and makes it again by its own
//! definition, indexes and all, since DuckDB would keep every old row until the end; views find tables by name and
//! keep working. Beyond some 130,000 rows they go by way of files beside the database (`passing`). An upsert stages its rows in a temporary table, deletes the rows that come again and inserts
//! all: `ON CONFLICT` cannot update lists and needs a constraint in the target.

pub mod export;
mod history;
pub mod ledger;
mod load;
mod passing;
mod tables;

use std::path::{Path, PathBuf};

use arrow_array::{ArrayRef, RecordBatch};
use duckdb::{AccessMode, Config, Connection};
use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;

use crate::frame::schema;
use crate::io::databases::{after_load, brief, check_after_load};
use crate::io::stores::beside::{self, Beside};
use crate::io::target::{check_shape, names_of};
use crate::io::{Mode, Receipt, Sink, Taken};
use crate::model::{Column, Contract, Error, Result, Table};
use crate::sql;

use self::load::Load;

/// Loads into a DuckDB file.
pub struct DuckDb {
    path: PathBuf,
    state: Option<State>,
}

/// A load that has begun.
struct State {
    file: Database,
    contract: Contract,
    mode: Mode,
    /// One a table of the contract.
    loads: Vec<Option<Load>>,
}

impl DuckDb {
    /// Names the file; it is neither opened nor made yet.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self { path, state: None }
    }

    fn state(&mut self) -> Result<&mut State> {
        self.state.as_mut().ok_or_else(|| Error::output("the load has not begun"))
    }
}

impl Sink for DuckDb {
    fn begin(&mut self, contract: &Contract, tables: &[usize], mode: Mode) -> Result<()> {
        check_after_load(contract)?;
        tables::check_names(contract, tables)?;
        let file = Database::open(&self.path)?;
        file.writer.execute_batch("BEGIN").map_err(|error| failed("cannot begin a transaction", &error))?;
        let mut loads: Vec<Option<Load>> = contract.tables.iter().map(|_| None).collect();
        for &index in tables {
            if let (Some(table), Some(slot @ None)) = (contract.tables.get(index), loads.get_mut(index)) {
                *slot = Some(Load::begin(&file, table, index, mode)?);
            }
        }
        self.state = Some(State { file, contract: contract.clone(), mode, loads });
        Ok(())
    }

    fn loaded_before(&mut self, table: &str, sha256: &str) -> Result<Option<String>> {
        history::find(&self.state()?.file.reader, table, "sha256", &sha256)
    }

    fn loaded_as_long(&mut self, table: &str, bytes: u64) -> Result<bool> {
        Ok(history::find(&self.state()?.file.reader, table, "bytes", &bytes)?.is_some())
    }

    fn existing(
        &mut self,
        table: &Table,
        columns: &[usize],
        visit: &mut dyn FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        let file = &self.state()?.file;
        if columns.is_empty() || tables::describe(&file.reader, &table.name)?.is_none() {
            return Ok(());
        }
        let columns: Vec<&Column> = columns.iter().filter_map(|&column| table.columns.get(column)).collect();
        read(&file.reader, table, &columns, visit)
    }

    fn write(&mut self, table: usize, rows: &RecordBatch) -> Result<()> {
        let state = self.state()?;
        let (Some(spec), Some(Some(load))) = (state.contract.tables.get(table), state.loads.get_mut(table)) else {
            return Err(Error::output(format!("table {table} was not prepared for rows")));
        };
        check_shape(spec, rows)?;
        load.write(&mut state.file, spec, rows)
    }

    fn finish(&mut self, receipt: &Receipt) -> Result<Vec<Taken>> {
        let state = self.state()?;
        let mut taken = vec![Taken::default(); state.contract.tables.len()];
        let loads = state.loads.iter_mut().zip(&state.contract.tables).zip(&mut taken).enumerate();
        for (index, ((load, table), taken)) in loads {
            let Some(load) = load else { continue };
            let clean = receipt.clean.get(index).copied().unwrap_or(0);
            *taken = load.finish(&state.file.writer, table, clean)?;
        }
        run_statements(&state.file.writer, &state.contract)?;
        let loaded = names_of(&state.contract, &state.loads);
        history::add(&state.file.writer, receipt, state.mode, &loaded)?;
        Ok(taken)
    }

    fn commit(mut self: Box<Self>) -> Result<()> {
        let Some(state) = self.state.take() else { return Err(Error::output("the load has not begun")) };
        state.file.commit()
    }
}

/// An open file, and its transaction: what is not committed is undone when the connections go.
struct Database {
    path: PathBuf,
    /// In a transaction from the start to the end.
    writer: Connection,
    /// Never in one, so that it sees what is committed.
    reader: Connection,
    /// Where the file is made that was not there before. After the connections, so that it is removed after them.
    fresh: Option<Beside>,
    /// A folder for rows on their way into a file that was there before.
    aside: Option<Beside>,
}

impl Database {
    fn open(path: &Path) -> Result<Self> {
        let fresh = if path.exists() {
            beside::clear_dead(folder(path), &name(path)?);
            None
        } else {
            Some(Beside::make(folder(path), &name(path)?)?)
        };
        let lies = fresh.as_ref().map_or_else(|| path.to_owned(), |beside| beside.path.join(NEW));
        // Extensions are neither searched nor fetched: a load does the same on every machine, with or without network.
        let config = Config::default().enable_autoload_extension(false).map_err(|error| refused(path, &error))?;
        let writer = Connection::open_with_flags(lies, config).map_err(|error| refused(path, &error))?;
        let reader = writer.try_clone().map_err(|error| refused(path, &error))?;
        Ok(Self { path: path.to_owned(), writer, reader, fresh, aside: None })
    }

    /// Gives a folder of this load beside the file.
    fn scratch(&mut self) -> Result<PathBuf> {
        if let Some(made) = self.fresh.as_ref().or(self.aside.as_ref()) {
            return Ok(made.path.clone());
        }
        let made = Beside::make(folder(&self.path), &name(&self.path)?)?;
        Ok(self.aside.insert(made).path.clone())
    }

    fn commit(self) -> Result<()> {
        let Self { path, writer, reader, fresh, aside: _aside } = self;
        writer.execute_batch("COMMIT").map_err(|error| failed("cannot commit", &error))?;
        let Some(beside) = fresh else { return Ok(()) };
        // Everything into the one file that is moved: what is left in the log would stay behind.
        reader.execute_batch("CHECKPOINT").map_err(|error| failed("cannot write the new file", &error))?;
        drop((writer, reader));
        let moved = rustix::fs::renameat_with(CWD, beside.path.join(NEW), CWD, &path, RenameFlags::NOREPLACE);
        let moved = match moved {
            Err(Errno::INVAL | Errno::NOSYS) if !path.exists() => std::fs::rename(beside.path.join(NEW), &path),
            Err(Errno::EXIST) => {
                return Err(Error::output(format!("another load made {} while this one ran", path.display()))
                    .hint("Run this load again."));
            }
            moved => moved.map_err(std::io::Error::from),
        };
        moved.map_err(|error| Error::writing(&path, error))?;
        // The name of a new file is to outlive a power cut too; the load is done either way.
        let _ = std::fs::File::open(folder(&path)).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

/// The name of a new file until it is whole.
const NEW: &str = "new.duckdb";

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn name(path: &Path) -> Result<String> {
    let name = path.file_name().and_then(|name| name.to_str());
    name.map(str::to_owned).ok_or_else(|| Error::usage(format!("{} cannot be a DuckDB file", path.display())))
}

/// Opens a file to look at it. Extensions are neither searched nor fetched.
fn read_only(path: &Path) -> Result<Connection> {
    let config = Config::default().access_mode(AccessMode::ReadOnly);
    let config = config.and_then(|config| config.enable_autoload_extension(false));
    let opened = config.and_then(|config| Connection::open_with_flags(path, config));
    opened.map_err(|error| refused(path, &error))
}

/// Makes an error of why a file does not open.
fn refused(path: &Path, error: &duckdb::Error) -> Error {
    // The crate's own cause says "Error code 1" and no more: the text is all there is to say.
    let text = error.to_string();
    let shown = path.display();
    if text.contains("Could not set lock") {
        return Error::output(format!("another process has {shown} open"))
            .because(text.clone())
            .hint("Close it there (a load, a DuckDB shell, a notebook), then run this load again.");
    }
    if text.contains("not a valid DuckDB") {
        return Error::output(format!("{shown} is not a DuckDB file"))
            .because(text.clone())
            .hint("Name another file; one that does not exist yet is made.");
    }
    Error::output(format!("cannot open {shown}")).because(text.clone())
}

/// Makes an output error of one of DuckDB's.
fn failed(what: impl Into<String>, error: &duckdb::Error) -> Error {
    let text = error.to_string();
    let made = Error::output(what).because(text.clone());
    if text.contains("Duplicate key") || text.contains("duplicate key") {
        return made.hint("The target has a row with that key already: load with `--mode upsert` or `--mode replace`.");
    }
    if text.contains("NOT NULL constraint") {
        return made.hint("The target wants a value there: make the column `required: true` in the contract.");
    }
    made
}

fn run_statements(writer: &Connection, contract: &Contract) -> Result<()> {
    let transaction = || -> Result<i64> {
        let number = writer.query_row("SELECT txid_current()::BIGINT", [], |row| row.get(0));
        number.map_err(|error| failed("cannot ask for the transaction", &error))
    };
    let before = transaction()?;
    for statement in after_load(contract) {
        let run = writer.execute_batch(statement);
        run.map_err(|error| failed(format!("after_load failed at `{}`", brief(statement)), &error))?;
    }
    if transaction()? != before {
        return Err(Error::output("a statement of after_load ended the transaction"));
    }
    Ok(())
}

fn read(
    reader: &Connection,
    table: &Table,
    columns: &[&Column],
    visit: &mut dyn FnMut(&RecordBatch) -> Result<()>,
) -> Result<()> {
    let wrong = |error| {
        failed(format!("cannot read {} in the target", table.name), &error)
            .hint("Do its columns there have the names and types of the contract?")
    };
    let query = sql::select(&sql::DuckDb, &sql::identifier(&table.name), columns);
    let mut statement = reader.prepare(&query).map_err(wrong)?;
    let wanted = std::sync::Arc::new(arrow_schema::Schema::new(
        columns.iter().map(|column| schema::field(column)).collect::<arrow_schema::Fields>(),
    ));
    for batch in statement.stream_arrow([]).map_err(wrong)? {
        let batch = batch.map_err(wrong)?;
        let cast = |(array, field): (&ArrayRef, &std::sync::Arc<arrow_schema::Field>)| {
            arrow_cast::cast(array, field.data_type())
        };
        let arrays = batch.columns().iter().zip(wanted.fields()).map(cast).collect::<Result<Vec<_>, _>>();
        let typed = arrays.and_then(|arrays| RecordBatch::try_new(std::sync::Arc::clone(&wanted), arrays));
        visit(&typed.map_err(|error| Error::output(format!("cannot read {}", table.name)).because(error))?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
