//! `karat profile`.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::cli::access::ServerArgs;
use crate::cli::common::{Run, Spool, read_contract, threads};
use crate::cli::outputs::{check_files, put};
use crate::cli::progress::Bar;
use crate::cli::signals;
use crate::cli::terminal::Terminal;
use crate::model::{Context, Error, Profile, Result};
use crate::ops::Settings;
use crate::ops::profile::inputs::{self, Wanted};
use crate::ops::profile::{Input, Options, profile};
use crate::render;
use crate::render::text::Style;

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shown {
    Text,
    Json,
}

/// Shows what is in files: types, distinct values, quantiles, masks, oddities. Broken records are counted, not fatal.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  karat profile orders.csv                        one row a column
  karat profile orders.csv --column email         everything about one column
  karat profile 'in/orders-*.csv.gz' customers.csv    two tables; foreign keys between them
  karat profile orders.csv -o monday.json         save it, for `karat merge` and `karat drift`
  karat profile orders.csv -o orders.html         one page to send on
  karat profile orders.csv -c shop.yaml --table orders    read as the contract says
  karat profile orders=shop.duckdb                a table of a database; without a name, all
  curl -s URL | karat profile -                   standard input

Columns that seem to hold personal data show the shapes of their values only.")]
pub struct ProfileArgs {
    /// Files, globs, folders, DuckDB files, `table=path`, `mysql://…?table=…`, `s3://…`, or `-`; each a table of its own.
    #[arg(value_name = "FILES")]
    files: Vec<String>,
    /// Read the files as this contract says.
    #[arg(long, short, value_name = "FILE")]
    contract: Option<PathBuf>,
    /// The contract's table; needed where it has several.
    #[arg(long, value_name = "NAME", requires = "contract")]
    table: Option<String>,
    /// Show everything about one column.
    #[arg(long, value_name = "NAME")]
    column: Option<String>,
    /// Save the profile: JSON, or what the name's ending says (.html, .txt).
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Shown::Text, value_name = "FORM")]
    format: Shown,
    /// Show personal values as they are.
    #[arg(long)]
    unmask: bool,
    /// Save no sketches: a small file that cannot be merged or compared.
    #[arg(long)]
    no_state: bool,
    /// Leave out when and how fast it ran: the same bytes for the same data.
    #[arg(long)]
    no_timestamps: bool,
    #[command(flatten)]
    servers: ServerArgs,
    /// Worker threads; all cores by default.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
}

/// Runs the command.
///
/// # Errors
/// Where a file cannot be read or written, or there is no such column.
pub fn run(args: &ProfileArgs, terminal: &Terminal) -> Result<u8> {
    let spool = Spool::new();
    let inputs = find(args, &spool, terminal)?;
    let mut settings = Settings::new(Context { today: 0, now: 0 });
    settings.threads = threads(args.threads);
    settings.spool = Some(spool.path().to_owned());
    settings.interrupted = signals::flag();
    let files: Vec<&Path> = inputs
        .iter()
        .flat_map(|input| &input.files)
        .map(|file| file.path.as_path())
        .chain(args.contract.as_deref())
        .collect();
    check_files("--output", args.output.as_deref(), &files)?;
    let run = Run::start(settings.threads);
    let bar = Bar::start(&settings.progress, terminal.progress());
    let result = profile(&inputs, Options { unmask: args.unmask, keep_state: !args.no_state }, &settings);
    drop(bar);
    let mut profile = result?;
    if !args.no_timestamps {
        profile.run = Some(run.describe(None, None, None));
    }
    show(args, &profile, terminal)?;
    if let Some(output) = &args.output {
        save(&profile, output, terminal)?;
    }
    Ok(0)
}

fn find(args: &ProfileArgs, spool: &Spool, terminal: &Terminal) -> Result<Vec<Input>> {
    let stdin = &mut std::io::stdin().lock();
    let servers = &args.servers.servers(threads(args.threads))?;
    let mut wanted = Wanted { files: &args.files, spool: spool.path(), stdin, servers };
    let Some(path) = &args.contract else { return inputs::sniffed(&mut wanted) };
    let contract = read_contract(path, terminal.color_errors())?;
    let names = || contract.tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>().join(", ");
    let table = match &args.table {
        Some(name) => contract.tables.iter().position(|table| table.name == *name),
        None => (contract.tables.len() == 1).then_some(0),
    };
    let table = table.ok_or_else(|| {
        let message = args.table.as_ref().map_or_else(
            || "the contract has several tables".to_owned(),
            |name| format!("the contract has no table `{name}`"),
        );
        Error::usage(message).hint(format!("say which with --table: {}", names()))
    })?;
    inputs::declared(&contract, table, &mut wanted)
}

fn show(args: &ProfileArgs, profile: &Profile, terminal: &Terminal) -> Result<()> {
    // A pipe is as wide as it needs.
    let width = if std::io::stdout().is_terminal() { terminal.style().width } else { usize::MAX };
    let style = Style { width, ..terminal.style() };
    if let Some(name) = &args.column {
        return terminal.deliver(&cards(profile, name, style)?);
    }
    match args.format {
        Shown::Json if args.output.is_none() => terminal.deliver(&render::profile::json(profile)),
        Shown::Json => Ok(()),
        Shown::Text => {
            terminal.result(&render::profile::text(profile, style));
            Ok(())
        }
    }
}

fn cards(profile: &Profile, name: &str, style: Style) -> Result<String> {
    let found = profile.tables.iter().filter_map(|table| table.column(name).map(|column| (table, column)));
    let cards: Vec<String> = found.map(|(table, column)| render::profile::card(table, column, style)).collect();
    if cards.is_empty() {
        let columns = profile.tables.iter().flat_map(|table| &table.columns).map(|column| column.name.as_str());
        return Err(Error::usage(format!("there is no column `{name}`"))
            .hint(format!("there are {}", columns.collect::<Vec<_>>().join(", "))));
    }
    Ok(cards.join("\n"))
}

/// Writes a profile to a file, in the form its name asks for.
///
/// # Errors
/// Where it cannot be written.
pub fn save(profile: &Profile, output: &Path, terminal: &Terminal) -> Result<()> {
    let ending = output.extension().and_then(|ending| ending.to_str()).unwrap_or("json");
    let name = if ending == "txt" { "text" } else { ending };
    let form = render::profile::FORMS.iter().find(|form| form.name == name);
    let text = form.map_or_else(|| render::profile::json(profile), |form| (form.render)(profile));
    if output.as_os_str() == "-" {
        return terminal.deliver(&text);
    }
    put(output, &text)
}
