//! Dirty: faults put in place of clean records, in text and in typed rows.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};

use crate::frame::text::Text;
use crate::frame::{Body, FileShape, Mask, Parser, RawBatch, Record, schema};
use crate::generate::faults::{Dirty, Planter, Site};
use crate::generate::formula::Formula;
use crate::io::formats::write::rows::RowWriter;
use crate::model::manifest::Entry;
use crate::model::{Context, Encoding, Error, FaultSpec, Format, Result, Table};
use crate::ops::generate::sheet::Sheet;
use crate::ops::generate::work::{Made, Page, Pick, Work};

impl Work<'_> {
    /// Appends the rows of a batch, those with faults dirtied.
    pub(super) fn dirty(
        &self,
        planter: &Planter,
        writer: &RowWriter,
        batch: &RecordBatch,
        picked: &[Pick],
        page: &mut Page,
    ) -> Result<()> {
        let count = batch.num_rows();
        let mut rows = writer.rows(batch)?;
        let mut lines = self.lines.as_ref().map(|lines| lines.rows(batch)).transpose()?;
        let single = self.lines.as_ref().unwrap_or(writer);
        let folder = self.by.and_then(|by| self.table.columns.get(by)).zip(page.folder.as_deref());
        let folder = folder.map(|(column, value)| (column.name.clone(), value.to_owned()));
        let mut done = 0;
        for Pick { at, row, faults } in picked {
            let at = (*at).min(count);
            rows.render(done..at, &mut page.text)?;
            page.records += (at - done) as u64;
            page.scratch.clear();
            lines.as_mut().unwrap_or(&mut rows).render(at..at + 1, &mut page.scratch)?;
            let other = |row: u64| self.record(single, row);
            let site = Site {
                row: *row,
                record: page.scratch.as_slice(),
                other: &other,
                file_rows: page.rows.clone(),
                folder: folder.clone(),
            };
            let dirty = planter.apply(faults, &site)?;
            self.count_lines(page);
            page.take(dirty, self.lines.is_some());
            done = at + 1;
        }
        rows.render(done..count, &mut page.text)?;
        page.records += (count - done.min(count)) as u64;
        Ok(())
    }

    /// Finds the rows of a batch that get faults.
    pub(super) fn picked(&self, planter: &Planter, start: u64, batch: &RecordBatch) -> Result<Vec<Pick>> {
        let count = batch.num_rows();
        let admits = |fault: usize| match self.conditions.iter().find(|(number, _)| *number == fault) {
            Some((_, condition)) => Ok(admitted(condition, batch)),
            None => Ok(Mask::full(count)),
        };
        let rows = planter.rows(start..start + count as u64, &admits)?;
        let at = |row: u64| usize::try_from(row - start).unwrap_or(count);
        Ok(rows.into_iter().map(|(row, faults)| Pick { at: at(row), row, faults }).collect())
    }

    /// Renders one clean record.
    fn record(&self, writer: &RowWriter, row: u64) -> Result<Vec<u8>> {
        let batch = self.source.make(row..row + 1)?;
        let mut text = Text::default();
        writer.rows(&batch)?.render(0..batch.num_rows(), &mut text)?;
        Ok(text.as_slice().to_vec())
    }

    /// Dirties rows that are handed on as they are: each is written as NDJSON, dirtied and read again. What does not fit
    /// the types is left as it was, or refused where an exact number was asked for.
    pub(super) fn typed(&self, start: u64, batch: &RecordBatch, sheet: &Sheet, made: &mut Made) -> Result<()> {
        let Some(planter) = &self.planter else {
            made.batches.push(batch.clone());
            return Ok(());
        };
        let table = lines_of(&self.table);
        let writer = RowWriter::new(&table, Format::Ndjson, &[])?;
        let count = batch.num_rows();
        let mut rows = writer.rows(batch)?;
        let (mut done, mut text) = (0, Text::default());
        let mut records: u64 = made.batches.iter().map(|batch| batch.num_rows() as u64).sum();
        for Pick { at, row, faults } in self.picked(planter, start, batch)? {
            let at = at.min(count);
            text.clear();
            rows.render(at..at + 1, &mut text)?;
            let other = |row: u64| self.record(&writer, row);
            let file_rows = sheet.whole.clone();
            let site = Site { row, record: text.as_slice(), other: &other, file_rows, folder: None };
            let dirty = planter.apply(&faults, &site)?;
            let kind = dirty.entries.first().map_or("", |entry| entry.kind.as_str()).to_owned();
            let dirtied = match parsed(&table, dirty.bytes, &kind, row) {
                Ok(dirtied) => dirtied,
                Err(_) if !planter.counts(&faults) => continue,
                Err(error) => return Err(error),
            };
            records += (at - done) as u64;
            made.batches.push(batch.slice(done, at - done));
            // Bytes and lines are those of text, which there is none of.
            made.entries.extend(dirty.entries.into_iter().map(|entry| Entry {
                record: entry.record.map(|at| at + records),
                line: None,
                offset: None,
                length: None,
                pointer: None,
                pair: entry.pair.map(|at| at + records),
                ..entry
            }));
            records += dirtied.as_ref().map_or(0, |rows| rows.num_rows() as u64);
            made.batches.extend(dirtied);
            done = at + 1;
        }
        made.batches.push(batch.slice(done.min(count), count - done.min(count)));
        made.batches.retain(|batch| batch.num_rows() > 0);
        Ok(())
    }
}

impl Page {
    /// Appends what stands in place of a record; in an array each line is an element, with a comma before it.
    fn take(&mut self, dirty: Dirty, is_array: bool) {
        let (offset, lines, records) = (self.text.len() as u64, self.lines, self.records);
        self.entries.extend(dirty.entries.into_iter().map(|entry| {
            let (before, line) = (entry.offset.unwrap_or(0), entry.line.unwrap_or(0));
            let mut length = entry.length.unwrap_or(0);
            // Before an element stand the comma and line ending of its own and, for the line endings of those before it
            // in `dirty`, one comma each.
            let (mut at, mut on) = (before + offset, line + lines);
            if is_array {
                let end = usize::try_from(before + length).unwrap_or(usize::MAX);
                let ended = length > 0 && dirty.bytes.get(end.saturating_sub(1)) == Some(&b'\n');
                length -= u64::from(ended);
                at += line + 2;
                on += 1;
            }
            Entry {
                offset: Some(at),
                length: Some(length),
                line: Some(on),
                record: entry.record.map(|at| at + records),
                pair: entry.pair.map(|at| at + records),
                ..entry
            }
        }));
        if is_array {
            for line in dirty.bytes.split_inclusive(|byte| *byte == b'\n') {
                self.text.push(b",\n");
                self.text.push(line.strip_suffix(b"\n").unwrap_or(line));
            }
        } else {
            self.text.push(&dirty.bytes);
        }
        self.records += dirty.records;
    }
}

/// Gives a table as NDJSON with all its columns in the records.
#[must_use]
pub fn lines_of(table: &Table) -> Table {
    let source = crate::model::SourceSpec {
        format: Format::Ndjson,
        path: None,
        null_values: Vec::new(),
        ..crate::model::SourceSpec::default()
    };
    Table { source, ..table.clone() }
}

/// Reads dirty records as rows.
fn parsed(table: &Table, bytes: Vec<u8>, kind: &str, row: u64) -> Result<Option<RecordBatch>> {
    let mut records = Vec::new();
    let mut start = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        records.push(record(start, line.len()));
        start += line.len();
    }
    if records.is_empty() {
        return Ok(None);
    }
    let batch = Parser::new(table).parse(RawBatch { file: shape(table), text: bytes, records, body: Body::Json });
    if let Some(fault) = batch.faults.first() {
        let what = if fault.path.is_empty() { String::new() } else { format!("{} ", fault.path) };
        let message = format!(
            "fault `{kind}` of row {row} of table {} does not fit typed rows: {what}{}",
            table.name, fault.detail
        );
        return Err(Error::usage(message)
            .hint("faults of Parquet files and load targets must keep the types; write CSV or NDJSON for the others"));
    }
    let rows = RecordBatch::try_new(schema::schema(table), batch.columns);
    rows.map(Some).map_err(|error| Error::output("dirty rows do not fit together").because(error))
}

/// Evaluates the condition of a fault.
fn admitted(condition: &Formula, batch: &RecordBatch) -> Mask {
    let read: Vec<ArrayRef> =
        condition.columns().iter().filter_map(|column| batch.columns().get(*column).cloned()).collect();
    condition.tri(&read, batch.num_rows()).truth
}

/// Prepares the conditions of faults, by the fault's number.
#[must_use]
pub fn conditions(table: &Table, specs: &[FaultSpec], context: &Context) -> Vec<(usize, Formula)> {
    let own = specs.iter().enumerate().filter(|(_, spec)| spec.table == table.name);
    let condition = |spec: &FaultSpec| spec.condition.as_ref().map(|found| Formula::new(&found.root, context));
    own.filter_map(|(number, spec)| Some((number, condition(spec)?))).collect()
}

fn shape(table: &Table) -> Arc<FileShape> {
    Arc::new(FileShape {
        path: String::new(),
        partitions: Vec::new(),
        spec: table.source.clone(),
        encoding: Encoding::Utf8,
        names: Vec::new(),
        header: Vec::new(),
    })
}

const fn record(start: usize, len: usize) -> Record {
    Record { start, len, offset: 0, length: 0, line: 0, number: 0, fault: None }
}
