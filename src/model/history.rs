//! History: what a target tells of the loads it took.

use serde::{Deserialize, Serialize};

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
