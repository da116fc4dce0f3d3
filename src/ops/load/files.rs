//! Files: which of them the target took before, and what its history will say of the others.

use crate::io::stores::local;
use crate::io::{InputFile, LoadedFile, Sink};
use crate::model::{FileReport, Result, Table, TableReport};
use crate::ops::settings::Settings;

/// One file that is loaded, with its content hash.
pub struct Hashed {
    pub file: InputFile,
    sha256: String,
    bytes: u64,
}

/// Hashes the files and sets those aside that the target took before.
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
) -> Result<(Vec<Hashed>, Vec<FileReport>)> {
    let (mut fresh, mut skipped) = (Vec::<Hashed>::new(), Vec::new());
    let mut whys = Vec::new();
    for file in files {
        settings.go_on()?;
        let (sha256, bytes) = local::sha256(&file.path, &settings.progress.bytes)?;
        let before = if skip { sink.loaded_before(&table.name, &identity(table, file, &sha256))? } else { None };
        let twin = fresh.iter().find(|other| other.sha256 == sha256 && other.file.partitions == file.partitions);
        let why = match (&before, twin) {
            (Some(load), _) => format!("was loaded before by load {load}"),
            (None, Some(twin)) if skip => format!("has the same content as {}", twin.file.shown),
            _ => {
                fresh.push(Hashed { file: file.clone(), sha256, bytes });
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
