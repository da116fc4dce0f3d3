//! The shape of files: what broke their records, and how their lines end.

use serde::{Deserialize, Serialize};

/// What is odd about the files as such. Broken records take no part in the statistics.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// One a code of trouble, by code; empty where all is well.
    pub findings: Vec<ShapeFinding>,
    pub line_endings: LineEndings,
    /// Files that start with a byte-order mark.
    pub byte_order_marks: u64,
    pub blank_lines: u64,
    pub comment_lines: u64,
}

/// One sort of trouble.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShapeFinding {
    /// The parse code of the records (`P004`), or the code of an alert (`A401`) where no record is broken.
    pub code: String,
    /// In a few words: `too few fields`.
    pub title: String,
    /// Records.
    pub count: u64,
    /// The first in file order, at most five.
    pub places: Vec<Spot>,
}

/// How many records end in what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineEndings {
    pub lf: u64,
    pub crlf: u64,
    pub cr: u64,
    /// The last record of a file, without an ending.
    pub none: u64,
}

impl LineEndings {
    /// Tells whether lines end in more than one way.
    #[must_use]
    pub fn are_mixed(&self) -> bool {
        [self.lf, self.crlf, self.cr].iter().filter(|count| **count > 0).count() > 1
    }
}

/// A place in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// The path as given, `/` between folders.
    pub file: String,
    /// Data records of the file from 1.
    pub record: u64,
    /// Physical line from 1; 0 where the format has none.
    pub line: u64,
    /// Byte offset in the decoded file: of the cell where it is known, else of the record.
    pub offset: u64,
    /// What is wrong there, in words, where the place alone does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}
