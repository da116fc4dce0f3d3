//! A part: everything counted in one batch.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::analyze::profile::bottom::Bottom;
use crate::analyze::profile::column::{At, Column, Hints};
use crate::analyze::profile::delimited;
use crate::analyze::profile::leaves;
use crate::analyze::profile::moments::Formats;
use crate::analyze::profile::rows::{Patterns, ROWS};
use crate::frame::{Body, RawBatch};
use crate::model::ParseCode;
use crate::model::profile::LineEndings;

/// Places kept of each sort of trouble.
pub const PLACES: usize = 5;

/// What the batches of a table share.
#[derive(Debug)]
pub struct Shared {
    pub formats: Formats,
    hints: Mutex<BTreeMap<String, Arc<Hints>>>,
    /// Rows whose hash, or whose number's hash, is above these are of no interest any more.
    pub rows_limit: AtomicU64,
    pub pairs_limit: AtomicU64,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            formats: Formats::new(),
            hints: Mutex::default(),
            rows_limit: AtomicU64::new(u64::MAX),
            pairs_limit: AtomicU64::new(u64::MAX),
        }
    }
}

impl Shared {
    /// Gives what is known of a column by now.
    #[must_use]
    pub fn hints(&self, column: &str) -> Arc<Hints> {
        let mut hints = self.hints.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = hints.get(column) {
            return Arc::clone(found);
        }
        Arc::clone(hints.entry(column.to_owned()).or_default())
    }
}

/// Trouble of one sort.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Trouble {
    pub count: u64,
    /// The first, and what is wrong with them.
    pub places: Vec<(At, String)>,
}

/// Everything counted in one batch.
#[derive(Debug)]
pub struct Part {
    pub records: u64,
    /// Records that could be read.
    pub rows: u64,
    pub columns: Vec<Column>,
    /// Elements of lists, by path.
    pub elements: BTreeMap<String, u64>,
    pub sample: Bottom,
    pub patterns: Patterns,
    /// Rows for correlations: hash, and a number a column.
    pub pairs: Vec<(u64, Vec<f64>)>,
    pub trouble: BTreeMap<String, Trouble>,
    pub line_endings: LineEndings,
    /// The first record that ends in LF, CRLF and CR.
    pub first_endings: [Option<At>; 3],
}

impl Part {
    /// Makes a part without anything.
    #[must_use]
    pub fn new() -> Self {
        Self {
            records: 0,
            rows: 0,
            columns: Vec::new(),
            elements: BTreeMap::new(),
            sample: Bottom::new(ROWS),
            patterns: Patterns::default(),
            pairs: Vec::new(),
            trouble: BTreeMap::new(),
            line_endings: LineEndings::default(),
            first_endings: [None; 3],
        }
    }

    /// Counts a batch. `first` is the ordinal of its first record in the table, `file` the number of its file.
    #[must_use]
    pub fn of(raw: &RawBatch, first: u64, file: u32, shared: &Shared) -> Self {
        let mut part = Self::new();
        part.records = raw.len() as u64;
        part.sample.narrow(shared.rows_limit.load(Ordering::Relaxed));
        match &raw.body {
            Body::Delimited(fields) => {
                part.endings(raw, file);
                part.faults(raw, file);
                delimited::take(&mut part, raw, fields, first, file, shared);
            }
            Body::Json => {
                part.endings(raw, file);
                leaves::json(&mut part, raw, first, file, shared);
            }
            Body::Columns(columns) => leaves::columns(&mut part, raw, columns, first, file, shared),
        }
        part
    }

    /// Notes records that could not be read.
    fn faults(&mut self, raw: &RawBatch, file: u32) {
        for record in &raw.records {
            if let Some(why) = &record.fault {
                let at =
                    At { file, record: record.number, line: record.line, offset: record.offset + why.at.unwrap_or(0) };
                self.trouble(why.code, at, &why.detail);
            }
        }
    }

    /// Notes a record that could not be read.
    pub fn trouble(&mut self, code: ParseCode, at: At, detail: &str) {
        let trouble = self.trouble.entry(code.code().to_owned()).or_default();
        trouble.count += 1;
        if trouble.places.len() < PLACES {
            trouble.places.push((at, detail.to_owned()));
        }
    }

    fn endings(&mut self, raw: &RawBatch, file: u32) {
        for record in &raw.records {
            let text = raw.text.get(record.start..record.start + record.len).unwrap_or_default();
            let (count, which) = match text {
                [.., b'\r', b'\n'] => (&mut self.line_endings.crlf, 1),
                [.., b'\n'] => (&mut self.line_endings.lf, 0),
                [.., b'\r'] => (&mut self.line_endings.cr, 2),
                _ => {
                    self.line_endings.none += 1;
                    continue;
                }
            };
            *count += 1;
            self.first_endings[which].get_or_insert(At {
                file,
                record: record.number,
                line: record.line,
                offset: record.offset + (record.len - 1) as u64,
            });
        }
    }
}

impl Default for Part {
    fn default() -> Self {
        Self::new()
    }
}

/// Gives a name that no other column has: the second `x` is `x (2)`.
#[must_use]
pub fn unique_names(names: &[String]) -> Vec<String> {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    let mut unique = Vec::with_capacity(names.len());
    for name in names {
        let times = seen.entry(name).or_default();
        *times += 1;
        unique.push(if *times == 1 { name.clone() } else { format!("{name} ({times})") });
    }
    unique
}
