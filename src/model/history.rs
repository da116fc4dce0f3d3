//! History: what a target tells of the loads it took.

use serde::{Deserialize, Serialize};

use crate::model::{Error, Result};

/// One file in the load history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadedFile {
    pub table: String,
    pub path: String,
    /// Of the content, in hex; behind it ` key=value` for each folder of the path that is a column.
    pub sha256: String,
    pub bytes: u64,
    pub records: u64,
    pub clean: u64,
    pub rejected: u64,
}

/// One load of a target's history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastLoad {
    pub load_id: String,
    /// RFC 3339, UTC.
    pub loaded_at: String,
    /// `append`, `replace` or `upsert`.
    pub mode: String,
    pub contract: String,
    pub contract_sha256: String,
    pub karat_version: String,
    pub files: Vec<PastFile>,
    /// When the load was undone (RFC 3339, UTC), where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undone_at: Option<String>,
}

/// One file of a load of the history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastFile {
    #[serde(flatten)]
    pub file: LoadedFile,
    /// The load that replaced the table afterwards: these rows are gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
}

/// Finds a load that may be undone, and gives the rows it brought into each table, in the order of the load.
///
/// # Errors
/// A usage error where it is unknown, was undone or replaced, was no `append`, or took no file.
pub fn undoable(loads: &[PastLoad], load_id: &str) -> Result<Vec<(String, u64)>> {
    let Some(load) = loads.iter().find(|load| load.load_id == load_id) else {
        return Err(Error::usage(format!("the target has no load {load_id}")).hint("`karat history` lists its loads."));
    };
    let no = |why: String| Err(Error::usage(format!("load {load_id} cannot be undone: {why}")));
    if let Some(at) = &load.undone_at {
        return no(format!("it was undone at {at}"));
    }
    if load.mode != "append" {
        let article = if load.mode == "upsert" { "an" } else { "a" };
        return no(format!("it was no append but {article} {}", load.mode))
            .map_err(|error| error.hint("The rows that stood there before are gone."));
    }
    let mut tables: Vec<(String, u64)> = Vec::new();
    for PastFile { file, replaced_by } in &load.files {
        if let Some(by) = replaced_by {
            return no(format!("load {by} replaced its rows of {}", file.table));
        }
        match tables.iter_mut().find(|(table, _)| *table == file.table) {
            Some((_, rows)) => *rows += file.clean,
            None => tables.push((file.table.clone(), file.clean)),
        }
    }
    if tables.is_empty() {
        return no("it took no file, so its rows are not counted".to_owned());
    }
    Ok(tables)
}

/// Says that the rows of a table cannot be told apart by their loads.
#[must_use]
pub fn without_load_id(table: &str) -> Error {
    Error::usage(format!("{table} has no column load_id, so its rows cannot be told apart"))
        .hint("Only loads that add that column can be undone: `audit_columns: [load_id]` in the contract.")
}

impl PastLoad {
    /// Says what became of the load's rows: `loaded`, `replaced` (in all its tables), `partly replaced`, `undone`.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        let gone = self.files.iter().filter(|file| file.replaced_by.is_some()).count();
        match gone {
            _ if self.undone_at.is_some() => "undone",
            0 => "loaded",
            _ if gone == self.files.len() => "replaced",
            _ => "partly replaced",
        }
    }
}
