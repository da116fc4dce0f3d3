//! `karat undo`.

use clap::Args;

use crate::cli::access::AccessArgs;
use crate::cli::common::{clock, rfc3339};
use crate::cli::terminal::Terminal;
use crate::model::Result;
use crate::model::words::counted;
use crate::ops::history::undo;

/// Takes the rows of one load out of a target again, in one transaction; its files may then be loaded anew.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  karat history shop.duckdb
  karat undo 20260131T020000Z-1a2b --from shop.duckdb

Only appends can be undone, of tables with the column `load_id` (`audit_columns: [load_id]` in the
contract), while every row of the load is still there.")]
pub struct UndoArgs {
    /// As `karat history` lists it.
    #[arg(value_name = "LOAD_ID")]
    load_id: String,
    /// The target, as `--to` of `karat load`.
    #[arg(long, value_name = "TARGET")]
    from: String,
    #[command(flatten)]
    access: AccessArgs,
}

/// Runs the command.
///
/// # Errors
/// Where the load cannot be undone; nothing is changed then.
pub fn run(args: &UndoArgs, terminal: &Terminal) -> Result<u8> {
    let removed = undo(&args.from, &args.load_id, &rfc3339(clock()), &args.access.access()?)?;
    for (table, rows) in removed {
        terminal.output(&format!("{}: {} removed\n", crate::render::text::clean(&table), counted(rows, "row")));
    }
    Ok(0)
}
