//! Links: the references of a scope, and how each chooses its parents.

use std::sync::Arc;

use crate::frame::keys::{KeyEncoder, KeySet};
use crate::generate::column::Nulls;
use crate::generate::column::link::{Chooser, Groups, Link};
use crate::generate::column::nested::LinkAt;
use crate::generate::column::table::Core;
use crate::generate::permutation::{Permutation, Spread};
use crate::generate::plan::keys::Want;
use crate::generate::plan::table::Planner;
use crate::generate::random::{Stream, mix};
use crate::generate::zipf::Zipf;
use crate::model::generation::{Origin, Parents};
use crate::model::{Check, Column, KeyTest, Rule};

/// The references of one scope by the columns that hold them.
#[derive(Debug, Default)]
pub struct Names {
    /// Column, link, and the parent's column.
    pub members: Vec<(String, usize, usize)>,
    /// The parent tables of the links; `None` for the table itself.
    pub parents: Vec<Option<Arc<Core>>>,
}

/// The most rows of a parent whose rows are grouped in memory.
const GROUPED: u64 = 1 << 23;

impl<'a> Planner<'a, '_> {
    /// Plans the references of a scope. `paths` are its columns with their paths.
    pub fn links(&mut self, paths: &[(&'a Column, String)], list: Option<u64>) -> (Vec<Link>, Names) {
        let (mut links, mut names) = (Vec::new(), Names::default());
        let mut seen: Vec<(&'a Rule, usize)> = Vec::new();
        for (column, path) in paths {
            let Some(rule) = self.read.facts.get(path).and_then(|facts| facts.references) else { continue };
            let Check::Key(KeyTest::References { columns, parent, parent_columns }) = &rule.check else { continue };
            let from = column.generation.as_ref().and_then(|wish| wish.from.as_ref());
            if !matches!(from, None | Some(Origin::Reference(_))) {
                self.unproved.push(rule);
                continue;
            }
            let place = columns.iter().position(|member| member.text == *path);
            let Some(to) = place.and_then(|place| parent_columns.get(place)).copied() else { continue };
            if let Some((_, link)) = seen.iter().find(|(known, _)| std::ptr::eq(*known, rule)) {
                names.members.push((column.name.clone(), *link, to));
                continue;
            }
            let itself = *parent == self.table.name;
            let core = self.cores.iter().find(|core| core.name == *parent).cloned();
            if core.is_none() && !itself {
                self.problems
                    .rule(rule, format!("the table `{parent}` cannot be generated before `{}`", self.table.name));
                continue;
            }
            let rows = core.as_ref().map_or(self.rows, |core| core.rows);
            let key = Stream::new(self.seed, &format!("{}.{path}#parent", self.table.name)).key();
            let nulls = if columns.len() == 1 { self.nulls(column, path, key, None) } else { Nulls::Never };
            let chooser = self.chooser(rule, column, path, (itself, rows), key, list);
            seen.push((rule, links.len()));
            names.members.push((column.name.clone(), links.len(), to));
            names.parents.push(core.clone());
            links.push(Link { parent: core, rows, chooser, key, nulls, together: None });
        }
        (links, names)
    }

    fn chooser(
        &mut self,
        rule: &Rule,
        column: &Column,
        path: &str,
        (itself, parents): (bool, u64),
        key: u64,
        list: Option<u64>,
    ) -> Chooser {
        let required = self.read.facts.get(path).is_some_and(|facts| facts.required.is_some());
        if parents == 0 {
            if required && self.rows > 0 {
                self.problems.rule(rule, "the parent has no rows, and the reference may not be NULL");
            }
            return Chooser::Nobody;
        }
        let order = |rows| Permutation::new(rows, mix(key ^ 1));
        match self.want(path) {
            Want::Unique { rule, .. } => {
                return Spread::new(self.rows.max(1), parents.into(), true, key).map_or_else(
                    || {
                        self.problems
                            .rule(rule, format!("{} rows need a parent each, and there are {parents}", self.rows));
                        Chooser::Uniform
                    },
                    Chooser::Unique,
                );
            }
            Want::Digit { spread, divisor, radix } => return Chooser::Digit { spread, divisor, radix },
            Want::Rising => {
                if let Some((rule, _)) = self.read.facts.get(path).and_then(|facts| facts.increasing) {
                    self.unproved.push(rule);
                }
            }
            Want::Any => {}
        }
        let from = column.generation.as_ref().and_then(|wish| wish.from.as_ref());
        let parents_by = match from {
            Some(Origin::Reference(parents)) => *parents,
            _ => Parents::Uniform,
        };
        match parents_by {
            _ if itself => Chooser::Earlier { first_is_null: !required },
            Parents::Uniform => Chooser::Uniform,
            Parents::Zipf(exponent) => {
                let Some(zipf) = Zipf::new(parents, exponent) else {
                    let place = column.generation.as_ref().map_or((0, 0), |wish| wish.place);
                    self.problems.setting(path, place, "the exponent must be 0 or more");
                    return Chooser::Uniform;
                };
                Chooser::Zipf(zipf, order(parents))
            }
            Parents::Every if list == Some(0) => Chooser::Uniform,
            Parents::Every => Chooser::Every(order(self.rows.max(1))),
        }
    }

    /// Gives the columns of the reference that a table's column belongs to, and how many parents there are.
    pub fn reference_of(&self, column: usize) -> Option<(Vec<usize>, u64)> {
        let at = &self.table.columns[column];
        let rule = self.read.facts.get(&at.name)?.references?;
        let from = at.generation.as_ref().and_then(|wish| wish.from.as_ref());
        if !matches!(from, None | Some(Origin::Reference(Parents::Uniform))) {
            return None;
        }
        let Check::Key(KeyTest::References { columns, parent, .. }) = &rule.check else { return None };
        let core = self.cores.iter().find(|core| core.name == *parent)?;
        let whole = columns.iter().all(|path| path.steps.is_empty());
        whole.then(|| (columns.iter().map(|path| path.column).collect(), core.rows))
    }

    /// Finds the reference that a setting names, from the innermost scope outwards.
    pub fn through(&mut self, name: &str) -> Option<(LinkAt, Option<Arc<Core>>, usize)> {
        for (up, names) in self.scopes.iter().rev().enumerate() {
            if let Some((_, index, column)) = names.members.iter().find(|(member, ..)| member == name) {
                let parent = names.parents.get(*index).cloned().flatten();
                let found = (LinkAt { up, index: *index }, parent, *column);
                if up + 1 == self.scopes.len()
                    && let Some(other) = self.table.column_index(name)
                {
                    self.edges.push((self.at, other));
                }
                return Some(found);
            }
        }
        None
    }
}

/// Groups a parent's rows by a column.
pub fn groups(parent: &Core, column: usize) -> Result<Groups, String> {
    if parent.rows > GROUPED {
        return Err(format!("`{}` has over {GROUPED} rows, too many to group", parent.name));
    }
    let mut known: KeySet<u32> = KeySet::new();
    let (mut of, mut sizes, mut key): (Vec<u32>, Vec<u32>, Vec<u8>) = (Vec::new(), Vec::new(), Vec::new());
    let rows: Vec<u64> = (0..parent.rows).collect();
    for chunk in rows.chunks(1 << 16) {
        let array = parent.columns(chunk, &[column]).map_err(|error| error.to_string())?;
        let encoder = KeyEncoder::of(&array);
        for row in 0..chunk.len() {
            if !encoder.encode(row, &mut key) {
                key.clear();
            }
            let fresh = u32::try_from(sizes.len()).unwrap_or(u32::MAX);
            let group = known.get_or_insert(&key, fresh).map_or(fresh, |group| *group);
            if group == fresh && sizes.len() == fresh as usize {
                sizes.push(0);
            }
            sizes[group as usize] += 1;
            of.push(group);
        }
    }
    let mut starts = vec![0u32];
    for size in &sizes {
        starts.push(starts.last().copied().unwrap_or(0) + size);
    }
    let mut next = starts.clone();
    let mut members = vec![0u32; of.len()];
    for (row, group) in (0u32..).zip(&of) {
        let place = &mut next[*group as usize];
        members[*place as usize] = row;
        *place += 1;
    }
    Ok(Groups { of, starts, members })
}
