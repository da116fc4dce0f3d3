//! Text: a provider, a pattern, a list or plain words, of the lengths the rules allow.

use arrow_array::{Array, ArrayRef};

use crate::generate::column::Source;
use crate::generate::column::text::Text;
use crate::generate::grid::Form;
use crate::generate::plan::distinct::{Asked, POOL};
use crate::generate::plan::keys::{Order, Want};
use crate::generate::plan::leaf::Made;
use crate::generate::plan::table::Planner;
use crate::generate::plan::units;
use crate::generate::providers::{self, Provider};
use crate::generate::random::{Draws, mix};
use crate::generate::words::Codes;
use crate::generate::{judging, template};
use crate::model::generation::Origin;
use crate::model::{CellTest, Check, Column, DataType, Format, Generation, Locale, Rule, TextFormat};

/// A source of text before anything is asked of its order.
enum Found<'r> {
    Provider { provider: Box<dyn Provider>, rule: Option<&'r Rule> },
    Moment(String),
    Words,
}

impl<'a> Planner<'a, '_> {
    /// Plans a text column that is neither listed nor counted.
    pub fn text(&mut self, column: &'a Column, asked: &Asked<'_>, rules: &[&'a Rule]) -> Made<'a> {
        let lengths = self.lengths(rules);
        if lengths.0 > lengths.1 {
            let named: Vec<String> = rules.iter().map(|rule| judging::named(rule)).collect();
            self.problems.add(format!("`{}`: no text keeps {}", asked.path, named.join(" and ")));
            return Made::nothing();
        }
        let mut open: Vec<&'a Rule> = rules.to_vec();
        let source = match self.source(column, asked, rules, lengths, &mut open) {
            Found::Moment(pattern) => Source::Text(self.moments(column, asked, pattern)),
            Found::Words => Source::Text(self.words(asked, lengths, &mut open)),
            Found::Provider { provider, rule } => self.provided(column, asked, provider, rule, lengths, &mut open),
        };
        Made { source, open }
    }

    /// Finds where text comes from; takes the rules it meets by construction off the list.
    fn source(
        &mut self,
        column: &'a Column,
        asked: &Asked<'_>,
        rules: &[&'a Rule],
        lengths: (usize, usize),
        open: &mut Vec<&'a Rule>,
    ) -> Found<'a> {
        let locale = asked.wish.locale.or(self.table.generation.locale).unwrap_or_default();
        let missing = |planner: &mut Self, why: String| {
            planner.problems.setting(asked.path, asked.wish.place, why);
            Found::Words
        };
        match &asked.wish.from {
            Some(Origin::Provider(name)) => {
                return match providers::find(name, locale) {
                    Some(provider) => Found::Provider { provider, rule: None },
                    None => {
                        missing(self, format!("there is no provider `{name}`; there is {}", names(providers::all())))
                    }
                };
            }
            Some(Origin::Fake(path)) => {
                return match providers::fake(path, locale) {
                    Some(provider) => Found::Provider { provider, rule: None },
                    None => missing(self, format!("`fake` has no word list `{path}`; it has {}", lists_like(path))),
                };
            }
            Some(Origin::Pattern(pattern)) => {
                return match self.compiled(asked, pattern, lengths) {
                    Ok(provider) => {
                        open.retain(|other| !is_length(other));
                        Found::Provider { provider, rule: None }
                    }
                    Err(why) => missing(self, why),
                };
            }
            _ => {}
        }
        for rule in rules {
            if let Check::Cell(CellTest::Format(format)) = &rule.check {
                if let TextFormat::DatePattern(pattern) = format {
                    open.retain(|other| other.id != rule.id);
                    return Found::Moment(pattern.clone());
                }
                if let Some(provider) = providers::by_format(format).and_then(|name| providers::find(name, locale)) {
                    return Found::Provider { provider, rule: Some(rule) };
                }
                self.problems.rule(rule, "there is no provider of this format");
                return Found::Words;
            }
        }
        let patterns = |wanted: bool| {
            rules.iter().copied().find_map(move |rule| match &rule.check {
                Check::Cell(CellTest::Pattern { pattern, search }) if *search == wanted => {
                    Some((rule, pattern.as_str()))
                }
                _ => None,
            })
        };
        if let Some((rule, pattern)) = patterns(false).or_else(|| patterns(true)) {
            return match self.compiled(asked, pattern, lengths) {
                Ok(provider) => {
                    // Made by the pattern, and of the lengths given to it.
                    open.retain(|other| other.id != rule.id && !is_length(other));
                    Found::Provider { provider, rule: Some(rule) }
                }
                Err(why) => {
                    self.problems.rule(rule, why);
                    Found::Words
                }
            };
        }
        // Codes rise with their numbers; names do not.
        let rises = asked.facts.increasing.is_some();
        if rises { Found::Words } else { by_name(column, lengths, locale).unwrap_or(Found::Words) }
    }

    /// Compiles a pattern; short of end, where that gives a key values enough.
    fn compiled(
        &self,
        asked: &Asked<'_>,
        pattern: &str,
        (least, most): (usize, usize),
    ) -> Result<Box<dyn Provider>, String> {
        let needed = match self.want(asked.path) {
            Want::Any if asked.wish.distinct.is_none() => None,
            Want::Digit { radix, .. } => Some(radix),
            _ => Some(u128::from(self.rows.max(1))),
        };
        let whole = providers::pattern::compile(pattern, (least, most));
        let Some(needed) = needed else { return whole };
        if let Ok(whole) = &whole
            && most < 128
            && whole.values().is_some_and(|values| values >= needed)
        {
            return providers::pattern::compile(pattern, (least, most));
        }
        for longest in least.max(1)..=most.min(least.max(1) + 64) {
            let short = providers::pattern::compile(pattern, (least, longest));
            if let Ok(short) = short
                && short.values().is_some_and(|values| values >= needed)
            {
                return Ok(short);
            }
        }
        whole
    }

    fn provided(
        &mut self,
        column: &'a Column,
        asked: &Asked<'_>,
        provider: Box<dyn Provider>,
        rule: Option<&'a Rule>,
        lengths: (usize, usize),
        open: &mut Vec<&'a Rule>,
    ) -> Source {
        self.prove(column, provider.as_ref(), lengths, open);
        let rows = u128::from(self.rows.max(1));
        let longest = provider.longest();
        let rising = self.read.facts.get(asked.path).and_then(|facts| facts.increasing);
        if let (Some((rule, _)), Some(_)) = (rising, provider.values()) {
            self.unproved.push(rule);
        }
        match self.want(asked.path) {
            Want::Any => {}
            Want::Unique { rule: key, order } => {
                let count = provider.values().unwrap_or(0);
                if count >= rows {
                    let pick = self.pick(asked, count, None, None);
                    return Source::Text(Text::Coded { provider, count, pick });
                }
                let digits = self.rows.max(1).to_string().len() + 1;
                let mut probe = Vec::new();
                let takes_numbers = provider.numbered(&mut Draws::new(0), 1, &mut probe);
                let shaped = rule.is_some() && !takes_numbers;
                if order != Order::Shuffled || shaped || longest + digits > lengths.1 {
                    let known = provider.values().map_or("an unknown number of".to_owned(), |count| count.to_string());
                    self.problems
                        .rule(key, format!("{rows} rows need a value each, and `{}` has {known} values", asked.path));
                    return Source::Text(Text::drawn(provider));
                }
                return Source::Text(Text::Numbered(provider));
            }
            Want::Rising | Want::Digit { .. } => {
                if let Some(count) = provider.values() {
                    let pick = self.pick(asked, count, None, None);
                    return Source::Text(Text::Coded { provider, count, pick });
                }
                let rule = self.read.facts.get(asked.path).and_then(|facts| facts.increasing).map(|(rule, _)| rule);
                if let Some(rule) = rule {
                    self.problems.rule(rule, format!("the values of `{}` have no order to rise in", asked.path));
                }
            }
        }
        let wished = asked.wish.distinct.is_some() || !asked.facts.distinct.is_empty();
        let few = if wished { self.few(asked, provider.values().unwrap_or(u128::MAX)) } else { None };
        if let Some(few) = few.filter(|few| *few <= POOL && *few > 0) {
            let judge = judging::of_column(column, open, self.context).ok();
            let judge = judge.filter(|_| !open.is_empty());
            if let Some((values, noted)) = self.pool(asked, provider.as_ref(), judge.as_ref(), few) {
                open.clear();
                return self.pooled(asked, few, values, noted);
            }
            return Source::Text(Text::drawn(provider));
        }
        if (asked.wish.distribution.is_some() || few.is_some())
            && let Some(count) = provider.values()
        {
            let pick = self.pick(asked, count, None, None);
            return Source::Text(Text::Coded { provider, count, pick });
        }
        if asked.wish.distribution.is_some() || few.is_some() {
            let why = "what its values come from has no ranks to distribute over; say `distinct` of at most 4194304";
            self.problems.setting(asked.path, asked.wish.place, why);
        }
        Source::Text(Text::drawn(provider))
    }

    /// Takes rules off the list that a provider keeps by itself.
    fn prove(&self, column: &Column, provider: &dyn Provider, (least, most): (usize, usize), open: &mut Vec<&'a Rule>) {
        let fits = provider.longest() <= most && least <= 1;
        open.retain(|rule| !(is_length(rule) && fits));
        let formats: Vec<&Rule> =
            open.iter().copied().filter(|rule| matches!(rule.check, Check::Cell(CellTest::Format(_)))).collect();
        if formats.is_empty() {
            return;
        }
        let Ok(judge) = judging::of_column(column, &formats, self.context) else { return };
        let sample: Vec<String> = (0..1000u64)
            .map(|cell| {
                let mut out = Vec::new();
                provider.write(&mut Draws::new(mix(cell)), &mut out);
                String::from_utf8(out).unwrap_or_default()
            })
            .collect();
        let array: ArrayRef = std::sync::Arc::new(arrow_array::StringArray::from(sample));
        if judging::failing(&judge, vec![array.clone()], array.len()).is_empty() {
            open.retain(|rule| !matches!(rule.check, Check::Cell(CellTest::Format(_))));
        }
    }

    fn moments(&mut self, column: &'a Column, asked: &Asked<'_>, pattern: String) -> Text {
        let has_date = crate::model::temporal::Pattern::new(&pattern).is_ok_and(|pattern| pattern.has_date());
        let data_type = if has_date { DataType::Timestamp } else { DataType::Time };
        let form = if has_date { Form::Timestamp } else { Form::Time };
        let as_moment = Column { format: Some(pattern.clone()), data_type, ..column.clone() };
        let facts = crate::generate::plan::facts::Facts::default();
        let need = self.need(asked.path, asked.wish);
        let grid = units::grid(
            form,
            &units::Asked {
                column: &as_moment,
                path: asked.path,
                facts: &facts,
                wish: asked.wish,
                context: self.context,
                source: &self.table.source,
                need,
                from_one: false,
            },
            self.problems,
        );
        let pick = self.pick(asked, grid.count, Some(&grid), None);
        Text::Moment { pattern, grid, pick }
    }

    fn words(&mut self, asked: &Asked<'_>, (least, most): (usize, usize), open: &mut Vec<&'a Rule>) -> Text {
        open.retain(|rule| !is_length(rule));
        let ordered = !matches!(self.want(asked.path), Want::Any);
        if ordered
            || asked.wish.distinct.is_some()
            || !asked.facts.distinct.is_empty()
            || asked.wish.distribution.is_some()
        {
            let needed = u128::from(self.rows.max(1)).saturating_mul(16);
            let enough = (1..27).find(|width| 26u128.pow(*width) >= needed).unwrap_or(27);
            let width = usize::try_from(enough).unwrap_or(27).max(least).max(4).min(most.max(1));
            let codes = Codes::new(width);
            let count = codes.values().unwrap_or(1);
            let pick = self.pick(asked, count, None, None);
            return Text::Coded { provider: Box::new(codes), count, pick };
        }
        Text::Words { least: least.max(5.min(most)), most: most.min(least.max(5) + 15) }
    }

    /// Gives the least and greatest number of characters that the rules allow; empty text is NULL where the file says so.
    fn lengths(&self, rules: &[&Rule]) -> (usize, usize) {
        let empty_is_null =
            self.table.source.format == Format::Csv && self.table.source.null_values.iter().any(String::is_empty);
        let (mut least, mut most) = (usize::from(empty_is_null), usize::MAX);
        for rule in rules {
            if let Check::Cell(CellTest::Length { minimum, maximum }) = &rule.check {
                let whole = |length: u64| usize::try_from(length).unwrap_or(usize::MAX);
                least = least.max(minimum.map_or(0, whole));
                most = most.min(maximum.map_or(usize::MAX, whole));
            }
        }
        (least, most.min(least.max(1 << 16)))
    }

    /// Plans text around the row's number.
    pub fn template(&mut self, asked: &Asked<'_>, text: &str, permuted: bool) -> Source {
        match template::Template::new(text) {
            Ok(template) => {
                let order = permuted.then(|| self.order(asked.key));
                Source::Text(Text::Template { template, order })
            }
            Err(why) => {
                self.problems.setting(asked.path, asked.wish.place, why);
                Source::Nothing
            }
        }
    }

    /// Gives how many different values a column needs at least.
    pub fn need(&self, path: &str, wish: &Generation) -> u64 {
        match self.want(path) {
            Want::Unique { .. } => self.rows.max(1),
            _ => wish.distinct.unwrap_or(1).max(1),
        }
    }
}

/// Guesses by the column's name, where what it suggests fits the lengths.
fn by_name(column: &Column, (least, most): (usize, usize), locale: Locale) -> Option<Found<'static>> {
    let name = providers::by_column_name(&column.name)?;
    let provider = providers::find(name, locale)?;
    let mut out = Vec::new();
    let fits = (0..200u64).all(|cell| {
        out.clear();
        provider.write(&mut Draws::new(mix(cell)), &mut out);
        let length = String::from_utf8_lossy(&out).chars().count();
        (least..=most).contains(&length)
    });
    (fits && provider.longest() <= most).then(|| Found::Provider { provider, rule: None })
}

fn is_length(rule: &Rule) -> bool {
    matches!(rule.check, Check::Cell(CellTest::Length { .. }))
}

fn names(all: Vec<(&'static str, &'static str)>) -> String {
    all.into_iter().map(|(name, _)| name).collect::<Vec<_>>().join(", ")
}

/// Names the word lists of the `fake` crate in the same part of it, or the parts.
fn lists_like(path: &str) -> String {
    let part = |path: &str| path.split_once('.').map(|(part, _)| part.to_owned());
    let all = providers::fakes();
    let near: Vec<String> =
        all.iter().filter(|other| part(other) == part(path)).map(|other| (*other).to_owned()).collect();
    if !near.is_empty() {
        return near.join(", ");
    }
    let parts: std::collections::BTreeSet<String> = all.into_iter().filter_map(part).collect();
    parts.into_iter().map(|part| format!("{part}.…")).collect::<Vec<_>>().join(", ")
}
