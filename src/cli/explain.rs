//! `karat explain`.

use clap::Args;

use crate::cli::terminal::Terminal;
use crate::model::{Error, Result};
use crate::rule;

/// Explains a rule kind (`unique`) or a code (`K201`, `P004`, `C908`).
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A kind's name or a code.
    #[arg(value_name = "NAME")]
    name: String,
}

/// Runs the command.
///
/// # Errors
/// Where nothing has that name.
pub fn run(args: &ExplainArgs, terminal: &Terminal) -> Result<u8> {
    let page = rule::explain(&args.name).ok_or_else(|| {
        Error::usage(format!("nothing is called `{}`", args.name)).hint("`karat rules` lists the kinds and codes")
    })?;
    terminal.output(&format!("{}\n", page.trim_end()));
    Ok(0)
}
