//! Narrow: bounds that pass from one compared column to the other, so that drawing anew soon succeeds.

use crate::generate::grid::{self, Form};
use crate::generate::plan::facts::{Facts, Read};
use crate::generate::plan::units::{self, Asked, Limits};
use crate::model::{Column, CompareOp, Context, Generation, Rule, Table};

/// Passes bounds along all comparisons until nothing changes.
pub fn narrow<'r>(read: &mut Read<'r>, table: &'r Table, context: &Context) {
    for _ in 0..table.columns.len().min(64) {
        let mut found = Vec::new();
        for (left, op, right, rule) in &read.compares {
            let (a, b) = (&table.columns[*left], &table.columns[*right]);
            if left == right || !units::comparable(&a.data_type, &b.data_type) {
                continue;
            }
            pass(read, table, context, (*left, a), (*op, *rule), (*right, b), &mut found);
            pass(
                read,
                table,
                context,
                (*right, b),
                (crate::generate::plan::facts::turned(*op), *rule),
                (*left, a),
                &mut found,
            );
        }
        if found.is_empty() {
            return;
        }
        for (column, op, literal, rule) in found {
            read.at(&table.columns[column].name).extra.push((op, literal, rule));
        }
    }
}

type Found<'r> = (usize, CompareOp, crate::model::Literal, &'r Rule);

/// Bounds the left side of `left op right` by the limits of the right.
fn pass<'r>(
    read: &Read<'r>,
    table: &'r Table,
    context: &Context,
    (left, a): (usize, &Column),
    (op, rule): (CompareOp, &'r Rule),
    (_, b): (usize, &Column),
    found: &mut Vec<Found<'r>>,
) {
    let (Some(here), Some(there)) = (form(a), form(b)) else { return };
    let theirs = limits(read, table, context, b, there);
    let ours = limits(read, table, context, a, here);
    let mut bound = |op: CompareOp, unit: i128| {
        let literal = units::literal(there, unit);
        let Some(cut) = grid::cut(&literal, here, context) else { return };
        let (least, most) = cut.range(op);
        let news = match op {
            CompareOp::Gt | CompareOp::GtEq => ours.least.is_none_or(|old| old < least),
            _ => ours.most.is_none_or(|old| old > most),
        };
        if news {
            found.push((left, op, literal, rule));
        }
    };
    match op {
        CompareOp::Lt | CompareOp::LtEq => {
            if let Some(most) = theirs.most {
                bound(op, most);
            }
        }
        CompareOp::Gt | CompareOp::GtEq => {
            if let Some(least) = theirs.least {
                bound(op, least);
            }
        }
        CompareOp::Eq => {
            if let Some(most) = theirs.most {
                bound(CompareOp::LtEq, most);
            }
            if let Some(least) = theirs.least {
                bound(CompareOp::GtEq, least);
            }
        }
        CompareOp::NotEq => {}
    }
}

/// Floats are bounded in decimals of six digits, which is fine enough to help.
fn form(column: &Column) -> Option<Form> {
    match Form::of(&column.data_type)? {
        Form::Float32(_) => Some(Form::Float32(6)),
        Form::Float64(_) => Some(Form::Float64(6)),
        other => Some(other),
    }
}

fn limits(read: &Read<'_>, table: &Table, context: &Context, column: &Column, form: Form) -> Limits {
    let (empty, plain) = (Facts::default(), Generation::default());
    let facts = read.facts.get(&column.name).unwrap_or(&empty);
    let wish = column.generation.as_deref().unwrap_or(&plain);
    let asked =
        Asked { column, path: &column.name, facts, wish, context, source: &table.source, need: 0, from_one: false };
    units::explicit(form, &asked)
}
