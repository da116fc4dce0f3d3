//! One table planned: facts, days, keys, columns, groups.

use std::sync::Arc;
use std::sync::OnceLock;

use crate::frame::schema::schema;
use crate::generate::column::table::Core;
use crate::generate::plan::facts::{self, Read};
use crate::generate::plan::keys::Want;
use crate::generate::plan::links::Names;
use crate::generate::plan::{Problems, keys, narrow};
use crate::generate::random::Stream;
use crate::generate::residual::Group;
use crate::model::{Check, Context, Contract, Expr, RowTest, Rule, Table};

/// What is known while a table is planned.
pub struct Planner<'a, 'p> {
    pub contract: &'a Contract,
    pub table: &'a Table,
    pub rows: u64,
    pub seed: u64,
    pub context: &'a Context,
    pub cores: &'a [Arc<Core>],
    pub problems: &'p mut Problems,
    pub read: Read<'a>,
    pub wants: Vec<Want<'a>>,
    /// The column that is planned just now.
    pub at: usize,
    /// The references of the scopes that are open, outermost first.
    pub scopes: Vec<Names>,
    /// Columns that are drawn anew together, since one takes values from the other.
    pub edges: Vec<(usize, usize)>,
    /// Which derived column reads which column.
    pub reads: Vec<(usize, usize)>,
    /// Rules of cells that only drawing rows anew can meet, with their column.
    pub residual: Vec<(usize, &'a Rule)>,
    /// Rules that are looked at once the table is planned.
    pub unproved: Vec<&'a Rule>,
    /// Columns that take their day from the folders, and whether it is the folder's own.
    pub days_of: Vec<(usize, bool)>,
    /// Columns that a rule makes equal to an expression over others.
    pub made_of: Vec<(usize, Expr)>,
}

/// Plans a table; complains about what cannot be met. Gives the rules still to be looked at.
pub fn plan<'a>(
    contract: &'a Contract,
    table: &'a Table,
    rows: u64,
    seed: u64,
    context: &'a Context,
    cores: &'a [Arc<Core>],
    problems: &mut Problems,
) -> (Core, Vec<&'a Rule>) {
    let mut found = Problems::default();
    let mut planner = Planner {
        contract,
        table,
        rows,
        seed,
        context,
        cores,
        problems: &mut found,
        read: facts::read(table),
        wants: Vec::new(),
        at: 0,
        scopes: Vec::new(),
        edges: Vec::new(),
        reads: Vec::new(),
        residual: Vec::new(),
        unproved: Vec::new(),
        days_of: Vec::new(),
        made_of: Vec::new(),
    };
    planner.link_days();
    planner.solve();
    narrow::narrow(&mut planner.read, table, context);
    keys::assign(&mut planner);
    let days = planner.days();
    let columns: Vec<_> = table.columns.iter().map(|column| (column, column.name.clone())).collect();
    let scope = planner.scope(&columns, None);
    planner.refuse_circles();
    let (groups, group_of) = planner.groups_of_columns();
    planner.refuse_mirrors(&scope, &group_of);
    let core = Core {
        name: table.name.clone(),
        rows,
        key: Stream::new(seed, &table.name).key(),
        schema: schema(table),
        scope,
        days,
        groups,
        group_of,
        kept: table.columns.iter().map(|_| OnceLock::new()).collect(),
    };
    let unproved = planner.unproved;
    problems.found.append(&mut found.found);
    (core, unproved)
}

impl<'a> Planner<'a, '_> {
    /// Gives what is asked of a path over all rows; of paths inside columns nothing is.
    pub fn want(&self, path: &str) -> Want<'a> {
        let column = self.table.column_index(path);
        column.and_then(|column| self.wants.get(column)).copied().unwrap_or_default()
    }

    /// Plans something to look at it only: complaints are forgotten.
    pub fn dry<T>(&mut self, plan: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::take(self.problems);
        let lengths = (self.unproved.len(), self.residual.len(), self.edges.len(), self.reads.len());
        let result = plan(self);
        *self.problems = before;
        self.unproved.truncate(lengths.0);
        self.residual.truncate(lengths.1);
        self.edges.truncate(lengths.2);
        self.reads.truncate(lengths.3);
        result
    }

    /// Tells whether a column takes its day from the folders.
    pub fn is_of_day(&self, column: usize) -> bool {
        self.days_of.iter().any(|(member, _)| *member == column)
    }

    /// Ties columns together that share a rule.
    fn groups_of_columns(&mut self) -> (Vec<Group>, Vec<Option<usize>>) {
        let width = self.table.columns.len();
        let mut rules: Vec<(Vec<usize>, &'a Rule)> = Vec::new();
        for rule in &self.read.residual {
            rules.push((columns_of(rule, width), rule));
        }
        for (column, rule) in &self.residual {
            let mut columns = columns_of(rule, width);
            columns.push(*column);
            rules.push((columns, rule));
        }
        let mut root: Vec<usize> = (0..width).collect();
        let pairs = rules.iter().flat_map(|(columns, _)| columns.windows(2).map(|pair| (pair[0], pair[1])));
        for (a, b) in pairs.chain(self.edges.iter().copied()) {
            let (a, b) = (find(&root, a), find(&root, b));
            root[a.max(b)] = a.min(b);
        }
        let (mut groups, mut group_of) = (Vec::new(), vec![None; width]);
        for start in 0..width {
            let members: Vec<usize> = (0..width).filter(|column| find(&root, *column) == start).collect();
            let own: Vec<&Rule> = rules
                .iter()
                .filter(|(columns, _)| columns.first().is_some_and(|column| find(&root, *column) == start))
                .map(|(_, rule)| *rule)
                .collect();
            if own.is_empty() || members.is_empty() {
                continue;
            }
            match Group::new(self.table, members.clone(), &own, self.context) {
                Ok(group) => {
                    for member in members {
                        group_of[member] = Some(groups.len());
                    }
                    groups.push(group);
                }
                Err(why) => self.problems.add(why),
            }
        }
        (groups, group_of)
    }
}

fn find(root: &[usize], mut at: usize) -> usize {
    while root[at] != at {
        at = root[at];
    }
    at
}

/// Gives the columns that a rule reads.
fn columns_of(rule: &Rule, width: usize) -> Vec<usize> {
    let mut columns: Vec<usize> = rule.columns.iter().map(|path| path.column).collect();
    match &rule.check {
        Check::Row(RowTest::Expression(expression)) => columns.extend(&expression.columns),
        Check::Row(RowTest::When { when, then }) => columns.extend(when.columns.iter().chain(&then.columns)),
        Check::Row(RowTest::Compare { left, right, .. }) => columns.extend([left.column, right.column]),
        Check::Row(RowTest::NotAllNull) => columns.extend(0..width),
        _ => {}
    }
    if let Some(condition) = &rule.condition {
        columns.extend(&condition.columns);
    }
    columns.retain(|column| *column < width);
    columns.sort_unstable();
    columns.dedup();
    columns
}
