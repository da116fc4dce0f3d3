//! Days: the folders of a table, the columns that follow them, and dates that follow a timestamp.

use crate::generate::column::Source;
use crate::generate::column::days::{DaySource, Days, weights};
use crate::generate::grid::{Form, Grid, resolution};
use crate::generate::plan::facts::{self, Facts};
use crate::generate::plan::table::Planner;
use crate::generate::plan::units;
use crate::generate::random::Stream;
use crate::model::generation::Origin;
use crate::model::temporal::DAY;
use crate::model::{Column, CompareOp, DataType, Expr, Function, Generation, Literal, Rule};

impl<'a> Planner<'a, '_> {
    /// Finds the columns that follow the folders' day, and the dates that follow a timestamp.
    pub(super) fn link_days(&mut self) {
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
                if index == day || !fits || !is_folder(index) {
                    continue;
                }
                if free {
                    self.days_of.push((index, true));
                } else if !in_time && follows(column, day) {
                    let place = column.generation.as_ref().map_or((0, 0), |wish| wish.place);
                    let why = "it names the folders of the days, and `late` puts rows into those of later ones";
                    self.problems.setting(&column.name, place, why);
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
            if both {
                self.problems.rule(rule, "`late` puts rows into the folders of later days");
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
    pub(super) fn days(&mut self) -> Days {
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
}

/// Tells whether a column is made of the day of a timestamp.
fn follows(column: &Column, moment: usize) -> bool {
    let from = column.generation.as_ref().and_then(|wish| wish.from.as_ref());
    matches!(from, Some(Origin::Derived(expression)) if facts::day_of(&expression.root) == Some(moment))
}
