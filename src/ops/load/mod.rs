//! `load`: the same judging; clean rows go to a target, rejects to disk, all of it or nothing.

mod files;
mod one;

pub use crate::io::Mode;
use crate::io::target::stamped::stamped;
pub use crate::io::target::{TargetOptions, open as open_target, shown as shown_target};
use crate::io::{InputFile, Receipt, Sink};
use crate::model::{Check, Contract, Error, Outcome, Report, Result, TableReport, Tolerance};
use crate::ops::check::{plan, refuse_nothing};
use crate::ops::dialects;
use crate::ops::guard::{self, Guard};
use crate::ops::inputs::TableInput;
use crate::ops::parents::Parents;
use crate::ops::refused::RejectFolder;
use crate::ops::report::assemble;
use crate::ops::settings::Settings;

/// What is loaded, and where.
pub struct LoadRequest<'a> {
    pub contract: &'a Contract,
    pub inputs: &'a [TableInput],
    pub sink: Box<dyn Sink>,
    pub mode: Mode,
    /// Where refused records are written.
    pub rejects: RejectFolder<'a>,
    /// Load files again that the target's history knows.
    pub force: bool,
    /// More rejects than this undo the load.
    pub max_rejects: Option<Tolerance>,
    pub allow_empty: bool,
    pub load_id: String,
    /// RFC 3339, UTC.
    pub loaded_at: String,
}

/// Loads every table, parents first, in one transaction.
///
/// The target is changed only where every table rule held, every rule was evaluated and the rejects are within
/// `max_rejects`; else the load is undone, and the rejects are written all the same.
///
/// # Errors
/// Where a file cannot be read, the target refuses, or the sums do not add up; nothing is committed then.
pub fn load(request: LoadRequest<'_>, settings: &Settings) -> Result<Report> {
    let contract = request.contract;
    guard::spare_inputs(contract, request.inputs, request.rejects.path)?;
    let guard = Guard::over(request.inputs)?;
    let (contract, fitted) = dialects::fit(contract, request.inputs)?;
    let contract = &*contract;
    let mut sink = stamped(request.sink, contract, &request.load_id, &request.loaded_at)?;
    let touched: Vec<usize> = request.inputs.iter().map(|input| input.table).collect();
    sink.begin(contract, &touched, request.mode)?;
    spare_inputs_in_target(sink.as_ref(), request.inputs)?;
    let mut parents = Parents::new(contract);
    plan(contract, request.inputs, settings, &parents, 1);
    one::seed_all(sink.as_mut(), contract, &touched, request.mode, &mut parents)?;

    let skip = !request.force && request.mode != Mode::Replace;
    let (mut tables, mut writers, mut history) = (Vec::new(), Vec::new(), Vec::new());
    let mut clean = vec![0; contract.tables.len()];
    let mut notes = fitted;
    for input in request.inputs {
        let table = &contract.tables[input.table];
        let (fresh, skipped) = files::sort_out(sink.as_mut(), table, &input.files, skip, settings, &mut notes)?;
        if fresh.is_empty() && !skipped.is_empty() {
            // Nothing new: there is nothing to judge, and the target's rows stay its own.
            tables.push(TableReport { table: table.name.clone(), files: skipped, ..TableReport::default() });
            continue;
        }
        let files: Vec<InputFile> = fresh.iter().map(|fresh| fresh.file.clone()).collect();
        let mut one =
            one::OneTable { contract, index: input.table, files: &files, mode: request.mode, sink: sink.as_mut() };
        let load = || one.load(&mut parents, request.rejects, settings);
        let (one::Loaded { mut report, rejected, writer }, hashed) = files::hash_beside(fresh, settings, load)?;
        clean[input.table] = report.clean;
        files::remember(&mut history, table, &mut report, &hashed, &rejected);
        writers.push(writer);
        report.files.extend(skipped);
        tables.push(report);
    }
    let read: u64 = tables.iter().map(|table| table.records).sum();
    let all_known = tables.iter().all(|table| table.files.iter().all(|file| file.skipped));
    refuse_nothing(read, request.allow_empty || all_known)?;

    let why_not = obstacles(contract, &tables, request.max_rejects);
    if why_not.is_empty() {
        let receipt = Receipt {
            load_id: request.load_id,
            loaded_at: request.loaded_at,
            contract: contract.name.clone(),
            contract_sha256: contract.sha256.clone(),
            files: history,
            clean,
        };
        let taken = if all_known { Vec::new() } else { sink.finish(&receipt)? };
        notes.extend(sink.notes());
        for (report, input) in tables.iter_mut().zip(request.inputs) {
            let taken = taken.get(input.table).copied().unwrap_or_default();
            report.loaded = Some(taken.loaded);
            report.updated = (request.mode == Mode::Upsert).then_some(taken.updated);
        }
    }
    settings.go_on()?;
    guard.unchanged()?;
    // Rejects are durable before the target changes: a crash between the two loses nothing.
    for writer in writers {
        if !all_known {
            writer.commit()?;
        }
    }
    let committed = why_not.is_empty() && !all_known;
    if committed {
        sink.commit()?;
    } else {
        drop(sink);
        for table in &mut tables {
            table.loaded = Some(0);
        }
    }
    notes.extend(why_not);
    let mut report = assemble("load", contract, tables, notes);
    report.passed &= committed || all_known;
    report.committed = Some(committed);
    Ok(report)
}

/// Makes sure that no input is part of what the target may replace.
fn spare_inputs_in_target(sink: &dyn Sink, inputs: &[TableInput]) -> Result<()> {
    let mut files = inputs.iter().flat_map(|input| &input.files);
    files.find(|file| sink.holds(&file.path)).map_or(Ok(()), |file| {
        Err(Error::usage(format!("{} lies where the target keeps its own rows", file.shown))
            .hint("Load into another folder."))
    })
}

/// Says why the target may not be changed.
fn obstacles(contract: &Contract, tables: &[TableReport], max_rejects: Option<Tolerance>) -> Vec<String> {
    let mut found = Vec::new();
    for report in tables {
        let Some(table) = contract.table(&report.table) else { continue };
        for (rule, outcome) in table.rules.iter().zip(&report.rules) {
            let note = outcome.note.as_deref().or(outcome.observed.as_deref()).unwrap_or("see the report");
            match outcome.outcome {
                Outcome::NotEvaluated => {
                    found.push(format!("nothing was loaded: {} could not be evaluated: {note}", rule.id));
                }
                Outcome::Failed if matches!(rule.check, Check::Table(_)) => {
                    found.push(format!("nothing was loaded: {} failed: {note}", rule.id));
                }
                _ => {}
            }
        }
    }
    let (records, rejected) = tables.iter().fold((0, 0), |sum, t| (sum.0 + t.records, sum.1 + t.rejected));
    if max_rejects.is_some_and(|limit| !limit.bears(rejected, records)) {
        found.push(format!("nothing was loaded: {rejected} of {records} records were rejected, over --max-rejects"));
    }
    found
}

#[cfg(test)]
mod tests;
