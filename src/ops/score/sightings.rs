//! Sightings: every broken rule at every record of a run, kept small.

use std::collections::BTreeMap;

use crate::frame::RawBatch;
use crate::frame::split::Reject;
use crate::model::{Contract, Severity};
use crate::ops::score::{places, rule_at};

/// A broken rule at a record.
#[derive(Debug)]
pub(super) struct Sighting {
    pub file: u32,
    /// Index of the table, and of its rule.
    pub table: u32,
    pub rule: u32,
    pub record: u64,
    pub offset: u64,
    pub length: u64,
    pub column: Option<Box<str>>,
}

/// All broken rules of a run, in the order they were found.
#[derive(Debug)]
pub(super) struct Sightings {
    /// Severity and place of each rule, by its id.
    pub rules: BTreeMap<String, (u32, u32, Severity)>,
    pub files: Vec<String>,
    pub all: Vec<Sighting>,
}

impl Sightings {
    /// Starts with nothing seen.
    pub fn new(contract: &Contract) -> Self {
        let mut rules = BTreeMap::new();
        for (table, rule) in places(contract) {
            if let Some(found) = rule_at(contract, table, rule) {
                rules.insert(found.id.clone(), (table, rule, found.severity));
            }
        }
        Self { rules, files: Vec::new(), all: Vec::new() }
    }

    /// Notes the violations of a refused record whose rules have this severity.
    pub fn add(&mut self, raw: &RawBatch, reject: &Reject, severity: Severity) {
        let Some(record) = raw.records.get(reject.row) else { return };
        let path = &raw.file.path;
        let last = self.files.last().is_some_and(|file| file == path).then(|| self.files.len() - 1);
        let file = last.or_else(|| self.files.iter().position(|file| file == path)).unwrap_or_else(|| {
            self.files.push(path.clone());
            self.files.len() - 1
        });
        for violation in &reject.violations {
            let Some((table, rule, own)) = self.rules.get(&violation.rule).copied() else { continue };
            if own == severity {
                self.all.push(Sighting {
                    file: u32::try_from(file).unwrap_or(u32::MAX),
                    table,
                    rule,
                    record: record.number,
                    offset: record.offset,
                    length: record.length,
                    column: violation.column.as_deref().map(Into::into),
                });
            }
        }
    }
}
