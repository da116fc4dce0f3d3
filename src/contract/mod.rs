//! Contract documents in: read, resolve, complain with line and column.
//!
//! ```text
//! text ─yaml─▶ Node tree ─document─▶ tables ─rules─▶ Rule drafts ─cross, order─▶ Contract
//!                  └──────────── complaints, all of them, with byte ranges ───────────┘
//! ```
//!
//! The keys are declared once, in [`vocabulary`]: the reader, [`schema`] and [`reference`] all follow it.

pub mod columns;
pub mod cross;
pub mod diagnose;
pub mod document;
pub mod generation;
pub mod long;
pub mod nearest;
pub mod order;
pub mod part;
pub mod reference;
pub mod rules;
pub mod schema;
pub mod shape;
pub mod source;
pub mod vocabulary;
pub mod write;
pub mod yaml;

#[cfg(test)]
mod tests;

use sha2::{Digest, Sha256};

use crate::model::binary::to_hex;
use crate::model::{Contract, FaultSpec};
use crate::rule::Complaint;

/// Reads a contract, or gives every mistake in it.
///
/// # Errors
/// All complaints of the document, in its order.
pub fn read(text: &str) -> Result<Contract, Vec<Complaint>> {
    let (root, mut complaints) = yaml::load(text);
    let contract = root.and_then(|root| document::read(text, &root, &mut complaints));
    sort(&mut complaints);
    match contract {
        Some(contract) if complaints.is_empty() => Ok(contract),
        _ => Err(complaints),
    }
}

/// Reads a file of faults, `faults:` with a list as in a contract, for the tables of a contract.
///
/// # Errors
/// All complaints of the file, in its order.
pub fn faults(text: &str, contract: &Contract) -> Result<Vec<FaultSpec>, Vec<Complaint>> {
    let (root, mut complaints) = yaml::load(text);
    let specs = root.map(|root| document::read_faults(text, &root, contract, &mut complaints));
    sort(&mut complaints);
    match specs {
        Some(specs) if complaints.is_empty() => Ok(specs),
        _ => Err(complaints),
    }
}

fn sort(complaints: &mut Vec<Complaint>) {
    complaints.sort_by(|a, b| (a.span.start, a.span.end, a.code).cmp(&(b.span.start, b.span.end, b.code)));
    // An anchored mapping is read at every alias, and told of once.
    complaints.dedup();
}

/// Gives the SHA-256 of a text's bytes, in hex.
#[must_use]
pub fn sha256(text: &str) -> String {
    to_hex(&Sha256::digest(text.as_bytes()))
}
