//! `karat check`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::common::{InputArgs, Run, Spool, check_outputs, deliver, outputs, read_contract};
use crate::cli::progress::Bar;
use crate::cli::terminal::Terminal;
use crate::model::Result;
use crate::ops::check::{CheckRequest, check};

/// Judges files row by row; exit code 1 where they break the contract.
#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    input: InputArgs,
    /// Write refused records and their reasons to this folder.
    #[arg(long, value_name = "DIR")]
    rejects: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// As [`check`].
pub fn run(args: CheckArgs, terminal: &Terminal) -> Result<u8> {
    let outputs = outputs(&args.input.reports)?;
    let contract = read_contract(&args.input.contract, terminal.color_errors())?;
    let settings = args.input.settings()?;
    let spool = Spool::new();
    let inputs = args.input.inputs(&contract, &spool)?;
    check_outputs(&outputs, &args.input.contract, &inputs)?;
    let run = Run::start(settings.threads);
    let bar = Bar::start(&settings.progress, terminal.progress());
    let request = CheckRequest {
        contract: &contract,
        inputs: &inputs,
        rejects: args.rejects.as_deref(),
        allow_empty: args.input.allow_empty,
    };
    let result = check(&request, &settings);
    drop(bar);
    let mut report = result?;
    report.run = Some(run.describe(None, None, args.rejects.as_deref()));
    deliver(&report, &outputs, terminal)
}
