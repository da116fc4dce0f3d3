//! Cuts: where the values of a contract stand among the units of a type.

use crate::generate::grid::Form;
use crate::model::temporal::{DAY, Pattern};
use crate::model::{Column, CompareOp, Context, DataType, Literal, number};

/// Where a value stands among the units of a type: the highest unit not above it, and whether it is that unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    pub floor: i128,
    pub exact: bool,
}

impl Cut {
    /// Gives the least and greatest unit for which `unit op value` holds.
    #[must_use]
    pub const fn range(self, op: CompareOp) -> (i128, i128) {
        let Self { floor, exact } = self;
        let above = floor.saturating_add(1);
        match op {
            CompareOp::Lt if exact => (i128::MIN, floor.saturating_sub(1)),
            CompareOp::Lt | CompareOp::LtEq => (i128::MIN, floor),
            CompareOp::Gt => (above, i128::MAX),
            CompareOp::GtEq => (if exact { floor } else { above }, i128::MAX),
            CompareOp::Eq if exact => (floor, floor),
            CompareOp::Eq => (1, 0),
            CompareOp::NotEq => (i128::MIN, i128::MAX),
        }
    }
}

/// Finds where a literal stands among the units of a form. `None` where it is no such value.
#[must_use]
pub fn cut(literal: &Literal, form: Form, context: &Context) -> Option<Cut> {
    let day = i128::from(DAY);
    let moment = match literal {
        Literal::Date(days) => Some(i128::from(*days) * day),
        Literal::Today => Some(i128::from(context.today) * day),
        Literal::Timestamp(micros) => Some(i128::from(*micros)),
        Literal::Now => Some(i128::from(context.now)),
        _ => None,
    };
    match (form, literal) {
        (Form::Bool, Literal::Bool(flag)) => Some(Cut { floor: i128::from(*flag), exact: true }),
        (Form::Date, _) => moment.map(|at| Cut { floor: at.div_euclid(day), exact: at.rem_euclid(day) == 0 }),
        (Form::Timestamp | Form::TimestampTz, _) => moment.map(|floor| Cut { floor, exact: true }),
        (Form::Time, Literal::Time(micros)) => Some(Cut { floor: i128::from(*micros), exact: true }),
        (Form::Time | Form::Bool, _) => None,
        _ => {
            let (unscaled, scale) = exact(literal)?;
            Some(rescale(unscaled, scale, form.scale()))
        }
    }
}

/// Gives a number literal as `(unscaled, scale)`; a float is the decimal its shortest text stands for.
#[must_use]
pub fn exact(literal: &Literal) -> Option<(i128, u8)> {
    match literal {
        Literal::Int(value) => Some((*value, 0)),
        Literal::Decimal { unscaled, scale } => Some((*unscaled, *scale)),
        Literal::Float(value) if value.is_finite() => {
            number::any_decimal(value.to_string().as_bytes()).ok().or_else(|| {
                let huge = if *value > 0.0 { i128::MAX } else { i128::MIN };
                Some((if value.abs() >= 1.0 { huge } else { 0 }, 0))
            })
        }
        _ => None,
    }
}

/// Counts `unscaled / 10^from` in units of `10^-to`.
#[must_use]
pub fn rescale(unscaled: i128, from: u8, to: u8) -> Cut {
    let power = 10i128.checked_pow(u32::from(from.abs_diff(to)));
    if to >= from {
        let floor = power.and_then(|power| unscaled.checked_mul(power));
        let far = if unscaled < 0 { i128::MIN } else { i128::MAX };
        return floor.map_or(Cut { floor: far, exact: false }, |floor| Cut { floor, exact: true });
    }
    match power {
        Some(power) => Cut { floor: unscaled.div_euclid(power), exact: unscaled.rem_euclid(power) == 0 },
        None => Cut { floor: if unscaled < 0 { -1 } else { 0 }, exact: unscaled == 0 },
    }
}

/// Reads a value as a contract writes it for a column; `today` and `now` too. `None` where it does not read.
#[must_use]
pub fn read(text: &str, column: &Column, form: Form, context: &Context) -> Option<Cut> {
    let bytes = text.as_bytes();
    let whole = |floor: i128| Some(Cut { floor, exact: true });
    let own = column.format.as_deref().and_then(|format| Pattern::new(format).ok());
    let iso = Pattern::default_for(&column.data_type);
    match (form, text) {
        (Form::Bool, "true" | "false") => whole(i128::from(text == "true")),
        (Form::Bool, _) => None,
        (Form::Date | Form::Timestamp | Form::TimestampTz, "today") => cut(&Literal::Today, form, context),
        (Form::Date | Form::Timestamp | Form::TimestampTz, "now") => cut(&Literal::Now, form, context),
        (Form::Date, _) => {
            let day = Pattern::default_for(&DataType::Date).date(bytes).or_else(|| own?.date(bytes))?;
            whole(day.into())
        }
        (Form::Time, _) => whole(iso.time(bytes).or_else(|| own?.time(bytes))?.into()),
        (Form::Timestamp | Form::TimestampTz, _) => {
            let plain = Pattern::default_for(&DataType::Timestamp);
            let day = Pattern::default_for(&DataType::Date);
            let moment = iso.timestamp(bytes).or_else(|| plain.timestamp(bytes)).or_else(|| day.timestamp(bytes));
            whole(moment.or_else(|| own?.timestamp(bytes))?.into())
        }
        _ => {
            let (unscaled, scale) = number::any_decimal(bytes).ok()?;
            Some(rescale(unscaled, scale, form.scale()))
        }
    }
}

/// Gives the units between two values that a pattern can tell apart: a microsecond where it writes fractions, a second,
/// a minute, an hour or a day where it does not. Seconds where there is no pattern.
#[must_use]
pub fn resolution(form: Form, format: Option<&str>) -> i128 {
    const SECOND: i128 = 1_000_000;
    if !matches!(form, Form::Time | Form::Timestamp | Form::TimestampTz) {
        return 1;
    }
    let Some(format) = format else { return SECOND };
    let has = |letters: &[&str]| letters.iter().any(|letter| format.contains(letter));
    if has(&["%.3f", "%3f"]) {
        1000
    } else if has(&["%f", "%.f", "%6f", "%.6f", "%9f", "%.9f"]) {
        1
    } else if has(&["%S", "%-S", "%T", "%s"]) {
        SECOND
    } else if has(&["%M", "%-M", "%R"]) {
        60 * SECOND
    } else if has(&["%H", "%I", "%-H", "%-I"]) {
        3600 * SECOND
    } else {
        i128::from(DAY)
    }
}
