//! `karat contract`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::common::read_contract;
use crate::cli::terminal::Terminal;
use crate::contract;
use crate::model::Result;
use crate::render::text::counted;

/// Works on contract files.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  karat contract lint retail.yaml
  karat contract schema > karat.schema.json     for an editor that completes YAML
  karat contract reference > contract.md")]
pub struct ContractArgs {
    #[command(subcommand)]
    command: ContractCommand,
}

#[derive(Debug, Subcommand)]
enum ContractCommand {
    /// Find every mistake in contracts; exit code 2 where there is one.
    Lint {
        /// Contract files.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Print the JSON Schema of contracts, for editors.
    Schema,
    /// Print the reference of all keys, as Markdown.
    Reference,
}

/// Runs the command.
///
/// # Errors
/// Where a contract has mistakes.
pub fn run(args: ContractArgs, terminal: &Terminal) -> Result<u8> {
    match args.command {
        ContractCommand::Lint { files } => {
            let mut code = 0;
            for file in files {
                match read_contract(&file, terminal.color_errors()) {
                    Ok(contract) => {
                        let rules: usize = contract.tables.iter().map(|table| table.rules.len()).sum();
                        let (tables, rules) =
                            (counted(contract.tables.len() as u64, "table"), counted(rules as u64, "rule"));
                        terminal.result(&format!("{}: no mistakes ({tables}, {rules})\n", file.display()));
                    }
                    Err(error) => {
                        terminal.error(&error);
                        code = error.exit_code();
                    }
                }
            }
            Ok(code)
        }
        ContractCommand::Schema => {
            terminal.output(&format!("{:#}\n", contract::schema::json_schema()));
            Ok(0)
        }
        ContractCommand::Reference => {
            terminal.output(&contract::reference::markdown());
            Ok(0)
        }
    }
}
