//! A value just beyond the contract's own bound.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::numbers::{self, Dec};
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;
use crate::model::{DataType, Literal};

const DAY: i64 = 86_400_000_000;

/// The kind `out_of_range`.
pub const KIND: FaultKind = FaultKind::cell(
    "out_of_range",
    Level::Value,
    "The value goes a little beyond a bound of the contract, or beyond its type where there is none.",
    &["maximum", "minimum", "exclusive_maximum", "exclusive_minimum", "type"],
    Example::csv("id: {type: int64}, score: {type: int32, maximum: 10}", "score", "1,7", "1,11"),
    change,
)
.fits(fits);

fn fits(target: &Target) -> Result<(), String> {
    let bounded = |bound: Option<(&Literal, bool)>| {
        bound.is_some_and(|(bound, _)| Dec::of(bound).is_some() || micros(bound).is_some())
    };
    let data_type = &target.column.data_type;
    let typed = data_type.is_integer() || matches!(data_type, DataType::Decimal { .. });
    let known = data_type.is_numeric() || data_type.is_temporal();
    if typed || (known && (bounded(target.upper()) || bounded(target.lower()))) {
        return Ok(());
    }
    Err(format!(
        "wants a column with a `minimum` or `maximum` that is no text and no `today`, unlike `{}`",
        target.path.text
    ))
}

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let target = cell.target;
    let sides: Vec<(&Literal, i128)> = [(target.upper(), 1), (target.lower(), -1)]
        .into_iter()
        .filter_map(|(bound, sign)| bound.map(|(bound, _)| (bound, sign)))
        .collect();
    let beyond = 1 + draws.below(5);
    let Some((bound, sign)) = sides.get(usize::try_from(draws.below(sides.len() as u64)).ok()?) else {
        return beyond_type(&target.column.data_type, beyond);
    };
    if let Some(clock) = &target.clock {
        let step = if target.column.data_type == DataType::Time { 1_000_000 } else { DAY };
        let moment = micros(bound)? + i64::try_from(*sign).ok()? * i64::try_from(beyond).ok()? * step;
        return clock.write(moment, cell.text).map(Change::Text);
    }
    let scale = match target.column.data_type {
        DataType::Decimal { scale, .. } => scale,
        _ => 0,
    };
    let bound = Dec::of(bound)?;
    let bound = bound.with_scale(scale.max(bound.scale))?;
    Some(Change::Text(bound.plus(sign * i128::from(beyond) * bound.one())?.text()))
}

fn beyond_type(data_type: &DataType, beyond: u64) -> Option<Change> {
    if let Some((_, most)) = numbers::range(data_type) {
        return Some(Change::text((most + i128::from(beyond)).to_string()));
    }
    let DataType::Decimal { precision, scale } = data_type else { return None };
    let unscaled = 10i128.checked_pow(u32::from(*precision))?.checked_add(beyond.into())?;
    Some(Change::Text(Dec { unscaled, scale: *scale }.text()))
}

fn micros(bound: &Literal) -> Option<i64> {
    match bound {
        Literal::Date(days) => Some(i64::from(*days) * DAY),
        Literal::Time(micros) | Literal::Timestamp(micros) => Some(*micros),
        _ => None,
    }
}
