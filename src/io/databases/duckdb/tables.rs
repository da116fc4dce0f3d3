//! The tables a file has: their columns and definitions, and whether they fit the contract.

use duckdb::{Connection, OptionalExt};

use crate::io::databases::duckdb::{failed, history};
use crate::model::{Contract, Error, Result, Table};
use crate::sql::{self, Dialect};

/// A table as it is in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Names and types, in the table's order.
    pub columns: Vec<(String, String)>,
    /// `CREATE TABLE …`
    pub definition: String,
    /// `CREATE INDEX …`, those not made by constraints.
    pub indexes: Vec<String>,
}

/// What selects the objects of the file's main schema in DuckDB's catalog.
const HERE: &str = "database_name = current_database() AND schema_name = current_schema()";

/// Describes a table; `None` where there is none. DuckDB compares names without case.
///
/// # Errors
/// Where the name is a view's, or the catalog cannot be read.
pub fn describe(connection: &Connection, name: &str) -> Result<Option<Described>> {
    let wrong = |error: duckdb::Error| failed(format!("cannot look for {name} in the target"), &error);
    let query = format!("SELECT count(*) FROM duckdb_views() WHERE {HERE} AND lower(view_name) = lower(?)");
    let views: u64 = connection.query_row(&query, [name], |row| row.get(0)).map_err(wrong)?;
    if views > 0 {
        return Err(Error::output(format!("{name} is a view in the target"))
            .hint("Drop or rename the view, or rename the table in the contract."));
    }
    let query = format!("SELECT sql FROM duckdb_tables() WHERE {HERE} AND lower(table_name) = lower(?)");
    let definition: Option<String> =
        connection.query_row(&query, [name], |row| row.get(0)).optional().map_err(wrong)?;
    let Some(definition) = definition else { return Ok(None) };
    let list = |query: String| -> Result<Vec<(String, String)>> {
        let mut statement = connection.prepare(&query).map_err(wrong)?;
        let rows = statement.query_map([name], |row| Ok((row.get(0)?, row.get(1)?))).map_err(wrong)?;
        rows.collect::<duckdb::Result<_>>().map_err(wrong)
    };
    let columns = list(format!(
        "SELECT column_name, data_type FROM duckdb_columns() WHERE {HERE} AND lower(table_name) = lower(?) \
         ORDER BY column_index"
    ))?;
    let indexes = list(format!(
        "SELECT sql, index_name FROM duckdb_indexes() WHERE {HERE} AND lower(table_name) = lower(?) \
         AND sql IS NOT NULL AND sql <> '' ORDER BY index_name"
    ))?;
    let indexes = indexes.into_iter().map(|(sql, _)| sql).collect();
    Ok(Some(Described { columns, definition, indexes }))
}

/// Counts a table's rows.
///
/// # Errors
/// Where there is no such table.
pub fn count(connection: &Connection, name: &str) -> Result<u64> {
    number(connection, &format!("SELECT count(*) FROM {name}"))
}

/// Asks for one number.
///
/// # Errors
/// Where the query fails.
pub fn number(connection: &Connection, query: &str) -> Result<u64> {
    connection.query_row(query, [], |row| row.get(0)).map_err(|error| failed("cannot count rows in the target", &error))
}

/// Checks that a table has the contract's columns with its types, in any order.
///
/// # Errors
/// An output error that names every column that differs.
pub fn check_columns(connection: &Connection, table: &Table, there: &Described) -> Result<()> {
    let mut differ = Vec::new();
    for (column, asked) in table.columns.iter().zip(type_names(connection, table)?) {
        match there.columns.iter().find(|(name, _)| name.eq_ignore_ascii_case(&column.name)) {
            None => differ.push(format!("{} is missing there", column.name)),
            Some((_, found)) if *found != asked => {
                differ.push(format!("{} is {found} there and {asked} by the contract", column.name));
            }
            Some(_) => {}
        }
    }
    for (name, _) in &there.columns {
        if !table.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name)) {
            differ.push(format!("{name} is not in the contract"));
        }
    }
    if differ.is_empty() {
        return Ok(());
    }
    Err(Error::output(format!("the table {} does not fit the contract: {}", table.name, differ.join("; ")))
        .hint("Change the table (ALTER TABLE), or the contract, or load into another file."))
}

/// Gives the column types of a table as DuckDB itself writes them, so that equal types are equal texts.
fn type_names(connection: &Connection, table: &Table) -> Result<Vec<String>> {
    let name = |column: &crate::model::Column| {
        let query = format!("SELECT typeof(CAST(NULL AS {}))", sql::DuckDb.type_name(&column.data_type));
        let name = connection.query_row(&query, [], |row| row.get(0));
        name.map_err(|error| failed(format!("DuckDB has no type for {}.{}", table.name, column.name), &error))
    };
    table.columns.iter().map(name).collect()
}

/// Refuses names that are one and the same to DuckDB, which ignores case, and those of the load history.
///
/// # Errors
/// An output error that names both.
pub fn check_names(contract: &Contract, tables: &[usize]) -> Result<()> {
    let tables: Vec<&Table> = tables.iter().filter_map(|&index| contract.tables.get(index)).collect();
    distinct("tables", tables.iter().map(|table| table.name.as_str()))?;
    for table in tables {
        distinct(&format!("columns of {}", table.name), table.columns.iter().map(|column| column.name.as_str()))?;
        if history::TABLES.iter().any(|name| table.name.eq_ignore_ascii_case(name)) {
            return Err(Error::output(format!("{} is where karat keeps the load history", table.name))
                .hint("Give the table another name in the contract."));
        }
    }
    Ok(())
}

fn distinct<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut seen: Vec<&str> = Vec::new();
    for name in names {
        if let Some(other) = seen.iter().find(|other| other.eq_ignore_ascii_case(name) && **other != name) {
            return Err(Error::output(format!("DuckDB cannot tell the {what} {other} and {name} apart"))
                .hint("It ignores case in names: rename one of them."));
        }
        seen.push(name);
    }
    Ok(())
}
