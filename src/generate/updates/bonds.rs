//! Which columns a change leaves alone: the key, and what hangs together with it.

use crate::model::generation::Origin;
use crate::model::{Check, Column, DataType, Error, Generation, Keep, KeyTest, Result, RowTest, Table};

/// Tells for each column whether every version of a row has the same value in it.
///
/// # Errors
/// A table without a primary key, or with one that repeats.
pub fn kept(table: &Table) -> Result<Vec<bool>> {
    let mut kept = vec![false; table.columns.len()];
    for column in fixed(table)? {
        if let Some(slot) = kept.get_mut(column) {
            *slot = true;
        }
    }
    // Columns that agree with each other change together, or not at all.
    let bonds = bonds(table);
    let is = |kept: &[bool], column: &usize| kept.get(*column).copied().unwrap_or(false);
    loop {
        let drawn: Vec<usize> = bonds
            .iter()
            .filter(|bond| bond.iter().any(|column| is(&kept, column)))
            .flatten()
            .copied()
            .filter(|column| !is(&kept, column))
            .collect();
        if drawn.is_empty() {
            return Ok(kept);
        }
        for column in drawn {
            match kept.get_mut(column) {
                Some(slot) => *slot = true,
                None => return Ok(kept),
            }
        }
    }
}

/// Gives the columns that identify or order rows.
fn fixed(table: &Table) -> Result<Vec<usize>> {
    let Some(key) = &table.primary_key else {
        let message = format!("`{}` has no primary key: nothing says which row an update is for", table.name);
        return Err(Error::usage(message).hint("add `primary_key:` to the table"));
    };
    let mut columns = key.columns.clone();
    columns.extend(table.generation.day);
    for rule in &table.rules {
        match &rule.check {
            Check::Key(KeyTest::Unique { columns: unique, keep, primary }) => {
                let repeats = |column: &usize| {
                    let own = table.columns.get(*column).and_then(|column| column.generation.as_ref());
                    own.is_some_and(|own| own.distinct.is_some())
                };
                if *primary && *keep != Keep::None && unique.iter().any(repeats) {
                    let message = format!("the key of `{}` repeats: an update would have several rows", table.name);
                    return Err(Error::usage(message).hint("drop `distinct` from the key's columns"));
                }
                columns.extend(unique);
            }
            Check::Key(KeyTest::Increasing { column, .. }) => columns.push(*column),
            _ => {}
        }
    }
    Ok(columns)
}

fn bonds(table: &Table) -> Vec<Vec<usize>> {
    let mut bonds: Vec<Vec<usize>> = Vec::new();
    let mut records: Vec<usize> = Vec::new();
    for (index, column) in table.columns.iter().enumerate() {
        settings(column, &mut |generation| {
            if matches!(generation.from, Some(Origin::Values(_))) {
                records.push(index);
            }
            let mut bond = needs(table, generation);
            bond.push(index);
            bonds.push(bond);
        });
    }
    bonds.push(records);
    for rule in &table.rules {
        let mut bond: Vec<usize> = rule.condition.iter().flat_map(|condition| condition.columns.clone()).collect();
        match &rule.check {
            Check::Row(RowTest::Expression(expression)) => bond.extend(&expression.columns),
            Check::Row(RowTest::Compare { left, right, .. }) => bond.extend([left.column, right.column]),
            Check::Row(RowTest::When { when, then }) => bond.extend(when.columns.iter().chain(&then.columns)),
            Check::Key(KeyTest::References { columns, .. }) => bond.extend(columns.iter().map(|path| path.column)),
            Check::Cell(_) => bond.extend(rule.columns.iter().map(|path| path.column)),
            _ => continue,
        }
        bonds.push(bond);
    }
    bonds.retain(|bond| bond.len() > 1);
    bonds
}

/// Visits the settings of a column and of what is inside it.
fn settings(column: &Column, visit: &mut impl FnMut(&Generation)) {
    if let Some(generation) = &column.generation {
        visit(generation);
    }
    match &column.data_type {
        DataType::List(item) => settings(item, visit),
        DataType::Struct(fields) => fields.iter().for_each(|field| settings(field, visit)),
        _ => {}
    }
}

/// Gives the columns a value is made from.
fn needs(table: &Table, generation: &Generation) -> Vec<usize> {
    let mut needs = match &generation.from {
        Some(Origin::Derived(expression)) => expression.columns.clone(),
        Some(Origin::Copy { through, .. }) => table.column_index(through).into_iter().collect(),
        _ => Vec::new(),
    };
    needs.extend(generation.per.as_ref().and_then(|per| table.column_index(per)));
    needs
}
