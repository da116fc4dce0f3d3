//! What comes into one table: batches of rows, the rows the server refuses found by halving, and the merge of an upsert.
//!
//! Rows go in by INSERTs of about a quarter of a mebibyte. One that fails is tried again in two halves, and so on: what is left are
//! the single rows that the target refuses. The same where the server only warns that a value is not as it was given.
//!
//! An upsert stages its rows in a temporary table with their numbers. The merge changes the rows whose key is there and
//! adds the others, some thousand at once; not by `ON DUPLICATE KEY`, which would also hit rows that are equal in
//! another unique key.

use std::ops::Range;

use arrow_array::RecordBatch;
use mysql::Conn;

use crate::frame::text::Text;
use crate::io::databases::mysql::connect::{all, number, run, text, whole};
use crate::io::databases::mysql::encode::Encoder;
use crate::io::databases::mysql::errors::{column_of, is_lossy, plain, refusal, wrong};
use crate::io::databases::mysql::tables::{Described, There, quote};
use crate::io::{Mode, Refused, Taken};
use crate::model::{Error, ErrorKind, Result, Table};
use crate::sql::key_columns;

/// Bytes and rows of an INSERT: with a quarter of a mebibyte the server needs a seventh less time than with a whole one.
const BYTES: usize = 1 << 18;
const ROWS: usize = 8192;
/// Rows merged at once.
const MERGED: u64 = 4096;
/// The column of a stage that has the row's number; no contract has one called so.
const NUMBER: &str = "karat$row";

/// A table's load.
pub struct Load {
    encoder: Encoder,
    /// `INSERT INTO … VALUES `
    head: String,
    /// The temporary table the rows go to first.
    stage: Option<String>,
    /// The rows not sent yet, commas between them, and where each stands.
    text: Text,
    pending: Vec<Pending>,
    /// Bytes of a statement at most.
    packet: usize,
    written: u64,
    loaded: u64,
    updated: u64,
    refused: Vec<Refused>,
    settled: bool,
    /// The refused rows were told.
    told: bool,
}

/// A row not sent yet.
struct Pending {
    start: usize,
    end: usize,
    row: u64,
}

/// What became of a piece of the rows.
enum Tried {
    Done,
    /// In the server's words.
    Refused(String),
}

impl Load {
    /// Prepares a table; makes the stage of an upsert. `direct`: there is nothing to merge with.
    ///
    /// # Errors
    /// Where the stage cannot be made.
    pub fn begin(
        conn: &mut Conn,
        (table, index): (&Table, usize),
        there: &Described,
        (mode, direct): (Mode, bool),
        packet: usize,
    ) -> Result<Self> {
        let stage = (mode == Mode::Upsert && !direct).then(|| format!("karat_stage_{index}"));
        let columns = names(table);
        if let Some(stage) = &stage {
            // The types of the table itself, so that keys compare as they do there.
            let statement = format!(
                "CREATE TEMPORARY TABLE {} ({} BIGINT UNSIGNED NOT NULL PRIMARY KEY) ENGINE = InnoDB \
                 SELECT 0 AS {}, {columns} FROM {} LIMIT 0",
                quote(stage),
                quote(NUMBER),
                quote(NUMBER),
                quote(&table.name)
            );
            run(conn, &statement).map_err(|error| wrong("cannot make a temporary table", &error))?;
        }
        let (into, numbered) = match &stage {
            Some(stage) => (stage, format!("{}, ", quote(NUMBER))),
            None => (&table.name, String::new()),
        };
        let steps = table.columns.iter().map(|column| there.column(&column.name).map_or(1, There::step));
        Ok(Self {
            encoder: Encoder::new(table, steps.collect()),
            head: format!("INSERT INTO {} ({numbered}{columns}) VALUES ", quote(into)),
            stage,
            text: Text::default(),
            pending: Vec::new(),
            packet,
            written: 0,
            loaded: 0,
            updated: 0,
            refused: Vec::new(),
            settled: false,
            told: false,
        })
    }

    /// Takes rows.
    ///
    /// # Errors
    /// Where the target cannot take rows at all.
    pub fn write(&mut self, conn: &mut Conn, table: &Table, rows: &RecordBatch) -> Result<()> {
        let columns = Encoder::columns(rows);
        let mut row = 0;
        while row < rows.num_rows() {
            row = self.fill(&columns, table, row..rows.num_rows());
            if self.is_full() {
                self.flush(conn, table)?;
            }
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.text.len() >= BYTES.min(self.packet / 4) || self.pending.len() >= ROWS
    }

    /// Writes rows to memory until there are enough of them; gives the first that was not written.
    fn fill(&mut self, columns: &[arrow_array::ArrayRef], table: &Table, rows: Range<usize>) -> usize {
        let most = BYTES.min(self.packet / 4);
        let mut cells = self.encoder.rows(columns);
        for row in rows.clone() {
            let number = self.written;
            self.written += 1;
            let before = self.text.len();
            if !self.pending.is_empty() {
                self.text.byte(b',');
            }
            let start = self.text.len();
            self.text.byte(b'(');
            if self.stage.is_some() {
                self.text.push(number.to_string().as_bytes());
                self.text.byte(b',');
            }
            let pushed = cells.push(&mut self.text, row);
            self.text.byte(b')');
            let end = self.text.len();
            let refused = match pushed {
                Err(unwritten) => {
                    let column = table.columns.get(unwritten.column).map(|column| column.name.clone());
                    Some((unwritten.why.to_owned(), column))
                }
                Ok(()) if end - start + self.head.len() > self.packet => {
                    Some((format!("the row is longer than max_allowed_packet, {} bytes", self.packet), None))
                }
                Ok(()) => None,
            };
            match refused {
                Some((message, column)) => {
                    self.refused.push(Refused { row: number, message, column });
                    self.text.truncate(before);
                }
                None => self.pending.push(Pending { start, end, row: number }),
            }
            if self.text.len() >= most || self.pending.len() >= ROWS {
                return row + 1;
            }
        }
        rows.end
    }

    /// Sends the rows that are in memory.
    fn flush(&mut self, conn: &mut Conn, table: &Table) -> Result<()> {
        // The last row came when there was still room: it may be as long as a packet by itself.
        let whole = self.pending.last().is_some_and(|last| self.head.len() + last.end > self.packet);
        let mut pieces = Vec::from([Range { start: 0, end: self.pending.len() }]);
        if whole && self.pending.len() > 1 {
            let last = self.pending.len() - 1;
            pieces = vec![last..last + 1, 0..last];
        }
        while let Some(piece) = pieces.pop().filter(|piece| !piece.is_empty()) {
            match self.insert(conn, table, piece.clone())? {
                Tried::Done => {}
                Tried::Refused(message) => {
                    if let Some((first, second)) = halves(&piece) {
                        pieces.extend([second, first]);
                    } else {
                        let row = self.pending.get(piece.start).map_or(0, |pending| pending.row);
                        self.refuse(row, &message);
                    }
                }
            }
        }
        self.pending.clear();
        self.text.clear();
        Ok(())
    }

    fn refuse(&mut self, row: u64, message: &str) {
        self.refused.push(Refused { row, message: message.to_owned(), column: column_of(message) });
    }

    /// Inserts a piece of the rows in memory, wholly or not at all.
    fn insert(&mut self, conn: &mut Conn, table: &Table, piece: Range<usize>) -> Result<Tried> {
        let (Some(first), Some(last)) = (self.pending.get(piece.start), self.pending.get(piece.end.saturating_sub(1)))
        else {
            return Ok(Tried::Done);
        };
        let bytes = self.text.as_slice().get(first.start..last.end).unwrap_or_default();
        let values = std::str::from_utf8(bytes);
        let values = values.map_err(|error| Error::output("a row cannot be written as text").because(error))?;
        let statement = format!("{}{values}", self.head);
        let count = piece.len() as u64;
        savepoint(conn)?;
        let (tried, inserted) = attempt(conn, table, &[&statement])?;
        if matches!(tried, Tried::Done) {
            if inserted != [count] {
                let shown = inserted.first().copied().unwrap_or(0);
                return Err(broken(table, &format!("{count} rows were given, the target took {shown}")));
            }
            if self.stage.is_none() {
                self.loaded += count;
            }
        }
        Ok(tried)
    }

    /// Brings all rows to their place, and gives those that the target refuses, by ascending row.
    ///
    /// # Errors
    /// Where the target fails otherwise.
    pub fn settle(&mut self, conn: &mut Conn, table: &Table) -> Result<Vec<Refused>> {
        self.told = true;
        self.bring(conn, table)?;
        Ok(self.refused.clone())
    }

    fn bring(&mut self, conn: &mut Conn, table: &Table) -> Result<()> {
        if std::mem::replace(&mut self.settled, true) {
            return Ok(());
        }
        self.flush(conn, table)?;
        if let Some(stage) = self.stage.take() {
            self.merge(conn, table, &stage)?;
            run(conn, &format!("DROP TEMPORARY TABLE {}", quote(&stage)))
                .map_err(|error| wrong("cannot drop a temporary table", &error))?;
        }
        self.refused.sort_by_key(|refused| refused.row);
        Ok(())
    }

    /// Does what is left, and compares the target's own counts with what was given.
    ///
    /// # Errors
    /// Where the target refuses rows that nobody asked about, or a count differs.
    pub fn finish(&mut self, conn: &mut Conn, table: &Table, clean: u64) -> Result<Taken> {
        self.bring(conn, table)?;
        if let Some(first) = self.refused.first().filter(|_| !self.told) {
            let count = self.refused.len();
            let error = Error::output(format!("the target refuses {count} rows of {}", table.name)).because(format!(
                "row {}: {}",
                first.row + 1,
                first.message
            ));
            return Err(if first.message.starts_with("Duplicate entry") {
                error.hint("It has rows with such keys already: load with `--mode upsert` or `--mode replace`.")
            } else {
                error
            });
        }
        if self.loaded != clean {
            let loaded = self.loaded;
            return Err(broken(table, &format!("{clean} clean rows were given, the target took {loaded}")));
        }
        Ok(Taken { loaded: self.loaded, updated: self.updated })
    }

    /// Changes the rows whose key is there, and adds the others.
    fn merge(&mut self, conn: &mut Conn, table: &Table, stage: &str) -> Result<()> {
        check_keys(conn, table, stage)?;
        for start in (0..self.written).step_by(usize::try_from(MERGED).unwrap_or(usize::MAX)) {
            let mut pieces = Vec::from([Range { start, end: (start + MERGED).min(self.written) }]);
            while let Some(piece) = pieces.pop() {
                match self.merge_piece(conn, table, stage, &piece)? {
                    Tried::Done => {}
                    Tried::Refused(message) => match piece.end - piece.start {
                        ..=1 => self.refuse(piece.start, &message),
                        length => {
                            let middle = piece.start + length / 2;
                            pieces.extend([middle..piece.end, piece.start..middle]);
                        }
                    },
                }
            }
        }
        Ok(())
    }

    fn merge_piece(&mut self, conn: &mut Conn, table: &Table, stage: &str, piece: &Range<u64>) -> Result<Tried> {
        let (target, stage, numbered) = (quote(&table.name), quote(stage), quote(NUMBER));
        let within = format!("karat_new.{numbered} >= {} AND karat_new.{numbered} < {}", piece.start, piece.end);
        let cannot = |error: mysql::Error| wrong(format!("cannot count the new rows of {}", table.name), &error);
        let staged =
            number(conn, &format!("SELECT COUNT(*) FROM {stage} AS karat_new WHERE {within}"), &[]).map_err(cannot)?;
        if staged == 0 {
            return Ok(Tried::Done);
        }
        let keys = key_columns(table);
        let pair = |name: &str| format!("karat_old.{0} = karat_new.{0}", quote(name));
        let same = keys.iter().map(|key| pair(&key.name)).collect::<Vec<_>>().join(" AND ");
        let others = table.columns.iter().filter(|column| !keys.iter().any(|key| key.name == column.name));
        let mut changes = others.map(|column| pair(&column.name)).collect::<Vec<_>>().join(", ");
        if changes.is_empty() {
            // There is nothing to change but the rows are to be counted.
            changes = keys.first().map(|key| pair(&key.name)).unwrap_or_default();
        }
        let update =
            format!("UPDATE {target} AS karat_old JOIN {stage} AS karat_new ON {same} SET {changes} WHERE {within}");
        let columns = names(table);
        let insert = format!(
            "INSERT INTO {target} ({columns}) SELECT {columns} FROM {stage} AS karat_new WHERE {within} AND NOT EXISTS              (SELECT 1 FROM {target} AS karat_old WHERE {same}) ORDER BY {numbered}"
        );
        savepoint(conn)?;
        let (tried, counts) = attempt(conn, table, &[&update, &insert])?;
        if let (Tried::Done, [updated, inserted]) = (&tried, counts.as_slice()) {
            if updated + inserted != staged {
                return Err(Error::output(format!(
                    "{} has {updated} rows in the target for {} primary keys that come again",
                    table.name,
                    staged.saturating_sub(*inserted)
                ))
                .hint("The key is not unique there. Mend the table, or load with `--mode replace`."));
            }
            self.loaded += staged;
            self.updated += updated;
        }
        Ok(tried)
    }
}

fn names(table: &Table) -> String {
    table.columns.iter().map(|column| quote(&column.name)).collect::<Vec<_>>().join(", ")
}

fn halves(piece: &Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
    let middle = piece.start + piece.len() / 2;
    (piece.len() > 1).then_some((piece.start..middle, middle..piece.end))
}

fn savepoint(conn: &mut Conn) -> Result<()> {
    let set = run(conn, "SAVEPOINT karat_piece");
    set.map(|_| ()).map_err(|error| wrong("cannot set a savepoint", &error))
}

/// Runs statements, and undoes them all where rows are refused, or would not be kept as they are.
fn attempt(conn: &mut Conn, table: &Table, statements: &[&str]) -> Result<(Tried, Vec<u64>)> {
    let mut counts = Vec::new();
    for statement in statements {
        let refused = match run(conn, statement) {
            Ok(count) => {
                counts.push(count);
                if conn.warnings() > 0 { lossy(conn)? } else { None }
            }
            Err(error) => match refusal(&error) {
                Some(message) => Some(message),
                None => return Err(wrong(format!("cannot load rows into {}", table.name), &error)),
            },
        };
        if let Some(message) = refused {
            let undone = run(conn, "ROLLBACK TO SAVEPOINT karat_piece");
            undone.map_err(|error| wrong("cannot go back to a savepoint", &error))?;
            return Ok((Tried::Refused(message), Vec::new()));
        }
    }
    Ok((Tried::Done, counts))
}

/// Gives the first warning that speaks of a value that is not as it was given.
fn lossy(conn: &mut Conn) -> Result<Option<String>> {
    let rows = all(conn, "SHOW WARNINGS", &[]).map_err(|error| wrong("cannot read the warnings", &error))?;
    let found = rows.iter().find(|row| whole(row.get(1)).is_some_and(is_lossy));
    Ok(found.and_then(|row| text(row.get(2))).map(|message| plain(&message)))
}

fn check_keys(conn: &mut Conn, table: &Table, stage: &str) -> Result<()> {
    let keys = key_columns(table).iter().map(|key| quote(&key.name)).collect::<Vec<_>>().join(", ");
    let query = format!(
        "SELECT COUNT(*) FROM (SELECT 1 FROM {} GROUP BY {keys} HAVING COUNT(*) > 1) AS karat_repeated",
        quote(stage)
    );
    let repeated = number(conn, &query, &[]);
    match repeated.map_err(|error| wrong(format!("cannot compare the keys of {}", table.name), &error))? {
        0 => Ok(()),
        _ => Err(Error::output(format!("{}: two clean rows have the same primary key in the target", table.name))
            .hint("Say which one wins: `primary_key: {columns: […], keep: last}`. Does the target ignore case there?")),
    }
}

fn broken(table: &Table, what: &str) -> Error {
    Error::new(ErrorKind::Conservation, format!("{}: {what}", table.name))
        .hint("Nothing was loaded. Does a trigger or a view of the target drop rows? If not, please report it.")
}
