//! What a column is: the type that most of its values have, and its values by rank.

use crate::analyze::profile::column::Column;
use crate::analyze::profile::kinds::{Kind, Origin, Read, Reader};
use crate::analyze::profile::moments::{self, Formats, Moments};
use crate::analyze::profile::ranks;

/// A type must have so great a part of the values to be the column's.
const MOST: f64 = 0.9;

/// What a column's values mostly are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// No value at all.
    Nothing,
    Number,
    Bool,
    Moment(Kind),
    List,
    Text,
}

/// A column made out.
pub struct Resolved {
    pub sort: Sort,
    pub data_type: String,
    pub format: Option<String>,
    /// Values that read as something else.
    pub strays: u64,
    /// Digits that are codes.
    pub codes: bool,
    /// The moments, days and months told apart.
    pub moments: Option<Moments>,
    /// The way days and months were told apart.
    pub way: usize,
}

/// Gives the values that read as a kind.
#[must_use]
pub fn kind(column: &Column, kind: Kind) -> u64 {
    column.kinds.get(kind as usize).map_or(0, |count| count.count)
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn is_most(part: u64, whole: u64) -> bool {
    part > 0 && part as f64 >= MOST * whole as f64
}

/// Makes out what a column is.
#[must_use]
pub fn resolve(column: &Column) -> Resolved {
    let values = column.count - column.nulls;
    let count = |wanted: Kind| kind(column, wanted);
    let numbers = count(Kind::Integer) + count(Kind::Decimal) + count(Kind::Float);
    let days = count(Kind::Date) + count(Kind::Timestamp) + count(Kind::TimestampTz);
    let codes = is_coded(column, numbers);
    let mut found = Resolved {
        sort: Sort::Text,
        data_type: "string".to_owned(),
        format: None,
        strays: 0,
        codes,
        moments: None,
        way: 0,
    };
    if values == 0 {
        found.sort = Sort::Nothing;
    } else if is_most(numbers, values) && !codes {
        found.sort = Sort::Number;
        found.strays = values - numbers;
        found.data_type = number_type(column);
    } else if is_most(count(Kind::Bool), values) {
        (found.sort, found.strays) = (Sort::Bool, values - count(Kind::Bool));
        "bool".clone_into(&mut found.data_type);
    } else if is_most(days, values) {
        let kind = [Kind::TimestampTz, Kind::Timestamp, Kind::Date].into_iter().find(|kind| count(*kind) > 0);
        resolve_moments(column, kind.unwrap_or(Kind::Date), &mut found);
        found.strays = values - days;
    } else if is_most(count(Kind::Time), values) {
        resolve_moments(column, Kind::Time, &mut found);
        found.strays = values - count(Kind::Time);
    } else if is_most(count(Kind::List), values) {
        (found.sort, found.strays) = (Sort::List, values - count(Kind::List));
        "list".clone_into(&mut found.data_type);
    }
    found
}

/// Tells whether digits are codes: zeros in front, and all of one length or not rare.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn is_coded(column: &Column, numbers: u64) -> bool {
    let padded = column.zero_padded;
    let lengths = column.lengths.found();
    padded > 0
        && kind(column, Kind::Integer) == numbers
        && (lengths.is_some_and(|lengths| lengths.minimum == lengths.maximum) || padded as f64 > 0.01 * numbers as f64)
}

fn number_type(column: &Column) -> String {
    let (whole, scale) = (column.numbers.whole_digits, column.numbers.scale);
    if kind(column, Kind::Float) > 0 {
        return "float64".to_owned();
    }
    if kind(column, Kind::Decimal) == 0 {
        let fits = |end: Option<&crate::analyze::profile::column::End>| {
            end.is_none_or(|end| end.seen.text.parse::<i64>().is_ok())
        };
        return match whole {
            0..=18 => "int64".to_owned(),
            19 if fits(column.low.first()) && fits(column.high.first()) => "int64".to_owned(),
            whole if whole <= 38 => format!("decimal({whole},0)"),
            _ => "float64".to_owned(),
        };
    }
    let precision = u16::from(whole) + u16::from(scale);
    if precision <= 38 { format!("decimal({},{scale})", precision.max(1)) } else { "float64".to_owned() }
}

fn resolve_moments(column: &Column, kind: Kind, found: &mut Resolved) {
    let [plain, day_first, month_first] = &column.moments;
    let mut all = plain.clone();
    let doubtful = if month_first.count > day_first.count { (2, month_first) } else { (1, day_first) };
    if doubtful.1.count > 0 {
        found.way = doubtful.0;
        all.merge(doubtful.1);
    }
    all.settle();
    found.sort = Sort::Moment(kind);
    found.data_type = moments::data_type(kind).to_string();
    let best = formats(column, found.way).into_iter().next();
    found.format = best.filter(|(at, _)| !moments::is_default(*at)).map(|(at, _)| moments::format_name(at).to_owned());
    found.moments = Some(all);
}

/// Gives the patterns of a column's moments, most frequent first, those of the other way left out.
#[must_use]
pub fn formats(column: &Column, way: usize) -> Vec<(usize, u64)> {
    let counted = column.formats.iter().enumerate().filter(|(_, count)| **count > 0);
    let mut formats: Vec<(usize, u64)> = counted
        .filter(|(at, _)| moments::is_of_way(*at, 0) || moments::is_of_way(*at, way))
        .map(|(at, count)| (at, *count))
        .collect();
    formats.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(&right.0)));
    // `%d` and `%-d` read the same values: the stricter one says more where it reads as many.
    let mut kept: Vec<(usize, u64)> = Vec::new();
    for (at, count) in formats {
        let loose = |text: &str| text.replace("%-", "%");
        let same = |other: &(usize, u64)| loose(moments::format_name(other.0)) == loose(moments::format_name(at));
        if !kept.iter().any(same) {
            kept.push((at, count));
        }
    }
    kept
}

/// Values in order, with how many each stands for; whether that is exact.
pub struct Ordered {
    pub sample: Vec<(f64, u64)>,
    pub exact: bool,
}

/// Gives a column's numbers or moments in order.
#[must_use]
pub fn ordered(column: &Column, resolved: &Resolved) -> Ordered {
    if column.frequent.is_exact() {
        let sample = exact(column, resolved);
        let total: u64 = sample.iter().map(|(_, count)| count).sum();
        if total == expected(column, resolved) {
            return Ordered { sample, exact: true };
        }
    }
    let ranks = match (&resolved.moments, resolved.sort) {
        (Some(moments), _) => &moments.ranks,
        (None, Sort::Number | Sort::List) => &column.numbers.ranks,
        _ => return Ordered { sample: Vec::new(), exact: false },
    };
    Ordered { sample: ranks.sample(), exact: false }
}

fn expected(column: &Column, resolved: &Resolved) -> u64 {
    resolved.moments.as_ref().map_or(column.numbers.count, |moments| moments.count)
}

fn exact(column: &Column, resolved: &Resolved) -> Vec<(f64, u64)> {
    let formats = Formats::new();
    let mut reader = Reader::new(&formats);
    let origin = if resolved.sort == Sort::List { Origin::List } else { Origin::Untyped };
    let mut keys: Vec<(i64, u64)> = Vec::new();
    for (text, count) in column.frequent.values() {
        match (reader.read(text, 0, text.len(), origin), resolved.sort) {
            (Read::Number(_, number, _), Sort::Number | Sort::List) => keys.push((ranks::key(number.value), count)),
            (Read::Moment(moment), Sort::Moment(_)) => {
                #[expect(clippy::cast_precision_loss, reason = "microseconds of nine thousand years")]
                if let Some(micros) = moment.micros[0].or(moment.micros[resolved.way]) {
                    keys.push((ranks::key(micros as f64), count));
                }
            }
            _ => {}
        }
    }
    keys.sort_unstable();
    keys.dedup_by(|from, into| {
        let same = from.0 == into.0;
        if same {
            into.1 += from.1;
        }
        same
    });
    keys.into_iter().map(|(key, count)| (ranks::value(key), count)).collect()
}

/// Writes a number, or microseconds as a moment.
#[must_use]
pub fn text(value: f64, sort: Sort) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "moments of the years 1 to 9999")]
    let micros = value as i64;
    match sort {
        Sort::Moment(Kind::Date) => {
            crate::model::literal::date_text(i32::try_from(micros.div_euclid(moments::DAY)).unwrap_or(0))
        }
        Sort::Moment(Kind::Time) => crate::model::literal::time_text(micros),
        Sort::Moment(_) => crate::model::literal::timestamp_text(micros),
        _ if value != 0.0 && (value.abs() >= 1e17 || value.abs() < 1e-6) => format!("{value:e}"),
        _ => value.to_string(),
    }
}
