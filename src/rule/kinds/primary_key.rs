//! # What
//! The columns that identify a row are there, and unique together.
//!
//! Written at the table: `primary_key: [sku]`, or `{columns: [sku], keep: last}` to say which duplicate stays; a load
//! with `upsert` needs that where a file repeats keys. Every column of the key is also required.
//!
//! # Why
//! Without a key nobody can say which row a correction corrects, nor load a file again without doubling it.
//!
//! # Example
//! ```yaml
//! primary_key: [store, receipt]
//! columns:
//!   store:   {type: string}
//!   receipt: {type: int64}
//!   total:   {type: "decimal(12,2)"}
//! ```
//!
//! # Passes
//! ```csv
//! store,receipt,total
//! north,1,9.50
//! north,2,9.50
//! south,1,3.00
//! ```
//!
//! # Fails
//! ```csv
//! store,receipt,total
//! north,1,9.50
//! south,1,3.00
//! north,1,4.25
//! ```

use crate::model::{Check, KeyTest};
use crate::rule::ask::{self, Made};
use crate::rule::node::Data;
use crate::rule::{Asked, Built, Complaint, KindOption, RuleKind, Scope, Shape};

/// The kind `primary_key`.
pub const KIND: RuleKind = RuleKind {
    name: "primary_key",
    code: "K202",
    scope: Scope::Key,
    keyword: false,
    long_form: false,
    argument: Shape::Either(&[
        Shape::Names,
        Shape::Keys(&[
            KindOption { name: "columns", shape: Shape::Names, doc: "The columns of the key." },
            KindOption { name: "keep", shape: ask::KEEP, doc: "Which member of a duplicate group stays." },
        ]),
    ]),
    options: &[KindOption { name: "keep", shape: ask::KEEP, doc: "Which member of a duplicate group stays." }],
    page: include_str!("primary_key.rs"),
    build,
};

fn build(asked: &Asked<'_>) -> Made {
    let node = asked.argument;
    let (columns, keep) = if let Data::Map(entries) = &node.data {
        let unknown: Vec<Complaint> = entries
            .iter()
            .filter(|(key, _)| !matches!(key.text(), Some("columns" | "keep")))
            .map(|(key, _)| {
                let name = key.scalar().unwrap_or_default();
                let complaint = Complaint::at(key, "C902", format!("`primary_key` has no key `{name}`"));
                ask::hint_nearest(complaint, &name, ["columns", "keep"].into_iter())
            })
            .collect();
        if !unknown.is_empty() {
            return Err(unknown);
        }
        let Some(columns) = node.get("columns") else {
            let complaint = Complaint::at(node, "C904", "`primary_key` names no columns");
            return Err(vec![complaint.hint("add `columns: [a, b]`")]);
        };
        (columns, node.get("keep").or_else(|| asked.option("keep")))
    } else {
        (node, asked.option("keep"))
    };
    let (columns, keep) = match (ask::key_columns(columns, asked.table, KIND.name), ask::keep(keep)) {
        (Ok(columns), Ok(keep)) => (columns, keep),
        (columns, keep) => return Err(columns.err().into_iter().chain(keep.err()).flatten().collect()),
    };
    let paths = ask::paths(&columns, asked.table);
    let verb = if paths.len() == 1 { "identifies" } else { "identify" };
    Ok(vec![Built {
        brief: format!("{} {verb} a row{}", ask::listed(&paths), ask::keep_words(keep)),
        columns: paths,
        // A key with a NULL in it breaks `required`, which every column of a key has.
        message: "stands in more than one row".to_owned(),
        check: Check::Key(KeyTest::Unique { columns, keep, primary: true }),
    }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Keep;
    use crate::rule::testing::{boolean, codes, map, one, text, texts};

    #[test]
    fn a_name_a_list_or_a_mapping() {
        let built = one(&KIND, None, &text("id"), &[]);
        assert_eq!(built.check, Check::Key(KeyTest::Unique { columns: vec![0], keep: Keep::None, primary: true }));
        assert_eq!(one(&KIND, None, &texts(&["id"]), &[]), built);
        let built = one(&KIND, None, &map(vec![("columns", texts(&["id", "day"])), ("keep", text("last"))]), &[]);
        assert_eq!(built.check, Check::Key(KeyTest::Unique { columns: vec![0, 5], keep: Keep::Last, primary: true }));
        assert_eq!(built.brief, "id, day identify a row (the last row stays)");
    }

    #[test]
    fn mistakes_are_told_together() {
        let node = map(vec![("columns", texts(&["nothing", "tags"])), ("keep", boolean(true))]);
        assert_eq!(codes(&KIND, None, &node, &[]), ["C909", "C907", "C903"]);
        assert_eq!(codes(&KIND, None, &map(vec![("column", text("id"))]), &[]), ["C902"]);
        assert_eq!(codes(&KIND, None, &map(vec![("keep", text("last"))]), &[]), ["C904"]);
        assert_eq!(codes(&KIND, None, &boolean(true), &[]), ["C903"]);
    }
}
