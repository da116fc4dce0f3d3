//! The terminal: colours, width, and the two streams.

use std::io::{IsTerminal, Write};

use clap::ValueEnum;

use crate::model::{Error, ErrorKind, Result};
use crate::render::text::{Style, clean};

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// What is known about the terminal.
#[derive(Debug)]
pub struct Terminal {
    out: Style,
    color_errors: bool,
    quiet: bool,
}

impl Terminal {
    /// Looks at the streams and the environment.
    #[must_use]
    pub fn new(color: Color, quiet: bool, verbose: bool) -> Self {
        let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let width = width.or_else(|| variable("COLUMNS").and_then(|text| text.parse().ok()));
        // Narrower than this nothing can be laid out.
        let width = width.map(|width| width.max(40));
        let style =
            Style { color: colored(color, std::io::stdout().is_terminal()), width: width.unwrap_or(80), verbose };
        Self { out: style, color_errors: colored(color, std::io::stderr().is_terminal()), quiet }
    }

    /// Gives the style for reports on standard output.
    #[must_use]
    pub const fn style(&self) -> Style {
        self.out
    }

    /// Tells whether diagnostics on standard error may be coloured.
    #[must_use]
    pub const fn color_errors(&self) -> bool {
        self.color_errors
    }

    /// Tells whether a progress bar may be drawn.
    #[must_use]
    pub fn progress(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }

    /// Prints a result to standard output, unless quiet. A reader that went away is no error.
    pub fn result(&self, text: &str) {
        if !self.quiet {
            self.output(text);
        }
    }

    /// Prints what was asked for to standard output, quiet or not.
    pub fn output(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    /// Prints a report that was asked for to standard output. A reader that went away is no error, a full disk is.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn deliver(&self, text: &str) -> Result<()> {
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Error::output("cannot write to standard output").because(error))
            }
            _ => Ok(()),
        }
    }

    /// Prints a remark to standard error, unless quiet.
    pub fn remark(&self, text: &str) {
        if !self.quiet {
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    }

    /// Prints an error and its hints to standard error.
    pub fn error(&self, error: &Error) {
        let mut err = std::io::stderr().lock();
        if error.kind == ErrorKind::Contract {
            // Rendered diagnostics already.
            let _ = writeln!(err, "{error}");
        } else {
            let (on, off) = if self.color_errors { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
            let _ = writeln!(err, "{on}error{off}: {}", visible(&error.to_string()));
        }
        for hint in &error.hints {
            let (on, off) = if self.color_errors { ("\x1b[1;36m", "\x1b[0m") } else { ("", "") };
            let _ = writeln!(err, "  {on}hint{off}: {}", visible(hint));
        }
    }
}

/// Makes control characters visible (a path may hold them), line by line.
fn visible(text: &str) -> String {
    text.lines().map(clean).collect::<Vec<_>>().join("\n")
}

/// Decides by `--color`, then `NO_COLOR`, `CLICOLOR_FORCE`, `CLICOLOR`, `TERM`, then the stream.
fn colored(color: Color, is_terminal: bool) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            if variable("NO_COLOR").is_some_and(|value| !value.is_empty()) {
                return false;
            }
            if variable("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
                return true;
            }
            let dumb = variable("TERM").is_some_and(|value| value == "dumb");
            is_terminal && !dumb && variable("CLICOLOR").is_none_or(|value| value != "0")
        }
    }
}

/// Reads a variable of the environment.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "cli is where the environment enters")]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
