//! `score`: compares what a check found with the manifest of planted faults.
//!
//! A check shows its refused records only. Where a contract has warnings, the files are judged once more with every
//! warning as an error, and of that second run only the broken warnings count.

mod scoring;
mod sightings;

use crate::model::manifest::{self, Entry, Header};
use crate::model::{Contract, Error, Report, Result, Rule, Score, Severity};
use crate::ops::check::{CheckRequest, check_with};
use crate::ops::score::scoring::Scoring;
use crate::ops::score::sightings::Sightings;
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
    let report = check_with(request, settings, &mut |_, raw, reject| sightings.add(raw, reject, Severity::Error))?;
    if contract.tables.iter().flat_map(|table| &table.rules).any(|rule| rule.severity == Severity::Warning) {
        let strict = strict(contract);
        let again = CheckRequest { contract: &strict, inputs: request.inputs, rejects: None, allow_empty: true };
        check_with(&again, settings, &mut |_, raw, reject| sightings.add(raw, reject, Severity::Warning))?;
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

/// Lists all rules: index of the table, and of the rule in it.
fn places(contract: &Contract) -> impl Iterator<Item = (u32, u32)> + '_ {
    let small = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    contract
        .tables
        .iter()
        .enumerate()
        .flat_map(move |(table, found)| (0..found.rules.len()).map(move |rule| (small(table), small(rule))))
}

fn rule_at(contract: &Contract, table: u32, rule: u32) -> Option<&Rule> {
    contract.tables.get(table as usize)?.rules.get(rule as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

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
