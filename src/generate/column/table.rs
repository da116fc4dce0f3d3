//! Core: one table ready to be made, any columns of any rows.
//!
//! Columns that a row rule ties together form a group. A row that breaks a rule of a group draws all its columns anew;
//! the others keep their values. What a row got in the end depends on nothing but the row.

use std::sync::{Arc, OnceLock};

use arrow_array::{Array, ArrayRef};
use arrow_schema::SchemaRef;

use crate::frame::drawn::Made;
use crate::generate::column::days::Days;
use crate::generate::column::frame::{Frame, places, with_nulls};
use crate::generate::column::link::NONE;
use crate::generate::column::nested::Scope;
use crate::generate::column::text::Text;
use crate::generate::column::{Cells, KEPT, Node, Nulls, Source};
use crate::generate::residual::Group;
use crate::generate::template::Template;
use crate::model::{Error, ErrorKind, Result};

/// A table's columns, references, days and groups.
#[derive(Debug)]
pub struct Core {
    pub name: String,
    pub rows: u64,
    pub key: u64,
    pub schema: SchemaRef,
    pub scope: Scope,
    pub days: Days,
    pub groups: Vec<Group>,
    /// The group of each column.
    pub group_of: Vec<Option<usize>>,
    /// Whole columns of small tables, made when a child first asks.
    pub kept: Vec<OnceLock<ArrayRef>>,
}

/// A row is drawn at most so often.
pub const DRAWS: u64 = 3000;

impl Core {
    /// Makes columns of rows.
    ///
    /// # Errors
    /// Where a row breaks a rule however often it is drawn; names rule and row.
    pub fn columns(&self, rows: &[u64], wanted: &[usize]) -> Result<Vec<ArrayRef>> {
        let mut frame = None;
        let mut grouped: Vec<Option<Vec<ArrayRef>>> = vec![None; self.groups.len()];
        let mut arrays = Vec::with_capacity(wanted.len());
        for column in wanted {
            let group = self.group_of.get(*column).copied().flatten();
            if let Some((index, group)) = group.and_then(|index| Some((index, self.groups.get(index)?))) {
                if grouped[index].is_none() {
                    grouped[index] = Some(self.group(group, rows)?);
                }
                let place = group.columns.iter().position(|member| member == column);
                let array = place.zip(grouped[index].as_ref()).and_then(|(place, arrays)| arrays.get(place).cloned());
                arrays.push(array.ok_or_else(|| Error::new(ErrorKind::Contract, "a group lacks a column"))?);
            } else {
                let frame = frame.get_or_insert_with(|| self.frame(rows, 0));
                arrays.push(frame.array(*column)?);
            }
        }
        Ok(arrays)
    }

    /// Makes all columns of rows, each in the form in which it is quickest written.
    ///
    /// # Errors
    /// As [`Core::columns`].
    pub fn made(&self, rows: &[u64]) -> Result<Vec<Made<'_>>> {
        let all = 0..self.scope.nodes.len();
        let is_grouped = |column: &usize| self.group_of.get(*column).copied().flatten().is_some();
        let grouped: Vec<usize> = all.clone().filter(is_grouped).collect();
        let mut arrays = if grouped.is_empty() { Vec::new() } else { self.columns(rows, &grouped)? }.into_iter();
        let frame = self.frame(rows, 0);
        let made = |column: usize| match is_grouped(&column).then(|| arrays.next()).flatten() {
            Some(array) => Ok(Made::Array(array)),
            None => frame.made(column),
        };
        all.map(made).collect()
    }

    /// Gives the template that writes a column of any rows, where it is one.
    #[must_use]
    pub fn template(&self, column: usize) -> Option<&Template> {
        match self.scope.nodes.get(column)? {
            Node {
                nulls: Nulls::Never,
                retry: None,
                per: None,
                source: Source::Text(Text::Template { template, order: None }),
                ..
            } => Some(template),
            _ => None,
        }
    }

    fn frame(&self, rows: &[u64], salt: u64) -> Frame<'_, '_> {
        Frame::new(self, &self.scope, Cells::of_rows(rows.to_vec(), self.key, salt), None)
    }

    /// Makes the columns of a group, drawing rows anew until they keep its rules.
    fn group(&self, group: &Group, rows: &[u64]) -> Result<Vec<ArrayRef>> {
        let make = |rows: &[u64], salt| {
            let frame = self.frame(rows, salt);
            group.columns.iter().map(|column| frame.array(*column)).collect::<Result<Vec<ArrayRef>>>()
        };
        let first = make(rows, 0)?;
        let mut failed = group.failing(&first, rows.len())?;
        if failed.is_empty() {
            return Ok(first);
        }
        let mut tries = vec![first];
        let mut places: Vec<(usize, usize)> = (0..rows.len()).map(|row| (0, row)).collect();
        for salt in 1..DRAWS {
            let again: Vec<u64> = failed.iter().map(|row| rows[*row as usize]).collect();
            let arrays = make(&again, salt)?;
            for (at, row) in failed.iter().enumerate() {
                places[*row as usize] = (tries.len(), at);
            }
            let still = group.failing(&arrays, again.len())?;
            tries.push(arrays);
            if still.is_empty() {
                return interleave(&tries, group.columns.len(), &places);
            }
            failed = still.iter().map(|at| failed[*at as usize]).collect();
        }
        let row = failed.first().map_or(0, |row| rows[*row as usize]);
        let names = group.broken(tries.last().map_or(&[], Vec::as_slice), failed.len());
        Err(Error::new(ErrorKind::Contract, format!("row {row} of `{}` breaks {names} in {DRAWS} draws", self.name))
            .hint("give the columns of the rule ranges that fit together under `generate:`"))
    }

    /// Gives a column of parent rows; NULL where there is no row.
    ///
    /// # Errors
    /// As [`Core::columns`].
    pub fn gather(&self, rows: &[u64], column: usize) -> Result<ArrayRef> {
        if self.rows <= KEPT
            && let Some(kept) = self.kept.get(column)
        {
            let whole = if let Some(whole) = kept.get() {
                whole.clone()
            } else {
                let all: Vec<u64> = (0..self.rows).collect();
                let made = self.columns(&all, &[column])?.pop().ok_or_else(|| Error::usage("no column"))?;
                kept.get_or_init(|| made).clone()
            };
            return arrow_select::take::take(&whole, &places(rows), None)
                .map_err(|error| Error::new(ErrorKind::Contract, "a parent's row is missing").because(error));
        }
        self.gather_rows(rows, column)
    }

    /// Gives a column of rows as [`Core::gather`] does, and keeps nothing: for a table that refers to itself.
    ///
    /// # Errors
    /// As [`Core::columns`].
    pub fn gather_rows(&self, rows: &[u64], column: usize) -> Result<ArrayRef> {
        let node = self.scope.nodes.get(column);
        if let Some(Node {
            nulls: Nulls::Never,
            retry: None,
            source: Source::Text(text @ Text::Template { .. }),
            key,
            path,
            ..
        }) = node
            && !rows.contains(&NONE)
        {
            // A template looks at the row's number alone.
            return text.fill(&Cells { rows: Arc::new(rows.to_vec()), ..Cells::default() }, *key, None, path);
        }
        if !rows.contains(&NONE) {
            return self.columns(rows, &[column])?.pop().ok_or_else(|| Error::usage("no column"));
        }
        let somewhere: Vec<u64> = rows.iter().map(|row| if *row == NONE { 0 } else { *row }).collect();
        let array = self.columns(&somewhere, &[column])?.pop().ok_or_else(|| Error::usage("no column"))?;
        with_nulls(array, Some(rows.iter().map(|row| *row != NONE).collect::<Vec<bool>>().into()))
    }
}

/// Puts columns together from the tries at them: for each row the try and the place in it.
fn interleave(tries: &[Vec<ArrayRef>], columns: usize, places: &[(usize, usize)]) -> Result<Vec<ArrayRef>> {
    let one = |column: usize| {
        let arrays: Vec<&dyn Array> = tries.iter().filter_map(|arrays| Some(arrays.get(column)?.as_ref())).collect();
        arrow_select::interleave::interleave(&arrays, places)
            .map_err(|error| Error::new(ErrorKind::Contract, "rows cannot be put together").because(error))
    };
    (0..columns).map(one).collect()
}
