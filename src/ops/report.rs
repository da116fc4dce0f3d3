//! From table reports to the run's report, and what the gate says.

use crate::model::report::SCHEMA;
use crate::model::{Contract, Outcome, Report, TableReport};

/// Puts a report together; the gate passes where no rule failed and every rule was evaluated.
#[must_use]
pub fn assemble(command: &str, contract: &Contract, tables: Vec<TableReport>, mut notes: Vec<String>) -> Report {
    let passed = gate(&tables);
    for table in &contract.tables {
        if !tables.iter().any(|report| report.table == table.name) {
            notes.push(format!("table {}: no file was given, so it was not checked", table.name));
        }
    }
    Report {
        schema: SCHEMA.to_owned(),
        command: command.to_owned(),
        contract: contract.name.clone(),
        contract_sha256: contract.sha256.clone(),
        passed,
        committed: None,
        tables,
        notes,
        run: None,
    }
}

/// Tells whether no rule failed and every rule was evaluated.
#[must_use]
pub fn gate(tables: &[TableReport]) -> bool {
    let mut rules = tables.iter().flat_map(|table| &table.rules);
    rules.all(|rule| !matches!(rule.outcome, Outcome::Failed | Outcome::NotEvaluated))
}
