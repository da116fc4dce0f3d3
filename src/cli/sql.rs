//! `karat sql`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::common::read_contract;
use crate::cli::outputs::put;
use crate::cli::terminal::Terminal;
use crate::model::{Error, Report, Result};
use crate::ops::scripts::{self, Mode, Options, Request, Stage, Warehouse};
use crate::render;
use crate::render::text::counted;

/// Writes SQL from a contract. Nothing is run, and no script holds a secret.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  karat sql ddl -c retail.yaml --dialect snowflake
  karat load data/ -c retail.yaml --to csv:parts --report json=report.json
  karat sql load -c retail.yaml --dialect redshift --parts parts \\
      --report report.json --out scripts")]
pub struct SqlArgs {
    #[command(subcommand)]
    command: SqlCommand,
}

#[derive(Debug, Subcommand)]
enum SqlCommand {
    /// Print CREATE TABLE of a contract's tables.
    Ddl(DdlArgs),
    /// Write the scripts that load parts into a warehouse.
    Load(Box<LoadArgs>),
}

/// Prints CREATE TABLE of a contract's tables; for a warehouse as the load scripts make them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  karat sql ddl -c retail.yaml --dialect duckdb
  karat sql ddl -c retail.yaml --dialect redshift --schema shop --sort-key created_at")]
struct DdlArgs {
    /// The database.
    #[arg(long, value_enum, value_name = "NAME")]
    dialect: DdlDialect,
    #[command(flatten)]
    tables: TableArgs,
}

/// What concerns the tables, not their load.
#[derive(Debug, Args)]
struct TableArgs {
    /// The contract.
    #[arg(long, short, value_name = "FILE")]
    contract: PathBuf,
    /// The schema, made if it is not there; the session's by default.
    #[arg(long, value_name = "NAME")]
    schema: Option<String>,
    /// Redshift: spread rows by [TABLE.]COLUMN; even, all or auto.
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    dist_key: Vec<String>,
    /// Redshift: sort rows by [TABLE.]COLUMN,…; auto.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    sort_key: Vec<String>,
    /// Snowflake: cluster rows by [TABLE.]COLUMN,…; none.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    cluster_by: Vec<String>,
    /// Snowflake: keep the contract's spelling of names, else in capitals.
    #[arg(long)]
    exact_names: bool,
}

/// Writes scripts that load parts into a warehouse: tables, COPY, checks, merge, history, rollback, grants.
#[derive(Debug, Args)]
#[command(after_help = "\
Parts are those of `karat load --to csv:DIR`. DIR gets <table>.load.sql,
<table>.rollback.sql, <table>.manifest (Redshift), grants.sql: see docs/sql.md.

Examples:
  karat sql load -c shop.yaml --dialect redshift --parts parts --out scripts \\
      --report report.json --stage s3://bucket/in --iam-role default
  karat sql load -c shop.yaml --dialect snowflake --parts parts --mode upsert")]
struct LoadArgs {
    /// The warehouse.
    #[arg(long, value_enum, value_name = "NAME")]
    dialect: LoadDialect,
    #[command(flatten)]
    tables: TableArgs,
    /// The parts: their folder, files, manifests, names below the stage or URLs; table=PATH.
    #[arg(long, required = true, num_args = 1.., value_name = "FILES")]
    parts: Vec<String>,
    /// Only this table; may be repeated.
    #[arg(long = "table", value_name = "NAME")]
    only: Vec<String>,
    /// karat's JSON report of the load: its counts become checks.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// The load's id; by default the report's or the parts'.
    #[arg(long, value_name = "ID")]
    load_id: Option<String>,
    /// How rows enter the table.
    #[arg(long, value_enum, default_value_t = ModeArg::Append)]
    mode: ModeArg,
    /// Where the parts wait: `s3://BUCKET/PREFIX`, or Snowflake's `@NAME/PATH`.
    #[arg(long, value_name = "URL")]
    stage: Option<String>,
    /// Redshift: the role that reads the stage, or `default`.
    #[arg(long, value_name = "ARN")]
    iam_role: Option<String>,
    /// Redshift: the bucket's region, where it is another.
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
    /// Snowflake: the integration that reads the bucket.
    #[arg(long, value_name = "NAME")]
    storage_integration: Option<String>,
    /// Who is granted what: reader=NAME or loader=NAME; may be repeated.
    #[arg(long, value_name = "ROLE", value_parser = role)]
    role: Vec<(bool, String)>,
    /// Write files to this folder; one script is printed without.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DdlDialect {
    Duckdb,
    Redshift,
    Snowflake,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LoadDialect {
    Redshift,
    Snowflake,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ModeArg {
    Append,
    Upsert,
    Replace,
}

/// Runs the command.
///
/// # Errors
/// Where the contract has mistakes, an option is wrong, or a file cannot be read or written.
pub fn run(args: &SqlArgs, terminal: &Terminal) -> Result<u8> {
    match &args.command {
        SqlCommand::Ddl(args) => {
            let contract = read_contract(&args.tables.contract, terminal.color_errors())?;
            let warehouse = match args.dialect {
                DdlDialect::Duckdb => None,
                DdlDialect::Redshift => Some(Warehouse::Redshift),
                DdlDialect::Snowflake => Some(Warehouse::Snowflake),
            };
            terminal.deliver(&scripts::tables(&contract, warehouse, &args.tables.options())?)?;
        }
        SqlCommand::Load(args) => load(args, terminal)?,
    }
    Ok(0)
}

fn load(args: &LoadArgs, terminal: &Terminal) -> Result<()> {
    let contract = read_contract(&args.tables.contract, terminal.color_errors())?;
    let report = args.report.as_deref().map(read_report).transpose()?;
    let roles = |reads: bool| -> Vec<String> {
        args.role.iter().filter(|(reader, _)| *reader == reads).map(|(_, name)| name.clone()).collect()
    };
    let options = Options {
        stage: args.stage.as_deref().map(Stage::read).transpose()?,
        load_id: args.load_id.clone(),
        mode: match args.mode {
            ModeArg::Append => Mode::Append,
            ModeArg::Upsert => Mode::Upsert,
            ModeArg::Replace => Mode::Replace,
        },
        iam_role: args.iam_role.clone(),
        region: args.region.clone(),
        storage_integration: args.storage_integration.clone(),
        readers: roles(true),
        loaders: roles(false),
        ..args.tables.options()
    };
    let bundle = scripts::load(Request {
        contract: &contract,
        warehouse: match args.dialect {
            LoadDialect::Redshift => Warehouse::Redshift,
            LoadDialect::Snowflake => Warehouse::Snowflake,
        },
        options,
        parts: &args.parts,
        tables: &args.only,
        report: report.as_ref(),
    })?;
    for table in &bundle.skipped {
        terminal.remark(&format!("{table} has no parts: nothing is written for it"));
    }
    let Some(out) = &args.out else { return terminal.deliver(&bundle.text(!args.role.is_empty())) };
    std::fs::create_dir_all(out).map_err(|error| Error::writing(out, error))?;
    let files = bundle.files();
    for (name, text) in &files {
        put(&out.join(name), text)?;
    }
    terminal.result(&format!("{} in {}\n", counted(files.len() as u64, "file"), out.display()));
    Ok(())
}

impl TableArgs {
    fn options(&self) -> Options {
        Options {
            schema: self.schema.clone(),
            exact_names: self.exact_names,
            dist_key: self.dist_key.clone(),
            sort_key: self.sort_key.clone(),
            cluster_by: self.cluster_by.clone(),
            ..Options::default()
        }
    }
}

fn read_report(path: &Path) -> Result<Report> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::usage(format!("cannot read the report {shown}")).because(error))?;
    render::json::parse(&text).map_err(|error| {
        Error::usage(format!("{shown} is no report")).because(error).hint("`karat load --report json=FILE` writes one")
    })
}

/// Reads `reader=NAME` or `loader=NAME`: whether it reads, and the name.
fn role(text: &str) -> std::result::Result<(bool, String), String> {
    match text.split_once('=') {
        Some(("reader", name)) if !name.is_empty() => Ok((true, name.to_owned())),
        Some(("loader", name)) if !name.is_empty() => Ok((false, name.to_owned())),
        _ => Err(format!("`{text}` is neither reader=NAME nor loader=NAME")),
    }
}
