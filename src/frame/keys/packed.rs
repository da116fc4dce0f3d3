//! Pairs of words as bytes, and pairs in a fixed order, packed into chunks.

/// The length of a pair of words.
pub const PAIR: usize = 16;

/// Gives a pair as bytes.
#[must_use]
#[inline]
pub fn pair(first: u64, second: u64) -> [u8; PAIR] {
    (u128::from(first) | u128::from(second) << 64).to_le_bytes()
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
#[inline]
const fn unpair(bytes: [u8; PAIR]) -> (u64, u64) {
    let both = u128::from_le_bytes(bytes);
    (both as u64, (both >> 64) as u64)
}

/// Walks pairs written by [`pair`], one after another.
pub fn pairs(block: &[u8]) -> impl Iterator<Item = (u64, u64)> + '_ {
    let (pairs, _) = block.as_chunks::<PAIR>();
    pairs.iter().map(|pair| unpair(*pair))
}

/// Pairs in a fixed order.
#[derive(Debug, Clone, Default)]
pub struct Packed {
    chunks: Vec<Vec<u8>>,
    /// Pairs a chunk; only the last may have fewer.
    each: usize,
    len: usize,
}

impl Packed {
    /// Packs pairs, `each` of them (at least one) in a chunk that `blank` gives.
    #[must_use]
    pub fn new(pairs: &[(u64, u64)], each: usize, blank: impl Fn() -> Vec<u8>) -> Self {
        let each = each.max(1);
        let fill = |pairs: &[(u64, u64)]| {
            let mut chunk = if pairs.len() == each { blank() } else { Vec::with_capacity(pairs.len() * PAIR) };
            for (first, second) in pairs {
                chunk.extend_from_slice(&pair(*first, *second));
            }
            chunk
        };
        Self { chunks: pairs.chunks(each).map(fill).collect(), each, len: pairs.len() }
    }

    /// Gives the number of pairs.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Tells whether there are no pairs.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Gives a pair.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<(u64, u64)> {
        let chunk = self.chunks.get(at.checked_div(self.each)?)?;
        chunk.as_chunks::<PAIR>().0.get(at % self.each).map(|pair| unpair(*pair))
    }

    /// Walks the pairs from a place on.
    pub fn from(&self, at: usize) -> impl Iterator<Item = (u64, u64)> + '_ {
        (at..self.len).map_while(|at| self.get(at))
    }

    /// Finds where the first words reach `first`, in pairs sorted by it.
    #[must_use]
    pub fn find(&self, first: u64) -> usize {
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = low.midpoint(high);
            if self.get(middle).is_some_and(|pair| pair.0 < first) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}
