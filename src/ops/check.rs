//! `check`: judges files against a contract, and writes nothing but, if asked, the rejects.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow_array::RecordBatch;

use crate::frame::split::Reject;
use crate::frame::{Mask, RawBatch};
use crate::io::rejects::{RejectWriter, Written};
use crate::model::{Contract, Error, Report, Result, Table};
use crate::ops::dialects;
use crate::ops::flow::{Ends, Rejects, TableRun, Wants};
use crate::ops::guard::{self, Guard};
use crate::ops::inputs::TableInput;
use crate::ops::parents::Parents;
use crate::ops::refused::RejectFolder;
use crate::ops::report::assemble;
use crate::ops::settings::Settings;

/// What is checked.
pub struct CheckRequest<'a> {
    pub contract: &'a Contract,
    pub inputs: &'a [TableInput],
    /// Where refused records are written; nowhere if absent.
    pub rejects: Option<RejectFolder<'a>>,
    /// No records at all is fine.
    pub allow_empty: bool,
}

/// Judges every table, parents first.
///
/// # Errors
/// Where a file cannot be read or nothing was read.
pub fn check(request: &CheckRequest<'_>, settings: &Settings) -> Result<Report> {
    run(request, settings, None)
}

/// Sees every refused record: the table's index in the contract, the batch it stands in, and its violations.
pub type Watch<'a> = dyn FnMut(usize, &RawBatch, &Reject) + 'a;

/// Judges every table as [`check`] does, and shows each refused record to `watch`, in file order.
///
/// # Errors
/// As [`check`].
pub fn check_with(request: &CheckRequest<'_>, settings: &Settings, watch: &mut Watch<'_>) -> Result<Report> {
    run(request, settings, Some(watch))
}

fn run(request: &CheckRequest<'_>, settings: &Settings, mut watch: Option<&mut Watch<'_>>) -> Result<Report> {
    let contract = request.contract;
    if let Some(rejects) = request.rejects {
        guard::spare_inputs(contract, request.inputs, rejects.path)?;
    }
    let guard = Guard::over(request.inputs)?;
    let (contract, notes) = dialects::fit(contract, request.inputs)?;
    let contract = &*contract;
    let mut parents = Parents::new(contract);
    plan(contract, request.inputs, settings, &parents, 0);
    let mut tables = Vec::new();
    let mut writers = Vec::new();
    for input in request.inputs {
        let table = &contract.tables[input.table];
        let rejects = request.rejects.map(|folder| folder.writer(&table.name)).transpose()?;
        let mut ends = CheckEnds { rejects, table, index: input.table, watch: watch.as_deref_mut() };
        let run = TableRun { contract, table, files: &input.files, settings, refused: &[] };
        tables.push(run.run(&mut parents, |_| (), &mut ends)?);
        writers.extend(ends.rejects);
    }
    refuse_nothing(tables.iter().map(|table| table.records).sum(), request.allow_empty)?;
    guard.unchanged()?;
    for writer in writers {
        writer.commit()?;
    }
    Ok(assemble("check", contract, tables, notes))
}

/// Tells the progress bar how many bytes will be read; `extra` more passes are made by the verb itself.
pub fn plan(contract: &Contract, inputs: &[TableInput], settings: &Settings, parents: &Parents, extra: u64) {
    let mut total = 0;
    for input in inputs {
        let run =
            TableRun { contract, table: &contract.tables[input.table], files: &input.files, settings, refused: &[] };
        let passes = run.passes(parents) + extra;
        let sizes = input.files.iter().map(|file| std::fs::metadata(&file.path).map_or(0, |data| data.len()));
        total += passes * sizes.sum::<u64>();
    }
    settings.progress.total.store(total, Ordering::Relaxed);
}

/// Stops a run that read nothing.
///
/// # Errors
/// A usage error, unless `allow_empty`.
pub fn refuse_nothing(records: u64, allow_empty: bool) -> Result<()> {
    if records == 0 && !allow_empty {
        return Err(Error::usage("no record was read, so nothing was checked")
            .hint("give --allow-empty where an empty input is fine"));
    }
    Ok(())
}

struct CheckEnds<'a, 'w> {
    rejects: Option<RejectWriter>,
    table: &'a Table,
    /// Of the table.
    index: usize,
    watch: Option<&'a mut Watch<'w>>,
}

impl Ends for CheckEnds<'_, '_> {
    fn clean(&mut self, _rows: &RecordBatch) -> Result<()> {
        Ok(())
    }

    fn wants(&self) -> Wants {
        Wants::Nothing
    }

    fn wants_rejects(&self) -> Rejects {
        match (&self.watch, &self.rejects) {
            (Some(_), _) => Rejects::Told,
            (None, Some(writer)) => Rejects::Written(Arc::new(writer.scribe(self.table))),
            (None, None) => Rejects::Counted,
        }
    }

    fn reject(&mut self, raw: &RawBatch, reject: &Reject) -> Result<()> {
        if let Some(watch) = &mut self.watch {
            watch(self.index, raw, reject);
        }
        match &mut self.rejects {
            Some(writer) => writer.write(raw, reject.row, &reject.violations),
            None => Ok(()),
        }
    }

    fn rejects(&mut self, raw: &RawBatch, rows: &Mask, written: &Written) -> Result<()> {
        self.rejects.as_mut().map_or(Ok(()), |writer| writer.append(raw, rows, written))
    }
}
