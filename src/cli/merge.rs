//! `karat merge`.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::outputs::check_files;
use crate::cli::profile::save;
use crate::cli::terminal::Terminal;
use crate::model::profile::SCHEMA;
use crate::model::{Error, Profile, Result};
use crate::ops::merge::merge;
use crate::render;

/// Makes one profile of several saved ones: parts, days, hosts. No data is read.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  karat merge monday.json tuesday.json -o week.json
  karat merge parts/*.json                        print it

Tables of one name become one. Correlations need the rows and are left out.")]
pub struct MergeArgs {
    /// Saved profiles, in the order of their rows.
    #[arg(value_name = "PROFILES", required = true)]
    profiles: Vec<PathBuf>,
    /// Save the merged profile; printed as text without.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// Where a profile cannot be read or merged.
pub fn run(args: &MergeArgs, terminal: &Terminal) -> Result<u8> {
    let read_paths: Vec<&Path> = args.profiles.iter().map(PathBuf::as_path).collect();
    check_files("--output", args.output.as_deref(), &read_paths)?;
    let profiles = args.profiles.iter().map(|path| read(path)).collect::<Result<Vec<_>>>()?;
    let merged = merge(&profiles)?;
    match &args.output {
        Some(output) => save(&merged, output, terminal)?,
        None => terminal.result(&render::profile::text(&merged, terminal.style())),
    }
    Ok(0)
}

/// Reads a saved profile.
///
/// # Errors
/// A usage error where it cannot be read or is none.
pub fn read(path: &Path) -> Result<Profile> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::usage(format!("cannot read the profile {shown}")).because(error))?;
    let hint = "`karat profile FILE -o profile.json` writes one";
    let profile = render::profile::parse(&text)
        .map_err(|error| Error::usage(format!("{shown} is no profile")).because(error).hint(hint))?;
    if profile.schema != SCHEMA {
        return Err(Error::usage(format!("{shown} is of the form `{}`, not {SCHEMA}", profile.schema)).hint(hint));
    }
    Ok(profile)
}
