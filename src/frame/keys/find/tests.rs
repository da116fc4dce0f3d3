//! The fast way against the reference: any keys, batches, threads, budgets and collisions.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, StringArray};
use proptest::prelude::*;

use super::*;
use crate::frame::keys::KeyEncoder;
use crate::frame::keys::losers::{LoserList, Losers, Rival};
use crate::frame::keys::seat::Places;
use crate::frame::keys::seat::tests::record;
use crate::frame::keys::unique::UniqueState;
use crate::frame::raw::Record;

struct Case<'a> {
    keep: Keep,
    columns: Vec<ArrayRef>,
    seeds: Vec<ArrayRef>,
    batch: usize,
    threads: usize,
    limit: usize,
    bits: u64,
    folder: &'a Path,
}

impl Case<'_> {
    fn records(&self) -> Vec<Record> {
        (1..=self.columns[0].len() as u64).map(|number| record(number, number * 2)).collect()
    }

    /// Calls `visit` with each batch, batches dealt to threads.
    fn batches(&self, records: &[Record], visit: impl Fn(&[&dyn Array], &Seats<'_>, u64, usize) + Sync) {
        let starts: Vec<usize> = (0..records.len()).step_by(self.batch).collect();
        std::thread::scope(|scope| {
            for thread in 0..self.threads {
                let (starts, visit) = (&starts, &visit);
                scope.spawn(move || {
                    for start in starts.iter().skip(thread).step_by(self.threads) {
                        let len = self.batch.min(records.len() - start);
                        let columns: Vec<ArrayRef> = self.columns.iter().map(|c| c.slice(*start, len)).collect();
                        let columns: Vec<&dyn Array> = columns.iter().map(AsRef::as_ref).collect();
                        let records = &records[*start..start + len];
                        let seats = Seats::new(*start as u64, 0, records, true).unwrap();
                        visit(&columns, &seats, *start as u64, len);
                    }
                });
            }
        });
    }

    fn fast(&self) -> Losers {
        let records = self.records();
        let mut places = Places::default();
        for (chunk, start) in records.chunks(self.batch).zip((0..).step_by(self.batch)) {
            places.add(Seats::new(start, 0, chunk, true).unwrap().stretch());
        }
        let budget = Budget::new(self.limit, Some(self.folder));
        let seeds: Vec<&dyn Array> = self.seeds.iter().map(AsRef::as_ref).collect();
        let hasher = KeyHasher::new(self.columns.iter().map(|column| column.data_type())).weakened(self.bits);
        let list = KeyList::new(self.keep, hasher, &budget);
        list.seed(&seeds, seeds[0].len()).unwrap();
        self.batches(&records, |columns, seats, _, len| list.add(columns, &Mask::full(len), seats).unwrap());
        let parts = list.seal(places.rows());
        let losers = LoserList::new(&Arc::new(places), &budget);
        for part in 0..PARTS {
            parts.resolve(part, &losers).unwrap();
        }
        if let Some(suspects) = parts.suspects(&budget) {
            suspects.seed(&seeds, seeds[0].len()).unwrap();
            self.batches(&records, |columns, seats, first, len| {
                suspects.add(columns, &suspects.mask(first, len), seats).unwrap();
            });
            let parts = suspects.seal();
            for part in 0..PARTS {
                parts.resolve(part, &losers).unwrap();
            }
        }
        let ranges = losers.seal();
        let sorted = (0..PARTS).map(|range| ranges.sort(range).unwrap()).collect();
        ranges.join(sorted)
    }

    fn slow(&self) -> Vec<(u64, Option<u64>)> {
        let mut state = UniqueState::new(self.keep);
        let mut key = Vec::new();
        let seeds = KeyEncoder::of(&self.seeds);
        for row in 0..self.seeds[0].len() {
            if seeds.encode(row, &mut key) {
                state.seed(&key);
            }
        }
        let encoder = KeyEncoder::of(&self.columns);
        for row in 0..self.columns[0].len() {
            if encoder.encode(row, &mut key) {
                state.add(&key, row as u64);
            }
        }
        state.finish()
    }

    fn agree(&self) -> Result<(), TestCaseError> {
        let fast: Vec<(u64, Option<u64>)> = self
            .fast()
            .iter()
            .map(|loser| match loser.rival {
                Rival::Row(seat) => {
                    assert_eq!((seat.record, seat.line), (seat.ordinal + 1, Some(seat.ordinal * 2 + 2)));
                    (loser.ordinal, Some(seat.ordinal))
                }
                Rival::Target => (loser.ordinal, None),
                Rival::Order => panic!("nobody asked for an order"),
            })
            .collect();
        prop_assert_eq!(fast, self.slow());
        Ok(())
    }
}

fn keeps() -> impl Strategy<Value = Keep> {
    prop_oneof![Just(Keep::None), Just(Keep::First), Just(Keep::Last)]
}

type Keys = Vec<(Option<String>, Option<i64>)>;

fn keys(longest: usize) -> impl Strategy<Value = Keys> {
    // Short and long texts from few letters, and numbers from a small range, so that there are duplicates.
    let text = prop_oneof![4 => "[ab]{0,4}", 3 => "long text [ab]{1,4}"];
    prop::collection::vec((prop::option::weighted(0.9, text), prop::option::weighted(0.9, -9..9_i64)), 1..longest)
}

fn arrays(keys: &Keys, shape: u8) -> Vec<ArrayRef> {
    let texts: ArrayRef = Arc::new(keys.iter().map(|key| key.0.as_deref()).collect::<StringArray>());
    let numbers: ArrayRef = Arc::new(keys.iter().map(|key| key.1).collect::<Int64Array>());
    match shape {
        0 => vec![texts],
        1 => vec![numbers],
        _ => vec![texts, numbers],
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn the_fast_way_agrees_with_the_reference(
        keep in keeps(),
        rows in keys(300),
        seeds in keys(20),
        with_seeds in any::<bool>(),
        shape in 0..3_u8,
        batch in 1..70_usize,
        threads in 1..4_usize,
        limit in prop_oneof![Just(0), Just(3_000), Just(usize::MAX)],
        // From honest hashes to one bit, so that different keys collide.
        bits in prop_oneof![Just(u64::MAX), Just(1 << 63 | 1), Just(0)],
    ) {
        let folder = std::env::temp_dir().join(format!("karat-find-{}", std::process::id()));
        let mut case = Case {
            keep, columns: arrays(&rows, shape), seeds: arrays(&seeds, shape), batch, threads, limit, bits, folder: &folder
        };
        if !with_seeds {
            case.seeds = case.seeds.iter().map(|column| column.slice(0, 0)).collect();
        }
        case.agree()?;
        let left = std::fs::read_dir(&folder).map_or(0, Iterator::count);
        prop_assert_eq!(left, 0, "spill files stay");
        let _ = std::fs::remove_dir(&folder);
    }
}

#[test]
fn many_rows_of_few_keys_spill() {
    let folder = std::env::temp_dir().join(format!("karat-find-many-{}", std::process::id()));
    let rows: Keys =
        (0..20_000).map(|row| (Some(format!("the key {}", row * row % 15_013)), Some(row % 9_000))).collect();
    for (shape, limit) in [(0, 0), (1, 0), (1, 60_000), (1, usize::MAX), (2, 100_000), (0, usize::MAX)] {
        let columns = arrays(&rows, shape);
        let seeds = columns.iter().map(|column| column.slice(0, 5)).collect();
        let case =
            Case { keep: Keep::None, columns, seeds, batch: 1_000, threads: 2, limit, bits: u64::MAX, folder: &folder };
        case.agree().unwrap();
    }
    std::fs::remove_dir(&folder).unwrap();
}
