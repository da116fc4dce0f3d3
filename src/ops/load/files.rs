//! Files: which of them the target took before, and what its history will say of the others.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::io::stores::local;
use crate::io::{InputFile, LoadedFile, Sink};
use crate::model::{Error, ErrorKind, FileReport, Result, Table, TableReport};
use crate::ops::settings::Settings;

/// One file that is loaded.
pub struct Fresh {
    pub file: InputFile,
    /// Its content hash and length, where they had to be known already.
    hash: Option<(String, u64)>,
}

/// One file that was loaded, with its content hash.
pub struct Hashed {
    file: InputFile,
    sha256: String,
    bytes: u64,
}

/// Sets the files aside that the target took before. Only those that are as long as one of these, or as another one of
/// the same load, are hashed for it.
///
/// # Errors
/// Where a file or the history cannot be read.
pub fn sort_out(
    sink: &mut dyn Sink,
    table: &Table,
    files: &[InputFile],
    skip: bool,
    settings: &Settings,
    notes: &mut Vec<String>,
) -> Result<(Vec<Fresh>, Vec<FileReport>)> {
    let (mut fresh, mut skipped) = (Vec::<Fresh>::new(), Vec::new());
    let mut whys = Vec::new();
    let length = |file: &InputFile| fs::metadata(&file.path).map_or(0, |data| data.len());
    let lengths: Vec<u64> = files.iter().map(length).collect();
    let mut as_long = BTreeMap::<u64, usize>::new();
    for bytes in &lengths {
        *as_long.entry(*bytes).or_default() += 1;
    }
    for (file, bytes) in files.iter().zip(lengths) {
        settings.go_on()?;
        if !skip || (as_long.get(&bytes) == Some(&1) && !sink.loaded_as_long(&table.name, bytes)?) {
            fresh.push(Fresh { file: file.clone(), hash: None });
            continue;
        }
        let (sha256, bytes) = hash(file, settings, || settings.go_on())?;
        let before = sink.loaded_before(&table.name, &identity(table, file, &sha256))?;
        let is_twin = |other: &&Fresh| {
            other.file.partitions == file.partitions && other.hash.as_ref().is_some_and(|(other, _)| *other == sha256)
        };
        let why = match (&before, fresh.iter().find(is_twin)) {
            (Some(load), _) => format!("was loaded before by load {load}"),
            (None, Some(twin)) => format!("has the same content as {}", twin.file.shown),
            _ => {
                fresh.push(Fresh { file: file.clone(), hash: Some((sha256, bytes)) });
                continue;
            }
        };
        whys.push(format!("{} {why}", file.shown));
        let report = FileReport { path: file.shown.clone(), sha256: Some(sha256), skipped: true, ..Default::default() };
        skipped.push(report);
    }
    match &whys[..] {
        [] => {}
        [why] => notes.push(format!("{why}, so it was skipped; --force loads it again")),
        [why, rest @ ..] => notes.push(format!(
            "{}: {} files were skipped; --force loads them again: {why}, and {} more",
            table.name,
            whys.len(),
            rest.len()
        )),
    }
    Ok((fresh, skipped))
}

/// Loads the files, and hashes those beside it that are not hashed yet; before it where there is but one thread.
///
/// # Errors
/// The error of `load`, and where a file cannot be read.
pub fn hash_beside<T>(
    fresh: Vec<Fresh>,
    settings: &Settings,
    load: impl FnOnce() -> Result<T>,
) -> Result<(T, Vec<Hashed>)> {
    let stopped = AtomicBool::new(false);
    let go_on = || {
        let failed = || Error::new(ErrorKind::Interrupted, "the load failed before its files were hashed");
        if stopped.load(Ordering::Relaxed) { Err(failed()) } else { settings.go_on() }
    };
    let all = || {
        let one = |fresh: Fresh| {
            let (sha256, bytes) = fresh.hash.map_or_else(|| hash(&fresh.file, settings, go_on), Ok)?;
            Ok(Hashed { file: fresh.file, sha256, bytes })
        };
        fresh.into_iter().map(one).collect::<Result<Vec<_>>>()
    };
    if settings.threads < 2 {
        let hashed = all()?;
        return Ok((load()?, hashed));
    }
    std::thread::scope(|scope| {
        let hashing = scope.spawn(all);
        let loaded = load().inspect_err(|_| stopped.store(true, Ordering::Relaxed))?;
        let hashed = hashing.join().map_err(|_| Error::new(ErrorKind::Conservation, "a file's hash got lost"))?;
        Ok((loaded, hashed?))
    })
}

/// Hashes a file, as long as it may go on.
fn hash(file: &InputFile, settings: &Settings, go_on: impl Fn() -> Result<()>) -> Result<(String, u64)> {
    local::sha256(&file.path, |read| {
        settings.progress.bytes.fetch_add(read, Ordering::Relaxed);
        go_on()
    })
}

/// Notes what the history will say of the files of a table.
pub fn remember(
    history: &mut Vec<LoadedFile>,
    table: &Table,
    report: &mut TableReport,
    files: &[Hashed],
    rejected: &[(String, u64)],
) {
    for (file, hashed) in report.files.iter_mut().zip(files) {
        file.sha256 = Some(hashed.sha256.clone());
        let refused = rejected.iter().find(|(path, _)| *path == file.path).map_or(0, |(_, count)| *count);
        history.push(LoadedFile {
            table: table.name.clone(),
            path: file.path.clone(),
            sha256: identity(table, &hashed.file, &hashed.sha256),
            bytes: hashed.bytes,
            records: file.records,
            clean: file.records - refused.min(file.records),
            rejected: refused,
        });
    }
}

/// Gives what tells a file from all others in the history: its content's hash, and the `key=value` folders that are
/// columns. The same bytes in the folder of another day are other rows.
fn identity(table: &Table, file: &InputFile, sha256: &str) -> String {
    let pairs = file.partitions.iter().filter(|(key, _)| table.column_index(key).is_some());
    pairs.fold(sha256.to_owned(), |identity, (key, value)| format!("{identity} {key}={value}"))
}
