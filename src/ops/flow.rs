//! The one pipeline: read, parse, judge, split, and hand the rows to their ends. Only this file knows the order.

use arrow_array::RecordBatch;

use crate::analyze::table::TableState;
use crate::frame::header::deviations;
use crate::frame::schema::schema;
use crate::frame::split::{KeyKnowledge, Reject, Split, Splitter};
use crate::frame::tally::{Tally, TableVerdict};
use crate::frame::{Judge, Judged, Parser, RawBatch};
use crate::io::InputFile;
use crate::model::{Check, Contract, Error, ErrorKind, Result, Table, TableReport, TableTest};
use crate::ops::keys::{self, KeyPass};
use crate::ops::parallel::ordered;
use crate::ops::parents::Parents;
use crate::ops::reading::{Piece, ReadFiles, Reading};
use crate::ops::settings::Settings;

/// Where the rows of a table go. Calls come in file order.
pub trait Ends {
    /// Takes rows that broke no error rule.
    ///
    /// # Errors
    /// Where they cannot be taken.
    fn clean(&mut self, rows: &RecordBatch) -> Result<()>;

    /// Takes a refused record of a batch.
    ///
    /// # Errors
    /// Where it cannot be kept.
    fn reject(&mut self, raw: &RawBatch, reject: &Reject) -> Result<()>;
}

/// Reads and judges one table.
pub struct TableRun<'a> {
    pub contract: &'a Contract,
    pub table: &'a Table,
    pub files: &'a [InputFile],
    pub settings: &'a Settings,
}

/// What a worker made of a piece.
struct Worked {
    judged: Judged,
    split: Split,
}

impl TableRun<'_> {
    /// Counts how often the files of the table are read by [`TableRun::run`].
    #[must_use]
    pub fn passes(&self, parents: &Parents) -> u64 {
        1 + u64::from(keys::needed(self.table)) + u64::from(parents.refers_to_itself(self.table))
    }

    /// Runs the table through the pipeline. `seed` may add keys of the target to the key pass.
    ///
    /// # Errors
    /// Where a file cannot be read, an end refuses rows, or the sums do not add up.
    pub fn run(
        &self,
        parents: &mut Parents,
        seed: impl FnOnce(&mut KeyPass<'_>) -> Result<()>,
        ends: &mut dyn Ends,
    ) -> Result<TableReport> {
        parents.read_own(self.table, self.files, self.settings)?;
        parents.mark_known(&self.table.name);
        let losers = if keys::needed(self.table) {
            let mut pass = KeyPass::new(self.table);
            seed(&mut pass)?;
            pass.run(self.files, self.settings)?
        } else {
            Vec::new()
        };
        let files = self.files.iter().map(|file| file.shown.clone()).collect();
        let knowledge = KeyKnowledge { losers, parents: parents.for_rules(self.table), files };
        let judge = Judge::new(self.table, &self.settings.context)?;
        let splitter = Splitter { table: self.table, schema: schema(self.table), judge: &judge, keys: &knowledge };
        let parser = Parser::new(self.table);
        let mut reading = Reading::new(self.table, self.files, self.settings);
        let mut tally = Tally::new(self.table);
        let mut measures = TableState::new(self.table);
        ordered(
            self.settings.threads,
            || reading.next(),
            |piece: Piece| self.work(&parser, &judge, &splitter, piece),
            |mut worked: Worked| {
                tally.add(&mut worked.split);
                measures.update(&worked.judged);
                ends.clean(&worked.split.clean)?;
                parents.accept(&self.table.name, &worked.split.clean);
                worked.split.rejects.iter().try_for_each(|reject| ends.reject(&worked.judged.batch.raw, reject))
            },
        )?;
        let read = reading.finish();
        self.report(tally, measures, read)
    }

    fn work(&self, parser: &Parser, judge: &Judge, splitter: &Splitter<'_>, piece: Piece) -> Result<Worked> {
        let mut judged = judge.judge(parser.parse(piece.raw));
        for (rule, verdict) in self.table.rules.iter().zip(&mut judged.verdicts) {
            if let Some(nulls) = keys::null_keys(rule, verdict, &judged.batch.columns) {
                verdict.failed.or(&nulls);
            }
        }
        splitter.decide_keys(&mut judged, piece.first);
        let split = splitter.split(&judged, piece.first)?;
        Ok(Worked { judged, split })
    }

    fn report(&self, tally: Tally, measures: TableState, read: ReadFiles) -> Result<TableReport> {
        let (records, clean, rejected, warned) = (tally.records, tally.clean, tally.rejected, tally.warned);
        let counted: u64 = read.files.iter().map(|file| file.records).sum();
        if counted != records || records != clean + rejected {
            let message = format!(
                "table {}: {counted} records read, but {clean} clean + {rejected} rejected were judged",
                self.table.name
            );
            return Err(Error::new(ErrorKind::Conservation, message));
        }
        let findings = measures.finish(&self.settings.context).into_iter();
        let mut verdicts: Vec<(usize, TableVerdict)> = findings
            .map(|(index, found)| {
                let verdict = TableVerdict {
                    failures: found.failures,
                    observed: Some(found.observed),
                    note: found.note,
                    not_evaluated: false,
                };
                (index, verdict)
            })
            .collect();
        verdicts.extend(self.headers(&read));
        Ok(TableReport {
            table: self.table.name.clone(),
            rules: tally.rules(self.table, &verdicts),
            files: read.files,
            records,
            clean,
            rejected,
            warned,
            loaded: None,
            updated: None,
        })
    }

    /// Decides the `columns` rules: every file's names against the contract's.
    fn headers(&self, read: &ReadFiles) -> Vec<(usize, TableVerdict)> {
        let mut verdicts = Vec::new();
        for (index, rule) in self.table.rules.iter().enumerate() {
            let Check::Table(TableTest::Columns(policy)) = &rule.check else { continue };
            let mut found = Vec::new();
            for ((names, file), input) in read.names.iter().zip(&read.files).zip(self.files) {
                // A file without a single byte has no header to judge; `row_count` is the rule about emptiness.
                if names.is_empty() && file.bytes == 0 {
                    continue;
                }
                let here = deviations(self.table, *policy, names, &input.partitions);
                found.extend(here.into_iter().map(|what| format!("{}: {what}", file.path)));
            }
            let note = (!found.is_empty()).then(|| {
                let more = if found.len() > 3 { format!("; and {} more", found.len() - 3) } else { String::new() };
                format!("{}{more}", found.iter().take(3).cloned().collect::<Vec<_>>().join("; "))
            });
            let failures = found.len() as u64;
            verdicts.push((index, TableVerdict { failures, observed: None, note, not_evaluated: false }));
        }
        verdicts
    }
}
