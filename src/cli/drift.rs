//! `karat drift`.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::common::{Spool, threads};
use crate::cli::merge::read;
use crate::cli::outputs::{check_files, put};
use crate::cli::profile::Shown;
use crate::cli::signals;
use crate::cli::terminal::Terminal;
use crate::model::{Context, Profile, Result};
use crate::ops::Settings;
use crate::ops::drift::{Limits, drift};
use crate::ops::inputs::Servers;
use crate::ops::profile::inputs::{self, Wanted};
use crate::ops::profile::{Options, profile};
use crate::render;

/// Compares two profiles, or files; exit code 1 where a limit is passed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  karat drift monday.json tuesday.json --max-psi 0.2
  karat drift baseline.json orders.csv --max-null-change 1 --max-row-change 20
  karat drift a.json b.json --format json

Columns that come, go or change their type pass the limit unless --allow-schema is given.
PSI below 0.1 is stable, above 0.25 another distribution.

Exit codes: 0 within the limits, 1 beyond one, 2 usage.")]
pub struct DriftArgs {
    /// A saved profile, or a file of data.
    #[arg(value_name = "BEFORE")]
    before: PathBuf,
    /// Another.
    #[arg(value_name = "AFTER")]
    after: PathBuf,
    /// Most population stability index a column may have.
    #[arg(long, value_name = "X")]
    max_psi: Option<f64>,
    /// Most distance of Kolmogorov and Smirnov a column may have, 0 to 1.
    #[arg(long, value_name = "X")]
    max_ks: Option<f64>,
    /// Most change of a column's NULLs, in percent of the rows.
    #[arg(long, value_name = "PERCENT")]
    max_null_change: Option<f64>,
    /// Most change of the number of rows, in percent.
    #[arg(long, value_name = "PERCENT")]
    max_row_change: Option<f64>,
    /// Most values of a column that may be new, where values are few.
    #[arg(long, value_name = "N")]
    max_new_values: Option<u64>,
    /// Columns may come, go and change their type.
    #[arg(long)]
    allow_schema: bool,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Shown::Text, value_name = "FORM")]
    format: Shown,
    /// Write the result as JSON besides.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// Where a profile or file cannot be read.
pub fn run(args: &DriftArgs, terminal: &Terminal) -> Result<u8> {
    check_files("--output", args.output.as_deref(), &[&args.before, &args.after])?;
    let percent = |value: Option<f64>| value.map(|value| value / 100.0);
    let limits = Limits {
        psi: args.max_psi,
        ks: args.max_ks,
        nulls: percent(args.max_null_change),
        rows: percent(args.max_row_change),
        new_values: args.max_new_values,
        any_schema: args.allow_schema,
    };
    let drift = drift(&load(&args.before)?, &load(&args.after)?, &limits)?;
    match args.format {
        Shown::Json => terminal.deliver(&render::drift::json(&drift))?,
        Shown::Text => terminal.result(&render::drift::text(&drift, terminal.style())),
    }
    if let Some(output) = &args.output {
        put(output, &render::drift::json(&drift))?;
    }
    Ok(u8::from(!drift.passed))
}

/// Reads a saved profile, or makes one of a file of data.
fn load(path: &Path) -> Result<Profile> {
    let mut head = [0; 4096];
    let filled = std::fs::File::open(path).and_then(|mut file| file.read(&mut head)).unwrap_or(0);
    let is_profile = head.get(..filled).is_some_and(|head| {
        String::from_utf8_lossy(head).trim_start().starts_with('{')
            && String::from_utf8_lossy(head).contains("\"karat.")
    });
    if is_profile {
        return read(path);
    }
    let spool = Spool::new();
    let files = [path.display().to_string()];
    let inputs = inputs::sniffed(&mut Wanted {
        files: &files,
        spool: spool.path(),
        stdin: &mut std::io::empty(),
        servers: &Servers::default(),
    })?;
    let mut settings = Settings::new(Context { today: 0, now: 0 });
    settings.threads = threads(None);
    settings.spool = Some(spool.path().to_owned());
    settings.interrupted = signals::flag();
    profile(&inputs, Options { unmask: false, keep_state: true }, &settings)
}
