//! Picks: how often each value comes, and how many there are at all.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, StringArray};
use arrow_buffer::OffsetBuffer;

use crate::frame::Judge;
use crate::generate::alias::Alias;
use crate::generate::column::Source;
use crate::generate::column::pick::Pick;
use crate::generate::distribution::Real;
use crate::generate::grid::{Form, Grid};
use crate::generate::judging;
use crate::generate::permutation::{Permutation, Spread};
use crate::generate::plan::facts::Facts;
use crate::generate::plan::keys::{Order, Want};
use crate::generate::plan::rows::whole_range;
use crate::generate::plan::table::Planner;
use crate::generate::providers::Provider;
use crate::generate::random::{Draws, mix};
use crate::generate::zipf::Zipf;
use crate::model::Generation;
use crate::model::generation::Distribution;

/// The most different values that are kept in memory.
pub const POOL: u64 = 1 << 22;

/// What a pick is made for.
pub struct Asked<'a> {
    pub path: &'a str,
    pub facts: &'a Facts<'a>,
    pub wish: &'a Generation,
    pub key: u64,
    /// The fewest elements of the list around, if any.
    pub list: Option<u64>,
}

impl Planner<'_, '_> {
    /// Chooses how places below a count are picked. `weights` are those of listed values, `grid` the numbers' own.
    pub fn pick(&mut self, asked: &Asked<'_>, count: u128, grid: Option<&Grid>, weights: Option<&[f64]>) -> Pick {
        let rows = self.rows.max(1);
        match self.want(asked.path) {
            Want::Unique { order, rule } => {
                if asked.wish.distribution.is_some() || asked.wish.distinct.is_some_and(|few| few != rows) {
                    let why = format!("each row has a value of its own by {}", judging::named(rule));
                    self.problems.setting(asked.path, asked.wish.place, why);
                }
                let space = if order == Order::Sequential { u128::from(rows).min(count) } else { count };
                let Some(spread) = Spread::new(rows, space, order == Order::Shuffled, asked.key) else {
                    self.problems
                        .rule(rule, format!("{rows} rows need a value each, and `{}` has {count}", asked.path));
                    return Pick::Uniform;
                };
                Pick::Unique(spread)
            }
            Want::Rising => Pick::Rising { rows },
            Want::Digit { spread, divisor, radix } => {
                Pick::Digit { spread, divisor, radix, within: within(radix, count, grid, asked.key) }
            }
            Want::Any => self.free_pick(asked, count, grid, weights),
        }
    }

    fn free_pick(&mut self, asked: &Asked<'_>, count: u128, grid: Option<&Grid>, weights: Option<&[f64]>) -> Pick {
        let few = self.few(asked, count);
        let places = few.map_or(count, u128::from);
        let base = match base(asked, places, count, grid, weights) {
            Ok(base) => base,
            Err(why) => {
                self.problems.setting(asked.path, asked.wish.place, why);
                Pick::Uniform
            }
        };
        let Some(few) = few else { return base };
        let shuffled = !matches!(base, Pick::Real { .. } | Pick::Weights(_));
        let order = self.order(asked.key);
        match Spread::new(few, count, shuffled, asked.key) {
            Some(spread) => Pick::Distinct { order, few, rest: Box::new(base), spread },
            None => base,
        }
    }

    /// The order in which rows get the first of each different value.
    pub fn order(&self, key: u64) -> Permutation {
        Permutation::new(self.rows.max(1), mix(key ^ 0x006f_7264_6572))
    }

    /// Gives how many different values there are to be, if that is said.
    pub fn few(&mut self, asked: &Asked<'_>, count: u128) -> Option<u64> {
        let rows = u128::from(self.rows);
        let available = count.min(rows);
        let (mut least, mut most) = (0, u64::MAX);
        for (rule, bounds) in &asked.facts.distinct {
            let (from, to) = whole_range(bounds);
            (least, most) = (least.max(from), most.min(to));
            if u128::from(from) > available || from > to || to == 0 {
                self.problems
                    .rule(rule, format!("{rows} rows of `{}` have at most {available} different values", asked.path));
                return None;
            }
        }
        if let Some(few) = asked.wish.distinct {
            let problem = if asked.list == Some(0) {
                Some("a list that may be empty cannot promise it".to_owned())
            } else if few == 0 || u128::from(few) > available {
                Some(format!("{rows} rows have at most {available} different values, not {few}"))
            } else if few < least || few > most {
                let names: Vec<String> = asked.facts.distinct.iter().map(|(rule, _)| judging::named(rule)).collect();
                Some(format!("{few} different values contradict {}", names.join(" and ")))
            } else {
                None
            };
            if let Some(why) = problem {
                self.problems.setting(asked.path, asked.wish.place, why);
                return None;
            }
            return Some(few);
        }
        let available = u64::try_from(available).unwrap_or(u64::MAX);
        if most < available {
            return Some(most);
        }
        (least > 1).then(|| if count <= rows { available } else { least.max(available / 2) })
    }

    /// Picks among values that were drawn beforehand: each once, then as often as they were drawn or as a wish says.
    pub fn pooled(&mut self, asked: &Asked<'_>, few: u64, values: ArrayRef, noted: Arc<[u32]>) -> Source {
        let places = u128::from(few);
        let rest = match &asked.wish.distribution {
            None => Pick::Noted(noted),
            Some(_) => base(asked, places, places, None, None).unwrap_or_else(|why| {
                self.problems.setting(asked.path, asked.wish.place, why);
                Pick::Uniform
            }),
        };
        let order = self.order(asked.key);
        match Spread::new(few, places, false, asked.key) {
            Some(spread) => {
                Source::Listed { values, pick: Pick::Distinct { order, few, rest: Box::new(rest), spread } }
            }
            None => Source::Nothing,
        }
    }

    /// Draws values from a provider until there are so many different ones; gives them and, for each draw, which it was:
    /// what is drawn from those is as skewed as the provider. Values are told apart by their hash: were two hashes ever
    /// equal, one of the values would not come.
    pub fn pool(
        &mut self,
        asked: &Asked<'_>,
        provider: &dyn Provider,
        judge: Option<&Judge>,
        few: u64,
    ) -> Option<(ArrayRef, Arc<[u32]>)> {
        let wanted = usize::try_from(few).ok()?;
        let mut known: HashMap<u64, u32> = HashMap::with_capacity(wanted);
        let (mut bytes, mut offsets, mut noted): (Vec<u8>, Vec<i32>, Vec<u32>) = (Vec::new(), vec![0], Vec::new());
        let most = few.saturating_mul(64).saturating_add(1 << 20);
        let mut cell = 0;
        while offsets.len() <= wanted && cell < most {
            let chunk = chunk(asked.key, provider, cell);
            cell += CHUNK;
            let array: ArrayRef = Arc::new(chunk.clone());
            let mut bad = judge
                .map_or_else(Vec::new, |judge| judging::failing(judge, vec![array], CHUNK_ROWS))
                .into_iter()
                .peekable();
            for (at, text) in (0u32..).zip(chunk.iter().flatten()) {
                if bad.next_if_eq(&at).is_some() {
                    continue;
                }
                let hash = text.bytes().fold(asked.key, |hash, byte| mix(hash ^ u64::from(byte)));
                let fresh = u32::try_from(offsets.len() - 1).ok()?;
                let index = *known.entry(hash).or_insert(fresh);
                if index == fresh {
                    bytes.extend_from_slice(text.as_bytes());
                    offsets.push(i32::try_from(bytes.len()).ok()?);
                }
                noted.push(index);
                if offsets.len() > wanted {
                    break;
                }
            }
        }
        if offsets.len() <= wanted {
            let why = format!("its source gives only about {} different values, not {few}", offsets.len() - 1);
            self.problems.setting(asked.path, asked.wish.place, why);
            return None;
        }
        let values = StringArray::try_new(OffsetBuffer::new(offsets.into()), bytes.into(), None).ok()?;
        Some((Arc::new(values), noted.into()))
    }
}

fn base(
    asked: &Asked<'_>,
    places: u128,
    count: u128,
    grid: Option<&Grid>,
    weights: Option<&[f64]>,
) -> Result<Pick, String> {
    let plain = matches!(asked.wish.distribution, None | Some(Distribution::Uniform));
    if let Some(weights) = weights {
        if !plain {
            return Err("weights and a distribution contradict each other".to_owned());
        }
        return Alias::new(weights)
            .map(Pick::Weights)
            .ok_or_else(|| "its weights must be 0 or more, and not all 0".to_owned());
    }
    let Some(distribution) = &asked.wish.distribution else { return Ok(Pick::Uniform) };
    if let Distribution::Zipf { exponent } = distribution {
        let ranks = u64::try_from(places).unwrap_or(u64::MAX).min(1 << 62);
        return Zipf::new(ranks, *exponent).map(Pick::Zipf).ok_or_else(|| "the exponent must be 0 or more".to_owned());
    }
    let Some(real) = Real::new(distribution)? else { return Ok(Pick::Uniform) };
    let (origin, scale) = grid.map_or((0.0, 1.0), |grid| measured(grid, &real));
    let pick = Pick::Real { real, origin, scale };
    let Pick::Real { real, origin, scale } = &pick else { return Ok(pick) };
    if !reaches(real, *origin, *scale, count) {
        return Err("of its distribution next to nothing lies between the least and the greatest value".to_owned());
    }
    Ok(pick)
}

/// How many values of a provider are drawn and judged at once.
const CHUNK: u64 = 4096;
const CHUNK_ROWS: usize = 4096;

/// Draws a chunk of values.
fn chunk(key: u64, provider: &dyn Provider, first: u64) -> StringArray {
    let mut texts = StringBuilder::with_capacity(CHUNK_ROWS, CHUNK_ROWS * 16);
    let mut out = Vec::new();
    for cell in first..first + CHUNK {
        out.clear();
        provider.write(&mut Draws::new(mix(key ^ cell)), &mut out);
        texts.append_value(String::from_utf8_lossy(&out));
    }
    texts.finish()
}

/// Spreads the values of a digit over the whole space, but for numbers without end, which count from the first.
fn within(radix: u128, count: u128, grid: Option<&Grid>, key: u64) -> Option<Spread> {
    if grid.is_some() || radix >= count {
        return None;
    }
    Spread::new(u64::try_from(radix).ok()?, count, true, key)
}

/// Gives the number at place 0 and the places in one, for numbers as distributions count them.
#[expect(clippy::cast_precision_loss, reason = "real numbers need no more than 53 bits")]
fn measured(grid: &Grid, real: &Real) -> (f64, f64) {
    let measure = grid.form.measure();
    let by_day = matches!(grid.form, Form::Date | Form::Timestamp | Form::TimestampTz);
    let origin = if real.from_minimum() || by_day { 0.0 } else { grid.least as f64 / measure };
    (origin, measure / grid.step as f64)
}

/// Tells whether enough of a distribution falls on places below a count.
#[expect(clippy::cast_precision_loss, reason = "as above")]
fn reaches(real: &Real, origin: f64, scale: f64, count: u128) -> bool {
    let mut draws = Draws::new(1);
    let inside = |_: &u32| {
        let place = (real.draw(&mut draws) - origin) * scale;
        place >= -0.5 && place <= count as f64 - 0.5
    };
    (0..4000).filter(inside).count() >= 20
}
