//! The one pipeline: read, parse, judge, split, and hand the rows to their ends. Only this file knows the order.

use std::sync::Arc;

use arrow_array::RecordBatch;

use crate::analyze::table::TableState;
use crate::frame::header::deviations;
use crate::frame::keys::Losers;
use crate::frame::sieve::Sieve;
use crate::frame::split::{KeyKnowledge, Reject, Split, Splitter};
use crate::frame::tally::{TableVerdict, Tally};
use crate::frame::{Judge, Judged, Mask, Parser, RawBatch};
use crate::io::formats::write::verbatim;
use crate::io::rejects::{Scribe, Written};
use crate::io::{InputFile, Refused};
use crate::model::{Check, Context, Contract, Error, ErrorKind, Result, Table, TableReport, TableTest};
use crate::ops::keys::{self, KeyPass};
use crate::ops::parallel::ordered;
use crate::ops::parents::Parents;
use crate::ops::reading::{Claimed, Piece, ReadFiles, Reading};
use crate::ops::settings::Settings;

use self::refused::Refusals;

mod once;
mod refused;

/// Where the rows of a table go. Calls come in file order.
pub trait Ends {
    /// Tells how the rows that broke no error rule are wanted.
    fn wants(&self) -> Wants;

    /// Tells how refused records are wanted.
    fn wants_rejects(&self) -> Rejects {
        Rejects::Told
    }

    /// Takes rows that broke no error rule.
    ///
    /// # Errors
    /// Where they cannot be taken.
    fn clean(&mut self, rows: &RecordBatch) -> Result<()>;

    /// Takes such rows as text ([`Wants::Text`]).
    ///
    /// # Errors
    /// Where they cannot be taken.
    fn text(&mut self, _text: &[u8], _rows: usize) -> Result<()> {
        Ok(())
    }

    /// Takes a refused record of a batch ([`Rejects::Told`]).
    ///
    /// # Errors
    /// Where it cannot be kept.
    fn reject(&mut self, raw: &RawBatch, reject: &Reject) -> Result<()>;

    /// Takes all refused records of a batch, `rows` of it ([`Rejects::Written`]).
    ///
    /// # Errors
    /// Where they cannot be kept.
    fn rejects(&mut self, _raw: &RawBatch, _rows: &Mask, _written: &Written) -> Result<()> {
        Ok(())
    }
}

/// How refused records are wanted.
#[derive(Debug, Clone)]
pub enum Rejects {
    /// Not at all: they are counted.
    Counted,
    /// One by one, with their violations.
    Told,
    /// As the bytes that are written to disk, a batch at a time. Those of a run with [`TableRun::refused`] rows are
    /// told.
    Written(Arc<Scribe>),
}

/// How clean rows are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wants {
    Nothing,
    /// As columns.
    Rows,
    /// As the records stood in their CSV file where that is the dialect of `io::formats::write`, else as columns.
    Text,
}

/// Reads and judges one table.
pub struct TableRun<'a> {
    pub contract: &'a Contract,
    pub table: &'a Table,
    pub files: &'a [InputFile],
    pub settings: &'a Settings,
    /// Clean rows that the target refused when the table was judged before, by ascending row; the rows are then wanted
    /// as columns.
    pub refused: &'a [Refused],
}

/// What a worker made of a piece.
struct Worked {
    /// Ordinal of the first record.
    first: u64,
    records: usize,
    /// The batch with the verdicts of at least the table rules.
    judged: Judged,
    /// The records that `split` speaks of, where they are not those of `judged`.
    chosen: Option<RawBatch>,
    split: Split,
    /// The rejects as bytes.
    written: Option<Written>,
    clean: Option<RecordBatch>,
    /// The clean records as text.
    text: Option<Vec<u8>>,
}

/// What the workers share.
struct Stage<'a> {
    table: &'a Table,
    parser: Parser,
    judge: &'a Judge,
    splitter: Splitter<'a>,
    wants: Wants,
    /// Other tables refer to the clean rows.
    has_children: bool,
    rejects: Rejects,
    sifting: Option<&'a Sifting>,
}

/// How a batch is judged of which few records are looked at closely.
struct Sifting {
    sieve: Sieve,
    /// The columns that rules the sieve does not cover need, and what reads them.
    columns: Vec<usize>,
    parser: Parser,
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
        seed: impl FnOnce(&mut KeyPass<'_>),
        ends: &mut dyn Ends,
    ) -> Result<TableReport> {
        parents.read_own(self.table, self.files, self.settings)?;
        parents.mark_known(&self.table.name);
        let pass = if keys::needed(self.table) {
            let mut pass = KeyPass::new(self.table);
            seed(&mut pass);
            Some(pass)
        } else {
            None
        };
        let files = self.files.iter().map(|file| file.shown.clone()).collect();
        let mut knowledge = KeyKnowledge { losers: Vec::new(), parents: parents.for_rules(self.table), files };
        let judge = Judge::new(self.table, &self.settings.context)?;
        let own_keys: Vec<usize> = parents.of(&self.table.name).flat_map(|(_, columns)| columns).copied().collect();
        let wants = ends.wants();
        let sifting =
            (wants != Wants::Rows).then(|| Sifting::new(self.table, &judge, &self.settings.context, &own_keys));
        let stage = |knowledge| Stage {
            table: self.table,
            parser: Parser::new(self.table),
            splitter: Splitter::new(self.table, &judge, knowledge),
            wants,
            rejects: match ends.wants_rejects() {
                Rejects::Written(_) if !self.refused.is_empty() => Rejects::Told,
                wanted => wanted,
            },
            has_children: !own_keys.is_empty(),
            sifting: sifting.as_ref(),
            judge: &judge,
        };
        if let Some(pass) = pass {
            if let Some(sifting) = sifting.as_ref().filter(|_| self.reads_once(wants, !own_keys.is_empty())) {
                let stage = stage(&knowledge);
                return self.run_once(pass, stage, sifting, &knowledge, ends);
            }
            knowledge.losers = pass.run(self.files, self.settings)?;
        }
        let stage = stage(&knowledge);
        let mut reading = Reading::new(self.table, self.files, self.settings);
        let mut tally = stage.splitter.tally();
        let mut measures = TableState::new(self.table);
        let mut refusals = Refusals::new(self.table, self.refused);
        ordered(
            self.settings.threads,
            || reading.claim(),
            |claimed: Claimed| stage.work(claimed.frame()?),
            |mut worked: Worked| {
                if worked.chosen.is_none() {
                    let first = worked.first;
                    refusals.apply(&mut worked, first, &stage.splitter)?;
                }
                tally.add(worked.records, &mut worked.split);
                measures.update(&worked.judged);
                if let Some(clean) = &worked.clean {
                    if wants != Wants::Nothing && worked.text.is_none() {
                        ends.clean(clean)?;
                    }
                    parents.accept(&self.table.name, clean);
                }
                if let Some(text) = &worked.text {
                    ends.text(text, worked.records - worked.split.rejected.count())?;
                }
                let raw = worked.chosen.as_ref().unwrap_or(&worked.judged.batch.raw);
                stage.refuse(raw, &worked.split, worked.written, ends)
            },
        )?;
        let read = reading.finish();
        let mut report = self.report(tally, measures, read)?;
        report.rules.extend(refusals.report());
        Ok(report)
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
            together: tally.together(self.table),
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

impl Sifting {
    /// Prepares to look for suspect records; `columns` are needed besides those of rules.
    fn new(table: &Table, judge: &Judge, context: &Context, columns: &[usize]) -> Self {
        let sieve = Sieve::new(table, context);
        let mut needed: Vec<usize> = columns.to_vec();
        for (rule, _) in sieve.covered().iter().enumerate().filter(|(_, covered)| !**covered) {
            needed.extend(judge.needs(rule));
        }
        Self { sieve, parser: Parser::new(table).only(&needed), columns: needed }
    }

    /// Tells whether the sieve covers a rule.
    fn covers(&self, rule: usize) -> bool {
        self.sieve.covered().get(rule).copied().unwrap_or(false)
    }
}

impl<'a> Stage<'a> {
    /// Gives the same with all that is known of keys.
    fn knowing(self, keys: &'a KeyKnowledge) -> Self {
        Self { splitter: self.splitter.knowing(keys), ..self }
    }

    fn work(&self, piece: Piece) -> Result<Worked> {
        let keeps_text = self.wants == Wants::Text
            && verbatim::fits(self.table, &piece.raw.file)
            && !verbatim::has_quoted_nulls(&piece.raw);
        if let Some(sifting) = self.sifting.filter(|_| keeps_text || self.wants == Wants::Nothing) {
            let origins = self.parser.origins(&piece.raw);
            if let Some(suspects) = sifting.sieve.suspects(&piece.raw, &origins) {
                return self.sift(sifting, piece, suspects);
            }
        }
        let (first, records) = (piece.first, piece.raw.len());
        let mut judged = self.judge.judge(self.parser.parse(piece.raw));
        self.remember(&mut judged, |losers| losers.mask(first, records));
        let (split, written) = self.split(&judged, |row| first + row as u64);
        let keeps_clean = self.has_children || self.wants != Wants::Nothing;
        let clean = keeps_clean.then(|| self.splitter.clean(&judged.batch, &split.rejected)).transpose()?;
        Ok(Worked { first, records, judged, chosen: None, split, written, clean, text: None })
    }

    /// Judges the whole batch by the rules the sieve does not cover, and then the suspect records, with those that
    /// break such a rule, by all.
    fn sift(&self, sifting: &Sifting, piece: Piece, suspects: Mask) -> Result<Worked> {
        let (first, records) = (piece.first, piece.raw.len());
        let covered = |rule: usize| sifting.covers(rule);
        let mut judged = self.judge.judge_only(sifting.parser.parse(piece.raw), |rule| !covered(rule));
        self.remember(&mut judged, |losers| losers.mask(first, records));
        let mut chosen = suspects;
        for verdict in judged.verdicts.iter().filter(|verdict| !verdict.failed.is_empty()) {
            chosen.or(&verdict.failed);
        }
        let raw = judged.batch.raw.select(&chosen);
        let mut closely = self.judge.judge_only(self.parser.parse(raw), covered);
        for (rule, verdict) in closely.verdicts.iter_mut().enumerate().filter(|(rule, _)| !covered(*rule)) {
            *verdict = judged.verdicts[rule].select(&chosen);
        }
        let rows: Vec<usize> = chosen.rows().collect();
        let (split, written) = self.split(&closely, |place| first + rows[place] as u64);
        let mut rejected = Mask::new(records);
        split.rejected.rows().for_each(|place| rejected.set(rows[place]));
        let clean = self.has_children.then(|| self.splitter.clean(&judged.batch, &rejected)).transpose()?;
        let text = (self.wants == Wants::Text).then(|| verbatim::text(&judged.batch.raw, &rejected));
        Ok(Worked { first, records, judged, chosen: Some(closely.batch.raw), split, written, clean, text })
    }

    /// Splits a judged batch, and makes its rejects ready as they are wanted.
    fn split(&self, judged: &Judged, ordinal: impl Fn(usize) -> u64) -> (Split, Option<Written>) {
        let split = self.splitter.split(judged, &ordinal, matches!(self.rejects, Rejects::Told));
        let written = match &self.rejects {
            Rejects::Written(scribe) => Some(scribe.write(&self.splitter, judged, &split.rejected, ordinal)),
            Rejects::Counted | Rejects::Told => None,
        };
        (split, written)
    }

    /// Hands the rejects of a batch to their end.
    fn refuse(&self, raw: &RawBatch, split: &Split, written: Option<Written>, ends: &mut dyn Ends) -> Result<()> {
        split.rejects.iter().try_for_each(|reject| ends.reject(raw, reject))?;
        if let (Rejects::Written(scribe), Some(written)) = (&self.rejects, written) {
            if split.rejected.any() {
                ends.rejects(raw, &split.rejected, &written)?;
            }
            scribe.take_back(written);
        }
        Ok(())
    }

    /// Adds what was remembered of keys; `lost` marks the losers among the rows.
    fn remember(&self, judged: &mut Judged, lost: impl Fn(&Losers) -> Mask) {
        for (rule, verdict) in self.table.rules.iter().zip(&mut judged.verdicts) {
            if let Some(nulls) = keys::null_keys(rule, verdict, &judged.batch.columns) {
                verdict.failed.or(&nulls);
            }
        }
        self.splitter.decide_keys(judged, lost);
    }
}

#[cfg(test)]
mod tests;
