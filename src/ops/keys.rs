//! The pass before the judging: which rows break the rules that remember (`unique`, `primary_key`, `increasing`).
//!
//! Workers turn keys into 64-bit words and scatter them over partitions; each partition is then resolved on its own.
//! Only where hashes of keys that do not fit a word are equal, the files are read once more for the bytes of those rows.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow_array::{Array, ArrayRef, RecordBatch};

use crate::frame::judge::RuleVerdict;
use crate::frame::keys::OrderState;
use crate::frame::keys::find::{KeyList, KeyParts, SuspectList};
use crate::frame::keys::hash::KeyHasher;
use crate::frame::keys::losers::{LoserList, Losers};
use crate::frame::keys::seat::{self, Places, Seats, Stretch};
use crate::frame::keys::store::{Budget, PARTS};
use crate::frame::schema::arrow_type;
use crate::frame::{Batch, Judge, Mask, Parser};
use crate::io::InputFile;
use crate::model::{Check, Keep, KeyTest, NullPolicy, Result, Rule, Table};
use crate::ops::parallel::ordered;
use crate::ops::reading::{Claimed, Piece, ReadFiles, Reading};
use crate::ops::settings::Settings;

/// Keys below which a second thread is not worth its start.
const FEW_ROWS: u64 = 1 << 16;

/// Tells whether a table needs the pass at all.
#[must_use]
pub fn needed(table: &Table) -> bool {
    table.rules.iter().any(remembers)
}

fn remembers(rule: &Rule) -> bool {
    matches!(rule.check, Check::Key(KeyTest::Unique { .. } | KeyTest::Increasing { .. }))
}

/// Remembers the rows of one table.
pub struct KeyPass<'a> {
    table: &'a Table,
    /// Keys of the target, by the place of their rule in the table.
    seeds: Vec<(usize, RecordBatch)>,
}

/// Looks at what the pass reads, in the same workers.
pub trait Companion: Sync {
    /// What it keeps of the raw records.
    type Glance;
    /// What it makes of a batch.
    type Sight: Send;

    /// Gives the columns it needs.
    fn columns(&self) -> &[usize];

    /// Looks at the records.
    fn glance(&self, piece: &Piece) -> Self::Glance;

    /// Looks at the columns of the batch that starts at ordinal `first`.
    ///
    /// # Errors
    /// Where the run cannot go on.
    fn look(&self, glance: Self::Glance, batch: Batch, first: u64) -> Result<Self::Sight>;
}

/// Nobody looks.
struct Alone;

impl Companion for Alone {
    type Glance = ();
    type Sight = ();

    fn columns(&self) -> &[usize] {
        &[]
    }

    fn glance(&self, _piece: &Piece) {}

    fn look(&self, _glance: (), _batch: Batch, _first: u64) -> Result<()> {
        Ok(())
    }
}

/// A rule about uniqueness while it is decided.
struct Unique<'a, K> {
    /// Its place in the table.
    place: usize,
    rule: &'a Rule,
    keys: K,
}

/// A rule about order, judged batch after batch.
struct Order<'a> {
    place: usize,
    rule: &'a Rule,
    strict: bool,
    state: OrderState,
    losers: Vec<u64>,
}

/// What a worker hands on of a batch.
struct Found {
    first: u64,
    stretch: Stretch,
    /// For each rule about order its column and the rows it judges.
    orders: Vec<Option<(ArrayRef, Mask)>>,
}

impl<'a> KeyPass<'a> {
    /// Prepares the pass for a table.
    #[must_use]
    pub const fn new(table: &'a Table) -> Self {
        Self { table, seeds: Vec::new() }
    }

    /// Gives the column sets whose keys the target must be asked for, each with its number.
    pub fn unique_columns(&self) -> impl Iterator<Item = (usize, Vec<usize>)> + '_ {
        self.table.rules.iter().enumerate().filter_map(|(number, rule)| match &rule.check {
            Check::Key(KeyTest::Unique { columns, .. }) => Some((number, columns.clone())),
            _ => None,
        })
    }

    /// Adds keys the target holds: `rows` has exactly the key's columns. The rows are kept until the pass is over.
    pub fn seed(&mut self, number: usize, rows: &RecordBatch) {
        self.seeds.push((number, rows.clone()));
    }

    /// Reads the files and gives the losers of each rule of the table (empty for other rules).
    ///
    /// # Errors
    /// Where a file cannot be read, a rule not compiled, or keys not be spilled.
    pub fn run(self, files: &[InputFile], settings: &Settings) -> Result<Vec<Losers>> {
        self.run_beside(files, settings, &Alone, |()| Ok(())).map(|(losers, _)| losers)
    }

    /// Does the same, and shows what is read to a companion, whose sights come to `end` in file order.
    ///
    /// # Errors
    /// As [`KeyPass::run`], and where the companion or `end` fails.
    pub fn run_beside<C: Companion>(
        self,
        files: &[InputFile],
        settings: &Settings,
        companion: &C,
        end: impl FnMut(C::Sight) -> Result<()>,
    ) -> Result<(Vec<Losers>, ReadFiles)> {
        let budget = Budget::with_blank(settings.memory, settings.spool.as_deref(), settings.blank.clone());
        let (uniques, mut orders) = (self.uniques(&budget), self.orders());
        for unique in &uniques {
            self.seeded(unique.place, |columns, rows| unique.keys.seed(columns, rows))?;
        }
        let (places, read) = self.collect(files, settings, &uniques, &mut orders, companion, end)?;
        let places = Arc::new(places);
        let threads = if places.rows() < FEW_ROWS { 1 } else { settings.threads };
        let mut lists: Vec<(usize, LoserList)> = Vec::new();
        let mut suspects = Vec::new();
        for unique in uniques {
            settings.go_on()?;
            let Unique { place, rule, keys } = unique;
            let (parts, losers) = (keys.seal(places.rows()), LoserList::new(&places, &budget));
            in_parts(threads, |part| KeyParts::resolve(&parts, part, &losers), Ok)?;
            suspects.extend(parts.suspects(&budget).map(|keys| (Unique { place, rule, keys }, lists.len())));
            lists.push((place, losers));
        }
        if !suspects.is_empty() {
            self.confirm(files, settings, suspects, &lists)?;
        }
        for order in orders {
            let losers = LoserList::new(&places, &budget);
            let mut pen = losers.pen();
            order.losers.iter().for_each(|ordinal| pen.push(*ordinal, seat::NONE));
            losers.put(pen)?;
            lists.push((order.place, losers));
        }
        let mut losers = vec![Losers::default(); self.table.rules.len()];
        for (place, list) in lists {
            let ranges = list.seal();
            let mut sorted = Vec::with_capacity(PARTS);
            in_parts(
                threads,
                |range| ranges.sort(range),
                |range| {
                    sorted.push(range);
                    Ok(())
                },
            )?;
            losers[place] = ranges.join(sorted);
        }
        Ok((losers, read))
    }

    /// Reads all files for their keys.
    fn collect<C: Companion>(
        &self,
        files: &[InputFile],
        settings: &Settings,
        uniques: &[Unique<'_, KeyList>],
        orders: &mut [Order<'_>],
        companion: &C,
        mut end: impl FnMut(C::Sight) -> Result<()>,
    ) -> Result<(Places, ReadFiles)> {
        let admission = Admission::new(self.table, settings)?;
        let columns = [self.columns().as_slice(), companion.columns()].concat();
        let parser = Parser::new(self.table).only(&columns);
        let mut reading = Reading::new(self.table, files, settings);
        let by_line = self.table.source.format.has_lines();
        let ordering: Vec<(usize, &Rule)> = orders.iter().map(|order| (order.place, order.rule)).collect();
        let work = |claimed: Claimed| {
            let piece = claimed.frame()?;
            let (first, file) = (piece.first, piece.file);
            let glance = companion.glance(&piece);
            let (batch, verdicts) = admission.judge(parser.parse(piece.raw));
            let seats = Seats::new(first, file, &batch.raw.records, by_line)?;
            for unique in uniques {
                let rows = admitted(unique.place, unique.rule, &batch, &verdicts);
                unique.keys.add(&key_columns(unique.rule, &batch), &rows, &seats)?;
            }
            let order = |(place, rule): &(usize, &Rule)| {
                let column = batch.columns.get(rule.columns.first()?.column)?;
                Some((column.clone(), admitted(*place, rule, &batch, &verdicts)))
            };
            let (stretch, orders) = (seats.stretch(), ordering.iter().map(order).collect());
            Ok((Found { first, stretch, orders }, companion.look(glance, batch, first)?))
        };
        let mut places = Places::default();
        ordered(
            settings.threads,
            || reading.claim(),
            work,
            |(found, sight): (Found, C::Sight)| {
                places.add(found.stretch);
                for (order, found_here) in orders.iter_mut().zip(&found.orders) {
                    if let Some((column, rows)) = found_here {
                        let failed = order.state.judge(column, rows, order.strict);
                        order.losers.extend(failed.rows().map(|row| found.first + row as u64));
                    }
                }
                end(sight)
            },
        )?;
        Ok((places, reading.finish()))
    }

    /// Reads the files once more, for the bytes of keys whose hashes are equal. `lists` takes the losers; each suspect
    /// comes with its place there.
    fn confirm(
        &self,
        files: &[InputFile],
        settings: &Settings,
        suspects: Vec<(Unique<'_, SuspectList>, usize)>,
        lists: &[(usize, LoserList)],
    ) -> Result<()> {
        let sizes = files.iter().map(|file| std::fs::metadata(&file.path).map_or(0, |data| data.len()));
        settings.progress.total.fetch_add(sizes.sum(), Ordering::Relaxed);
        let columns: BTreeSet<usize> =
            suspects.iter().flat_map(|(unique, _)| unique.rule.columns.iter().map(|path| path.column)).collect();
        let parser = Parser::new(self.table).only(&columns.into_iter().collect::<Vec<_>>());
        let by_line = self.table.source.format.has_lines();
        for (unique, _) in &suspects {
            self.seeded(unique.place, |columns, rows| unique.keys.seed(columns, rows))?;
        }
        let mut reading = Reading::new(self.table, files, settings);
        let work = |claimed: Claimed| {
            let piece = claimed.frame()?;
            let masks: Vec<Mask> =
                suspects.iter().map(|(unique, _)| unique.keys.mask(piece.first, piece.raw.len())).collect();
            if !masks.iter().any(Mask::any) {
                return Ok(());
            }
            let batch = parser.parse(piece.raw);
            let seats = Seats::new(piece.first, piece.file, &batch.raw.records, by_line)?;
            let rows = suspects.iter().zip(&masks);
            rows.into_iter()
                .try_for_each(|((unique, _), rows)| unique.keys.add(&key_columns(unique.rule, &batch), rows, &seats))
        };
        ordered(settings.threads, || reading.claim(), work, Ok)?;
        for (unique, list) in suspects {
            settings.go_on()?;
            let (parts, Some((_, losers))) = (unique.keys.seal(), lists.get(list)) else { continue };
            in_parts(settings.threads, |part| parts.resolve(part, losers), Ok)?;
        }
        Ok(())
    }

    fn uniques(&self, budget: &Arc<Budget>) -> Vec<Unique<'a, KeyList>> {
        let rules = self.table.rules.iter().enumerate();
        let unique = |(place, rule): (usize, &'a Rule)| {
            let Check::Key(KeyTest::Unique { keep, .. }) = &rule.check else { return None };
            Some(Unique { place, rule, keys: self.list(rule, *keep, budget) })
        };
        rules.filter_map(unique).collect()
    }

    fn list(&self, rule: &Rule, keep: Keep, budget: &Arc<Budget>) -> KeyList {
        let columns = rule.columns.iter().filter_map(|path| self.table.columns.get(path.column));
        let types: Vec<_> = columns.map(|column| arrow_type(&column.data_type)).collect();
        KeyList::new(keep, KeyHasher::new(&types), budget)
    }

    fn orders(&self) -> Vec<Order<'a>> {
        let rules = self.table.rules.iter().enumerate();
        let order = |(place, rule): (usize, &'a Rule)| {
            let Check::Key(KeyTest::Increasing { strict, .. }) = &rule.check else { return None };
            Some(Order { place, rule, strict: *strict, state: OrderState::default(), losers: Vec::new() })
        };
        rules.filter_map(order).collect()
    }

    /// Walks the keys of the target for one rule.
    fn seeded(&self, place: usize, mut seed: impl FnMut(&[&dyn Array], usize) -> Result<()>) -> Result<()> {
        let batches = self.seeds.iter().filter(|(number, _)| *number == place);
        batches.into_iter().try_for_each(|(_, rows)| {
            let columns: Vec<&dyn Array> = rows.columns().iter().map(AsRef::as_ref).collect();
            seed(&columns, rows.num_rows())
        })
    }

    /// The columns that keys and conditions read.
    fn columns(&self) -> Vec<usize> {
        let mut columns = BTreeSet::new();
        for rule in self.table.rules.iter().filter(|rule| remembers(rule)) {
            columns.extend(rule.columns.iter().map(|path| path.column));
            columns.extend(rule.condition.iter().flat_map(|condition| condition.columns.iter().copied()));
        }
        columns.into_iter().collect()
    }
}

/// Runs `work` for each partition and hands the results on in order.
fn in_parts<R: Send>(
    threads: usize,
    work: impl Fn(usize) -> Result<R> + Sync,
    end: impl FnMut(R) -> Result<()>,
) -> Result<()> {
    let mut parts = 0..PARTS;
    ordered(threads, || Ok(parts.next()), work, end)
}

/// Judges the conditions (`where`) of the rules of this pass, if there are any.
struct Admission {
    judge: Option<Judge>,
    /// For each rule of the table the place of its verdict.
    verdicts: Vec<Option<usize>>,
}

impl Admission {
    fn new(table: &Table, settings: &Settings) -> Result<Self> {
        let mut rules = Vec::new();
        let mut verdicts = Vec::new();
        for rule in &table.rules {
            let conditional = remembers(rule) && rule.condition.is_some();
            verdicts.push(conditional.then_some(rules.len()));
            if conditional {
                rules.push(rule.clone());
            }
        }
        let reduced = Table { rules, ..table.clone() };
        let judge = (!reduced.rules.is_empty()).then(|| Judge::new(&reduced, &settings.context)).transpose()?;
        Ok(Self { judge, verdicts })
    }

    /// Gives the verdict of each rule with a condition, by its place in the table.
    fn judge(&self, batch: Batch) -> (Batch, Vec<Option<RuleVerdict>>) {
        let Some(judge) = &self.judge else { return (batch, Vec::new()) };
        let judged = judge.judge(batch);
        let verdict = |at: &Option<usize>| at.and_then(|at| judged.verdicts.get(at).cloned());
        let verdicts = self.verdicts.iter().map(verdict).collect();
        (judged.batch, verdicts)
    }
}

/// Marks the rows that a rule judges: readable, and admitted by its condition.
fn admitted(place: usize, rule: &Rule, batch: &Batch, verdicts: &[Option<RuleVerdict>]) -> Mask {
    if let Some(Some(verdict)) = verdicts.get(place) {
        return relevant(verdict, batch.len());
    }
    let mut rows = Mask::full(batch.len());
    rows.and_not(&batch.broken);
    for path in &rule.columns {
        if batch.absent.get(path.column).copied().unwrap_or(true) {
            return Mask::new(batch.len());
        }
        if let Some(Some(unparsed)) = batch.unparsed.get(path.column) {
            rows.and_not(unparsed);
        }
    }
    rows
}

fn relevant(verdict: &RuleVerdict, rows: usize) -> Mask {
    if verdict.not_evaluated.is_some() {
        return Mask::new(rows);
    }
    let mut rows = verdict.admitted.clone().unwrap_or_else(|| Mask::full(rows));
    rows.and_not(&verdict.unknown);
    rows
}

fn key_columns<'b>(rule: &Rule, batch: &'b Batch) -> Vec<&'b dyn Array> {
    rule.columns.iter().filter_map(|path| batch.columns.get(path.column)).map(AsRef::as_ref).collect()
}

/// Marks NULL keys where a rule says `nulls: fail`.
#[must_use]
pub fn null_keys(rule: &Rule, verdict: &RuleVerdict, columns: &[ArrayRef]) -> Option<Mask> {
    (rule.nulls == NullPolicy::Fail && remembers(rule)).then(|| {
        let arrays: Vec<&ArrayRef> = rule.columns.iter().filter_map(|path| columns.get(path.column)).collect();
        let rows = relevant(verdict, arrays.first().map_or(0, Array::len));
        let mut failed = Mask::from_fn(rows.len(), |row| arrays.iter().any(|array| array.is_null(row)));
        failed.and(&rows);
        failed
    })
}
