//! `karat completions`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::cli::terminal::Terminal;
use crate::model::Result;

/// Prints the completions of a shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  karat completions bash > ~/.local/share/bash-completion/completions/karat
  karat completions zsh > ~/.zfunc/_karat
  karat completions fish > ~/.config/fish/completions/karat.fish")]
pub struct CompletionsArgs {
    /// The shell.
    shell: Shell,
}

/// Runs the command.
///
/// # Errors
/// Where standard output cannot be written.
pub fn run(args: &CompletionsArgs, terminal: &Terminal) -> Result<u8> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "karat", &mut text);
    terminal.deliver(&String::from_utf8_lossy(&text))?;
    Ok(0)
}
