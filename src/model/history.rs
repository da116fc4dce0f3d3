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

impl PastLoad {
    /// Gives the rows that the load brought into each of its tables, where it can be undone.
    ///
    /// # Errors
    /// A usage error where it was undone or replaced, or was no `append`.
    pub fn undoable(&self) -> Result<Vec<(String, u64)>> {
        let id = &self.load_id;
        match self.outcome() {
            "loaded" if self.mode == "append" => {}
            "loaded" => {
                return Err(Error::usage(format!("{id} was a {}: the rows it took the place of are gone", self.mode))
                    .hint("Only an append can be undone. Load the state you want with `--mode replace`."));
            }
            outcome => return Err(Error::usage(format!("{id} cannot be undone: it is {outcome}"))),
        }
        let mut tables: Vec<(String, u64)> = Vec::new();
        for PastFile { file, .. } in &self.files {
            match tables.iter_mut().find(|(table, _)| *table == file.table) {
                Some((_, rows)) => *rows += file.clean,
                None => tables.push((file.table.clone(), file.clean)),
            }
        }
        if tables.is_empty() {
            return Err(Error::usage(format!("{id} took no file, so its rows are not counted"))
                .hint("Load the state you want with `--mode replace`."));
        }
        Ok(tables)
    }

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
