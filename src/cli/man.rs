//! `karat man`.

use std::path::PathBuf;

use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;

use crate::cli::Cli;
use crate::cli::outputs::put;
use crate::cli::terminal::Terminal;
use crate::model::{Error, Result};
use crate::render::text::counted;

/// Prints the man page, or writes one a command to a folder.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  karat man | man -l -
  karat man ~/.local/share/man/man1")]
pub struct ManArgs {
    /// Write karat.1, karat-check.1 and the others to this folder, which is made if it is not there.
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// Where a page cannot be written.
pub fn run(args: &ManArgs, terminal: &Terminal) -> Result<u8> {
    let mut command = Cli::command();
    command.build();
    let Some(folder) = &args.folder else {
        terminal.deliver(&page(command)?)?;
        return Ok(0);
    };
    std::fs::create_dir_all(folder).map_err(|error| Error::writing(folder, error))?;
    let mut pages = Vec::new();
    collect(&command, "karat", &mut pages);
    for (name, command) in &pages {
        let file = folder.join(format!("{name}.1"));
        put(&file, &page(command.clone())?)?;
    }
    terminal.result(&format!("{} in {}\n", counted(pages.len() as u64, "page"), folder.display()));
    Ok(0)
}

/// Gathers a command and those below it, each under its whole name: `karat-contract-lint`.
fn collect(command: &Command, name: &str, pages: &mut Vec<(String, Command)>) {
    pages.push((name.to_owned(), command.clone()));
    for part in command.get_subcommands().filter(|part| part.get_name() != "help" && !part.is_hide_set()) {
        collect(part, &format!("{name}-{}", part.get_name()), pages);
    }
}

fn page(command: Command) -> Result<String> {
    let mut text = Vec::new();
    Man::new(command).render(&mut text).map_err(|error| Error::output("cannot write a man page").because(error))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
