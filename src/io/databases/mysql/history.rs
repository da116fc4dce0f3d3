//! The load history: `karat_load`, one row a load, and `karat_load_file`, one row a loaded file. Both stay when the first
//! load fails: they cannot be made inside its transaction.

use mysql::{Conn, Value};

use crate::io::databases::mysql::connect::{all, number, run, text, whole};
use crate::io::databases::mysql::errors::wrong;
use crate::io::databases::mysql::tables;
use crate::io::{LoadedFile, Mode, PastFile, PastLoad, Receipt};
use crate::model::Result;
use crate::sql::literal;

/// The tables' names; no table of a contract may have them.
pub const TABLES: [&str; 2] = ["karat_load", "karat_load_file"];

const CREATE: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS karat_load (
  number BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  load_id VARCHAR(255) NOT NULL UNIQUE,
  loaded_at DATETIME(6) NOT NULL,
  finished_at DATETIME(6) NOT NULL,
  mode VARCHAR(16) NOT NULL,
  contract LONGTEXT NOT NULL,
  contract_sha256 VARCHAR(255) NOT NULL,
  karat_version VARCHAR(64) NOT NULL,
  outcome VARCHAR(16) NOT NULL,
  undone_at DATETIME(6)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    "CREATE TABLE IF NOT EXISTS karat_load_file (
  number BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  load_id VARCHAR(255) NOT NULL,
  table_name VARCHAR(64) NOT NULL,
  path LONGTEXT NOT NULL,
  sha256 LONGTEXT NOT NULL,
  bytes BIGINT UNSIGNED NOT NULL,
  records BIGINT UNSIGNED NOT NULL,
  clean BIGINT UNSIGNED NOT NULL,
  rejected BIGINT UNSIGNED NOT NULL,
  replaced_by VARCHAR(255),
  KEY by_content (table_name, sha256(80)),
  KEY by_load (load_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
];

/// Makes the tables where they are missing. This ends a transaction.
///
/// # Errors
/// Where the server does not make them.
pub fn prepare(conn: &mut Conn) -> Result<()> {
    for (name, statement) in TABLES.iter().zip(CREATE) {
        if tables::describe(conn, name, false)?.is_none() {
            run(conn, statement).map_err(|error| wrong("cannot make the load history", &error))?;
        }
    }
    Ok(())
}

/// Tells whether there is a history.
///
/// # Errors
/// Where the catalog cannot be read.
pub fn is_there(conn: &mut Conn) -> Result<bool> {
    for name in TABLES {
        if tables::describe(conn, name, false)?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Finds the last load that took a file with some value in a column of its history into a table, and whose rows are
/// still there.
///
/// # Errors
/// Where the history cannot be read.
pub fn find(conn: &mut Conn, table: &str, column: &str, value: &str) -> Result<Option<String>> {
    if !is_there(conn)? {
        return Ok(None);
    }
    let query = format!(
        "SELECT file.load_id FROM karat_load_file AS file JOIN karat_load USING (load_id) \
         WHERE file.table_name = ? AND file.{column} = ? AND file.replaced_by IS NULL AND undone_at IS NULL \
         ORDER BY file.number DESC LIMIT 1"
    );
    let rows = all(conn, &query, &[table, value]).map_err(|error| wrong("cannot read the load history", &error))?;
    Ok(rows.first().and_then(|row| text(row.first())))
}

/// Tells whether a load is in the history.
///
/// # Errors
/// The server's.
pub fn has(conn: &mut Conn, load_id: &str) -> Result<bool, mysql::Error> {
    Ok(number(conn, "SELECT COUNT(*) FROM karat_load WHERE load_id = ?", &[load_id])? > 0)
}

/// Adds a load: its files, and that it replaced tables where it did.
///
/// # Errors
/// Where the history cannot be written.
pub fn add(conn: &mut Conn, receipt: &Receipt, mode: Mode, loaded: &[&str]) -> Result<()> {
    let mut statements = Vec::new();
    let id = literal(&receipt.load_id);
    for table in loaded.iter().filter(|_| mode == Mode::Replace) {
        // By their numbers: a range would lock the gaps in which loads of other tables write.
        let query =
            format!("SELECT number FROM karat_load_file WHERE table_name = {} AND replaced_by IS NULL", literal(table));
        let numbers = all(conn, &query, &[]).map_err(|error| wrong("cannot read the load history", &error))?;
        let numbers: Vec<String> = numbers.iter().filter_map(|row| text(row.first())).collect();
        statements.extend(numbers.chunks(1000).map(|numbers| {
            format!("UPDATE karat_load_file SET replaced_by = {id} WHERE number IN ({})", numbers.join(", "))
        }));
    }
    statements.push(format!(
        "INSERT INTO karat_load (load_id, loaded_at, finished_at, mode, contract, contract_sha256, karat_version, outcome) \
         VALUES ({id}, {}, UTC_TIMESTAMP(6), {}, {}, {}, {}, 'loaded')",
        literal(&moment(&receipt.loaded_at)),
        literal(mode.name()),
        literal(&receipt.contract),
        literal(&receipt.contract_sha256),
        literal(env!("CARGO_PKG_VERSION")),
    ));
    statements.extend(receipt.files.iter().map(|file| {
        format!(
            "INSERT INTO karat_load_file (load_id, table_name, path, sha256, bytes, records, clean, rejected) \
             VALUES ({id}, {}, {}, {}, {}, {}, {}, {})",
            literal(&file.table),
            literal(&file.path),
            literal(&file.sha256),
            file.bytes,
            file.records,
            file.clean,
            file.rejected
        )
    }));
    for statement in statements {
        run(conn, &statement).map_err(|error| wrong("cannot write the load history", &error))?;
    }
    Ok(())
}

/// Marks a load as undone.
///
/// # Errors
/// The server's.
pub fn mark_undone(conn: &mut Conn, load_id: &str, undone_at: &str) -> Result<u64, mysql::Error> {
    let (id, at) = (literal(load_id), literal(&moment(undone_at)));
    run(conn, &format!("UPDATE karat_load SET outcome = 'undone', undone_at = {at} WHERE load_id = {id}"))
}

/// Gives all loads, oldest first.
///
/// # Errors
/// The server's.
pub fn loads(conn: &mut Conn) -> Result<Vec<PastLoad>, mysql::Error> {
    // Both in one snapshot, so that no load is without its files.
    run(conn, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")?;
    let rows = all(
        conn,
        "SELECT load_id, DATE_FORMAT(loaded_at, '%Y-%m-%dT%H:%i:%s.%fZ'), mode, contract, contract_sha256, \
         karat_version, DATE_FORMAT(undone_at, '%Y-%m-%dT%H:%i:%s.%fZ') FROM karat_load ORDER BY number",
        &[],
    )?;
    let files = all(
        conn,
        "SELECT load_id, table_name, path, sha256, bytes, records, clean, rejected, replaced_by FROM karat_load_file \
         ORDER BY number",
        &[],
    )?;
    run(conn, "COMMIT")?;
    let cell = |row: &[Value], index: usize| text(row.get(index)).unwrap_or_default();
    let file = |row: &Vec<Value>| PastFile {
        file: LoadedFile {
            table: cell(row, 1),
            path: cell(row, 2),
            sha256: cell(row, 3),
            bytes: whole(row.get(4)).unwrap_or(0),
            records: whole(row.get(5)).unwrap_or(0),
            clean: whole(row.get(6)).unwrap_or(0),
            rejected: whole(row.get(7)).unwrap_or(0),
        },
        replaced_by: text(row.get(8)),
    };
    let mut past: Vec<PastLoad> = Vec::new();
    for row in &rows {
        past.push(PastLoad {
            load_id: cell(row, 0),
            loaded_at: cell(row, 1),
            mode: cell(row, 2),
            contract: cell(row, 3),
            contract_sha256: cell(row, 4),
            karat_version: cell(row, 5),
            files: files.iter().filter(|file| text(file.first()) == text(row.first())).map(file).collect(),
            undone_at: text(row.get(6)),
        });
    }
    Ok(past)
}

/// Writes a moment of RFC 3339 in UTC as the server reads it.
fn moment(text: &str) -> String {
    text.trim_end_matches(['Z', 'z']).trim_end_matches("+00:00").replace(['T', 't'], " ")
}
