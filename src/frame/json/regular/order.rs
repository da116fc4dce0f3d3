//! Order: the keys of an object, and which of them follows which.

use crate::frame::json::regular::key::Key;

/// Keys that are no columns are told apart by one bit each.
const IGNORED: u32 = u64::BITS;

/// What the value of a key goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// The field with this index.
    Field(usize),
    /// Nothing; each such key of an object has a bit of its own.
    Ignored(u64),
}

/// The keys met so far in the objects of one place.
#[derive(Debug, Default)]
pub(in crate::frame::json) struct Order {
    slots: Vec<(Key, Target)>,
    /// For each slot, behind one for the start: the one whose key came next the last time.
    next: Vec<usize>,
    /// One behind the slot found last.
    last: usize,
    ignored: u32,
}

impl Order {
    /// Expects the names of fields, in the contract's order.
    pub(in crate::frame::json) fn new<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let mut order = Self { slots: Vec::new(), next: vec![0], last: 0, ignored: 0 };
        for (index, name) in names.enumerate() {
            order.add(name.as_bytes(), Target::Field(index));
        }
        order
    }

    /// Learns a key that is no column, where it stands without escapes.
    pub(in crate::frame::json) fn ignore(&mut self, name: &[u8]) {
        if self.ignored < IGNORED && self.add(name, Target::Ignored(1 << self.ignored)) {
            self.ignored += 1;
        }
    }

    fn add(&mut self, name: &[u8], target: Target) -> bool {
        let Some(key) = Key::new(name).filter(|key| self.slots.iter().all(|(other, _)| other.name() != key.name()))
        else {
            return false;
        };
        self.slots.push((key, target));
        self.next.push(self.slots.len());
        true
    }

    /// Turns to the start of another object.
    #[inline]
    pub(super) const fn start(&mut self) {
        self.last = 0;
    }

    /// Finds the key that stands at `at`: what it is for, and the place behind its colon. `None` for keys not met before.
    #[inline]
    pub(super) fn find(&mut self, text: &[u8], at: usize) -> Option<(Target, usize)> {
        let guess = self.next.get(self.last).copied()?;
        if let Some((key, target)) = self.slots.get(guess)
            && let Some(behind) = key.behind(text, at)
        {
            self.last = guess + 1;
            return Some((*target, behind));
        }
        self.search(guess, text, at)
    }

    /// Looks at all keys: first at those behind the one that was expected, since keys are left out more often than
    /// they change places.
    #[cold]
    fn search(&mut self, guess: usize, text: &[u8], at: usize) -> Option<(Target, usize)> {
        let guess = guess.min(self.slots.len());
        let found = (guess..self.slots.len()).chain(0..guess).find_map(|slot| {
            let (key, target) = self.slots.get(slot)?;
            Some((slot, *target, key.behind_blanks(text, at)?))
        });
        let (slot, target, behind) = found?;
        if let Some(next) = self.next.get_mut(self.last) {
            *next = slot;
        }
        self.last = slot + 1;
        Some((target, behind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(order: &mut Order, keys: &[&str]) -> Vec<Option<Target>> {
        order.start();
        keys.iter().map(|key| order.find(format!("\"{key}\":").as_bytes(), 0).map(|(target, _)| target)).collect()
    }

    #[test]
    fn keys_are_found_in_any_order() {
        let mut order = Order::new(["a", "b", "c"].into_iter());
        order.ignore(b"x");
        order.ignore(b"x");
        order.ignore(b"a");
        order.ignore(b"y");
        let field = |index| Some(Target::Field(index));
        let ignored = |bit: u32| Some(Target::Ignored(1_u64 << bit));
        for _ in 0..3 {
            assert_eq!(walk(&mut order, &["a", "b", "c"]), [field(0), field(1), field(2)]);
            assert_eq!(walk(&mut order, &["c", "x", "a", "y"]), [field(2), ignored(0), field(0), ignored(1)]);
            assert_eq!(walk(&mut order, &["c", "c", "z", "b"]), [field(2), field(2), None, field(1)]);
        }
    }

    #[test]
    fn not_more_keys_are_learnt_than_have_a_bit() {
        let mut order = Order::new(["a"].into_iter());
        (0..100).for_each(|key| order.ignore(format!("k{key}").as_bytes()));
        assert_eq!(
            walk(&mut order, &["k63", "k64", "a"]),
            [Some(Target::Ignored(1 << 63)), None, Some(Target::Field(0))]
        );
    }
}
