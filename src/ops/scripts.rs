//! `sql`: scripts for warehouses. Finds the parts and the counts; `sql::scripts` writes the text.

mod parts;

use crate::model::{Contract, Error, Report, Result, Table};
use crate::sql::scripts::{self, Counts, TableLoad, ddl, grants};
use crate::sql::{DuckDb, create_table, identifier};

pub use crate::sql::scripts::{Compression, Mode, Options, Part, Scripts, Stage, Warehouse};

/// What to write load scripts for.
#[derive(Debug)]
pub struct Request<'a> {
    pub contract: &'a Contract,
    pub warehouse: Warehouse,
    pub options: Options,
    /// Files, folders, manifests, names below the stage or URLs, each with `table=` before it or not.
    pub parts: &'a [String],
    /// The tables wanted; all where there is none.
    pub tables: &'a [String],
    /// karat's report of the load that wrote the parts.
    pub report: Option<&'a Report>,
}

/// The scripts of a load.
#[derive(Debug)]
pub struct Bundle {
    /// One a table with parts: the beginning of its files' names, and its scripts.
    pub tables: Vec<(String, Scripts)>,
    pub grants: String,
    /// Tables without parts, for which nothing was written.
    pub skipped: Vec<String>,
}

impl Bundle {
    /// Gives the files: name and text.
    #[must_use]
    pub fn files(self) -> Vec<(String, String)> {
        let mut files = Vec::new();
        for (stem, scripts) in self.tables {
            files.push((format!("{stem}.load.sql"), scripts.load));
            files.push((format!("{stem}.rollback.sql"), scripts.rollback));
            files.extend(scripts.manifest.map(|text| (format!("{stem}.manifest"), text)));
        }
        files.push(("grants.sql".to_owned(), self.grants));
        files
    }

    /// Gives the load scripts as one, manifests as comments, grants where `with_grants`.
    #[must_use]
    pub fn text(&self, with_grants: bool) -> String {
        let mut pieces = Vec::new();
        for (stem, scripts) in &self.tables {
            pieces.push(scripts.load.clone());
            let lines = |text: &String| text.lines().map(|line| ["-- ", line, "\n"].concat()).collect::<String>();
            pieces.extend(scripts.manifest.as_ref().map(|text| format!("-- {stem}.manifest:\n{}", lines(text))));
        }
        pieces.extend(with_grants.then(|| self.grants.clone()));
        pieces.join("\n")
    }
}

/// Writes the load scripts of a contract's tables.
///
/// # Errors
/// A usage error where there are no parts, a table is not in contract or report, or the warehouse cannot hold it.
pub fn load(request: Request<'_>) -> Result<Bundle> {
    let Request { contract, warehouse, mut options, parts, tables, report } = request;
    options.contract_sha256.clone_from(&contract.sha256);
    if let Some(report) = report {
        if report.committed == Some(false) {
            return Err(Error::usage("the report is of a load that was not committed")
                .hint("its parts were never put in place; load again"));
        }
        let known = report.run.as_ref().and_then(|run| run.load_id.clone());
        options.load_id = options.load_id.or(known);
    }
    let wanted = wanted(contract, tables)?;
    scripts::check(contract, warehouse, &options)?;
    let mut found = parts::find(&wanted, parts)?;
    parts::pick_load(&mut found, &mut options)?;
    parts::below_stage(&mut found, &options);
    // The id may come from the parts' names.
    options.check(warehouse)?;
    let stems = scripts::stems(contract);
    let (mut written, mut skipped) = (Vec::new(), Vec::new());
    for (table, stem) in contract.tables.iter().zip(stems) {
        let Some(own) = found.iter().find(|own| own.table.name == table.name) else { continue };
        if own.parts.is_empty() {
            skipped.push(table.name.clone());
            continue;
        }
        let parts: Vec<Part> = own.parts.iter().map(|found| found.part.clone()).collect();
        let load = TableLoad { table, stem: &stem, parts: &parts, counts: counts(report, table)? };
        let scripts = scripts::load(warehouse, &load, &options)?;
        written.push((stem, scripts));
    }
    if written.is_empty() {
        return Err(Error::usage("there are no parts to load").hint(
            "--parts takes the folder of `karat load --to csv:DIR`, its files, or their names: csv, or csv.gz, .zst, .bz2",
        ));
    }
    Ok(Bundle { tables: written, grants: grants::text(contract, warehouse, &options)?, skipped })
}

/// Writes CREATE TABLE of a contract's tables; DuckDB's where no warehouse is named.
///
/// # Errors
/// A usage error where a database cannot hold a name or a type.
pub fn tables(contract: &Contract, warehouse: Option<Warehouse>, options: &Options) -> Result<String> {
    let Some(warehouse) = warehouse else {
        let schema = options.schema.as_ref().map(|name| identifier(name));
        let name = |table: &Table| match &schema {
            Some(schema) => format!("{schema}.{}", identifier(&table.name)),
            None => identifier(&table.name),
        };
        let table = |table: &Table| format!("{};\n", create_table(&DuckDb, &name(table), table));
        let tables: Vec<String> = contract.tables.iter().map(table).collect();
        let schema = schema.iter().map(|name| format!("CREATE SCHEMA IF NOT EXISTS {name};\n"));
        return Ok(schema.chain(tables).collect::<Vec<_>>().join("\n"));
    };
    ddl::tables(contract, warehouse, options)
}

fn wanted<'a>(contract: &'a Contract, names: &[String]) -> Result<Vec<&'a Table>> {
    if let Some(name) = names.iter().find(|name| contract.table(name).is_none()) {
        let known: Vec<&str> = contract.tables.iter().map(|table| table.name.as_str()).collect();
        return Err(
            Error::usage(format!("the contract has no table {name}")).hint(format!("it has {}", known.join(", ")))
        );
    }
    let is_wanted = |table: &&Table| names.is_empty() || names.contains(&table.name);
    Ok(contract.tables.iter().filter(is_wanted).collect())
}

fn counts(report: Option<&Report>, table: &Table) -> Result<Option<Counts>> {
    let Some(report) = report else { return Ok(None) };
    let found = report.tables.iter().find(|own| own.table == table.name).ok_or_else(|| {
        Error::usage(format!("the report has no table {}", table.name))
            .hint("give the report of the load that wrote the parts")
    })?;
    Ok(Some(Counts { loaded: found.loaded.unwrap_or(found.clean), rejected: found.rejected }))
}
