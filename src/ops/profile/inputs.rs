//! Which files make which tables, and how they are read, when no contract says so.

use std::io::Read;
use std::path::Path;

use crate::io::InputFile;
use crate::io::databases;
use crate::io::formats::csv::sniff::{self, Known};
use crate::io::stores::local;
use crate::model::source::ServerSource;
use crate::model::{Column, Contract, DataType, Encoding, Error, Format, Result, SourceSpec, Table};
use crate::ops::infer::tables::{self, Asked};
use crate::ops::inputs::{Servers, named, servers};
use crate::ops::profile::Input;

/// What a command line says about the files.
pub struct Wanted<'a> {
    /// Paths, globs, folders, `table=path`, `-`, or DuckDB files; each makes a table of its own, a database one of each
    /// of its tables (or the one named).
    pub files: &'a [String],
    /// Where standard input, and what comes from servers, is kept while it is read.
    pub spool: &'a Path,
    pub stdin: &'a mut dyn Read,
    pub servers: &'a Servers,
}

/// Finds the tables of some files, one an argument (a folder has a table for each sort of file in it), and sniffs how they
/// are written.
///
/// # Errors
/// Where a file is not there or cannot be read.
pub fn sniffed(wanted: &mut Wanted<'_>) -> Result<Vec<Input>> {
    let mut inputs: Vec<Input> = Vec::new();
    for argument in wanted.files {
        if Path::new(argument).is_dir() {
            let Wanted { spool, stdin, servers, .. } = wanted;
            let asked = Asked { files: std::slice::from_ref(argument), known: Known::default(), spool, stdin, servers };
            let found = tables::find(asked)?.0.into_iter();
            inputs.extend(found.map(|found| Input { table: found.table, files: found.files, from: "sniffed" }));
            continue;
        }
        let (name, path) = named(argument);
        if databases::is_duckdb(Path::new(path)) {
            let folder = wanted.spool.join(inputs.len().to_string());
            for (name, file) in databases::export(Path::new(path), name, &folder)? {
                inputs.push(input(&name, vec![file])?);
            }
            continue;
        }
        let (name, files) = match copied(argument, wanted.servers, wanted.spool)? {
            Some(copied) => (copied.name, copied.files),
            None => files(argument, wanted.spool, wanted.stdin)?,
        };
        let mut input = input(&name, files)?;
        let taken = inputs.iter().filter(|other| other.table.name == input.table.name).count();
        if taken > 0 {
            // The path tells apart what the name does not.
            input.table.name = input.files.first().map_or(name, |file| file.shown.clone());
        }
        inputs.push(input);
    }
    if inputs.is_empty() {
        return Err(Error::usage("no file to profile").hint("name a file, a glob, or `-` for standard input"));
    }
    Ok(inputs)
}

/// Finds the files of one table of a contract, to be read as it says.
///
/// # Errors
/// Where a file is not there or cannot be read.
pub fn declared(contract: &Contract, table: usize, wanted: &mut Wanted<'_>) -> Result<Vec<Input>> {
    let Some(table) = contract.tables.get(table) else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for argument in wanted.files {
        all.extend(match copied(argument, wanted.servers, wanted.spool)? {
            Some(copied) => copied.files,
            None => files(argument, wanted.spool, wanted.stdin)?.1,
        });
    }
    if wanted.files.is_empty()
        && let Some(path) = &table.source.path
    {
        all = local::expand(path, None)?;
    }
    if all.is_empty() {
        return Err(Error::usage(format!("no file of {} to profile", table.name)).hint("name a file, or `-`"));
    }
    Ok(vec![Input { table: table.clone(), files: all, from: "contract" }])
}

/// What was copied from a server.
pub struct Copied {
    /// The table's name.
    pub name: String,
    pub files: Vec<InputFile>,
    /// Where the rows lie, for databases.
    pub server: Option<ServerSource>,
}

/// Copies what lies on a server; `None` for other arguments.
///
/// # Errors
/// Where it cannot be read, or an address of a database names no table.
pub fn copied(argument: &str, servers: &Servers, spool: &Path) -> Result<Option<Copied>> {
    let (name, path) = named(argument);
    if servers::is_server(path) {
        let (address, source) = servers::source(path)?;
        let table = name.map(str::to_owned).or_else(|| source.table.clone());
        let table = table.or_else(|| source.query.as_ref().map(|_| "query".to_owned())).ok_or_else(|| {
            Error::usage(format!("{} names no table", address.shown())).hint("add ?table=NAME, or write NAME=ADDRESS")
        })?;
        let files = servers.extract(&address, &source, &table, spool)?;
        let name = table.rsplit('.').next().unwrap_or_default().to_owned();
        let source = ServerSource { url: address.shown(), ..source };
        return Ok(Some(Copied { name, files, server: Some(source) }));
    }
    if !servers::is_object(path) {
        return Ok(None);
    }
    let files = servers.fetch(path, spool)?;
    let name = name.map_or_else(|| stem(&files), str::to_owned);
    Ok(Some(Copied { name, files, server: None }))
}

fn stem(files: &[InputFile]) -> String {
    let shown = files.first().map_or("input", |file| file.shown.as_str());
    let last = shown.rsplit('/').next().unwrap_or_default();
    let stem = last.split('.').next().unwrap_or_default();
    if stem.is_empty() || stem == "-" { "input".to_owned() } else { stem.to_owned() }
}

fn files(argument: &str, spool: &Path, stdin: &mut dyn Read) -> Result<(String, Vec<InputFile>)> {
    let (name, path) = named(argument);
    let files = if path == "-" {
        vec![local::spool(stdin, spool)?]
    } else {
        let found = local::expand(path, None)?;
        found.into_iter().map(|file| local::settle(file, spool)).collect::<Result<_>>()?
    };
    Ok((name.map_or_else(|| stem(&files), str::to_owned), files))
}

fn input(name: &str, files: Vec<InputFile>) -> Result<Input> {
    let table = |source, columns| Table::plain(name, source, columns);
    let Some(first) = files.first() else {
        return Ok(Input { table: table(SourceSpec::default(), Vec::new()), files, from: "default" });
    };
    let format = format(first)?;
    if format != Format::Csv {
        let source = SourceSpec { format, null_values: Vec::new(), ..SourceSpec::default() };
        return Ok(Input { table: table(source, Vec::new()), files, from: "default" });
    }
    let mut sniffed = sniff::file(first, Known::default())?;
    if sniffed.spec.encoding == Encoding::Latin1 && is_nearly_ascii(first)? {
        sniffed.spec.encoding = Encoding::Auto;
    }
    let names = (1..=sniffed.width).map(|number| Column::new(format!("column_{number}"), DataType::String));
    let columns = if sniffed.spec.header { Vec::new() } else { names.collect() };
    let table = table(SourceSpec { format: Format::Csv, ..sniffed.spec }, columns);
    Ok(Input { table, files, from: "sniffed" })
}

/// Tells the format by the first bytes, and the ending where they leave it open.
fn format(file: &InputFile) -> Result<Format> {
    let (head, _) = sniff::head(file, 4096)?;
    let name = file.shown.to_ascii_lowercase();
    let has = |ending: &str| name.split('.').skip(1).any(|part| part == ending);
    let start = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&head).trim_ascii_start();
    Ok(match start.first() {
        _ if head.starts_with(b"PAR1") => Format::Parquet,
        _ if has("csv") || has("tsv") => Format::Csv,
        Some(b'[') if has("json") || !has("ndjson") && !has("jsonl") && looks_like_array(start) => Format::Json,
        Some(b'{') => Format::Ndjson,
        _ if has("ndjson") || has("jsonl") || has("json") => Format::Ndjson,
        _ => Format::Csv,
    })
}

/// Tells whether so few bytes of the head are beyond ASCII that they are damage rather than Latin-1.
fn is_nearly_ascii(file: &InputFile) -> Result<bool> {
    const FEW: usize = 3;
    let (head, _) = sniff::head(file, sniff::HEAD)?;
    Ok(head.iter().filter(|byte| !byte.is_ascii()).take(FEW).count() < FEW)
}

fn looks_like_array(start: &[u8]) -> bool {
    matches!(start.get(1..).unwrap_or_default().trim_ascii_start().first(), Some(b'{' | b']'))
}
