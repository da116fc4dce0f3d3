//! `load`: the same judging; clean rows go to a target, rejects to disk, all of it or nothing.

use arrow_array::RecordBatch;

use crate::frame::RawBatch;
use crate::frame::split::Reject;
pub use crate::io::Mode;
use crate::io::rejects::RejectWriter;
use crate::io::stores::local;
pub use crate::io::target::{TargetOptions, open as open_target, shown as shown_target};
use crate::io::{InputFile, LoadedFile, Receipt, Sink};
use crate::model::{Check, Contract, Error, FileReport, Outcome, Report, Result, Table, TableReport, Tolerance};
use crate::ops::check::{plan, refuse_nothing};
use crate::ops::dialects;
use crate::ops::flow::{Ends, TableRun, Wants};
use crate::ops::guard::{self, Guard};
use crate::ops::inputs::TableInput;
use crate::ops::keys::KeyPass;
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

/// One file that is loaded, with its content hash.
struct Hashed {
    file: InputFile,
    sha256: String,
    bytes: u64,
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
    let mut sink = request.sink;
    guard::spare_inputs(contract, request.inputs, request.rejects.path)?;
    let guard = Guard::over(request.inputs)?;
    let (contract, fitted) = dialects::fit(contract, request.inputs)?;
    let contract = &*contract;
    let touched: Vec<usize> = request.inputs.iter().map(|input| input.table).collect();
    sink.begin(contract, &touched, request.mode)?;
    spare_inputs_in_target(sink.as_ref(), request.inputs)?;
    let mut parents = Parents::new(contract);
    plan(contract, request.inputs, settings, &parents, 1);
    seed_parents(sink.as_mut(), contract, &touched, request.mode, &mut parents)?;

    let skip = !request.force && request.mode != Mode::Replace;
    let (mut tables, mut writers, mut history) = (Vec::new(), Vec::new(), Vec::new());
    let mut clean = vec![0; contract.tables.len()];
    let mut notes = fitted;
    for input in request.inputs {
        let table = &contract.tables[input.table];
        let (fresh, skipped) = sort_out(sink.as_mut(), table, &input.files, skip, settings, &mut notes)?;
        if fresh.is_empty() && !skipped.is_empty() {
            // Nothing new: there is nothing to judge, and the target's rows stay its own.
            tables.push(TableReport { table: table.name.clone(), files: skipped, ..TableReport::default() });
            continue;
        }
        let files: Vec<InputFile> = fresh.iter().map(|hashed| hashed.file.clone()).collect();
        let mut ends = LoadEnds {
            sink: sink.as_mut(),
            table: input.table,
            rejects: request.rejects.writer(&table.name)?,
            rejected: Vec::new(),
        };
        let run = TableRun { contract, table, files: &files, settings };
        let mode = request.mode;
        // The key pass runs before the first row is written, so the target still is as it was.
        let mut seeds = Vec::new();
        if mode == Mode::Append {
            seeds = existing_keys(ends.sink, table)?;
        }
        let seed = |pass: &mut KeyPass<'_>| {
            for (number, rows) in &seeds {
                pass.seed(*number, rows);
            }
            Ok(())
        };
        let mut report = run.run(&mut parents, seed, &mut ends)?;
        clean[input.table] = report.clean;
        remember(&mut history, table, &mut report, &fresh, &ends.rejected);
        writers.push(ends.rejects);
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

fn seed_parents(
    sink: &mut dyn Sink,
    contract: &Contract,
    touched: &[usize],
    mode: Mode,
    parents: &mut Parents,
) -> Result<()> {
    for (index, table) in contract.tables.iter().enumerate() {
        if mode == Mode::Replace && touched.contains(&index) {
            continue;
        }
        let wanted: Vec<(usize, Vec<usize>)> =
            parents.of(&table.name).map(|(number, columns)| (number, columns.to_vec())).collect();
        for (number, columns) in wanted {
            sink.existing(table, &columns, &mut |rows| {
                parents.seed(number, rows);
                Ok(())
            })?;
        }
    }
    Ok(())
}

fn existing_keys(sink: &mut dyn Sink, table: &Table) -> Result<Vec<(usize, RecordBatch)>> {
    let wanted: Vec<(usize, Vec<usize>)> = KeyPass::new(table).unique_columns().collect();
    let mut found = Vec::new();
    for (number, columns) in wanted {
        sink.existing(table, &columns, &mut |rows| {
            found.push((number, rows.clone()));
            Ok(())
        })?;
    }
    Ok(found)
}

/// Hashes the files and sets those aside that the target took before.
fn sort_out(
    sink: &mut dyn Sink,
    table: &Table,
    files: &[InputFile],
    skip: bool,
    settings: &Settings,
    notes: &mut Vec<String>,
) -> Result<(Vec<Hashed>, Vec<FileReport>)> {
    let (mut fresh, mut skipped) = (Vec::<Hashed>::new(), Vec::new());
    let mut whys = Vec::new();
    for file in files {
        settings.go_on()?;
        let (sha256, bytes) = local::sha256(&file.path, &settings.progress.bytes)?;
        let before = if skip { sink.loaded_before(&table.name, &identity(table, file, &sha256))? } else { None };
        let twin = fresh.iter().find(|other| other.sha256 == sha256 && other.file.partitions == file.partitions);
        let why = match (&before, twin) {
            (Some(load), _) => format!("was loaded before by load {load}"),
            (None, Some(twin)) if skip => format!("has the same content as {}", twin.file.shown),
            _ => {
                fresh.push(Hashed { file: file.clone(), sha256, bytes });
                continue;
            }
        };
        whys.push(format!("{} {why}", file.shown));
        let report = FileReport { path: file.shown.clone(), sha256: Some(sha256), skipped: true, ..Default::default() };
        skipped.push(report);
    }
    match &whys[..] {
        [] => {}
        [why] => notes.push(format!("{why}, so it was skipped; --force loads it again")),
        [why, rest @ ..] => notes.push(format!(
            "{}: {} files were skipped; --force loads them again: {why}, and {} more",
            table.name,
            whys.len(),
            rest.len()
        )),
    }
    Ok((fresh, skipped))
}

fn remember(
    history: &mut Vec<LoadedFile>,
    table: &Table,
    report: &mut TableReport,
    files: &[Hashed],
    rejected: &[(String, u64)],
) {
    for (file, hashed) in report.files.iter_mut().zip(files) {
        file.sha256 = Some(hashed.sha256.clone());
        let refused = rejected.iter().find(|(path, _)| *path == file.path).map_or(0, |(_, count)| *count);
        history.push(LoadedFile {
            table: table.name.clone(),
            path: file.path.clone(),
            sha256: identity(table, &hashed.file, &hashed.sha256),
            bytes: hashed.bytes,
            records: file.records,
            clean: file.records - refused.min(file.records),
            rejected: refused,
        });
    }
}

/// Gives what tells a file from all others in the history: its content's hash, and the `key=value` folders that are
/// columns. The same bytes in the folder of another day are other rows.
fn identity(table: &Table, file: &InputFile, sha256: &str) -> String {
    let pairs = file.partitions.iter().filter(|(key, _)| table.column_index(key).is_some());
    pairs.fold(sha256.to_owned(), |identity, (key, value)| format!("{identity} {key}={value}"))
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

struct LoadEnds<'a> {
    sink: &'a mut dyn Sink,
    table: usize,
    rejects: RejectWriter,
    /// Refused records a file.
    rejected: Vec<(String, u64)>,
}

impl Ends for LoadEnds<'_> {
    fn wants(&self) -> Wants {
        if self.sink.takes_text(self.table) { Wants::Text } else { Wants::Rows }
    }

    fn text(&mut self, text: &[u8], rows: usize) -> Result<()> {
        if rows == 0 { Ok(()) } else { self.sink.write_text(self.table, text, rows) }
    }

    fn clean(&mut self, rows: &RecordBatch) -> Result<()> {
        if rows.num_rows() == 0 { Ok(()) } else { self.sink.write(self.table, rows) }
    }

    fn reject(&mut self, raw: &RawBatch, reject: &Reject) -> Result<()> {
        match self.rejected.last_mut() {
            Some((path, count)) if *path == raw.file.path => *count += 1,
            _ => self.rejected.push((raw.file.path.clone(), 1)),
        }
        self.rejects.write(raw, reject.row, &reject.violations)
    }
}
