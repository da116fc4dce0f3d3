//! The measures behind the table rules of one table, and what they say in the end.

use arrow_array::Array;

use crate::analyze::{Completeness, Distinct, Extremes, Metric, Moments, Newest, Observed, Quantiles, Sum};
use crate::frame::judge::RuleVerdict;
use crate::frame::{Batch, Judged, Mask};
use crate::model::literal::timestamp_text;
use crate::model::{Aggregate, Bounds, Check, Context, NullPolicy, Table, TableTest};

/// Measures for the rules on row counts, NULL rates, distinct counts, aggregates and freshness.
///
/// Every rule sees the rows its `where` admits, without those that are broken or whose cell did not parse; a row count
/// without `where` counts all records. Batches come in file order.
#[derive(Debug)]
pub struct TableState {
    rules: Vec<RuleState>,
}

/// What a table rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableFinding {
    pub failed: bool,
    /// 1 where it failed: a table rule has one deviation.
    pub failures: u64,
    /// What was measured, as text.
    pub observed: String,
    /// What deviates, in words.
    pub note: Option<String>,
}

#[derive(Debug)]
struct RuleState {
    /// Index among the table's rules.
    rule: usize,
    nulls: NullPolicy,
    measure: Measure,
    /// NULLs among the cells of an aggregate.
    cells: Completeness,
    /// What is observed tells a value of a `pii` column.
    masked: bool,
}

/// Stands for what may not be shown.
const MASK: &str = "***";

#[derive(Debug)]
enum Measure {
    Rows { count: u64, bounds: Bounds },
    Nulls { column: usize, bounds: Bounds },
    Distinct { columns: Vec<usize>, keys: Distinct, bounds: Bounds },
    Sum { column: usize, sum: Sum, mean: bool, bounds: Bounds },
    Extremes { column: usize, extremes: Extremes, highest: bool, bounds: Bounds },
    Stddev { column: usize, moments: Moments, bounds: Bounds },
    Quantile { column: usize, quantiles: Quantiles, at: f64, bounds: Bounds },
    Newest { column: usize, newest: Newest, maximum_age_micros: i64 },
}

impl TableState {
    /// Prepares a measure for each table rule; `columns` rules are judged elsewhere.
    #[must_use]
    pub fn new(table: &Table) -> Self {
        let state = |(index, rule): (usize, &crate::model::Rule)| {
            let Check::Table(test) = &rule.check else { return None };
            let measure = Measure::new(test)?;
            let pii = |column: usize| table.columns.get(column).is_some_and(|column| column.pii);
            let masked = measure.of_value().is_some_and(pii);
            Some(RuleState { rule: index, nulls: rule.nulls, measure, cells: Completeness::default(), masked })
        };
        Self { rules: table.rules.iter().enumerate().filter_map(state).collect() }
    }

    /// Tells whether there is nothing to measure.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Takes a judged batch. Rules that could not be evaluated on it take nothing.
    pub fn update(&mut self, judged: &Judged) {
        for state in &mut self.rules {
            if let Some(verdict) = judged.verdicts.get(state.rule)
                && verdict.not_evaluated.is_none()
            {
                state.update(&judged.batch, verdict);
            }
        }
    }

    /// Says what each table rule found, by the rule's index, ascending.
    #[must_use]
    pub fn finish(self, context: &Context) -> Vec<(usize, TableFinding)> {
        self.rules.into_iter().map(|state| (state.rule, state.finish(context))).collect()
    }
}

impl Measure {
    fn new(test: &TableTest) -> Option<Self> {
        Some(match test {
            TableTest::RowCount(bounds) => Self::Rows { count: 0, bounds: bounds.clone() },
            TableTest::NullRate { column, bounds } => Self::Nulls { column: *column, bounds: bounds.clone() },
            TableTest::DistinctCount { columns, bounds } => {
                Self::Distinct { columns: columns.clone(), keys: Distinct::default(), bounds: bounds.clone() }
            }
            TableTest::Aggregate { column, function, bounds } => {
                let (column, bounds) = (*column, bounds.clone());
                match function {
                    Aggregate::Sum => Self::Sum { column, sum: Sum::default(), mean: false, bounds },
                    Aggregate::Mean => Self::Sum { column, sum: Sum::default(), mean: true, bounds },
                    Aggregate::Min => Self::Extremes { column, extremes: Extremes::default(), highest: false, bounds },
                    Aggregate::Max => Self::Extremes { column, extremes: Extremes::default(), highest: true, bounds },
                    Aggregate::Stddev => Self::Stddev { column, moments: Moments::default(), bounds },
                    Aggregate::Quantile(at) => {
                        Self::Quantile { column, quantiles: Quantiles::default(), at: *at, bounds }
                    }
                }
            }
            TableTest::Freshness { column, maximum_age_micros } => {
                Self::Newest { column: *column, newest: Newest::default(), maximum_age_micros: *maximum_age_micros }
            }
            TableTest::Columns(_) => return None,
        })
    }

    /// Gives the column whose values show in what is observed; none where only counts do.
    const fn of_value(&self) -> Option<usize> {
        match self {
            Self::Sum { column, .. }
            | Self::Extremes { column, .. }
            | Self::Stddev { column, .. }
            | Self::Quantile { column, .. }
            | Self::Newest { column, .. } => Some(*column),
            Self::Rows { .. } | Self::Nulls { .. } | Self::Distinct { .. } => None,
        }
    }
}

impl RuleState {
    fn update(&mut self, batch: &Batch, verdict: &RuleVerdict) {
        let mut rows = verdict.admitted.clone().unwrap_or_else(|| Mask::full(batch.len()));
        rows.and_not(&verdict.unknown);
        let array = |column: usize| batch.columns.get(column).map(AsRef::as_ref);
        let cells = &mut self.cells;
        let mut take = |metric: &mut dyn FnMut(&dyn Array, &Mask), column: usize| {
            if let Some(array) = array(column) {
                cells.update(array, &rows);
                metric(array, &rows);
            }
        };
        match &mut self.measure {
            Measure::Rows { count, .. } => *count += rows.count() as u64,
            Measure::Nulls { column, .. } => take(&mut |_, _| (), *column),
            Measure::Distinct { columns, keys, .. } => {
                let arrays: Vec<&dyn Array> = columns.iter().filter_map(|column| array(*column)).collect();
                if arrays.len() == columns.len() {
                    keys.update_keys(&arrays, &rows);
                    let lacks = |row: &usize| arrays.iter().any(|array| array.is_null(*row));
                    cells.rows += rows.count() as u64;
                    cells.nulls += rows.rows().filter(lacks).count() as u64;
                }
            }
            Measure::Sum { column, sum, .. } => take(&mut |array, rows| sum.update(array, rows), *column),
            Measure::Extremes { column, extremes, .. } => {
                take(&mut |array, rows| extremes.update(array, rows), *column);
            }
            Measure::Stddev { column, moments, .. } => take(&mut |array, rows| moments.update(array, rows), *column),
            Measure::Quantile { column, quantiles, .. } => {
                take(&mut |array, rows| quantiles.update(array, rows), *column);
            }
            Measure::Newest { column, newest, .. } => take(&mut |array, rows| newest.update(array, rows), *column),
        }
    }

    fn finish(self, context: &Context) -> TableFinding {
        let Self { nulls, measure, cells, masked, .. } = self;
        let (observed, bounds, not_finite) = match measure {
            Measure::Rows { count, bounds } => (Observed::count(count), bounds, 0),
            Measure::Nulls { bounds, .. } => return null_rate(cells, &bounds, context),
            Measure::Distinct { keys, bounds, .. } => (Observed::count(keys.count()), bounds, 0),
            Measure::Sum { sum, mean, bounds, .. } => {
                (if mean { sum.mean() } else { sum.sum() }, bounds, sum.not_finite)
            }
            Measure::Extremes { extremes, highest, bounds, .. } => {
                let end = if highest { extremes.maximum() } else { extremes.minimum() };
                (end, bounds, extremes.not_finite)
            }
            Measure::Stddev { moments, bounds, .. } => (moments.stddev(), bounds, moments.not_finite),
            Measure::Quantile { mut quantiles, at, bounds, .. } => {
                (quantiles.quantile(at), bounds, quantiles.not_finite)
            }
            Measure::Newest { newest, maximum_age_micros, .. } => {
                let found = freshness(newest, maximum_age_micros, nulls, cells, context);
                return if masked { found.masked() } else { found };
            }
        };
        let note = if not_finite > 0 {
            Some(format!("{} NaN or infinite, which breaks every numeric rule", values(not_finite)))
        } else {
            lacking(nulls, cells, &observed).or_else(|| observed.breach(&bounds, context))
        };
        let found = TableFinding::new(observed.to_string(), note);
        if masked && observed != Observed::Nothing { found.masked() } else { found }
    }
}

impl TableFinding {
    fn new(observed: String, note: Option<String>) -> Self {
        Self { failed: note.is_some(), failures: u64::from(note.is_some()), observed, note }
    }

    /// Hides the value, in the note too.
    fn masked(self) -> Self {
        let note = self.note.map(|note| match note.split_once(AGE) {
            Some((_, limit)) => format!("the newest value is {MASK}{AGE}{limit}"),
            None => note.strip_prefix(self.observed.as_str()).map_or(note.clone(), |rest| format!("{MASK}{rest}")),
        });
        Self { observed: MASK.to_owned(), note, ..self }
    }
}

/// Says what NULL breaks under [`NullPolicy::Fail`].
fn lacking(nulls: NullPolicy, cells: Completeness, observed: &Observed) -> Option<String> {
    match nulls {
        NullPolicy::Ignore => None,
        NullPolicy::Fail if cells.nulls > 0 => Some(format!("{} NULL", values(cells.nulls))),
        NullPolicy::Fail => (*observed == Observed::Nothing).then(|| "there are no values".to_owned()),
    }
}

fn values(count: u64) -> String {
    if count == 1 { "1 value is".to_owned() } else { format!("{count} values are") }
}

fn null_rate(cells: Completeness, bounds: &Bounds, context: &Context) -> TableFinding {
    if cells.rows == 0 {
        return TableFinding::new("no rows".to_owned(), None);
    }
    let rate = Observed::Ratio { numerator: i128::from(cells.nulls).into(), denominator: cells.rows, scale: 0 };
    let note = rate
        .breach(bounds, context)
        .map(|breach| format!("{breach}: {} of {} cells are NULL", cells.nulls, cells.rows));
    TableFinding::new(rate.to_string(), note)
}

/// What stands between an age and its limit.
const AGE: &str = " old, more than ";

fn freshness(
    newest: Newest,
    maximum_age_micros: i64,
    nulls: NullPolicy,
    cells: Completeness,
    context: &Context,
) -> TableFinding {
    let Some(micros) = newest.micros else {
        let note = lacking(nulls, cells, &Observed::Nothing);
        return TableFinding::new(Observed::Nothing.to_string(), note);
    };
    let age = i128::from(context.now) - i128::from(micros);
    let note = lacking(nulls, cells, &Observed::count(1)).or_else(|| {
        (age > i128::from(maximum_age_micros))
            .then(|| format!("the newest value is {}{AGE}{}", span(age), span(i128::from(maximum_age_micros))))
    });
    TableFinding::new(timestamp_text(micros), note)
}

/// Writes a span of microseconds in its two largest units: `3d 4h`, `15m`, `2s`.
fn span(micros: i128) -> String {
    const UNITS: [(&str, i128); 4] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)];
    let mut left = micros / 1_000_000;
    let mut parts = Vec::new();
    for (unit, seconds) in UNITS {
        if left >= seconds && parts.len() < 2 {
            parts.push(format!("{}{unit}", left / seconds));
        }
        left %= seconds;
    }
    if parts.is_empty() { "less than a second".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Date32Array, Float64Array, Int64Array};

    use super::*;
    use crate::frame::Judge;
    use crate::frame::judge::fixture::{batch, rule, table};
    use crate::frame::judge::number::DAY;
    use crate::model::{DataType, Literal};

    const CONTEXT: Context = Context { today: 10, now: 10 * DAY };

    fn at_least(minimum: i128) -> Bounds {
        Bounds { minimum: Some(Literal::Int(minimum)), ..Bounds::default() }
    }

    fn one_column(data_type: DataType, test: TableTest, columns: &[&str], nulls: NullPolicy) -> Table {
        let mut table = table(vec![("a", data_type)]);
        let mut rule = rule(&table, columns, Check::Table(test));
        rule.nulls = nulls;
        table.rules = vec![rule];
        table
    }

    /// Judges and measures in batches of a size.
    fn find(table: &Table, array: &ArrayRef, size: usize) -> TableFinding {
        let judge = Judge::new(table, &CONTEXT).unwrap();
        let mut state = TableState::new(table);
        let mut start = 0;
        while start < array.len() {
            let len = size.min(array.len() - start);
            state.update(&judge.judge(batch(vec![array.slice(start, len)])));
            start += len;
        }
        state.finish(&CONTEXT).remove(0).1
    }

    fn aggregate(function: Aggregate, bounds: Bounds, nulls: NullPolicy) -> Table {
        let test = TableTest::Aggregate { column: 0, function, bounds };
        one_column(DataType::Int64, test, &["a"], nulls)
    }

    fn numbers() -> ArrayRef {
        Arc::new(Int64Array::from(vec![Some(1), None, Some(2), Some(2), Some(5)]))
    }

    #[test]
    fn every_rule_is_measured_alike_in_any_batches() {
        let expected = [
            (Aggregate::Sum, "10"),
            (Aggregate::Mean, "2.5"),
            (Aggregate::Min, "1"),
            (Aggregate::Max, "5"),
            (Aggregate::Stddev, "1.7320508075688772"),
            (Aggregate::Quantile(0.5), "2"),
        ];
        for (function, observed) in expected {
            for size in [1, 2, 7] {
                let good = find(&aggregate(function, at_least(1), NullPolicy::Ignore), &numbers(), size);
                assert_eq!((good.failed, good.observed.as_str(), good.failures), (false, observed, 0), "{function:?}");
                let bad = find(&aggregate(function, at_least(100), NullPolicy::Ignore), &numbers(), size);
                assert!(bad.failed && bad.failures == 1 && bad.note.unwrap().ends_with("is below the minimum 100"));
            }
        }
        let count = one_column(DataType::Int64, TableTest::RowCount(at_least(6)), &[], NullPolicy::Ignore);
        assert_eq!(find(&count, &numbers(), 2).note.unwrap(), "5 is below the minimum 6");
        let test = TableTest::DistinctCount { columns: vec![0], bounds: at_least(3) };
        let distinct = one_column(DataType::Int64, test, &["a"], NullPolicy::Ignore);
        assert_eq!(find(&distinct, &numbers(), 2).observed, "3");
        let maximum = Some(Literal::Decimal { unscaled: 19, scale: 2 });
        let test = TableTest::NullRate { column: 0, bounds: Bounds { maximum, ..Bounds::default() } };
        let rate = find(&one_column(DataType::Int64, test, &["a"], NullPolicy::Ignore), &numbers(), 2);
        assert_eq!(rate.observed, "0.2");
        assert_eq!(rate.note.unwrap(), "0.2 is above the maximum 0.19: 1 of 5 cells are NULL");
    }

    #[test]
    fn nothing_to_measure_passes_unless_null_fails() {
        let empty: ArrayRef = Arc::new(Int64Array::from(vec![None, None]));
        for function in [Aggregate::Sum, Aggregate::Mean, Aggregate::Max, Aggregate::Stddev, Aggregate::Quantile(0.5)] {
            let found = find(&aggregate(function, at_least(1), NullPolicy::Ignore), &empty, 7);
            assert_eq!((found.failed, found.observed.as_str()), (false, "no values"));
            let found = find(&aggregate(function, at_least(1), NullPolicy::Fail), &empty, 7);
            assert_eq!((found.failed, found.note.as_deref()), (true, Some("2 values are NULL")));
            let found = find(&aggregate(function, at_least(1), NullPolicy::Fail), &empty.slice(0, 0), 7);
            assert!(found.failed);
        }
        let found = find(&aggregate(Aggregate::Sum, at_least(1), NullPolicy::Fail), &numbers(), 7);
        assert_eq!(found.note.as_deref(), Some("1 value is NULL"));
    }

    #[test]
    fn what_is_not_finite_breaks_every_aggregate() {
        let floats: ArrayRef = Arc::new(Float64Array::from(vec![1.0, f64::INFINITY]));
        for function in [Aggregate::Sum, Aggregate::Min, Aggregate::Max, Aggregate::Stddev, Aggregate::Quantile(0.0)] {
            let test = TableTest::Aggregate { column: 0, function, bounds: at_least(0) };
            let found = find(&one_column(DataType::Float64, test, &["a"], NullPolicy::Ignore), &floats, 1);
            assert!(found.failed && found.note.unwrap().starts_with("1 value is NaN or infinite"), "{function:?}");
        }
    }

    #[test]
    fn freshness_counts_from_now() {
        let days: ArrayRef = Arc::new(Date32Array::from(vec![Some(7), None, Some(8)]));
        let ask = |age: i64| {
            let test = TableTest::Freshness { column: 0, maximum_age_micros: age };
            find(&one_column(DataType::Date, test, &["a"], NullPolicy::Ignore), &days, 1)
        };
        assert_eq!((ask(2 * DAY).failed, ask(2 * DAY).observed.as_str()), (false, "1970-01-09 00:00:00"));
        assert_eq!(ask(2 * DAY - 1).note.unwrap(), "the newest value is 2d old, more than 1d 23h");
    }

    #[test]
    fn broken_unparsed_and_unadmitted_rows_are_left_out() {
        let mut table = aggregate(Aggregate::Sum, at_least(0), NullPolicy::Fail);
        table.rules.push(rule(&table, &[], Check::Table(TableTest::RowCount(at_least(0)))));
        let judge = Judge::new(&table, &CONTEXT).unwrap();
        let mut rows = batch(vec![Arc::new(Int64Array::from(vec![Some(1), None, None, Some(4)]))]);
        rows.broken.set(1);
        rows.unparsed[0] = Some(Mask::from_fn(4, |row| row == 2));
        let mut judged = judge.judge(rows);
        let mut state = TableState::new(&table);
        state.update(&judged);
        judged.verdicts[0].admitted = Some(Mask::from_fn(4, |row| row == 3));
        judged.verdicts[1].admitted = Some(Mask::from_fn(4, |row| row == 3));
        state.update(&judged);
        judged.verdicts[0].not_evaluated = Some("absent".into());
        state.update(&judged);
        let found = state.finish(&CONTEXT);
        assert_eq!((found[0].0, found[0].1.observed.as_str(), found[0].1.failed), (0, "9", false));
        assert_eq!((found[1].0, found[1].1.observed.as_str()), (1, "6"));
    }

    #[test]
    fn values_of_pii_columns_are_masked() {
        for function in [Aggregate::Sum, Aggregate::Mean, Aggregate::Min, Aggregate::Max, Aggregate::Quantile(1.0)] {
            let mut table = aggregate(function, at_least(100), NullPolicy::Ignore);
            table.columns[0].pii = true;
            let found = find(&table, &numbers(), 7);
            assert_eq!((found.failed, found.observed.as_str()), (true, "***"));
            assert_eq!(found.note.as_deref(), Some("*** is below the minimum 100"));
        }
        let test = TableTest::Freshness { column: 0, maximum_age_micros: DAY };
        let mut table = one_column(DataType::Date, test, &["a"], NullPolicy::Ignore);
        table.columns[0].pii = true;
        let found = find(&table, &(Arc::new(Date32Array::from(vec![3])) as ArrayRef), 7);
        assert_eq!((found.failed, found.observed.as_str()), (true, "***"));
        assert_eq!(found.note.as_deref(), Some("the newest value is *** old, more than 1d"));
    }

    #[test]
    fn spans_are_short() {
        assert_eq!(span(i128::from(DAY) * 3 + 4 * 3_600_000_000 + 5_000_000), "3d 4h");
        assert_eq!(span(i128::from(DAY) + 1_000_000), "1d 1s");
        assert_eq!(span(10), "less than a second");
    }
}
