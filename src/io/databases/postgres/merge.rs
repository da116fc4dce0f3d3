//! An upsert: rows wait in a temporary table, then one statement moves them, `INSERT … ON CONFLICT DO UPDATE`.
//!
//! How many rows are new and how many take the place of another, the server's own statistics of the transaction tell
//! where the table is plain, at no cost; else the keys that are there are counted first. Where a row is refused, stretches
//! of rows are moved instead of all ([`Window`]).

use std::ops::Range;

use tokio_postgres::error::SqlState;

use crate::io::databases::postgres::connect::Link;
use crate::io::databases::postgres::copy::Place;
use crate::io::databases::postgres::failure::{Fault, broken, failed, row_fault};
use crate::io::databases::postgres::tables::Described;
use crate::io::databases::postgres::window::Window;
use crate::io::{Refused, Taken};
use crate::model::{Error, Result, Table};
use crate::sql::{self, identifier, identifiers};

/// The temporary table of one table.
pub struct Stage {
    relation: String,
    /// In SQL.
    name: String,
    /// The column with each row's ordinal.
    row: String,
    target: String,
    oid: u32,
    /// The server counts the table's rows by itself.
    counted: bool,
    /// `INSERT INTO … SELECT … FROM …`; a condition may follow.
    insert: String,
    /// `ON CONFLICT …`, where rows may take the place of others.
    conflict: Option<String>,
    columns: String,
}

impl Stage {
    /// Makes a table of the target's column types, which ends with the transaction.
    ///
    /// # Errors
    /// Where the server refuses.
    pub fn make(link: &Link, target: &str, table: &Table, there: &Described, index: usize) -> Result<Self> {
        let names = || table.columns.iter().map(|column| column.name.as_str());
        let mut row = "karat_row".to_owned();
        while names().any(|name| name == row) {
            row.push('_');
        }
        let relation = format!("karat_stage_{index}");
        let (name, row, columns) = (format!("pg_temp.{relation}"), identifier(&row), identifiers(names()));
        let mut make = format!(
            "CREATE TEMPORARY TABLE {relation} on commit drop AS SELECT NULL::bigint AS {row}, {columns} FROM {target} \
             WITH NO DATA"
        );
        // What must have a value is then refused by its row already on the way into the stage.
        for column in there.columns.iter().filter(|column| column.not_null && names().any(|name| name == column.name)) {
            make = format!("{make}; ALTER TABLE {name} ALTER {} SET NOT NULL", identifier(&column.name));
        }
        link.batch(&make).map_err(|error| failed(format!("cannot prepare the upsert of {}", table.name), &error))?;
        let tracked = link.query("SHOW track_counts", &[]).ok().and_then(|rows| rows.first()?.try_get(0).ok());
        let always = there.columns.iter().any(|column| column.always);
        let overriding = if always { " OVERRIDING SYSTEM VALUE" } else { "" };
        Ok(Self {
            insert: format!("INSERT INTO {target} ({columns}){overriding} SELECT {columns} FROM {name}"),
            conflict: None,
            relation,
            name,
            row,
            target: target.to_owned(),
            oid: there.oid,
            counted: there.plain && tracked.is_some_and(|text: String| text == "on"),
            columns,
        })
    }

    /// Lets rows take the place of those with the same primary key.
    #[must_use]
    pub fn upserting(self, table: &Table) -> Self {
        Self { conflict: Some(conflict(table)), ..self }
    }

    /// Says where the rows are copied to: their ordinal stands first.
    #[must_use]
    pub fn place(&self, what: String) -> Place {
        let Self { name, row, columns, relation, .. } = self;
        let statement = format!("COPY {name} ({row}, {columns}) FROM STDIN (FORMAT binary)");
        Place { statement, relation: relation.clone(), what }
    }

    /// Moves the rows, of which `given` were numbered and those in `refused` (by ascending row) are not here; adds those
    /// that the target refuses.
    ///
    /// # Errors
    /// Where two rows have the same key, or the server fails.
    pub fn merge(self, link: &Link, table: &Table, given: u64, refused: &mut Vec<Refused>) -> Result<Taken> {
        let wrong = |error: &tokio_postgres::Error| wrong(table, error);
        let mut taken = Taken::default();
        let total = usize::try_from(given).map_err(|_| broken(format!("{}: too many rows", table.name)))?;
        let mut window = Window::new(total);
        let absent: Vec<u64> = refused.iter().map(|refused| refused.row).collect();
        let mut fault: Option<Fault> = None;
        let mut whole = true;
        link.batch("SAVEPOINT karat").map_err(|error| wrong(&error))?;
        while let Some(range) = window.range() {
            let found = match self.attempt(link, table, &range, whole, &absent)? {
                Ok(part) => {
                    link.batch("RELEASE SAVEPOINT karat; SAVEPOINT karat").map_err(|error| wrong(&error))?;
                    taken.loaded += part.loaded;
                    taken.updated += part.updated;
                    window.taken()
                }
                Err(next) => {
                    link.batch("ROLLBACK TO SAVEPOINT karat").map_err(|error| wrong(&error))?;
                    if whole {
                        self.prepare_pieces(link, table)?;
                        whole = false;
                    }
                    fault = Some(next);
                    window.failed(None)
                }
            };
            // A row that never came into the stage was told before.
            if let (Some(row), Some(Fault { message, column, .. })) = (found, &fault)
                && absent.binary_search(&(row as u64)).is_err()
            {
                refused.push(Refused { row: row as u64, message: message.clone(), column: column.clone() });
            }
        }
        let end = format!("RELEASE SAVEPOINT karat; DROP TABLE {}", self.name);
        link.batch(&end).map_err(|error| wrong(&error))?;
        Ok(taken)
    }

    /// Moves a stretch of rows; a fault of one of them is the inner error.
    fn attempt(
        &self,
        link: &Link,
        table: &Table,
        range: &Range<usize>,
        whole: bool,
        absent: &[u64],
    ) -> Result<Result<Taken, Fault>> {
        let condition = if whole {
            String::new()
        } else {
            format!(" WHERE {row} >= {} AND {row} < {}", range.start, range.end, row = self.row)
        };
        let Range { start, end } = range.start as u64..range.end as u64;
        let missing = absent.partition_point(|row| *row < end) - absent.partition_point(|row| *row < start);
        let expected = end - start - missing as u64;
        let before = self.before(link, &condition, table);
        let before = before.map_err(|error| wrong(table, &error))?;
        let conflict = self.conflict.as_deref().unwrap_or_default();
        let moved = link.wait(link.client.execute(&format!("{}{condition} {conflict}", self.insert), &[]));
        let moved = match moved {
            Ok(moved) => moved,
            Err(error) => return row_fault(&error, "").ok_or_else(|| wrong(table, &error)).map(Err),
        };
        if moved != expected {
            let message = "a trigger or rule of the target left the row out without a word".to_owned();
            return Ok(Err(Fault { message, column: None, line: None }));
        }
        let updated = match before {
            Before::Matching(updated) => updated,
            Before::Counts(inserted, updated) => {
                let (after_inserted, after_updated) = self.counts(link).map_err(|error| wrong(table, &error))?;
                let (new, old) = (after_inserted - inserted, after_updated - updated);
                if u64::try_from(new + old) != Ok(moved) {
                    return Err(broken(format!(
                        "{}: {moved} rows were merged, but {new} came and {old} changed by the server's statistics",
                        table.name
                    )));
                }
                u64::try_from(old).unwrap_or(0)
            }
        };
        Ok(Ok(Taken { loaded: moved, updated }))
    }

    fn before(&self, link: &Link, condition: &str, table: &Table) -> Result<Before, tokio_postgres::Error> {
        if self.conflict.is_none() {
            return Ok(Before::Matching(0));
        }
        if self.counted {
            let (inserted, updated) = self.counts(link)?;
            return Ok(Before::Counts(inserted, updated));
        }
        let from = format!("(SELECT * FROM {}{condition})", self.name);
        let matching = link.number(&sql::count_matching(&self.target, &from, table), &[])?;
        Ok(Before::Matching(u64::try_from(matching).unwrap_or(0)))
    }

    /// Gives the rows this transaction has inserted and updated so far.
    fn counts(&self, link: &Link) -> Result<(i64, i64), tokio_postgres::Error> {
        let query =
            "SELECT pg_catalog.pg_stat_get_xact_tuples_inserted($1), pg_catalog.pg_stat_get_xact_tuples_updated($1)";
        let rows = link.query(query, &[&self.oid])?;
        match rows.first() {
            Some(row) => Ok((row.try_get(0)?, row.try_get(1)?)),
            None => Ok((0, 0)),
        }
    }

    /// Makes stretches of rows quick to find. Rows with equal keys would take each other's place in different stretches,
    /// so there must be none.
    fn prepare_pieces(&self, link: &Link, table: &Table) -> Result<()> {
        let wrong = |error| wrong(table, &error);
        let upserts = self.conflict.is_some();
        if upserts && link.number(&sql::count_repeated(&self.name, table), &[]).map_err(wrong)? > 0 {
            return Err(repeated(table));
        }
        let index = format!("RELEASE SAVEPOINT karat; CREATE INDEX ON {} ({}); SAVEPOINT karat", self.name, self.row);
        link.batch(&index).map_err(wrong)
    }
}

/// What is known before rows are moved.
enum Before {
    /// Rows whose key is there.
    Matching(u64),
    /// Rows this transaction has inserted and updated.
    Counts(i64, i64),
}

fn conflict(table: &Table) -> String {
    let keys = sql::key_columns(table);
    let is_key = |name: &str| keys.iter().any(|key| key.name == name);
    let set = |name: &str| format!("{name} = EXCLUDED.{name}", name = identifier(name));
    let names = table.columns.iter().map(|column| column.name.as_str());
    let mut sets: Vec<String> = names.filter(|name| !is_key(name)).map(set).collect();
    if sets.is_empty() {
        // Nothing to change, but the row counts as one that was there.
        sets.extend(keys.first().map(|key| set(&key.name)));
    }
    let listed = identifiers(keys.iter().map(|key| key.name.as_str()));
    format!("ON CONFLICT ({listed}) DO UPDATE SET {}", sets.join(", "))
}

fn wrong(table: &Table, error: &tokio_postgres::Error) -> Error {
    if error.code() == Some(&SqlState::CARDINALITY_VIOLATION) {
        return repeated(table);
    }
    failed(format!("cannot merge the rows of {}", table.name), error)
}

fn repeated(table: &Table) -> Error {
    Error::output(format!("{}: two clean rows have the same primary key", table.name))
        .hint("Say which one wins: `primary_key: {columns: […], keep: last}`.")
}
