//! # What
//! The columns of the file are those of the contract.
//!
//! Written as a mapping of what is allowed: `missing` (false unless said), `extra` (true), `reordered` (true) and
//! `duplicated` (false). It looks at the header of each CSV file and at the schema of each Parquet file. A list or a
//! name under `columns:` is not this kind: it names the columns of another rule. A table whose files have a header
//! has this rule with its defaults, also where it is not written.
//!
//! # Why
//! A column renamed or moved by the producer fills the target with NULL, or with the neighbour's values.
//!
//! # Example
//! ```yaml
//! columns:
//!   sku:  {type: string}
//!   name: {type: string}
//! rules:
//!   - {columns: {missing: false, extra: false, reordered: false, duplicated: false}}
//! ```
//!
//! # Passes
//! ```csv
//! sku,name
//! A-1,hose
//! ```
//!
//! # Fails
//! ```csv
//! sku,title,colour
//! A-1,hose,green
//! ```

use crate::model::{Check, ColumnsPolicy, TableTest};
use crate::rule::ask::{self, Made};
use crate::rule::node::Data;
use crate::rule::{Asked, Built, Complaint, KindOption, RuleKind, Scope, Shape};

/// The kind `columns`.
pub const KIND: RuleKind = RuleKind {
    name: "columns",
    code: "T306",
    scope: Scope::Table,
    keyword: false,
    long_form: true,
    argument: Shape::Keys(&[
        KindOption { name: "missing", shape: Shape::Flag, doc: "The file may lack columns; false unless said." },
        KindOption { name: "extra", shape: Shape::Flag, doc: "The file may have more columns; true unless said." },
        KindOption { name: "reordered", shape: Shape::Flag, doc: "Any order will do; true unless said." },
        KindOption { name: "duplicated", shape: Shape::Flag, doc: "A name may come twice; false unless said." },
    ]),
    options: &[],
    page: include_str!("columns.rs"),
    build,
};

fn build(asked: &Asked<'_>) -> Made {
    ask::no_column(asked, KIND.name, "it looks at all columns")?;
    let Data::Map(entries) = &asked.argument.data else {
        let complaint = Complaint::at(asked.argument, "C903", "`columns` is a mapping of what is allowed");
        return Err(vec![complaint.hint("write `columns: {extra: false, reordered: false}`")]);
    };
    let mut policy = ColumnsPolicy { missing: false, extra: true, reordered: true, duplicated: false };
    let mut complaints = Vec::new();
    for (key, value) in entries {
        let name = key.scalar().unwrap_or_default();
        let allowed = match name.as_str() {
            "missing" => &mut policy.missing,
            "extra" => &mut policy.extra,
            "reordered" => &mut policy.reordered,
            "duplicated" => &mut policy.duplicated,
            _ => {
                let complaint = Complaint::at(key, "C902", format!("`columns` has no key `{name}`"));
                let known = ["missing", "extra", "reordered", "duplicated"];
                complaints.push(ask::hint_nearest(complaint, &name, known.into_iter()));
                continue;
            }
        };
        match ask::flag(value, &name) {
            Ok(flag) => *allowed = flag,
            Err(complaint) => complaints.push(complaint),
        }
    }
    if !complaints.is_empty() {
        return Err(complaints);
    }
    let sides = [
        (policy.missing, "missing"),
        (policy.extra, "extra"),
        (policy.reordered, "reordered"),
        (policy.duplicated, "duplicated"),
    ];
    let refused: Vec<&str> = sides.iter().filter(|(allowed, _)| !allowed).map(|(_, word)| *word).collect();
    if refused.is_empty() {
        let complaint = Complaint::at(asked.argument, "C908", "`columns` allows everything, so it can never fail");
        return Err(vec![complaint.hint("leave the rule out, or say false to something")]);
    }
    Ok(vec![Built {
        check: Check::Table(TableTest::Columns(policy)),
        columns: Vec::new(),
        brief: format!("no column of the file is {}", refused.join(" or ")),
        message: "the file's columns are not the contract's".to_owned(),
    }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::testing::{boolean, codes, map, one, text};

    #[test]
    fn defaults_refuse_what_loses_data() {
        let built = one(&KIND, None, &map(Vec::new()), &[]);
        let policy = ColumnsPolicy { missing: false, extra: true, reordered: true, duplicated: false };
        assert_eq!(built.check, Check::Table(TableTest::Columns(policy)));
        assert_eq!(built.brief, "no column of the file is missing or duplicated");
    }

    #[test]
    fn mistakes_are_told_together() {
        let node = map(vec![("missin", boolean(true)), ("extra", text("no"))]);
        assert_eq!(codes(&KIND, None, &node, &[]), ["C902", "C903"]);
        assert_eq!(codes(&KIND, None, &text("exact"), &[]), ["C903"]);
        let all = ["missing", "extra", "reordered", "duplicated"].map(|key| (key, boolean(true)));
        assert_eq!(codes(&KIND, None, &map(all.into()), &[]), ["C908"]);
    }
}
