//! # What
//! A column, or several together, holds so many different values.
//!
//! Written with bounds, or with one number for exactly so many, and `column` or `columns`. The count is exact. A key
//! with a NULL in it is not counted.
//!
//! # Why
//! A file of one region instead of all, or a default written into every row, shows in how few values a column has.
//!
//! # Example
//! ```yaml
//! columns:
//!   store: {type: string}
//!   day:   {type: date}
//! rules:
//!   - {distinct_count: {minimum: 2}, column: store}
//!   - {distinct_count: {maximum: 3}, columns: [store, day]}
//! ```
//!
//! # Passes
//! ```csv
//! store,day
//! north,2025-01-01
//! south,2025-01-01
//! south,2025-01-01
//! ,2025-01-02
//! ```
//!
//! # Fails
//! ```csv
//! store,day
//! north,2025-01-01
//! north,2025-01-02
//! ,2025-01-01
//! ```

use crate::model::{Check, TableTest};
use crate::rule::ask::{self, Made};
use crate::rule::kinds::row_count;
use crate::rule::{Asked, Built, Complaint, KindOption, RuleKind, Scope, Shape, bounds};

/// The kind `distinct_count`.
pub const KIND: RuleKind = RuleKind {
    name: "distinct_count",
    code: "T303",
    scope: Scope::Table,
    keyword: false,
    long_form: true,
    argument: row_count::COUNTED,
    options: &[KindOption {
        name: "columns",
        shape: Shape::Names,
        doc: "The columns whose values are counted together.",
    }],
    page: include_str!("distinct_count.rs"),
    build,
};

fn build(asked: &Asked<'_>) -> Made {
    let columns = match (&asked.path, asked.option("columns")) {
        (Some(path), None) => ask::whole_column(asked.argument, path, asked.table, KIND.name)
            .map(|column| vec![column])
            .map_err(|c| vec![c]),
        (None, Some(node)) => ask::key_columns(node, asked.table, KIND.name),
        (None, None) => {
            let complaint = Complaint::at(asked.argument, "C904", "`distinct_count` does not say of which column");
            Err(vec![complaint.hint("add `column: a` or `columns: [a, b]`")])
        }
        (Some(_), Some(node)) => Err(vec![Complaint::at(node, "C903", "`column` and `columns` cannot both be given")]),
    };
    let (columns, bounds) = match (columns, row_count::count_bounds(asked.argument, KIND.name)) {
        (Ok(columns), Ok(bounds)) => (columns, bounds),
        (columns, bounds) => return Err(columns.err().into_iter().chain(bounds.err()).flatten().collect()),
    };
    let paths = ask::paths(&columns, asked.table);
    let (subject, words) = (format!("the number of different {}", ask::listed(&paths)), bounds::words(&bounds));
    Ok(vec![Built {
        check: Check::Table(TableTest::DistinctCount { columns, bounds }),
        columns: paths,
        brief: format!("{subject} is {words}"),
        message: format!("{subject} is not {words}"),
    }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::testing::{codes, map, number, one, texts};

    #[test]
    fn one_column_or_many() {
        let two = map(vec![("minimum", number("2"))]);
        assert_eq!(one(&KIND, Some("code"), &two, &[]).brief, "the number of different code is at least 2");
        assert_eq!(one(&KIND, None, &two, &[("columns", &texts(&["code", "day"]))]).columns.len(), 2);
        assert_eq!(codes(&KIND, None, &number("-1"), &[]), ["C904", "C903"]);
        assert_eq!(codes(&KIND, Some("tags"), &two, &[]), ["C907"]);
    }
}
