//! `karat infer`.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::access::ServerArgs;
use crate::cli::common::{Run, Spool, context, threads};
use crate::cli::outputs::{check_files, put};
use crate::cli::progress::Bar;
use crate::cli::signals;
use crate::cli::terminal::Terminal;
use crate::model::{Error, Result};
use crate::ops::Settings;
use crate::ops::infer::suggest::Style;
use crate::ops::infer::{InferRequest, infer};

/// Writes a first contract for files, each rule with what speaks for it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  karat infer products.csv -o products.yaml
  karat infer data/ > shop.yaml                    all files of a folder, with their references
  karat infer orders='in/o-*.csv.gz' --strict      the files of one table; bounds exactly as seen
  curl -s URL | karat infer - --loose              types and keys only

The contract passes on the files it was made of; broken records are named on standard error.
Exit codes: 0 a contract was written, 2 usage, 3 a file could not be read.")]
pub struct InferArgs {
    /// Files, globs, folders, `table=path`, or `-`.
    #[arg(value_name = "FILES", required = true)]
    files: Vec<String>,
    /// Write the contract to this file, not to standard output.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace that file.
    #[arg(long, requires = "output")]
    overwrite: bool,
    /// The contract's name.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Bounds exactly as seen; one value in a hundred may break a rule.
    #[arg(long, conflicts_with = "loose")]
    strict: bool,
    /// Types, keys and references only.
    #[arg(long)]
    loose: bool,
    /// The byte between fields of CSV, `tab` for a tab; found by default.
    #[arg(long, value_name = "BYTE", value_parser = byte)]
    delimiter: Option<u8>,
    /// Whether the first record of CSV names the columns; found by default.
    #[arg(long, value_name = "BOOL")]
    header: Option<bool>,
    #[command(flatten)]
    servers: ServerArgs,
    /// Worker threads; all cores by default.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// The day (or moment, UTC) that `today` and `now` mean; the clock's by default.
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
}

fn byte(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() => Ok(*byte),
        _ if text == "tab" || text == "\\t" => Ok(b'\t'),
        _ => Err("write one ASCII character, or `tab`".to_owned()),
    }
}

/// Runs the command.
///
/// # Errors
/// As [`infer`], and where the contract cannot be written.
pub fn run(args: &InferArgs, terminal: &Terminal) -> Result<u8> {
    if let Some(path) = args.output.as_deref().filter(|path| path.exists() && !args.overwrite) {
        return Err(Error::usage(format!("{} is there already", path.display()))
            .hint("name another file, or give --overwrite to replace it"));
    }
    let spool = Spool::new();
    let mut settings = Settings::new(context(args.as_of.as_deref())?);
    settings.threads = threads(args.threads);
    settings.spool = Some(spool.path().to_owned());
    settings.interrupted = signals::flag();
    let run = Run::start(settings.threads);
    let bar = Bar::start(&settings.progress, terminal.progress());
    let style = match (args.loose, args.strict) {
        (true, _) => Style::Loose,
        (_, true) => Style::Strict,
        _ => Style::Normal,
    };
    let request = InferRequest {
        files: &args.files,
        name: args.name.as_deref(),
        style,
        known: crate::ops::infer::Known { delimiter: args.delimiter, header: args.header },
        spool: spool.path(),
        stdin: &mut std::io::stdin().lock(),
        servers: &args.servers.servers(settings.threads)?,
    };
    let result = infer(request, &settings);
    drop(bar);
    let inferred = result?;
    match &args.output {
        Some(path) => {
            let read: Vec<&Path> = inferred.read.iter().map(PathBuf::as_path).collect();
            check_files("--output", [path.as_path()], &read)?;
            put(path, &inferred.text)?;
        }
        None => terminal.deliver(&inferred.text)?,
    }
    for remark in &inferred.remarks {
        terminal.remark(&crate::render::text::clean(remark));
    }
    if let Some(path) = &args.output {
        let base = if inferred.base.is_empty() { ".".to_owned() } else { inferred.base };
        let seconds = run.describe(None, None, None).seconds;
        terminal.remark(&format!(
            "wrote {} in {seconds:.1} s; try it: karat check --data {base} -c {}",
            path.display(),
            path.display()
        ));
    }
    Ok(0)
}
