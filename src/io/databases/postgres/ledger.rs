//! Reading the load history, and taking a load back.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio_postgres::Row;

use crate::io::databases::postgres::connect::{self, Link};
use crate::io::databases::postgres::failure::{broken, failed};
use crate::io::databases::postgres::settings::Login;
use crate::io::databases::postgres::{history, lock, tables};
use crate::io::{LOAD_ID, Ledger, LoadedFile, PastFile, PastLoad};
use crate::model::history::{undoable, without_load_id};
use crate::model::{Error, Result};
use crate::sql::{identifier, literal};

/// The history of a database's schema.
pub struct History {
    link: Link,
    schema: String,
}

impl History {
    /// Opens it.
    ///
    /// # Errors
    /// Where the server cannot be reached or has no such schema.
    pub fn open(login: Login) -> Result<Self> {
        let login = Arc::new(login);
        let link = Link::open(&connect::runtime()?, &login)?;
        let schema = tables::schema(&link, login.schema.as_deref())?;
        Ok(Self { link, schema })
    }
}

/// Writes a moment as RFC 3339.
const MOMENT: &str = "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'";

impl Ledger for History {
    fn loads(&mut self) -> Result<Vec<PastLoad>> {
        let wrong = |error| failed("cannot read the load history", &error);
        if !history::is_there(&self.link, &self.schema).map_err(wrong)? {
            return Ok(Vec::new());
        }
        read(&self.link, &self.schema).map_err(wrong)
    }

    fn undo(&mut self, load_id: &str, undone_at: &str) -> Result<Vec<(String, u64)>> {
        let begun = self.link.batch("BEGIN ISOLATION LEVEL read committed READ WRITE; SET CONSTRAINTS ALL IMMEDIATE");
        begun.map_err(|error| failed("cannot begin a transaction", &error))?;
        let removed = self.remove(load_id, undone_at);
        let end = if removed.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = self.link.batch(end).map_err(|error| failed("cannot commit", &error));
        let removed = removed?;
        ended.map(|()| removed)
    }
}

impl History {
    fn remove(&mut self, load_id: &str, undone_at: &str) -> Result<Vec<(String, u64)>> {
        let mut counts = undoable(&self.loads()?, load_id)?;
        // Tables are locked in one order, whatever load is undone.
        counts.sort();
        let (link, schema) = (&self.link, &self.schema);
        let mut places = Vec::new();
        for (table, clean) in counts {
            lock::take(link, schema, &table)?;
            let Some(there) = tables::describe(link, schema, &table)? else {
                return Err(Error::usage(format!(
                    "{table} is not in the target any more, so the load cannot be undone"
                )));
            };
            if !there.columns.iter().any(|column| column.name == LOAD_ID) {
                return Err(without_load_id(&table));
            }
            places.push((there.oid, table, clean));
        }
        let order = tables::children_first(link, &places.iter().map(|(oid, ..)| *oid).collect::<Vec<_>>())?;
        let mut removed = Vec::new();
        for (_, table, clean) in order.iter().filter_map(|&index| places.get(index)) {
            let place = format!("{}.{}", identifier(schema), identifier(table));
            let delete =
                format!("DELETE FROM {place} WHERE CAST({} AS text) = {}", identifier(LOAD_ID), literal(load_id));
            let gone = link.wait(link.client.execute(&delete, &[]));
            let gone = gone.map_err(|error| failed(format!("cannot take the rows of {table} out"), &error))?;
            if gone != *clean {
                return Err(broken(format!("{table}: the load brought {clean} rows, and {gone} of them are there"))
                    .hint("Rows were changed or deleted since: nothing was undone. Take them out by hand."));
            }
            removed.push((table.clone(), gone));
        }
        let mark = format!(
            "UPDATE {}.karat_load SET outcome = 'undone', undone_at = $2::text::timestamptz WHERE load_id = $1",
            identifier(schema)
        );
        let marked = link.wait(link.client.execute(&mark, &[&load_id, &undone_at]));
        marked.map_err(|error| failed("cannot write the load history", &error))?;
        removed.sort();
        Ok(removed)
    }
}

fn read(link: &Link, schema: &str) -> Result<Vec<PastLoad>, tokio_postgres::Error> {
    let place = identifier(schema);
    let query = format!(
        "SELECT load_id, to_char(loaded_at AT TIME ZONE 'UTC', {MOMENT}), mode, contract, contract_sha256, karat_version, \
         to_char(undone_at AT TIME ZONE 'UTC', {MOMENT}) FROM {place}.karat_load ORDER BY loaded_at, finished_at, load_id"
    );
    let mut loads = link.query(&query, &[])?.iter().map(load).collect::<Result<Vec<_>, _>>()?;
    let places: BTreeMap<String, usize> =
        loads.iter().enumerate().map(|(index, load)| (load.load_id.clone(), index)).collect();
    let query = format!(
        "SELECT load_id, table_name, path, sha256, bytes, records, clean, rejected, replaced_by \
         FROM {place}.karat_load_file ORDER BY table_name, path"
    );
    for row in link.query(&query, &[])? {
        let of: String = row.try_get(0)?;
        if let Some(load) = places.get(&of).and_then(|&index| loads.get_mut(index)) {
            load.files.push(file(&row)?);
        }
    }
    Ok(loads)
}

fn load(row: &Row) -> Result<PastLoad, tokio_postgres::Error> {
    Ok(PastLoad {
        load_id: row.try_get(0)?,
        loaded_at: row.try_get(1)?,
        mode: row.try_get(2)?,
        contract: row.try_get(3)?,
        contract_sha256: row.try_get(4)?,
        karat_version: row.try_get(5)?,
        files: Vec::new(),
        undone_at: row.try_get(6)?,
    })
}

fn file(row: &Row) -> Result<PastFile, tokio_postgres::Error> {
    let number = |column: usize| row.try_get::<_, i64>(column).map(|number| u64::try_from(number).unwrap_or(0));
    let file = LoadedFile {
        table: row.try_get(1)?,
        path: row.try_get(2)?,
        sha256: row.try_get(3)?,
        bytes: number(4)?,
        records: number(5)?,
        clean: number(6)?,
        rejected: number(7)?,
    };
    Ok(PastFile { file, replaced_by: row.try_get(8)? })
}
