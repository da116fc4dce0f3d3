//! Measures: table rules held against the generated rows themselves.

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType as Arrow;

use crate::frame::Mask;
use crate::frame::judge::number::Number;
use crate::frame::keys::{KeyEncoder, KeySet};
use crate::generate::column::table::Core;
use crate::generate::formula::Formula;
use crate::generate::grid::{self, Form};
use crate::generate::plan::checks::walk;
use crate::generate::plan::{Problems, rows::whole_range};
use crate::model::check::Bounds;
use crate::model::temporal::DAY;
use crate::model::{Aggregate, Check, Context, DataType, Literal, Result, Rule, Table, TableTest};

/// The most rows that are measured; of larger tables the first so many stand for all.
const MEASURED: u64 = 1 << 20;

/// Holds all table rules against the rows.
pub fn measure(table: &Table, core: &Core, context: &Context, problems: &mut Problems) {
    for rule in &table.rules {
        let Check::Table(test) = &rule.check else { continue };
        match one(rule, test, table, core, context) {
            Ok(None) => {}
            Ok(Some(found)) => problems.rule(rule, format!("the rows that can be generated give {found}")),
            Err(error) => problems.add(error.to_string()),
        }
    }
}

/// What was seen of one rule's columns.
#[derive(Default)]
struct Seen {
    rows: u64,
    nulls: u64,
    keys: KeySet<()>,
    /// Exact numbers or moments in units.
    units: Vec<i128>,
    floats: Vec<f64>,
}

/// Measures one rule; gives what was found where that breaks it.
fn one(rule: &Rule, test: &TableTest, table: &Table, core: &Core, context: &Context) -> Result<Option<String>> {
    let columns: Vec<usize> = match test {
        TableTest::Columns(_) => return Ok(None),
        TableTest::RowCount(_) if rule.condition.is_none() => return Ok(None),
        TableTest::RowCount(_) => Vec::new(),
        TableTest::DistinctCount { columns, .. } => columns.clone(),
        TableTest::NullRate { column, .. }
        | TableTest::Aggregate { column, .. }
        | TableTest::Freshness { column, .. } => {
            vec![*column]
        }
    };
    let condition = rule.condition.as_ref().map(|condition| Formula::new(&condition.root, context));
    let own = columns.len();
    let mut wanted = columns.clone();
    wanted.extend(condition.iter().flat_map(Formula::columns));
    let sampled = core.rows.min(MEASURED);
    // The newest value of a large table may stand in its last row.
    let mut seen = Seen::default();
    let mut see = |arrays: &[ArrayRef], rows: usize| {
        let admitted =
            condition.as_ref().map_or_else(|| Mask::full(rows), |formula| formula.tri(&arrays[own..], rows).truth);
        seen.see(test, &arrays[..own], &admitted);
    };
    if wanted.is_empty() {
        return Ok(None);
    }
    walk(core, sampled, &wanted, |_, arrays| see(arrays, arrays.first().map_or(0, Array::len)))?;
    if sampled < core.rows {
        let last: Vec<u64> = (core.rows.saturating_sub(1000).max(sampled)..core.rows).collect();
        see(&core.columns(&last, &wanted)?, last.len());
    }
    #[expect(clippy::cast_precision_loss, reason = "row counts stay far below 2^53")]
    let times = core.rows as f64 / sampled as f64;
    Ok(seen.verdict(test, table, context, times))
}

impl Seen {
    fn see(&mut self, test: &TableTest, arrays: &[ArrayRef], admitted: &Mask) {
        self.rows += admitted.count() as u64;
        let Some(first) = arrays.first() else { return };
        if matches!(test, TableTest::DistinctCount { .. }) {
            let encoder = KeyEncoder::of(arrays);
            let mut key = Vec::new();
            for row in admitted.rows() {
                if encoder.encode(row, &mut key) {
                    self.keys.get_or_insert(&key, ());
                }
            }
            return;
        }
        self.nulls += admitted.rows().filter(|row| first.is_null(*row)).count() as u64;
        if matches!(test, TableTest::NullRate { .. }) {
            return;
        }
        let valid = admitted.rows().filter(|row| first.is_valid(*row));
        let exact = match first.data_type() {
            Arrow::Decimal128(..) => Some(first.clone()),
            Arrow::Float32 | Arrow::Float64 => None,
            integer if integer.is_integer() => arrow_cast::cast(first, &Arrow::Decimal128(38, 0)).ok(),
            Arrow::Date32 => arrow_cast::cast(first, &Arrow::Int32)
                .ok()
                .and_then(|days| arrow_cast::cast(&days, &Arrow::Decimal128(38, 0)).ok()),
            _ => arrow_cast::cast(first, &Arrow::Int64).ok().map(|micros| {
                let values = micros.as_primitive::<Int64Type>().iter().map(|value| value.map(i128::from));
                std::sync::Arc::new(values.collect::<arrow_array::Decimal128Array>()) as ArrayRef
            }),
        };
        if let Some(exact) = exact.as_ref().and_then(|array| array.as_primitive_opt::<Decimal128Type>()) {
            self.units.extend(valid.map(|row| exact.value(row)));
        } else if let Ok(floats) = arrow_cast::cast(first, &Arrow::Float64) {
            let floats = floats.as_primitive::<Float64Type>();
            self.floats.extend(valid.map(|row| floats.value(row)));
        }
    }

    /// Gives what was found where it breaks the rule. `times` more rows are in the table than were seen.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts stay far below 2^53"
    )]
    fn verdict(&mut self, test: &TableTest, table: &Table, context: &Context, times: f64) -> Option<String> {
        match test {
            TableTest::Columns(_) => None,
            TableTest::RowCount(bounds) => {
                let rows = libm::rint(self.rows as f64 * times) as u64;
                outside(bounds, rows).then(|| format!("{rows} rows"))
            }
            TableTest::NullRate { bounds, .. } => {
                let share = if self.rows == 0 { return None } else { self.nulls as f64 / self.rows as f64 };
                // A share of a sample differs from that of the whole by chance.
                let (least, most) = if times > 1.0 { (share + 1e-3, share - 1e-3) } else { (share, share) };
                let low = bounds.minimum.is_some() || bounds.exclusive_minimum.is_some();
                let bad = !holds(bounds, Number::Float(if low { least } else { most }))
                    && !holds(bounds, Number::Float(share));
                bad.then(|| format!("a share of NULL of {share}"))
            }
            TableTest::DistinctCount { bounds, .. } => {
                let (least, most) = whole_range(bounds);
                let count = self.keys.len() as u64;
                let few = count < least && times <= 1.0;
                let grown = if times > 1.0 && count as f64 > self.rows as f64 * 0.9 {
                    (count as f64 * times) as u64
                } else {
                    count
                };
                (few || count > most || grown < least).then(|| format!("{count} different values"))
            }
            TableTest::Freshness { maximum_age_micros, column } => {
                let newest = *self.units.iter().max()?;
                let day = table.columns[*column].data_type == DataType::Date;
                let newest = if day { newest * i128::from(DAY) } else { newest };
                let age = i128::from(context.now) - newest;
                (age > i128::from(*maximum_age_micros)).then(|| "no value new enough".to_owned())
            }
            TableTest::Aggregate { column, function, bounds } => {
                let form = Form::of(&table.columns[*column].data_type)?;
                self.aggregate(form, *function, bounds, context, times)
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "aggregates of fractions are floats by definition")]
    fn aggregate(
        &mut self,
        form: Form,
        function: Aggregate,
        bounds: &Bounds,
        context: &Context,
        times: f64,
    ) -> Option<String> {
        let scale = form.scale();
        if form.is_moment() {
            let unit = if function == Aggregate::Max { self.units.iter().max()? } else { self.units.iter().min()? };
            let at = |literal: &Option<Literal>| literal.as_ref().and_then(|literal| grid::cut(literal, form, context));
            let low = at(&bounds.minimum).is_some_and(|cut| *unit < cut.range(crate::model::CompareOp::GtEq).0);
            let high = at(&bounds.maximum).is_some_and(|cut| *unit > cut.floor);
            return (low || high).then(|| "a value outside".to_owned());
        }
        if self.units.is_empty() && self.floats.is_empty() {
            return None;
        }
        let exact = !self.units.is_empty();
        let mut floats: Vec<f64> = if exact {
            self.units.iter().map(|unit| Number::Exact { unscaled: *unit, scale }.to_f64()).collect()
        } else {
            std::mem::take(&mut self.floats)
        };
        let count = floats.len() as f64;
        let mean = floats.iter().sum::<f64>() / count;
        let found = match function {
            Aggregate::Sum if exact && times <= 1.0 => {
                Number::Exact { unscaled: self.units.iter().fold(0i128, |sum, unit| sum.saturating_add(*unit)), scale }
            }
            Aggregate::Sum => Number::Float(mean * count * times),
            Aggregate::Mean => Number::Float(mean),
            Aggregate::Min | Aggregate::Max if exact => {
                let unit =
                    if function == Aggregate::Min { self.units.iter().min()? } else { self.units.iter().max()? };
                Number::Exact { unscaled: *unit, scale }
            }
            Aggregate::Min => Number::Float(floats.iter().copied().fold(f64::INFINITY, f64::min)),
            Aggregate::Max => Number::Float(floats.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
            Aggregate::Stddev => {
                let squares: f64 = floats.iter().map(|value| (value - mean) * (value - mean)).sum();
                Number::Float(libm::sqrt(squares / (count - 1.0).max(1.0)))
            }
            Aggregate::Quantile(share) => Number::Float(quantile(&mut floats, share)),
        };
        (!holds(bounds, found)).then(|| format!("{}", found.to_f64()))
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank among values in memory"
)]
fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let rank = share.clamp(0.0, 1.0) * (values.len().saturating_sub(1)) as f64;
    let (below, above) = (libm::floor(rank) as usize, libm::ceil(rank) as usize);
    let at = |rank: usize| values.get(rank).copied().unwrap_or(0.0);
    at(below) + (at(above) - at(below)) * (rank - libm::floor(rank))
}

fn outside(bounds: &Bounds, rows: u64) -> bool {
    let (least, most) = whole_range(bounds);
    rows < least || rows > most
}

/// Tells whether a number keeps bounds.
fn holds(bounds: &Bounds, number: Number) -> bool {
    use crate::model::CompareOp;
    let keeps = |literal: &Option<Literal>, op: CompareOp| {
        let bound = literal.as_ref().and_then(Number::of);
        bound.is_none_or(|bound| number.order(bound).is_some_and(|order| op.holds(order)))
    };
    keeps(&bounds.minimum, CompareOp::GtEq)
        && keeps(&bounds.maximum, CompareOp::LtEq)
        && keeps(&bounds.exclusive_minimum, CompareOp::Gt)
        && keeps(&bounds.exclusive_maximum, CompareOp::Lt)
}
