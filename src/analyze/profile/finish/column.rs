//! One column's profile.

use crate::analyze::profile::column::{Column, End, KindCount, Seen, masked, shown};
use crate::analyze::profile::finish::resolve::{Ordered, Resolved, Sort, ordered, resolve, text};
use crate::analyze::profile::finish::{About, days, meaning, spread};
use crate::analyze::profile::frequent::METHOD;
use crate::analyze::profile::kinds::Kind;
use crate::analyze::profile::numbers::Numbers;
use crate::analyze::profile::ranks;
use crate::analyze::profile::state::TableState;
use crate::model::profile::{
    Approx, ColumnProfile, Mask, NullSpelling, Sighting, TopValue, TopValues, TypeCount, Zeros,
};

/// Masks and frequent values that a profile names.
const MASKS: usize = 5;
const TOP: usize = 10;

/// Describes a column.
#[must_use]
pub fn describe(state: &TableState, column: &Column, about: &About) -> ColumnProfile {
    let resolved = resolve(column);
    let ordered = ordered(column, &resolved);
    let values = column.count - column.nulls;
    let expected = state.expected(column);
    let (minimum, maximum) = ends(column, &resolved);
    let is_number = matches!(resolved.sort, Sort::Number | Sort::List);
    let numbers = Some(&column.numbers).filter(|numbers| is_number && numbers.count > 0);
    let decimals = numbers.filter(|_| resolved.sort == Sort::Number);
    let masks = column.masks.heaviest(MASKS);
    let listed: u64 = masks.iter().map(|(_, count, _)| count).sum();
    let hits = meaning::hits(column);
    let mut profile = ColumnProfile {
        name: column.name.clone(),
        data_type: resolved.data_type.clone(),
        format: resolved.format.clone(),
        declared: about.declared.get(&column.name).cloned(),
        count: expected,
        nulls: column.nulls + (expected - column.count),
        absent: expected - column.count,
        null_spellings: spellings(column),
        types: types(state, column),
        distinct: at_most(column.sample.distinct(), values),
        once: at_most(column.sample.once(), values),
        minimum,
        maximum,
        mean: numbers.and_then(Numbers::mean),
        stddev: numbers.and_then(Numbers::stddev),
        sum: numbers.and_then(Numbers::sum),
        zeros: decimals.map(|numbers| Zeros { zeros: numbers.zeros, negatives: numbers.negatives }),
        quantiles: spread::quantiles(&ordered, resolved.sort),
        histogram: bounds(column, &resolved)
            .and_then(|ends| spread::histogram(&ordered, resolved.sort, ends, column.numbers.scale)),
        top: top(column),
        other_masks: values.saturating_sub(listed),
        masks: masks.into_iter().map(|(mask, count, pattern)| Mask { mask, count, pattern }).collect(),
        semantic: meaning::semantic(column, &hits),
        lengths: column.lengths.found(),
        text: column.text,
        dates: days::dates(column, &resolved),
        outliers: outliers(state, column, &resolved, &ordered),
        zero_padded: column.zero_padded,
        scale: decimals.map(|numbers| numbers.scale),
        precision: decimals.map(|numbers| (numbers.whole_digits + numbers.scale).max(1)),
        personal: meaning::personal(column, &hits, about.personal.contains(&column.name)),
        masked: false,
        flags: Vec::new(),
    };
    profile.masked = profile.personal.is_some() && !about.unmask;
    profile.flags = flags(&profile, &resolved);
    if profile.masked {
        hide(&mut profile);
    }
    profile
}

/// An estimate is never above what is possible.
fn at_most(found: Approx, most: u64) -> Approx {
    Approx { value: found.value.min(most), ..found }
}

fn spellings(column: &Column) -> Vec<NullSpelling> {
    let list = |texts: &[(String, u64)], is_null: bool| -> Vec<NullSpelling> {
        texts.iter().map(|(text, count)| NullSpelling { text: text.clone(), count: *count, is_null }).collect()
    };
    let mut all = list(&column.null_texts, true);
    all.extend(list(&column.nothings, false));
    all.sort_by(|left, right| right.count.cmp(&left.count).then_with(|| left.text.cmp(&right.text)));
    all
}

fn types(state: &TableState, column: &Column) -> Vec<TypeCount> {
    let sighting = |seen: &Seen| Sighting { value: seen.text.clone(), place: state.spot(&seen.at) };
    let kind = |(kind, count): (Kind, &KindCount)| TypeCount {
        kind: kind.name().to_owned(),
        count: count.count,
        first: count.first.as_ref().map(sighting),
    };
    let found = Kind::ALL.into_iter().zip(&column.kinds).filter(|(_, count)| count.count > 0);
    let mut types: Vec<TypeCount> = found.map(kind).collect();
    types.sort_by_key(|found| std::cmp::Reverse(found.count));
    types
}

/// Gives the lowest and the highest value as texts.
fn ends(column: &Column, resolved: &Resolved) -> (Option<String>, Option<String>) {
    let end = |end: Option<&End>| end.map(|end| end.seen.text.clone());
    match (resolved.sort, &resolved.moments, &column.text_ends) {
        (Sort::Number | Sort::List, ..) => (end(column.low.first()), end(column.high.first())),
        (Sort::Moment(_), Some(moments), _) if moments.count > 0 => {
            #[expect(clippy::cast_precision_loss, reason = "microseconds of nine thousand years")]
            let written = |micros: i64| Some(text(micros as f64, resolved.sort));
            (written(moments.least), written(moments.most))
        }
        (Sort::Text, _, _) if column.frequent.is_exact() => {
            let values = || column.frequent.values().map(|(value, _)| value);
            (values().min().map(shown), values().max().map(shown))
        }
        (_, _, Some((low, high))) => (Some(low.clone()), Some(high.clone())),
        // Codes: all digits, as texts.
        (Sort::Text, ..) if resolved.codes => (end(column.low.first()), end(column.high.first())),
        _ => (None, None),
    }
}

/// Gives the ends that a histogram lies between.
fn bounds(column: &Column, resolved: &Resolved) -> Option<(f64, f64)> {
    match (resolved.sort, &resolved.moments) {
        #[expect(clippy::cast_precision_loss, reason = "microseconds of nine thousand years")]
        (Sort::Moment(_), Some(moments)) => Some((moments.least as f64, moments.most as f64)),
        (Sort::Number | Sort::List, _) => {
            let key = |end: Option<&End>| end.map(|end| ranks::value(end.key));
            key(column.low.first()).zip(key(column.high.first()))
        }
        _ => None,
    }
}

fn outliers(
    state: &TableState,
    column: &Column,
    resolved: &Resolved,
    ordered: &Ordered,
) -> Option<crate::model::profile::Outliers> {
    spread::outliers(state, column, resolved, ordered).filter(|outliers| outliers.count > 0)
}

fn top(column: &Column) -> Option<TopValues> {
    let heaviest = column.frequent.heaviest(TOP);
    let exact = column.frequent.is_exact();
    let values: Vec<TopValue> =
        heaviest.iter().map(|(value, count)| TopValue { value: shown(value), count: *count }).collect();
    (!values.is_empty()).then(|| TopValues {
        method: if exact { "exact" } else { METHOD }.to_owned(),
        max_error: column.frequent.error(),
        complete: exact && column.frequent.values().count() == values.len(),
        values,
    })
}

fn flags(profile: &ColumnProfile, resolved: &Resolved) -> Vec<String> {
    let mut flags = Vec::new();
    let mut flag = |holds: bool, text: String| {
        if holds {
            flags.push(text);
        }
    };
    flag(profile.personal.is_some(), "PII?".to_owned());
    flag(resolved.strays > 0, format!("{} mixed", resolved.strays));
    flag(resolved.codes, "codes".to_owned());
    if let Some(outliers) = &profile.outliers {
        let more = if outliers.at_least { "≥" } else { "" };
        flag(true, format!("{more}{} outliers", outliers.count));
    }
    if let Some(dates) = &profile.dates {
        let gap = dates.gaps.first();
        flag(gap.is_some(), format!("gap {} d", gap.map_or(0, |gap| gap.days)));
        flag(dates.formats.len() > 1, format!("{} formats", dates.formats.len()));
    }
    let blanks = profile.text.leading_blanks + profile.text.trailing_blanks + profile.text.blank;
    flag(blanks > 0, "blanks".to_owned());
    flag(profile.text.control > 0, "control".to_owned());
    flag(disguised(profile).next().is_some(), "NULLs?".to_owned());
    flag(profile.distinct.value == 1 && profile.values() > 1, "constant".to_owned());
    flags
}

/// Gives the texts that look like NULL and are rare: a frequent `none` is a category.
pub fn disguised(profile: &ColumnProfile) -> impl Iterator<Item = &NullSpelling> {
    let rare = |spelling: &&NullSpelling| {
        let is_word = spelling.text.len() > 2 && spelling.text.bytes().all(|byte| byte.is_ascii_alphabetic());
        let is_category = is_word && spelling.count * 5 > profile.values();
        !spelling.is_null && !is_category
    };
    profile.null_spellings.iter().filter(rare)
}

/// Hides every value of the column behind its shape.
fn hide(profile: &mut ColumnProfile) {
    for end in [&mut profile.minimum, &mut profile.maximum].into_iter().flatten() {
        *end = masked(end);
    }
    (profile.mean, profile.stddev, profile.sum) = (None, None, None);
    (profile.quantiles, profile.histogram, profile.outliers) = (None, None, None);
    profile
        .types
        .iter_mut()
        .filter_map(|found| found.first.as_mut())
        .for_each(|first| first.value = masked(&first.value));
    if let Some(top) = &mut profile.top {
        top.values.iter_mut().for_each(|value| value.value = masked(&value.value));
    }
    if let Some(dates) = &mut profile.dates {
        dates.gaps.clear();
    }
}
