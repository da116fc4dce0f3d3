//! The state of a table: everything counted so far, in file order. It is what a saved profile keeps, so that `merge` and
//! `drift` need no data.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use serde::{Deserialize, Serialize};

use crate::analyze::profile::bottom::Bottom;
use crate::analyze::profile::column::{At, Column};
use crate::analyze::profile::kinds::Kind;
use crate::analyze::profile::part::{PLACES, Part, Shared, Trouble};
use crate::analyze::profile::rows::{Pairs, Patterns, ROWS, SAVED_ROWS};
use crate::model::profile::{LineEndings, Personal, Spot};

/// Everything counted of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableState {
    /// Paths, in the order they were read.
    pub files: Vec<String>,
    pub records: u64,
    pub rows: u64,
    pub columns: Vec<Column>,
    /// Elements of lists, by path.
    pub elements: BTreeMap<String, u64>,
    pub sample: Bottom,
    pub patterns: Patterns,
    pub trouble: BTreeMap<String, Trouble>,
    pub line_endings: LineEndings,
    pub first_endings: [Option<At>; 3],
    /// Not saved: a merged profile has no correlations.
    #[serde(skip)]
    pub pairs: Option<Pairs>,
    #[serde(skip)]
    index: BTreeMap<String, usize>,
}

impl TableState {
    /// Makes the state of a table before its first file.
    #[must_use]
    pub fn new(files: Vec<String>) -> Self {
        Self {
            files,
            records: 0,
            rows: 0,
            columns: Vec::new(),
            elements: BTreeMap::new(),
            sample: Bottom::new(ROWS),
            patterns: Patterns::default(),
            trouble: BTreeMap::new(),
            line_endings: LineEndings::default(),
            first_endings: [None; 3],
            pairs: Some(Pairs::default()),
            index: BTreeMap::new(),
        }
    }

    /// Names a column that a file has, in the file's order, though no row may have it yet.
    pub fn name(&mut self, column: &str) -> usize {
        self.find(column, usize::MAX)
    }

    /// Finds a column by its name, or makes it, one of so many.
    fn find(&mut self, column: &str, columns: usize) -> usize {
        if let Some(at) = self.index.get(column) {
            return *at;
        }
        let at = self.columns.len();
        self.columns.push(Column::new(column, columns));
        self.index.insert(column.to_owned(), at);
        // No row had it so far.
        if self.rows > 0 && !column.contains("[]") {
            self.patterns.lacked(u32::try_from(at).unwrap_or(u32::MAX));
        }
        at
    }

    /// Takes what was counted in the next batch, and tells those at work what they may be spared.
    pub fn absorb(&mut self, part: Part, shared: &Shared) {
        let numbers: Vec<usize> =
            part.columns.iter().map(|column| self.find(&column.name, part.columns.len())).collect();
        self.absorb_patterns(&part.patterns, &numbers);
        self.records += part.records;
        self.rows += part.rows;
        for (column, at) in part.columns.into_iter().zip(&numbers) {
            let hints = shared.hints(&column.name);
            if let Some(own) = self.columns.get_mut(*at) {
                own.merge(column);
                hints.tell(own);
            }
        }
        part.elements.into_iter().for_each(|(path, count)| *self.elements.entry(path).or_default() += count);
        self.sample.absorb(&part.sample);
        shared.rows_limit.store(self.sample.limit(), Ordering::Relaxed);
        if let Some(pairs) = &mut self.pairs {
            for (hash, row) in part.pairs {
                let mut own = vec![f64::NAN; self.columns.len()];
                for (number, at) in row.into_iter().zip(&numbers) {
                    if let Some(own) = own.get_mut(*at) {
                        *own = number;
                    }
                }
                pairs.add(hash, own);
            }
            shared.pairs_limit.store(pairs.limit(), Ordering::Relaxed);
        }
        self.absorb_trouble(part.trouble, 0);
        self.absorb_endings(part.line_endings, part.first_endings, 0);
    }

    fn absorb_patterns(&mut self, patterns: &Patterns, numbers: &[usize]) {
        let short = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let mut counted = vec![false; self.columns.len()];
        numbers.iter().filter_map(|at| counted.get_mut(*at).map(|slot| *slot = true)).for_each(drop);
        let flat = self.columns.iter().enumerate().filter(|(_, column)| !column.name.contains("[]"));
        let also: Vec<u32> =
            flat.map(|(at, _)| at).filter(|at| !counted.get(*at).copied().unwrap_or(false)).map(short).collect();
        self.patterns.merge(patterns, |column| numbers.get(column as usize).map(|at| short(*at)), &also);
    }

    fn absorb_trouble(&mut self, trouble: BTreeMap<String, Trouble>, files: u32) {
        for (code, theirs) in trouble {
            let own = self.trouble.entry(code).or_default();
            own.count += theirs.count;
            let room = PLACES - own.places.len().min(PLACES);
            let moved = theirs.places.into_iter().map(|(at, detail)| (At { file: at.file + files, ..at }, detail));
            own.places.extend(moved.take(room));
        }
    }

    fn absorb_endings(&mut self, endings: LineEndings, first: [Option<At>; 3], files: u32) {
        self.line_endings.lf += endings.lf;
        self.line_endings.crlf += endings.crlf;
        self.line_endings.cr += endings.cr;
        self.line_endings.none += endings.none;
        for (own, theirs) in self.first_endings.iter_mut().zip(first) {
            *own = own.or(theirs.map(|at| At { file: at.file + files, ..at }));
        }
    }

    /// Takes the state of other files of the table.
    pub fn merge(&mut self, mut other: Self) {
        let files = u32::try_from(self.files.len()).unwrap_or(0);
        self.index = self.columns.iter().enumerate().map(|(at, column)| (column.name.clone(), at)).collect();
        let numbers: Vec<usize> =
            other.columns.iter().map(|column| self.find(&column.name, other.columns.len())).collect();
        self.absorb_patterns(&other.patterns, &numbers);
        self.files.append(&mut other.files);
        self.records += other.records;
        self.rows += other.rows;
        for (mut column, at) in other.columns.into_iter().zip(&numbers) {
            move_places(&mut column, files);
            if let Some(own) = self.columns.get_mut(*at) {
                own.merge(column);
            }
        }
        other.elements.into_iter().for_each(|(path, count)| *self.elements.entry(path).or_default() += count);
        self.sample.merge(&other.sample);
        self.pairs = None;
        self.absorb_trouble(other.trouble, files);
        self.absorb_endings(other.line_endings, other.first_endings, files);
        self.settle();
    }

    /// Brings back what [`TableState::saved`] left out since it can be told from the rest.
    pub fn restore(&mut self) {
        self.columns.iter_mut().for_each(Column::restore);
    }

    /// Tells whether a state that was read back holds together.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let files = self.files.len();
        let is_sound = |column: &Column| {
            let places = column.kinds.iter().filter_map(|kind| kind.first.as_ref()).map(|seen| seen.at.file);
            column.kinds.len() == Kind::ALL.len()
                && column.nulls <= column.count
                && places.into_iter().all(|file| (file as usize) < files)
        };
        self.rows <= self.records && self.columns.iter().all(is_sound)
    }

    /// Brings the sketches into the one form that the same rows always have.
    pub fn settle(&mut self) {
        self.sample.settle();
        self.columns.iter_mut().for_each(Column::settle);
    }

    /// Gives what is saved: fewer rows, and no value of the columns that are `hidden`.
    #[must_use]
    pub fn saved<'p>(&self, hidden: impl Fn(&str) -> Option<&'p Personal>) -> Self {
        let sample = self.sample.shrunk(SAVED_ROWS);
        let mut saved = Self { pairs: None, index: BTreeMap::new(), sample, ..self.clone() };
        for column in &mut saved.columns {
            if let Some(personal) = hidden(&column.name) {
                column.forget(&personal.kind, &personal.reason);
            }
            column.slim();
        }
        saved
    }

    /// Gives the values a column was looked at for: its cells, and the rows or elements without one.
    #[must_use]
    pub fn expected(&self, column: &Column) -> u64 {
        let of = match column.name.rfind("[]") {
            Some(at) => self.elements.get(&column.name[..at + 2]).copied(),
            None => Some(self.rows),
        };
        of.unwrap_or(column.count).max(column.count)
    }

    /// Puts a place in words.
    #[must_use]
    pub fn spot(&self, at: &At) -> Spot {
        let file = self.files.get(at.file as usize).cloned().unwrap_or_default();
        Spot { file, record: at.record, line: at.line, offset: at.offset, detail: None }
    }
}

fn move_places(column: &mut Column, files: u32) {
    let first = column.kinds.iter_mut().filter_map(|kind| kind.first.as_mut());
    let ends = column.low.iter_mut().chain(&mut column.high).map(|end| &mut end.seen);
    first.chain(ends).for_each(|seen| seen.at.file += files);
}
