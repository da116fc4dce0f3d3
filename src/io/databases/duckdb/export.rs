//! Tables of a DuckDB file as Parquet files, so that they are read as any other file.

use std::fs;
use std::path::Path;

use duckdb::Connection;

use crate::io::InputFile;
use crate::io::databases::duckdb::{failed, history, read_only};
use crate::model::{Error, Result};
use crate::sql::{identifier, literal};

/// Copies a table of a database, or all of them, into files below `spool`; gives the name and the file of each, in the
/// order of their names. Types that Parquet lacks (intervals, huge integers beyond 38 digits, unions) come as text.
///
/// # Errors
/// Where the file does not open, has no such table, or the disk is full.
pub fn export(path: &Path, table: Option<&str>, spool: &Path) -> Result<Vec<(String, InputFile)>> {
    let connection = read_only(path)?;
    let names = tables(&connection)?;
    if let Some(table) = table.filter(|table| !names.iter().any(|name| name == table)) {
        return Err(Error::usage(format!("{} has no table `{table}`", path.display()))
            .hint(format!("It has: {}", names.join(", "))));
    }
    fs::create_dir_all(spool).map_err(|error| Error::writing(spool, error))?;
    let wanted = names.into_iter().filter(|name| table.is_none_or(|table| table == name));
    let mut found = Vec::new();
    for (number, name) in wanted.enumerate() {
        let file = spool.join(format!("table-{number}.parquet"));
        let columns = columns(&connection, &name)?;
        let to = literal(&file.display().to_string());
        let copy = format!("COPY (SELECT {columns} FROM {}) TO {to} (FORMAT parquet)", identifier(&name));
        connection.execute_batch(&copy).map_err(|error| failed(format!("cannot read {name}"), &error))?;
        let shown = format!("{}:{name}", path.display());
        found.push((name, InputFile { path: file, shown, partitions: Vec::new() }));
    }
    Ok(found)
}

/// Names the tables and views of the main schema, but for karat's own.
fn tables(connection: &Connection) -> Result<Vec<String>> {
    let query = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY table_name";
    let names = strings(connection, query, "cannot list the tables")?;
    Ok(names.into_iter().filter(|name| !history::TABLES.contains(&name.as_str())).collect())
}

/// Lists the columns of a table for a query: those Parquet has no type for as text.
fn columns(connection: &Connection, table: &str) -> Result<String> {
    let query = format!(
        "SELECT CASE WHEN regexp_matches(data_type, '^(BOOLEAN|U?(TINY|SMALL|BIG)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL|VARCHAR|DATE|TIME$|TIMESTAMP|BLOB|STRUCT|ENUM|.*\\[\\]$)') \
         THEN '\"' || replace(column_name, '\"', '\"\"') || '\"' \
         ELSE 'CAST(\"' || replace(column_name, '\"', '\"\"') || '\" AS VARCHAR) AS \"' || replace(column_name, '\"', '\"\"') || '\"' END \
         FROM information_schema.columns WHERE table_schema = 'main' AND table_name = {} ORDER BY ordinal_position",
        literal(table)
    );
    Ok(strings(connection, &query, "cannot list the columns")?.join(", "))
}

fn strings(connection: &Connection, query: &str, what: &str) -> Result<Vec<String>> {
    let wrong = |error: duckdb::Error| failed(what, &error);
    let mut statement = connection.prepare(query).map_err(wrong)?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0)).map_err(wrong)?;
    rows.collect::<std::result::Result<_, _>>().map_err(wrong)
}
