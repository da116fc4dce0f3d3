//! How a column's values spread: quantiles, histogram, outliers.

use crate::analyze::profile::column::{Column, End};
use crate::analyze::profile::finish::resolve::{Ordered, Resolved, Sort, text};
use crate::analyze::profile::numbers::ENDS;
use crate::analyze::profile::ranks::{self, METHOD, RANK_ERROR, STEP_ERROR};
use crate::analyze::profile::state::TableState;
use crate::model::profile::{Bin, Histogram, Outliers, Quantile, Quantiles, Sighting};

/// The parts that quantiles are given at.
const PARTS: [f64; 7] = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
/// Steps of a histogram.
const BINS: usize = 20;
/// Fewer values have no outliers.
const FEW: u64 = 30;

/// Gives the quantiles of values in order.
#[must_use]
pub fn quantiles(ordered: &Ordered, sort: Sort) -> Option<Quantiles> {
    let point = |part: f64| Some(Quantile { part, value: text(ranks::quantile(&ordered.sample, part)?, sort) });
    let points: Vec<Quantile> = PARTS.iter().filter_map(|part| point(*part)).collect();
    let (method, rank_err) = if ordered.exact { ("exact", 0.0) } else { (METHOD, RANK_ERROR) };
    (!points.is_empty()).then(|| Quantiles { method: method.to_owned(), rank_err, points })
}

/// Gives the histogram of values in order, between the lowest and the highest.
#[must_use]
pub fn histogram(ordered: &Ordered, sort: Sort, ends: (f64, f64), scale: u8) -> Option<Histogram> {
    let (low, high) = ends;
    if ordered.sample.is_empty() || !low.is_finite() || !high.is_finite() {
        return None;
    }
    if let Some(histogram) = single(ordered, sort, ends, scale) {
        return Some(histogram);
    }
    let median = ranks::quantile(&ordered.sample, 0.5)?;
    // Most values in the lowest step of many say nothing.
    let log = sort == Sort::Number && low > 0.0 && high / low > 1000.0 && median < low + (high - low) / 20.0;
    let scale = |value: f64| if log { value.ln() } else { value };
    let back = |value: f64| if log { value.exp() } else { value };
    let (from, to) = (scale(low), scale(high));
    let bins = if low < high { BINS } else { 1 };
    let mut counts = vec![0_u64; bins];
    for (value, weight) in &ordered.sample {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "20 bins"
        )]
        let at = if from < to { ((scale(*value) - from) / (to - from) * bins as f64).max(0.0) as usize } else { 0 };
        counts[at.min(bins - 1)] += weight;
    }
    #[expect(clippy::cast_precision_loss, reason = "20 bins")]
    let edge = |at: usize| match at {
        0 => low,
        at if at == bins => high,
        at => back(from + (to - from) * at as f64 / bins as f64),
    };
    let bin = |(at, count): (usize, u64)| Bin { low: text(edge(at), sort), high: text(edge(at + 1), sort), count };
    let (method, rel_err) = if ordered.exact { ("exact", 0.0) } else { (METHOD, STEP_ERROR) };
    Some(Histogram {
        method: method.to_owned(),
        rel_err,
        scale: if log { "log" } else { "linear" }.to_owned(),
        bins: counts.into_iter().enumerate().map(bin).collect(),
    })
}

/// Gives a step for each number where few are possible: `1`, `2` … or `0.05`, `0.06` …
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "20 bins")]
fn single(ordered: &Ordered, sort: Sort, (low, high): (f64, f64), scale: u8) -> Option<Histogram> {
    let units = 10_f64.powi(i32::from(scale));
    let steps = ((high - low) * units).round();
    if !matches!(sort, Sort::Number | Sort::List) || !(0.0..BINS as f64).contains(&steps) {
        return None;
    }
    let mut counts = vec![0_u64; steps as usize + 1];
    for (value, weight) in &ordered.sample {
        let at = ((value - low) * units).round().clamp(0.0, steps) as usize;
        counts[at] += weight;
    }
    let written = |at: usize| format!("{:.*}", usize::from(scale), low + at as f64 / units);
    let bin = |(at, count): (usize, u64)| Bin { low: written(at), high: written(at), count };
    let (method, rel_err) = if ordered.exact { ("exact", 0.0) } else { (METHOD, STEP_ERROR) };
    let bins = counts.into_iter().enumerate().map(bin).collect();
    Some(Histogram { method: method.to_owned(), rel_err, scale: "linear".to_owned(), bins })
}

/// Gives the numbers beyond Tukey's far fences, as far as the extreme values kept tell.
#[must_use]
pub fn outliers(state: &TableState, column: &Column, resolved: &Resolved, ordered: &Ordered) -> Option<Outliers> {
    if resolved.sort != Sort::Number || column.numbers.count < FEW {
        return None;
    }
    let (first, third) = ranks::quantile(&ordered.sample, 0.25).zip(ranks::quantile(&ordered.sample, 0.75))?;
    let reach = 3.0 * (third - first);
    if reach <= 0.0 || !reach.is_finite() {
        return None;
    }
    let (low_fence, high_fence) = (first - reach, third + reach);
    if !low_fence.is_finite() || !high_fence.is_finite() {
        return None;
    }
    let below: Vec<&End> = column.low.iter().filter(|end| ranks::value(end.key) < low_fence).collect();
    let above: Vec<&End> = column.high.iter().filter(|end| ranks::value(end.key) > high_fence).collect();
    let count = below.iter().chain(&above).map(|end| end.count).sum();
    let distance = |end: &End| {
        let value = ranks::value(end.key);
        (low_fence - value).max(value - high_fence)
    };
    let at_least = below.len() == ENDS || above.len() == ENDS;
    let mut far: Vec<&End> = below.into_iter().chain(above).collect();
    far.sort_by(|left, right| distance(right).total_cmp(&distance(left)));
    let example = |end: &&End| Sighting { value: end.seen.text.clone(), place: state.spot(&end.seen.at) };
    Some(Outliers { low_fence, high_fence, count, at_least, examples: far.iter().take(5).map(example).collect() })
}
