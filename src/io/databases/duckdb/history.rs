//! The load history: `karat_load`, one row a load, and `karat_load_file`, one row a loaded file.

use duckdb::{Connection, OptionalExt, ToSql, params};

use crate::io::databases::duckdb::{failed, tables};
use crate::io::{Mode, Receipt};
use crate::model::Result;

/// The tables' names; no table of a contract may have them.
pub const TABLES: [&str; 2] = ["karat_load", "karat_load_file"];

const CREATE: &str = "
CREATE TABLE IF NOT EXISTS karat_load (
  load_id VARCHAR NOT NULL,
  loaded_at TIMESTAMPTZ NOT NULL,
  mode VARCHAR NOT NULL,
  contract VARCHAR NOT NULL,
  contract_sha256 VARCHAR NOT NULL,
  karat_version VARCHAR NOT NULL,
  undone_at TIMESTAMPTZ
);
CREATE TABLE IF NOT EXISTS karat_load_file (
  load_id VARCHAR NOT NULL,
  table_name VARCHAR NOT NULL,
  path VARCHAR NOT NULL,
  sha256 VARCHAR NOT NULL,
  bytes UBIGINT NOT NULL,
  records UBIGINT NOT NULL,
  clean UBIGINT NOT NULL,
  rejected UBIGINT NOT NULL,
  replaced_by VARCHAR
);";

/// Files of earlier versions lack the column.
pub const WIDEN: &str = "ALTER TABLE karat_load ADD COLUMN IF NOT EXISTS undone_at TIMESTAMPTZ";

/// Finds the last load that took a file with some value in a column of its history into a table, and whose rows are
/// still there.
///
/// # Errors
/// Where the history cannot be read.
pub fn find(reader: &Connection, table: &str, column: &str, value: &dyn ToSql) -> Result<Option<String>> {
    let [_, files] = TABLES;
    if tables::describe(reader, files)?.is_none() {
        return Ok(None);
    }
    let query = format!(
        "SELECT load_id FROM karat_load_file WHERE table_name = ? AND {column} = ? AND replaced_by IS NULL \
         ORDER BY rowid DESC LIMIT 1"
    );
    let found = reader.query_row(&query, params![table, value], |row| row.get(0));
    found.optional().map_err(|error| failed("cannot read the load history", &error))
}

/// Adds a load: its files, and that it replaced tables where it did.
///
/// # Errors
/// Where the history cannot be written.
pub fn add(writer: &Connection, receipt: &Receipt, mode: Mode, loaded: &[&str]) -> Result<()> {
    write(writer, receipt, mode, loaded).map_err(|error| failed("cannot write the load history", &error))
}

fn write(writer: &Connection, receipt: &Receipt, mode: Mode, loaded: &[&str]) -> duckdb::Result<()> {
    writer.execute_batch(CREATE)?;
    writer.execute_batch(WIDEN)?;
    if mode == Mode::Replace {
        let mut replaced = writer
            .prepare("UPDATE karat_load_file SET replaced_by = ? WHERE table_name = ? AND replaced_by IS NULL")?;
        for table in loaded {
            replaced.execute(params![receipt.load_id, table])?;
        }
    }
    writer.execute(
        "INSERT INTO karat_load (load_id, loaded_at, mode, contract, contract_sha256, karat_version) \
         VALUES (?, CAST(? AS TIMESTAMPTZ), ?, ?, ?, ?)",
        params![
            receipt.load_id,
            receipt.loaded_at,
            mode.name(),
            receipt.contract,
            receipt.contract_sha256,
            env!("CARGO_PKG_VERSION")
        ],
    )?;
    let mut file = writer.prepare("INSERT INTO karat_load_file VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)")?;
    for taken in &receipt.files {
        file.execute(params![
            receipt.load_id,
            taken.table,
            taken.path,
            taken.sha256,
            taken.bytes,
            taken.records,
            taken.clean,
            taken.rejected
        ])?;
    }
    Ok(())
}
