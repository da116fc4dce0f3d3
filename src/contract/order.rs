//! The order of the tables: parents before the tables that reference them.

use crate::contract::rules::Draft;
use crate::model::{Check, KeyTest, Table};
use crate::rule::Complaint;

/// Gives the indices of the tables, parents first and else as written; complains about circles.
///
/// A table may reference itself.
pub fn parents_first(tables: &[Table], drafts: &[Vec<Draft<'_>>], complaints: &mut Vec<Complaint>) -> Vec<usize> {
    let edges: Vec<Vec<Edge<'_, '_>>> =
        drafts.iter().enumerate().map(|(child, drafts)| parents(child, tables, drafts)).collect();
    let mut order: Vec<usize> = Vec::with_capacity(tables.len());
    let mut placed = vec![false; tables.len()];
    let mut first = 0;
    while order.len() < tables.len() {
        while first < tables.len() && is(&placed, first) {
            first += 1;
        }
        let ready = (first..tables.len()).find(|table| {
            !is(&placed, *table)
                && edges.get(*table).is_none_or(|edges| edges.iter().all(|edge| is(&placed, edge.parent)))
        });
        let next = if let Some(table) = ready {
            vec![table]
        } else {
            let circle = circle(&edges, &placed);
            complain(tables, &edges, &circle, complaints);
            circle
        };
        if next.is_empty() {
            break;
        }
        for table in next {
            if let Some(place) = placed.get_mut(table) {
                *place = true;
            }
            order.push(table);
        }
    }
    order
}

struct Edge<'d, 'n> {
    parent: usize,
    draft: &'d Draft<'n>,
}

fn is(placed: &[bool], table: usize) -> bool {
    placed.get(table).copied().unwrap_or(true)
}

fn parents<'d, 'n>(child: usize, tables: &[Table], drafts: &'d [Draft<'n>]) -> Vec<Edge<'d, 'n>> {
    drafts
        .iter()
        .filter_map(|draft| {
            let Check::Key(KeyTest::References { parent, .. }) = &draft.rule.check else { return None };
            let parent = tables.iter().position(|table| table.name == *parent).filter(|parent| *parent != child)?;
            Some(Edge { parent, draft })
        })
        .collect()
}

/// Finds a circle among the tables not placed: each of them has a parent that is not placed, so walking up must come
/// back to a table already passed.
fn circle(edges: &[Vec<Edge<'_, '_>>], placed: &[bool]) -> Vec<usize> {
    let Some(mut at) = (0..placed.len()).find(|table| !is(placed, *table)) else { return Vec::new() };
    let mut passed: Vec<usize> = Vec::new();
    loop {
        if let Some(start) = passed.iter().position(|table| *table == at) {
            return passed.split_off(start);
        }
        passed.push(at);
        let up = edges.get(at).and_then(|edges| edges.iter().find(|edge| !is(placed, edge.parent)));
        match up {
            Some(edge) => at = edge.parent,
            None => return passed,
        }
    }
}

fn complain(tables: &[Table], edges: &[Vec<Edge<'_, '_>>], circle: &[usize], complaints: &mut Vec<Complaint>) {
    let name = |table: &usize| tables.get(*table).map_or("", |table| table.name.as_str());
    let closing = circle
        .iter()
        .zip(circle.iter().cycle().skip(1))
        .filter_map(|(child, parent)| edges.get(*child)?.iter().find(|edge| edge.parent == *parent))
        .max_by_key(|edge| edge.draft.span.start);
    let mut names: Vec<&str> = circle.iter().map(name).collect();
    names.extend(circle.first().map(name));
    let span = closing.map_or(0..0, |edge| edge.draft.span.clone());
    complaints.push(Complaint {
        code: "C910",
        span,
        message: format!("the tables reference each other in a circle: {}", names.join(" → ")),
        label: "closes the circle".to_owned(),
        hint: Some("no table of a circle can be loaded first: drop one of the references".to_owned()),
    });
}
