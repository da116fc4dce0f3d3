//! Which files belong to which table.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::io::InputFile;
use crate::io::stores::local;
use crate::model::{Contract, Error, ErrorKind, Format, Result, Table};

/// The files of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableInput {
    /// Index into the contract's tables.
    pub table: usize,
    pub files: Vec<InputFile>,
}

/// What a command line says about its inputs.
pub struct Wanted<'a> {
    /// Paths, globs, `table=path`, folders, or `-`; empty: the paths the contract names.
    pub files: &'a [String],
    /// The folder that the contract's paths start from; the working directory where absent.
    pub data: Option<&'a Path>,
    /// Where standard input is kept while it is read more than once.
    pub spool: &'a Path,
    pub stdin: &'a mut dyn Read,
}

/// Finds the files of every table, contract order; tables without files are left out.
///
/// # Errors
/// Where a file belongs to no table or to several, or where nothing is found.
pub fn resolve(contract: &Contract, mut wanted: Wanted<'_>) -> Result<Vec<TableInput>> {
    let mut found: Vec<TableInput> =
        (0..contract.tables.len()).map(|table| TableInput { table, files: Vec::new() }).collect();
    if wanted.files.is_empty() {
        from_contract(contract, wanted.data, &mut found)?;
    }
    for argument in wanted.files {
        add(contract, argument, &mut wanted.stdin, wanted.spool, &mut found)?;
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

fn from_contract(contract: &Contract, data: Option<&Path>, found: &mut [TableInput]) -> Result<()> {
    for (table, input) in contract.tables.iter().zip(found) {
        if let Some(path) = &table.source.path {
            input.files = local::expand(path, data)?;
        } else if let Some(folder) = data {
            input.files = by_name(table, folder)?;
        }
    }
    Ok(())
}

fn add(
    contract: &Contract,
    argument: &str,
    stdin: &mut dyn Read,
    spool: &Path,
    found: &mut [TableInput],
) -> Result<()> {
    let (named, path) = match argument.split_once('=') {
        Some((name, path)) => match contract.tables.iter().position(|table| table.name == name) {
            Some(table) => (Some(table), path),
            None => (None, argument),
        },
        None => (None, argument),
    };
    if path == "-" {
        let table = named.or((contract.tables.len() == 1).then_some(0)).ok_or_else(|| {
            Error::usage("standard input could be any of several tables").hint(format!("write {}=-", first(contract)))
        })?;
        found[table].files.push(local::spool(stdin, spool)?);
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
        found[table].files.push(file);
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
