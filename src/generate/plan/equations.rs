//! Equations: columns made from others, by a rule of equality or by a setting, and the circles they must not run in.

use crate::generate::column::Source;
use crate::generate::column::nested::Scope;
use crate::generate::plan::table::Planner;
use crate::model::generation::Origin;
use crate::model::{Expr, Generation};

impl Planner<'_, '_> {
    /// Gives the expression that a rule makes a column equal to.
    pub fn equal_to(&self, path: &str) -> Option<Expr> {
        let column = self.table.column_index(path)?;
        self.made_of.iter().find(|(made, _)| *made == column).map(|(_, expr)| expr.clone())
    }

    /// Decides which columns are made from others, so that rules of equality hold.
    pub(super) fn solve(&mut self) {
        for (column, expr) in self.read.equations.clone() {
            let at = &self.table.columns[column];
            let facts = self.read.facts.get(&at.name);
            let keyed = self.read.keys.iter().any(|(_, columns, _)| columns.contains(&column));
            let bound = facts.is_some_and(|facts| {
                facts.references.is_some() || facts.increasing.is_some() || !facts.distinct.is_empty()
            });
            let plain = at
                .generation
                .as_ref()
                .is_none_or(|wish| **wish == Generation { place: wish.place, ..Generation::default() });
            if plain
                && !keyed
                && !bound
                && !at.data_type.is_nested()
                && !self.is_of_day(column)
                && self.may_be(column, &expr)
            {
                self.made_of.push((column, expr));
            }
        }
    }

    /// Tells whether a column may be made of an expression: it is not made already, nor what it would be made of of it.
    pub(super) fn may_be(&self, column: usize, expr: &Expr) -> bool {
        let mut left = expr.columns();
        let mut seen = vec![false; self.table.columns.len()];
        while let Some(at) = left.pop() {
            if at == column {
                return false;
            }
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            left.extend(self.made_of.iter().filter(|(made, _)| *made == at).flat_map(|(_, expr)| expr.columns()));
            let from = self.table.columns[at].generation.as_ref().and_then(|wish| wish.from.as_ref());
            if let Some(Origin::Derived(expression)) = from {
                left.extend(&expression.columns);
            }
        }
        !self.made_of.iter().any(|(made, _)| *made == column)
    }

    /// Complains about derived columns that read each other.
    pub(super) fn refuse_circles(&mut self) {
        for start in 0..self.table.columns.len() {
            let mut seen = vec![false; self.table.columns.len()];
            let mut left: Vec<usize> =
                self.reads.iter().filter(|(from, _)| *from == start).map(|(_, to)| *to).collect();
            while let Some(at) = left.pop() {
                if at == start {
                    let name = &self.table.columns[start].name;
                    let place = self.table.columns[start].generation.as_ref().map_or((0, 0), |wish| wish.place);
                    self.problems.setting(
                        name,
                        place,
                        "its expression reads the column itself, by itself or by others",
                    );
                    break;
                }
                if !std::mem::replace(&mut seen[at], true) {
                    left.extend(self.reads.iter().filter(|(from, _)| *from == at).map(|(_, to)| *to));
                }
            }
        }
    }

    /// Complains about rows that refer to rows of the same table by a column that is drawn together with the reference.
    pub(super) fn refuse_mirrors(&mut self, scope: &Scope, group_of: &[Option<usize>]) {
        for (index, node) in scope.nodes.iter().enumerate() {
            let Source::Parent { link, column } = &node.source else { continue };
            let own = scope.links.get(link.index).is_some_and(|link| link.parent.is_none());
            if own && group_of[index].is_some() && group_of[index] == group_of[*column] {
                let name = &self.table.columns[*column].name;
                let why = format!("a rule ties it to `{name}`, which it takes from another row of the same table");
                self.problems.setting(&node.path, (0, 0), why);
            }
        }
    }
}
