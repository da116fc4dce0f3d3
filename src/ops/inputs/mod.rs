//! Which files belong to which table.

pub mod servers;

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::io::stores::local;
use crate::io::{InputFile, databases};
use crate::model::{Contract, Error, ErrorKind, Format, Result, Table};

pub use self::servers::Servers;

/// The files of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableInput {
    /// Index into the contract's tables.
    pub table: usize,
    pub files: Vec<InputFile>,
    /// The files are rows of a database, copied into Parquet, whatever format the contract names.
    pub copied: bool,
}

impl TableInput {
    /// Makes the input of a table from files as its contract describes them.
    #[must_use]
    pub const fn files(table: usize, files: Vec<InputFile>) -> Self {
        Self { table, files, copied: false }
    }
}

/// What a command line says about its inputs.
pub struct Wanted<'a> {
    /// Paths, globs, `table=path`, folders, addresses of databases and objects, or `-`; empty: what the contract names.
    pub files: &'a [String],
    /// The folder that the contract's paths start from; the working directory where absent.
    pub data: Option<&'a Path>,
    /// Where standard input, and what comes from servers, is kept while it is read more than once.
    pub spool: &'a Path,
    pub stdin: &'a mut dyn Read,
    pub servers: &'a Servers,
}

/// Finds the files of every table, contract order; tables without files are left out.
///
/// # Errors
/// Where a file belongs to no table or to several, or where nothing is found.
pub fn resolve(contract: &Contract, mut wanted: Wanted<'_>) -> Result<Vec<TableInput>> {
    let mut found: Vec<TableInput> =
        (0..contract.tables.len()).map(|table| TableInput::files(table, Vec::new())).collect();
    if wanted.files.is_empty() {
        from_contract(contract, &wanted, &mut found)?;
    }
    for argument in wanted.files {
        add(contract, argument, &mut wanted, &mut found)?;
    }
    for input in &mut found {
        each_once(&mut input.files);
        // A pipe can be read only once, and a run reads its files several times.
        let files = std::mem::take(&mut input.files).into_iter();
        input.files = files.map(|file| local::settle(file, wanted.spool)).collect::<Result<_>>()?;
    }
    found.retain(|input| !input.files.is_empty());
    if found.is_empty() {
        return Err(Error::usage("no table has a file to read")
            .hint("name files (`products=data/products.csv`), a folder, or `path:` in the table's source"));
    }
    Ok(found)
}

/// Parts `table=path` where no contract says which tables there are; a file of that whole name is a path.
#[must_use]
pub fn named(argument: &str) -> (Option<&str>, &str) {
    let word = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    match argument.split_once('=') {
        Some((name, path)) if word(name) && !Path::new(argument).exists() => (Some(name), path),
        _ => (None, argument),
    }
}

/// Leaves a file out that was named twice, however it was written (`a.csv ./a.csv`, a folder and a file in it).
fn each_once(files: &mut Vec<InputFile>) {
    let mut seen = std::collections::BTreeSet::new();
    files.retain(|file| {
        let real = file.path.canonicalize().unwrap_or_else(|_| file.path.clone());
        seen.insert((real, file.partitions.clone()))
    });
}

fn from_contract(contract: &Contract, wanted: &Wanted<'_>, found: &mut [TableInput]) -> Result<()> {
    for (table, input) in contract.tables.iter().zip(found) {
        if let Some(server) = &table.source.server {
            input.take_copied(contract, wanted.servers.declared(server, &table.name, wanted.spool)?)?;
        } else if let Some(path) = table.source.path.as_ref().filter(|path| servers::is_object(path)) {
            input.files = wanted.servers.fetch(path, wanted.spool)?;
        } else if let Some(path) = &table.source.path {
            input.files = local::expand(path, wanted.data)?;
        } else if let Some(folder) = wanted.data {
            input.files = by_name(table, folder)?;
        }
    }
    Ok(())
}

impl TableInput {
    /// Takes rows that were copied from a database.
    fn take_copied(&mut self, contract: &Contract, files: Vec<InputFile>) -> Result<()> {
        if !self.files.is_empty() && !self.copied {
            return Err(self.mixed(contract));
        }
        self.copied = true;
        self.files.extend(files);
        Ok(())
    }

    fn take_files(&mut self, contract: &Contract, files: Vec<InputFile>) -> Result<()> {
        if self.copied {
            return Err(self.mixed(contract));
        }
        self.files.extend(files);
        Ok(())
    }

    fn mixed(&self, contract: &Contract) -> Error {
        let name = contract.tables.get(self.table).map_or("", |table| table.name.as_str());
        Error::usage(format!("{name} is read from files and from a database in one run"))
            .hint("run them one after the other")
    }
}

/// Reads from a database: the table named, or all of the contract.
fn from_database(
    contract: &Contract,
    named: Option<usize>,
    found: &mut [TableInput],
    rows: impl Fn(&Table) -> Result<Vec<InputFile>>,
) -> Result<()> {
    for (index, table) in contract.tables.iter().enumerate() {
        if named.is_none_or(|named| named == index) {
            found[index].take_copied(contract, rows(table)?)?;
        }
    }
    Ok(())
}

fn add(contract: &Contract, argument: &str, wanted: &mut Wanted<'_>, found: &mut [TableInput]) -> Result<()> {
    let (named, path) = match argument.split_once('=') {
        Some((name, path)) => match contract.tables.iter().position(|table| table.name == name) {
            Some(table) => (Some(table), path),
            None => (None, argument),
        },
        None => (None, argument),
    };
    let only = named.or((contract.tables.len() == 1).then_some(0));
    if path == "-" {
        let table = only.ok_or_else(|| {
            Error::usage("standard input could be any of several tables").hint(format!("write {}=-", first(contract)))
        })?;
        let file = local::spool(&mut *wanted.stdin, wanted.spool)?;
        return found[table].take_files(contract, vec![file]);
    }
    if servers::is_server(path) {
        let (address, source) = servers::source(path)?;
        if only.is_none() && (source.table.is_some() || source.query.is_some()) {
            return Err(Error::usage(format!("{} could be any of several tables", address.shown())).hint(format!(
                "say which: {}={}…",
                first(contract),
                address.scheme
            )));
        }
        return from_database(contract, only, found, |table| {
            wanted.servers.extract(&address, &source, &table.name, wanted.spool)
        });
    }
    if databases::is_duckdb(Path::new(path)) {
        return from_database(contract, only, found, |table| {
            let copied = databases::export(Path::new(path), Some(&table.name), &servers::folder(wanted.spool))?;
            Ok(copied.into_iter().map(|(_, file)| file).collect())
        });
    }
    if servers::is_object(path) {
        for file in wanted.servers.fetch(path, wanted.spool)? {
            let table = named.map_or_else(|| owner(contract, &file), Ok)?;
            found[table].take_files(contract, vec![file])?;
        }
        return Ok(());
    }
    if Path::new(path).is_dir() {
        return from_folder(contract, named, Path::new(path), found);
    }
    let files = local::expand(path, None).map_err(|error| match argument.split_once('=') {
        Some((word, _)) if named.is_none() && !word.contains(['/', '\\']) => {
            let error = error.hint(format!("`{word}` is no table of the contract; there is {}", names(contract)));
            Error { kind: ErrorKind::Usage, ..error }
        }
        _ => error,
    })?;
    for file in files {
        let table = match named {
            Some(table) => table,
            None => owner(contract, &file)?,
        };
        found[table].take_files(contract, vec![file])?;
    }
    Ok(())
}

fn from_folder(contract: &Contract, named: Option<usize>, folder: &Path, found: &mut [TableInput]) -> Result<()> {
    let mut any = false;
    for (index, table) in contract.tables.iter().enumerate() {
        if named.is_some_and(|named| named != index) {
            continue;
        }
        let files = match &table.source.path {
            Some(path) => local::expand(path, Some(folder)).or_else(|error| match named {
                Some(_) => Err(error),
                None => Ok(Vec::new()),
            })?,
            None => by_name(table, folder)?,
        };
        any |= !files.is_empty();
        found[index].files.extend(files);
    }
    if any {
        return Ok(());
    }
    let hint = match named.or((contract.tables.len() == 1).then_some(0)) {
        Some(only) => {
            let name = &contract.tables[only].name;
            format!(
                "name its files, globs too (`{name}={}/*`), or give `{name}` a `path:` in its source",
                folder.display()
            )
        }
        None => "name the files (`table=path`), or give the tables a `path:` in their source".to_owned(),
    };
    Err(Error::usage(format!("{} holds no file of {}", folder.display(), names(contract))).hint(hint))
}

/// Finds `<table>.<ending>` in a folder, compressed or not.
fn by_name(table: &Table, folder: &Path) -> Result<Vec<InputFile>> {
    let endings: &[&str] = match table.source.format {
        Format::Csv => &["csv", "tsv", "tbl", "txt"],
        Format::Ndjson => &["ndjson", "jsonl", "json"],
        Format::Json => &["json"],
        Format::Parquet => &["parquet"],
    };
    for ending in endings {
        for packed in ["", ".gz", ".zst", ".bz2"] {
            let path: PathBuf = folder.join(format!("{}.{ending}{packed}", table.name));
            if path.is_file() {
                return local::expand(&glob::Pattern::escape(&path.to_string_lossy()), None);
            }
        }
    }
    Ok(Vec::new())
}

/// Finds the table a file belongs to: the only one, the one whose `path` matches, or the one of its name.
fn owner(contract: &Contract, file: &InputFile) -> Result<usize> {
    if contract.tables.len() == 1 {
        return Ok(0);
    }
    let matches_path = |table: &Table| {
        table.source.path.as_ref().is_some_and(|path| {
            let anywhere = format!("**/{}", path.trim_start_matches("./"));
            [path.as_str(), &anywhere]
                .iter()
                .any(|pattern| glob::Pattern::new(pattern).is_ok_and(|pattern| pattern.matches(&file.shown)))
        })
    };
    let stem = file.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = stem.split('.').next().unwrap_or_default();
    let by_path = contract.tables.iter().position(matches_path);
    by_path.or_else(|| contract.tables.iter().position(|table| table.name == stem)).ok_or_else(|| {
        Error::usage(format!("{} belongs to no table of the contract", file.shown)).hint(format!(
            "say which: {}={}",
            first(contract),
            file.shown
        ))
    })
}

fn names(contract: &Contract) -> String {
    contract.tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn first(contract: &Contract) -> &str {
    contract.tables.first().map_or("table", |table| table.name.as_str())
}
