//! `score`: compares what a check found with the manifest of planted faults.
//!
//! A check shows its refused records only. Where a contract has warnings, the files are judged once more with every
//! warning as an error, and of that second run only the broken warnings count.

use std::collections::{BTreeMap, BTreeSet};

use crate::frame::RawBatch;
use crate::frame::split::Reject;
use crate::model::manifest::{self, Entry, Header};
use crate::model::score::{
    ExtraViolation, FaultCounts, KindScore, MissedFault, PLACES, RuleScore, SCHEMA, Score, ViolationCounts, ratio,
};
use crate::model::{Check, Contract, Error, KeyTest, Outcome, Report, Result, Rule, RuleReport, Severity};
use crate::ops::check::{CheckRequest, check_with};
use crate::ops::settings::Settings;

/// A manifest that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    pub header: Header,
    pub entries: Vec<Entry>,
}

impl Manifest {
    /// Reads NDJSON: a header, then one entry a line.
    ///
    /// # Errors
    /// A usage error that names the line.
    pub fn read(text: &str) -> Result<Self> {
        let wrong = |line: usize, why: &dyn std::fmt::Display| {
            Error::usage(format!("line {line} of the manifest cannot be read: {why}"))
                .hint("`karat generate --faults … --manifest FILE` writes one")
        };
        let mut lines = text.lines().enumerate();
        let (_, first) = lines.next().ok_or_else(|| wrong(1, &"the file is empty"))?;
        let header: Header = serde_json::from_str(first).map_err(|error| wrong(1, &error))?;
        if header.schema != manifest::SCHEMA {
            return Err(wrong(1, &format!("its schema is `{}`, not `{}`", header.schema, manifest::SCHEMA)));
        }
        let read = |(at, line): (usize, &str)| serde_json::from_str(line).map_err(|error| wrong(at + 1, &error));
        let entries = lines.filter(|(_, line)| !line.trim().is_empty()).map(read).collect::<Result<Vec<Entry>>>()?;
        if entries.len() as u64 != header.faults {
            let (said, found) = (header.faults, entries.len());
            return Err(Error::usage(format!("the manifest says {said} faults and holds {found}: it was cut")));
        }
        Ok(Self { header, entries })
    }
}

/// Checks files and scores what was found.
///
/// # Errors
/// As [`crate::ops::check::check`].
pub fn check_and_score(
    request: &CheckRequest<'_>,
    settings: &Settings,
    manifest: &Manifest,
) -> Result<(Report, Score)> {
    let contract = request.contract;
    let mut sightings = Sightings::new(contract);
    let report =
        check_with(request, settings, &mut |table, raw, reject| sightings.add(table, raw, reject, Severity::Error))?;
    if contract.tables.iter().flat_map(|table| &table.rules).any(|rule| rule.severity == Severity::Warning) {
        let strict = strict(contract);
        let again = CheckRequest { contract: &strict, inputs: request.inputs, rejects: None, allow_empty: true };
        check_with(&again, settings, &mut |table, raw, reject| sightings.add(table, raw, reject, Severity::Warning))?;
    }
    let score = Scoring::new(contract, manifest, &report, &sightings).run();
    Ok((report, score))
}

/// Gives the contract with every warning as an error.
fn strict(contract: &Contract) -> Contract {
    let mut strict = contract.clone();
    for rule in strict.tables.iter_mut().flat_map(|table| &mut table.rules) {
        rule.severity = Severity::Error;
    }
    strict
}

/// A broken rule at a record.
#[derive(Debug)]
struct Sighting {
    file: u32,
    /// Index of the table, and of its rule.
    table: u32,
    rule: u32,
    record: u64,
    offset: u64,
    length: u64,
    column: Option<Box<str>>,
}

/// All broken rules of a run, in the order they were found.
#[derive(Debug)]
struct Sightings {
    /// Severity and place of each rule, by its id.
    rules: BTreeMap<String, (u32, u32, Severity)>,
    files: Vec<String>,
    all: Vec<Sighting>,
}

impl Sightings {
    fn new(contract: &Contract) -> Self {
        let mut rules = BTreeMap::new();
        for (table, rule) in places(contract) {
            if let Some(found) = rule_at(contract, table, rule) {
                rules.insert(found.id.clone(), (table, rule, found.severity));
            }
        }
        Self { rules, files: Vec::new(), all: Vec::new() }
    }

    /// Notes the violations of a refused record whose rules have this severity.
    fn add(&mut self, _: usize, raw: &RawBatch, reject: &Reject, severity: Severity) {
        let Some(record) = raw.records.get(reject.row) else { return };
        let path = &raw.file.path;
        let last = self.files.last().is_some_and(|file| file == path).then(|| self.files.len() - 1);
        let file = last.or_else(|| self.files.iter().position(|file| file == path)).unwrap_or_else(|| {
            self.files.push(path.clone());
            self.files.len() - 1
        });
        for violation in &reject.violations {
            let Some((table, rule, own)) = self.rules.get(&violation.rule).copied() else { continue };
            if own == severity {
                self.all.push(Sighting {
                    file: u32::try_from(file).unwrap_or(u32::MAX),
                    table,
                    rule,
                    record: record.number,
                    offset: record.offset,
                    length: record.length,
                    column: violation.column.as_deref().map(Into::into),
                });
            }
        }
    }
}

/// Lists all rules: index of the table, and of the rule in it.
fn places(contract: &Contract) -> impl Iterator<Item = (u32, u32)> + '_ {
    let small = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    contract.tables.iter().enumerate().flat_map(move |(table, found)| {
        (0..found.rules.len()).map(move |rule| (small(table), small(rule)))
    })
}

fn rule_at(contract: &Contract, table: u32, rule: u32) -> Option<&Rule> {
    contract.tables.get(table as usize)?.rules.get(rule as usize)
}

/// The faults of one file, as the manifest names it.
#[derive(Debug, Default)]
struct FaultFile {
    /// Entries with a place, ascending by offset.
    placed: Vec<usize>,
    /// Entries of the whole file.
    whole: Vec<usize>,
    /// Offsets mean nothing: the file has another encoding.
    by_number: bool,
    /// By the record a duplicate repeats, and by its own offset.
    pairs: BTreeMap<u64, Vec<usize>>,
    behind: BTreeMap<u64, Vec<usize>>,
}

/// What a sighting is.
enum Found {
    /// At the place of these faults.
    Planted(Vec<usize>),
    /// Of these faults, elsewhere.
    Consequence(Vec<usize>),
    Extra,
}

struct Scoring<'a> {
    contract: &'a Contract,
    manifest: &'a Manifest,
    report: &'a Report,
    sightings: &'a Sightings,
    /// By table and file of the manifest.
    files: BTreeMap<(&'a str, &'a str), FaultFile>,
    /// Tables with faults, and those that refer to them.
    dirty: BTreeSet<&'a str>,
    /// Rules that were broken at each fault's place.
    noticed: Vec<BTreeSet<(u32, u32)>>,
}

impl<'a> Scoring<'a> {
    fn new(contract: &'a Contract, manifest: &'a Manifest, report: &'a Report, sightings: &'a Sightings) -> Self {
        let mut files: BTreeMap<(&str, &str), FaultFile> = BTreeMap::new();
        for (index, entry) in manifest.entries.iter().enumerate() {
            let file = files.entry((&entry.table, &entry.file)).or_default();
            file.by_number |= entry.kind == "encoding_utf16";
            if entry.record.is_none() {
                file.whole.push(index);
                continue;
            }
            file.placed.push(index);
            if let Some(pair) = entry.pair {
                file.pairs.entry(pair).or_default().push(index);
                file.behind.entry(entry.offset.unwrap_or(u64::MAX)).or_default().push(index);
            }
        }
        for file in files.values_mut() {
            file.placed.sort_by_key(|index| manifest.entries.get(*index).and_then(|entry| entry.offset));
        }
        let mut dirty: BTreeSet<&str> = manifest.entries.iter().map(|entry| entry.table.as_str()).collect();
        // Parents stand before their children.
        for table in &contract.tables {
            let refers = |rule: &Rule| {
                matches!(&rule.check, Check::Key(KeyTest::References { parent, .. }) if dirty.contains(parent.as_str()))
            };
            if table.rules.iter().any(refers) {
                dirty.insert(&table.name);
            }
        }
        let noticed = vec![BTreeSet::new(); manifest.entries.len()];
        Self { contract, manifest, report, sightings, files, dirty, noticed }
    }

    fn run(mut self) -> Score {
        let names: Vec<Vec<Option<String>>> = self.names();
        let mut counts: BTreeMap<(u32, u32), ViolationCounts> = BTreeMap::new();
        let mut extra = Vec::new();
        let mut total = ViolationCounts::default();
        let sightings = self.sightings;
        for sighting in &sightings.all {
            let name = names.get(sighting.table as usize).and_then(|files| files.get(sighting.file as usize));
            let name = name.and_then(Option::as_deref);
            let found = self.place(sighting, name);
            let place = (sighting.table, sighting.rule);
            let rule = counts.entry(place).or_default();
            match found {
                Found::Planted(entries) => {
                    rule.planted += 1;
                    total.planted += 1;
                    self.note(&entries, place);
                }
                Found::Consequence(entries) => {
                    rule.consequences += 1;
                    total.consequences += 1;
                    self.note(&entries, place);
                }
                Found::Extra => {
                    rule.extra += 1;
                    total.extra += 1;
                    if extra.len() < PLACES {
                        extra.extend(self.extra(sighting, name));
                    }
                }
            }
        }
        self.tables();
        total.precision = ratio(total.planted, total.planted + total.extra);
        self.score(&counts, total, extra)
    }

    fn note(&mut self, entries: &[usize], place: (u32, u32)) {
        for entry in entries {
            if let Some(noticed) = self.noticed.get_mut(*entry) {
                noticed.insert(place);
            }
        }
    }

    /// Finds for each table and each file that was read the name the manifest knows it by.
    fn names(&self) -> Vec<Vec<Option<String>>> {
        let of_table = |table: &crate::model::Table| {
            let known: Vec<&str> =
                self.files.keys().filter(|(name, _)| *name == table.name).map(|(_, file)| *file).collect();
            let name = |shown: &String| {
                let fits = known.iter().filter(|file| same_file(shown, file));
                fits.max_by_key(|file| file.len()).map(|file| (*file).to_owned())
            };
            self.sightings.files.iter().map(name).collect()
        };
        self.contract.tables.iter().map(of_table).collect()
    }

    /// Says what a sighting is.
    fn place(&self, sighting: &Sighting, name: Option<&str>) -> Found {
        let Some(rule) = rule_at(self.contract, sighting.table, sighting.rule) else { return Found::Extra };
        let table = self.contract.tables.get(sighting.table as usize).map_or("", |table| table.name.as_str());
        let file = name.and_then(|name| self.files.get(&(table, name)));
        if let Some(file) = file {
            let here = self.covering(file, sighting);
            if !here.is_empty() {
                return Found::Planted(self.by_column(here, sighting));
            }
            let unique = matches!(rule.check, Check::Key(KeyTest::Unique { .. }));
            let repeated = file.behind.get(&(sighting.offset + sighting.length));
            let repeated = repeated.or_else(|| file.pairs.get(&sighting.record)).filter(|_| unique);
            if let Some(entries) = repeated {
                return Found::Planted(entries.clone());
            }
            if !file.whole.is_empty() {
                return Found::Consequence(file.whole.clone());
            }
        }
        if self.follows(table, rule) { Found::Consequence(Vec::new()) } else { Found::Extra }
    }

    /// Gives the faults at whose place a sighting stands.
    fn covering(&self, file: &FaultFile, sighting: &Sighting) -> Vec<usize> {
        let entry = |index: &usize| self.manifest.entries.get(*index);
        if file.by_number {
            let here = |index: &&usize| entry(index).is_some_and(|entry| entry.record == Some(sighting.record));
            return file.placed.iter().filter(here).copied().collect();
        }
        let offset = |index: &usize| entry(index).and_then(|entry| entry.offset).unwrap_or(0);
        let behind = file.placed.partition_point(|index| offset(index) <= sighting.offset);
        let mut found = Vec::new();
        for index in file.placed.get(..behind).unwrap_or_default().iter().rev() {
            let end = offset(index) + entry(index).and_then(|entry| entry.length).unwrap_or(0);
            if end > sighting.offset {
                found.push(*index);
            } else if end > offset(index) {
                // Records stand one behind the other: what lies before this one ends before it.
                break;
            }
        }
        found.reverse();
        found
    }

    /// Of several faults in one record those of the sighting's column, where there are such.
    fn by_column(&self, entries: Vec<usize>, sighting: &Sighting) -> Vec<usize> {
        let same = |index: &usize| {
            let column = self.manifest.entries.get(*index).and_then(|entry| entry.column.as_deref());
            column.is_some() && column == sighting.column.as_deref()
        };
        let own: Vec<usize> = entries.iter().copied().filter(same).collect();
        if own.is_empty() { entries } else { own }
    }

    /// Tells whether a rule that remembers rows may be broken because of a fault elsewhere.
    fn follows(&self, table: &str, rule: &Rule) -> bool {
        match &rule.check {
            Check::Key(KeyTest::References { parent, .. }) => self.dirty.contains(parent.as_str()),
            Check::Key(KeyTest::Unique { .. } | KeyTest::Increasing { .. }) => self.manifest.entries.iter().any(|entry| {
                let top = |column: &str| column.split(['[', '.']).next().unwrap_or_default().to_owned();
                let own = |column: &String| {
                    let name = top(column);
                    rule.columns.iter().any(|path| top(&path.text) == name)
                };
                entry.table == table && entry.column.as_ref().is_none_or(own)
            }),
            _ => false,
        }
    }

    /// Notes the faults that rules about whole tables noticed.
    fn tables(&mut self) {
        for (index, entry) in self.manifest.entries.iter().enumerate() {
            let Some(id) = &entry.rule else { continue };
            let Some((table, rule, _)) = self.sightings.rules.get(id).copied() else { continue };
            let is_table = rule_at(self.contract, table, rule).is_some_and(|rule| matches!(rule.check, Check::Table(_)));
            let Some(report) = self.rule_report(id).filter(|report| is_table && report.failures > 0) else { continue };
            let same = |other: &&Entry| other.rule.as_ref() == Some(id);
            let planted = self.manifest.entries.iter().filter(same).count() as u64;
            let named = report.note.as_ref().is_some_and(|note| note.contains(entry.file.as_str()));
            if (named || report.failures >= planted)
                && let Some(noticed) = self.noticed.get_mut(index)
            {
                noticed.insert((table, rule));
            }
        }
    }

    fn rule_report(&self, id: &str) -> Option<&'a RuleReport> {
        self.report.tables.iter().flat_map(|table| &table.rules).find(|rule| rule.id == id)
    }

    fn extra(&self, sighting: &Sighting, name: Option<&str>) -> Option<ExtraViolation> {
        let shown = self.sightings.files.get(sighting.file as usize)?;
        Some(ExtraViolation {
            table: self.contract.tables.get(sighting.table as usize)?.name.clone(),
            file: name.unwrap_or(shown).to_owned(),
            record: sighting.record,
            offset: sighting.offset,
            column: sighting.column.as_deref().map(str::to_owned),
            rule: rule_at(self.contract, sighting.table, sighting.rule)?.id.clone(),
        })
    }

    fn score(
        &self,
        counts: &BTreeMap<(u32, u32), ViolationCounts>,
        violations: ViolationCounts,
        extra: Vec<ExtraViolation>,
    ) -> Score {
        let mut kinds: BTreeMap<&str, FaultCounts> = BTreeMap::new();
        let mut faults = FaultCounts::default();
        let mut missed = Vec::new();
        for (entry, noticed) in self.manifest.entries.iter().zip(&self.noticed) {
            for counts in [&mut faults, kinds.entry(&entry.kind).or_default()] {
                count(counts, entry.detectable, !noticed.is_empty());
            }
            if entry.detectable && noticed.is_empty() && missed.len() < PLACES {
                missed.push(missed_fault(entry));
            }
        }
        faults.recall = ratio(faults.found, faults.detectable);
        let kinds = kinds.into_iter().map(|(kind, faults)| {
            let recall = ratio(faults.found, faults.detectable);
            KindScore { kind: kind.to_owned(), faults: FaultCounts { recall, ..faults } }
        });
        Score {
            schema: SCHEMA.to_owned(),
            contract: self.contract.name.clone(),
            seed: self.manifest.header.seed,
            generator: self.manifest.header.generator,
            faults,
            violations,
            kinds: kinds.collect(),
            rules: places(self.contract).filter_map(|place| self.rule(place, counts.get(&place))).collect(),
            missed,
            extra,
            notes: self.notes(),
        }
    }

    fn rule(&self, place: (u32, u32), violations: Option<&ViolationCounts>) -> Option<RuleScore> {
        let rule = rule_at(self.contract, place.0, place.1)?;
        let own = self.manifest.entries.iter().zip(&self.noticed).filter(|(entry, _)| entry.rule.as_ref() == Some(&rule.id));
        let (mut planted, mut found) = (0, 0);
        for (_, noticed) in own {
            planted += 1;
            found += u64::from(noticed.contains(&place));
        }
        if planted == 0 && violations.is_none() {
            return None;
        }
        let mut violations = violations.copied().unwrap_or_default();
        violations.precision = ratio(violations.planted, violations.planted + violations.extra);
        let recall = ratio(found, planted);
        let (id, kind) = (rule.id.clone(), rule.kind.to_owned());
        Some(RuleScore { rule: id, kind, planted, found, missed: planted - found, recall, violations })
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let header = &self.manifest.header;
        if header.contract_sha256 != self.contract.sha256 {
            notes.push(format!("the manifest was written for another version of the contract `{}`", header.contract));
        }
        let tables: BTreeSet<&str> = self.manifest.entries.iter().map(|entry| entry.table.as_str()).collect();
        for table in tables {
            if !self.report.tables.iter().any(|report| report.table == table) {
                notes.push(format!("table {table} was not checked, so its faults count as missed"));
            }
        }
        let blind = self.report.tables.iter().flat_map(|table| &table.rules);
        for rule in blind.filter(|rule| rule.outcome == Outcome::NotEvaluated) {
            notes.push(format!("the rule {} was not evaluated, so it found nothing for certain", rule.id));
        }
        notes
    }
}

fn count(counts: &mut FaultCounts, detectable: bool, found: bool) {
    counts.planted += 1;
    match (detectable, found) {
        (true, true) => counts.found += 1,
        (true, false) => counts.missed += 1,
        (false, true) => counts.found_beyond += 1,
        (false, false) => {}
    }
    counts.detectable += u64::from(detectable);
}

fn missed_fault(entry: &Entry) -> MissedFault {
    MissedFault {
        table: entry.table.clone(),
        file: entry.file.clone(),
        record: entry.record,
        line: entry.line,
        offset: entry.offset,
        column: entry.column.clone(),
        kind: entry.kind.clone(),
        rule: entry.rule.clone().unwrap_or_default(),
        clean: entry.clean.clone(),
        dirty: entry.dirty.clone(),
    }
}

/// Tells whether a path as shown and one below the data folder name one file: one is the end of the other.
fn same_file(shown: &str, file: &str) -> bool {
    let ends = |long: &str, short: &str| {
        long.strip_suffix(short).is_some_and(|before| before.is_empty() || before.ends_with('/'))
    };
    let shown = shown.trim_start_matches("./");
    ends(shown, file) || ends(file, shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_the_end_of_their_path() {
        assert!(same_file("/data/t/d=1/x.json", "t/d=1/x.json"));
        assert!(same_file("x.json", "t/d=1/x.json"));
        assert!(!same_file("/data/t/d=2/x.json", "t/d=1/x.json"));
        assert!(!same_file("ax.json", "x.json"));
    }

    #[test]
    fn a_manifest_that_was_cut_is_refused() {
        let header = Header {
            schema: manifest::SCHEMA.to_owned(),
            contract: "c".to_owned(),
            contract_sha256: String::new(),
            seed: 1,
            generator: 1,
            faults: 1,
        };
        let text = serde_json::to_string(&header).unwrap();
        assert!(Manifest::read(&text).unwrap_err().message.contains("cut"));
        assert!(Manifest::read("").is_err());
        assert!(Manifest::read("{\"schema\":1}").unwrap_err().message.contains("line 1"));
    }
}
