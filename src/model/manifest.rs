//! Manifest: every fault that was planted, the ground truth that checkers are scored against. NDJSON: a header, then
//! one entry a line in the order of tables, files and bytes.

use serde::{Deserialize, Serialize};

/// The version of the form, `name/major`.
pub const SCHEMA: &str = "karat.manifest/1";

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// [`SCHEMA`].
    pub schema: String,
    pub contract: String,
    pub contract_sha256: String,
    pub seed: u64,
    /// The version of the generator's values: equal versions make equal bytes.
    pub generator: u32,
    /// How many entries follow.
    pub faults: u64,
}

/// One planted fault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub table: String,
    /// As written, relative to the data folder, `/` between folders.
    pub file: String,
    /// Number of the data record in the file from 1, counted as a reader that trusts the format counts; of the record
    /// that is missing or follows, where the fault left none. Absent for faults of a whole file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<u64>,
    /// Physical line of the record's first byte, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Byte offset and length of the record in the (decompressed) file as written, line ending included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// Logical row of the clean table, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// The row's key as text, primary key columns joined by `, `.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// A column, or a path inside one (`basket[1].price`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// JSON pointer of the value (JSON only): `/basket/1/price`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The fault's id in the contract, and its kind.
    pub fault: String,
    pub kind: String,
    /// The value before and after; absent where there is none (NULL, a whole record).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clean: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dirty: Option<String>,
    /// The id of the contract's rule that must notice it; absent where no rule can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Whether the contract has a rule that must notice it.
    pub detectable: bool,
    /// For duplicates: the record (number in the same file) it repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pair: Option<u64>,
}
