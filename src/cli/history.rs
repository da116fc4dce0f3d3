//! `karat history`.

use clap::Args;

use crate::cli::access::AccessArgs;
use crate::cli::terminal::Terminal;
use crate::model::{Error, Result};
use crate::ops::history::history;
use crate::render;

/// Lists the loads a target took: when, what, rows read, loaded and rejected, and what became of them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  karat history shop.duckdb
  karat history postgres://me@db.example/shop
  karat history parquet:lake --format json

The load id also stands in the table, where the contract has `audit_columns: [load_id, load_ts]`.")]
pub struct HistoryArgs {
    /// As `--to` of `karat load`.
    #[arg(value_name = "TARGET")]
    target: String,
    #[command(flatten)]
    access: AccessArgs,
    /// What to print.
    #[arg(long, value_enum, default_value_t = crate::cli::profile::Shown::Text, value_name = "FORM")]
    format: crate::cli::profile::Shown,
}

/// Runs the command.
///
/// # Errors
/// Where the target cannot be read.
pub fn run(args: &HistoryArgs, terminal: &Terminal) -> Result<u8> {
    let loads = history(&args.target, &args.access.access()?)?;
    let text = match args.format {
        crate::cli::profile::Shown::Text => render::history::text(&loads),
        crate::cli::profile::Shown::Json => {
            let json = serde_json::to_string_pretty(&loads);
            json.map_err(|error| Error::output("cannot write the history as JSON").because(error))? + "\n"
        }
    };
    terminal.deliver(&text)?;
    Ok(0)
}
