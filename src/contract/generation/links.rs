//! Settings that follow a reference to a parent's row, and columns that are made from each other.

use crate::contract::generation::{Site, need};
use crate::contract::rules::Wanted;
use crate::contract::{nearest, shape};
use crate::model::generation::Origin;
use crate::model::{Check, Column, ColumnPath, Generation, KeyTest, Step, Table};
use crate::rule::Complaint;
use crate::rule::node::Node;

/// Finds the parent of a column, element or field that has a `references` rule.
pub fn parent<'a>(site: Site<'a, '_>, path: &str) -> Option<&'a Table> {
    let name = site.drafts.iter().find_map(|draft| match &draft.rule.check {
        Check::Key(KeyTest::References { columns, parent, .. }) if columns.iter().any(|column| column.text == path) => {
            Some(parent)
        }
        _ => None,
    })?;
    site.around.tables.iter().find(|table| table.name == *name)
}

/// Finds the parent's row that `through` leads to: `inside` is the prefix of fields of the same struct.
pub fn through<'a>(
    site: Site<'a, '_>,
    inside: Option<&str>,
    node: &Node,
    complaints: &mut Vec<Complaint>,
) -> Option<&'a Table> {
    let name = node.text().unwrap_or_default();
    let field = inside.map(|inside| format!("{inside}.{name}")).filter(|text| site.table.path(text).is_some());
    let path = field.unwrap_or_else(|| name.to_owned());
    let found = parent(site, &path);
    if found.is_some() || site.around.mentions_broken(&node.span) {
        return found;
    }
    let complaint = if site.table.column_index(&path).is_some() || path.contains('.') {
        Complaint::at(node, "C909", format!("`{}` refers to no table", shape::clip(name)))
            .hint("only a column with `references` leads to a parent")
    } else {
        let refer = |column: &&Column| parent(site, &column.name).is_some();
        let names = site.table.columns.iter().filter(refer).map(|column| column.name.as_str());
        Complaint::at(node, "C909", format!("there is no column or field `{}` here", shape::clip(name)))
            .hint(nearest::hint(name, names.collect::<Vec<_>>()))
    };
    complaints.push(complaint);
    None
}

/// Gives the prefix of the fields that stand beside a field: `basket[]` for `basket[].price`.
pub fn siblings(path: &ColumnPath) -> Option<&str> {
    matches!(path.steps.last(), Some(Step::Field(_)))
        .then(|| path.text.rsplit_once('.').map(|(head, _)| head))
        .flatten()
}

/// Reads `{through: …, column: …}`: the two names, and the parent's column.
pub fn parent_column<'a>(
    site: Site<'a, '_>,
    inside: Option<&str>,
    key: &str,
    node: &Node,
    complaints: &mut Vec<Complaint>,
) -> Option<(String, &'a Column)> {
    let (by, column) = (need(node, key, "through", complaints), need(node, key, "column", complaints));
    let by = by?;
    let parent = through(site, inside, by, complaints)?;
    let column = column?;
    let name = column.text().unwrap_or_default();
    let found = parent.columns.iter().find(|column| column.name == name);
    if found.is_none() && !site.around.mentions_broken(&column.span) {
        let message = format!("the table `{}` has no column `{}`", parent.name, shape::clip(name));
        let names = parent.columns.iter().map(|column| column.name.as_str());
        complaints.push(Complaint::at(column, "C909", message).hint(nearest::hint(name, names)));
    }
    Some((by.text().unwrap_or_default().to_owned(), found?))
}

/// Complains about columns whose expressions need each other's values.
pub fn circles(
    site: Site<'_, '_>,
    columns: &[(ColumnPath, Generation)],
    wanted: &Wanted<'_>,
    complaints: &mut Vec<Complaint>,
) {
    let mut needs: Vec<Vec<usize>> = vec![Vec::new(); site.table.columns.len()];
    for (path, generation) in columns {
        if let (Some(Origin::Derived(expression)), Some(own)) = (&generation.from, needs.get_mut(path.column)) {
            own.extend(&expression.columns);
        }
    }
    // Columns whose needs are met are taken away; what is left hangs on a circle.
    let mut left: Vec<bool> = vec![true; needs.len()];
    let open = |left: &[bool], column: &usize| left.get(*column).copied().unwrap_or(false);
    while let Some(free) = (0..needs.len()).find(|column| {
        open(&left, column) && needs.get(*column).is_some_and(|needs| needs.iter().all(|need| !open(&left, need)))
    }) {
        if let Some(slot) = left.get_mut(free) {
            *slot = false;
        }
    }
    let Some(mut at) = left.iter().position(|left| *left) else { return };
    let mut passed: Vec<usize> = Vec::new();
    while !passed.contains(&at) {
        passed.push(at);
        let next = needs.get(at).and_then(|needs| needs.iter().find(|need| open(&left, need)));
        let Some(next) = next else { return };
        at = *next;
    }
    let circle = passed.split_off(passed.iter().position(|column| *column == at).unwrap_or(0));
    let name = |column: &usize| site.table.columns.get(*column).map_or("", |column| column.name.as_str());
    let mut names: Vec<&str> = circle.iter().map(name).collect();
    names.extend(circle.first().map(name));
    let derived =
        |path: &ColumnPath| columns.iter().any(|(own, g)| own == path && matches!(g.from, Some(Origin::Derived(_))));
    let closing = wanted.wishes.iter().rfind(|wish| circle.contains(&wish.path.column) && derived(&wish.path));
    if let Some(wish) = closing {
        let at = wish.node.get("expression").unwrap_or(wish.key);
        let message = format!("columns are made from each other in a circle: {}", names.join(" ← "));
        complaints
            .push(Complaint::at(at, "C919", message).label("closes the circle").hint("one of them must be drawn"));
    }
}
