//! Parts: the files of each table, from folders, manifests, names and URLs.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::io::stores::folder::parts::folder_name;
use crate::model::{Error, Result, Table};
use crate::sql::scripts::{Compression, Options, Part, Stage};

/// The parts of one table.
pub(super) struct Own<'a> {
    pub table: &'a Table,
    pub parts: Vec<Found>,
}

pub(super) struct Found {
    pub part: Part,
    /// Found in a folder or a manifest, where parts of other loads may stand.
    listed: bool,
}

/// Finds the parts that the arguments name.
///
/// # Errors
/// A usage error that names the argument.
pub(super) fn find<'a>(tables: &[&'a Table], arguments: &[String]) -> Result<Vec<Own<'a>>> {
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
        } else if path.ends_with(".manifest") {
            manifest(&mut found, Path::new(path), only)?;
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

/// Takes the parts that a manifest names: of karat's loads into S3, or of an earlier script.
fn manifest(found: &mut [Own<'_>], path: &Path, only: Option<usize>) -> Result<()> {
    let shown = path.display();
    let wrong = || {
        Error::usage(format!("{shown} is no manifest"))
            .hint("`karat load --to csv:s3://…` writes one a table, `<table>.manifest`; copy it here first")
    };
    let text = fs::read_to_string(path).map_err(|error| wrong().because(error))?;
    let value: serde_json::Value = serde_json::from_str(&text).map_err(|error| wrong().because(error))?;
    let entries = value.get("entries").and_then(|entries| entries.as_array()).ok_or_else(wrong)?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let by_name = || found.iter().position(|own| folder_name(&own.table.name) == stem);
    let index = only.or_else(by_name).ok_or_else(|| which(&shown.to_string()))?;
    let Some(own) = found.get_mut(index) else { return Ok(()) };
    for entry in entries {
        let url = entry.get("url").and_then(|url| url.as_str()).filter(|url| url.contains("://")).ok_or_else(wrong)?;
        check_ending(url)?;
        own.parts.push(Found { part: Part { name: url.to_owned(), local: None }, listed: true });
    }
    Ok(())
}

fn which(path: &str) -> Error {
    Error::usage(format!("which table is {path} for?")).hint("write table=PATH, or give --table")
}

fn check_ending(path: &str) -> Result<()> {
    let name = path.rsplit('/').next().unwrap_or(path);
    if stem(name).is_some() {
        return Ok(());
    }
    Err(Error::usage(format!("the part {path} is no CSV file"))
        .hint("parts are .csv, .csv.gz, .csv.zst or .csv.bz2, as `karat load --to csv:DIR` writes them"))
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
    check_ending(path)?;
    let exists = !is_url && Path::new(path).is_file();
    if !is_url && !exists && path.starts_with(['/', '.']) {
        return Err(
            Error::usage(format!("there is no file {path}")).hint("a name below the stage begins with its folder")
        );
    }
    let by_folder = || tables.iter().position(|table| folder_name(&table.name) == parent);
    let index = only.or_else(by_folder).ok_or_else(|| which(path))?;
    let folder = tables.get(index).map(|table| folder_name(&table.name)).unwrap_or_default();
    let below = if is_url || (!exists && !above.is_empty()) { path.to_owned() } else { format!("{folder}/{name}") };
    Ok((index, Found { part: Part { name: below, local: exists.then(|| path.to_owned()) }, listed: false }))
}

/// Leaves out the parts of other loads; where no load is named, the parts' names tell which it is.
///
/// # Errors
/// A usage error where they tell of several, or there is none of the load named.
pub(super) fn pick_load(found: &mut [Own<'_>], options: &mut Options) -> Result<()> {
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

/// Names parts below the stage where their whole URL says that they are there.
pub(super) fn below_stage(found: &mut [Own<'_>], options: &Options) {
    let Some(Stage::Url(stage)) = &options.stage else { return };
    for found in found.iter_mut().flat_map(|own| &mut own.parts) {
        let below = found.part.name.strip_prefix(stage.as_str()).and_then(|rest| rest.strip_prefix('/'));
        if let Some(below) = below.map(str::to_owned) {
            found.part.name = below;
        }
    }
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
