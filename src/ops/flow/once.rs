//! Once: a table whose keys must be known first, read whole only once where no clean row is wanted.
//!
//! While the keys are collected the sieve looks at the same batches, and of each only a bit a record is kept: it must
//! be looked at closely. When the keys are known, these records and the losers are read again, by their places, and
//! judged by every rule. Every 16th record's place is kept, and where few records are to be looked at, also theirs: two
//! bytes a record at most. The first of those few are kept themselves.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::analyze::table::TableState;
use crate::frame::split::{KeyKnowledge, Split};
use crate::frame::{Batch, Body, FileShape, Judged, Mask, RawBatch};
use crate::io::InputFile;
use crate::io::formats::csv::{self, Again, Place};
use crate::io::rejects::Written;
use crate::io::stores::local::Fingerprint;
use crate::model::{Error, ErrorKind, Format, Result, TableReport};
use crate::ops::flow::{Ends, Sifting, Stage, TableRun, Wants};
use crate::ops::keys::{Companion, KeyPass};
use crate::ops::parallel::ordered;
use crate::ops::reading::Piece;

/// Records from one kept place to the next.
const WINDOW: usize = 16;

/// So many windows without a chosen record are read along with their neighbours.
const GAP: usize = 2;

/// Bytes of records that are kept for the second look; few for the tests of this crate, which see both ways.
const KEPT: usize = if cfg!(test) { 256 } else { 32 << 20 };

/// A batch as it is remembered.
#[derive(Debug)]
struct Spot {
    /// Index of the file.
    file: u32,
    shape: Arc<FileShape>,
    /// Ordinal of the first record, and its number in the file.
    first: u64,
    number: u64,
    rows: usize,
    /// Offset and line of the first record.
    start: (u64, u64),
    /// How far every 16th record is from there. A batch is shorter than 4 GiB.
    windows: Vec<(u32, u32)>,
    /// Offset behind the last record.
    end: u64,
    /// Records to be looked at closely.
    chosen: Mask,
    /// Those of them that the sieve chose, ascending, where they are few; else none.
    singles: Vec<Single>,
    /// The same, where they are kept.
    kept: Option<RawBatch>,
}

/// A record's own place.
#[derive(Debug, Clone, Copy)]
struct Single {
    row: u32,
    /// How far it is from the first record of its batch.
    offset: u32,
    line: u32,
    bytes: u32,
}

/// What the first reading makes of a batch.
struct Sight {
    spot: Spot,
    /// For each rule why it was not evaluated; empty where all were.
    not_evaluated: Vec<Option<String>>,
    /// The batch with its verdicts, where table rules ask for it.
    judged: Option<Judged>,
}

/// What the second reading makes of a batch.
struct Settled {
    /// Of the whole batch.
    records: usize,
    split: Split,
    written: Option<Written>,
    /// The records that were looked at closely.
    raw: RawBatch,
}

/// Looks at batches beside the key pass.
struct Scout<'a> {
    stage: &'a Stage<'a>,
    sifting: &'a Sifting,
    columns: Vec<usize>,
    /// Table rules want the batches.
    measures: bool,
    /// Bytes that may still be kept.
    room: AtomicUsize,
}

impl Companion for Scout<'_> {
    type Glance = Spot;
    type Sight = Sight;

    fn columns(&self) -> &[usize] {
        &self.columns
    }

    fn glance(&self, piece: &Piece) -> Spot {
        let origins = self.stage.parser.origins(&piece.raw);
        let suspects = self.sifting.sieve.suspects(&piece.raw, &origins);
        let mut spot = Spot::new(piece, suspects.unwrap_or_else(|| Mask::full(piece.raw.len())));
        let bytes = piece.raw.text.len() / spot.rows.max(1) * spot.singles.len() * 2;
        let has_room = |room: usize| room.checked_sub(bytes);
        if !spot.singles.is_empty() && self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, has_room).is_ok() {
            spot.kept = Some(piece.raw.select(&spot.chosen));
        }
        spot
    }

    fn look(&self, mut spot: Spot, batch: Batch, first: u64) -> Result<Sight> {
        let mut judged = self.stage.judge.judge_only(batch, |rule| !self.sifting.covers(rule));
        let rows = judged.batch.len();
        self.stage.remember(&mut judged, |losers| losers.mask(first, rows));
        judged.verdicts.iter().for_each(|verdict| spot.chosen.or(&verdict.failed));
        let any = judged.verdicts.iter().any(|verdict| verdict.not_evaluated.is_some());
        let why = judged.verdicts.iter().filter(|_| any).map(|verdict| verdict.not_evaluated.clone());
        let not_evaluated = why.collect();
        Ok(Sight { spot, not_evaluated, judged: self.measures.then_some(judged) })
    }
}

impl Spot {
    fn new(piece: &Piece, chosen: Mask) -> Self {
        let records = &piece.raw.records;
        let start = records.first().map_or((0, 0), |record| (record.offset, record.line));
        let far = |to: u64, from: u64| u32::try_from(to - from).unwrap_or(u32::MAX);
        let windows = records.iter().step_by(WINDOW).map(|at| (far(at.offset, start.0), far(at.line, start.1)));
        let single = |row: usize| {
            let at = records.get(row)?;
            let (offset, line) = (far(at.offset, start.0), far(at.line, start.1));
            Some(Single { row: u32::try_from(row).ok()?, offset, line, bytes: u32::try_from(at.length).ok()? })
        };
        let few = chosen.count() <= records.len() / WINDOW;
        let singles = if few { chosen.rows().map(single).collect::<Option<_>>() } else { None };
        Self {
            file: piece.file,
            shape: Arc::clone(&piece.raw.file),
            first: piece.first,
            number: records.first().map_or(1, |record| record.number),
            rows: records.len(),
            start,
            windows: windows.collect(),
            end: records.last().map_or(0, |record| record.offset + record.length),
            chosen,
            singles: singles.unwrap_or_default(),
            kept: None,
        }
    }

    /// Gives the place of a record at the start of a window; behind the last one, that of the batch's end.
    fn place(&self, row: usize) -> Place {
        let number = self.number + row as u64;
        match self.windows.get(row / WINDOW) {
            Some((offset, line)) if row < self.rows => {
                Place { offset: self.start.0 + u64::from(*offset), line: self.start.1 + u64::from(*line), number }
            }
            _ => Place { offset: self.end, line: 0, number },
        }
    }

    /// Reads the chosen records again.
    fn read(&self, file: &InputFile) -> Result<RawBatch> {
        let fields = crate::frame::Fields::new(self.shape.names.len());
        let (shape, chosen) = (Arc::clone(&self.shape), self.chosen.count());
        let mut kept = RawBatch { file: shape, text: Vec::new(), records: Vec::new(), body: Body::Delimited(fields) };
        if chosen == 0 {
            return Ok(kept);
        }
        // As long as the others, and some more.
        let bytes = usize::try_from(self.end.saturating_sub(self.start.0)).unwrap_or(0);
        kept.reserve(chosen, bytes / self.rows.max(1) * chosen / 8 * 9);
        let mut again = None;
        let mut others = self.chosen.clone();
        self.singles.iter().for_each(|single| others.clear(single.row as usize));
        let mut singles = self.singles.iter().enumerate().peekable();
        for rows in runs(&others) {
            while let Some(single) = singles.next_if(|(_, single)| (single.row as usize) < rows.start) {
                self.pick(single, file, &mut again, &mut kept)?;
            }
            while singles.next_if(|(_, single)| (single.row as usize) < rows.end).is_some() {}
            let (from, until) = (self.place(rows.start), self.place(rows.end));
            let mut base = rows.start;
            self.open(file, &mut again)?.read(from, rows.len(), until.offset.saturating_sub(from.offset), |batch| {
                kept.append(batch, (0..batch.len()).filter(|row| self.chosen.get(base + row)));
                base += batch.len();
            })?;
        }
        singles.try_for_each(|single| self.pick(single, file, &mut again, &mut kept))?;
        if kept.len() != chosen {
            return Err(Error::new(ErrorKind::Conservation, format!("{} changed while it was read", file.shown)));
        }
        Ok(kept)
    }

    /// Opens the file where that was not done yet.
    fn open<'a>(&self, file: &InputFile, again: &'a mut Option<Again>) -> Result<&'a mut Again> {
        Ok(match again {
            Some(opened) => opened,
            empty => empty.insert(Again::open(file, &self.shape)?),
        })
    }

    /// Takes a record that is kept, or reads it by its own place.
    fn pick(
        &self,
        (index, single): (usize, &Single),
        file: &InputFile,
        again: &mut Option<Again>,
        to: &mut RawBatch,
    ) -> Result<()> {
        if let Some(kept) = &self.kept {
            to.append(kept, std::iter::once(index));
            return Ok(());
        }
        let (offset, line) = (self.start.0 + u64::from(single.offset), self.start.1 + u64::from(single.line));
        let place = Place { offset, line, number: self.number + u64::from(single.row) };
        self.open(file, again)?.pick(place, single.bytes as usize, to)
    }
}

/// Gives the rows that are read together: whole windows with chosen rows, and small gaps between them.
fn runs(chosen: &Mask) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for row in chosen.rows() {
        let start = row / WINDOW * WINDOW;
        let end = (start + WINDOW).min(chosen.len());
        match runs.last_mut() {
            Some(last) if start <= last.end + GAP * WINDOW => last.end = end,
            _ => runs.push(start..end),
        }
    }
    runs
}

impl TableRun<'_> {
    /// Tells whether the table can be judged by [`TableRun::run_once`].
    pub(super) fn reads_once(&self, wants: Wants, has_children: bool) -> bool {
        wants == Wants::Nothing
            && !has_children
            && self.table.source.format == Format::Csv
            && self.files.iter().all(csv::is_seekable)
    }

    /// Runs the table through the pipeline: the keys and the sieve in one pass, then the records that may break a rule.
    pub(super) fn run_once(
        &self,
        pass: KeyPass<'_>,
        stage: Stage<'_>,
        sifting: &Sifting,
        knowledge: &KeyKnowledge,
        ends: &mut dyn Ends,
    ) -> Result<TableReport> {
        let prints = self.files.iter().map(|file| Fingerprint::of(&file.path)).collect::<Result<Vec<_>>>()?;
        let sizes = self.files.iter().map(|file| std::fs::metadata(&file.path).map_or(0, |data| data.len()));
        self.settings.progress.total.fetch_sub(sizes.sum(), Ordering::Relaxed);
        let (mut tally, mut measures) = (stage.splitter.tally(), TableState::new(self.table));
        let mut spots = Vec::new();
        let (columns, room) = (sifting.columns.clone(), AtomicUsize::new(KEPT));
        let scout = Scout { stage: &stage, sifting, columns, measures: !measures.is_empty(), room };
        let (losers, read) = pass.run_beside(self.files, self.settings, &scout, |sight| {
            tally.leave_out(&sight.not_evaluated);
            if let Some(judged) = &sight.judged {
                measures.update(judged);
            }
            spots.push(sight.spot);
            Ok(())
        })?;
        let KeyKnowledge { parents, files, .. } = knowledge;
        let knowledge = KeyKnowledge { losers, parents: parents.clone(), files: files.clone() };
        let stage = stage.knowing(&knowledge);
        let mut spots = spots.into_iter();
        ordered(
            self.settings.threads,
            || self.settings.go_on().map(|()| spots.next()),
            |spot: Spot| self.settle(&stage, spot),
            |mut settled: Settled| {
                tally.add(settled.records, &mut settled.split);
                stage.refuse(&settled.raw, &settled.split, settled.written, ends)
            },
        )?;
        prints.iter().try_for_each(Fingerprint::check_unchanged)?;
        self.report(tally, measures, read)
    }

    /// Judges the chosen records of a batch and its losers by every rule.
    fn settle(&self, stage: &Stage<'_>, mut spot: Spot) -> Result<Settled> {
        for losers in &stage.splitter.keys.losers {
            spot.chosen.or(&losers.mask(spot.first, spot.rows));
        }
        let Some(file) = self.files.get(spot.file as usize) else {
            return Err(Error::new(ErrorKind::Conservation, "a batch belongs to no file"));
        };
        let raw = spot.read(file)?;
        let ordinals: Vec<u64> = spot.chosen.rows().map(|row| spot.first + row as u64).collect();
        let mut judged = stage.judge.judge(stage.parser.parse(raw));
        stage.remember(&mut judged, |losers| Mask::from_fn(ordinals.len(), |row| losers.of(ordinals[row]).is_some()));
        let (split, written) = stage.split(&judged, |row| ordinals[row]);
        Ok(Settled { records: spot.rows, split, written, raw: judged.batch.raw })
    }
}
