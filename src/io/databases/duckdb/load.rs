//! What comes into one table.

use arrow_array::{RecordBatch, UInt32Array};
use arrow_schema::DataType as Arrow;
use duckdb::Connection;

use crate::io::databases::duckdb::passing::Passing;
use crate::io::databases::duckdb::tables::{self, Described};
use crate::io::databases::duckdb::{Database, failed};
use crate::io::{Mode, Taken};
use crate::model::{DataType, Error, ErrorKind, Result, Table};
use crate::sql::{self, identifier};

/// Rows handed over at once: an appender costs a little to open.
const ROWS: usize = 64 * 1024;
/// Bytes handed over at once, should rows be wide.
const BYTES: usize = 64 << 20;
/// Rows an appender takes before the others go by way of a file.
const FEW: usize = 2 * ROWS;
/// Rows of one of DuckDB's own chunks.
const CHUNK: usize = 2048;

/// A table's load.
pub struct Load {
    /// Where the rows go first: the table itself, or a temporary one.
    into: String,
    way: Way,
    /// Rows in the table before.
    before: u64,
    /// The table's columns in the contract's order are not the table's own.
    reordered: bool,
    /// An upsert goes straight into a table that does not keep its key unique itself.
    check_keys: bool,
    /// A type holds a list.
    lists: bool,
    pending: Vec<RecordBatch>,
    pending_rows: usize,
    pending_bytes: usize,
    /// Rows that an appender took.
    appended: usize,
    /// More rows than that go by way of a file.
    passing: Option<Passing>,
}

/// How the rows come into the table.
enum Way {
    /// Straight.
    Added,
    /// Straight, into a table made anew; these indexes are to be made again.
    Replaced { indexes: Vec<String> },
    /// By way of a temporary table.
    Staged,
}

impl Load {
    /// Prepares a table of the contract.
    ///
    /// # Errors
    /// Where the table does not fit, or an upsert has no key.
    pub fn begin(file: &Database, table: &Table, index: usize, mode: Mode) -> Result<Self> {
        if mode == Mode::Upsert && table.primary_key.is_none() {
            return Err(Error::usage(format!("{} has no primary key, so rows cannot be upserted", table.name))
                .hint("Give the table a `primary_key:` in the contract, or load with `--mode append`."));
        }
        let there = tables::describe(&file.reader, &table.name)?;
        let name = identifier(&table.name);
        let mut before = 0;
        if let Some(there) = &there {
            tables::check_columns(&file.reader, table, there)?;
            before = tables::count(&file.reader, &name)?;
        }
        let way = make(&file.writer, table, index, mode, there.as_ref().filter(|_| before > 0))?;
        if there.is_none() {
            run(&file.writer, table, &sql::create_table(&sql::DuckDb, &name, table))?;
        }
        let staged = matches!(way, Way::Staged);
        let order = |there: &Described| {
            let pairs = there.columns.iter().zip(&table.columns);
            pairs.into_iter().any(|((name, _), column)| !name.eq_ignore_ascii_case(&column.name))
        };
        Ok(Self {
            into: if staged { stage(index) } else { table.name.clone() },
            way,
            before,
            reordered: !staged && there.as_ref().is_some_and(order),
            // A table made here has a primary key, but one of lists or structs no database keeps.
            check_keys: mode == Mode::Upsert && !staged && (there.is_some() || nested_key(table)),
            lists: table.columns.iter().any(|column| has_list(&column.data_type)),
            pending: Vec::new(),
            pending_rows: 0,
            pending_bytes: 0,
            appended: 0,
            passing: None,
        })
    }

    /// Takes rows.
    ///
    /// # Errors
    /// Where the table refuses rows taken so far.
    pub fn write(&mut self, file: &mut Database, table: &Table, rows: &RecordBatch) -> Result<()> {
        if let Some(passing) = &mut self.passing {
            passing.write(rows)?;
            return if passing.is_full() { self.pass(&file.writer, table) } else { Ok(()) };
        }
        if self.appended >= FEW {
            let mut passing = Passing::begin(&file.scratch()?, table)?;
            self.pending.drain(..).try_for_each(|rows| passing.write(&rows))?;
            (self.pending_rows, self.pending_bytes) = (0, 0);
            passing.write(rows)?;
            self.passing = Some(passing);
            return Ok(());
        }
        let writer = &file.writer;
        self.pending_rows += rows.num_rows();
        self.pending_bytes += rows.get_array_memory_size();
        self.pending.push(rows.clone());
        if self.pending_rows >= ROWS || self.pending_bytes >= BYTES { self.flush(writer, table) } else { Ok(()) }
    }

    /// Lets the table take the rows of the file.
    fn pass(&mut self, writer: &Connection, table: &Table) -> Result<()> {
        let Some(passing) = self.passing.take() else { return Ok(()) };
        let name = identifier(&self.into);
        passing.insert(writer, &if matches!(self.way, Way::Staged) { format!("temp.{name}") } else { name }, table)
    }

    pub(super) fn flush(&mut self, writer: &Connection, table: &Table) -> Result<()> {
        let wrong = |error: duckdb::Error| failed(format!("the target refuses rows of {}", table.name), &error);
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let appender = match (&self.way, self.reordered) {
            (Way::Staged, _) => writer.appender_to_catalog_and_db(&self.into, "temp", "main"),
            (_, true) => writer.appender_with_columns(&self.into, &columns),
            (_, false) => writer.appender(&self.into),
        };
        let mut appender = appender.map_err(wrong)?;
        for rows in self.pending.drain(..) {
            for rows in chunks(rows, self.lists)? {
                appender.append_record_batch(rows).map_err(wrong)?;
            }
        }
        self.appended += self.pending_rows;
        (self.pending_rows, self.pending_bytes) = (0, 0);
        appender.flush().map_err(wrong)
    }

    /// Brings the rows to their place and compares the table's own counts with what was given.
    ///
    /// # Errors
    /// Where the table refuses rows, or a count differs.
    pub fn finish(&mut self, writer: &Connection, table: &Table, clean: u64) -> Result<Taken> {
        self.flush(writer, table)?;
        self.pass(writer, table)?;
        let name = identifier(&table.name);
        if self.check_keys {
            Self::check_keys(writer, table, &name)?;
        }
        let taken = match &self.way {
            Way::Added => Taken { loaded: tables::count(writer, &name)?.saturating_sub(self.before), updated: 0 },
            Way::Replaced { indexes } => {
                for index in indexes {
                    run(writer, table, index)?;
                }
                Taken { loaded: tables::count(writer, &name)?, updated: 0 }
            }
            Way::Staged => self.merge(writer, table)?,
        };
        if taken.loaded != clean {
            let loaded = taken.loaded;
            return Err(broken(table, &format!("{clean} clean rows were given, the target took {loaded}")));
        }
        Ok(taken)
    }

    fn check_keys(writer: &Connection, table: &Table, place: &str) -> Result<()> {
        if tables::number(writer, &sql::count_repeated(place, table))? == 0 {
            return Ok(());
        }
        Err(Error::output(format!("{}: two clean rows have the same primary key", table.name))
            .hint("Say which one wins: `primary_key: {columns: […], keep: last}`."))
    }

    /// Deletes the rows that come again and inserts the staged ones.
    fn merge(&self, writer: &Connection, table: &Table) -> Result<Taken> {
        let (name, stage) = (identifier(&table.name), format!("temp.{}", identifier(&self.into)));
        Self::check_keys(writer, table, &stage)?;
        let staged = tables::count(writer, &stage)?;
        let updated = tables::number(writer, &sql::count_matching(&name, &stage, table))?;
        run(writer, table, &sql::delete_matching(&name, &stage, table))?;
        let left = tables::count(writer, &name)?;
        let deleted = self.before.saturating_sub(left);
        if deleted != updated {
            return Err(Error::output(format!(
                "{} has {deleted} rows in the target for {updated} primary keys that come again",
                table.name
            ))
            .hint("The key is not unique there. Mend the table, or load with `--mode replace`."));
        }
        run(writer, table, &sql::insert_select(&name, &stage, table))?;
        run(writer, table, &format!("DROP TABLE {stage}"))?;
        let after = tables::count(writer, &name)?;
        if after != left + staged {
            return Err(broken(
                table,
                &format!("{left} rows stayed and {staged} were added, the target holds {after}"),
            ));
        }
        Ok(Taken { loaded: staged, updated })
    }
}

/// Prepares the place for the rows; `there` is the table where it exists and has rows.
fn make(writer: &Connection, table: &Table, index: usize, mode: Mode, there: Option<&Described>) -> Result<Way> {
    let Some(there) = there else { return Ok(Way::Added) };
    match mode {
        Mode::Append => Ok(Way::Added),
        Mode::Replace => {
            run(writer, table, &format!("DROP TABLE {}", identifier(&table.name)))?;
            run(writer, table, &there.definition)?;
            Ok(Way::Replaced { indexes: there.indexes.clone() })
        }
        Mode::Upsert => {
            run(writer, table, &sql::create_stage(&sql::DuckDb, &identifier(&stage(index)), table))?;
            Ok(Way::Staged)
        }
    }
}

fn stage(index: usize) -> String {
    format!("karat_stage_{index}")
}

fn run(writer: &Connection, table: &Table, statement: &str) -> Result<()> {
    let run = writer.execute_batch(statement);
    run.map_err(|error| failed(format!("cannot prepare or merge {} in the target", table.name), &error))
}

fn broken(table: &Table, what: &str) -> Error {
    Error::new(ErrorKind::Conservation, format!("{}: {what}", table.name))
        .hint("Nothing was loaded. This is a fault of karat or of DuckDB: please report it.")
}

fn nested_key(table: &Table) -> bool {
    sql::key_columns(table).iter().any(|column| column.data_type.is_nested())
}

fn has_list(data_type: &DataType) -> bool {
    match data_type {
        DataType::List(_) => true,
        DataType::Struct(fields) => fields.iter().any(|field| has_list(&field.data_type)),
        _ => false,
    }
}

/// Cuts rows with lists to DuckDB's chunks, each with only its own elements: for every chunk the appender copies
/// all elements the arrays hold, so that a slice would bring those of its whole batch.
fn chunks(rows: RecordBatch, lists: bool) -> Result<Vec<RecordBatch>> {
    if !lists || rows.num_rows() == 0 {
        return Ok(vec![rows]);
    }
    let total = rows.num_rows();
    let chunk = |start: usize| {
        let end = (start + CHUNK).min(total);
        let indices: UInt32Array = (start..end).map(|row| u32::try_from(row).unwrap_or(u32::MAX)).collect();
        let take = |column: &arrow_array::ArrayRef| match column.data_type() {
            Arrow::List(_) | Arrow::Struct(_) => arrow_select::take::take(column, &indices, None),
            _ => Ok(column.slice(start, end - start)),
        };
        let columns = rows.columns().iter().map(take).collect::<Result<Vec<_>, _>>()?;
        RecordBatch::try_new(rows.schema(), columns)
    };
    let made = (0..total).step_by(CHUNK).map(chunk).collect::<Result<Vec<_>, _>>();
    made.map_err(|error| Error::output("cannot cut rows into chunks").because(error))
}
