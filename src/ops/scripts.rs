//! `sql`: scripts for warehouses. Finds the parts and the counts; `sql::scripts` writes the text.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::io::stores::folder::parts::folder_name;
use crate::model::{Contract, Error, Report, Result, Table};
use crate::sql::scripts::{self, Counts, TableLoad, ddl, grants};
use crate::sql::{DuckDb, create_table, identifier};

pub use crate::sql::scripts::{Compression, Mode, Options, Part, Scripts, Stage, Warehouse};

/// What to write load scripts for.
#[derive(Debug)]
pub struct Request<'a> {
    pub contract: &'a Contract,
    pub warehouse: Warehouse,
    pub options: Options,
    /// Files, folders, names below the stage or URLs, each with `table=` before it or not.
    pub parts: &'a [String],
    /// The tables wanted; all where there is none.
    pub tables: &'a [String],
    /// karat's report of the load that wrote the parts.
    pub report: Option<&'a Report>,
}

/// The scripts of a load.
#[derive(Debug)]
pub struct Bundle {
    /// One a table with parts: the beginning of its files' names, and its scripts.
    pub tables: Vec<(String, Scripts)>,
    pub grants: String,
    /// Tables without parts, for which nothing was written.
    pub skipped: Vec<String>,
}

impl Bundle {
    /// Gives the files: name and text.
    #[must_use]
    pub fn files(self) -> Vec<(String, String)> {
        let mut files = Vec::new();
        for (stem, scripts) in self.tables {
            files.push((format!("{stem}.load.sql"), scripts.load));
            files.push((format!("{stem}.rollback.sql"), scripts.rollback));
            files.extend(scripts.manifest.map(|text| (format!("{stem}.manifest"), text)));
        }
        files.push(("grants.sql".to_owned(), self.grants));
        files
    }

    /// Gives the load scripts as one, manifests as comments, grants where `with_grants`.
    #[must_use]
    pub fn text(&self, with_grants: bool) -> String {
        let mut pieces = Vec::new();
        for (stem, scripts) in &self.tables {
            let mut piece = scripts.load.clone();
            for (index, line) in scripts.manifest.iter().flat_map(|text| text.lines()).enumerate() {
                if index == 0 {
                    piece.push_str(&format!("\n-- {stem}.manifest:\n"));
                }
                piece.push_str(&format!("-- {line}\n"));
            }
            pieces.push(piece);
        }
        pieces.extend(with_grants.then(|| self.grants.clone()));
        pieces.join("\n\n")
    }
}

/// Writes the load scripts of a contract's tables.
///
/// # Errors
/// A usage error where there are no parts, a table is not in contract or report, or the warehouse cannot hold it.
pub fn load(request: Request<'_>) -> Result<Bundle> {
    let Request { contract, warehouse, mut options, parts, tables, report } = request;
    options.contract_sha256.clone_from(&contract.sha256);
    if let Some(report) = report {
        if report.committed == Some(false) {
            return Err(Error::usage("the report is of a load that was not committed")
                .hint("its parts were never put in place; load again"));
        }
        let known = report.run.as_ref().and_then(|run| run.load_id.clone());
        options.load_id = options.load_id.or(known);
    }
    let wanted = wanted(contract, tables)?;
    scripts::check(contract, warehouse, &options)?;
    let mut found = find(&wanted, parts)?;
    pick_load(&mut found, &mut options)?;
    // The id may come from the parts' names.
    options.check(warehouse)?;
    let stems = scripts::stems(contract);
    let (mut written, mut skipped) = (Vec::new(), Vec::new());
    for (table, stem) in contract.tables.iter().zip(stems) {
        let Some(own) = found.iter().find(|own| own.table.name == table.name) else { continue };
        if own.parts.is_empty() {
            skipped.push(table.name.clone());
            continue;
        }
        let parts: Vec<Part> = own.parts.iter().map(|found| found.part.clone()).collect();
        let load = TableLoad { table, stem: &stem, parts: &parts, counts: counts(report, table)? };
        let scripts = scripts::load(warehouse, &load, &options)?;
        written.push((stem, scripts));
    }
    if written.is_empty() {
        return Err(Error::usage("there are no parts to load").hint(
            "--parts takes the folder of `karat load --to csv:DIR`, its files, or their names: csv, or csv.gz, .zst, .bz2",
        ));
    }
    Ok(Bundle { tables: written, grants: grants::text(contract, warehouse, &options)?, skipped })
}

/// Writes CREATE TABLE of a contract's tables; DuckDB's where no warehouse is named.
///
/// # Errors
/// A usage error where a database cannot hold a name or a type.
pub fn tables(contract: &Contract, warehouse: Option<Warehouse>, options: &Options) -> Result<String> {
    let Some(warehouse) = warehouse else {
        let schema = options.schema.as_ref().map(|name| identifier(name));
        let name = |table: &Table| match &schema {
            Some(schema) => format!("{schema}.{}", identifier(&table.name)),
            None => identifier(&table.name),
        };
        let table = |table: &Table| format!("{};\n", create_table(&DuckDb, &name(table), table));
        let tables: Vec<String> = contract.tables.iter().map(table).collect();
        let schema = schema.iter().map(|name| format!("CREATE SCHEMA IF NOT EXISTS {name};\n"));
        return Ok(schema.chain(tables).collect::<Vec<_>>().join("\n"));
    };
    ddl::tables(contract, warehouse, options)
}

fn wanted<'a>(contract: &'a Contract, names: &[String]) -> Result<Vec<&'a Table>> {
    if let Some(name) = names.iter().find(|name| contract.table(name).is_none()) {
        let known: Vec<&str> = contract.tables.iter().map(|table| table.name.as_str()).collect();
        return Err(
            Error::usage(format!("the contract has no table {name}")).hint(format!("it has {}", known.join(", ")))
        );
    }
    let is_wanted = |table: &&Table| names.is_empty() || names.contains(&table.name);
    Ok(contract.tables.iter().filter(is_wanted).collect())
}

fn counts(report: Option<&Report>, table: &Table) -> Result<Option<Counts>> {
    let Some(report) = report else { return Ok(None) };
    let found = report.tables.iter().find(|own| own.table == table.name).ok_or_else(|| {
        Error::usage(format!("the report has no table {}", table.name))
            .hint("give the report of the load that wrote the parts")
    })?;
    Ok(Some(Counts { loaded: found.loaded.unwrap_or(found.clean), rejected: found.rejected }))
}

/// The parts of one table.
struct Own<'a> {
    table: &'a Table,
    parts: Vec<Found>,
}

struct Found {
    part: Part,
    /// Found in a folder, where parts of other loads may stand.
    listed: bool,
}

fn find<'a>(tables: &[&'a Table], arguments: &[String]) -> Result<Vec<Own<'a>>> {
    let mut found: Vec<Own<'a>> = tables.iter().map(|table| Own { table, parts: Vec::new() }).collect();
    for argument in arguments {
        let named = argument.split_once('=').and_then(|(name, path)| {
            let index = tables.iter().position(|table| table.name == name)?;
            Some((index, path))
        });
        let (only, path) = named.map_or((None, argument.as_str()), |(index, path)| (Some(index), path));
        let only = only.or((tables.len() == 1).then_some(0));
        if Path::new(path).is_dir() {
            folder(&mut found, Path::new(path), only)?;
        } else {
            let (index, found_part) = single(tables, path, only)?;
            if let Some(own) = found.get_mut(index) {
                own.parts.push(found_part);
            }
        }
    }
    Ok(found)
}

/// Takes the parts of a folder that karat loaded into, or of one of its tables.
fn folder(found: &mut [Own<'_>], path: &Path, only: Option<usize>) -> Result<()> {
    let mut any = false;
    for (index, own) in found.iter_mut().enumerate() {
        let below = path.join(folder_name(&own.table.name));
        let (folder, is_own) = if below.is_dir() { (below, true) } else { (path.to_owned(), only == Some(index)) };
        if only.is_some_and(|only| only != index) || !is_own {
            continue;
        }
        any = true;
        for name in list(&folder)? {
            let local = folder.join(&name).display().to_string();
            let name = format!("{}/{name}", folder_name(&own.table.name));
            own.parts.push(Found { part: Part { name, local: Some(local) }, listed: true });
        }
    }
    if any {
        return Ok(());
    }
    Err(Error::usage(format!("{} has no folder of a table", path.display()))
        .hint("name the folder of `karat load --to csv:DIR`, or write table=FOLDER"))
}

/// Lists the parts of a folder, sorted.
fn list(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| Error::reading(folder, error))? {
        let path = entry.map_err(|error| Error::reading(folder, error))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if path.is_file() && !name.starts_with(['.', '_']) && stem(name).is_some() {
            names.push(name.to_owned());
        }
    }
    // part-…-2 before part-…-10.
    names.sort_by(|left, right| (left.len(), left).cmp(&(right.len(), right)));
    Ok(names)
}

/// Gives the name of a part without `.csv` and the ending of its compression.
fn stem(name: &str) -> Option<&str> {
    let plain = Compression::ENDINGS.iter().find_map(|(ending, _)| name.strip_suffix(ending)).unwrap_or(name);
    plain.strip_suffix(".csv")
}

/// Takes one file, name or URL.
fn single(tables: &[&Table], path: &str, only: Option<usize>) -> Result<(usize, Found)> {
    let is_url = path.contains("://");
    let (above, name) = path.rsplit_once('/').map_or(("", path), |(above, name)| (above, name));
    let parent = above.rsplit('/').next().unwrap_or(above);
    if stem(name).is_none() {
        return Err(Error::usage(format!("the part {path} is no CSV file"))
            .hint("parts are .csv, .csv.gz, .csv.zst or .csv.bz2, as `karat load --to csv:DIR` writes them"));
    }
    let exists = !is_url && Path::new(path).is_file();
    if !is_url && !exists && path.starts_with(['/', '.']) {
        return Err(
            Error::usage(format!("there is no file {path}")).hint("a name below the stage begins with its folder")
        );
    }
    let by_folder = || tables.iter().position(|table| folder_name(&table.name) == parent);
    let index = only
        .or_else(by_folder)
        .ok_or_else(|| Error::usage(format!("which table is {path} for?")).hint("write table=PATH, or give --table"))?;
    let folder = tables.get(index).map(|table| folder_name(&table.name)).unwrap_or_default();
    let below = if is_url || (!exists && !above.is_empty()) { path.to_owned() } else { format!("{folder}/{name}") };
    Ok((index, Found { part: Part { name: below, local: exists.then(|| path.to_owned()) }, listed: false }))
}

/// Leaves out the parts of other loads; where no load is named, the parts' names tell which it is.
fn pick_load(found: &mut [Own<'_>], options: &mut Options) -> Result<()> {
    let ids: BTreeSet<&str> =
        found.iter().flat_map(|own| &own.parts).filter_map(|found| load_of(&found.part)).collect();
    let id = match (&options.load_id, ids.len()) {
        (Some(id), _) => folder_name(id),
        (None, 0) => return Ok(()),
        (None, 1) => ids.into_iter().next().unwrap_or_default().to_owned(),
        (None, _) => {
            let shown: Vec<&str> = ids.into_iter().take(5).collect();
            return Err(Error::usage("the parts are of several loads")
                .hint(format!("name one with --load-id, or give its --report: {}", shown.join(", "))));
        }
    };
    let listed = found.iter().flat_map(|own| &own.parts).any(|found| found.listed);
    for own in found.iter_mut() {
        own.parts.retain(|found| !found.listed || load_of(&found.part).is_none_or(|load| load == id));
    }
    if listed && found.iter().all(|own| own.parts.is_empty()) {
        return Err(Error::usage(format!("there is no part of load {id}")).hint("parts are called part-<load>-<n>.csv"));
    }
    options.load_id.get_or_insert(id);
    Ok(())
}

/// Gives the load that a part's name tells: `part-<load>-<n>.csv`.
fn load_of(part: &Part) -> Option<&str> {
    let (load, number) = stem(part.file_name())?.strip_prefix("part-")?.rsplit_once('-')?;
    (!load.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(load)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SourceSpec;

    fn table(name: &str) -> Table {
        Table::plain(name, SourceSpec::default(), Vec::new())
    }

    fn part(name: &str) -> Part {
        Part { name: name.to_owned(), local: None }
    }

    #[test]
    fn names_tell_the_load() {
        assert_eq!(load_of(&part("t/part-20260101T000000Z-1a-0.csv.gz")), Some("20260101T000000Z-1a"));
        assert_eq!(load_of(&part("t/part-0.csv")), None);
        assert_eq!(load_of(&part("t/other.csv")), None);
    }

    #[test]
    fn a_part_belongs_to_the_table_of_its_folder() {
        let (one, two) = (table("a/b"), table("c"));
        let tables = [&one, &two];
        let (index, found) = single(&tables, "s3://x/in/a%2fb/part-1-0.csv", None).unwrap();
        assert_eq!((index, found.part.name.as_str()), (0, "s3://x/in/a%2fb/part-1-0.csv"));
        let (index, found) = single(&tables, "c/part-1-0.csv", None).unwrap();
        assert_eq!((index, found.part.name.as_str()), (1, "c/part-1-0.csv"));
        assert!(single(&tables, "part-1-0.csv", None).is_err());
        assert_eq!(single(&tables, "part-1-0.csv", Some(1)).unwrap().1.part.name, "c/part-1-0.csv");
        assert!(single(&tables, "c/part-1-0.parquet", None).is_err());
    }

    #[test]
    fn several_loads_are_not_mixed() {
        let own = table("t");
        let listed = |name: &str| Found { part: part(name), listed: true };
        let mut found = [Own { table: &own, parts: vec![listed("t/part-a-0.csv"), listed("t/part-b-0.csv")] }];
        assert!(pick_load(&mut found, &mut Options::default()).is_err());
        let mut options = Options { load_id: Some("b".to_owned()), ..Options::default() };
        pick_load(&mut found, &mut options).unwrap();
        assert_eq!(found[0].parts.len(), 1);
        options.load_id = Some("c".to_owned());
        assert!(pick_load(&mut found, &mut options).is_err());
    }
}
