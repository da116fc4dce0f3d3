//! `karat generate`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, ValueEnum};

use crate::cli::access::AccessArgs;
use crate::cli::common::{clock, contract_text, read_contract_text, rfc3339, threads};
use crate::cli::load::load_id;
use crate::cli::progress::Bar;
use crate::cli::signals;
use crate::cli::terminal::Terminal;
use crate::contract;
use crate::model::temporal::Pattern;
use crate::model::{Context, Contract, DataType, Error, ErrorKind, FaultSpec, Format, Result, Table};
use crate::ops::Settings;
use crate::ops::generate::{self, Destination, Options, Packing, Part, Request, Summary};
use crate::ops::load::{TargetOptions, open_target};
use crate::render;

/// Makes the tables of a contract: rows that keep its rules, the same for the same seed.
#[derive(Debug, Args)]
#[command(after_help = "\
Presets: retail, products-500k, tpch-supplier, claims. Their contract is written beside the data.

Examples:
  karat generate retail --out shop                 and then: karat check shop -c shop/retail.yaml
  karat generate -c shop.yaml --rows customers=1e6 --rows 1000 --compress zstd
  karat generate -c shop.yaml --tables sales --out - | head
  karat generate -c shop.yaml --faults light       1 % of the rows dirty, all of it told
  karat generate -c shop.yaml --part 3/8           the third of eight machines
  karat generate -c shop.yaml --to shop.duckdb")]
pub struct GenerateArgs {
    /// A contract that comes with karat.
    #[arg(value_name = "PRESET", conflicts_with = "contract")]
    preset: Option<String>,
    /// The contract.
    #[arg(long, short, value_name = "FILE")]
    contract: Option<PathBuf>,
    /// Rows of a table, or of all others: 500k, 1e6; may be repeated.
    #[arg(long, value_name = "[TABLE=]N")]
    rows: Vec<String>,
    /// Multiplies the row counts of the contract.
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    scale: f64,
    /// Another seed makes other rows.
    #[arg(long, value_name = "N", default_value_t = 42)]
    seed: u64,
    /// The day that `today` means.
    #[arg(long, value_name = "DATE", default_value = "2026-01-31")]
    as_of: String,
    /// Only these tables.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    tables: Vec<String>,
    /// The folder of the data; `-` for standard output.
    #[arg(long, short, value_name = "DIR|-", default_value = "data")]
    out: PathBuf,
    /// csv, ndjson, json or parquet; the contract's by default.
    #[arg(long, value_enum, value_name = "FORMAT", hide_possible_values = true)]
    format: Option<FormatArg>,
    /// gzip, zstd or none; what the contract's paths end in by default.
    #[arg(long, value_enum, value_name = "HOW", hide_possible_values = true)]
    compress: Option<CompressArg>,
    /// Files a table.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    files: u64,
    /// Only the k-th of n parts; one after the other they are the whole.
    #[arg(long, value_name = "K/N", value_parser = part)]
    part: Option<Part>,
    /// A load target instead, as `karat load --to` takes it.
    #[arg(long, value_name = "TARGET", conflicts_with_all = ["out", "format", "compress", "files", "part"])]
    to: Option<String>,
    #[command(flatten)]
    access: AccessArgs,
    /// Faults of a file or a preset (light, heavy, …), or none at all.
    #[arg(long, value_name = "FILE|PRESET|none")]
    faults: Option<String>,
    /// Where faults are told; manifest.ndjson beside the data by default.
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// Write the manifest, not the data.
    #[arg(long, conflicts_with = "to")]
    manifest_only: bool,
    /// Also N change batches for upserts, and the state they lead to.
    #[arg(long, value_name = "N", conflicts_with_all = ["to", "part", "faults", "manifest_only"])]
    updates: Option<u32>,
    /// Replace what is there.
    #[arg(long)]
    overwrite: bool,
    /// Worker threads; all cores by default.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatArg {
    Csv,
    Ndjson,
    Json,
    Parquet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CompressArg {
    None,
    Gzip,
    Zstd,
}

/// Runs the command.
///
/// # Errors
/// As [`generate::generate`].
pub fn run(args: &GenerateArgs, terminal: &Terminal) -> Result<u8> {
    let (contract, beside) = contract_of(args, terminal)?;
    let faults = faults(args, &contract, terminal)?;
    let settings = settings(args)?;
    let started = (Instant::now(), clock());
    let streams = args.out.as_os_str() == "-" && args.to.is_none() && !args.manifest_only;
    let options = options(args, &settings)?;
    sensible(args, &contract, &faults, streams)?;
    let told_in = manifest(args, &faults, streams);
    let request = Request {
        contract: &contract,
        options,
        tables: &args.tables,
        format: args.format.map(FormatArg::format),
        packing: args.compress.map(CompressArg::packing),
        files: args.files,
        part: args.part,
        faults: &faults,
        to: destination(args, streams, started.1)?,
        manifest: told_in.clone(),
        beside: &beside,
        updates: args.updates.unwrap_or(0),
        overwrite: args.overwrite,
        mark: format!("karat-{:x}", std::process::id()),
    };
    let bar = Bar::of_rows(&settings.progress, terminal.progress());
    let result = generate::generate(request, &settings);
    drop(bar);
    let summary = match result {
        // A reader that went away has what it wanted.
        Err(error) if streams && is_broken_pipe(&error) => return Ok(0),
        other => other?,
    };
    let mut text = told(&summary, started.0.elapsed().as_secs_f64(), terminal);
    if told_in.is_none() && summary.tables.iter().any(|(_, written)| written.faults > 0) {
        text.push_str("the faults are told nowhere: name a file with --manifest\n");
    }
    if streams {
        terminal.remark(text.trim_end());
    } else {
        terminal.result(&text);
    }
    Ok(0)
}

/// Reads the contract; that of a preset is to be written beside the data.
fn contract_of(args: &GenerateArgs, terminal: &Terminal) -> Result<(Contract, Vec<(String, String)>)> {
    if let Some(path) = &args.contract {
        let shown = path.display().to_string();
        return Ok((read_contract_text(&shown, &contract_text(path)?, terminal.color_errors())?, Vec::new()));
    }
    let told = |message: String| {
        let presets = generate::presets().map(|(name, doc)| format!("{name:<14} {doc}"));
        presets.fold(Error::usage(message), Error::hint).hint("give a contract of your own with --contract")
    };
    let name = args.preset.as_deref().ok_or_else(|| told("there is nothing to make: name a preset".to_owned()))?;
    let (file, text) = generate::preset(name).ok_or_else(|| told(format!("there is no preset `{name}`")))?;
    let contract = read_contract_text(file, text, terminal.color_errors())?;
    let beside = if args.out.as_os_str() == "-" || args.to.is_some() || args.manifest_only {
        Vec::new()
    } else {
        vec![(file.to_owned(), text.to_owned())]
    };
    Ok((contract, beside))
}

fn faults(args: &GenerateArgs, contract: &Contract, terminal: &Terminal) -> Result<Vec<FaultSpec>> {
    if args.updates.unwrap_or(0) > 0 {
        // What the batches lead to is told by files of clean rows.
        return Ok(Vec::new());
    }
    let Some(wanted) = args.faults.as_deref() else { return Ok(contract.faults.clone()) };
    if wanted == "none" {
        return Ok(Vec::new());
    }
    let format = if args.to.is_some() { Some(Format::Parquet) } else { args.format.map(FormatArg::format) };
    if let Some(faults) = generate::fault_preset(wanted, contract, format) {
        if faults.is_empty() {
            return Err(Error::usage(format!("none of the faults of `{wanted}` fits the tables of the contract")));
        }
        return Ok(faults);
    }
    let path = Path::new(wanted);
    let text = std::fs::read_to_string(path).map_err(|error| {
        let error = Error::usage(format!("cannot read the faults {wanted}")).because(error);
        generate::fault_presets().fold(error, |error, (name, doc)| error.hint(format!("{name:<8} {doc}")))
    })?;
    contract::faults(&text, contract).map_err(|complaints| {
        let shown = render::text::clean(wanted);
        let page = contract::diagnose::render(&shown, &text, &complaints, terminal.color_errors());
        Error::new(ErrorKind::Contract, page)
    })
}

fn settings(args: &GenerateArgs) -> Result<Settings> {
    let day = Pattern::default_for(&DataType::Date).date(args.as_of.as_bytes());
    let today =
        day.ok_or_else(|| Error::usage(format!("--as-of {} is not a day", args.as_of)).hint("write it as 2026-01-31"))?;
    let mut settings = Settings::new(Context { today, now: i64::from(today) * 86_400_000_000 });
    settings.threads = threads(args.threads);
    settings.interrupted = signals::flag();
    Ok(settings)
}

/// Refuses what would be passed over in silence.
fn sensible(args: &GenerateArgs, contract: &Contract, faults: &[FaultSpec], streams: bool) -> Result<()> {
    if args.manifest_only && faults.is_empty() {
        return Err(Error::usage("--manifest-only lists faults, and none are asked for")
            .hint("name some with --faults, or under `faults:` in the contract"));
    }
    if streams && args.updates.unwrap_or(0) > 0 {
        return Err(Error::usage("--updates makes several files, which standard output cannot take")
            .hint("name a folder with --out"));
    }
    let named = |table: &str| args.rows.iter().any(|rows| rows.split_once('=').is_some_and(|(name, _)| name == table));
    let free = |table: &Table| table.generation.rows.is_none() && !named(&table.name);
    if let Some(rows) = args.rows.iter().find(|rows| !rows.contains('='))
        && !contract.tables.iter().any(free)
    {
        let first = contract.tables.first().map_or("table", |table| table.name.as_str());
        return Err(Error::usage(format!("--rows {rows} changes nothing: every table has a number of rows already"))
            .hint(format!("name the table: --rows {first}={rows}; or multiply all with --scale")));
    }
    Ok(())
}

fn options(args: &GenerateArgs, settings: &Settings) -> Result<Options> {
    let mut options = Options {
        seed: args.seed,
        as_of: settings.context.today,
        rows: Vec::new(),
        default_rows: 1000,
        scale: args.scale,
    };
    if !(args.scale.is_finite() && args.scale >= 0.0) {
        return Err(Error::usage(format!("--scale {} is no factor", args.scale)));
    }
    for text in &args.rows {
        let (table, number) =
            text.split_once('=').map_or((None, text.as_str()), |(table, number)| (Some(table), number));
        let rows = count(number).ok_or_else(|| {
            Error::usage(format!("--rows {text}: `{number}` is no number of rows"))
                .hint("write 1000, 1_000_000, 500k, 2M or 1e6, for one table behind its name: customers=1e6")
        })?;
        match table {
            Some(table) => options.rows.push((table.to_owned(), rows)),
            None => options.default_rows = rows,
        }
    }
    Ok(options)
}

/// Reads a count: `1000`, `1_000_000`, `500k`, `2M`, `1.5e6`; it must be whole.
fn count(text: &str) -> Option<u64> {
    let text: String = text.trim().chars().filter(|character| *character != '_').collect();
    let (digits, power) = match text.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 3),
        None => match text.strip_suffix(['m', 'M']) {
            Some(digits) => (digits, 6),
            None => match text.strip_suffix(['g', 'G', 'b', 'B']) {
                Some(digits) => (digits, 9),
                None => (text.as_str(), 0),
            },
        },
    };
    let (digits, power) = match digits.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, power + exponent.parse::<u32>().ok()?),
        None => (digits, power),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let power = power.checked_sub(u32::try_from(fraction.len()).ok()?)?;
    format!("{whole}{fraction}").parse::<u64>().ok()?.checked_mul(10_u64.checked_pow(power)?)
}

fn part(text: &str) -> std::result::Result<Part, String> {
    let wrong = || format!("`{text}` is no part: write 1/8 to 8/8");
    let (number, of) = text.split_once('/').ok_or_else(wrong)?;
    let (number, of) = (number.parse().map_err(|_| wrong())?, of.parse().map_err(|_| wrong())?);
    if of == 0 || !(1..=of).contains(&number) {
        return Err(wrong());
    }
    Ok(Part { number, of })
}

fn destination(args: &GenerateArgs, streams: bool, started: i64) -> Result<Destination<'_>> {
    if let Some(target) = &args.to {
        let sink = open_target(target, &TargetOptions { access: args.access.access()?, ..TargetOptions::default() })?;
        return Ok(Destination::Target { sink, load_id: load_id(started), loaded_at: rfc3339(started) });
    }
    Ok(if args.manifest_only {
        Destination::Nothing
    } else if streams {
        Destination::Stream(Box::new(std::io::stdout()))
    } else {
        Destination::Folder(&args.out)
    })
}

/// Where the manifest goes: where it was asked to, else beside the data, if there are faults to tell.
fn manifest(args: &GenerateArgs, faults: &[FaultSpec], streams: bool) -> Option<PathBuf> {
    let told = !faults.is_empty() && !streams && args.to.is_none();
    let beside = || told.then(|| args.out.join("manifest.ndjson"));
    args.manifest.clone().or_else(beside)
}

fn is_broken_pipe(error: &Error) -> bool {
    let source = error.source.as_deref().and_then(|source| source.downcast_ref::<std::io::Error>());
    source.is_some_and(|source| source.kind() == std::io::ErrorKind::BrokenPipe)
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "for people")]
fn told(summary: &Summary, seconds: f64, terminal: &Terminal) -> String {
    let number = render::text::thousands;
    let dirty = summary.tables.iter().any(|(_, written)| written.faults > 0);
    let rows: Vec<[String; 5]> = summary
        .tables
        .iter()
        .map(|(name, written)| {
            let faults = if dirty { number(written.faults) } else { String::new() };
            [name.clone(), number(written.rows), number(written.files), number(written.stored), faults]
        })
        .collect();
    let names = ["table", "rows", "files", "bytes", if dirty { "faults" } else { "" }];
    let mut text = render::text::table(&names, &rows, terminal.style());
    let total = |of: fn(&generate::Written) -> u64| summary.tables.iter().map(|(_, written)| of(written)).sum::<u64>();
    let (rows, bytes) = (total(|written| written.rows), total(|written| written.plain));
    let seconds = seconds.max(0.001);
    let _ = writeln!(
        text,
        "{} rows in {seconds:.2} s: {} rows/s, {:.0} MB/s",
        number(rows),
        number((rows as f64 / seconds) as u64),
        bytes as f64 / seconds / 1e6
    );
    for note in &summary.notes {
        let _ = writeln!(text, "{note}");
    }
    text
}

impl FormatArg {
    const fn format(self) -> Format {
        match self {
            Self::Csv => Format::Csv,
            Self::Ndjson => Format::Ndjson,
            Self::Json => Format::Json,
            Self::Parquet => Format::Parquet,
        }
    }
}

impl CompressArg {
    const fn packing(self) -> Packing {
        match self {
            Self::None => Packing::None,
            Self::Gzip => Packing::Gzip,
            Self::Zstd => Packing::Zstd,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::generation::AS_OF;

    #[test]
    fn counts_have_many_spellings() {
        for (text, want) in [
            ("0", Some(0)),
            ("1000", Some(1000)),
            ("1_000_000", Some(1_000_000)),
            ("500k", Some(500_000)),
            ("2M", Some(2_000_000)),
            ("1e6", Some(1_000_000)),
            ("1.5e3", Some(1500)),
            ("1.50k", Some(1500)),
            ("1.5", None),
            ("-1", None),
            ("", None),
            ("k", None),
            ("1e99", None),
            ("many", None),
        ] {
            assert_eq!(count(text), want, "{text}");
        }
    }

    #[test]
    fn parts_are_within_their_number() {
        assert_eq!(part("3/8"), Ok(Part { number: 3, of: 8 }));
        for wrong in ["0/8", "9/8", "1/0", "1", "a/b"] {
            assert!(part(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Pattern::default_for(&DataType::Date).date(b"2026-01-31"), Some(AS_OF));
    }
}
