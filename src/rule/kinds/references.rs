//! # What
//! The value stands in a column of another table, or several values in several columns of one row there.
//!
//! Parents are the rows that were accepted in this run; a load also knows those already in the target. A reference
//! with a NULL in it passes. At a column: `references: customers.customer_id`; elements and fields may refer too. For
//! several columns: `{references: customers, columns: [store, number], to: [store, number]}` under `rules:`.
//!
//! # Why
//! A sale of a product nobody knows is lost by every inner join, and a foreign key in the target refuses the whole
//! load.
//!
//! # Example
//! ```yaml
//! tables:
//!   parent:
//!     source: {format: csv}
//!     primary_key: [customer_id]
//!     columns:
//!       customer_id: {type: string}
//!       name:        {type: string}
//!   t:
//!     source: {format: csv}
//!     columns:
//!       sale_id:     {type: int64}
//!       customer_id: {type: string, references: parent.customer_id}
//! ```
//!
//! # Parent
//! ```csv parent
//! customer_id,name
//! C1,Ada
//! C2,Grace
//! ```
//!
//! # Passes
//! ```csv
//! sale_id,customer_id
//! 1,C1
//! 2,C1
//! 3,C2
//! 4,
//! ```
//!
//! # Fails
//! ```csv
//! sale_id,customer_id
//! 1,C1
//! 2,C9
//! ```

use crate::model::{Check, ColumnPath, DataType, KeyTest, Table};
use crate::rule::ask::{self, Made};
use crate::rule::node::Node;
use crate::rule::{Asked, Built, Complaint, KindOption, RuleKind, Scope, Shape};

/// The kind `references`.
pub const KIND: RuleKind = RuleKind {
    name: "references",
    code: "K203",
    scope: Scope::Key,
    keyword: true,
    long_form: true,
    argument: Shape::Text,
    options: &[
        KindOption { name: "columns", shape: Shape::Names, doc: "The columns that refer, where there are several." },
        KindOption { name: "to", shape: Shape::Names, doc: "The columns of the other table, in the same order." },
    ],
    page: include_str!("references.rs"),
    build,
};

/// The table and columns referred to.
struct Target<'a> {
    parent: &'a Table,
    columns: Vec<usize>,
}

fn build(asked: &Asked<'_>) -> Made {
    let (columns, target) = match (children(asked), target(asked)) {
        (Ok(columns), Ok(target)) => (columns, target),
        (columns, target) => return Err(columns.err().into_iter().chain(target.err()).flatten().collect()),
    };
    if columns.len() != target.columns.len() {
        let message = format!("{} columns refer to {}", columns.len(), target.columns.len());
        let complaint = Complaint::at(asked.argument, "C903", message);
        return Err(vec![complaint.hint("`columns` and `to` name as many columns each, in the same order")]);
    }
    let fits: Vec<Complaint> = columns
        .iter()
        .zip(&target.columns)
        .filter_map(|(path, &index)| misfit(asked, path, target.parent, index))
        .collect();
    if !fits.is_empty() {
        return Err(fits);
    }
    let parent_columns = ask::listed(&ask::paths(&target.columns, target.parent));
    let stand = if columns.len() == 1 { "stands" } else { "stand together" };
    let parent = target.parent.name.clone();
    Ok(vec![Built {
        brief: format!("{} {stand} in {parent} ({parent_columns})", ask::listed(&columns)),
        message: format!("stands in no accepted row of {parent} ({parent_columns})"),
        columns: columns.clone(),
        check: Check::Key(KeyTest::References { columns, parent, parent_columns: target.columns }),
    }])
}

/// Finds the columns that refer: one path, or several whole columns.
fn children(asked: &Asked<'_>) -> Result<Vec<ColumnPath>, Vec<Complaint>> {
    match (&asked.path, asked.option("columns")) {
        (Some(path), None) => {
            let data_type = &asked.table.at(path).data_type;
            if data_type.is_nested() {
                let message =
                    format!("`references` needs a column of a scalar type, and `{}` is {data_type}", path.text);
                return Err(vec![Complaint::at(asked.argument, "C907", message)]);
            }
            Ok(vec![path.clone()])
        }
        (None, Some(node)) => {
            let columns = ask::key_columns(node, asked.table, KIND.name)?;
            Ok(ask::paths(&columns, asked.table))
        }
        (None, None) => {
            let complaint = Complaint::at(asked.argument, "C904", "`references` does not say which columns refer");
            Err(vec![complaint.hint("add `column: a`, or `columns: [a, b]` with `to: [x, y]`")])
        }
        (Some(_), Some(node)) => Err(vec![Complaint::at(node, "C903", "`column` and `columns` cannot both be given")]),
    }
}

/// Finds what is referred to: `table.column`, or a table with `to`.
fn target<'a>(asked: &Asked<'a>) -> Result<Target<'a>, Vec<Complaint>> {
    let node = asked.argument;
    let Some(text) = node.text() else {
        let complaint = Complaint::at(node, "C903", format!("`references` names a table, found {}", node.what()));
        return Err(vec![complaint.hint("write `references: customers.customer_id`")]);
    };
    if let Some(parent) = table(asked, text) {
        let Some(to) = asked.option("to") else {
            let complaint = Complaint::at(node, "C904", format!("`references` does not say which column of `{text}`"));
            let first = parent.columns.first().map_or("", |column| column.name.as_str());
            return Err(vec![complaint.hint(format!("write `{text}.{first}`, or add `to: [{first}]`"))]);
        };
        return Ok(Target { parent, columns: ask::key_columns(to, parent, KIND.name)? });
    }
    let Some((parent, name)) = text
        .char_indices()
        .filter(|(_, letter)| *letter == '.')
        .find_map(|(dot, _)| table(asked, &text[..dot]).map(|parent| (parent, &text[dot + 1..])))
    else {
        return Err(vec![no_table(asked, node, text)]);
    };
    if let Some(to) = asked.option("to") {
        let complaint = Complaint::at(to, "C903", format!("`{text}` names the column already"));
        return Err(vec![complaint.hint(format!("write `references: {}`, or leave `to` out", parent.name))]);
    }
    let column = ask::key_column(node, name, parent, KIND.name).map_err(|complaint| vec![complaint])?;
    Ok(Target { parent, columns: vec![column] })
}

fn table<'a>(asked: &Asked<'a>, name: &str) -> Option<&'a Table> {
    asked.tables.iter().find(|table| table.name == name)
}

fn no_table(asked: &Asked<'_>, node: &Node, text: &str) -> Complaint {
    if asked.table.column_index(text).is_some() {
        let complaint = Complaint::at(node, "C909", format!("`{text}` is a column, and no table has this name"));
        return complaint.hint("write `references: table.column`");
    }
    let name = text.split_once('.').map_or(text, |(name, _)| name);
    let complaint = Complaint::at(node, "C909", format!("there is no table `{name}`"));
    ask::hint_nearest(complaint, name, asked.tables.iter().map(|table| table.name.as_str()))
}

/// Complains where the two columns cannot hold equal values: keys are compared by value, integers and decimals of any
/// width and scale with each other, and nothing is converted.
fn misfit(asked: &Asked<'_>, path: &ColumnPath, parent: &Table, index: usize) -> Option<Complaint> {
    let child = &asked.table.at(path).data_type;
    let column = parent.columns.get(index)?;
    let found = &column.data_type;
    let exact = |data_type: &DataType| data_type.is_numeric() && !data_type.is_float();
    let fits = child == found || (exact(child) && exact(found)) || (child.is_float() && found.is_float());
    (!fits).then(|| {
        let message = format!(
            "`{}` is {child} and `{}.{}` is {found}: they are never equal",
            path.text, parent.name, column.name
        );
        Complaint::at(asked.argument, "C907", message).hint("give both columns one type")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::testing::{codes, number, one, text, texts};

    #[test]
    fn a_column_or_an_element_refers() {
        let built = one(&KIND, Some("basket[].sku"), &text("other.code"), &[]);
        let Check::Key(KeyTest::References { columns, parent, parent_columns }) = built.check else { panic!() };
        assert_eq!((columns[0].text.as_str(), parent.as_str(), parent_columns), ("basket[].sku", "other", vec![1]));
        assert_eq!(built.brief, "basket[].sku stands in other (code)");
        assert_eq!(built.message, "stands in no accepted row of other (code)");
    }

    #[test]
    fn several_columns_refer_together() {
        let (columns, to) = (texts(&["code", "day"]), texts(&["code", "day"]));
        let built = one(&KIND, None, &text("other"), &[("columns", &columns), ("to", &to)]);
        assert_eq!(built.brief, "code, day stand together in other (code, day)");
        let few = texts(&["code"]);
        assert_eq!(codes(&KIND, None, &text("other"), &[("columns", &columns), ("to", &few)]), ["C903"]);
    }

    #[test]
    fn references_to_nothing_are_told() {
        assert_eq!(codes(&KIND, Some("id"), &text("othr.id"), &[]), ["C909"]);
        assert_eq!(codes(&KIND, Some("id"), &text("other.idd"), &[]), ["C909"]);
        assert_eq!(codes(&KIND, Some("id"), &text("price"), &[]), ["C909"]);
        assert_eq!(codes(&KIND, Some("id"), &text("other"), &[]), ["C904"]);
        assert_eq!(codes(&KIND, None, &text("othr.id"), &[]), ["C904", "C909"]);
        assert_eq!(codes(&KIND, Some("id"), &number("5"), &[]), ["C903"]);
        assert_eq!(codes(&KIND, Some("id"), &text("other.id"), &[("to", &texts(&["id"]))]), ["C903"]);
    }

    #[test]
    fn types_must_be_able_to_be_equal() {
        assert_eq!(codes(&KIND, Some("code"), &text("other.id"), &[]), ["C907"]);
        assert_eq!(codes(&KIND, Some("tags"), &text("other.code"), &[]), ["C907"]);
        assert_eq!(codes(&KIND, Some("code"), &text("other.tags"), &[]), ["C907"]);
        assert_eq!(codes(&KIND, Some("rate"), &text("other.price"), &[]), ["C907"]);
        assert_eq!(codes(&KIND, Some("day"), &text("other.stamp"), &[]), ["C907"]);
        for parent in ["other.id", "other.price"] {
            assert_eq!(one(&KIND, Some("basket[].quantity"), &text(parent), &[]).columns.len(), 1);
        }
    }
}
