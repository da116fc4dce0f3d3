//! `merge`: several saved profiles as the profile of all their rows, without the rows.

use std::collections::BTreeMap;

use serde::Deserialize as _;

use crate::analyze::profile::{self, About, TableState};
use crate::model::profile::{Profile, SCHEMA, TableProfile};
use crate::model::{Error, Result};

/// Merges profiles: tables of one name are parts of one table.
///
/// # Errors
/// Where a profile was saved without its state, or is damaged.
pub fn merge(profiles: &[Profile]) -> Result<Profile> {
    let mut order: Vec<&str> = Vec::new();
    let mut parts: BTreeMap<&str, Vec<&TableProfile>> = BTreeMap::new();
    for table in profiles.iter().flat_map(|profile| &profile.tables) {
        let own = parts.entry(&table.name).or_default();
        if own.is_empty() {
            order.push(&table.name);
        }
        own.push(table);
    }
    let mut tables = Vec::with_capacity(order.len());
    for name in order {
        tables.push(one(parts.get(name).map(Vec::as_slice).unwrap_or_default())?);
    }
    let pairs: Vec<(&TableState, &TableProfile)> = tables.iter().map(|(state, table)| (state, table)).collect();
    let foreign_keys = profile::foreign_keys(&pairs);
    let tables = tables.into_iter().map(|(_, table)| table).collect();
    Ok(Profile { schema: SCHEMA.to_owned(), tables, foreign_keys, notes: Vec::new(), run: None })
}

/// Reads the state that a profile was saved with.
///
/// # Errors
/// Where it has none, or one that is damaged.
pub fn state(table: &TableProfile) -> Result<TableState> {
    let state = table.state.as_ref().ok_or_else(|| {
        Error::usage(format!("the profile of {} was saved without what a merge needs", table.name))
            .hint("save it again, without --no-state")
    })?;
    let damaged = || Error::input(format!("the profile of {} is damaged", table.name));
    let mut state = TableState::deserialize(state).map_err(|error| damaged().because(error))?;
    if !state.is_sound() {
        return Err(damaged().hint("profile the files again"));
    }
    state.restore();
    state.pairs = None;
    Ok(state)
}

fn one(parts: &[&TableProfile]) -> Result<(TableState, TableProfile)> {
    let Some((first, rest)) = parts.split_first() else {
        return Err(Error::usage("no profile to merge"));
    };
    let mut merged = state(first)?;
    for part in rest {
        merged.merge(state(part)?);
    }
    let files = parts.iter().flat_map(|part| part.files.iter().cloned()).collect();
    let columns = || parts.iter().flat_map(|part| &part.columns);
    let declared = columns().filter_map(|column| Some((column.name.clone(), column.declared.clone()?)));
    let shown = columns().filter(|column| column.personal.is_some()).all(|column| !column.masked);
    let about = About {
        name: first.name.clone(),
        format: first.format.clone(),
        dialect: first.dialect.clone(),
        files,
        byte_order_marks: parts.iter().map(|part| part.shape.byte_order_marks).sum(),
        repeated_names: Vec::new(),
        declared: declared.collect(),
        personal: columns()
            .filter(|column| column.personal.as_ref().is_some_and(|personal| personal.kind == "pii"))
            .map(|column| column.name.clone())
            .collect(),
        // What one part hid stays hidden.
        unmask: shown,
        keep_state: true,
    };
    let table = profile::table(&mut merged, &about);
    Ok((merged, table))
}
