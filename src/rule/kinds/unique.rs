//! # What
//! No two rows have the same value, or the same values of several columns together.
//!
//! By default every member of a duplicate group is a violation, since nobody can tell which is right. `keep: first`
//! or `keep: last` lets one stay and rejects the others. A key with a NULL in it is no duplicate. Values are compared
//! themselves, never by a hash alone, over all files of the run.
//!
//! # Why
//! A row delivered twice is summed twice, and a join on a key that is not unique multiplies every row it meets.
//!
//! # Example
//! ```yaml
//! columns:
//!   sku:       {type: string, unique: true}
//!   name:      {type: string}
//!   listed_on: {type: date}
//! rules:
//!   - {unique: [name, listed_on]}
//! ```
//!
//! # Passes
//! ```csv
//! sku,name,listed_on
//! A-1,hose,2025-01-01
//! A-2,hose,2025-01-02
//! ,hose,
//! ,hose,
//! ```
//!
//! # Fails
//! ```csv
//! sku,name,listed_on
//! A-1,hose,2025-01-01
//! A-1,pipe,2025-01-01
//! A-2,hose,2025-01-01
//! ```

use crate::model::{Check, KeyTest};
use crate::rule::ask::{self, Made};
use crate::rule::node::Data;
use crate::rule::{Asked, Built, Complaint, KindOption, RuleKind, Scope, Shape};

/// The kind `unique`.
pub const KIND: RuleKind = RuleKind {
    name: "unique",
    code: "K201",
    scope: Scope::Key,
    keyword: true,
    long_form: true,
    argument: Shape::Either(&[Shape::Flag, Shape::Names]),
    options: &[
        KindOption { name: "keep", shape: ask::KEEP, doc: "Which member of a duplicate group stays." },
        KindOption { name: "columns", shape: Shape::Names, doc: "The columns, where `unique` is just true." },
    ],
    page: include_str!("unique.rs"),
    build,
};

fn build(asked: &Asked<'_>) -> Made {
    let columns = match (&asked.argument.data, &asked.path, asked.option("columns")) {
        (Data::Bool(false), _, _) => return Ok(Vec::new()),
        (Data::Bool(true), Some(path), None) => {
            let column = ask::whole_column(asked.argument, path, asked.table, KIND.name);
            vec![column.map_err(|complaint| vec![complaint])?]
        }
        (Data::Bool(true), None, Some(node)) => ask::key_columns(node, asked.table, KIND.name)?,
        (Data::Bool(true), None, None) => {
            let complaint = Complaint::at(asked.argument, "C904", "`unique` does not say which columns it is about");
            return Err(vec![complaint.hint("write `unique: [a, b]`")]);
        }
        (Data::Text(_) | Data::Number(_) | Data::List(_), None, None) => {
            ask::key_columns(asked.argument, asked.table, KIND.name)?
        }
        (Data::Null | Data::Map(_), ..) => {
            let message = format!("`unique` is true, a column or a list of columns, found {}", asked.argument.what());
            return Err(vec![Complaint::at(asked.argument, "C903", message)]);
        }
        _ => {
            let complaint = Complaint::at(asked.argument, "C903", "`unique` is told its columns twice");
            return Err(vec![complaint.hint("write `unique: true` at a column, or `unique: [a, b]` under `rules:`")]);
        }
    };
    let keep = ask::keep(asked.option("keep"))?;
    let paths = ask::paths(&columns, asked.table);
    let together = if paths.len() == 1 { "is unique" } else { "are unique together" };
    Ok(vec![Built {
        brief: format!("{} {together}{}", ask::listed(&paths), ask::keep_words(keep)),
        columns: paths,
        message: "stands in more than one row".to_owned(),
        check: Check::Key(KeyTest::Unique { columns, keep, primary: false }),
    }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Keep;
    use crate::rule::testing::{boolean, build, codes, null, one, text, texts};

    #[test]
    fn one_column_or_many() {
        let built = one(&KIND, Some("code"), &boolean(true), &[]);
        assert_eq!(built.check, Check::Key(KeyTest::Unique { columns: vec![1], keep: Keep::None, primary: false }));
        assert_eq!(built.brief, "code is unique");
        assert_eq!(one(&KIND, None, &text("code"), &[]), built);
        let built = one(&KIND, None, &texts(&["day", "id"]), &[("keep", &text("last"))]);
        assert_eq!(built.check, Check::Key(KeyTest::Unique { columns: vec![5, 0], keep: Keep::Last, primary: false }));
        assert_eq!(built.brief, "day, id are unique together (the last row stays)");
        assert_eq!(build(&KIND, Some("code"), &boolean(false), &[]), Ok(Vec::new()));
    }

    #[test]
    fn what_cannot_be_a_key_is_refused() {
        assert_eq!(codes(&KIND, Some("basket[].sku"), &boolean(true), &[]), ["C907"]);
        assert_eq!(codes(&KIND, Some("tags"), &boolean(true), &[]), ["C907"]);
        assert_eq!(codes(&KIND, None, &texts(&["id", "id"]), &[]), ["C916"]);
        assert_eq!(codes(&KIND, None, &boolean(true), &[]), ["C904"]);
        assert_eq!(codes(&KIND, None, &null(), &[]), ["C903"]);
        assert_eq!(codes(&KIND, Some("id"), &text("id"), &[]), ["C903"]);
        assert_eq!(codes(&KIND, None, &text("id"), &[("keep", &text("best"))]), ["C903"]);
    }
}
