//! Faults: dirt of every sort, planted into records as written, each noted with its place. One file a kind.
//!
//! A fault edits the bytes of a clean record. What it does not touch stays the same byte for byte, and the place of
//! what it did is exact. The order is: [`Planter::new`] once a table, [`Planter::rows`] a range of rows, then
//! [`Planter::apply`] to each of those; the head and the end of files and the list of files have calls of their own.

pub mod cell;
pub mod csv;
mod fresh;
pub mod json;
pub mod kind;
pub mod kinds;
pub mod knobs;
mod layout;
mod moment;
mod numbers;
mod oracle;
mod permute;
mod plant;
pub mod presets;
pub mod record;
pub mod reference;
mod rowwise;
mod select;
mod setup;
pub mod target;
mod value;
pub mod whole;

use std::ops::Range;
use std::sync::OnceLock;

use crate::frame::Mask;
use crate::generate::faults::kind::Act;
use crate::generate::faults::oracle::Oracle;
use crate::generate::faults::plant::{Bench, Fault};
use crate::generate::faults::select::Selection;
use crate::generate::faults::whole::{FileEdit, SetEdit, Told};
use crate::generate::random::{Draws, Stream};
use crate::model::generation::Amount;
use crate::model::manifest::Entry;
use crate::model::{Contract, Error, FaultSpec, Result, Table};

/// Plants the faults of one table. Faults are numbered as the list given to [`Planter::new`]; those of other tables
/// are passed over.
#[derive(Debug)]
pub struct Planter {
    oracle: Oracle,
    faults: Vec<Fault>,
    selection: Selection,
    rows: u64,
    files: Stream,
    /// The files that are changed as a whole, by path, each with a place in `faults`; made from the whole list.
    plan: OnceLock<Vec<(String, usize)>>,
}

/// A clean record about to be dirtied.
pub struct Site<'a> {
    /// Logical row of the clean table, from 0.
    pub row: u64,
    /// As the writer wrote it, line ending included, in the table's `source` dialect (CSV or NDJSON).
    pub record: &'a [u8],
    /// Renders any other clean record of the table.
    pub other: &'a dyn Fn(u64) -> Result<Vec<u8>>,
    /// First row and one past the last row of the file the record stands in.
    pub file_rows: Range<u64>,
    /// A column whose value names the file's folder, and that value; days are told by their own column.
    pub folder: Option<(String, String)>,
}

/// What stands in the file in place of a clean record.
#[derive(Debug, Default)]
pub struct Dirty {
    /// Records as written; empty where the record is missing.
    pub bytes: Vec<u8>,
    /// How many data records a reader that trusts the format counts in `bytes`.
    pub records: u64,
    /// Offsets, lines and record numbers count from the start of `bytes`, from 0; file is empty. The pipeline adds
    /// where `bytes` stand.
    pub entries: Vec<Entry>,
}

/// A file about to be written: its path below the data folder and the rows it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedFile {
    pub path: String,
    pub rows: Vec<Range<u64>>,
}

/// What happens to a file as a whole.
#[derive(Debug, Default)]
pub struct FileFaults {
    /// Replaces the header (or the nothing before the first record) as written.
    pub head: Option<Vec<u8>>,
    /// Stands behind the last record.
    pub tail: Vec<u8>,
    /// So many bytes are cut off the end at last.
    pub cut: u64,
    /// All bytes are written as UTF-16LE with a byte-order mark.
    pub utf16: bool,
    pub entries: Vec<Entry>,
}

impl Planter {
    /// Prepares the faults of a table that has so many rows.
    ///
    /// # Errors
    /// Names faults that cannot be planted: an unknown kind or column, a kind that does not fit the format, more
    /// faults than rows.
    pub fn new(contract: &Contract, table: &Table, specs: &[FaultSpec], rows: u64, seed: u64) -> Result<Self> {
        let faults = setup::faults(contract, table, specs, seed)?;
        let wishes = setup::wishes(&faults, rows);
        let stream = |name: &str| Stream::new(seed, &format!("{}.{name}", table.name));
        let Some(selection) = Selection::new(rows, &wishes, stream) else {
            let wanted: u64 = setup::total(&wishes);
            let message = format!("table {}: {wanted} faults do not fit into {rows} rows, one a row", table.name);
            return Err(Error::usage(message)
                .hint("Make more rows, plant fewer faults, or say `overlap: true` among a fault's options."));
        };
        let (oracle, files, plan) = (Oracle::new(table), stream("faults.files"), OnceLock::new());
        Ok(Self { oracle, faults, selection, rows, files, plan })
    }

    /// Tells whether the table has any fault at all.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        self.faults.is_empty()
    }

    /// Names a fault of whole files, where there is one.
    #[must_use]
    pub fn of_files(&self) -> Option<&str> {
        let fault = self.faults.iter().find(|fault| !fault.kind.is_by_row());
        fault.map(|fault| fault.spec.id.as_str())
    }

    /// Tells whether an exact number was asked for of any of these faults.
    #[must_use]
    pub fn counts(&self, faults: &[usize]) -> bool {
        self.faults.iter().any(|fault| fault.exact && faults.contains(&fault.number))
    }

    /// Gives the rows of a range that get faults, ascending, each with the numbers of its faults (one, unless
    /// overlap was asked for). `admits` tells for a fault's number which rows of the range its condition admits
    /// (called only for faults with one).
    ///
    /// # Errors
    /// Where a condition cannot be evaluated.
    pub fn rows(&self, range: Range<u64>, admits: &dyn Fn(usize) -> Result<Mask>) -> Result<Vec<(u64, Vec<usize>)>> {
        self.selection.rows(range, admits)
    }

    /// Dirties a record with faults of these numbers.
    ///
    /// # Errors
    /// Where the record is none of the table's, or cannot take a fault of which an exact number was asked for.
    pub fn apply(&self, faults: &[usize], site: &Site<'_>) -> Result<Dirty> {
        let mut bench = Bench::new(&self.oracle, site, self.rows);
        let mut wanted: Vec<&Fault> = self.faults.iter().filter(|fault| faults.contains(&fault.number)).collect();
        // Values first: what breaks a record leaves no value to be found.
        wanted.sort_by_key(|fault| !matches!(fault.kind.act, Act::Cell(_)));
        for fault in wanted {
            if !bench.plant(fault) && fault.exact {
                return Err(self.refused(fault, site.row));
            }
        }
        Ok(bench.finish())
    }

    fn refused(&self, fault: &Fault, row: u64) -> Error {
        let place = fault.target.as_ref().map_or_else(String::new, |target| format!(" in `{}`", target.path.text));
        let (id, table) = (&fault.spec.id, &self.oracle.table.name);
        let message = format!("fault `{id}`: row {row} of table {table} cannot take a `{}`{place}", fault.kind.name);
        Error::usage(message)
            .hint("Give a rate instead of a count: rows that cannot take it are then left as they are.")
    }

    /// Changes the list of files (a missing or doubled one, a file that comes late); gives the entries. The list is
    /// that of the whole table, whatever part of it is written; it is asked for once, before [`Planter::file`].
    pub fn files(&self, files: &mut Vec<PlannedFile>) -> Vec<Entry> {
        let mut told: Vec<(&Fault, Told)> = Vec::new();
        for (at, fault) in self.faults.iter().enumerate() {
            let Act::Set(edit) = fault.kind.act else { continue };
            let paths: Vec<String> = self.chosen(at, files);
            for path in paths {
                let Some(index) = files.iter().position(|file| file.path == path) else { continue };
                let mut draws = Draws::new(fault.stream.at(index as u64));
                let mut set = SetEdit { table: &self.oracle.table, knobs: &fault.knobs, files };
                told.extend(edit(&mut set, index, &mut draws).map(|told| (fault, told)));
            }
        }
        self.plan.get_or_init(|| self.plan_files(files));
        let entry = |(fault, told): (&Fault, Told)| {
            let rule = whole::noticed_in_set(&self.oracle.table, &told, files);
            Entry { clean: told.clean, dirty: told.dirty, ..self.entry(fault, &told.file, rule) }
        };
        told.into_iter().map(entry).collect()
    }

    /// Gives what happens to a file as a whole; `head` is its clean header, line ending included.
    pub fn file(&self, file: &PlannedFile, head: &[u8]) -> FileFaults {
        let plan = self.plan.get_or_init(|| self.plan_files(std::slice::from_ref(file)));
        let mut found = FileFaults::default();
        let mut now = head.to_vec();
        for (_, at) in plan.iter().filter(|(path, _)| *path == file.path) {
            let Some(fault) = self.faults.get(*at) else { continue };
            let Act::File(edit) = fault.kind.act else { continue };
            let (table, layout) = (&self.oracle.table, &self.oracle.layout);
            let edit_of = FileEdit { table, layout, knobs: &fault.knobs, head: &now };
            let mut draws = Draws::new(fault.stream.at(file.rows.first().map_or(0, |range| range.start)));
            let Some(whole) = edit(&edit_of, &mut draws) else { continue };
            let rule = whole::noticed(&self.oracle, &whole, &now, fault.kind.catches);
            found.tail.extend_from_slice(&whole.tail);
            found.cut += whole.cut;
            found.utf16 |= whole.utf16;
            let (column, clean, dirty) = (whole.column, whole.clean, whole.dirty);
            found.entries.push(Entry { column, clean, dirty, ..self.entry(fault, &file.path, rule) });
            if let Some(head) = whole.head {
                now.clone_from(&head);
                found.head = Some(head);
            }
        }
        found
    }

    fn plan_files(&self, files: &[PlannedFile]) -> Vec<(String, usize)> {
        let by_file = self.faults.iter().enumerate().filter(|(_, fault)| matches!(fault.kind.act, Act::File(_)));
        by_file.flat_map(|(at, _)| self.chosen(at, files).into_iter().map(move |path| (path, at))).collect()
    }

    /// Draws the files a fault falls on, in the order of the list.
    fn chosen(&self, at: usize, files: &[PlannedFile]) -> Vec<String> {
        let Some(fault) = self.faults.get(at) else { return Vec::new() };
        let full = |file: &&PlannedFile| whole::rows(&file.rows) > 0;
        let mut ranked: Vec<(u64, &PlannedFile)> = files
            .iter()
            .filter(full)
            .map(|file| (Stream::new(self.files.at(at as u64), &file.path).at(0), file))
            .collect();
        ranked.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.path.cmp(&b.1.path)));
        let count = match fault.spec.amount {
            Amount::Count(count) => usize::try_from(count).unwrap_or(usize::MAX),
            Amount::Rate(rate) => usize::try_from(setup::share(rate, ranked.len() as u64)).unwrap_or(0),
        };
        let drift = fault.kind.name == kinds::set::schema_drift::KIND.name;
        if drift {
            // From some file on, all of them.
            ranked.sort_by(|a, b| b.1.path.cmp(&a.1.path));
        }
        let mut paths: Vec<String> = ranked.into_iter().take(count).map(|(_, file)| file.path.clone()).collect();
        paths.sort();
        paths
    }

    fn entry(&self, fault: &Fault, file: &str, rule: Option<String>) -> Entry {
        Entry {
            table: self.oracle.table.name.clone(),
            file: file.to_owned(),
            record: None,
            line: None,
            offset: None,
            length: None,
            row: None,
            key: None,
            column: None,
            pointer: None,
            fault: fault.spec.id.clone(),
            kind: fault.kind.name.to_owned(),
            clean: None,
            dirty: None,
            detectable: rule.is_some(),
            rule,
            pair: None,
        }
    }
}
