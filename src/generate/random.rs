//! Randomness by place: a keyed hash of (seed, stream, row), so that no row depends on another.

/// Draws numbers for one stream (a column of a table).
#[derive(Debug, Clone, Copy)]
pub struct Stream {
    key: u64,
}

impl Stream {
    /// Makes the stream of a name.
    #[must_use]
    pub fn new(seed: u64, name: &str) -> Self {
        let key = name.bytes().fold(mix(seed), |key, byte| mix(key ^ u64::from(byte)));
        Self { key }
    }

    /// Gives the stream's own number, to be added to the seed of a cell.
    #[must_use]
    pub const fn key(self) -> u64 {
        self.key
    }

    /// Draws the number of a row.
    #[must_use]
    pub const fn at(self, row: u64) -> u64 {
        mix(self.key ^ mix(row))
    }

    /// Draws a number below `limit` for a row; 0 where `limit` is 0. The bias is below `limit / 2^64`.
    #[must_use]
    pub const fn below(self, row: u64, limit: u64) -> u64 {
        ((self.at(row) as u128 * limit as u128) >> 64) as u64
    }

    /// Picks an item for a row; the items must not be empty.
    #[must_use]
    pub fn pick<T>(self, row: u64, items: &[T]) -> &T {
        let index = self.below(row, items.len() as u64);
        &items[usize::try_from(index).unwrap_or(0)]
    }
}

/// Draws one number after another for one cell.
#[derive(Debug, Clone, Copy)]
pub struct Draws {
    cell: u64,
    next: u64,
}

impl Draws {
    /// Starts the draws of a cell from the cell's number.
    #[must_use]
    pub const fn new(cell: u64) -> Self {
        Self { cell, next: 0 }
    }

    /// Draws 64 bits.
    #[inline]
    pub const fn bits(&mut self) -> u64 {
        self.next = self.next.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.cell ^ self.next)
    }

    /// Draws a number below `limit`; 0 where `limit` is 0. The bias is below `limit / 2^64`.
    #[inline]
    pub const fn below(&mut self, limit: u64) -> u64 {
        ((self.bits() as u128 * limit as u128) >> 64) as u64
    }

    /// Draws a number below `limit` of up to 128 bits; 0 where `limit` is 0.
    #[inline]
    pub const fn wide_below(&mut self, limit: u128) -> u128 {
        const LOW: u128 = u64::MAX as u128;
        // The upper half of a product of 256 bits, in four parts.
        let (high, low) = (self.bits() as u128, self.bits() as u128);
        let (a, b) = (limit >> 64, limit & LOW);
        let middle = high * b + ((low * b) >> 64);
        let other = low * a + (middle & LOW);
        high * a + (middle >> 64) + (other >> 64)
    }

    /// Draws a fraction, at least 0 and below 1, of 53 bits.
    #[inline]
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub const fn fraction(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Gives a number below `limit` from 64 drawn bits; 0 where `limit` is 0. The bias is below `limit / 2^64`.
#[must_use]
#[inline]
pub const fn below(bits: u64, limit: u64) -> u64 {
    ((bits as u128 * limit as u128) >> 64) as u64
}

/// Mixes 64 bits (the finaliser of `SplitMix64`, Steele, Lea and Flood 2014).
#[must_use]
#[inline]
pub const fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_always_draws_the_same() {
        let stream = Stream::new(7, "products.price");
        assert_eq!(stream.at(12), Stream::new(7, "products.price").at(12));
        assert_ne!(stream.at(12), Stream::new(8, "products.price").at(12));
        assert_ne!(stream.at(12), Stream::new(7, "products.cost").at(12));
        assert!((0..1000).all(|row| stream.below(row, 10) < 10));
    }
}
