//! `karat load`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::common::{InputArgs, Run, Spool, check_outputs, clock, deliver, outputs, read_contract, rfc3339};
use crate::cli::outputs::paths;
use crate::cli::progress::Bar;
use crate::cli::terminal::Terminal;
use crate::model::{Error, Result, Tolerance};
use crate::ops::load::{LoadRequest, Mode, TargetOptions, load, open_target, shown_target};
use crate::ops::refused::RejectFolder;
use crate::ops::replay;

/// Judges files and loads their clean rows, all or nothing; refused records go to a folder as they stood.
#[derive(Debug, Args)]
#[command(after_help = "\
Modes:
  append   beside the rows that are there; a key the target holds already is refused
  replace  instead of the rows that are there
  upsert   instead of the rows with the same primary key, else beside

Examples:
  karat load products.csv -c products.yaml --to shop.duckdb --mode upsert
  karat load data/ -c retail.yaml --to parquet:lake --rejects rejects --max-rejects 1%
  karat load --replay rejects -c retail.yaml --to shop.duckdb --rejects rejects-2

Exit code 1 says that records were rejected; the clean rows are loaded all the same, unless the
report says that nothing was.")]
pub struct LoadArgs {
    #[command(flatten)]
    input: InputArgs,
    /// Where clean rows go: FILE.duckdb, postgres://…, mysql://…, parquet:DIR, csv:DIR, ndjson:DIR, csv:s3://….
    #[arg(long, value_name = "TARGET")]
    to: String,
    /// Files that each table is divided into (csv:, ndjson:, parquet:).
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    parts: Option<u32>,
    /// Compress the files (csv:, ndjson:).
    #[arg(long, value_enum, value_name = "HOW")]
    compress: Option<Compress>,
    /// Where refused records and their reasons go.
    #[arg(long, value_name = "DIR", default_value = "rejects")]
    rejects: PathBuf,
    /// Replace the rejects that an earlier run left in that folder.
    #[arg(long)]
    overwrite_rejects: bool,
    /// How rows enter the target.
    #[arg(long, value_enum, default_value_t = ModeArg::Append)]
    mode: ModeArg,
    /// Load files again that the target took before.
    #[arg(long)]
    force: bool,
    /// Undo the load where more records are refused: 100, 0.5%.
    #[arg(long, value_name = "N|P%", value_parser = tolerance)]
    max_rejects: Option<Tolerance>,
    /// Load the mended rejects of this folder instead of FILES.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["files", "data"])]
    replay: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ModeArg {
    // What they mean is said under the help: one screen.
    Append,
    Replace,
    Upsert,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Compress {
    Gzip,
}

/// Runs the command.
///
/// # Errors
/// As [`load`].
pub fn run(args: &LoadArgs, terminal: &Terminal) -> Result<u8> {
    let outputs = outputs(&args.input.reports)?;
    let contract = read_contract(&args.input.contract, terminal.color_errors())?;
    let spool = Spool::new();
    let settings = args.input.settings(&spool)?;
    let inputs = match &args.replay {
        Some(folder) => {
            if same(folder, &args.rejects) {
                return Err(Error::usage("--replay and --rejects name the same folder")
                    .hint("give --rejects another folder, so that mended records are not overwritten"));
            }
            replay::inputs(&contract, folder)?
        }
        None => args.input.inputs(&contract, &spool)?,
    };
    check_outputs(&outputs, &paths(&args.input.contract, &inputs))?;
    let options =
        TargetOptions { access: args.input.servers.access.access()?, parts: args.parts, gzip: args.compress.is_some() };
    let run = Run::start(settings.threads).of(&args.input);
    let started = clock();
    let request = LoadRequest {
        contract: &contract,
        inputs: &inputs,
        sink: open_target(&args.to, &options)?,
        mode: match args.mode {
            ModeArg::Append => Mode::Append,
            ModeArg::Replace => Mode::Replace,
            ModeArg::Upsert => Mode::Upsert,
        },
        rejects: RejectFolder { path: &args.rejects, overwrite: args.overwrite_rejects },
        force: args.force,
        max_rejects: args.max_rejects,
        allow_empty: args.input.allow_empty,
        load_id: load_id(started),
        loaded_at: rfc3339(started),
    };
    let load_id = request.load_id.clone();
    let bar = Bar::start(&settings.progress, terminal.progress());
    let result = load(request, &settings);
    drop(bar);
    let mut report = result?;
    report.run = Some(run.describe(Some(shown_target(&args.to)), Some(load_id), Some(&args.rejects)));
    deliver(&report, &outputs, terminal)
}

/// Names a load: its moment and the process, so that names sort by time and never repeat on a machine.
#[must_use]
pub fn load_id(micros: i64) -> String {
    let moment: String = rfc3339(micros).chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{moment}-{:x}", std::process::id())
}

fn same(left: &std::path::Path, right: &std::path::Path) -> bool {
    let real = |path: &std::path::Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    real(left) == real(right)
}

fn tolerance(text: &str) -> std::result::Result<Tolerance, String> {
    let wrong = || format!("`{text}` is neither a count (100) nor a share (0.5%)");
    match text.strip_suffix('%') {
        Some(number) => {
            let percent: f64 = number.trim().parse().map_err(|_| wrong())?;
            if (0.0..=100.0).contains(&percent) { Ok(Tolerance::Share(percent / 100.0)) } else { Err(wrong()) }
        }
        None => text.parse().map(Tolerance::Count).map_err(|_| wrong()),
    }
}
