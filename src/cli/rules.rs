//! `karat rules`.

use clap::Args;

use crate::cli::terminal::Terminal;
use crate::model::Result;
use crate::rule;

/// Lists the rule kinds with their codes.
#[derive(Debug, Args)]
#[command(after_help = "`karat explain NAME` shows the page of a kind, with an example.")]
pub struct RulesArgs {
    /// Print the table as Markdown.
    #[arg(long)]
    markdown: bool,
}

/// Runs the command.
///
/// # Errors
/// None so far.
pub fn run(args: &RulesArgs, terminal: &Terminal) -> Result<u8> {
    if args.markdown {
        terminal.output(&rule::table_markdown());
    } else {
        let rows: Vec<[String; 4]> = rule::kinds::KINDS
            .iter()
            .map(|kind| {
                let scope = format!("{:?}", kind.scope).to_lowercase();
                [kind.name.to_owned(), kind.code.to_owned(), scope, rule::summary(kind)]
            })
            .collect();
        terminal.output(&crate::render::text::table(&["kind", "code", "scope", "what"], &rows, terminal.style()));
    }
    Ok(0)
}
