//! The load history as it is read, and loads that are undone.

use std::path::{Path, PathBuf};

use duckdb::{Connection, params};

use crate::io::databases::duckdb::{Database, failed, history, read_only, tables};
use crate::io::{LOAD_ID, Ledger};
use crate::model::history::{undoable, without_load_id};
use crate::model::{Error, ErrorKind, LoadedFile, PastFile, PastLoad, Result};
use crate::sql::identifier;

/// The history of a DuckDB file.
pub struct DuckDbLedger {
    path: PathBuf,
}

impl DuckDbLedger {
    /// Names the file, which must be there.
    ///
    /// # Errors
    /// A usage error where it is not.
    pub fn new(path: &Path) -> Result<Self> {
        if !path.is_file() {
            return Err(Error::usage(format!("{} does not exist", path.display())));
        }
        Ok(Self { path: path.to_owned() })
    }
}

impl Ledger for DuckDbLedger {
    fn loads(&mut self) -> Result<Vec<PastLoad>> {
        read(&read_only(&self.path)?)
    }

    fn undo(&mut self, load_id: &str, undone_at: &str) -> Result<Vec<(String, u64)>> {
        let file = Database::open(&self.path)?;
        let wrong = |error: duckdb::Error| failed(format!("cannot undo {load_id}"), &error);
        let tables = undoable(&read(&file.reader)?, load_id)?;
        file.writer.execute_batch("BEGIN").map_err(wrong)?;
        file.writer.execute_batch(history::WIDEN).map_err(wrong)?;
        let mut removed = Vec::new();
        for (table, loaded) in tables {
            let there = tables::describe(&file.reader, &table)?;
            if !there.is_some_and(|there| there.columns.iter().any(|(name, _)| name == LOAD_ID)) {
                return Err(without_load_id(&table));
            }
            let delete = format!("DELETE FROM {} WHERE {} = ?", identifier(&table), identifier(LOAD_ID));
            let gone = file.writer.execute(&delete, [load_id]).map_err(wrong)? as u64;
            if gone != loaded {
                let message = format!("{table} has {gone} rows of {load_id}, which loaded {loaded}");
                return Err(Error::new(ErrorKind::Conservation, message)
                    .hint("Rows were changed or deleted since. Nothing was undone."));
            }
            removed.push((table, gone));
        }
        let mark = "UPDATE karat_load SET undone_at = CAST(? AS TIMESTAMPTZ) WHERE load_id = ?";
        file.writer.execute(mark, params![undone_at, load_id]).map_err(wrong)?;
        let free = "UPDATE karat_load_file SET replaced_by = ? WHERE load_id = ?";
        file.writer.execute(free, params![format!("undo of {load_id}"), load_id]).map_err(wrong)?;
        file.commit()?;
        Ok(removed)
    }
}

/// Writes a moment in UTC, as DuckDB does, in the form of RFC 3339.
fn rfc3339(text: &str) -> String {
    format!("{}Z", text.trim_end_matches("+00").replacen(' ', "T", 1))
}

fn read(file: &Connection) -> Result<Vec<PastLoad>> {
    let [loads, _] = history::TABLES;
    let Some(there) = tables::describe(file, loads)? else { return Ok(Vec::new()) };
    let undone = if there.columns.iter().any(|(name, _)| name == "undone_at") { "undone_at" } else { "NULL" };
    let wrong = |error: duckdb::Error| failed("cannot read the load history", &error);
    // As text: without the extension for time zones DuckDB writes moments in UTC.
    let query = format!(
        "SELECT load_id, CAST(loaded_at AS VARCHAR), mode, contract, contract_sha256, karat_version, \
         CAST({undone} AS VARCHAR) FROM karat_load ORDER BY rowid"
    );
    let mut statement = file.prepare(&query).map_err(wrong)?;
    let rows = statement.query_map([], |row| {
        Ok(PastLoad {
            load_id: row.get(0)?,
            loaded_at: rfc3339(&row.get::<_, String>(1)?),
            mode: row.get(2)?,
            contract: row.get(3)?,
            contract_sha256: row.get(4)?,
            karat_version: row.get(5)?,
            undone_at: row.get::<_, Option<String>>(6)?.as_deref().map(rfc3339),
            files: Vec::new(),
        })
    });
    let mut loads = rows.and_then(Iterator::collect::<duckdb::Result<Vec<PastLoad>>>).map_err(wrong)?;
    let query = "SELECT load_id, table_name, path, sha256, bytes, records, clean, rejected, replaced_by \
                 FROM karat_load_file ORDER BY rowid";
    let mut statement = file.prepare(query).map_err(wrong)?;
    let rows = statement.query_map([], |row| {
        let file = LoadedFile {
            table: row.get(1)?,
            path: row.get(2)?,
            sha256: row.get(3)?,
            bytes: row.get(4)?,
            records: row.get(5)?,
            clean: row.get(6)?,
            rejected: row.get(7)?,
        };
        Ok((row.get::<_, String>(0)?, PastFile { file, replaced_by: row.get(8)? }))
    });
    for row in rows.map_err(wrong)? {
        let (load_id, file) = row.map_err(wrong)?;
        if let Some(load) = loads.iter_mut().find(|load| load.load_id == load_id) {
            load.files.push(file);
        }
    }
    Ok(loads)
}
