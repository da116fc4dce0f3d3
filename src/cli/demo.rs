//! `karat demo`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::common::{Run, clock, deliver, read_contract, rfc3339, threads};
use crate::cli::load::load_id;
use crate::cli::outputs::put;
use crate::cli::signals;
use crate::cli::terminal::Terminal;
use crate::model::generation::AS_OF;
use crate::model::{Context, Result};
use crate::ops::Settings;
use crate::ops::check::{CheckRequest, check};
use crate::ops::inputs::{Servers, Wanted, resolve};
use crate::ops::load::{LoadRequest, Mode, TargetOptions, load, open_target};
use crate::ops::refused::RejectFolder;
use crate::render;

/// Makes a small dirty shop, checks it, loads the clean rows into an embedded database and keeps every reject.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  karat demo
  karat demo --dir /tmp/shop --seed 7")]
pub struct DemoArgs {
    /// A folder that is empty or not there yet.
    #[arg(long, value_name = "DIR", default_value = "karat-demo")]
    dir: PathBuf,
    /// Another seed makes another shop.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// Runs the command. A demo that ran is a success, although its gate fails on purpose.
///
/// # Errors
/// Where the folder is not empty or cannot be written.
pub fn run(args: &DemoArgs, terminal: &Terminal) -> Result<u8> {
    // The shop's own day, so that it and its report are the same every day.
    let mut settings = Settings::new(Context { today: AS_OF, now: i64::from(AS_OF) * 86_400_000_000 });
    settings.threads = threads(None);
    settings.interrupted = signals::flag();
    let shop = crate::ops::demo::write(&args.dir, args.seed, &settings)?;
    let shown = |name: &str| args.dir.join(name).display().to_string();
    terminal.result(&format!(
        "1. Made a shop and planted {} faults in it: {} files in {}\n\n",
        shop.faults,
        shop.files,
        args.dir.display()
    ));

    let contract = read_contract(&shop.contract, terminal.color_errors())?;
    let wanted = Wanted {
        files: &[],
        data: Some(&shop.data),
        spool: &args.dir,
        stdin: &mut std::io::empty(),
        servers: &Servers::default(),
    };
    let inputs = resolve(&contract, wanted)?;

    terminal.result("2. Checked it against retail.yaml:\n\n");
    let run = Run::start(settings.threads);
    let request = CheckRequest { contract: &contract, inputs: &inputs, rejects: None, allow_empty: false };
    let mut report = check(&request, &settings)?;
    report.run = Some(run.describe(None, None, None));
    deliver(&report, &[], terminal)?;

    let (target, rejects) = (target(args), args.dir.join("rejects"));
    terminal.result(&format!("\n3. Loaded the clean rows into {target}, and kept the rejects:\n\n"));
    let run = Run::start(settings.threads);
    let started = clock();
    let request = LoadRequest {
        contract: &contract,
        inputs: &inputs,
        sink: open_target(&target, &TargetOptions::default())?,
        mode: Mode::Append,
        rejects: RejectFolder { path: &rejects, overwrite: false },
        force: false,
        max_rejects: None,
        allow_empty: false,
        load_id: load_id(started),
        loaded_at: rfc3339(started),
    };
    let load_name = request.load_id.clone();
    let mut report = load(request, &settings)?;
    report.run = Some(run.describe(Some(target.clone()), Some(load_name), Some(&rejects)));
    let file = args.dir.join("report.json");
    put(&file, &render::json::render(&report))?;
    for table in &report.tables {
        let loaded = table.loaded.unwrap_or(0);
        let name = &table.table;
        let line =
            format!("   {name:<13} {:>5} read = {loaded:>5} loaded + {:>2} rejected", table.records, table.rejected);
        terminal.result(&format!("{line}\n"));
    }
    terminal.result(&next_steps(args, &target, &shown));
    Ok(0)
}

fn target(args: &DemoArgs) -> String {
    if cfg!(feature = "duckdb") {
        args.dir.join("shop.duckdb").display().to_string()
    } else {
        format!("parquet:{}", args.dir.join("shop").display())
    }
}

fn next_steps(args: &DemoArgs, target: &str, shown: &dyn Fn(&str) -> String) -> String {
    let contract = shown("retail.yaml");
    format!(
        "\nNow try:
  cat {reasons}
      why each record was refused, with line and byte
  karat check {data} -c {contract}
      the gate alone; its exit code is 1
  karat load {data} -c {contract} --to {target} --rejects {again}
      the same files again: noticed and skipped
  mend {refused}, then
  karat load --replay {rejects} -c {contract} --to {target} --rejects {again}
      load what you mended
  karat check {data} -c {contract} --score {manifest} --as-of 2026-01-31
      which of the planted faults the contract's rules notice
  karat explain P001
      what a code means
Everything is in {dir}; the report is {report}.
",
        reasons = shown("rejects/customers.reasons.ndjson"),
        data = shown("data"),
        manifest = shown("manifest.ndjson"),
        refused = shown("rejects/customers.rejects.csv"),
        rejects = shown("rejects"),
        again = shown("rejects-2"),
        dir = args.dir.display(),
        report = shown("report.json"),
    )
}
