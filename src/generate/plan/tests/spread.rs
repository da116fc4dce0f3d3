//! How values are spread: each law held against a column of its own, by chi-square or Kolmogorov and Smirnov.
#![expect(clippy::cast_precision_loss, reason = "test figures are small")]

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type};
use arrow_array::{Array, RecordBatch};

use crate::generate::plan::tests::generator;
use crate::model::literal::civil_from_days;

const ROWS: u64 = 60_000;

/// Makes the columns of one table.
fn table(columns: &str) -> RecordBatch {
    generator(&format!("t:\n  columns:\n{columns}"), ROWS).tables[0].batch(0..ROWS).unwrap()
}

/// Holds counts against their expectations: four standard deviations above what chance gives are too many.
fn assert_chi(what: &str, pairs: impl IntoIterator<Item = (f64, f64)>) {
    // Cells of few expected values are taken together.
    let (mut chi, mut cells, mut seen, mut wanted) = (0.0, -1.0, 0.0, 0.0);
    for (count, expected) in pairs {
        (seen, wanted) = (seen + count, wanted + expected);
        if wanted >= 10.0 {
            chi += (seen - wanted) * (seen - wanted) / wanted;
            (cells, seen, wanted) = (cells + 1.0, 0.0, 0.0);
        }
    }
    let limit: f64 = cells + 4.0 * f64::sqrt(2.0 * cells) + 8.0;
    assert!(chi < limit, "{what}: {chi} of {cells}");
}

/// Holds counts of equal chance against each other.
fn assert_even(what: &str, counts: &[u64]) {
    let expected = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
    assert_chi(what, counts.iter().map(|count| (*count as f64, expected)));
}

/// Holds values against a distribution function: 99.9 % of the Kolmogorov distribution.
fn assert_law(what: &str, batch: &RecordBatch, column: usize, law: impl Fn(f64) -> f64) {
    let mut values: Vec<f64> = batch.column(column).as_primitive::<Float64Type>().values().to_vec();
    values.sort_unstable_by(f64::total_cmp);
    let count = values.len() as f64;
    let gap = |(at, value): (usize, &f64)| {
        let law = law(*value);
        (law - at as f64 / count).abs().max((law - (at + 1) as f64 / count).abs())
    };
    let distance = values.iter().enumerate().map(gap).fold(0.0, f64::max) * count.sqrt();
    assert!(distance < 1.95, "{what}: {distance}");
}

fn counts(batch: &RecordBatch, column: usize, first: i64, cells: usize) -> Vec<u64> {
    let mut counts = vec![0; cells];
    for value in batch.column(column).as_primitive::<Int64Type>().values() {
        counts[usize::try_from(value - first).unwrap()] += 1;
    }
    counts
}

fn normal(value: f64) -> f64 {
    0.5 * libm::erfc(-value / std::f64::consts::SQRT_2)
}

#[test]
fn numbers_follow_their_distributions() {
    let batch = table(
        "    even: {type: float64, required: true, minimum: -2, maximum: 6}
    bell: {type: float64, required: true, generate: {distribution: {normal: {mean: 50, stddev: 12}}}}
    skew: {type: float64, required: true, generate: {distribution: {lognormal: {mu: 3, sigma: 0.7}}}}
    wait: {type: float64, required: true, minimum: 5, generate: {distribution: {exponential: {mean: 30}}}}
    cut: {type: float64, required: true, generate: {distribution: {normal: {mean: 0, stddev: 1}}, minimum: -1, maximum: 2}}
    bins: {type: float64, required: true, generate: {distribution: {histogram: [[0, 18, 1], [18, 65, 6], [65, 100, 2]]}}}
",
    );
    assert_law("uniform", &batch, 0, |value| (value + 2.0) / 8.0);
    assert_law("normal", &batch, 1, |value| normal((value - 50.0) / 12.0));
    assert_law("lognormal", &batch, 2, |value| normal((libm::log(value) - 3.0) / 0.7));
    assert_law("exponential", &batch, 3, |value| 1.0 - libm::exp(-(value - 5.0) / 30.0));
    let (low, high) = (normal(-1.0), normal(2.0));
    assert_law("a normal within bounds", &batch, 4, |value| (normal(value) - low) / (high - low));
    assert_law("histogram", &batch, 5, |value| match value {
        value if value < 18.0 => value / 18.0 / 9.0,
        value if value < 65.0 => (1.0 + 6.0 * (value - 18.0) / 47.0) / 9.0,
        value => (7.0 + 2.0 * (value - 65.0) / 35.0) / 9.0,
    });
}

#[test]
fn whole_numbers_and_lists_follow_their_weights() {
    let batch = table(
        "    even: {type: int64, required: true, minimum: -50, maximum: 49}
    bins: {type: int64, required: true, generate: {distribution: {histogram: [[0, 10, 1], [10, 30, 3]]}}}
    color: {type: string, required: true, generate: {weighted: {red: 1, green: 2, blue: 7}}}
    one: {type: string, required: true, accepted_values: [a, b, c, d, e, f, g]}
",
    );
    assert_even("uniform", &counts(&batch, 0, -50, 100));
    let share = |value: usize| if value < 10 { 0.025 } else { 0.0375 };
    let seen = counts(&batch, 1, 0, 30);
    let rows = ROWS as f64;
    assert_chi("histogram", seen.iter().enumerate().map(|(value, count)| (*count as f64, share(value) * rows)));
    let words = |column: usize| {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for word in batch.column(column).as_string::<i32>().iter().flatten() {
            *counts.entry(word.to_owned()).or_default() += 1;
        }
        counts
    };
    let weights = [("red", 0.1), ("green", 0.2), ("blue", 0.7)];
    let colors = words(2);
    assert_chi("weighted", weights.map(|(word, share)| (colors[word] as f64, share * rows)));
    assert_even("accepted values", &words(3).into_values().collect::<Vec<_>>());
}

#[test]
fn ranks_follow_zipf_of_any_exponent() {
    let exponents = [0.0, 0.5, 1.0, 1.2, 2.0, 3.5];
    let columns: Vec<String> = (0..)
        .zip(exponents)
        .map(|(at, exponent)| {
            format!(
                "    z{at}: {{type: int64, required: true, minimum: 1, maximum: 300, generate: {{distribution: {{zipf: {exponent:?}}}}}}}\n"
            )
        })
        .collect();
    let batch = table(&columns.concat());
    for (column, exponent) in exponents.into_iter().enumerate() {
        let weight = |rank: u32| f64::from(rank).powf(-exponent);
        let total: f64 = (1..=300).map(weight).sum();
        let seen = counts(&batch, column, 1, 300);
        let expected = (1..=300).map(|rank| weight(rank) / total * ROWS as f64);
        assert_chi(&format!("zipf {exponent}"), seen.iter().map(|count| *count as f64).zip(expected));
    }
}

#[test]
fn days_follow_weekdays_and_months() {
    let batch = table(
        "    d: {type: date, required: true, generate: {minimum: 2024-01-01, maximum: 2025-12-31, weekdays: [9, 8, 9, 10, 13, 17, 0], months: [9, 8, 9, 9, 10, 10, 10, 9, 9, 10, 12, 17]}}\n",
    );
    let (weekdays, months) = ([9, 8, 9, 10, 13, 17, 0], [9, 8, 9, 9, 10, 10, 10, 9, 9, 10, 12, 17]);
    let mut seen: BTreeMap<i32, u64> = BTreeMap::new();
    for day in batch.column(0).as_primitive::<Date32Type>().values() {
        *seen.entry(*day).or_default() += 1;
    }
    let days = 19_723..=20_453;
    assert!(seen.keys().all(|day| days.contains(day)));
    let month = |day: i32| usize::try_from(civil_from_days(day).1).unwrap() - 1;
    // Day 0 was a Thursday.
    let weekday = |day: i32| usize::try_from((day + 3).rem_euclid(7)).unwrap();
    let found = |day: &i32| seen.get(day).copied().unwrap_or(0) as f64;
    let weight = |day: i32| f64::from(weekdays[weekday(day)] * months[month(day)]);
    let total: f64 = days.clone().map(weight).sum();
    let expected = |day: i32| weight(day) / total * ROWS as f64;
    assert_chi("days", days.map(|day| (found(&day), expected(day))));
    assert!(seen.keys().all(|day| weekday(*day) != 6), "no Sunday");
}

#[test]
fn nulls_come_as_often_as_asked() {
    for rate in [0.02, 0.5, 0.93] {
        let batch = table(&format!(
            "    a: {{type: int64, generate: {{null_rate: {rate}}}}}\n    b: {{type: string, generate: {{null_rate: {rate}}}}}\n"
        ));
        let both = (0..batch.num_rows()).filter(|row| batch.column(0).is_null(*row) && batch.column(1).is_null(*row));
        let both = both.count() as f64;
        for (nulls, rate) in [
            (batch.column(0).null_count() as f64, rate),
            (batch.column(1).null_count() as f64, rate),
            // Columns do not go together.
            (both, rate * rate),
        ] {
            let deviation = (ROWS as f64 * rate * (1.0 - rate)).sqrt();
            assert!((nulls - ROWS as f64 * rate).abs() < 4.0 * deviation, "{rate}: {nulls}");
        }
    }
}

#[test]
fn references_fall_as_asked() {
    let generator = generator(
        "p:
  primary_key: [id]
  columns:
    id: {type: int64, generate: {sequence: true}}
  generate: {rows: 200}
c:
  columns:
    even: {type: int64, required: true, references: p.id}
    few: {type: int64, required: true, references: p.id, generate: {reference: {zipf: 1.1}}}
    all: {type: int64, required: true, references: p.id, generate: {reference: every_parent}}
",
        ROWS,
    );
    let batch = generator.tables[1].batch(0..ROWS).unwrap();
    assert_even("uniform", &counts(&batch, 0, 1, 200));
    let mut ranked = counts(&batch, 1, 1, 200);
    ranked.sort_unstable_by(|a, b| b.cmp(a));
    let weight = |rank: u32| f64::from(rank).powf(-1.1);
    let total: f64 = (1..=200).map(weight).sum();
    let (mut seen, mut wanted) = (0.0, 0.0);
    for (rank, count) in (1..).zip(ranked) {
        (seen, wanted) = (seen + count as f64 / ROWS as f64, wanted + weight(rank) / total);
        assert!((seen - wanted).abs() < 0.01, "the first {rank} of a zipf: {seen} for {wanted}");
    }
    assert_even("every parent", &counts(&batch, 2, 1, 200));
    let first = generator.tables[1].batch(0..ROWS).unwrap();
    assert_eq!(first, batch);
    // No more rows than parents: each once.
    let tight = generator_of_all(200);
    assert!(counts(&tight, 0, 1, 200).iter().all(|count| *count == 1));
}

/// Makes a table that refers to each of 200 parents in so many rows.
fn generator_of_all(rows: u64) -> RecordBatch {
    let generator = generator(
        "p:
  primary_key: [id]
  columns:
    id: {type: int64, generate: {sequence: true}}
  generate: {rows: 200}
c:
  columns:
    all: {type: int64, required: true, references: p.id, generate: {reference: every_parent}}
",
        rows,
    );
    generator.tables[1].batch(0..rows).unwrap()
}

/// A hundred million keys, told apart by one bit each: 12.5 MB, however many rows there are.
#[test]
#[cfg_attr(debug_assertions, ignore = "takes long without optimisation")]
fn a_hundred_million_keys_are_all_different() {
    use std::sync::atomic::{AtomicU64, Ordering};
    const KEYS: u64 = 100_000_000;
    const STEP: u64 = 1 << 14;
    let generator = generator(
        "t:\n  columns:\n    a: {type: int64, required: true, unique: true, minimum: 1, maximum: 100000000}\n",
        KEYS,
    );
    let seen: Vec<AtomicU64> = (0..KEYS.div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
    let (next, moved) = (AtomicU64::new(0), AtomicU64::new(0));
    let work = || {
        loop {
            let start = next.fetch_add(STEP, Ordering::Relaxed);
            if start >= KEYS {
                return;
            }
            let batch = generator.tables[0].batch(start..(start + STEP).min(KEYS)).unwrap();
            let mut out_of_place = 0;
            for (row, value) in (start..).zip(batch.column(0).as_primitive::<Int64Type>().values()) {
                let key = u64::try_from(*value - 1).unwrap();
                seen[usize::try_from(key / 64).unwrap()].fetch_or(1 << (key % 64), Ordering::Relaxed);
                out_of_place += u64::from(key != row);
            }
            moved.fetch_add(out_of_place, Ordering::Relaxed);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let different: u64 = seen.iter().map(|word| u64::from(word.load(Ordering::Relaxed).count_ones())).sum();
    assert_eq!(different, KEYS);
    assert!(moved.into_inner() > KEYS - 100, "keys are shuffled");
}
