//! Columns: nodes from contract columns, down through lists and structs.

use std::sync::OnceLock;

use crate::frame::schema::arrow_type;
use crate::generate::column::nested::{Items, LinkAt, Scope};
use crate::generate::column::retry::Retry;
use crate::generate::column::text::Text;
use crate::generate::column::{Node, Nulls, Source};
use crate::generate::formula::Formula;
use crate::generate::judging;
use crate::generate::plan::leaf::Made;
use crate::generate::plan::table::Planner;
use crate::generate::plan::{links, shape};
use crate::generate::providers;
use crate::generate::random::Stream;
use crate::model::generation::Origin;
use crate::model::{CellTest, Check, Column, DataType, Expr, Generation, KeyTest, Literal, Rule};

impl<'a> Planner<'a, '_> {
    /// Plans columns that stand side by side. `list` is the fewest elements of the list around, if any.
    pub fn scope(&mut self, columns: &[(&'a Column, String)], list: Option<u64>) -> Scope {
        let (links, names) = self.links(columns, list);
        self.scopes.push(names);
        let mut taken: Vec<String> = Vec::new();
        let mut nodes = Vec::with_capacity(columns.len());
        for (index, (column, path)) in columns.iter().enumerate() {
            if self.scopes.len() == 1 {
                self.at = index;
            }
            let key = self.key(column, path, &mut taken);
            nodes.push(self.node(column, path, key, list));
        }
        self.scopes.pop();
        Scope { nodes, links }
    }

    /// Gives a column's own number; columns of one family of providers share theirs, the first of each kind.
    fn key(&self, column: &Column, path: &str, taken: &mut Vec<String>) -> u64 {
        let named = column.generation.as_ref().and_then(|wish| match &wish.from {
            Some(Origin::Provider(name)) => Some(name.as_str()),
            _ => None,
        });
        let plain = column.generation.as_ref().is_none_or(|wish| wish.from.is_none());
        let guessed = if plain && column.data_type == DataType::String && !self.is_of_day(self.at) {
            providers::by_column_name(&column.name)
        } else {
            None
        };
        let name = format!("{}.{path}", self.table.name);
        let Some(provider) = named.or(guessed) else { return Stream::new(self.seed, &name).key() };
        match providers::family(provider) {
            Some(family) if !taken.iter().any(|other| other == provider) => {
                taken.push(provider.to_owned());
                let scope = path.rsplit_once('.').map_or("", |(scope, _)| scope);
                Stream::new(self.seed, &format!("{}.{scope}#{family:?}", self.table.name)).key()
            }
            _ => Stream::new(self.seed, &name).key(),
        }
    }

    fn node(&mut self, column: &'a Column, path: &str, key: u64, list: Option<u64>) -> Node {
        let plain = Generation::default();
        let wish: &Generation = column.generation.as_deref().unwrap_or(&plain);
        self.unused(column, path, wish);
        let linked = self.scopes.last().and_then(|names| {
            names.members.iter().find(|(member, ..)| *member == column.name).map(|(_, link, parent)| (*link, *parent))
        });
        let made = if let Some((index, parent)) = linked {
            self.referring(path, index, parent)
        } else if let Some(source) = self.day_source(path) {
            Made { source, open: Vec::new() }
        } else if let Some(expr) = self.equal_to(path) {
            self.derived(column, &expr, path)
        } else {
            match (&wish.from, &column.data_type) {
                (Some(Origin::Copy { through, column: of }), _) => self.copied(path, wish, through, of),
                (Some(Origin::Derived(expression)), _) => self.derived(column, &expression.root, path),
                (_, DataType::List(item)) => self.list(item, path, wish, key),
                (_, DataType::Struct(fields)) => {
                    let fields: Vec<_> = fields.iter().map(|field| (field, format!("{path}.{}", field.name))).collect();
                    Made { source: Source::Struct(Box::new(self.scope(&fields, list))), open: Vec::new() }
                }
                _ => self.leaf(column, path, key, list),
            }
        };
        let nulls = match (&made.source, linked) {
            // The reference itself is NULL or not.
            (_, Some(_)) if self.is_single_reference(path) => Nulls::Never,
            (Source::Day(_), _) => {
                if wish.null_rate.is_some_and(|rate| rate > 0.0) {
                    self.problems.setting(path, wish.place, "the day of a folder cannot be NULL");
                }
                Nulls::Never
            }
            (source, _) => {
                let spared = shape::spared(source);
                self.nulls(column, path, key, spared.map(|few| (self.order(key), few)))
            }
        };
        let per = wish.per.as_ref().and_then(|name| {
            let found = self.through(name).map(|(link, ..)| link);
            if found.is_none() {
                self.problems.setting(path, wish.place, format!("`{name}` is no reference of the same row"));
            }
            found
        });
        let retry = self.settle_open(column, path, &made);
        let mut source = made.source;
        self.unpin(&mut source, &nulls, key);
        let arrow = arrow_type(&column.data_type);
        Node { path: path.to_owned(), key, arrow, nulls, per, kept: OnceLock::new(), source, retry }
    }

    /// Leaves the rules that a source does not keep to drawing the value anew, or the whole row.
    fn settle_open(&mut self, column: &Column, path: &str, made: &Made<'a>) -> Option<Retry> {
        // A text that the file reads as NULL would not come back.
        let spellings: Vec<Literal> = self
            .table
            .source
            .null_values
            .iter()
            .filter(|text| !text.is_empty())
            .map(|text| Literal::String(text.clone()))
            .collect();
        let is_text = matches!(made.source, Source::Text(_)) && !spellings.is_empty();
        if made.open.is_empty() && !is_text {
            return None;
        }
        match &made.source {
            Source::Text(Text::Drawn { .. } | Text::Words { .. } | Text::Coded { .. } | Text::Numbered(_))
            | Source::Written(_)
            | Source::Cast(_)
                if !shape::is_fixed(&made.source) =>
            {
                let speaks = self.table.rules.first().filter(|_| is_text).map(|rule| Rule {
                    check: Check::Cell(CellTest::OneOf { values: spellings, negated: true }),
                    ..rule.clone()
                });
                let rules: Vec<&Rule> = made.open.iter().copied().chain(&speaks).collect();
                match judging::of_column(column, &rules, self.context) {
                    Ok(judge) => {
                        return Some(Retry { judge, names: rules.iter().map(|rule| judging::named(rule)).collect() });
                    }
                    Err(why) => self.problems.add(format!("`{path}`: {why}")),
                }
            }
            Source::Parent { .. } | Source::Derived { .. } => {
                self.residual.extend(made.open.iter().map(|rule| (self.at, *rule)));
            }
            // What the row's number alone decides cannot be drawn anew.
            Source::Text(Text::Coded { .. } | Text::Moment { .. }) => self.unproved.extend(&made.open),
            // Sequences and templates are found out by their first and last rows.
            _ => {}
        }
        None
    }

    /// Plans a column that takes its value from the parent's key.
    fn referring(&mut self, path: &str, index: usize, parent: usize) -> Made<'a> {
        let rule = self.read.facts.get(path).and_then(|facts| facts.references);
        if let Some(Check::Key(KeyTest::References { columns, .. })) = rule.map(|rule| &rule.check) {
            // Columns of one reference are drawn together.
            for other in columns.iter().filter(|other| other.steps.is_empty() && columns.len() > 1) {
                self.edges.push((self.at, other.column));
            }
        }
        let core = self.scopes.last().and_then(|names| names.parents.get(index).cloned().flatten());
        let source = Source::Parent { link: LinkAt { up: 0, index }, column: parent };
        Made { source, open: self.not_inherited(path, core.as_deref().map(|core| core.name.as_str()), parent) }
    }

    /// Gives the rules of a column that the parent's column does not have too.
    fn not_inherited(&self, path: &str, parent: Option<&str>, column: usize) -> Vec<&'a Rule> {
        let name = parent.unwrap_or(&self.table.name);
        let theirs = |rule: &Rule| {
            let Some(parent) = self.contract.table(name) else { return false };
            parent.rules.iter().any(|other| {
                other.check == rule.check
                    && other.condition.is_none()
                    && other.columns.first().is_some_and(|path| path.column == column && path.steps.is_empty())
            })
        };
        let Some(facts) = self.read.facts.get(path) else { return Vec::new() };
        let mut open: Vec<&'a Rule> = facts.cells.iter().copied().filter(|rule| !theirs(rule)).collect();
        let nullable =
            self.cores.iter().find(|core| core.name == name).and_then(|core| core.scope.nodes.get(column)).is_some_and(
                |node| !matches!(node.nulls, Nulls::Never) || matches!(node.source, Source::Listed { .. }),
            );
        if let (Some(rule), true) = (facts.required, nullable)
            && matches!(rule.check, Check::Cell(CellTest::Required))
            && rule.columns.iter().any(|at| at.text == path)
        {
            open.push(rule);
        }
        open
    }

    fn copied(&mut self, path: &str, wish: &Generation, through: &str, of: &str) -> Made<'a> {
        let Some((link, parent, _)) = self.through(through) else {
            self.problems.setting(path, wish.place, format!("`{through}` is no reference of the same row"));
            return Made::nothing();
        };
        let name = parent.as_ref().map_or(self.table.name.as_str(), |core| core.name.as_str());
        let Some(column) = self.contract.table(name).and_then(|table| table.column_index(of)) else {
            self.problems.setting(path, wish.place, format!("`{name}` has no column `{of}`"));
            return Made::nothing();
        };
        let open = self.not_inherited(path, parent.as_ref().map(|core| core.name.as_str()), column);
        Made { source: Source::Parent { link, column }, open }
    }

    fn derived(&mut self, column: &'a Column, root: &Expr, path: &str) -> Made<'a> {
        let root = Expr::Cast { expr: Box::new(root.clone()), to: column.data_type.clone(), lenient: false };
        let formula = Formula::new(&root, self.context);
        for other in formula.columns() {
            self.edges.push((self.at, *other));
            self.reads.push((self.at, *other));
        }
        let facts = self.read.facts.get(path).cloned().unwrap_or_default();
        let mut open = facts.cells.clone();
        open.extend(facts.required.filter(|rule| matches!(rule.check, Check::Cell(CellTest::Required))));
        Made { source: Source::Derived { formula }, open }
    }

    fn list(&mut self, item: &'a Column, path: &str, wish: &Generation, key: u64) -> Made<'a> {
        let (least, most) = self.items(path, wish);
        let inside = format!("{path}[]");
        let (columns, structs): (Vec<_>, _) = match &item.data_type {
            DataType::Struct(fields) => {
                let key = key ^ 0x7374_7275;
                let nulls = self.nulls(item, &inside, key, None);
                (fields.iter().map(|field| (field, format!("{inside}.{}", field.name))).collect(), Some((nulls, key)))
            }
            _ => (vec![(item, inside)], None),
        };
        let mut scope = self.scope(&columns, Some(least));
        if let Some((field, of)) = &wish.together {
            self.together(&mut scope, path, wish, (field, of));
        }
        Made { source: Source::List(Box::new(Items { least, most, scope, structs })), open: Vec::new() }
    }

    fn together(&mut self, scope: &mut Scope, path: &str, wish: &Generation, (field, of): (&str, &str)) {
        let node = scope.nodes.iter().find(|node| node.path.rsplit(['.']).next() == Some(field));
        let index = match node.map(|node| &node.source) {
            Some(Source::Parent { link, .. }) if link.up == 0 => link.index,
            _ => {
                self.problems.setting(path, wish.place, format!("`{field}` is no reference of the list's elements"));
                return;
            }
        };
        let Some(core) = scope.links.get(index).and_then(|link| link.parent.clone()) else {
            self.problems.setting(path, wish.place, "elements go together by a column of another table");
            return;
        };
        let column = self.contract.table(&core.name).and_then(|table| table.column_index(of));
        let groups = column.ok_or_else(|| format!("`{}` has no column `{of}`", core.name));
        match groups.and_then(|column| links::groups(&core, column)) {
            Ok(groups) => scope.links[index].together = (core.rows > 0).then_some(groups),
            Err(why) => self.problems.setting(path, wish.place, why),
        }
    }
}
