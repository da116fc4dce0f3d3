//! The load history: `karat_load`, one row a load, and `karat_load_file`, one row a loaded file, in the schema of the
//! loaded tables.

use tokio_postgres::types::ToSql;

use crate::io::databases::postgres::connect::Link;
use crate::io::databases::postgres::failure::failed;
use crate::io::{Mode, Receipt};
use crate::model::Result;
use crate::sql::{identifier, literal};

/// The tables' names; no table of a contract may have them.
pub const TABLES: [&str; 2] = ["karat_load", "karat_load_file"];

/// Makes the tables; `{schema}` stands for the quoted schema.
const CREATE: &str = "
CREATE TABLE IF NOT EXISTS {schema}.karat_load (
  load_id text PRIMARY KEY,
  loaded_at timestamptz NOT NULL,
  finished_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  mode text NOT NULL,
  contract text NOT NULL,
  contract_sha256 text NOT NULL,
  karat_version text NOT NULL,
  outcome text NOT NULL DEFAULT 'loaded',
  undone_at timestamptz
);
CREATE TABLE IF NOT EXISTS {schema}.karat_load_file (
  load_id text NOT NULL REFERENCES {schema}.karat_load,
  table_name text NOT NULL,
  path text NOT NULL,
  sha256 text NOT NULL,
  bytes bigint NOT NULL,
  records bigint NOT NULL,
  clean bigint NOT NULL,
  rejected bigint NOT NULL,
  replaced_by text REFERENCES {schema}.karat_load
);
CREATE INDEX IF NOT EXISTS karat_load_file_content ON {schema}.karat_load_file (table_name, sha256);
CREATE INDEX IF NOT EXISTS karat_load_file_load ON {schema}.karat_load_file (load_id);";

/// Tells whether the schema has a history.
///
/// # Errors
/// Where the catalog cannot be read.
pub fn is_there(link: &Link, schema: &str) -> Result<bool, tokio_postgres::Error> {
    let query = "SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                 WHERE n.nspname = $1 AND c.relname IN ('karat_load', 'karat_load_file') AND c.relkind = 'r'";
    Ok(link.number(query, &[&schema])? == 2)
}

/// Finds the last load that took a file with some value in a column of its history into a table, and whose rows are
/// still there.
///
/// # Errors
/// Where the history cannot be read.
pub fn find(
    link: &Link,
    schema: &str,
    table: &str,
    column: &str,
    value: &(dyn ToSql + Sync),
) -> Result<Option<String>> {
    let look = || {
        if !is_there(link, schema)? {
            return Ok(None);
        }
        let place = identifier(schema);
        let query = format!(
            "SELECT load_id FROM {place}.karat_load_file JOIN {place}.karat_load USING (load_id) \
             WHERE table_name = $1 AND {column} = $2 AND replaced_by IS NULL AND outcome <> 'undone' \
             ORDER BY loaded_at DESC, finished_at DESC LIMIT 1"
        );
        link.query(&query, &[&table, value])?.first().map(|row| row.try_get(0)).transpose()
    };
    look().map_err(|error| failed("cannot read the load history", &error))
}

/// Tells whether a load is in the history, which is so where it was committed.
///
/// # Errors
/// The server's.
pub fn knows(link: &Link, schema: &str, load_id: &str) -> Result<bool, tokio_postgres::Error> {
    if !is_there(link, schema)? {
        return Ok(false);
    }
    let query = format!("SELECT count(*) FROM {}.karat_load WHERE load_id = $1", identifier(schema));
    Ok(link.number(&query, &[&load_id])? == 1)
}

/// Adds a load: its files, and that it replaced tables where it did.
///
/// # Errors
/// Where the history cannot be written.
pub fn add(link: &Link, schema: &str, receipt: &Receipt, mode: Mode, loaded: &[&str]) -> Result<()> {
    write(link, schema, receipt, mode, loaded).map_err(|error| failed("cannot write the load history", &error))
}

fn write(
    link: &Link,
    schema: &str,
    receipt: &Receipt,
    mode: Mode,
    loaded: &[&str],
) -> Result<(), tokio_postgres::Error> {
    let place = identifier(schema);
    if !is_there(link, schema)? {
        // Two first loads at once would both make the tables: the second waits for the first here.
        let lock = literal(&format!("karat:{schema}"));
        link.batch(&format!("SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended({lock}, 0))"))?;
        link.batch(&CREATE.replace("{schema}", &place))?;
    }
    let insert = format!(
        "INSERT INTO {place}.karat_load (load_id, loaded_at, mode, contract, contract_sha256, karat_version) \
         VALUES ($1, $2::text::timestamptz, $3, $4, $5, $6)"
    );
    let Receipt { load_id, loaded_at, contract, contract_sha256, .. } = receipt;
    let version = env!("CARGO_PKG_VERSION");
    link.query(&insert, &[load_id, loaded_at, &mode.name(), contract, contract_sha256, &version])?;
    if mode == Mode::Replace {
        let replaced = format!(
            "UPDATE {place}.karat_load_file SET replaced_by = $1 WHERE table_name = ANY ($2) AND replaced_by IS NULL"
        );
        link.query(&replaced, &[load_id, &loaded])?;
    }
    let insert = format!("INSERT INTO {place}.karat_load_file VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL)");
    let statement = link.wait(link.client.prepare(&insert))?;
    for file in &receipt.files {
        let [bytes, records, clean, rejected] = [file.bytes, file.records, file.clean, file.rejected]
            .map(|number| i64::try_from(number).unwrap_or(i64::MAX));
        let values: [&(dyn tokio_postgres::types::ToSql + Sync); 8] =
            [load_id, &file.table, &file.path, &file.sha256, &bytes, &records, &clean, &rejected];
        link.wait(link.client.execute(&statement, &values))?;
    }
    Ok(())
}
