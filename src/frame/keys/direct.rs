//! Direct: the seats of exact keys that come close together (numbers counted up, days), in pages that the key itself
//! tells. A seat is written where its key points; what is not taken goes the way of all other keys.
//!
//! Memory: 8 bytes a place, and at most two places a key (but for some first pages).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::HashMap;

use crate::frame::keys::store::Budget;

/// Bytes of a place.
const PLACE: usize = size_of::<u64>();

/// Pages that may be empty.
const SLACK: usize = 64;

/// Steps to other pages for which there is patience, in keys that stayed on theirs.
const STEP: u32 = 16;
const PATIENCE: u32 = 64 * STEP;

/// Seats of one rule's keys; any thread adds some.
#[derive(Debug)]
pub struct Direct {
    budget: Arc<Budget>,
    shift: u32,
    pages: Mutex<Pages>,
    /// Seats in pages that no thread writes.
    filled: AtomicUsize,
}

/// All pages of one rule.
#[derive(Debug)]
pub struct Pages {
    budget: Arc<Budget>,
    /// The number of places of a page is 2 to the power of this.
    shift: u32,
    /// By the high bits of their keys; `None` while a thread writes one.
    by_number: HashMap<u64, Option<Vec<u8>>>,
}

/// Writes the seats of one thread's batch.
#[derive(Debug)]
pub struct Writer<'a> {
    direct: &'a Direct,
    page: Page,
    patience: u32,
    /// The last page that could not be had, and the last one that could not be had twice.
    refused: Option<u64>,
    given_up: Option<u64>,
}

/// A page that is written.
#[derive(Debug, Default)]
struct Page {
    number: u64,
    /// Empty where there is none.
    places: Vec<u8>,
    filled: usize,
}

impl Direct {
    /// Makes an empty one.
    #[must_use]
    pub fn new(budget: &Arc<Budget>) -> Self {
        let shift = (budget.chunk() / PLACE).ilog2();
        let pages = Mutex::new(Pages { budget: Arc::clone(budget), shift, by_number: HashMap::default() });
        Self { budget: Arc::clone(budget), shift, pages, filled: AtomicUsize::new(0) }
    }

    /// Gives a writer for one batch.
    #[must_use]
    pub fn writer(&self) -> Writer<'_> {
        Writer { direct: self, page: Page::default(), patience: PATIENCE, refused: None, given_up: None }
    }

    /// Ends the writing.
    #[must_use]
    pub fn seal(self) -> Pages {
        self.pages.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a page out to be written. One that is not there yet is made where `asked_twice`, and there is room.
    fn open(&self, number: u64, asked_twice: bool) -> Option<Page> {
        let mut all = self.lock();
        let pages = &mut all.by_number;
        if let Some(page) = pages.get_mut(&number) {
            return page.take().map(|places| Page { number, places, filled: 0 });
        }
        let size = PLACE << self.shift;
        let room = (SLACK << self.shift) + 2 * self.filled.load(Ordering::Relaxed);
        if !asked_twice || (pages.len() << self.shift) >= room || !self.budget.has_room(size) {
            return None;
        }
        pages.insert(number, None);
        drop(all);
        self.budget.take(size);
        let mut places = self.budget.blank();
        places.resize(size, 0);
        Some(Page { number, places, filled: 0 })
    }

    /// Puts a page back.
    fn close(&self, page: Page) {
        if !page.places.is_empty() {
            self.filled.fetch_add(page.filled, Ordering::Relaxed);
            self.lock().by_number.insert(page.number, Some(page.places));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pages {
    /// Gives the seat of a key; `None` where it was not taken.
    #[must_use]
    pub fn seat(&self, key: u64) -> Option<u64> {
        let page = self.by_number.get(&(key >> self.shift))?.as_ref()?;
        let (places, _) = page.as_chunks::<PLACE>();
        Some(u64::from_le_bytes(*places.get(place(key, self.shift))?)).filter(|seat| *seat != 0)
    }

    /// Tells whether there are no pages.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_number.is_empty()
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.budget.give_back(self.by_number.len() * (PLACE << self.shift));
        self.by_number.drain().filter_map(|(_, page)| page).for_each(|page| self.budget.recycle(page));
    }
}

/// Gives the place of a key in its page.
fn place(key: u64, shift: u32) -> usize {
    usize::try_from(key & ((1 << shift) - 1)).unwrap_or(usize::MAX)
}

impl Writer<'_> {
    /// Takes the seat (not 0) of an exact key. `false` where it was not taken: another one has the key, or no page is
    /// worth it.
    #[inline]
    pub fn take(&mut self, key: u64, seat: u64) -> bool {
        let number = key >> self.direct.shift;
        if (number != self.page.number || self.page.places.is_empty()) && !self.turn(number) {
            return false;
        }
        self.patience = (self.patience + 1).min(PATIENCE);
        let (places, _) = self.page.places.as_chunks_mut::<PLACE>();
        match places.get_mut(place(key, self.direct.shift)) {
            Some(place) if *place == [0; PLACE] => {
                *place = seat.to_le_bytes();
                self.page.filled += 1;
                true
            }
            _ => false,
        }
    }

    /// Turns to another page.
    #[inline(never)]
    fn turn(&mut self, number: u64) -> bool {
        let Some(patience) = self.patience.checked_sub(STEP).filter(|_| self.given_up != Some(number)) else {
            return false;
        };
        self.patience = patience;
        let asked_twice = self.refused == Some(number);
        if let Some(page) = self.direct.open(number, asked_twice) {
            self.direct.close(std::mem::replace(&mut self.page, page));
            return true;
        }
        self.refused = Some(number);
        if asked_twice {
            self.given_up = self.refused;
        }
        false
    }
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        self.direct.close(std::mem::take(&mut self.page));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes keys in batches, and gives those that were not taken.
    fn write(direct: &Direct, keys: impl IntoIterator<Item = u64>) -> Vec<u64> {
        let mut writer = direct.writer();
        keys.into_iter().filter(|key| !writer.take(*key, *key * 2 + 1)).collect()
    }

    #[test]
    fn keys_that_count_up_are_taken() {
        let budget = Budget::new(usize::MAX, None);
        let direct = Direct::new(&budget);
        let left = write(&direct, 1_000_000..1_010_000);
        assert!(left.len() <= 11, "the first one of each page: {left:?}");
        let again = write(&direct, [1_000_005, 7, 1_000_006, 1_009_999]);
        assert_eq!(again, [1_000_005, 7, 1_000_006, 1_009_999], "a place is taken once, and 7 alone is no page");
        let pages = direct.seal();
        for key in 999_000..1_011_000 {
            let taken = (1_000_000..1_010_000).contains(&key) && !left.contains(&key);
            assert_eq!(pages.seat(key), taken.then_some(key * 2 + 1));
        }
        assert!(!pages.is_empty() && budget.held() >= 80_000);
        drop(pages);
        assert!(Direct::new(&budget).seal().is_empty());
        assert_eq!(budget.held(), 0);
    }

    #[test]
    fn keys_in_no_order_make_no_pages() {
        let budget = Budget::new(usize::MAX, None);
        let direct = Direct::new(&budget);
        let keys: Vec<u64> = (0..20_000).map(|key: u64| key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20).collect();
        assert_eq!(write(&direct, keys.iter().copied()), keys);
        assert_eq!(budget.held(), 0);
    }

    #[test]
    fn sparse_keys_make_few_pages() {
        let budget = Budget::new(usize::MAX, None);
        let direct = Direct::new(&budget);
        let batches = (0..200_000).step_by(1000);
        let taken: usize =
            batches.map(|first| 1000 - write(&direct, (first..first + 1000).map(|key| key * 100)).len()).sum();
        assert!(taken > 0 && budget.held() <= SLACK * 8192 + taken * 16 + 8192, "{taken} keys, {}", budget.held());
    }

    #[test]
    fn a_page_has_one_writer() {
        let direct = Direct::new(&Budget::new(usize::MAX, None));
        let (mut one, mut other) = (direct.writer(), direct.writer());
        assert!(!one.take(5, 1) && one.take(5, 1));
        assert!(!other.take(6, 1) && !other.take(6, 1));
        drop(one);
        assert!(!other.take(6, 1), "given up for the batch");
        assert!(direct.writer().take(6, 3) && !direct.writer().take(5, 3));
        drop(other);
        let pages = direct.seal();
        assert_eq!((pages.seat(5), pages.seat(6), pages.seat(7)), (Some(1), Some(3), None));
    }

    #[test]
    fn pages_leave_room_for_other_keys() {
        for limit in [0, 1 << 14, 1 << 18] {
            let folder = std::env::temp_dir();
            let budget = Budget::new(limit, Some(&folder));
            let direct = Direct::new(&budget);
            write(&direct, 0..1_000_000);
            assert!(budget.held() <= limit / 4 * 3, "{limit}");
            assert_eq!(budget.held() > 0, limit > 0);
        }
    }
}
