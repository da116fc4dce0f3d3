//! The command line: one file a command. Only here karat speaks to terminal, clock and environment.

pub mod access;
pub mod baseline;
pub mod check;
pub mod common;
pub mod completions;
pub mod contract;
pub mod demo;
pub mod drift;
pub mod explain;
pub mod generate;
pub mod history;
pub mod infer;
pub mod load;
pub mod man;
mod memory;
pub mod merge;
pub mod outputs;
pub mod profile;
pub mod progress;
pub mod rules;
pub mod signals;
pub mod sql;
pub mod terminal;
pub mod undo;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::cli::terminal::{Color, Terminal};
use crate::model::Result;

const EXAMPLES: &str = "\
Examples:
  karat demo                                     the whole path on made-up data
  karat generate retail --out shop               test data, and the contract it keeps
  karat infer products.csv -o products.yaml      a first contract, each rule with its evidence
  karat check products.csv -c products.yaml      judge a file; exit code 1 if it breaks the contract
  karat load data/ -c retail.yaml --to shop.duckdb --rejects rejects
  karat load --replay rejects -c retail.yaml --to shop.duckdb --rejects rejects-2
  karat profile orders.csv                       what is in a file: types, values, oddities
  karat contract lint retail.yaml                every mistake of a contract, with line and hint
  karat explain unique                           what a rule kind or a code means

Exit codes:
  0 gate passed · 1 gate failed (`load` still loads the clean rows) · 2 usage or contract error
  3 the run could not finish, nothing was committed";

const GLOBAL: &str = "Global options";

/// Gates files and loads only the clean rows, with every rejected byte kept.
#[derive(Debug, Parser)]
#[command(name = "karat", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Colours: auto follows the terminal and `NO_COLOR`.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN", help_heading = GLOBAL)]
    color: Color,
    /// Print errors only.
    #[arg(long, short, global = true, help_heading = GLOBAL)]
    quiet: bool,
    /// Reports list every rule, not only the broken ones.
    #[arg(long, short, global = true, help_heading = GLOBAL)]
    verbose: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge files against a contract.
    Check(check::CheckArgs),
    /// Make the tables of a contract: realistic rows, the same every time, with planted faults if asked.
    Generate(generate::GenerateArgs),
    /// Load the clean rows of files, and keep every reject with its reasons.
    Load(load::LoadArgs),
    /// Show what is in files, in one pass.
    Profile(profile::ProfileArgs),
    /// Make one profile of several saved ones.
    Merge(merge::MergeArgs),
    /// Compare two profiles; exit code 1 where they differ too much.
    Drift(drift::DriftArgs),
    /// Make a small dirty shop, check it and load it, in an empty folder.
    Demo(demo::DemoArgs),
    /// Write a first contract for files, each rule with its evidence.
    Infer(infer::InferArgs),
    /// List the loads a target took.
    History(history::HistoryArgs),
    /// Take the rows of one load out of a target again.
    Undo(undo::UndoArgs),
    /// Work on contract files.
    Contract(contract::ContractArgs),
    /// Write SQL: tables, and scripts that load a warehouse.
    Sql(sql::SqlArgs),
    /// List the rule kinds.
    Rules(rules::RulesArgs),
    /// Explain a rule kind or a code.
    Explain(explain::ExplainArgs),
    /// Write down what is broken today, for `check --baseline`.
    Baseline(baseline::BaselineArgs),
    /// Print the completions of a shell.
    Completions(completions::CompletionsArgs),
    /// Print the man page, or write all of them.
    Man(man::ManArgs),
}

/// Runs the program on the process's arguments and gives its exit code.
#[must_use]
pub fn run() -> ExitCode {
    memory::keep_freed();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; clap knows which stream each goes to.
            let code = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let terminal = Terminal::new(cli.color, cli.quiet, cli.verbose);
    match dispatch(cli.command, &terminal) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            terminal.error(&error);
            ExitCode::from(signals::exit_code().unwrap_or_else(|| error.exit_code()))
        }
    }
}

fn dispatch(command: Command, terminal: &Terminal) -> Result<u8> {
    match command {
        Command::Check(args) => check::run(&args, terminal),
        Command::Generate(args) => generate::run(&args, terminal),
        Command::Load(args) => load::run(&args, terminal),
        Command::Profile(args) => profile::run(&args, terminal),
        Command::Merge(args) => merge::run(&args, terminal),
        Command::Drift(args) => drift::run(&args, terminal),
        Command::Demo(args) => demo::run(&args, terminal),
        Command::Infer(args) => infer::run(&args, terminal),
        Command::History(args) => history::run(&args, terminal),
        Command::Undo(args) => undo::run(&args, terminal),
        Command::Contract(args) => contract::run(args, terminal),
        Command::Sql(args) => sql::run(&args, terminal),
        Command::Rules(args) => rules::run(&args, terminal),
        Command::Explain(args) => explain::run(&args, terminal),
        Command::Baseline(args) => baseline::run(&args, terminal),
        Command::Completions(args) => completions::run(&args, terminal),
        Command::Man(args) => man::run(&args, terminal),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn pages(command: &mut clap::Command, found: &mut Vec<String>) {
        // A help of several paragraphs turns `--help` into the long form of clap, which fits no screen.
        for arg in command.get_arguments() {
            let values = arg.get_possible_values();
            let told = values.iter().any(|value| value.get_help().is_some());
            assert!(arg.get_long_help().is_none() && !told, "{}", arg.get_id());
        }
        found.push(command.render_help().to_string());
        for part in command.get_subcommands_mut() {
            pages(part, found);
        }
    }

    #[test]
    fn every_help_fits_a_screen() {
        let mut command = Cli::command();
        command.build();
        let mut found = Vec::new();
        pages(&mut command, &mut found);
        assert!(found.len() > 8);
        for page in found {
            assert!(page.lines().count() <= 50, "{page}");
            assert!(page.lines().all(|line| line.chars().count() <= 100), "{page}");
        }
    }
}
