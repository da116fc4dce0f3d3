//! What every command that reaches servers takes: passwords and the environment's connection settings.

use std::path::PathBuf;

use clap::Args;

use crate::cli::signals;
use crate::model::{Access, Error, Result};
use crate::ops::inputs::Servers;

/// Arguments of commands that reach servers.
#[derive(Debug, Args)]
pub struct AccessArgs {
    /// The file whose first line is the password of the database server.
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

/// Arguments of commands that read from servers.
#[derive(Debug, Args)]
pub struct ServerArgs {
    #[command(flatten)]
    pub access: AccessArgs,
    /// Read tables by ranges of this column, several at once.
    #[arg(long, value_name = "COLUMN")]
    pub partition_on: Option<String>,
}

impl ServerArgs {
    /// Collects what reading from servers takes.
    ///
    /// # Errors
    /// Where the password file cannot be read.
    pub fn servers(&self, threads: usize) -> Result<Servers> {
        Ok(Servers {
            access: self.access.access()?,
            partition_on: self.partition_on.clone(),
            threads,
            interrupted: signals::flag(),
        })
    }
}

impl AccessArgs {
    /// Collects what the run may use.
    ///
    /// # Errors
    /// Where the password file cannot be read.
    pub fn access(&self) -> Result<Access> {
        let read = |path: &PathBuf| {
            let text = std::fs::read_to_string(path).map_err(|error| {
                Error::usage(format!("cannot read the password file {}", path.display())).because(error)
            })?;
            Ok(text.lines().next().unwrap_or_default().to_owned())
        };
        let password = self.password_file.as_ref().map(read).transpose()?;
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Ok(Access::new(std::env::vars_os().filter_map(text), password))
    }
}
