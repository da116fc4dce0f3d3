//! `karat explain`.

use clap::Args;

use crate::cli::terminal::Terminal;
use crate::contract::nearest::nearest;
use crate::model::profile::AlertKind;
use crate::model::{Error, Result};
use crate::rule;

/// Explains a rule kind (`unique`) or a code (`K201`, `P004`, `C908`).
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  karat explain unique     a rule kind
  karat explain K201       the same kind by its code
  karat explain P005       what a code in a report means
  karat explain A403       what an alert of a profile means
  karat explain D501       a row that the target refused
  karat explain C908       what a mistake in a contract means")]
pub struct ExplainArgs {
    /// A kind's name or a code.
    #[arg(value_name = "NAME")]
    name: String,
}

/// Runs the command.
///
/// # Errors
/// Where nothing has that name.
pub fn run(args: &ExplainArgs, terminal: &Terminal) -> Result<u8> {
    let alert = || {
        let kind = AlertKind::find(&args.name)?;
        Some(format!("{} {}: an alert of `karat profile`\n\n{}", kind.code, kind.title, kind.page))
    };
    let page = rule::explain(&args.name).or_else(alert).ok_or_else(|| nothing(&args.name))?;
    terminal.output(&format!("{}\n", page.trim_end()));
    Ok(0)
}

fn nothing(name: &str) -> Error {
    let error = Error::usage(format!("nothing is called `{name}`"));
    let error = match nearest(name, rule::kinds::KINDS.iter().map(|kind| kind.name)) {
        Some(near) => error.hint(format!("did you mean `karat explain {near}`?")),
        None => error,
    };
    error.hint("`karat rules` lists the kinds and their codes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_and_words_of_other_tools_lead_on() {
        for (asked, meant) in [("Unique", "unique"), ("uniqe", "unique"), ("not_null", "required")] {
            assert!(nothing(asked).hints[0].contains(&format!("karat explain {meant}")), "{asked}");
        }
        assert_eq!(nothing("zzzzzz").hints.len(), 1);
    }
}
