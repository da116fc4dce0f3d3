//! Trials: a draft is written, read and checked against its own files, as a user would do it.

use std::collections::BTreeMap;

use crate::contract;
use crate::model::draft::Draft;
use crate::model::{Contract, Error, ErrorKind, Result, Severity};
use crate::ops::check::{CheckRequest, check};
use crate::ops::infer::tables::Found;
use crate::ops::inputs::TableInput;
use crate::ops::settings::Settings;

/// What a trial found.
#[derive(Debug)]
pub struct Trial {
    /// Rows that broke each rule, by its id; rules that could not be evaluated count as broken by all.
    pub failures: BTreeMap<String, u64>,
    /// Records of each table of the draft.
    pub records: Vec<u64>,
}

impl Trial {
    /// Gives the rows that broke a rule; `None` where there is no such rule.
    #[must_use]
    pub fn of(&self, rule: &str) -> Option<u64> {
        self.failures.get(rule).copied()
    }
}

/// Reads a draft as the contract it will be.
///
/// # Errors
/// Where the contract is not one: a bug of the draft's maker.
pub fn read(draft: &Draft) -> Result<Contract> {
    let text = contract::write::write(draft);
    contract::read(&text).map_err(|complaints| {
        let shown = contract::diagnose::render("the inferred contract", &text, &complaints, false);
        Error::new(ErrorKind::Contract, shown)
            .hint("this is a bug of karat: please report it with the file's first lines")
    })
}

/// Checks a draft against the files it was made of. `gentle`: no rule about values refuses a row, so that a broken one does
/// not break references to the row besides.
///
/// # Errors
/// Where a file cannot be read.
pub fn run(draft: &Draft, found: &[Found], gentle: bool, settings: &Settings) -> Result<Trial> {
    let mut contract = read(draft)?;
    let mut inputs = Vec::new();
    for (index, table) in contract.tables.iter_mut().enumerate() {
        // What was sniffed is what is meant: the trial must not stop over it.
        table.source.written.delimiter = true;
        if let Some(own) = found.iter().find(|found| found.table.name == table.name) {
            let copied = own.table.source.server.is_some();
            inputs.push(TableInput { copied, ..TableInput::files(index, own.files.clone()) });
        }
        for rule in &mut table.rules {
            if gentle && !matches!(rule.kind, "record" | "type") {
                rule.severity = Severity::Warning;
            }
        }
    }
    let request = CheckRequest { contract: &contract, inputs: &inputs, rejects: None, allow_empty: true };
    let report = check(&request, settings)?;
    let mut failures = BTreeMap::new();
    for table in &report.tables {
        for rule in &table.rules {
            let unevaluated = rule.outcome == crate::model::Outcome::NotEvaluated;
            let broken = if unevaluated { rule.failures.max(1).max(table.records) } else { rule.failures };
            failures.insert(rule.id.clone(), broken);
        }
    }
    let records = |table: &crate::model::draft::TableDraft| {
        report.tables.iter().find(|found| found.table == table.name).map_or(0, |found| found.records)
    };
    Ok(Trial { failures, records: draft.tables.iter().map(records).collect() })
}
