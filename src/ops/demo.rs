//! `demo`: a small dirty shop on disk, ready to be checked and loaded.

use std::path::{Path, PathBuf};

use crate::generate::datasets::retail;
use crate::model::{Error, Result};

/// The contract of the shop.
pub const CONTRACT: &str = include_str!("../../rules/retail.yaml");

/// What `demo` made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shop {
    pub contract: PathBuf,
    pub data: PathBuf,
    /// Files written, the contract included.
    pub files: usize,
}

/// Writes the shop's contract and data into a folder that is empty or not there yet.
///
/// # Errors
/// Where the folder holds something, or cannot be written.
pub fn write(folder: &Path, seed: u64) -> Result<Shop> {
    let taken = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if taken {
        return Err(Error::usage(format!("the folder {} is not empty", folder.display()))
            .hint("name another with --dir, or remove it first"));
    }
    let (contract, data) = (folder.join("retail.yaml"), folder.join("data"));
    let files = retail::files(seed, retail::Size::default());
    put(&contract, CONTRACT.as_bytes())?;
    for file in &files {
        put(&data.join(&file.path), &file.bytes)?;
    }
    Ok(Shop { contract, data, files: files.len() + 1 })
}

fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(|error| Error::writing(parent, error))?;
    }
    std::fs::write(path, bytes).map_err(|error| Error::writing(path, error))
}
