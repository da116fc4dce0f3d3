//! The pass before the judging: which rows break the rules that remember (`unique`, `primary_key`, `increasing`).

use std::collections::BTreeSet;

use arrow_array::{ArrayRef, RecordBatch};

use crate::frame::judge::RuleVerdict;
use crate::frame::keys::unique::Seat;
use crate::frame::keys::{KeyEncoder, Loser, OrderState, UniqueState};
use crate::frame::{Judge, Mask, Parser, Record};
use crate::io::InputFile;
use crate::model::{Check, KeyTest, NullPolicy, Result, Rule, Table};
use crate::ops::parallel::ordered;
use crate::ops::reading::Reading;
use crate::ops::settings::Settings;

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
    /// The table with only the rules of this pass; their places in the table's own list.
    reduced: Table,
    places: Vec<usize>,
    states: Vec<State>,
}

enum State {
    Unique(UniqueState),
    Increasing { state: OrderState, strict: bool, losers: Vec<Loser> },
}

/// What a worker found in a batch: the columns of each rule and the rows it judges.
struct Found {
    first: u64,
    file: u32,
    /// Where each row stands, for messages.
    places: Vec<u64>,
    rules: Vec<(Vec<ArrayRef>, Mask)>,
}

impl<'a> KeyPass<'a> {
    /// Prepares the pass for a table.
    #[must_use]
    pub fn new(table: &'a Table) -> Self {
        let places: Vec<usize> =
            table.rules.iter().enumerate().filter(|(_, rule)| remembers(rule)).map(|(index, _)| index).collect();
        let rules: Vec<Rule> = places.iter().map(|index| table.rules[*index].clone()).collect();
        let states = rules.iter().map(state).collect();
        Self { table, reduced: Table { rules, ..table.clone() }, places, states }
    }

    /// Gives the column sets whose keys the target must be asked for, each with its state's number.
    pub fn unique_columns(&self) -> impl Iterator<Item = (usize, Vec<usize>)> + '_ {
        self.reduced.rules.iter().enumerate().filter_map(|(number, rule)| match &rule.check {
            Check::Key(KeyTest::Unique { columns, .. }) => Some((number, columns.clone())),
            _ => None,
        })
    }

    /// Adds keys the target holds: `rows` has exactly the key's columns.
    pub fn seed(&mut self, number: usize, rows: &RecordBatch) {
        let State::Unique(state) = &mut self.states[number] else { return };
        let encoder = KeyEncoder::of(rows.columns());
        let mut key = Vec::new();
        for row in 0..rows.num_rows() {
            if encoder.encode(row, &mut key) {
                state.seed(&key);
            }
        }
    }

    /// Reads the files and gives the losers of each rule of the table (empty for other rules).
    ///
    /// # Errors
    /// Where a file cannot be read or a rule not compiled.
    pub fn run(mut self, files: &[InputFile], settings: &Settings) -> Result<Vec<Vec<Loser>>> {
        let parser = Parser::new(self.table).only(&self.columns());
        let judge = Judge::new(&self.reduced, &settings.context)?;
        let mut reading = Reading::new(self.table, files, settings);
        let by_line = self.table.source.format.has_lines();
        let rules = self.reduced.rules.clone();
        let source = || reading.next_piece();
        let work = |piece: crate::ops::reading::Piece| {
            let judged = judge.judge(parser.parse(piece.raw));
            let place = |record: &Record| if by_line { record.line } else { record.number };
            let places = judged.batch.raw.records.iter().map(place).collect();
            let rules = rules.iter().zip(&judged.verdicts);
            let rules = rules.map(|(rule, verdict)| relevant(rule, verdict, &judged.batch.columns)).collect();
            Ok(Found { first: piece.first, file: piece.file, places, rules })
        };
        let states = &mut self.states;
        ordered(settings.threads, source, work, |found: Found| {
            for (state, (columns, rows)) in states.iter_mut().zip(&found.rules) {
                remember(state, columns, rows, &found);
            }
            Ok(())
        })?;
        let mut losers: Vec<Vec<Loser>> = self.table.rules.iter().map(|_| Vec::new()).collect();
        for ((state, place), rule) in self.states.into_iter().zip(self.places).zip(&self.reduced.rules) {
            losers[place] = match state {
                State::Unique(state) => state.finish(),
                State::Increasing { losers, .. } => losers,
            };
            // Several sources of losers may name one row: the first reason counts.
            losers[place].dedup_by_key(|loser| loser.ordinal);
            debug_assert!(remembers(rule));
        }
        Ok(losers)
    }

    /// The columns that keys and conditions read.
    fn columns(&self) -> Vec<usize> {
        let mut columns = BTreeSet::new();
        for rule in &self.reduced.rules {
            columns.extend(rule.columns.iter().map(|path| path.column));
            columns.extend(rule.condition.iter().flat_map(|condition| condition.columns.iter().copied()));
        }
        columns.into_iter().collect()
    }
}

fn state(rule: &Rule) -> State {
    match &rule.check {
        Check::Key(KeyTest::Increasing { strict, .. }) => {
            State::Increasing { state: OrderState::default(), strict: *strict, losers: Vec::new() }
        }
        Check::Key(KeyTest::Unique { keep, .. }) => State::Unique(UniqueState::new(*keep)),
        _ => State::Unique(UniqueState::new(crate::model::Keep::None)),
    }
}

fn relevant(rule: &Rule, verdict: &RuleVerdict, columns: &[ArrayRef]) -> (Vec<ArrayRef>, Mask) {
    let arrays: Vec<ArrayRef> = rule.columns.iter().map(|path| columns[path.column].clone()).collect();
    let len = arrays.first().map_or(0, |array| array.len());
    if verdict.not_evaluated.is_some() {
        return (arrays, Mask::new(len));
    }
    let mut rows = verdict.admitted.clone().unwrap_or_else(|| Mask::full(len));
    rows.and_not(&verdict.unknown);
    (arrays, rows)
}

fn remember(state: &mut State, columns: &[ArrayRef], rows: &Mask, found: &Found) {
    match state {
        State::Unique(unique) => {
            let encoder = KeyEncoder::of(columns);
            let mut key = Vec::new();
            for row in rows.rows() {
                if encoder.encode(row, &mut key) {
                    let seat = Seat { ordinal: found.first + row as u64, file: found.file, at: found.places[row] };
                    unique.add(&key, seat);
                }
            }
        }
        State::Increasing { state, strict, losers } => {
            let Some(column) = columns.first() else { return };
            let failed = state.judge(column, rows, *strict);
            losers.extend(failed.rows().map(|row| Loser { ordinal: found.first + row as u64, rival: None }));
        }
    }
}

/// Marks NULL keys where a rule says `nulls: fail`.
#[must_use]
pub fn null_keys(rule: &Rule, verdict: &RuleVerdict, columns: &[ArrayRef]) -> Option<Mask> {
    (rule.nulls == NullPolicy::Fail && remembers(rule)).then(|| {
        let (arrays, rows) = relevant(rule, verdict, columns);
        let mut failed = Mask::from_fn(rows.len(), |row| arrays.iter().any(|array| array.is_null(row)));
        failed.and(&rows);
        failed
    })
}
