//! Duplicates over a whole run: which rows lose. Exact keys that come close together have their seats where the key
//! points to; all others, and second ones, are scattered as pairs of word and seat, and each partition is then resolved
//! on its own. Where only hashes are equal, the rows are suspects until their bytes were compared.
//!
//! Memory: 16 bytes a key at most, or the budget where that is less; while a partition is resolved, 4 bits a key of it and
//! 16 bytes for each that may have a twin. Suspects take a bit a row.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arrow_array::Array;

use crate::frame::keys::direct::{Direct, Pages};
use crate::frame::keys::hash::{KeyHasher, unmix};
use crate::frame::keys::losers::{LoserList, LoserPen};
use crate::frame::keys::packed::{PAIR, pairs};
use crate::frame::keys::seat::{self, Seats};
use crate::frame::keys::store::{Budget, PARTS, Part, Parts, Pen, Store};
use crate::frame::mask::Mask;
use crate::model::{Keep, Result};

/// Gives the partition of a word: its top bits.
pub fn part_of(word: u64) -> usize {
    usize::try_from(word >> (u64::BITS - PARTS.trailing_zeros())).unwrap_or(0)
}

/// Collects the keys of one rule; any thread adds batches, in any order.
#[derive(Debug)]
pub struct KeyList {
    keep: Keep,
    hasher: KeyHasher,
    direct: Direct,
    store: Store,
}

impl KeyList {
    /// Makes an empty list.
    #[must_use]
    pub fn new(keep: Keep, hasher: KeyHasher, budget: &Arc<Budget>) -> Self {
        Self { keep, hasher, direct: Direct::new(budget), store: Store::new(budget) }
    }

    /// Adds the keys of the marked rows of a batch.
    ///
    /// # Errors
    /// Where keys cannot be spilled.
    pub fn add(&self, columns: &[&dyn Array], rows: &Mask, seats: &Seats<'_>) -> Result<()> {
        let mut direct = self.direct.writer();
        self.write(|pen| {
            self.hasher.each(columns, rows, |row, key| {
                let seat = seats.pack(row, key.exact);
                if !key.exact || !direct.take(key.bits, seat) {
                    pen.push_pair(part_of(key.word()), key.word(), seat);
                }
            });
        })
    }

    /// Adds keys that the target holds: every row with one of them loses.
    ///
    /// # Errors
    /// Where keys cannot be spilled.
    pub fn seed(&self, columns: &[&dyn Array], rows: usize) -> Result<()> {
        self.write(|pen| {
            self.hasher.each(columns, &Mask::full(rows), |_, key| {
                pen.push_pair(part_of(key.word()), key.word(), seat::target(key.exact));
            });
        })
    }

    fn write(&self, write: impl FnOnce(&mut Pen)) -> Result<()> {
        let mut pen = self.store.pen();
        write(&mut pen);
        self.store.put(pen)
    }

    /// Ends the list of a run with so many rows.
    #[must_use]
    pub fn seal(self, rows: u64) -> KeyParts {
        let suspects = Suspects { rows, bits: OnceLock::new(), seeds: Mutex::default() };
        KeyParts { keep: self.keep, hasher: self.hasher, pages: self.direct.seal(), parts: self.store.seal(), suspects }
    }
}

/// The keys of one rule, all there.
#[derive(Debug)]
pub struct KeyParts {
    keep: Keep,
    hasher: KeyHasher,
    pages: Pages,
    parts: Parts,
    suspects: Suspects,
}

impl KeyParts {
    /// Resolves one of [`PARTS`] partitions: adds the rows that lose for certain, and notes the suspects.
    ///
    /// # Errors
    /// Where spilled keys cannot be read back.
    pub fn resolve(&self, part: usize, losers: &LoserList) -> Result<()> {
        let candidates = candidates(self.parts.take(part), &self.pages)?;
        let mut pen = losers.pen();
        for group in candidates.chunk_by(|left, right| left.0 == right.0) {
            if group.len() < 2 {
                continue;
            }
            if group.iter().all(|(_, seat)| seat::is_exact(*seat)) {
                decide(self.keep, group.iter().map(|(_, seat)| *seat), &mut pen);
            } else {
                self.suspects.note(group);
            }
        }
        losers.put(pen)
    }

    /// Gives the suspects, after all partitions were resolved; `None` where there are none.
    #[must_use]
    pub fn suspects(self, budget: &Arc<Budget>) -> Option<SuspectList> {
        self.suspects.bits.get()?;
        let mut suspects = self.suspects;
        let seeds = suspects.seeds.get_mut().unwrap_or_else(PoisonError::into_inner);
        seeds.sort_unstable();
        seeds.dedup();
        Some(SuspectList { keep: self.keep, hasher: self.hasher, suspects, store: Store::new(budget) })
    }
}

/// Gives the pairs of a partition whose word may stand in it twice, or in it and in `pages`, with those of the pages;
/// sorted by word, then by seat.
fn candidates(part: Part<'_>, pages: &Pages) -> Result<Vec<(u64, u64)>> {
    let count = part.bytes() / PAIR;
    let mut found = Vec::new();
    if count == 0 || (count == 1 && pages.is_empty()) {
        return Ok(found);
    }
    // With 16 bits a key one in 16 looks like a twin of another by chance.
    let bits = count.saturating_mul(16).next_power_of_two();
    let shift = u64::BITS - bits.trailing_zeros();
    // The top bits are the partition's own.
    let place = |word: u64| usize::try_from((word << PARTS.trailing_zeros()) >> shift).unwrap_or(0);
    let (mut seen, mut twice) = (vec![0_u64; bits / 64 + 1], vec![0_u64; bits / 64 + 1]);
    part.read(|block| {
        for (word, _) in pairs(block) {
            let (at, bit) = (place(word) / 64, 1 << (place(word) % 64));
            twice[at] |= seen[at] & bit;
            seen[at] |= bit;
        }
        if !pages.is_empty() {
            for (word, _) in pairs(block).filter(|(_, seat)| seat::is_exact(*seat)) {
                if let Some(seat) = pages.seat(unmix(word)) {
                    twice[place(word) / 64] |= 1 << (place(word) % 64);
                    found.push((word, seat));
                }
            }
        }
    })?;
    drop(seen);
    part.drain(|block| {
        found.extend(pairs(block).filter(|(word, _)| twice[place(*word) / 64] >> (place(*word) % 64) & 1 == 1));
    })?;
    found.sort_unstable();
    // Each pair with the same word has brought that of the pages.
    found.dedup();
    Ok(found)
}

/// Names the losers of a group of equal keys, whose packed seats ascend; those of the target stand last.
fn decide(keep: Keep, mut seats: impl DoubleEndedIterator<Item = u64> + Clone, losers: &mut LoserPen) {
    if seats.clone().next_back().is_some_and(seat::in_target) {
        let rows = seats.take_while(|seat| !seat::in_target(*seat));
        return rows.for_each(|seat| losers.push(seat::ordinal(seat), seat::TARGET));
    }
    let Some(first) = seats.next() else { return };
    let Some(second) = seats.clone().next() else { return };
    match keep {
        Keep::None => {
            losers.push(seat::ordinal(first), second);
            seats.for_each(|seat| losers.push(seat::ordinal(seat), first));
        }
        Keep::First => seats.for_each(|seat| losers.push(seat::ordinal(seat), first)),
        Keep::Last => {
            // Each row loses to the next.
            let mut before = first;
            for seat in seats {
                losers.push(seat::ordinal(before), seat);
                before = seat;
            }
        }
    }
}

/// Rows that share a word with others, where words do not decide.
#[derive(Debug)]
struct Suspects {
    rows: u64,
    /// A bit a row; made when the first suspect is found.
    bits: OnceLock<Vec<AtomicU64>>,
    /// The words that keys of the target share with rows.
    seeds: Mutex<Vec<u64>>,
}

impl Suspects {
    fn note(&self, group: &[(u64, u64)]) {
        let rows = group.partition_point(|(_, seat)| !seat::in_target(*seat));
        let Some((word, _)) = group.first().filter(|_| rows > 0) else { return };
        let bits = self.bits.get_or_init(|| (0..=self.rows / 64).map(|_| AtomicU64::new(0)).collect());
        for (_, seat) in &group[..rows] {
            let ordinal = seat::ordinal(*seat);
            if let Some(bits) = usize::try_from(ordinal / 64).ok().and_then(|at| bits.get(at)) {
                bits.fetch_or(1 << (ordinal % 64), Ordering::Relaxed);
            }
        }
        if rows < group.len() {
            self.seeds.lock().unwrap_or_else(PoisonError::into_inner).push(*word);
        }
    }

    fn mask(&self, first: u64, rows: usize) -> Mask {
        let bits = self.bits.get().map_or(&[][..], Vec::as_slice);
        let word = |at: u64| {
            usize::try_from(at).ok().and_then(|at| bits.get(at)).map_or(0, |bits| bits.load(Ordering::Relaxed))
        };
        Mask::from_fn(rows, |row| {
            let ordinal = first + row as u64;
            word(ordinal / 64) >> (ordinal % 64) & 1 == 1
        })
    }
}

/// Collects the bytes of the suspects of one rule; any thread adds batches, in any order.
///
/// Memory: the bytes of the suspects and 20 bytes each, or the budget where that is less.
#[derive(Debug)]
pub struct SuspectList {
    keep: Keep,
    hasher: KeyHasher,
    suspects: Suspects,
    store: Store,
}

/// Length, word and seat before the bytes of a record.
const HEAD: usize = 20;

impl SuspectList {
    /// Marks the suspects among the rows with ordinals `first..first + rows`.
    #[must_use]
    pub fn mask(&self, first: u64, rows: usize) -> Mask {
        self.suspects.mask(first, rows)
    }

    /// Adds the marked rows of a batch, as [`SuspectList::mask`] gave them.
    ///
    /// # Errors
    /// Where keys cannot be spilled.
    pub fn add(&self, columns: &[&dyn Array], rows: &Mask, seats: &Seats<'_>) -> Result<()> {
        self.write(columns, rows, |_| true, |row, exact| seats.pack(row, exact))
    }

    /// Adds keys of the target, the same as [`KeyList::seed`] was given.
    ///
    /// # Errors
    /// Where keys cannot be spilled.
    pub fn seed(&self, columns: &[&dyn Array], rows: usize) -> Result<()> {
        let wanted = self.suspects.seeds.lock().unwrap_or_else(PoisonError::into_inner);
        if wanted.is_empty() {
            return Ok(());
        }
        let rows = Mask::full(rows);
        self.write(columns, &rows, |word| wanted.binary_search(&word).is_ok(), |_, exact| seat::target(exact))
    }

    fn write(
        &self,
        columns: &[&dyn Array],
        rows: &Mask,
        wanted: impl Fn(u64) -> bool,
        seat: impl Fn(usize, bool) -> u64,
    ) -> Result<()> {
        let mut pen = self.store.pen();
        let bytes = self.hasher.bytes(columns);
        let (mut scratch, mut record) = (Vec::new(), Vec::new());
        self.hasher.each(columns, rows, |row, key| {
            let word = key.word();
            if wanted(word) {
                let bytes = bytes.of(row, &mut scratch);
                record.clear();
                record.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
                record.extend(word.to_le_bytes());
                record.extend(seat(row, key.exact).to_le_bytes());
                record.extend_from_slice(bytes);
                pen.push(part_of(word), &record);
            }
        });
        self.store.put(pen)
    }

    /// Ends the list.
    #[must_use]
    pub fn seal(self) -> SuspectParts {
        SuspectParts { keep: self.keep, parts: self.store.seal() }
    }
}

/// The suspects of one rule, all there.
#[derive(Debug)]
pub struct SuspectParts {
    keep: Keep,
    parts: Parts,
}

impl SuspectParts {
    /// Resolves one of [`PARTS`] partitions by the bytes of the keys: adds the rows that lose.
    ///
    /// # Errors
    /// Where spilled keys cannot be read back.
    pub fn resolve(&self, part: usize, losers: &LoserList) -> Result<()> {
        let bytes = self.parts.take(part).into_bytes()?;
        let mut records = Vec::new();
        let mut rest = bytes.as_slice();
        while let Some((record, behind)) = record(rest) {
            records.push(record);
            rest = behind;
        }
        // A word is compared first, so that bytes rarely are.
        records.sort_unstable();
        let mut pen = losers.pen();
        for group in records.chunk_by(|left, right| (left.0, left.1) == (right.0, right.1)) {
            decide(self.keep, group.iter().map(|(_, _, seat)| *seat), &mut pen);
        }
        losers.put(pen)
    }
}

type Suspect<'a> = (u64, &'a [u8], u64);

fn record(bytes: &[u8]) -> Option<(Suspect<'_>, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<HEAD>()?;
    let (len, head) = head.split_first_chunk::<4>()?;
    let (word, seat) = head.split_first_chunk::<8>()?;
    let (key, rest) = rest.split_at_checked(u32::from_le_bytes(*len) as usize)?;
    Some(((u64::from_le_bytes(*word), key, u64::from_le_bytes(*seat.first_chunk::<8>()?)), rest))
}

#[cfg(test)]
mod tests;
