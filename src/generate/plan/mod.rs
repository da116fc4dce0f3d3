//! Plan: from a contract to tables ready to be made. Rules are met by construction where they can be; rules between
//! columns are left to drawing anew; what cannot be met is named.
//!
//! ```text
//! rules ─facts─▶ Facts a path ─narrow─▶ bounds that fit together ─keys─▶ Want a column
//!                                                   └─columns─▶ Node, Link, Group ─checks─▶ Core
//! ```

mod checks;
mod columns;
mod days;
mod distinct;
mod equations;
mod facts;
mod keys;
mod leaf;
mod links;
mod listed;
mod measure;
mod narrow;
mod rows;
mod shape;
mod steer;
mod table;
mod text;
mod units;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::generate::column::table::Core;
use crate::generate::generator::Options;
use crate::generate::judging;
use crate::model::temporal::DAY;
use crate::model::{Context, Contract, Error, ErrorKind, Result, Rule};

/// What cannot be done, in the order found.
#[derive(Debug, Default)]
pub struct Problems {
    found: Vec<String>,
}

impl Problems {
    /// Adds a rule that cannot be met.
    pub fn rule(&mut self, rule: &Rule, why: impl std::fmt::Display) {
        self.add(format!("{}: {why}", judging::named(rule)));
    }

    /// Adds a setting that cannot be followed.
    pub fn setting(&mut self, path: &str, place: (u32, u32), why: impl std::fmt::Display) {
        let (line, column) = place;
        let place = if line == 0 { String::new() } else { format!(" (line {line}, column {column})") };
        self.add(format!("`generate` of `{path}`{place}: {why}"));
    }

    /// Adds anything else.
    pub fn add(&mut self, problem: String) {
        if !self.found.contains(&problem) {
            self.found.push(problem);
        }
    }

    /// Tells whether nothing was found.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    fn into_error(self) -> Error {
        let message = format!("the contract's rows cannot be generated:\n  - {}", self.found.join("\n  - "));
        Error::new(ErrorKind::Contract, message)
            .hint("change the rule, or say under `generate:` of its columns which values meet it")
    }
}

/// Plans all tables, contract order.
///
/// # Errors
/// Names every rule and setting that cannot be met, with its place.
pub fn tables(contract: &Contract, options: &Options) -> Result<Vec<Arc<Core>>> {
    let mut problems = Problems::default();
    let context = Context { today: options.as_of, now: i64::from(options.as_of) * DAY };
    let rows = rows::counts(contract, options, &mut problems);
    let mut cores: Vec<Arc<Core>> = Vec::with_capacity(contract.tables.len());
    for (table, rows) in contract.tables.iter().zip(rows) {
        let before = problems.found.len();
        let (core, unproved) = table::plan(contract, table, rows, options.seed, &context, &cores, &mut problems);
        if problems.found.len() == before {
            checks::check(table, &core, &unproved, (&context, &cores), &mut problems);
        }
        cores.push(Arc::new(core));
    }
    if problems.is_empty() { Ok(cores) } else { Err(problems.into_error()) }
}
