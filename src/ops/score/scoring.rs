//! Scoring: each broken rule is held against the places of the planted faults, and both sides are counted.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::manifest::Entry;
use crate::model::score::{
    ExtraViolation, FaultCounts, KindScore, MissedFault, PLACES, RuleScore, SCHEMA, Score, ViolationCounts, ratio,
};
use crate::model::{Check, Contract, KeyTest, Outcome, Report, Rule, RuleReport};
use crate::ops::score::sightings::{Sighting, Sightings};
use crate::ops::score::{Manifest, places, rule_at};

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

/// Compares a manifest with what was seen.
pub(super) struct Scoring<'a> {
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
    /// Sorts the faults by file and place.
    pub fn new(contract: &'a Contract, manifest: &'a Manifest, report: &'a Report, sightings: &'a Sightings) -> Self {
        let mut files: BTreeMap<(&str, &str), FaultFile> = BTreeMap::new();
        for (index, entry) in manifest.entries.iter().enumerate() {
            let file = files.entry((&entry.table, &entry.file)).or_default();
            file.by_number |= entry.kind == "encoding_utf16";
            if entry.record.is_none() {
                file.whole.push(index);
                continue;
            }
            // Rows of Parquet have numbers and no bytes.
            file.by_number |= entry.offset.is_none();
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
            let refers = |rule: &Rule| matches!(&rule.check, Check::Key(KeyTest::References { parent, .. }) if dirty.contains(parent.as_str()));
            if table.rules.iter().any(refers) {
                dirty.insert(&table.name);
            }
        }
        let noticed = vec![BTreeSet::new(); manifest.entries.len()];
        Self { contract, manifest, report, sightings, files, dirty, noticed }
    }

    /// Counts.
    pub fn run(mut self) -> Score {
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
            Check::Key(KeyTest::Unique { .. } | KeyTest::Increasing { .. }) => {
                self.manifest.entries.iter().any(|entry| {
                    let top = |column: &str| column.split(['[', '.']).next().unwrap_or_default().to_owned();
                    let own = |column: &String| {
                        let name = top(column);
                        rule.columns.iter().any(|path| top(&path.text) == name)
                    };
                    entry.table == table && entry.column.as_ref().is_none_or(own)
                })
            }
            _ => false,
        }
    }

    /// Notes the faults that rules about whole tables noticed.
    fn tables(&mut self) {
        for (index, entry) in self.manifest.entries.iter().enumerate() {
            let Some(id) = &entry.rule else { continue };
            let Some((table, rule, _)) = self.sightings.rules.get(id).copied() else { continue };
            let is_table =
                rule_at(self.contract, table, rule).is_some_and(|rule| matches!(rule.check, Check::Table(_)));
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
        let own =
            self.manifest.entries.iter().zip(&self.noticed).filter(|(entry, _)| entry.rule.as_ref() == Some(&rule.id));
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
}
