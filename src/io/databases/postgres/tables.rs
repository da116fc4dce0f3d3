//! The tables a schema has: their columns and keys, and whether they fit the contract.

use crate::io::databases::postgres::connect::Link;
use crate::io::databases::postgres::failure::failed;
use crate::io::databases::postgres::history;
use crate::io::databases::postgres::wire::Wire;
use crate::model::{Contract, Error, Result, Table};
use crate::sql::{self, Dialect, identifier};

/// A table as it is in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    pub oid: u32,
    /// Rows are counted by the server as statements write them: a plain table without triggers.
    pub plain: bool,
    /// A foreign key refers to the table itself.
    pub circular: bool,
    pub columns: Vec<Column>,
}

/// A column as it is in the database.
#[expect(clippy::struct_excessive_bools, reason = "the catalog says so many things with yes or no")]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// Its type as the server writes it.
    pub shown: String,
    /// The type's own name; that beneath where it is a domain.
    pub base: String,
    /// What the type has in brackets, in the server's own coding.
    pub typmod: i32,
    pub is_enum: bool,
    pub not_null: bool,
    /// Has a value where none is given.
    pub filled: bool,
    /// Takes no value.
    pub generated: bool,
    /// `GENERATED ALWAYS AS IDENTITY`
    pub always: bool,
}

const TABLE: &str = "
SELECT c.oid, c.relkind::text, c.relkind = 'r'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal),
  EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.contype = 'f' AND k.conrelid = c.oid AND k.confrelid = c.oid)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2";

const COLUMNS: &str = "
WITH RECURSIVE base (number, type, typmod) AS (
  SELECT attnum, atttypid, atttypmod FROM pg_catalog.pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped
  UNION ALL
  SELECT number, typbasetype, greatest(typtypmod, typmod) FROM base
  JOIN pg_catalog.pg_type ON oid = type WHERE typtype = 'd')
SELECT a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), t.typname::text, base.typmod, t.typtype = 'e',
  a.attnotnull, a.atthasdef OR a.attidentity <> '', a.attgenerated <> '', a.attidentity = 'a'
FROM base JOIN pg_catalog.pg_type t ON t.oid = base.type AND t.typtype <> 'd'
JOIN pg_catalog.pg_attribute a ON a.attrelid = $1 AND a.attnum = base.number
ORDER BY base.number";

const UNIQUE: &str = "
SELECT array_agg(a.attname::text), i.indimmediate
FROM pg_catalog.pg_index i CROSS JOIN LATERAL generate_series(0, i.indnkeyatts - 1) AS k
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k]
WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
GROUP BY i.indexrelid";

const REFERRING: &str = "
SELECT c.conrelid, c.conrelid::regclass::text, c.confdeltype::text
FROM pg_catalog.pg_constraint c WHERE c.contype = 'f' AND c.confrelid = $1 AND c.conrelid <> $1 AND c.conparentid = 0
ORDER BY 2";

/// Finds the schema to load into: the one asked for, else the first of the search path.
///
/// # Errors
/// Where there is none.
pub fn schema(link: &Link, asked: Option<&str>) -> Result<String> {
    let wrong = |error| failed("cannot look for the schema", &error);
    let Some(asked) = asked else {
        let rows = link.query("SELECT pg_catalog.current_schema()::text", &[]).map_err(wrong)?;
        let found: Option<String> = rows.first().and_then(|row| row.try_get(0).ok()).flatten();
        return found.ok_or_else(|| {
            Error::output("no schema of the search path is there").hint("Name one: ?schema=public, or make it there.")
        });
    };
    let rows = link.query("SELECT nspname::text FROM pg_catalog.pg_namespace ORDER BY 1", &[]).map_err(wrong)?;
    let names: Vec<String> = rows.iter().filter_map(|row| row.try_get(0).ok()).collect();
    if names.iter().any(|name| name == asked) {
        return Ok(asked.to_owned());
    }
    let ours: Vec<&str> = names.iter().map(String::as_str).filter(|name| !name.starts_with("pg_")).collect();
    Err(Error::output(format!("the database has no schema {asked}"))
        .hint(format!("Make it there: CREATE SCHEMA {};", identifier(asked)))
        .hint(format!("There are: {}", ours.join(", "))))
}

/// Describes a table; `None` where there is none.
///
/// # Errors
/// Where the name is another thing's.
pub fn describe(link: &Link, schema: &str, name: &str) -> Result<Option<Described>> {
    let wrong = |error| failed(format!("cannot look for {name} in the target"), &error);
    let rows = link.query(TABLE, &[&schema, &name]).map_err(wrong)?;
    let Some(row) = rows.first() else { return Ok(None) };
    let (oid, kind): (u32, String) = (row.try_get(0).map_err(wrong)?, row.try_get(1).map_err(wrong)?);
    let (plain, circular) = (row.try_get(2).map_err(wrong)?, row.try_get(3).map_err(wrong)?);
    let other = match kind.as_str() {
        "r" | "p" => None,
        "v" | "m" => Some("a view"),
        "f" => Some("a foreign table"),
        _ => Some("no table"),
    };
    if let Some(other) = other {
        return Err(Error::output(format!("{name} is {other} in the target"))
            .hint("Drop or rename it there, or rename the table in the contract."));
    }
    let columns = link.query(COLUMNS, &[&oid]).map_err(wrong)?;
    let columns: Result<Vec<Column>, tokio_postgres::Error> = columns.iter().map(column).collect();
    Ok(Some(Described { oid, plain, circular, columns: columns.map_err(wrong)? }))
}

fn column(row: &tokio_postgres::Row) -> Result<Column, tokio_postgres::Error> {
    Ok(Column {
        name: row.try_get(0)?,
        shown: row.try_get(1)?,
        base: row.try_get(2)?,
        typmod: row.try_get(3)?,
        is_enum: row.try_get(4)?,
        not_null: row.try_get(5)?,
        filled: row.try_get(6)?,
        generated: row.try_get(7)?,
        always: row.try_get(8)?,
    })
}

/// Checks that a table takes the contract's columns, in any order, and gives the forms in which they travel. Columns
/// that the contract does not have are fine where they may be left out.
///
/// # Errors
/// An output error that names every column that differs.
pub fn fit(table: &Table, there: &Described) -> Result<Vec<Wire>> {
    let (mut differ, mut wires) = (Vec::new(), Vec::new());
    for column in &table.columns {
        let name = &column.name;
        let Some(found) = there.columns.iter().find(|found| found.name == *name) else {
            let alike = there.columns.iter().find(|found| found.name.eq_ignore_ascii_case(name));
            differ.push(match alike {
                Some(alike) => format!("{name} is called {} there", alike.name),
                None => format!("{name} is missing there"),
            });
            continue;
        };
        match Wire::into_column(&column.data_type, found) {
            Some(_) if found.generated => differ.push(format!("{name} is computed there")),
            Some(wire) => wires.push(wire),
            None => {
                let asked = sql::Postgres.type_name(&column.data_type).to_lowercase();
                differ.push(format!("{name} is {} there and {asked} by the contract", found.shown));
            }
        }
    }
    for found in &there.columns {
        let known = table.columns.iter().any(|column| column.name == found.name);
        if !known && found.not_null && !found.filled && !found.generated {
            differ.push(format!("{} is not in the contract, and wants a value there", found.name));
        }
    }
    if differ.is_empty() {
        return Ok(wires);
    }
    Err(Error::output(format!("the table {} does not fit the contract: {}", table.name, differ.join("; ")))
        .hint("Change the table (ALTER TABLE), or the contract, or load into another schema (?schema=…)."))
}

/// Makes sure that the server itself keeps the primary key unique, which an upsert goes by.
///
/// # Errors
/// An output error with the statement that makes it so.
pub fn check_key(link: &Link, place: &str, table: &Table, there: &Described) -> Result<()> {
    let mut key: Vec<&str> = sql::key_columns(table).iter().map(|column| column.name.as_str()).collect();
    let listed = sql::identifiers(key.iter().copied());
    key.sort_unstable();
    let rows = link.query(UNIQUE, &[&there.oid]);
    let rows = rows.map_err(|error| failed(format!("cannot look at the keys of {}", table.name), &error))?;
    let is_key = |row: &tokio_postgres::Row| {
        let mut names: Vec<Option<String>> = row.try_get(0).unwrap_or_default();
        names.sort_unstable();
        names.iter().map(Option::as_deref).eq(key.iter().copied().map(Some))
    };
    let on_key: Vec<bool> = rows.iter().filter(|row| is_key(row)).map(|row| row.try_get(1).unwrap_or(true)).collect();
    if on_key.contains(&false) {
        return Err(Error::output(format!("{}: a unique constraint on the primary key is deferrable", table.name))
            .hint("PostgreSQL cannot upsert by it: make it NOT DEFERRABLE, or load with `--mode append`."));
    }
    if !on_key.is_empty() {
        return Ok(());
    }
    Err(Error::output(format!("{}: no unique index of the target is on exactly the primary key", table.name))
        .hint(format!("Make one there: CREATE UNIQUE INDEX ON {place} ({listed});"))
        .hint("Or load with `--mode append` or `--mode replace`."))
}

/// Gives the tables that refer to one by a foreign key, and what the key does with their rows when rows of this one
/// are deleted.
///
/// # Errors
/// Where the catalog cannot be read.
pub fn referring(link: &Link, oid: u32) -> Result<Vec<(u32, String, String)>> {
    let wrong = |error| failed("cannot look for foreign keys in the target", &error);
    let rows = link.query(REFERRING, &[&oid]).map_err(wrong)?;
    let one = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
    rows.iter().map(one).collect::<Result<_, _>>().map_err(wrong)
}

/// Gives an order of tables in which none comes before those that refer to it; tables in a circle come last first.
///
/// # Errors
/// Where the catalog cannot be read.
pub fn children_first(link: &Link, oids: &[u32]) -> Result<Vec<usize>> {
    let mut by = Vec::new();
    for oid in oids {
        by.push(referring(link, *oid)?.into_iter().map(|(by, ..)| by).collect::<Vec<u32>>());
    }
    let mut left: Vec<(usize, &u32, &Vec<u32>)> =
        oids.iter().zip(&by).enumerate().map(|(index, (oid, by))| (index, oid, by)).collect();
    let mut order = Vec::new();
    while let Some(last) = left.len().checked_sub(1) {
        let waits = |by: &Vec<u32>| left.iter().any(|(_, other, _)| by.contains(other));
        let next = left.iter().rposition(|(_, _, by)| !waits(by)).unwrap_or(last);
        order.push(left.remove(next).0);
    }
    Ok(order)
}

/// Bytes of a name at most; the server would cut a longer one without a word.
const NAME: usize = 63;

/// Refuses names that PostgreSQL cannot have, and those of the load history.
///
/// # Errors
/// A usage error that names them.
pub fn check_names(contract: &Contract, tables: &[usize]) -> Result<()> {
    for table in tables.iter().filter_map(|&index| contract.tables.get(index)) {
        check_name("table", &table.name)?;
        if history::TABLES.contains(&table.name.as_str()) {
            return Err(Error::usage(format!("{} is where karat keeps the load history", table.name))
                .hint("Give the table another name in the contract."));
        }
        table.columns.iter().try_for_each(|column| check_name("column", &column.name))?;
    }
    Ok(())
}

fn check_name(what: &str, name: &str) -> Result<()> {
    let why = if name.is_empty() {
        "a name cannot be empty there".to_owned()
    } else if name.len() > NAME {
        format!("it has {} bytes, names there at most {NAME}", name.len())
    } else if name.contains('\0') {
        "a name cannot hold U+0000 there".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::usage(format!("PostgreSQL cannot have the {what} `{}`: {why}", name.escape_debug()))
        .hint("Give it another name in the contract."))
}
