//! Rows of a server as Parquet files.
//!
//! Each connection reads in one snapshot. With several, the table is locked for the moment in which the snapshots are
//! taken, so that they are one and the same; where the user may not lock it, or a query is read, each part is the
//! state of its own moment, and the rows are counted: the parts together must be as many as the first snapshot had.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arrow_array::{ArrayRef, RecordBatch};
use mysql::{Column, Conn};

use crate::frame::schema;
use crate::io::InputFile;
use crate::io::databases::mysql::connect::{Server, Session, all, number, run, text};
use crate::io::databases::mysql::decode::{Odd, type_of};
use crate::io::databases::mysql::errors::failed;
use crate::io::databases::mysql::partition;
use crate::io::databases::mysql::rows::{Receiver, Walked, kill, walk};
use crate::io::databases::{Extract, Rows};
use crate::io::formats::write::{self, Writer};
use crate::model::{self, DataType, Error, ErrorKind, Format, Result, SourceSpec, Table, TableGeneration};
use crate::sql::script::first_word;
use crate::sql::{Dialect as _, MySql};

/// The setting that says what becomes of `0000-00-00`: `text` (its column comes as text), or `null`.
const ZERO_DATES: &str = "zero-dates";

/// Copies rows into Parquet files.
///
/// # Errors
/// As [`crate::io::databases::extract`].
pub fn extract(asked: &Extract<'_>) -> Result<Vec<InputFile>> {
    let server = Server::new(asked.address, asked.access, &["table", "query", "partition_on", ZERO_DATES])?;
    let odd = match asked.address.setting(ZERO_DATES) {
        None | Some("text") => Odd::Text,
        Some("null") => Odd::ZeroIsNull,
        Some(other) => {
            return Err(Error::usage(format!("{ZERO_DATES} may not be `{other}`")).hint("There are: text, null"));
        }
    };
    let mut first = server.connect(Session::Source)?;
    let from = From::of(&server, &mut first, &asked.rows)?;
    let conditions = match asked.partition_on.filter(|_| asked.threads > 1) {
        Some(column) => partition::ranges(&mut first, (&from.what, &from.sql), column, asked.threads)?,
        None => vec!["TRUE".to_owned()],
    };
    let mut conns = vec![first];
    for _ in 1..conditions.len() {
        conns.push(server.connect(Session::Source)?);
    }
    snapshots(&server, &from, &mut conns)?;
    std::fs::create_dir_all(asked.spool).map_err(|error| Error::writing(asked.spool, error))?;
    let stop = AtomicBool::new(false);
    let job =
        Job { server: &server, from: &from, odd, spool: asked.spool, interrupted: asked.interrupted, stop: &stop };
    let files = job.copy(&mut conns, &conditions)?;
    let several = files.len() > 1;
    let input = |(number, path): (usize, PathBuf)| {
        let part = if several { format!("&part={}", number + 1) } else { String::new() };
        InputFile { shown: format!("{}?{}{part}", server.shown, from.shown), path, partitions: Vec::new() }
    };
    Ok(files.into_iter().enumerate().map(input).collect())
}

/// What is read.
struct From {
    /// A table's name in SQL, or a query in brackets.
    sql: String,
    /// The query as it was given.
    query: Option<String>,
    /// For messages.
    what: String,
    /// Behind the `?` of the address.
    shown: String,
}

impl From {
    fn of(server: &Server, conn: &mut Conn, rows: &Rows) -> Result<Self> {
        match rows {
            Rows::Table(name) => Self::table(server, conn, name),
            Rows::Query(query) => {
                let query = query.trim().trim_end_matches(';').trim_end();
                if !matches!(first_word(query).as_str(), "SELECT" | "WITH" | "VALUES" | "TABLE" | "SHOW" | "(") {
                    return Err(Error::usage("the query does not begin with SELECT or WITH")
                        .hint("Only questions are asked of a source: nothing is changed there."));
                }
                Ok(Self {
                    // The line may end in a comment.
                    sql: format!("({query}\n) AS karat_rows"),
                    query: Some(query.to_owned()),
                    what: "the query".to_owned(),
                    shown: "query".to_owned(),
                })
            }
        }
    }

    fn table(server: &Server, conn: &mut Conn, name: &str) -> Result<Self> {
        let own = server.database.as_deref().map(|database| (database, name));
        let cannot = |error: mysql::Error| failed(ErrorKind::Input, "cannot list the tables", &error);
        for (database, table) in own.into_iter().chain(name.split_once('.')) {
            let query = "SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND table_name = ?";
            if !all(conn, query, &[database, table]).map_err(cannot)?.is_empty() {
                let quoted = |name: &str| MySql::default().quote(name);
                return Ok(Self {
                    sql: format!("{}.{}", quoted(database), quoted(table)),
                    query: None,
                    what: name.to_owned(),
                    shown: format!("table={name}"),
                });
            }
        }
        let Some(database) = &server.database else {
            return Err(Error::usage(format!("{} names no database", server.shown))
                .hint("Write mysql://USER@HOST/DATABASE, or the table as DATABASE.TABLE."));
        };
        let query = "SELECT table_name FROM information_schema.tables WHERE table_schema = ? ORDER BY 1 LIMIT 20";
        let there = all(conn, query, &[database]).map_err(cannot)?;
        let names: Vec<String> = there.iter().filter_map(|row| text(row.first())).collect();
        let error = Error::usage(format!("{} has no table `{name}` that this user may read", server.shown));
        Err(if names.is_empty() { error } else { error.hint(format!("It has: {}", names.join(", "))) })
    }

    fn part(&self, condition: &str) -> String {
        match &self.query {
            Some(query) if condition == "TRUE" => query.clone(),
            _ if condition == "TRUE" => format!("SELECT * FROM {}", self.sql),
            _ => format!("SELECT * FROM {} WHERE {condition}", self.sql),
        }
    }
}

/// Begins a transaction on each connection, all of the same state where the table can be locked for that moment.
fn snapshots(server: &Server, from: &From, conns: &mut [Conn]) -> Result<()> {
    let cannot = |error: mysql::Error| failed(ErrorKind::Input, "cannot begin to read", &error);
    let mut locking = if conns.len() > 1 && from.query.is_none() {
        let mut conn = server.connect(Session::Source)?;
        let locked = run(&mut conn, "SET SESSION lock_wait_timeout = 3")
            .and_then(|_| run(&mut conn, &format!("LOCK TABLES {} READ", from.sql)));
        locked.is_ok().then_some(conn)
    } else {
        None
    };
    for conn in conns {
        run(conn, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY").map_err(cannot)?;
    }
    if let Some(conn) = &mut locking {
        run(conn, "UNLOCK TABLES").map_err(cannot)?;
    }
    Ok(())
}

/// The copying of all parts.
struct Job<'a> {
    server: &'a Server,
    from: &'a From,
    odd: Odd,
    spool: &'a Path,
    interrupted: &'a AtomicBool,
    /// One part needs another beginning, or failed.
    stop: &'a AtomicBool,
}

impl Job<'_> {
    /// Copies all parts, one a connection; again with text for moments, where some are none.
    fn copy(&self, conns: &mut [Conn], conditions: &[String]) -> Result<Vec<PathBuf>> {
        let paths: Vec<PathBuf> =
            (0..conns.len()).map(|part| self.spool.join(format!("rows-{part}.parquet"))).collect();
        let mut texts = BTreeSet::new();
        let mut counted = None;
        loop {
            self.stop.store(false, Ordering::Relaxed);
            let walked = self.copy_once(conns, conditions, &paths, &texts, &mut counted)?;
            let odd: Vec<usize> = walked
                .iter()
                .filter_map(|walked| match walked {
                    Walked::Moment(column) => Some(*column),
                    _ => None,
                })
                .collect();
            if odd.is_empty() {
                self.check(&walked, counted)?;
                return Ok(paths);
            }
            texts.extend(odd);
            for path in paths.iter().filter(|path| path.exists()) {
                std::fs::remove_file(path).map_err(|error| Error::writing(path, error))?;
            }
        }
    }

    fn copy_once(
        &self,
        conns: &mut [Conn],
        conditions: &[String],
        paths: &[PathBuf],
        texts: &BTreeSet<usize>,
        counted: &mut Option<u64>,
    ) -> Result<Vec<Walked>> {
        let several = conns.len() > 1;
        let ids: Vec<u32> = conns.iter().map(Conn::connection_id).collect();
        let over = AtomicBool::new(false);
        let results: Vec<Result<(Walked, Option<u64>)>> = std::thread::scope(|scope| {
            let watch = scope.spawn(|| self.watch(&ids, &over));
            let each = conns.iter_mut().zip(conditions).zip(paths).enumerate();
            let threads: Vec<_> = each
                .map(|(index, ((conn, condition), path))| {
                    let known = *counted;
                    scope.spawn(move || {
                        let done = (|| {
                            let count = match known {
                                None if several && index == 0 => Some(self.count(conn)?),
                                known => known,
                            };
                            Ok((self.copy_part(conn, condition, path, texts)?, count))
                        })();
                        if !matches!(done, Ok((Walked::Whole(_), _))) {
                            self.stop.store(true, Ordering::Relaxed);
                        }
                        done
                    })
                })
                .collect();
            let ended = |thread: std::thread::ScopedJoinHandle<'_, _>| {
                thread.join().unwrap_or_else(|_| Err(Error::input("a reading thread ended before its time")))
            };
            let results = threads.into_iter().map(ended).collect();
            over.store(true, Ordering::Relaxed);
            watch.thread().unpark();
            results
        });
        if self.interrupted.load(Ordering::Relaxed) {
            return Err(interrupted());
        }
        let mut walked = Vec::new();
        for result in results {
            let (part, count) = result?;
            *counted = counted.or(count);
            walked.push(part);
        }
        Ok(walked)
    }

    /// Ends the queries once a signal came: a server may work for long before its first row. Again and again, since one
    /// that had not begun yet is not ended.
    fn watch(&self, ids: &[u32], over: &AtomicBool) {
        while !over.load(Ordering::Relaxed) {
            if self.interrupted.load(Ordering::Relaxed) {
                for id in ids {
                    kill(self.server, Session::Source, *id);
                }
            }
            std::thread::park_timeout(Duration::from_millis(100));
        }
    }

    fn count(&self, conn: &mut Conn) -> Result<u64> {
        let counted = number(conn, &format!("SELECT COUNT(*) FROM {}", self.from.sql), &[]);
        counted.map_err(|error| failed(ErrorKind::Input, format!("cannot count {}", self.from.what), &error))
    }

    fn check(&self, walked: &[Walked], counted: Option<u64>) -> Result<()> {
        let rows: u64 = walked.iter().map(|walked| if let Walked::Whole(rows) = walked { *rows } else { 0 }).sum();
        match counted {
            Some(counted) if counted != rows => {
                let what = &self.from.what;
                Err(Error::input(format!(
                    "{what} changed while it was read: its parts have {rows} rows, and there were {counted}"
                ))
                .hint("Run again, without --partition-on where it changes all the time, or let the user LOCK TABLES."))
            }
            _ => Ok(()),
        }
    }

    fn copy_part(&self, conn: &mut Conn, condition: &str, path: &Path, texts: &BTreeSet<usize>) -> Result<Walked> {
        let mut spooled = Spooled { job: self, path, texts, out: None };
        let what = (self.from.what.as_str(), &*self.from.part(condition));
        let walked = walk((self.server, Session::Source), conn, what, self.odd, &mut spooled)?;
        if let (Walked::Whole(_), Some((_, out))) = (walked, spooled.out) {
            out.finish()?;
        }
        Ok(walked)
    }
}

/// Writes rows to a file.
struct Spooled<'a> {
    job: &'a Job<'a>,
    path: &'a Path,
    /// Columns that are read as text whatever they are.
    texts: &'a BTreeSet<usize>,
    out: Option<(Table, Box<dyn Writer>)>,
}

impl Receiver for Spooled<'_> {
    fn begin(&mut self, columns: &[Column]) -> Result<Vec<DataType>> {
        let of = |(index, column): (usize, &Column)| {
            if self.texts.contains(&index) { DataType::String } else { type_of(column, None) }
        };
        let types: Vec<DataType> = columns.iter().enumerate().map(of).collect();
        let mut named: Vec<model::Column> = Vec::new();
        for (column, data_type) in columns.iter().zip(&types) {
            let name = column.name_str().into_owned();
            if named.iter().any(|other| other.name == name) {
                return Err(Error::usage(format!("two columns of {} are called `{name}`", self.job.from.what))
                    .hint("Give one of them another name: SELECT a.id, b.id AS other_id …"));
            }
            named.push(model::Column::new(name, data_type.clone()));
        }
        let table = Table {
            name: "rows".to_owned(),
            description: None,
            source: SourceSpec::default(),
            primary_key: None,
            columns: named,
            rules: Vec::new(),
            generation: TableGeneration::default(),
        };
        self.out = Some((table.clone(), write::create(Format::Parquet, self.path, &table)?));
        Ok(types)
    }

    fn take(&mut self, arrays: Vec<ArrayRef>, _rows: usize) -> Result<bool> {
        if self.job.interrupted.load(Ordering::Relaxed) {
            return Err(interrupted());
        }
        if self.job.stop.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let Some((table, out)) = &mut self.out else { return Ok(false) };
        let batch = RecordBatch::try_new(schema::schema(table), arrays);
        out.write(&batch.map_err(|error| Error::input(format!("cannot read {}", self.job.from.what)).because(error))?)?;
        Ok(true)
    }
}

fn interrupted() -> Error {
    Error::new(ErrorKind::Interrupted, "interrupted while rows were read")
}
