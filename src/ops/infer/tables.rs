//! Which files make one table, and how they are written.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use crate::io::InputFile;
use crate::io::formats::csv::sniff::{self, Known};
use crate::io::stores::local;
use crate::model::{Column, DataType, Error, Format, Result, SourceSpec, Table};
use crate::ops::inputs::{Servers, named};
use crate::ops::profile::inputs::copied;

/// Files that belong together.
#[derive(Debug, Clone)]
pub struct Found {
    /// For reading: every column is text.
    pub table: Table,
    pub files: Vec<InputFile>,
    /// From the common folder of all files: `sales/d=*/part.csv`.
    pub path: String,
    /// What is not as by default, and why.
    pub notes: Vec<String>,
}

/// What a command line says about the files.
pub struct Asked<'a> {
    /// Paths, globs, folders, `table=path`, or `-`.
    pub files: &'a [String],
    pub known: Known,
    /// Where standard input, and what comes from servers, is kept.
    pub spool: &'a Path,
    pub stdin: &'a mut dyn Read,
    pub servers: &'a Servers,
}

const CSV: &[&str] = &["csv", "tsv", "tbl", "txt", "psv", "dat"];
const JSON: &[&str] = &["ndjson", "jsonl", "json"];
const PACKED: &[&str] = &["gz", "zst", "bz2"];

/// A file and the name of its table, if one was given.
struct Named {
    name: Option<String>,
    file: InputFile,
}

/// Finds the tables; gives them by name with the folder their paths start from.
///
/// # Errors
/// Where a file is not there or cannot be read, or two tables get one name.
pub fn find(asked: Asked<'_>) -> Result<(Vec<Found>, String)> {
    let (mut files, mut servers_of) = (Vec::new(), BTreeMap::new());
    let Asked { files: arguments, known, spool, stdin, servers } = asked;
    for argument in arguments {
        match copied(argument, servers, spool)? {
            Some(copied) => {
                if let Some(server) = copied.server {
                    servers_of.insert(copied.name.clone(), server);
                }
                let named = |file| Named { name: Some(copied.name.clone()), file };
                files.extend(copied.files.into_iter().map(named));
            }
            None => add(argument, spool, stdin, &mut files)?,
        }
    }
    if files.is_empty() {
        return Err(Error::usage("no file to look at").hint("name files, a glob, a folder, or `-` for standard input"));
    }
    for named in &mut files {
        named.file = local::settle(named.file.clone(), spool)?;
    }
    let mut groups: BTreeMap<String, Vec<InputFile>> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    let names = group_names(&files);
    for (named, name) in files.into_iter().zip(names) {
        let group = groups.entry(name.clone()).or_default();
        if group.is_empty() {
            order.push(name);
        }
        if !group.iter().any(|file| file.path == named.file.path) {
            group.push(named.file);
        }
    }
    let all: Vec<&InputFile> = groups.values().flatten().collect();
    let base = common_folder(&all);
    let mut tables = Vec::new();
    for name in order {
        let files = groups.remove(&name).unwrap_or_default();
        let mut table = table(&name, files, &base, known)?;
        table.table.source.server = servers_of.remove(&name);
        tables.push(table);
    }
    Ok((tables, base))
}

fn add(argument: &str, spool: &Path, stdin: &mut dyn Read, files: &mut Vec<Named>) -> Result<()> {
    let (name, path) = named(argument);
    let name = name.map(str::to_owned);
    if path == "-" {
        files.push(Named { name, file: local::spool(stdin, spool)? });
        return Ok(());
    }
    let found = if Path::new(path).is_dir() {
        let folder = glob::Pattern::escape(path.trim_end_matches('/'));
        let inside = local::expand(&format!("{folder}/**/*"), None)?;
        let known: Vec<InputFile> = inside.into_iter().filter(|file| ending(&file.shown).is_some()).collect();
        if known.is_empty() {
            return Err(Error::usage(format!("{path} holds no file of data"))
                .hint(format!("files end in {} or parquet, compressed or not", [CSV, JSON].concat().join(", "))));
        }
        known
    } else {
        local::expand(path, None)?
    };
    files.extend(found.into_iter().map(|file| Named { name: name.clone(), file }));
    Ok(())
}

/// Gives the ending that says the format, in small letters, without that of a compression.
fn ending(shown: &str) -> Option<String> {
    let name = shown.rsplit('/').next()?.to_ascii_lowercase();
    let mut parts: Vec<&str> = name.split('.').skip(1).collect();
    if parts.last().is_some_and(|last| PACKED.contains(last)) {
        parts.pop();
    }
    let last = *parts.last()?;
    (CSV.contains(&last) || JSON.contains(&last) || last == "parquet").then(|| last.to_owned())
}

/// Names the table of each file: as given, the folder above the `key=value` folders, or the file's name without endings;
/// numbers at the end of names that several files share are left out.
fn group_names(files: &[Named]) -> Vec<String> {
    let stem = |file: &InputFile| {
        let name = file.shown.rsplit('/').next().unwrap_or_default();
        if name == "-" { "input".to_owned() } else { name.split('.').next().unwrap_or_default().to_owned() }
    };
    let bare = |file: &InputFile| {
        let stem = stem(file);
        let short = stem.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '_'));
        if short.is_empty() { stem.clone() } else { short.to_owned() }
    };
    let mut shares: BTreeMap<(String, Option<String>), usize> = BTreeMap::new();
    for named in files {
        *shares.entry((bare(&named.file), ending(&named.file.shown))).or_default() += 1;
    }
    let name = |named: &Named| {
        if let Some(name) = &named.name {
            return name.clone();
        }
        let folders: Vec<&str> = named.file.shown.split('/').collect();
        let above =
            folders.iter().position(|folder| folder.contains('=')).and_then(|at| folders.get(at.checked_sub(1)?));
        if let Some(folder) = above.filter(|folder| !folder.is_empty() && **folder != "." && **folder != "..") {
            return table_name(folder);
        }
        let shared = shares.get(&(bare(&named.file), ending(&named.file.shown))).is_some_and(|count| *count > 1);
        table_name(&if shared { bare(&named.file) } else { stem(&named.file) })
    };
    files.iter().map(name).collect()
}

/// Makes a name that a contract takes.
fn table_name(text: &str) -> String {
    let name: String = text.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect();
    let name = name.trim_start_matches('-').chars().take(100).collect::<String>();
    if name.trim_matches('_').is_empty() { "table".to_owned() } else { name }
}

/// Gives the deepest folder that holds all files, `key=value` folders left out; empty for the current one.
fn common_folder(files: &[&InputFile]) -> String {
    let folders = |file: &InputFile| -> Vec<String> {
        let mut parts: Vec<String> = file.shown.split('/').map(str::to_owned).collect();
        parts.pop();
        parts.into_iter().take_while(|part| !part.contains('=')).collect()
    };
    let Some(first) = files.first() else { return String::new() };
    let mut common = folders(first);
    for file in files {
        let other = folders(file);
        let same = common.iter().zip(&other).take_while(|(left, right)| left == right).count();
        common.truncate(same);
    }
    common.join("/")
}

/// Writes one pattern for some paths below a folder.
fn path_of(files: &[InputFile], base: &str) -> String {
    let below = |file: &InputFile| {
        let rest = file.shown.strip_prefix(base).unwrap_or(&file.shown);
        rest.trim_start_matches('/').split('/').map(str::to_owned).collect::<Vec<String>>()
    };
    let paths: Vec<Vec<String>> = files.iter().map(below).collect();
    let Some(first) = paths.first() else { return String::new() };
    if paths.iter().any(|path| path.len() != first.len()) {
        let end = files.first().and_then(|file| ending(&file.shown)).unwrap_or_default();
        return format!("**/*.{end}*");
    }
    let part = |at: usize| {
        let parts: Vec<&str> = paths.iter().filter_map(|path| path.get(at)).map(String::as_str).collect();
        let own = first.get(at).map(String::as_str).unwrap_or_default();
        if let Some((key, _)) = own.split_once('=')
            && parts.iter().all(|part| part.starts_with(&format!("{key}=")))
            && at + 1 < first.len()
        {
            return format!("{key}=*");
        }
        if parts.iter().all(|part| *part == own) {
            return glob::Pattern::escape(own);
        }
        let prefix = own
            .char_indices()
            .map(|(end, c)| end + c.len_utf8())
            .take_while(|end| parts.iter().all(|part| part.get(..*end) == own.get(..*end)));
        let prefix = prefix.last().unwrap_or(0);
        let suffix = own.rfind('.').map_or("", |dot| &own[dot..]);
        let suffix = if parts.iter().all(|part| part.ends_with(suffix)) { suffix } else { "" };
        format!("{}*{}", glob::Pattern::escape(own.get(..prefix).unwrap_or_default()), glob::Pattern::escape(suffix))
    };
    (0..first.len()).map(part).collect::<Vec<_>>().join("/")
}

fn table(name: &str, files: Vec<InputFile>, base: &str, known: Known) -> Result<Found> {
    let first = first_filled(&files)?;
    let format = format_of(first)?;
    let path = path_of(&files, base);
    let mut notes = Vec::new();
    let mut source = SourceSpec { format, ..SourceSpec::default() };
    let mut names = Vec::new();
    if format == Format::Csv {
        let found = sniff::file(first, known)?;
        notes.extend(found.notes.iter().cloned());
        source = found.spec;
        names = match found.names {
            Some(names) => header(names, &mut source, &mut notes),
            None => (1..=found.width).map(|number| format!("column{number}")).collect(),
        };
        others_differ(&files, first, &source, known, &mut notes)?;
    } else {
        source.null_values.clear();
    }
    let columns = names.into_iter().map(|name| Column::new(name, DataType::String)).collect();
    Ok(Found { table: Table::plain(name, source, columns), files, path, notes })
}

/// A header that names a column twice or not at all cannot stand in a contract: it is skipped, and the names are made.
fn header(names: Vec<String>, source: &mut SourceSpec, notes: &mut Vec<String>) -> Vec<String> {
    let good = |name: &String| !name.trim().is_empty() && !name.chars().any(char::is_control);
    let distinct: std::collections::BTreeSet<&String> = names.iter().collect();
    if distinct.len() == names.len() && names.iter().all(good) {
        return names;
    }
    source.header = false;
    source.skip_lines += 1;
    notes
        .push("the header names a column twice or not at all: it is skipped, and columns go by their place".to_owned());
    let mut made: Vec<String> = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let clean: String = name.chars().filter(|c| !c.is_control()).collect();
        let own = if clean.trim().is_empty() { format!("column{}", at + 1) } else { clean };
        let first = if made.contains(&own) { format!("{own}_{}", at + 1) } else { own };
        made.push(if made.contains(&first) { format!("column{}", at + 1) } else { first });
    }
    made
}

/// Says which files are separated by another byte than the first.
fn others_differ(
    files: &[InputFile],
    first: &InputFile,
    source: &SourceSpec,
    known: Known,
    notes: &mut Vec<String>,
) -> Result<()> {
    if known.delimiter.is_some() {
        return Ok(());
    }
    // A look at a hundred files is enough: the trial reads them all.
    for file in files.iter().filter(|file| file.path != first.path).take(100) {
        let (head, whole) = sniff::head(file, 32 << 10)?;
        let other = sniff::sniff(&head, whole, known);
        if other.width > 1 && other.spec.delimiter != source.delimiter {
            notes.push(format!("{} is separated by {}", file.shown, sniff::shown(other.spec.delimiter)));
        }
    }
    Ok(())
}

fn first_filled(files: &[InputFile]) -> Result<&InputFile> {
    let filled = |file: &&InputFile| std::fs::metadata(&file.path).is_ok_and(|data| data.len() > 0);
    files.iter().find(filled).or(files.first()).ok_or_else(|| Error::usage("no file to look at"))
}

/// Tells a file's format by its ending, and where that does not say it by its first bytes.
fn format_of(file: &InputFile) -> Result<Format> {
    let end = ending(&file.shown);
    match end.as_deref() {
        Some("parquet") => return Ok(Format::Parquet),
        Some("ndjson" | "jsonl") => return Ok(Format::Ndjson),
        Some(end) if CSV.contains(&end) => return Ok(Format::Csv),
        _ => {}
    }
    let (head, whole) = sniff::head(file, 64 << 10)?;
    let text = head.trim_ascii_start();
    Ok(match text.first() {
        _ if head.starts_with(b"PAR1") => Format::Parquet,
        Some(b'[') if end.is_some() || text.get(1).is_some_and(|byte| matches!(byte, b'{' | b'\n' | b'\r' | b' ')) => {
            Format::Json
        }
        Some(b'{') => {
            let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let is_whole = |text: &[u8]| serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok();
            // One object over several lines is a document.
            if whole && !is_whole(line) && is_whole(text) { Format::Json } else { Format::Ndjson }
        }
        _ if end.is_some() => Format::Ndjson,
        _ => Format::Csv,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(shown: &[&str]) -> Vec<InputFile> {
        let file = |shown: &&str| InputFile { shown: (*shown).to_owned(), path: shown.into(), partitions: vec![] };
        shown.iter().map(file).collect()
    }

    fn names(shown: &[&str]) -> Vec<String> {
        let named: Vec<Named> = files(shown).into_iter().map(|file| Named { name: None, file }).collect();
        group_names(&named)
    }

    #[test]
    fn files_of_one_sort_are_one_table() {
        assert_eq!(names(&["in/orders.csv", "in/items.csv.gz"]), ["orders", "items"]);
        assert_eq!(names(&["in/orders_2026-01.csv", "in/orders_2026-02.csv"]), ["orders", "orders"]);
        assert_eq!(names(&["in/orders_2026.csv", "in/x.csv"]), ["orders_2026", "x"]);
        assert_eq!(names(&["in/sales/d=1/part-0.json", "in/sales/d=2/part-7.json"]), ["sales", "sales"]);
        assert_eq!(names(&["a b&c.csv", "2026.csv", "-"]), ["a_b_c", "2026", "input"]);
    }

    #[test]
    fn paths_are_patterns_from_the_common_folder() {
        let all = files(&["in/c.csv", "in/t/d=1/x.json", "in/t/d=2/x.json"]);
        let base = common_folder(&all.iter().collect::<Vec<_>>());
        assert_eq!(base, "in");
        assert_eq!(path_of(&all[..1], &base), "c.csv");
        assert_eq!(path_of(&all[1..], &base), "t/d=*/x.json");
        assert_eq!(path_of(&files(&["o_1.csv", "o_22.csv"]), ""), "o_*.csv");
        assert_eq!(path_of(&files(&["a/o.csv", "b/c/o.csv"]), ""), "**/*.csv*");
        assert_eq!(path_of(&files(&["a[1].csv"]), ""), "a[[]1[]].csv");
    }

    #[test]
    fn bad_headers_are_skipped() {
        let (mut source, mut notes) = (SourceSpec::default(), Vec::new());
        let names = ["a", "", "a", "b"].map(str::to_owned).to_vec();
        assert_eq!(header(names, &mut source, &mut notes), ["a", "column2", "a_3", "b"]);
        assert_eq!((source.header, source.skip_lines, notes.len()), (false, 1, 1));
    }
}
