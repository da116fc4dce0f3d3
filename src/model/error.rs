//! Error: what stops a run. Bad data never does; it becomes a violation.

use std::fmt;

/// The result of everything that can stop a run.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Says why a run cannot go on, and what to do about it.
#[derive(Debug)]
pub struct Error {
    pub kind: ErrorKind,
    /// What happened, without a final stop.
    pub message: String,
    /// What to do, one sentence each.
    pub hints: Vec<String>,
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Whose fault an error is; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The command line asks for something that cannot be.
    Usage,
    /// The contract is wrong; the message holds the rendered diagnostics.
    Contract,
    /// An input cannot be read, or changed while it was read.
    Input,
    /// A target or an output cannot be written.
    Output,
    /// The sums do not add up: a bug of karat or of the target.
    Conservation,
    /// A signal asked the run to stop.
    Interrupted,
}

impl Error {
    /// Makes an error of a kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hints: Vec::new(), source: None }
    }

    /// Makes an [`ErrorKind::Usage`] error.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// Makes an [`ErrorKind::Input`] error.
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Input, message)
    }

    /// Makes an [`ErrorKind::Output`] error.
    pub fn output(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Output, message)
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds the error beneath.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Makes an input error about a path from an I/O error.
    #[must_use]
    pub fn reading(path: &std::path::Path, source: std::io::Error) -> Self {
        Self::input(format!("cannot read {}", path.display())).because(source)
    }

    /// Makes an output error about a path from an I/O error.
    #[must_use]
    pub fn writing(path: &std::path::Path, source: std::io::Error) -> Self {
        Self::output(format!("cannot write {}", path.display())).because(source)
    }

    /// Gives the process exit code: 2 for usage and contract, 130 when interrupted, else 3.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self.kind {
            ErrorKind::Usage | ErrorKind::Contract => 2,
            ErrorKind::Input | ErrorKind::Output | ErrorKind::Conservation => 3,
            ErrorKind::Interrupted => 130,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        let mut beneath = self.source.as_deref().map(|e| e as &dyn std::error::Error);
        while let Some(error) = beneath {
            write!(f, ": {error}")?;
            beneath = error.source();
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
