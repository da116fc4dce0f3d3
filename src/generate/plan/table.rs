//! One table planned: facts, days, keys, columns, groups.

use std::sync::Arc;
use std::sync::OnceLock;

use crate::frame::schema::schema;
use crate::generate::column::Source;
use crate::generate::column::days::{DaySource, Days, weights};
use crate::generate::column::nested::Scope;
use crate::generate::column::table::Core;
use crate::generate::grid::{Form, Grid, resolution};
use crate::generate::plan::facts::{self, Facts, Read};
use crate::generate::plan::keys::Want;
use crate::generate::plan::links::Names;
use crate::generate::plan::{Problems, keys, narrow, units};
use crate::generate::random::Stream;
use crate::generate::residual::Group;
use crate::model::generation::Origin;
use crate::model::temporal::DAY;
use crate::model::{
    Check, Column, CompareOp, Context, Contract, DataType, Expr, Function, Generation, Literal, RowTest, Rule, Table,
};

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
    days_of: Vec<(usize, bool)>,
    /// Columns that a rule makes equal to an expression over others.
    made_of: Vec<(usize, Expr)>,
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
        let result = plan(self);
        *self.problems = before;
        result
    }

    /// Tells whether a column takes its day from the folders.
    pub fn is_of_day(&self, column: usize) -> bool {
        self.days_of.iter().any(|(member, _)| *member == column)
    }

    /// Gives the expression that a rule makes a column equal to.
    pub fn equal_to(&self, path: &str) -> Option<Expr> {
        let column = self.table.column_index(path)?;
        self.made_of.iter().find(|(made, _)| *made == column).map(|(_, expr)| expr.clone())
    }

    /// Decides which columns are made from others, so that rules of equality hold.
    fn solve(&mut self) {
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
    fn may_be(&self, column: usize, expr: &Expr) -> bool {
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

    /// Finds the columns that follow the folders' day, and the dates that follow a timestamp.
    fn link_days(&mut self) {
        let table = self.table;
        let partitions: Vec<&str> = table
            .source
            .path
            .as_deref()
            .map_or_else(Vec::new, |path| path.split('/').filter_map(|piece| piece.strip_suffix("=*")).collect());
        if let Some(day) = table.generation.day {
            let is_folder = |column: usize| partitions.contains(&table.columns[column].name.as_str());
            self.days_of.push((day, is_folder(day)));
            for (index, column) in table.columns.iter().enumerate() {
                let fits = matches!(column.data_type, DataType::Date | DataType::String);
                let in_time = table.generation.late.is_none();
                let free = column.generation.as_ref().is_none_or(|wish| wish.from.is_none())
                    || (in_time && follows(column, day));
                if index != day && fits && is_folder(index) && free {
                    self.days_of.push((index, true));
                }
            }
        }
        for (moment, day, rule) in self.read.days.clone() {
            self.share_limits(moment, day, rule);
            let free = |column: usize| {
                let at = &table.columns[column];
                (at.generation.as_ref().is_none_or(|wish| wish.from.is_none()) || follows(at, moment))
                    && self.read.facts.get(&at.name).is_none_or(|facts| facts.references.is_none())
            };
            let (free_moment, free_day) = (free(moment), free(day));
            let is_date = table.columns[day].data_type == DataType::Date;
            match (self.is_of_day(moment), self.is_of_day(day)) {
                (false, false) if free_day && is_date => {
                    let date = Expr::Call { function: Function::Date, args: vec![Expr::Column(moment)] };
                    if self.may_be(day, &date) {
                        self.made_of.push((day, date));
                        continue;
                    }
                }
                (false, true) if free_moment => self.days_of.push((moment, false)),
                (true, false) if free_day && is_date => self.days_of.push((day, false)),
                _ => {}
            }
            let both = self.is_of_day(moment) && self.is_of_day(day);
            let same =
                self.days_of.iter().filter(|(column, _)| [moment, day].contains(column)).all(|(_, folder)| !folder);
            if both && (same || table.generation.late.is_none()) {
                continue;
            }
            self.read.residual.push(rule);
        }
    }

    /// Lets a timestamp and the date of its day keep each other's limits.
    fn share_limits(&mut self, moment: usize, day: usize, rule: &'a Rule) {
        let (Some(days), Some(moments)) = (self.limits_of(day), self.limits_of(moment)) else { return };
        let date = |unit: i128| Literal::Date(i32::try_from(unit).unwrap_or(0));
        let of = |unit: i128| unit.div_euclid(i128::from(DAY));
        let (names, table) = (&mut self.read, self.table);
        let facts = names.at(&table.columns[moment].name);
        facts.extra.extend(days.least.map(|least| (CompareOp::GtEq, date(least), rule)));
        facts.extra.extend(days.most.map(|most| (CompareOp::Lt, date(most + 1), rule)));
        let facts = names.at(&table.columns[day].name);
        facts.extra.extend(moments.least.map(|least| (CompareOp::GtEq, date(of(least)), rule)));
        facts.extra.extend(moments.most.map(|most| (CompareOp::LtEq, date(of(most)), rule)));
    }

    fn limits_of(&self, column: usize) -> Option<units::Limits> {
        let at = &self.table.columns[column];
        let (empty, plain) = (Facts::default(), Generation::default());
        let facts = self.read.facts.get(&at.name).unwrap_or(&empty);
        let asked = units::Asked {
            column: at,
            path: &at.name,
            facts,
            wish: at.generation.as_deref().unwrap_or(&plain),
            context: self.context,
            source: &self.table.source,
            need: 1,
            from_one: false,
        };
        Some(units::explicit(Form::of(&at.data_type)?, &asked))
    }

    fn grid_of(&mut self, column: usize) -> Option<Grid> {
        let at = &self.table.columns[column];
        let form = Form::of(&at.data_type)?;
        let plain = Generation::default();
        let facts = self.read.facts.get(&at.name).cloned().unwrap_or_default();
        let asked = units::Asked {
            column: at,
            path: &at.name,
            facts: &facts,
            wish: at.generation.as_deref().unwrap_or(&plain),
            context: self.context,
            source: &self.table.source,
            need: 1,
            from_one: false,
        };
        Some(units::grid(form, &asked, self.problems))
    }

    /// Sorts the rows into the folders' days.
    fn days(&mut self) -> Days {
        let Some(column) = self.table.generation.day else { return Days::default() };
        let at = &self.table.columns[column];
        if !matches!(at.data_type, DataType::Date | DataType::Timestamp | DataType::TimestampTz) {
            self.problems.setting(
                &self.table.name,
                (0, 0),
                format!("`day` names `{}`, which is no date or timestamp", at.name),
            );
            return Days::default();
        }
        let Some(grid) = self.grid_of(column) else { return Days::default() };
        let wish = at.generation.as_deref();
        let by_day = grid.form == Form::Date;
        let day = |unit: i128| if by_day { unit } else { unit.div_euclid(i128::from(DAY)) };
        let narrow = |unit: i128| i32::try_from(day(unit)).unwrap_or(0);
        let first = narrow(grid.least);
        // A last moment at midnight would make a folder of that moment alone.
        let last = if by_day { narrow(grid.most()) } else { narrow(grid.most() - 1).max(first) };
        let (weekdays, months) =
            (wish.and_then(|wish| wish.weekdays.as_ref()), wish.and_then(|wish| wish.months.as_ref()));
        let mut weights = weights(first, last, weekdays, months);
        if by_day {
            for (unit, weight) in (i128::from(first)..).zip(weights.iter_mut()) {
                if grid.place(unit).is_none() {
                    *weight = 0.0;
                }
            }
        }
        let total: f64 = weights.iter().sum();
        if !total.is_finite() || total <= 0.0 || weights.iter().any(|weight| *weight < 0.0) {
            self.problems.setting(&at.name, wish.map_or((0, 0), |wish| wish.place), "its weights leave no day");
            return Days::default();
        }
        let key = Stream::new(self.seed, &format!("{}#late", self.table.name)).key();
        let late = self.table.generation.late.filter(|(share, most)| *share > 0.0 && *most > 0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the threshold saturates as it should"
        )]
        let late = late.map(|(share, most)| ((share * 18_446_744_073_709_551_616.0) as u64, most, key));
        Days::new(first, &weights, self.rows, late)
    }

    /// Gives the source of a column that follows the folders' day.
    pub fn day_source(&mut self, path: &str) -> Option<Source> {
        let column = self.table.column_index(path)?;
        let folder = self.days_of.iter().find(|(member, _)| *member == column).map(|(_, folder)| *folder)?;
        let at = &self.table.columns[column];
        let narrow = |unit: i128| i64::try_from(unit).unwrap_or(0);
        if at.data_type == DataType::String {
            let (least, most) = Form::Date.range();
            let limits = (narrow(least), narrow(most));
            return Some(Source::Day(DaySource {
                form: Form::Date,
                text: true,
                folder,
                times: (0, 0, 1),
                limits,
                rising: false,
            }));
        }
        let grid = self.grid_of(column)?;
        let form = grid.form;
        let step = narrow(grid.step.min(resolution(form, at.format.as_deref()).max(1))).clamp(1, DAY);
        let said = self.limits_of(column).unwrap_or_default();
        let limits = (narrow(said.least.unwrap_or(form.range().0)), narrow(said.most.unwrap_or(form.range().1)));
        let rising = self.read.facts.get(path).is_some_and(|facts| facts.increasing.is_some());
        Some(Source::Day(DaySource { form, text: false, folder, times: (0, DAY - 1, step), limits, rising }))
    }

    /// Complains about derived columns that read each other.
    fn refuse_circles(&mut self) {
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
    fn refuse_mirrors(&mut self, scope: &Scope, group_of: &[Option<usize>]) {
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

/// Tells whether a column is made of the day of a timestamp.
fn follows(column: &Column, moment: usize) -> bool {
    let from = column.generation.as_ref().and_then(|wish| wish.from.as_ref());
    matches!(from, Some(Origin::Derived(expression)) if facts::day_of(&expression.root) == Some(moment))
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
