//! `karat baseline`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::common::{InputArgs, Spool, read_contract};
use crate::cli::outputs::{check_files, paths, put};
use crate::cli::progress::Bar;
use crate::cli::terminal::Terminal;
use crate::model::{Error, Result};
use crate::ops::baseline::take;
use crate::ops::check::CheckRequest;
use crate::render::text::counted;

/// Writes down which records break error rules today, so that `check --baseline` fails only on others.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  karat baseline data/ -c retail.yaml -o retail.baseline.json
  karat check data/ -c retail.yaml --baseline retail.baseline.json

The file holds rule ids, counts and hashes of records, no values. docs/reports.md says what is compared.")]
pub struct BaselineArgs {
    #[command(flatten)]
    input: InputArgs,
    /// Where it goes, `-` for standard output.
    #[arg(long, short, value_name = "FILE", default_value = "karat.baseline.json")]
    output: PathBuf,
}

/// Runs the command. That files break the contract is what a baseline is for, so it is no failure.
///
/// # Errors
/// As [`take`], and where the file cannot be written.
pub fn run(args: &BaselineArgs, terminal: &Terminal) -> Result<u8> {
    if !args.input.reports.is_empty() {
        return Err(Error::usage("`karat baseline` writes no reports").hint("write them with `karat check --report`"));
    }
    let contract = read_contract(&args.input.contract, terminal.color_errors())?;
    let spool = Spool::new();
    let settings = args.input.settings(&spool)?;
    let inputs = args.input.inputs(&contract, &spool)?;
    check_files("--output", [args.output.as_path()], &paths(&args.input.contract, &inputs))?;
    let bar = Bar::start(&settings.progress, terminal.progress());
    let request =
        CheckRequest { contract: &contract, inputs: &inputs, rejects: None, allow_empty: args.input.allow_empty };
    let result = take(&request, &settings);
    drop(bar);
    let (_, baseline) = result?;
    let text = baseline.to_json();
    if args.output.as_os_str() == "-" {
        terminal.deliver(&text)?;
        return Ok(0);
    }
    put(&args.output, &text)?;
    let failures: u64 = baseline.rules.values().map(|rule| rule.failures).sum();
    let (failures, rules) = (counted(failures, "violation"), counted(baseline.rules.len() as u64, "rule"));
    terminal.result(&format!("{}: {failures} of {rules}\n", args.output.display()));
    Ok(0)
}
