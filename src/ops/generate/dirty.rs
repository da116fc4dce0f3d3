//! Dirty: faults put in place of clean records, in text and in typed rows.

use std::sync::Arc;

use arrow_array::RecordBatch;

use crate::frame::expr::Compiled;
use crate::frame::text::Text;
use crate::frame::{Batch, Body, FileShape, Mask, Parser, RawBatch, Record, schema};
use crate::generate::faults::{Planter, Site};
use crate::io::formats::write::rows::RowWriter;
use crate::model::manifest::Entry;
use crate::model::{Encoding, Error, FaultSpec, Format, Result, Table};
use crate::ops::generate::sheet::Sheet;
use crate::ops::generate::work::{Page, Work};

impl Work<'_> {
    /// Appends the rows of a batch, those with faults dirtied.
    pub(super) fn dirty(
        &self,
        planter: &Planter,
        writer: &RowWriter,
        start: u64,
        batch: &RecordBatch,
        page: &mut Page<'_>,
    ) -> Result<()> {
        let count = batch.num_rows();
        let mut rows = writer.rows(batch)?;
        let mut done = 0;
        for (row, faults) in self.picked(planter, start, batch)? {
            let at = usize::try_from(row - start).unwrap_or(count).min(count);
            rows.render(done..at, &mut page.text)?;
            page.records += (at - done) as u64;
            page.scratch.clear();
            rows.render(at..at + 1, &mut page.scratch)?;
            let other = |row: u64| self.record(writer, row);
            let file_rows = page.sheet.whole.clone();
            let site = Site { row, record: page.scratch.as_slice(), other: &other, file_rows };
            let dirty = planter.apply(&faults, &site)?;
            self.count_lines(page);
            let (offset, lines, records) = (page.text.len() as u64, page.lines, page.records);
            page.entries.extend(dirty.entries.into_iter().map(|entry| Entry {
                offset: entry.offset.map(|at| at + offset),
                line: entry.line.map(|at| at + lines),
                record: entry.record.map(|at| at + records),
                pair: entry.pair.map(|at| at + records),
                ..entry
            }));
            page.text.push(&dirty.bytes);
            page.records += dirty.records;
            done = at + 1;
        }
        rows.render(done..count, &mut page.text)?;
        page.records += (count - done.min(count)) as u64;
        Ok(())
    }

    /// Finds the rows of a batch that get faults.
    fn picked(&self, planter: &Planter, start: u64, batch: &RecordBatch) -> Result<Vec<(u64, Vec<usize>)>> {
        let admits = |fault: usize| match self.conditions.iter().find(|(number, _)| *number == fault) {
            Some((_, condition)) => admitted(condition, batch),
            None => Ok(Mask::full(batch.num_rows())),
        };
        planter.rows(start..start + batch.num_rows() as u64, &admits)
    }

    /// Renders one clean record.
    fn record(&self, writer: &RowWriter, row: u64) -> Result<Vec<u8>> {
        let batch = self.source.make(row..row + 1)?;
        let mut text = Text::default();
        writer.rows(&batch)?.render(0..batch.num_rows(), &mut text)?;
        Ok(text.as_slice().to_vec())
    }

    /// Dirties rows that are handed on as they are: each is written as NDJSON, dirtied and read again.
    pub(super) fn typed(
        &self,
        start: u64,
        batch: &RecordBatch,
        sheet: &Sheet,
    ) -> Result<(Vec<RecordBatch>, Vec<Entry>)> {
        let Some(planter) = &self.planter else { return Ok((vec![batch.clone()], Vec::new())) };
        let table = lines_of(&self.table);
        let writer = RowWriter::new(&table, Format::Ndjson, &[])?;
        let count = batch.num_rows();
        let mut rows = writer.rows(batch)?;
        let (mut batches, mut entries) = (Vec::new(), Vec::new());
        let (mut done, mut text) = (0, Text::default());
        for (row, faults) in self.picked(planter, start, batch)? {
            let at = usize::try_from(row - start).unwrap_or(count).min(count);
            batches.push(batch.slice(done, at - done));
            text.clear();
            rows.render(at..at + 1, &mut text)?;
            let other = |row: u64| self.record(&writer, row);
            let site = Site { row, record: text.as_slice(), other: &other, file_rows: sheet.whole.clone() };
            let dirty = planter.apply(&faults, &site)?;
            let kind = dirty.entries.first().map_or("", |entry| entry.kind.as_str()).to_owned();
            batches.extend(parsed(&table, dirty.bytes, &kind, row)?);
            // Bytes and lines are those of text, which there is none of.
            entries.extend(dirty.entries.into_iter().map(|entry| Entry {
                record: None,
                line: None,
                offset: None,
                length: None,
                pointer: None,
                pair: None,
                ..entry
            }));
            done = at + 1;
        }
        batches.push(batch.slice(done.min(count), count - done.min(count)));
        batches.retain(|batch| batch.num_rows() > 0);
        Ok((batches, entries))
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
fn admitted(condition: &Compiled, batch: &RecordBatch) -> Result<Mask> {
    let count = batch.num_rows();
    let file = Arc::new(FileShape {
        path: String::new(),
        partitions: Vec::new(),
        spec: crate::model::SourceSpec::default(),
        encoding: Encoding::Utf8,
        names: Vec::new(),
        header: Vec::new(),
    });
    let records = (0..count).map(|_| record(0, 0)).collect();
    let raw = RawBatch { file, text: Vec::new(), records, body: Body::Json };
    let columns = batch.columns().to_vec();
    let nothing = columns.iter().map(|_| None).collect();
    let absent = vec![false; columns.len()];
    let batch = Batch { raw, columns, absent, broken: Mask::new(count), unparsed: nothing, faults: Vec::new() };
    let found = condition.evaluate(&batch)?.pop();
    Ok(found.map_or_else(|| Mask::full(count), |value| value.truth))
}

/// Compiles the conditions of faults, by the fault's number.
///
/// # Errors
/// Where one cannot be compiled, or this build has no engine.
pub fn conditions(
    table: &Table,
    specs: &[FaultSpec],
    context: &crate::model::Context,
) -> Result<Vec<(usize, Compiled)>> {
    let mut found = Vec::new();
    for (number, spec) in specs.iter().enumerate() {
        if let (true, Some(condition)) = (spec.table == table.name, &spec.condition) {
            found.push((number, Compiled::new(std::slice::from_ref(condition), table, context)?));
        }
    }
    Ok(found)
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
