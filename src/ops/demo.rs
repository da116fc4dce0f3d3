//! `demo`: a small shop with some dirt on disk, ready to be checked and loaded.

use std::path::{Path, PathBuf};

use crate::contract;
use crate::model::{Error, ErrorKind, Result};
use crate::ops::Settings;
use crate::ops::generate::{self, Destination, Options, Request};

/// The preset the shop is made by.
const PRESET: &str = "retail";

/// The dirt: a word where a number is promised, a missing value, one out of bounds, a line that is no customer; the
/// end of a report among the products; unknown customers, an empty basket, a price of zero, a line cut in the middle,
/// late arrivals in the wrong folder.
const FAULTS: &str = "\
faults:
  - {kind: wrong_type, at: customers.loyalty_score, count: 1}
  - {kind: \"null\", at: customers.loyalty_score, count: 1}
  - {kind: out_of_range, at: customers.loyalty_score, count: 1}
  - {kind: footer, id: customers-footer, at: customers, count: 1}
  - {kind: footer, id: products-footer, at: products, count: 1}
  - {kind: orphan_fk, at: transactions.customer_id, count: 2}
  - {kind: cardinality, at: transactions.basket, count: 1, make: empty}
  - {kind: zero, at: \"transactions.basket[].price\", count: 1}
  - {kind: truncated_line, at: transactions, count: 1}
  - {kind: wrong_partition, at: transactions.date_of_purchase, count: 2}
";

/// What `demo` made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shop {
    pub contract: PathBuf,
    pub data: PathBuf,
    /// Where the faults are told.
    pub manifest: PathBuf,
    /// Files written, the contract and the manifest included.
    pub files: u64,
    pub faults: u64,
}

/// Writes the shop's contract and data into a folder that is empty or not there yet.
///
/// # Errors
/// Where the folder holds something, or cannot be written.
pub fn write(folder: &Path, seed: u64, settings: &Settings) -> Result<Shop> {
    let taken = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if taken {
        return Err(Error::usage(format!("the folder {} is not empty", folder.display()))
            .hint("name another with --dir, or remove it first"));
    }
    let broken = |what: &str| Error::new(ErrorKind::Contract, format!("the {what} of the demo are broken"));
    let (file, text) = generate::preset(PRESET).ok_or_else(|| broken("presets"))?;
    let contract = contract::read(text).map_err(|_| broken("contracts"))?;
    let faults = contract::faults(FAULTS, &contract).map_err(|_| broken("faults"))?;
    let (path, data, manifest) = (folder.join(file), folder.join("data"), folder.join("manifest.ndjson"));
    std::fs::create_dir_all(folder).map_err(|error| Error::writing(folder, error))?;
    std::fs::write(&path, text).map_err(|error| Error::writing(&path, error))?;
    let options = Options { seed, as_of: settings.context.today, rows: Vec::new(), default_rows: 1000, scale: 1.0 };
    let request = Request {
        contract: &contract,
        options,
        tables: &[],
        format: None,
        packing: None,
        files: 1,
        part: None,
        faults: &faults,
        to: Destination::Folder(&data),
        manifest: Some(manifest.clone()),
        beside: &[],
        updates: 0,
        overwrite: false,
        mark: "karat-demo".to_owned(),
    };
    let made = generate::generate(request, settings)?;
    let total = |of: fn(&generate::Written) -> u64| made.tables.iter().map(|(_, written)| of(written)).sum::<u64>();
    let (files, faults) = (2 + total(|written| written.files), total(|written| written.faults));
    Ok(Shop { contract: path, data, manifest, files, faults })
}
