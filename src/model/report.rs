//! Report: all that a run found. Its JSON form is versioned and holds no clock, no machine and no absolute path
//! outside `run`, so that two reports of the same data are equal byte for byte.

use serde::{Deserialize, Serialize};

use crate::model::rule::Severity;

/// The version of the JSON form, `name/major`.
pub const SCHEMA: &str = "karat.report/1";

/// Holds everything a `check` or `load` found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// `check` or `load`.
    pub command: String,
    pub contract: String,
    pub contract_sha256: String,
    /// Whether the gate passed (exit 0).
    pub passed: bool,
    /// Whether the target was changed (load only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub committed: Option<bool>,
    /// Contract order.
    pub tables: Vec<TableReport>,
    /// What the run wants to say besides, one sentence each.
    pub notes: Vec<String>,
    /// What differs between two equal runs; never compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<RunReport>,
}

/// The part of a report that two equal runs need not share. Without timestamps (`--no-timestamps`) both moments are
/// 1970-01-01T00:00:00Z, `seconds` and `threads` are 0 and there is no `run_id`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    pub karat_version: String,
    /// UUID (RFC 9562, version 7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    /// RFC 3339, UTC.
    pub started_at: String,
    /// RFC 3339, UTC; empty in reports of older versions.
    #[serde(default)]
    pub finished_at: String,
    pub seconds: f64,
    pub threads: usize,
    /// The contract's path as given, `/` between folders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_file: Option<String>,
    /// The baseline the gate was compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_id: Option<String>,
    /// The folder the rejects were written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejects: Option<String>,
    /// The same folder seen from the report's file, for links; not part of the JSON.
    #[serde(skip)]
    pub rejects_link: Option<String>,
}

/// What was found in one table. `records = clean + rejected` always.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TableReport {
    pub table: String,
    pub files: Vec<FileReport>,
    pub records: u64,
    pub clean: u64,
    pub rejected: u64,
    /// Clean records with at least one warning.
    pub warned: u64,
    /// Rows the target took (load only): `clean`, or 0 where the load was undone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loaded: Option<u64>,
    /// Of `loaded`, rows that replaced a row of the target (upsert only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<u64>,
    /// Contract order.
    pub rules: Vec<RuleReport>,
    /// Pairs of rules that one record broke, most records first, at most [`PAIRS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub together: Vec<Together>,
}

/// How many pairs of rules a report names.
pub const PAIRS: usize = 20;

/// Two rules that were broken by the same records: often one cause.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Together {
    /// Ids, contract order.
    pub rules: [String; 2],
    /// Records that broke both.
    pub records: u64,
}

/// What was read from one file. `bytes` = records + framing, always (Parquet has no bytes a record).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    /// As given or matched, `/` between folders.
    pub path: String,
    /// Decoded (decompressed) bytes.
    pub bytes: u64,
    pub record_bytes: u64,
    /// Byte-order mark, skipped lines, header, blank lines, comments, JSON brackets and blanks.
    pub framing_bytes: u64,
    pub records: u64,
    pub blank_lines: u64,
    pub comment_lines: u64,
    /// SHA-256 of the file as stored; computed by loads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The file was loaded before and was skipped.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub skipped: bool,
}

/// What became of one rule.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RuleReport {
    pub id: String,
    pub kind: String,
    pub code: String,
    pub severity: Severity,
    /// The columns it speaks of, as the contract writes them; empty for rules on the whole row or table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Line of the contract, from 1; 0 in reports of older versions.
    #[serde(default)]
    pub contract_line: u32,
    /// Column of that line, in characters from 1.
    #[serde(default)]
    pub contract_column: u32,
    /// What the contract says about the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What must hold, in words.
    pub brief: String,
    pub outcome: Outcome,
    /// Rows that broke it (deviations for table rules).
    pub failures: u64,
    /// Rows for which it could not be decided since a cell did not parse.
    pub unknown: u64,
    /// Of `failures`, those the baseline holds (with `--baseline` only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<u64>,
    /// What was measured (table rules), as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed: Option<String>,
    /// Why it was not evaluated, or what deviates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The first places in file order, at most five; with `--baseline` the first that are not in it.
    pub places: Vec<Place>,
}

/// What became of a rule over a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    #[default]
    Passed,
    Warned,
    Failed,
    NotEvaluated,
}

/// Where a rule was broken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub file: String,
    /// Data records of the file from 1.
    pub record: u64,
    /// Physical lines from 1; 0 where the format has none.
    pub line: u64,
    /// Byte offset of the record in the decoded file.
    pub offset: u64,
    /// Bytes of the record, line ending included; 0 where the format has none.
    #[serde(default)]
    pub length: u64,
    /// Where the value itself stands, quotes included; known for columns of delimited files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<CellPlace>,
    /// The code of this violation.
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    pub message: String,
}

/// Where a value stands in its file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellPlace {
    /// Physical line from 1.
    pub line: u64,
    /// Character of that line, from 1.
    pub column: u64,
    /// Byte offset in the decoded file.
    pub offset: u64,
    /// Bytes.
    pub length: u64,
}
