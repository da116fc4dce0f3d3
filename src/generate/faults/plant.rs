//! Planting: one fault into one record, and what all faults of a row leave in its place.

use crate::generate::faults::cell::{self, Cell, Change, Spot};
use crate::generate::faults::csv;
use crate::generate::faults::kind::{Act, FaultKind};
use crate::generate::faults::knobs::Knobs;
use crate::generate::faults::oracle::{Case, Oracle};
use crate::generate::faults::record::{Edit, Place, Work};
use crate::generate::faults::target::Target;
use crate::generate::faults::{Dirty, Site};
use crate::generate::random::{Draws, Stream};
use crate::model::literal::date_text;
use crate::model::manifest::Entry;
use crate::model::{FaultSpec, Format};

/// How many other rows are asked for a value that can take the fault.
const LENDERS: u32 = 64;
/// The rule kinds over several columns.
const ROW_KINDS: &[&str] = &["expression", "compare", "when", "all_null"];

/// One fault of a table, resolved.
#[derive(Debug)]
pub struct Fault {
    /// Its place in the list the planter was given.
    pub number: usize,
    pub spec: FaultSpec,
    pub kind: &'static FaultKind,
    pub target: Option<Target>,
    pub knobs: Knobs,
    pub stream: Stream,
    /// So many rows were asked for, and no fewer will do.
    pub exact: bool,
}

/// A record on its way from clean to dirty.
pub struct Bench<'a> {
    oracle: &'a Oracle,
    site: &'a Site<'a>,
    /// Rows of the whole table.
    rows: u64,
    width: usize,
    folders: Vec<(String, String)>,
    before: Vec<u8>,
    main: Vec<u8>,
    records: u64,
    extras: Vec<Vec<u8>>,
    /// Each with the part it speaks of; for extras the place in the list.
    entries: Vec<(Place, usize, Entry)>,
}

impl<'a> Bench<'a> {
    /// Starts with a clean record.
    #[must_use]
    pub fn new(oracle: &'a Oracle, site: &'a Site<'a>, rows: u64) -> Self {
        let spec = &oracle.table.source;
        let fields = if spec.format == Format::Csv { csv::first(site.record, spec) } else { None };
        Self {
            oracle,
            site,
            rows,
            width: fields.map_or(0, |fields| fields.list.len()),
            folders: site.folder.clone().map_or_else(|| folders(oracle, site.record), |folder| vec![folder]),
            before: Vec::new(),
            main: site.record.to_vec(),
            records: 1,
            extras: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// Plants one more fault; `false` where the row cannot take it.
    pub fn plant(&mut self, fault: &Fault) -> bool {
        let mut draws = Draws::new(fault.stream.at(self.site.row));
        let edit = match fault.kind.act {
            Act::Cell(change) => self.cell(fault, change, &mut draws),
            Act::Record(edit) => {
                let other = |draws: &mut Draws| self.lend(draws);
                let work = Work {
                    table: &self.oracle.table,
                    layout: &self.oracle.layout,
                    knobs: &fault.knobs,
                    target: fault.target.as_ref(),
                    record: &self.main,
                    other: &other,
                };
                edit(&work, &mut draws)
            }
            Act::File(_) | Act::Set(_) => None,
        };
        let Some(edit) = edit else { return false };
        self.take(fault, edit);
        true
    }

    /// Renders another row of the table, of the same file where it holds several.
    fn lend(&self, draws: &mut Draws) -> Option<Vec<u8>> {
        let here = &self.site.file_rows;
        let range = if here.end.saturating_sub(here.start) > 1 { here.clone() } else { 0..self.rows };
        let size = range.end.saturating_sub(range.start);
        if size < 2 {
            return None;
        }
        let mut row = range.start + draws.below(size);
        if row == self.site.row {
            row = range.start + (row - range.start + 1) % size;
        }
        (self.site.other)(row).ok()
    }

    fn cell(
        &self,
        fault: &Fault,
        change: fn(&Cell<'_>, &mut Draws) -> Option<Change>,
        draws: &mut Draws,
    ) -> Option<Edit> {
        let target = fault.target.as_ref()?;
        let clean = self.spot(&self.main, target, draws.bits()).filter(|spot| !spot.null);
        let clean = clean.map(|spot| String::from_utf8_lossy(&spot.text).into_owned());
        if let Some(edit) = self.changed(fault, target, change, draws, &self.main) {
            return Some(Edit { clean, ..edit });
        }
        // The value cannot take the fault (it is NULL, or negative already): it borrows that of another row first.
        let whole = Target::new(&self.oracle.table, &self.oracle.table.columns.get(target.path.column)?.name).ok()?;
        for _ in 0..LENDERS {
            let lender = self.lend(draws)?;
            let own = self.spot(&self.main, &whole, 0)?;
            let Some(lent) = self.spot(&lender, &whole, 0).filter(|spot| !spot.null) else { continue };
            let bytes = lender.get(lent.span.clone()).unwrap_or_default();
            let record = cell::splice(&self.main, &own.span, bytes);
            if let Some(edit) = self.changed(fault, target, change, draws, &record) {
                return Some(Edit { clean, ..edit });
            }
        }
        None
    }

    fn spot(&self, record: &[u8], target: &Target, choice: u64) -> Option<Spot> {
        let mut choices = Draws::new(choice);
        let mut pick = |count: usize| usize::try_from(choices.below(count as u64)).unwrap_or(0);
        cell::find(record, &self.oracle.table, &self.oracle.layout, target, &mut pick)
    }

    /// Changes the value in a record; `None` where it cannot take the fault, or nothing would differ.
    fn changed(
        &self,
        fault: &Fault,
        target: &Target,
        change: fn(&Cell<'_>, &mut Draws) -> Option<Change>,
        draws: &mut Draws,
        record: &[u8],
    ) -> Option<Edit> {
        let table = &self.oracle.table;
        let choice = draws.bits();
        let spot = self.spot(record, target, choice).filter(|spot| !spot.null)?;
        let beside = |name: &str| {
            let other = Target::new(table, name).ok()?;
            self.spot(record, &other, 0).filter(|spot| !spot.null).map(|spot| spot.text)
        };
        let elsewhere = |draws: &mut Draws| {
            let record = self.lend(draws)?;
            self.spot(&record, target, draws.bits()).filter(|spot| !spot.null).map(|spot| spot.text)
        };
        let cell = Cell {
            target,
            knobs: &fault.knobs,
            table,
            text: &spot.text,
            shape: spot.shape,
            raw: record.get(spot.span.clone()).unwrap_or_default(),
            beside: &beside,
            elsewhere: &elsewhere,
        };
        let change = change(&cell, draws)?;
        let (change, orphan) = match change {
            Change::Orphan(text) => (Change::Text(text), true),
            other => (other, false),
        };
        let bytes = cell::encode(&change, &spot, table, self.width == 1)?;
        let main = cell::splice(record, &spot.span, &bytes);
        let comments = table.source.comment.filter(|_| table.source.format == Format::Csv);
        if main == self.main || comments.is_some_and(|byte| main.first() == Some(&byte)) {
            return None;
        }
        let dirty = match &change {
            Change::Null => None,
            Change::Text(text) | Change::Quoted(text) | Change::Raw(text) | Change::Orphan(text) => {
                Some(String::from_utf8_lossy(text).into_owned())
            }
        };
        Some(Edit {
            orphan,
            touched: Some(vec![target.path.column]),
            column: Some(spot.path),
            pointer: spot.pointer,
            dirty,
            ..Edit::replace(main)
        })
    }

    /// Takes an edit over and notes its entry.
    fn take(&mut self, fault: &Fault, edit: Edit) {
        let over_columns = fault.kind.catches.first().is_some_and(|kind| ROW_KINDS.contains(kind));
        let case = Case {
            width: self.width,
            touched: edit.touched.as_deref(),
            folders: &self.folders,
            thorough: over_columns,
        };
        let mut broken = match (edit.at, &edit.extra) {
            (Place::Main, _) => self.oracle.broken(&edit.main, &case),
            (Place::Extra, Some(extra)) => {
                let mut broken = self.oracle.broken(extra, &case);
                broken.extend(self.oracle.duplicates(|column| self.agree(&edit.main, extra, column)));
                broken
            }
            _ => std::collections::BTreeSet::new(),
        };
        if edit.orphan && broken.iter().all(|rule| self.oracle.table.rules[*rule].kind != "type") {
            let target = fault.target.as_ref();
            broken.extend(target.iter().flat_map(|target| self.oracle.orphans(target.path.column, &target.path.steps)));
        }
        let rule = self.oracle.choose(&broken, fault.kind.catches).map(str::to_owned);
        let entry = Entry {
            table: self.oracle.table.name.clone(),
            file: String::new(),
            record: None,
            line: None,
            offset: None,
            length: None,
            row: Some(self.site.row),
            key: self.key(),
            column: edit.column,
            pointer: edit.pointer,
            fault: fault.spec.id.clone(),
            kind: fault.kind.name.to_owned(),
            clean: edit.clean,
            dirty: edit.dirty,
            detectable: rule.is_some(),
            rule,
            pair: None,
        };
        self.before.extend_from_slice(&edit.before);
        self.main = edit.main;
        self.records = edit.records;
        self.entries.push((edit.at, self.extras.len(), entry));
        self.extras.extend(edit.extra);
    }

    /// Tells whether two records have the same value in a column, and no NULL.
    fn agree(&self, one: &[u8], other: &[u8], column: usize) -> bool {
        let Some(name) = self.oracle.table.columns.get(column).map(|column| column.name.as_str()) else { return false };
        if let Some((_, value)) = self.folders.iter().find(|(folder, _)| folder == name) {
            return !value.is_empty();
        }
        let Ok(target) = Target::new(&self.oracle.table, name) else { return false };
        match (self.spot(one, &target, 0), self.spot(other, &target, 0)) {
            (Some(one), Some(other)) => !one.null && !other.null && one.text == other.text,
            _ => false,
        }
    }

    /// Gives the clean row's key as text.
    fn key(&self) -> Option<String> {
        let table = &self.oracle.table;
        let value = |column: &usize| {
            let target = Target::new(table, &table.columns.get(*column)?.name).ok()?;
            let spot = self.spot(self.site.record, &target, 0)?;
            Some(if spot.null { "NULL".to_owned() } else { String::from_utf8_lossy(&spot.text).into_owned() })
        };
        let values: Option<Vec<String>> = table.primary_key.as_ref()?.columns.iter().map(value).collect();
        values.map(|values| values.join(", "))
    }

    /// Gives what stands in the file now.
    #[must_use]
    pub fn finish(self) -> Dirty {
        let spec = &self.oracle.table.source;
        let lines = |bytes: &[u8]| csv::lines(bytes, spec);
        let mut entries = Vec::with_capacity(self.entries.len());
        for (place, index, mut entry) in self.entries {
            let (mut from, mut line, mut record) = (self.before.len(), lines(&self.before), 0);
            let mut length = self.main.len();
            match place {
                Place::Main => {}
                Place::Before => (from, line, length) = (0, 0, self.before.len()),
                Place::Extra => {
                    from += self.main.len();
                    line += lines(&self.main);
                    record = self.records + index as u64;
                    for extra in self.extras.iter().take(index) {
                        from += extra.len();
                        line += lines(extra);
                    }
                    length = self.extras.get(index).map_or(0, Vec::len);
                    entry.pair = Some(0);
                }
            }
            entry.record = Some(record);
            entry.line = Some(line);
            entry.offset = Some(from as u64);
            entry.length = Some(length as u64);
            entries.push(entry);
        }
        entries.sort_by_key(|entry| entry.offset);
        let records = self.records + self.extras.len() as u64;
        let mut bytes = self.before;
        bytes.extend_from_slice(&self.main);
        bytes.extend(self.extras.concat());
        Dirty { bytes, records, entries }
    }
}

/// Gives the columns that folders hold, where the day that names them can be read from the record.
fn folders(oracle: &Oracle, record: &[u8]) -> Vec<(String, String)> {
    let table = &oracle.table;
    let day = || {
        let target = Target::new(table, &table.columns.get(table.generation.day?)?.name).ok()?;
        let spot = cell::find(record, table, &oracle.layout, &target, &mut |_| 0)?;
        let micros = target.clock.as_ref()?.read(&spot.text)?;
        i32::try_from(micros.div_euclid(86_400_000_000)).ok().map(date_text)
    };
    match oracle.layout.folders.as_slice() {
        [folder] => day().map(|day| (table.columns[*folder].name.clone(), day)).into_iter().collect(),
        // None, or several, which one day does not tell.
        _ => Vec::new(),
    }
}
