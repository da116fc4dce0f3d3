//! Rows of a server as Parquet files, as they were at one moment.
//!
//! All connections read the same snapshot (`pg_export_snapshot`), each a range of the key. Types that Parquet lacks
//! (`json`, arrays, `uuid`, enums, intervals, `numeric` without places) come as text, as the server writes it.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio_postgres::types::Type;

use crate::io::InputFile;
use crate::io::databases::postgres::connect::{self, Link};
use crate::io::databases::postgres::failure::failed;
use crate::io::databases::postgres::read::Reading;
use crate::io::databases::postgres::settings::Login;
use crate::io::databases::postgres::wire;
use crate::io::databases::{Extract, Rows};
use crate::io::formats::write;
use crate::model::{Column, DataType, Error, ErrorKind, Format, Result, SourceSpec, Table, TableGeneration};
use crate::sql::{identifier, literal, script};

/// Names that an error lists at most.
const LISTED: usize = 20;

/// Copies rows into files.
///
/// # Errors
/// As [`crate::io::databases::extract`].
pub fn extract(asked: &Extract<'_>) -> Result<Vec<InputFile>> {
    let login = Arc::new(Login::new(asked.address.clone(), asked.access)?);
    let query = match &asked.rows {
        Rows::Query(query) => Some(single(query)?),
        Rows::Table(_) => None,
    };
    let runtime = connect::runtime()?;
    let link = Link::open(&runtime, &login)?;
    let wrong = |error: &tokio_postgres::Error| unreadable(&asked.rows, error);
    link.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").map_err(|error| wrong(&error))?;
    let query = match (&asked.rows, query) {
        (Rows::Table(name), _) => format!("SELECT * FROM {}", find(&link, &login, name)?),
        (Rows::Query(_), query) => query.unwrap_or_default().to_owned(),
    };
    let from = format!("(\n{query}\n) AS karat_rows");
    let described = link.wait(link.client.prepare(&format!("SELECT * FROM {from}"))).map_err(|error| wrong(&error))?;
    let (table, list) = describe(described.columns())?;
    let parts = match asked.partition_on.filter(|_| asked.threads > 1) {
        Some(key) => divide(&link, &from, key, described.columns(), asked.threads).map_err(input)?,
        None => vec![String::new()],
    };
    fs::create_dir_all(asked.spool).map_err(|error| Error::writing(asked.spool, error))?;
    let parts: Vec<Part> = parts
        .into_iter()
        .enumerate()
        .map(|(number, condition)| Part {
            query: format!("SELECT {list} FROM {from}{condition}"),
            path: asked.spool.join(format!("part-{number}.parquet")),
        })
        .collect();
    match parts.as_slice() {
        [only] => only.copy(&link, &table, asked)?,
        several => together(&runtime, &login, &link, several, &table, asked)?,
    }
    let shown = match &asked.rows {
        Rows::Table(name) => format!("{}?table={name}", login.shown),
        Rows::Query(_) => format!("{}?query", login.shown),
    };
    Ok(parts
        .into_iter()
        .map(|part| InputFile { shown: shown.clone(), path: part.path, partitions: Vec::new() })
        .collect())
}

/// One range of the rows and its file.
struct Part {
    query: String,
    path: PathBuf,
}

impl Part {
    fn copy(&self, link: &Link, table: &Table, asked: &Extract<'_>) -> Result<()> {
        let copied = self.read(link, table, asked);
        if copied.is_err() {
            // The server may have more to give, for nobody.
            link.cancel();
        }
        copied
    }

    fn read(&self, link: &Link, table: &Table, asked: &Extract<'_>) -> Result<()> {
        let wrong = |error: &tokio_postgres::Error| unreadable(&asked.rows, error);
        let columns: Vec<&Column> = table.columns.iter().collect();
        let mut writer = write::create(Format::Parquet, &self.path, table)?;
        let mut reading = Reading::start(link, &self.query, &columns, Some(asked.interrupted), &wrong)?;
        while let Some(rows) = reading.next_batch(&wrong).map_err(input)? {
            writer.write(&rows)?;
        }
        writer.finish().map(drop)
    }
}

/// Reads several parts at once, each by a connection of its own, all in the snapshot of the first.
fn together(
    runtime: &Arc<Runtime>,
    login: &Arc<Login>,
    first: &Link,
    parts: &[Part],
    table: &Table,
    asked: &Extract<'_>,
) -> Result<()> {
    let wrong = |error: tokio_postgres::Error| unreadable(&asked.rows, &error);
    let rows = first.query("SELECT pg_catalog.pg_export_snapshot()", &[]).map_err(wrong)?;
    let snapshot: String = rows.first().map(|row| row.try_get(0)).transpose().map_err(wrong)?.unwrap_or_default();
    let begin =
        format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT {}", literal(&snapshot));
    let one = |part: &Part| {
        let link = Link::open(runtime, login)?;
        link.batch(&begin).map_err(wrong)?;
        part.copy(&link, table, asked)
    };
    let one = &one;
    std::thread::scope(|scope| {
        let running: Vec<_> = parts.iter().map(|part| scope.spawn(move || one(part))).collect();
        let mut answer = Ok(());
        for thread in running {
            let ended = thread.join().unwrap_or_else(|_| Err(Error::input("a thread that reads rows failed")));
            answer = answer.and(ended);
        }
        answer
    })
}

/// Takes a query that must be one.
fn single(query: &str) -> Result<&str> {
    let wrong = |why: &str| Error::usage(format!("the query {why}")).hint("Write one SELECT.");
    let statements = script::statements(query);
    let [one] = statements.as_slice() else {
        return Err(wrong(if statements.is_empty() { "is empty" } else { "has several statements" }));
    };
    let word = script::first_word(one);
    if matches!(word.as_str(), "SELECT" | "WITH" | "VALUES" | "TABLE" | "(") {
        Ok(one)
    } else {
        Err(wrong(&format!("begins with {word}")))
    }
}

const FIND: &str = "
SELECT n.nspname::text, c.relname::text
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')
  AND CASE WHEN $2::text IS NULL THEN true ELSE n.nspname = $2 END
ORDER BY n.nspname || '.' || c.relname = $1, c.relname = $1 AND pg_catalog.pg_table_is_visible(c.oid),
  $2::text IS NOT NULL AND c.relname = $1, pg_catalog.lower(c.relname) = pg_catalog.lower($1)";

/// Finds a table or view by `name` (in the search path, or the schema of the address) or `schema.name`.
fn find(link: &Link, login: &Login, name: &str) -> Result<String> {
    let wrong = |error| input(failed("cannot list the tables", &error));
    let rows = link.query(FIND, &[&name, &login.schema]).map_err(wrong)?;
    let all: Vec<(String, String)> =
        rows.iter().rev().filter_map(|row| Some((row.try_get(0).ok()?, row.try_get(1).ok()?))).collect();
    let visible = "SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                   WHERE n.nspname = $1 AND c.relname = $2 AND pg_catalog.pg_table_is_visible(c.oid)";
    // The best comes first.
    if let Some((schema, table)) = all.first() {
        let named = format!("{schema}.{table}") == name;
        let plain = || -> Result<bool> {
            Ok(table == name && (login.schema.is_some() || link.number(visible, &[schema, table]).map_err(wrong)? > 0))
        };
        if named || plain()? {
            return Ok(format!("{}.{}", identifier(schema), identifier(table)));
        }
    }
    let error = Error::usage(format!("{} has no table `{name}`", login.shown));
    let listed: Vec<String> = all.iter().take(LISTED).map(|(schema, table)| format!("{schema}.{table}")).collect();
    let more = if all.len() > LISTED { format!(" and {} more", all.len() - LISTED) } else { String::new() };
    Err(if listed.is_empty() {
        error.hint("It has no tables that this user sees.")
    } else {
        error.hint(format!("It has: {}{more}", listed.join(", ")))
    })
}

/// Gives the columns as a table of a contract, and the list that selects them in those types.
fn describe(columns: &[tokio_postgres::Column]) -> Result<(Table, String)> {
    let mut seen = BTreeSet::new();
    let (mut list, mut made) = (Vec::new(), Vec::new());
    for column in columns {
        if !seen.insert(column.name()) {
            return Err(Error::usage(format!("the query gives two columns `{}`", column.name()))
                .hint("Name one of them otherwise: … AS other_name"));
        }
        let name = identifier(column.name());
        let known = data_type(column.type_(), column.type_modifier());
        list.push(if known.is_some() { name } else { format!("CAST({name} AS text) AS {name}") });
        made.push(Column::new(column.name(), known.unwrap_or(DataType::String)));
    }
    let table = Table {
        name: "rows".to_owned(),
        description: None,
        source: SourceSpec { format: Format::Parquet, ..SourceSpec::default() },
        primary_key: None,
        columns: made,
        rules: Vec::new(),
        generation: TableGeneration::default(),
    };
    Ok((table, list.join(", ")))
}

fn data_type(of: &Type, modifier: i32) -> Option<DataType> {
    Some(match *of {
        Type::BOOL => DataType::Bool,
        Type::INT2 => DataType::Int16,
        Type::INT4 => DataType::Int32,
        Type::INT8 => DataType::Int64,
        Type::FLOAT4 => DataType::Float32,
        Type::FLOAT8 => DataType::Float64,
        Type::TEXT | Type::VARCHAR => DataType::String,
        Type::DATE => DataType::Date,
        Type::TIME => DataType::Time,
        Type::TIMESTAMP => DataType::Timestamp,
        Type::TIMESTAMPTZ => DataType::TimestampTz,
        Type::BYTEA => DataType::Binary,
        Type::NUMERIC => {
            let (precision, scale) = wire::precision(modifier)?;
            let (precision, scale) = (u8::try_from(precision).ok()?, u8::try_from(scale).ok()?);
            ((1..=38).contains(&precision) && scale <= precision).then_some(DataType::Decimal { precision, scale })?
        }
        _ => return None,
    })
}

/// Gives conditions that divide the rows into about equal ranges of a key; NULL belongs to the first.
fn divide(link: &Link, from: &str, key: &str, columns: &[tokio_postgres::Column], parts: usize) -> Result<Vec<String>> {
    let Some(column) = columns.iter().find(|column| column.name() == key) else {
        let names: Vec<&str> = columns.iter().map(tokio_postgres::Column::name).collect();
        return Err(Error::usage(format!("there is no column `{key}` to divide the rows by"))
            .hint(format!("There are: {}", names.join(", "))));
    };
    let (cast, step) = match *column.type_() {
        Type::INT2 | Type::INT4 | Type::INT8 => {
            ("bigint", "floor(low::numeric + (high::numeric - low) * i / n)::bigint")
        }
        Type::DATE => ("date", "low + ((high - low)::bigint * i / n)::integer"),
        Type::TIMESTAMP => ("timestamp", "low + (high - low) * (i::float8 / n)"),
        Type::TIMESTAMPTZ => ("timestamptz", "low + (high - low) * (i::float8 / n)"),
        _ => {
            return Err(Error::usage(format!("rows cannot be divided by `{key}`, a {}", column.type_().name()))
                .hint("Name a column of whole numbers, days or moments; best one with an index."));
        }
    };
    let name = identifier(key);
    let query = format!(
        "SELECT DISTINCT {step} AS edge, ({step})::text FROM (SELECT min({name}) AS low, max({name}) AS high FROM {from}) \
         AS edges, generate_series(1, {last}) AS i, (SELECT {parts}) AS parts (n) WHERE low IS NOT NULL ORDER BY 1",
        last = parts.saturating_sub(1),
    );
    let rows = link.query(&query, &[]).map_err(|error| failed(format!("cannot divide the rows by {key}"), &error))?;
    let edges: Vec<String> = rows.iter().filter_map(|row| row.try_get(1).ok()).collect();
    let edge = |text: &String| format!("{}::{cast}", literal(text));
    let Some((first, last)) = edges.first().zip(edges.last()) else { return Ok(vec![String::new()]) };
    let mut conditions = vec![format!(" WHERE {name} < {} OR {name} IS NULL", edge(first))];
    let middle = edges.iter().zip(edges.iter().skip(1));
    conditions.extend(middle.map(|(low, high)| format!(" WHERE {name} >= {} AND {name} < {}", edge(low), edge(high))));
    conditions.push(format!(" WHERE {name} >= {}", edge(last)));
    Ok(conditions)
}

fn unreadable(rows: &Rows, error: &tokio_postgres::Error) -> Error {
    input(match rows {
        Rows::Table(name) => failed(format!("cannot read {name}"), error),
        Rows::Query(_) => failed("cannot read what the query gives", error),
    })
}

/// A failure to read is one of the input.
fn input(error: Error) -> Error {
    let kind = if error.kind == ErrorKind::Output { ErrorKind::Input } else { error.kind };
    Error { kind, ..error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_one_select() {
        assert_eq!(single(" SELECT 1 ; ").unwrap(), "SELECT 1");
        assert!(single("with a as (select ';') select * from a").is_ok());
        for query in ["", ";", "SELECT 1; SELECT 2", "DELETE FROM t", "COPY t TO STDOUT", "-- only this"] {
            assert_eq!(single(query).unwrap_err().kind, ErrorKind::Usage, "{query}");
        }
    }
}
