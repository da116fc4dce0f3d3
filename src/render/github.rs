//! The report as GitHub workflow commands: annotations at the contract's lines.
//!
//! Source: GitHub Docs, "Workflow commands for GitHub Actions". GitHub shows ten errors and ten warnings a step, so
//! the worst come first and the rest is told in one notice; the job summary (the form `markdown`) has all of them.

use std::fmt::Write;

use crate::model::{Outcome, Report};
use crate::render::summary::{anchor, broken, position, sentence, wrong};
use crate::render::text::{clean, counted};

/// How many annotations of a level GitHub shows.
const SHOWN: usize = 10;

/// Writes one command a line for rules that did not pass, the worst first.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    let (mut errors, mut warnings) = (0, 0);
    for (table, rule) in broken(report) {
        let (level, told) =
            if rule.outcome == Outcome::Warned { ("warning", &mut warnings) } else { ("error", &mut errors) };
        *told += 1;
        if *told > SHOWN {
            continue;
        }
        let mut message = sentence(table, rule);
        if let Some(place) = rule.places.first() {
            let _ = write!(message, "\nFirst: {}: {}", position(place), wrong(place));
        }
        let mut properties = String::new();
        if let Some((file, line)) = anchor(report, rule) {
            let _ = write!(properties, "file={},line={line},", property(file));
            if rule.contract_column > 0 && report.run.as_ref().is_some_and(|run| run.contract_file.is_some()) {
                let _ = write!(properties, "col={},", rule.contract_column);
            }
        }
        let _ = writeln!(out, "::{level} {properties}title={}::{}", property(&clean(&rule.id)), data(&message));
    }
    let more = errors.max(SHOWN) + warnings.max(SHOWN) - 2 * SHOWN;
    if more > 0 {
        let _ = writeln!(
            out,
            "::notice title=karat::{} more did not pass: see the job summary",
            counted(more as u64, "rule")
        );
    }
    out
}

/// Escapes the text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
