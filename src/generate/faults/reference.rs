//! The faults as Markdown, from the kinds themselves.

use std::fmt::Write as _;

use crate::generate::faults::kind::{Act, FaultKind, Formats, Level, Needs};
use crate::generate::faults::kinds;
use crate::generate::faults::knobs::{Form, OVERLAP};
use crate::generate::faults::presets::PRESETS;

const HEAD: &str = "\
# Faults

What `karat generate` plants among clean rows, so that a checker can be scored. Every fault is noted in the manifest with
its place, its clean and its dirty value, and the rule that must notice it.

- **Amount.** `count` is exact. A `rate` without a condition is that share of the rows (the rates of a table are rounded
  together, so that small ones are not lost); with a condition each row it admits is taken with that probability. For faults of files and data sets the amount is a number or share of files.
- **One a row.** No row gets two faults, unless a fault says `overlap: true`. `burst: n` takes runs of n neighbouring rows.
- **Only the fault differs.** All that a fault does not touch stays byte for byte as it was. A row whose value cannot take
  the fault (it is NULL, or negative already) borrows the value of another row first; where that does not help either, an
  exact count is an error and a rate leaves the row as it is.
- **Detectable.** The planter reads the dirty record by the contract, value by value, and names a rule only where it is
  surely broken; a typo that still meets every rule is not detectable. Rules about `today` count where they are broken on
  every day from 1990 to 2099. The manifest is the same whatever a build can evaluate; a check whose build has no
  expression engine says which rules it could not ask, and their faults count as missed.
- **Formats.** Faults fall on CSV, NDJSON and the elements of a JSON array, in one file, in several, or in a folder a day
  or a value. Parquet files and load targets take those that their types can hold: the manifest has the record's number
  and no bytes; with a `rate` the other rows stay as they are, with a `count` the run is refused. Presets plant what fits
  the format that is written.
- A fault of a whole file can hide those inside it: without its header no column of a file can be judged.

";

const TAIL: &str = "\
## The score

`karat check data/ -c contract.yaml --score manifest.ndjson` judges the files as ever, prints the report, and then compares
what it found with the manifest. The exit code stays the gate's. Where the contract has warnings, the files are read twice:
a check lists the records it refuses, and the second time warnings refuse them too.

- A fault is **found** where any rule is broken at its record: in its file, between its first and its last byte (and by its
  column, where several faults share a record). A duplicate is found at its record or at the one it repeats. A fault of a
  whole file is found by a broken rule about the table, or by violations in that file at no other fault's place.
- A fault is **missed** where it is detectable and was not found. Faults that no rule can notice are counted apart.
- A violation at no planted place is **extra**: a false alarm. Two sorts are no alarm but a **consequence**, and counted
  apart: a broken rule that remembers rows (`unique`, `primary_key`, `increasing`) of a table with faults in its columns,
  a broken `references` whose parent table has faults (the parent was refused, so its children dangle), and anything in
  a file that is dirty as a whole.
- **Recall** is found / detectable: of a kind by any rule, of a rule by that rule itself. **Precision** is the share of
  violations that stand at planted places, consequences left out.
- Rules about a table as a whole (`row_count`, `columns`, …) have no places: each is one finding, and no false alarm.

`--score-report json=FILE` (or `text=FILE`, `-` for standard output) writes the score as `karat.score/1`.
";

/// Writes the reference: how faults are planted, the kinds by level, the presets, and the score.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::from(HEAD);
    // Writing to a string cannot fail.
    for (level, title) in Level::ALL {
        let _ = write!(out, "## {title}\n\n| kind | what happens | noticed by | example |\n|---|---|---|---|\n");
        for kind in kinds::all().filter(|kind| kind.level == *level) {
            row(&mut out, kind);
        }
        out.push('\n');
    }
    let _ = write!(out, "## Options\n\nOf every kind: `{}`: {}.\n\n", OVERLAP.name, OVERLAP.doc);
    out.push_str("| kind | option | value | meaning |\n|---|---|---|---|\n");
    for kind in kinds::all() {
        for knob in kind.knobs {
            let form = match knob.form {
                Form::Whole => "a whole number from 1".to_owned(),
                Form::Number => "a number above 0".to_owned(),
                Form::Word(words) => words.join(", "),
                Form::Text => "text".to_owned(),
            };
            let _ = writeln!(out, "| `{}` | `{}` | {form} | {} |", kind.name, knob.name, knob.doc);
        }
    }
    out.push_str("\n## Presets\n\nFor any contract: each kind falls on a column with a rule that notices it, where there is one.\n\n");
    out.push_str("| preset | plants |\n|---|---|\n");
    for preset in PRESETS {
        let _ = writeln!(out, "| `{}` | {} |", preset.name, preset.doc);
    }
    out.push('\n');
    out.push_str(TAIL);
    out
}

fn row(out: &mut String, kind: &FaultKind) {
    let wants = match (kind.needs, kind.formats) {
        (Needs::Column, Formats::Json) => " Of a column; JSON.",
        (Needs::Column, Formats::Csv) => " Of a column; CSV.",
        (Needs::Column, Formats::All) => " Of a column.",
        (_, Formats::Json) if kind.level != Level::Json => " JSON.",
        (_, Formats::Csv) if kind.level != Level::Csv => " CSV.",
        (_, Formats::All) if matches!(kind.act, Act::File(_)) => " NDJSON too.",
        _ => "",
    };
    let catches: Vec<String> = kind.catches.iter().map(|name| format!("`{name}`")).collect();
    let catches = if catches.is_empty() { "no rule".to_owned() } else { catches.join(", ") };
    let example = format!("{} → {}", shown(kind.example.clean), shown(kind.example.dirty));
    let _ = writeln!(out, "| `{}` | {}{wants} | {catches} | {example} |", kind.name, kind.doc);
}

/// Shows bytes of an example in a cell of a table.
fn shown(text: &str) -> String {
    let visible: String = text
        .chars()
        .map(|letter| match letter {
            '\n' => "⏎".to_owned(),
            '|' => "\\|".to_owned(),
            hidden
                if hidden.is_control()
                    || matches!(hidden, '\u{a0}' | '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{300}'..='\u{36f}') =>
            {
                format!("{{{:04X}}}", u32::from(hidden))
            }
            plain => plain.to_string(),
        })
        .collect();
    if visible.is_empty() { "nothing".to_owned() } else { format!("`{visible}`") }
}
