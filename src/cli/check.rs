//! `karat check`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::common::{InputArgs, Run, Spool, check_outputs, deliver, outputs, read_contract};
use crate::cli::progress::Bar;
use crate::cli::terminal::Terminal;
use crate::model::Result;
use crate::ops::check::{CheckRequest, check};
use crate::ops::refused::RejectFolder;

/// Judges files row by row; exit code 1 where they break the contract.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  karat check products.csv -c products.yaml
  karat check data/ -c retail.yaml --report json=report.json
  karat check customers=in/c-*.csv.gz -c retail.yaml    the files of one table, by a glob
  curl -s URL | karat check - -c products.yaml          standard input

Exit codes: 0 the files keep the contract, 1 they break it, 2 usage or contract, 3 could not finish.")]
pub struct CheckArgs {
    #[command(flatten)]
    input: InputArgs,
    /// Write refused records and their reasons to this folder.
    #[arg(long, value_name = "DIR")]
    rejects: Option<PathBuf>,
    /// Replace the rejects that an earlier run left in that folder.
    #[arg(long)]
    overwrite_rejects: bool,
}

/// Runs the command.
///
/// # Errors
/// As [`check`].
pub fn run(args: &CheckArgs, terminal: &Terminal) -> Result<u8> {
    let outputs = outputs(&args.input.reports)?;
    let contract = read_contract(&args.input.contract, terminal.color_errors())?;
    let spool = Spool::new();
    let settings = args.input.settings(&spool)?;
    let inputs = args.input.inputs(&contract, &spool)?;
    check_outputs(&outputs, &args.input.contract, &inputs)?;
    let run = Run::start(settings.threads);
    let bar = Bar::start(&settings.progress, terminal.progress());
    let request = CheckRequest {
        contract: &contract,
        inputs: &inputs,
        rejects: args.rejects.as_deref().map(|path| RejectFolder { path, overwrite: args.overwrite_rejects }),
        allow_empty: args.input.allow_empty,
    };
    let result = check(&request, &settings);
    drop(bar);
    let mut report = result?;
    report.run = Some(run.describe(None, None, args.rejects.as_deref()));
    deliver(&report, &outputs, terminal)
}
