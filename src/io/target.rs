//! Targets: what `--to` may name, and what every sink asks of the rows it is given.

#[cfg(test)]
mod conformance;
#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod killed;
#[cfg(test)]
#[path = "../../tests/servers/mod.rs"]
pub(crate) mod servers;

pub mod stamped;

use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;

use crate::frame::schema::arrow_type;
use crate::io::databases::{self, address};
use crate::io::stores::folder::ledger::FolderLedger;
use crate::io::stores::folder::making::Shape;
use crate::io::stores::folder::{Folder, PART_BYTES};
use crate::io::stores::s3;
use crate::io::{Ledger, Sink};
use crate::model::{Access, Contract, Error, Format, Result, Table};

/// The forms of `--to`, for messages and help.
pub const FORMS: &[(&str, &str)] = &[
    ("shop.duckdb", "loads into a DuckDB file (also duckdb:PATH)"),
    ("parquet:DIR", "loads into a folder of Parquet files, one folder a table"),
    ("csv:DIR", "loads into a folder of CSV files"),
    ("ndjson:DIR", "loads into a folder of NDJSON files"),
    ("postgres://USER@HOST/DATABASE", "loads into a PostgreSQL database"),
    ("mysql://USER@HOST/DATABASE", "loads into a MariaDB or MySQL database"),
    ("csv:s3://BUCKET/PREFIX", "loads into S3 (also parquet: and ndjson:)"),
];

/// How a target is reached and written, besides its name.
#[derive(Debug, Clone, Default)]
pub struct TargetOptions {
    pub access: Access,
    /// Files a table is divided into, about equal; targets of files only.
    pub parts: Option<u32>,
    /// Files are compressed by gzip; CSV and NDJSON only.
    pub gzip: bool,
}

/// Makes the sink a `--to` value names. Nothing is opened or written before [`Sink::begin`].
///
/// # Errors
/// A usage error where the text is no target, or one this build does not know.
pub fn open(text: &str, options: &TargetOptions) -> Result<Box<dyn Sink>> {
    let place = place(text)?;
    if matches!(place, Place::Server | Place::DuckDb(_)) && (options.parts.is_some() || options.gzip) {
        return Err(Error::usage("--parts and --compress are for targets of files")
            .hint("such as csv:DIR, ndjson:DIR, parquet:DIR or csv:s3://BUCKET/PREFIX"));
    }
    Ok(match place {
        Place::Server => databases::target(text, &options.access)?,
        Place::Object(format, url) => s3::target(format, url, options)?,
        Place::DuckDb(path) => duckdb_file(&path)?,
        Place::Folder(format, path) => {
            Box::new(Folder::new(Shape::new(format, options.parts, options.gzip, PART_BYTES)?, path))
        }
    })
}

/// Opens the load history of the target that a text names.
///
/// # Errors
/// As [`open`], and where it cannot be reached.
pub fn ledger(text: &str, access: &Access) -> Result<Box<dyn Ledger>> {
    match place(text)? {
        Place::Server => databases::ledger(text, access),
        Place::Object(_, url) => s3::ledger(url, access),
        Place::DuckDb(path) => duckdb_ledger(&path),
        Place::Folder(format, path) => Ok(Box::new(FolderLedger::new(format, path))),
    }
}

/// Gives a target's name as reports may show it: without password and settings.
#[must_use]
pub fn shown(text: &str) -> String {
    if address::is_server(text) {
        return address::Address::parse(text).map_or_else(|_| "a database".to_owned(), |address| address.shown());
    }
    // What looks like an address, and is none that is known, is not shown whole either.
    match text.split_once("://") {
        Some((scheme, rest)) if rest.contains('@') => format!("{scheme}://…"),
        _ => text.to_owned(),
    }
}

/// What the text of a target names.
enum Place<'a> {
    Server,
    Object(Format, &'a str),
    DuckDb(PathBuf),
    Folder(Format, PathBuf),
}

fn place(text: &str) -> Result<Place<'_>> {
    if address::is_server(text) {
        return Ok(Place::Server);
    }
    let (scheme, rest) = text.split_once(':').unwrap_or(("", text));
    if rest.starts_with("//") {
        let error = Error::usage(format!("`{scheme}://` is no target"));
        return Err(known_forms(if scheme == "s3" {
            error.hint("Say which files: csv:s3://…, ndjson:s3://… or parquet:s3://…")
        } else {
            error
        }));
    }
    let format = match scheme {
        "duckdb" => return Ok(Place::DuckDb(path_of(text, rest)?)),
        "parquet" => Format::Parquet,
        "csv" => Format::Csv,
        "ndjson" => Format::Ndjson,
        _ if is_duckdb_file(text) => return Ok(Place::DuckDb(PathBuf::from(text))),
        _ => return Err(known_forms(Error::usage(format!("`{text}` is not a target")))),
    };
    if rest.starts_with("s3://") {
        return Ok(Place::Object(format, rest));
    }
    Ok(Place::Folder(format, path_of(text, rest)?))
}

fn path_of(text: &str, path: &str) -> Result<PathBuf> {
    if path.trim().is_empty() {
        return Err(known_forms(Error::usage(format!("the target `{text}` names no path"))));
    }
    Ok(PathBuf::from(path))
}

fn is_duckdb_file(text: &str) -> bool {
    let extension = Path::new(text).extension();
    extension.is_some_and(|e| e.eq_ignore_ascii_case("duckdb") || e.eq_ignore_ascii_case("ddb"))
}

fn known_forms(error: Error) -> Error {
    FORMS.iter().fold(error, |error, (form, what)| error.hint(format!("{form:<29} {what}")))
}

/// Names a DuckDB file, whose folder must be there: DuckDB itself says little about one that is not.
fn duckdb_file(path: &Path) -> Result<Box<dyn Sink>> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Err(Error::usage(format!("cannot make {}: there is no folder {}", path.display(), folder.display()))
            .hint("make the folder first, or name another file"));
    }
    duckdb(path)
}

#[cfg(feature = "duckdb")]
#[expect(clippy::unnecessary_wraps, reason = "without the feature it fails")]
fn duckdb(path: &Path) -> Result<Box<dyn Sink>> {
    Ok(Box::new(crate::io::databases::duckdb::DuckDb::new(path.to_owned())))
}

#[cfg(not(feature = "duckdb"))]
fn duckdb(path: &Path) -> Result<Box<dyn Sink>> {
    Err(Error::usage(format!("{} is a DuckDB file, and this karat was built without DuckDB", path.display()))
        .hint("Build with the feature `duckdb` (it is on by default), or load into `parquet:DIR`."))
}

#[cfg(feature = "duckdb")]
fn duckdb_ledger(path: &Path) -> Result<Box<dyn Ledger>> {
    Ok(Box::new(crate::io::databases::duckdb::ledger::DuckDbLedger::new(path)?))
}

#[cfg(not(feature = "duckdb"))]
fn duckdb_ledger(path: &Path) -> Result<Box<dyn Ledger>> {
    Err(duckdb(path).err().unwrap_or_else(|| Error::usage("this karat was built without DuckDB")))
}

/// Names the tables of a load: `loads` has something for each of them, and one entry a table of the contract.
#[must_use]
pub fn names_of<'a, T>(contract: &'a Contract, loads: &[Option<T>]) -> Vec<&'a str> {
    let pairs = contract.tables.iter().zip(loads);
    pairs.filter(|(_, load)| load.is_some()).map(|(table, _)| table.name.as_str()).collect()
}

/// Checks that rows have exactly the contract's columns: number, order and Arrow types.
///
/// # Errors
/// An output error naming the first column that differs: a bug of the caller.
pub fn check_shape(table: &Table, rows: &RecordBatch) -> Result<()> {
    let name = &table.name;
    if rows.num_columns() != table.columns.len() {
        let (given, asked) = (rows.num_columns(), table.columns.len());
        return Err(Error::output(format!("{name}: rows of {given} columns were given, the contract has {asked}")));
    }
    for (column, array) in table.columns.iter().zip(rows.columns()) {
        let asked = arrow_type(&column.data_type);
        if *array.data_type() != asked {
            let given = array.data_type();
            return Err(Error::output(format!("{name}.{}: rows of {given} were given, not {asked}", column.name)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ErrorKind;

    fn refusal(text: &str) -> Error {
        match open(text, &TargetOptions::default()) {
            Err(error) => {
                assert_eq!(error.kind, ErrorKind::Usage, "{text}: {error}");
                error
            }
            Ok(_) => panic!("{text} was taken"),
        }
    }

    #[test]
    fn folders_are_opened_by_their_prefix() {
        for text in ["parquet:out", "csv:/tmp/x", "ndjson:a b"] {
            assert!(open(text, &TargetOptions::default()).is_ok(), "{text}");
        }
    }

    #[test]
    fn other_forms_are_usage_errors_that_list_the_known_ones() {
        for text in ["", "out", "parquet:", "csv: ", "duckdb:", "shop.sqlite", "xml:out"] {
            assert!(refusal(text).hints.iter().any(|hint| hint.starts_with("parquet:DIR")), "{text}");
        }
    }

    #[test]
    fn parts_and_compression_are_for_files() {
        let asked = |parts, gzip| TargetOptions { parts, gzip, ..TargetOptions::default() };
        assert!(open("csv:out", &asked(Some(4), true)).is_ok());
        assert!(open("parquet:out", &asked(Some(4), false)).is_ok());
        for (text, parts, gzip) in
            [("shop.duckdb", Some(4), false), ("postgres://h/d", None, true), ("parquet:out", None, true)]
        {
            let error = open(text, &asked(parts, gzip)).err().unwrap();
            assert_eq!(error.kind, ErrorKind::Usage, "{text}: {error}");
        }
    }

    #[test]
    fn a_duckdb_file_needs_its_folder() {
        assert!(refusal("no-such-folder/shop.duckdb").message.contains("no folder no-such-folder"));
    }

    #[test]
    fn addresses_are_refused_and_shown_without_their_password() {
        for text in ["redis://me:canary@host/db", "postgres://me:canary@host:x/db", "s3://canary/x"] {
            let error = refusal(text);
            assert!(!error.message.contains("canary"), "{error}");
            assert!(!shown(text).contains("me:canary"), "{}", shown(text));
        }
        assert_eq!(shown("postgres://me:canary@host/db?schema=x"), "postgres://me@host/db");
        assert_eq!(shown("csv:out"), "csv:out");
    }

    #[cfg(feature = "duckdb")]
    #[test]
    fn duckdb_files_are_known_by_prefix_or_ending() {
        for text in ["shop.duckdb", "duckdb:x", "src/b.DDB"] {
            assert!(open(text, &TargetOptions::default()).is_ok(), "{text}");
        }
    }

    #[cfg(not(feature = "duckdb"))]
    #[test]
    fn without_the_feature_a_duckdb_file_says_so() {
        assert!(refusal("shop.duckdb").message.contains("without DuckDB"));
    }
}
