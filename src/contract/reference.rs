//! The contract reference as Markdown, from the reader's own lists.

use std::fmt::Write as _;

use crate::contract::shape;
use crate::contract::vocabulary::{
    self, COLUMN, DOCUMENT, FAULT, Form, GENERATION, Key, PRIMARY_KEY, Part, RULE, SOURCE, TABLE, TABLE_GENERATION,
    fits, keywords, long_forms,
};
use crate::model::data_type;
use crate::rule::{RuleKind, Shape, pages};

const GENERATION_HEAD: &str = "Under `generate:` of a column, an element or a field. At most one of `provider`, `fake`, \
    `pattern`, `weighted`, `sequence`, `template`, `reference`, `copy` and `expression` says where values come from; without one \
    they are drawn within the column's own rules.";

const FAULT_HEAD: &str = "Under `faults:`, in the contract or in a file of its own (`karat generate --faults FILE`). Each \
    has `rate` or `count`; keys that are not listed here are options of its kind.";

/// Writes the reference: a table of keys for each part of a contract, then the kinds.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::from("# Contract reference\n\nWhat `karat contract reference` prints.\n\n");
    keys(&mut out, "The document", "", DOCUMENT);
    keys(&mut out, "A table", "Under `tables:`, by name.", TABLE);
    let head = "`primary_key: [a, b]`, or a mapping:";
    let _ = write!(out, "{head}\n\n| key | value | meaning |\n|---|---|---|\n");
    for option in PRIMARY_KEY {
        row(&mut out, &[&code(option.name), &shape::describe(&option.shape), option.doc]);
    }
    out.push('\n');
    keys(&mut out, "A source", "Under `source:`; CSV with a header where nothing is written.", SOURCE);
    keys(&mut out, "A column", &column_head(), COLUMN);
    kinds_as_keywords(&mut out);
    let head = "Under `rules:`, each with the key of exactly one kind, the kind's own options and any of these.";
    keys(&mut out, "A rule in the long form", head, RULE);
    kinds_in_long_form(&mut out);
    out.push('\n');
    let head = "Under `generate:` of a table: what `karat generate` makes. Checks and loads do not read it.";
    keys(&mut out, "Generated rows", head, TABLE_GENERATION);
    inner(&mut out, TABLE_GENERATION);
    keys(&mut out, "Generated values", GENERATION_HEAD, GENERATION);
    inner(&mut out, GENERATION);
    keys(&mut out, "A fault", FAULT_HEAD, FAULT);
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn column_head() -> String {
    let names: Vec<&str> = data_type::SCALARS.iter().map(|(name, _)| *name).collect();
    format!(
        "Under `columns:`, by name; an element under `items:` and a field under `fields:` have the same keys.\n\n\
         Types: {}, `decimal(p,s)` (up to 38 digits), `list` (with `items`), `struct` (with `fields`).",
        names.iter().map(|name| code(name)).collect::<Vec<_>>().join(", ")
    )
}

fn keys(out: &mut String, title: &str, head: &str, keys: &[Key]) {
    // Writing to a string cannot fail.
    let _ = write!(out, "## {title}\n\n");
    if !head.is_empty() {
        let _ = write!(out, "{head}\n\n");
    }
    out.push_str("| key | value | default | meaning |\n|---|---|---|---|\n");
    for key in keys {
        let default = match (key.required, key.default) {
            (true, _) => "needed".to_owned(),
            (false, "") => String::new(),
            // A default with a blank in it is a phrase, not a value.
            (false, text) if text.contains(' ') => text.to_owned(),
            (false, text) => code(text),
        };
        let only = fits(key.name).filter(|_| is_source(keys)).map(|formats| format!(" ({} only)", formats.join(", ")));
        let doc = format!("{}{}", key.doc, only.unwrap_or_default());
        row(out, &[&code(key.name), &describe(&key.form), &default, &doc]);
    }
    out.push('\n');
}

/// Writes the keys of the mappings that stand under some keys: `late.rate`.
fn inner(out: &mut String, keys: &[Key]) {
    out.push_str("Inside these:\n\n| key | value | meaning |\n|---|---|---|\n");
    for key in keys {
        if let Form::Plain(shape) = &key.form {
            options(out, key.name, shape);
        }
    }
    out.push('\n');
}

fn options(out: &mut String, place: &str, shape: &Shape) {
    match shape {
        Shape::Keys(keys) => {
            for option in *keys {
                let name = format!("{place}.{}", option.name);
                row(out, &[&code(&name), &shape::describe(&option.shape), option.doc]);
                options(out, &name, &option.shape);
            }
        }
        Shape::Either(shapes) => shapes.iter().for_each(|shape| options(out, place, shape)),
        _ => {}
    }
}

fn is_source(keys: &[Key]) -> bool {
    keys.first().map(|key| key.name) == SOURCE.first().map(|key| key.name)
}

fn kinds_as_keywords(out: &mut String) {
    out.push_str(
        "And the rule kinds that speak of one column:\n\n| key | value | code | what must hold |\n|---|---|---|---|\n",
    );
    let format = vocabulary::kind("format").filter(|kind| kind.keyword);
    let mut all: Vec<&RuleKind> = keywords().chain(format).collect();
    all.sort_by_key(|kind| kind.name);
    for kind in all {
        row(out, &[&code(kind.name), &shape::describe(&kind.argument), kind.code, &pages::summary(kind)]);
    }
    out.push('\n');
}

fn kinds_in_long_form(out: &mut String) {
    out.push_str("The kinds:\n\n| kind | value | options | what must hold |\n|---|---|---|---|\n");
    for kind in long_forms() {
        let options: Vec<String> = kind
            .options
            .iter()
            .map(|option| format!("{}: {}. {}", code(option.name), shape::describe(&option.shape), option.doc))
            .collect();
        let name = format!("{} ({})", code(kind.name), kind.code);
        row(out, &[&name, &shape::describe(&kind.argument), &options.join("<br>"), &pages::summary(kind)]);
    }
}

fn describe(form: &Form) -> String {
    match form {
        Form::Plain(shape) => shape::describe(shape),
        Form::Version => format!("`{}`", vocabulary::VERSION),
        Form::Byte { none: true } => "one byte, or `none`".to_owned(),
        Form::Byte { none: false } => "one byte".to_owned(),
        Form::Statements => "a list of SQL statements".to_owned(),
        Form::Type => "a type".to_owned(),
        Form::Part(part) => part_name(*part).to_owned(),
        Form::Named(part) => format!("{} by name", part_name(*part)),
        Form::Listed(part) => format!("a list; each is {}", part_name(*part)),
    }
}

const fn part_name(part: Part) -> &'static str {
    match part {
        Part::Table => "a table",
        Part::Source => "a source",
        Part::Column => "a column",
        Part::Rule => "a rule",
        Part::TableGeneration => "settings of the rows",
        Part::Generation => "settings of the values",
        Part::Fault => "a fault",
    }
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn row(out: &mut String, cells: &[&str]) {
    for cell in cells {
        let _ = write!(out, "| {} ", cell.replace('|', "\\|"));
    }
    out.push_str("|\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_and_kind_has_its_row() {
        let text = markdown();
        for key in [DOCUMENT, TABLE, SOURCE, COLUMN, RULE, TABLE_GENERATION, GENERATION, FAULT].into_iter().flatten() {
            assert!(text.contains(&format!("| `{}` |", key.name)), "{}", key.name);
        }
        for kind in long_forms() {
            assert!(text.contains(&format!("| `{}` ({}) |", kind.name, kind.code)), "{}", kind.name);
        }
        for line in text.lines().filter(|line| line.starts_with('|')) {
            let cells = line.replace("\\|", "").matches('|').count();
            assert!(cells == 4 || cells == 5, "{line}");
        }
    }
}
