//! The load history of a folder: `_karat/history.ndjson`, one object a loaded file.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind as Io, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::io::{LoadedFile, Mode, PastFile, PastLoad, Receipt};
use crate::model::history::undoable;
use crate::model::{Error, Result};

/// The history's folder in the target.
pub const FOLDER: &str = "_karat";
/// The history's file in it.
pub const FILE: &str = "history.ndjson";

/// One file one load took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub load_id: String,
    pub loaded_at: String,
    pub mode: String,
    pub contract: String,
    pub contract_sha256: String,
    pub karat_version: String,
    pub table: String,
    pub path: String,
    pub sha256: String,
    pub bytes: u64,
    pub records: u64,
    pub clean: u64,
    pub rejected: u64,
    /// The load that replaced the table afterwards: these rows are gone.
    #[serde(default)]
    pub replaced_by: Option<String>,
    /// When the load was undone: these rows are gone too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone_at: Option<String>,
}

impl Entry {
    /// Tells whether the rows are still there.
    const fn lives(&self) -> bool {
        self.replaced_by.is_none() && self.undone_at.is_none()
    }
}

/// Reads the history of a target; empty where there is none.
///
/// # Errors
/// Where it is there and cannot be read.
pub fn read(target: &Path) -> Result<Vec<Entry>> {
    let path = target.join(FOLDER).join(FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), Io::NotFound | Io::NotADirectory) => return Ok(Vec::new()),
        Err(error) => return Err(Error::reading(&path, error)),
    };
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let entry = |(index, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| {
            Error::output(format!("cannot read {}, line {}", path.display(), index + 1)).because(error)
        })
    };
    lines.map(entry).collect()
}

/// Adds a load: its files, and that it replaced tables where it did.
pub fn add(entries: &mut Vec<Entry>, receipt: &Receipt, mode: Mode, tables: &[&str]) {
    if mode == Mode::Replace {
        let gone = entries.iter_mut().filter(|entry| tables.contains(&entry.table.as_str()));
        for entry in gone.filter(|entry| entry.lives()) {
            entry.replaced_by = Some(receipt.load_id.clone());
        }
    }
    entries.extend(receipt.files.iter().map(|file| Entry {
        load_id: receipt.load_id.clone(),
        loaded_at: receipt.loaded_at.clone(),
        mode: mode.name().to_owned(),
        contract: receipt.contract.clone(),
        contract_sha256: receipt.contract_sha256.clone(),
        karat_version: env!("CARGO_PKG_VERSION").to_owned(),
        table: file.table.clone(),
        path: file.path.clone(),
        sha256: file.sha256.clone(),
        bytes: file.bytes,
        records: file.records,
        clean: file.clean,
        rejected: file.rejected,
        replaced_by: None,
        undone_at: None,
    }));
}

/// Finds the last load that took a file's content into a table and whose rows are still there.
#[must_use]
pub fn find(entries: &[Entry], table: &str, sha256: &str) -> Option<String> {
    let mut newest = entries.iter().rev();
    let found = newest.find(|e| e.table == table && e.sha256 == sha256 && e.lives());
    found.map(|entry| entry.load_id.clone())
}

/// Tells whether a file of so many bytes was taken into a table, and its rows are still there.
#[must_use]
pub fn has_length(entries: &[Entry], table: &str, bytes: u64) -> bool {
    entries.iter().any(|e| e.table == table && e.bytes == bytes && e.lives())
}

/// Gives the loads, oldest first.
#[must_use]
pub fn loads(entries: &[Entry]) -> Vec<PastLoad> {
    let mut loads = Vec::<PastLoad>::new();
    for entry in entries {
        let file = LoadedFile {
            table: entry.table.clone(),
            path: entry.path.clone(),
            sha256: entry.sha256.clone(),
            bytes: entry.bytes,
            records: entry.records,
            clean: entry.clean,
            rejected: entry.rejected,
        };
        let file = PastFile { file, replaced_by: entry.replaced_by.clone() };
        match loads.iter_mut().rev().find(|load| load.load_id == entry.load_id) {
            Some(load) => load.files.push(file),
            None => loads.push(PastLoad {
                load_id: entry.load_id.clone(),
                loaded_at: entry.loaded_at.clone(),
                mode: entry.mode.clone(),
                contract: entry.contract.clone(),
                contract_sha256: entry.contract_sha256.clone(),
                karat_version: entry.karat_version.clone(),
                files: vec![file],
                undone_at: entry.undone_at.clone(),
            }),
        }
    }
    loads
}

/// Marks a load as undone, and gives its tables with the rows that were loaded into each.
///
/// # Errors
/// A usage error where it cannot be undone: it is unknown, was undone or replaced, or was no `append`.
pub fn undo(entries: &mut [Entry], load_id: &str, undone_at: &str) -> Result<BTreeMap<String, u64>> {
    let tables = undoable(&loads(entries), load_id)?.into_iter().collect();
    for entry in entries.iter_mut().filter(|entry| entry.load_id == load_id) {
        entry.undone_at = Some(undone_at.to_owned());
    }
    Ok(tables)
}

/// Makes sure that a load to be undone is there as it was loaded.
///
/// # Errors
/// An output error where another number of rows is there.
pub fn all_there(load_id: &str, table: &str, there: u64, loaded: u64) -> Result<()> {
    if there == loaded {
        return Ok(());
    }
    Err(Error::output(format!(
        "load {load_id} cannot be undone: {there} of {loaded} rows it brought into {table} are there"
    ))
    .hint("A later load took the place of the others, or somebody changed the files; nothing was changed now."))
}

/// Writes the history into a new folder, and waits until it is on the disk.
///
/// # Errors
/// Where it cannot be written.
pub fn write(root: &Path, entries: &[Entry]) -> Result<()> {
    let folder = root.join(FOLDER);
    let path = folder.join(FILE);
    let mut text = Vec::new();
    for entry in entries {
        serde_json::to_writer(&mut text, entry).map_err(|error| Error::writing(&path, error.into()))?;
        text.push(b'\n');
    }
    let written = fs::create_dir_all(&folder).and_then(|()| {
        let mut file = File::create(&path)?;
        file.write_all(&text)?;
        file.sync_all()
    });
    written.map_err(|error| Error::writing(&path, error))
}
