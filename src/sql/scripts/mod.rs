//! Scripts for warehouses that karat does not speak to itself: tables, COPY of the parts that karat wrote, merge, checks,
//! and the way back. Pure text: a contract's table and options in, SQL out.
//!
//! Parts are the CSV files of `karat load --to csv:DIR`: a comma, double quotes, LF, a header; NULL is nothing and the
//! empty string `""`; in a table of one column NULL is `\N`. Every name is quoted, every text a literal, and no script
//! holds a secret: the warehouse reads the stage by a role or an integration.
//!
//! A script stops at its first error and commits once. What it takes away (upsert, replace) it keeps in a table beside,
//! from which the rollback script brings it back.

pub mod ddl;
pub mod grants;
pub mod names;
pub mod options;
pub mod parts;
pub mod plan;
mod redshift;
mod rollback;
mod snowflake;
mod steps;
#[cfg(test)]
mod tests;
pub mod text;

use crate::model::{Contract, Error, Result, Table};

pub use self::options::{Mode, Options, Stage, Warehouse};
pub use self::parts::{Compression, Part};
use self::plan::{HISTORY, Plan};
use self::text::shown;

/// What is known of one table's load.
#[derive(Debug)]
pub struct TableLoad<'a> {
    pub table: &'a Table,
    /// The beginning of the names of the table's files, from [`stems`].
    pub stem: &'a str,
    pub parts: &'a [Part],
    /// From karat's report of the load.
    pub counts: Option<Counts>,
}

/// Rows of a table in karat's report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub loaded: u64,
    pub rejected: u64,
}

/// The scripts of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scripts {
    pub load: String,
    pub rollback: String,
    /// Redshift: the manifest that the load script names.
    pub manifest: Option<String>,
}

/// Gives each table of a contract a beginning for its files' names: plain letters, and no two alike.
#[must_use]
pub fn stems(contract: &Contract) -> Vec<String> {
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' };
    let mut stems: Vec<String> = Vec::new();
    for table in &contract.tables {
        let mut stem: String = names::cut(&table.name.chars().map(plain).collect::<String>(), 100).to_owned();
        // File systems may ignore case.
        while stems.iter().any(|other| other.to_lowercase() == stem.to_lowercase()) {
            stem.push('_');
        }
        stems.push(stem);
    }
    stems
}

/// Looks at all that concerns several tables: their names, and that each column named in the options is there.
///
/// # Errors
/// A usage error that says what to change.
pub fn check(contract: &Contract, warehouse: Warehouse, options: &Options) -> Result<()> {
    options.check(warehouse)?;
    let rule = options.names(warehouse);
    let names = contract.tables.iter().map(|table| table.name.as_str());
    let spelled = rule.spell_all("tables", names)?;
    if let Some(name) = spelled.iter().find(|name| name.eq_ignore_ascii_case(HISTORY)) {
        return Err(Error::usage(format!("a table is called {}", shown(name)))
            .hint("karat keeps its own history under this name; rename the table in the contract"));
    }
    options.check_columns(&contract.tables)
}

/// Writes the scripts that load one table.
///
/// # Errors
/// A usage error where the warehouse cannot hold the table, there are no parts, or an upsert has no key.
pub fn load(warehouse: Warehouse, load: &TableLoad<'_>, options: &Options) -> Result<Scripts> {
    let compression = parts::compression(&load.table.name, load.parts)?;
    let plan = Plan::new(warehouse, load.table, options)?;
    if options.mode == Mode::Upsert && plan.key.is_empty() {
        let name = shown(&load.table.name);
        return Err(Error::usage(format!(
            "{name} has no primary key that SQL can compare, so rows cannot be upserted"
        ))
        .hint("give the table a `primary_key:` in the contract, or write the script with --mode append"));
    }
    let text = match warehouse {
        Warehouse::Redshift => redshift::load(&plan, load, options, compression),
        Warehouse::Snowflake => snowflake::load(&plan, load, options, compression)?,
    };
    let manifest = match warehouse {
        Warehouse::Redshift => Some(parts::manifest(&options.stage_url(), load.parts)),
        Warehouse::Snowflake => None,
    };
    Ok(Scripts { load: text, rollback: rollback::text(&plan, options), manifest })
}
