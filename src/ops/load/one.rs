//! One table of a load: judged, written, and judged once more where the target refused rows.

use std::sync::Arc;

use arrow_array::RecordBatch;

use crate::frame::split::Reject;
use crate::frame::{Mask, RawBatch};
use crate::io::rejects::{RejectWriter, Written};
use crate::io::{InputFile, Mode, Refused, Sink};
use crate::model::{Contract, Error, ErrorKind, Result, Table, TableReport};
use crate::ops::flow::{Ends, Rejects, TableRun, Wants};
use crate::ops::keys::KeyPass;
use crate::ops::parents::Parents;
use crate::ops::refused::RejectFolder;
use crate::ops::settings::Settings;

/// One table of a load.
pub struct OneTable<'a> {
    pub contract: &'a Contract,
    /// Index of the table.
    pub index: usize,
    pub files: &'a [InputFile],
    pub mode: Mode,
    pub sink: &'a mut dyn Sink,
}

/// What became of it.
pub struct Loaded {
    pub report: TableReport,
    /// Refused records a file.
    pub rejected: Vec<(String, u64)>,
    /// Not committed yet.
    pub writer: RejectWriter,
}

impl OneTable<'_> {
    /// Judges the table, gives its clean rows to the target and its rejects to their writer.
    ///
    /// # Errors
    /// Where a file cannot be read, the target fails, or the sums do not add up.
    pub fn load(&mut self, parents: &mut Parents, rejects: RejectFolder<'_>, settings: &Settings) -> Result<Loaded> {
        let table = &self.contract.tables[self.index];
        // Read before the first row is written, while the target still is as it was.
        let seeds = if self.mode == Mode::Append { existing_keys(self.sink, table)? } else { Vec::new() };
        let mut ends = LoadEnds {
            sink: Some(self.sink),
            table,
            index: self.index,
            rejects: rejects.writer(&table.name)?,
            rejected: Vec::new(),
        };
        let run = TableRun { contract: self.contract, table, files: self.files, settings, refused: &[] };
        let report = run.run(parents, |pass| seed(pass, &seeds), &mut ends)?;
        let LoadEnds { rejected, rejects: writer, .. } = ends;
        let refused = self.sink.settle(self.index)?;
        if refused.is_empty() {
            return Ok(Loaded { report, rejected, writer });
        }
        drop(writer);
        let writer = rejects.writer(&table.name)?;
        self.without(&refused, &report, parents, writer, &seeds, settings)
    }

    /// Judges the table once more, now that it is known which rows the target refused. They are in no target.
    fn without(
        &mut self,
        refused: &[Refused],
        before: &TableReport,
        parents: &mut Parents,
        writer: RejectWriter,
        seeds: &[(usize, RecordBatch)],
        settings: &Settings,
    ) -> Result<Loaded> {
        let table = &self.contract.tables[self.index];
        parents.forget(&table.name);
        if self.mode != Mode::Replace {
            seed_one(self.sink, table, parents)?;
        }
        let mut ends = LoadEnds { sink: None, table, index: self.index, rejects: writer, rejected: Vec::new() };
        let run = TableRun { contract: self.contract, table, files: self.files, settings, refused };
        let report = run.run(parents, |pass| seed(pass, seeds), &mut ends)?;
        if report.clean + refused.len() as u64 != before.clean {
            let (was, is, gone) = (before.clean, report.clean, refused.len());
            let message = format!(
                "table {}: {was} rows were clean and the target refused {gone}, but {is} are clean without them",
                table.name
            );
            return Err(Error::new(ErrorKind::Conservation, message));
        }
        Ok(Loaded { report, rejected: ends.rejected, writer: ends.rejects })
    }
}

/// Hands the rows of the target that others refer to, of all tables, to the parents.
///
/// # Errors
/// Where the target cannot be read.
pub fn seed_all(
    sink: &mut dyn Sink,
    contract: &Contract,
    touched: &[usize],
    mode: Mode,
    parents: &mut Parents,
) -> Result<()> {
    let gone = |index: usize| mode == Mode::Replace && touched.contains(&index);
    let mut tables = contract.tables.iter().enumerate().filter(|(index, _)| !gone(*index));
    tables.try_for_each(|(_, table)| seed_one(sink, table, parents))
}

fn seed_one(sink: &mut dyn Sink, table: &Table, parents: &mut Parents) -> Result<()> {
    let wanted: Vec<(usize, Vec<usize>)> =
        parents.of(&table.name).map(|(number, columns)| (number, columns.to_vec())).collect();
    for (number, columns) in wanted {
        sink.existing(table, &columns, &mut |rows| {
            parents.seed(number, rows);
            Ok(())
        })?;
    }
    Ok(())
}

fn seed(pass: &mut KeyPass<'_>, seeds: &[(usize, RecordBatch)]) {
    for (number, rows) in seeds {
        pass.seed(*number, rows);
    }
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

struct LoadEnds<'a> {
    /// None where the rows are in the target already.
    sink: Option<&'a mut dyn Sink>,
    table: &'a Table,
    /// Of the table.
    index: usize,
    rejects: RejectWriter,
    /// Refused records a file.
    rejected: Vec<(String, u64)>,
}

impl Ends for LoadEnds<'_> {
    fn wants(&self) -> Wants {
        if self.sink.as_ref().is_some_and(|sink| sink.takes_text(self.index)) { Wants::Text } else { Wants::Rows }
    }

    fn text(&mut self, text: &[u8], rows: usize) -> Result<()> {
        match &mut self.sink {
            Some(sink) if rows > 0 => sink.write_text(self.index, text, rows),
            _ => Ok(()),
        }
    }

    fn clean(&mut self, rows: &RecordBatch) -> Result<()> {
        match &mut self.sink {
            Some(sink) if rows.num_rows() > 0 => sink.write(self.index, rows),
            _ => Ok(()),
        }
    }

    fn wants_rejects(&self) -> Rejects {
        Rejects::Written(Arc::new(self.rejects.scribe(self.table)))
    }

    fn reject(&mut self, raw: &RawBatch, reject: &Reject) -> Result<()> {
        self.count(raw, 1);
        self.rejects.write(raw, reject.row, &reject.violations)
    }

    fn rejects(&mut self, raw: &RawBatch, rows: &Mask, written: &Written) -> Result<()> {
        self.count(raw, rows.count() as u64);
        self.rejects.append(raw, rows, written)
    }
}

impl LoadEnds<'_> {
    fn count(&mut self, raw: &RawBatch, records: u64) {
        match self.rejected.last_mut() {
            Some((path, count)) if *path == raw.file.path => *count += records,
            _ => self.rejected.push((raw.file.path.clone(), records)),
        }
    }
}
