//! `karat check`.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::common::{InputArgs, Output, Run, Spool, check_outputs, deliver_beside, outputs, read_contract};
use crate::cli::outputs::{check_files, paths, put};
use crate::cli::progress::Bar;
use crate::cli::terminal::Terminal;
use crate::model::baseline::Baseline;
use crate::model::{Error, Result, Score};
use crate::ops::baseline::check_against;
use crate::ops::check::{CheckRequest, check};
use crate::ops::refused::RejectFolder;
use crate::ops::score::{Manifest, check_and_score};
use crate::render;

/// Judges files row by row; exit code 1 where they break the contract.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  karat check products.csv -c products.yaml
  karat check data/ -c retail.yaml --report html=report.html --report junit=report.xml
  karat check customers=in/c-*.csv.gz -c retail.yaml    the files of one table, by a glob
  karat check data/ -c retail.yaml --score faults.ndjson    what was found of the planted faults
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
    /// Fail only on violations that this file of `karat baseline` does not hold.
    #[arg(long, value_name = "FILE", conflicts_with = "score")]
    baseline: Option<PathBuf>,
    /// Compare what was found with the manifest of planted faults; the exit code stays the gate's.
    #[arg(long, value_name = "MANIFEST")]
    score: Option<PathBuf>,
    /// Write the score besides: json=FILE or text=FILE, `-` for standard output.
    #[arg(long, value_name = "FORM=FILE", requires = "score")]
    score_report: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// As [`check`].
pub fn run(args: &CheckArgs, terminal: &Terminal) -> Result<u8> {
    let outputs = outputs(&args.input.reports)?;
    let manifest = args.score.as_deref().map(read_manifest).transpose()?;
    let score_report = args.score_report.as_deref().map(score_output).transpose()?;
    let baseline = args.baseline.as_deref().map(read_baseline).transpose()?;
    let contract = read_contract(&args.input.contract, terminal.color_errors())?;
    let spool = Spool::new();
    let settings = args.input.settings(&spool)?;
    let inputs = args.input.inputs(&contract, &spool)?;
    let mut read = paths(&args.input.contract, &inputs);
    read.extend([&args.baseline, &args.score].into_iter().flatten().map(PathBuf::as_path));
    check_outputs(&outputs, &read)?;
    check_files("--score-report", score_report.iter().map(|report| report.file.as_path()), &read)?;
    let run = Run::start(settings.threads).of(&args.input);
    let bar = Bar::start(&settings.progress, terminal.progress());
    let request = CheckRequest {
        contract: &contract,
        inputs: &inputs,
        rejects: args.rejects.as_deref().map(|path| RejectFolder { path, overwrite: args.overwrite_rejects }),
        allow_empty: args.input.allow_empty,
    };
    let result = match (&manifest, &baseline) {
        (Some(manifest), _) => {
            check_and_score(&request, &settings, manifest).map(|(report, score)| (report, Some(score)))
        }
        (None, Some(baseline)) => check_against(&request, &settings, baseline).map(|report| (report, None)),
        (None, None) => check(&request, &settings).map(|report| (report, None)),
    };
    drop(bar);
    let (mut report, score) = result?;
    let mut described = run.describe(None, None, args.rejects.as_deref());
    described.baseline = args.baseline.as_ref().map(|file| file.display().to_string());
    report.run = Some(described);
    let taken = score_report.as_ref().is_some_and(|report| report.file.as_os_str() == "-");
    let code = deliver_beside(&report, &outputs, taken, terminal)?;
    if let Some(score) = score {
        tell(&score, score_report.as_ref(), outputs.iter().any(Output::is_stdout), terminal)?;
    }
    Ok(code)
}

/// Where the score goes besides.
struct ScoreReport {
    render: fn(&Score) -> String,
    file: PathBuf,
}

fn score_output(text: &str) -> Result<ScoreReport> {
    let wrong =
        || Error::usage(format!("--score-report {text} is not understood")).hint("write json=FILE or text=FILE");
    let (form, file) = text.split_once('=').filter(|(_, file)| !file.is_empty()).ok_or_else(wrong)?;
    let render = match form {
        "json" => render::score::json,
        "text" => render::score::plain,
        _ => return Err(wrong()),
    };
    Ok(ScoreReport { render, file: PathBuf::from(file) })
}

fn read_baseline(path: &Path) -> Result<Baseline> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::usage(format!("cannot read the baseline {}", path.display()))
            .because(error)
            .hint("`karat baseline` writes one")
    })?;
    Baseline::parse(&text).map_err(|why| Error::usage(format!("{} is no baseline: {why}", path.display())))
}

fn read_manifest(path: &Path) -> Result<Manifest> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::usage(format!("cannot read the manifest {}", path.display())).because(error))?;
    Manifest::read(&text)
}

/// Prints the score, unless something else has standard output, and writes it where it was asked for.
fn tell(score: &Score, report: Option<&ScoreReport>, taken: bool, terminal: &Terminal) -> Result<()> {
    let to_stdout = report.is_some_and(|report| report.file.as_os_str() == "-");
    if !taken && !to_stdout {
        terminal.result(&format!("\n{}", render::score::text(score, terminal.style())));
    }
    let Some(report) = report else { return Ok(()) };
    let text = (report.render)(score);
    if to_stdout {
        return terminal.deliver(&text);
    }
    put(&report.file, &text)
}
