//! 64 bits a key. Keys that fit are turned into a word by a bijection: equal words are equal keys, no question left.
//! Of all others the word is a hash: equal words are only suspects, and the keys' own bytes decide.
//!
//! | a key of one column | word |
//! |---|---|
//! | integer, date, time, timestamp, bool, float | the value, where it fits 64 bits |
//! | decimal | the unscaled value, where it fits 64 bits |
//! | text, binary of at most 7 bytes | the bytes and their number |
//! | anything else, and keys of several columns | a hash |

use std::hash::{BuildHasher, Hasher};

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, GenericByteArray};
use arrow_schema::{DataType, TimeUnit};
use foldhash::quality::FixedState;

use crate::frame::keys::encode::{self, KeyEncoder};
use crate::frame::mask::Mask;
use crate::frame::show::json_text;

// Fixed, so that two runs do the same work; no adversary gains more than time from collisions.
const HASHER: FixedState = FixedState::with_seed(0x6b61_7261_7431);

/// What the keys of a column are. Values of other types are read as this where they can be equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// Whole numbers and decimals: counted in units of 10 to the power of -`scale`.
    Number {
        scale: i8,
        /// Words are `u64`; else `i64`.
        unsigned: bool,
    },
    Bool,
    Float,
    Date,
    Time,
    Moment,
    Text,
    Binary,
    /// Lists and structs: equal values have one spelling as JSON.
    Nested,
}

impl Domain {
    /// Gives the domain of a column of this type.
    #[must_use]
    pub const fn of(data_type: &DataType) -> Self {
        match data_type {
            DataType::Int8
            | DataType::Int16
            | DataType::Int32
            | DataType::Int64
            | DataType::UInt8
            | DataType::UInt16
            | DataType::UInt32 => Self::Number { scale: 0, unsigned: false },
            DataType::UInt64 => Self::Number { scale: 0, unsigned: true },
            DataType::Decimal128(_, scale) => Self::Number { scale: *scale, unsigned: false },
            DataType::Boolean => Self::Bool,
            DataType::Float32 | DataType::Float64 => Self::Float,
            DataType::Date32 => Self::Date,
            DataType::Time64(TimeUnit::Microsecond) => Self::Time,
            DataType::Timestamp(TimeUnit::Microsecond, _) => Self::Moment,
            DataType::Utf8 => Self::Text,
            DataType::Binary => Self::Binary,
            _ => Self::Nested,
        }
    }
}

/// The 64 bits of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyHash {
    /// The value of an exact key, or a hash.
    pub bits: u64,
    /// Two exact keys are equal where their bits are, and where their words are. An exact key may still share its word
    /// with one that is not.
    pub exact: bool,
}

impl KeyHash {
    /// Gives bits that are evenly spread.
    #[must_use]
    #[inline]
    pub const fn word(self) -> u64 {
        if self.exact { mix(self.bits) } else { self.bits }
    }
}

/// Makes words of the keys of one rule or one set.
#[derive(Debug, Clone)]
pub struct KeyHasher {
    domains: Vec<Domain>,
    /// Bits of a hash that count. Tests take some away, so that different keys collide.
    bits: u64,
}

impl KeyHasher {
    /// Takes the types of the key's columns, in key order.
    #[must_use]
    pub fn new<'a>(types: impl IntoIterator<Item = &'a DataType>) -> Self {
        Self { domains: types.into_iter().map(Domain::of).collect(), bits: u64::MAX }
    }

    /// Lets only these bits of hashes count.
    #[cfg(test)]
    #[must_use]
    pub fn weakened(self, bits: u64) -> Self {
        Self { bits, ..self }
    }

    /// Gives the domain of keys of one column; `None` where there are several.
    #[must_use]
    pub const fn only(&self) -> Option<Domain> {
        match self.domains.as_slice() {
            [domain] => Some(*domain),
            _ => None,
        }
    }

    /// Calls `found` with the key of each of `rows`, ascending. Left out are rows without a key (a part is NULL or NaN)
    /// and keys that no value of the domain can equal (text among numbers).
    pub fn each(&self, columns: &[&dyn Array], rows: &Mask, mut found: impl FnMut(usize, KeyHash)) {
        if let ([domain], [column]) = (self.domains.as_slice(), columns) {
            let bits = self.bits;
            return cells(*domain, *column, rows, |row, key| {
                found(row, if key.exact { key } else { KeyHash { bits: key.bits & bits, ..key } });
            });
        }
        let mut words = vec![0_u64; rows.len()];
        let mut left = rows.clone();
        for (domain, column) in self.domains.iter().zip(columns) {
            let mut whole = Mask::new(rows.len());
            cells(*domain, *column, &left, |row, key| {
                words[row] = mix(words[row].rotate_left(23) ^ key.word());
                whole.set(row);
            });
            left = whole;
        }
        for row in left.rows() {
            found(row, KeyHash { bits: words[row] & self.bits, exact: false });
        }
    }

    /// Prepares to write the bytes of keys, by which equal words are told apart.
    #[must_use]
    pub fn bytes<'a>(&self, columns: &[&'a dyn Array]) -> KeyBytes<'a> {
        match (self.only(), columns) {
            (Some(Domain::Text), [column]) if *column.data_type() == DataType::Utf8 => KeyBytes::Raw(*column, false),
            (Some(Domain::Binary), [column]) if *column.data_type() == DataType::Binary => KeyBytes::Raw(*column, true),
            _ => KeyBytes::Encoded(KeyEncoder::new(columns.to_vec())),
        }
    }
}

/// Writes the bytes of keys that [`KeyHasher::each`] found: equal exactly where the keys are.
#[derive(Debug)]
pub enum KeyBytes<'a> {
    /// Text as it is, or binary (`true`).
    Raw(&'a dyn Array, bool),
    Encoded(KeyEncoder<'a>),
}

impl KeyBytes<'_> {
    /// Gives the bytes of a row's key, for which `scratch` may be used. Empty where there is no key.
    #[must_use]
    pub fn of<'s>(&'s self, row: usize, scratch: &'s mut Vec<u8>) -> &'s [u8] {
        match self {
            Self::Raw(array, false) => array.as_string::<i32>().value(row).as_bytes(),
            Self::Raw(array, true) => array.as_binary::<i32>().value(row),
            Self::Encoded(encoder) => {
                if !encoder.encode(row, scratch) {
                    scratch.clear();
                }
                scratch
            }
        }
    }
}

/// Spreads 64 bits evenly; no two words become one (a `SplitMix64` finaliser).
#[must_use]
pub const fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word ^ (word >> 32)
}

/// Gives the 64 bits that [`mix`] made a word of.
#[must_use]
pub const fn unmix(word: u64) -> u64 {
    // The odd numbers that undo those of `mix`: their products are 1.
    let word = (word ^ (word >> 32)).wrapping_mul(0x96de_1b17_3f11_9089);
    let word = (word ^ (word >> 29) ^ (word >> 58)).wrapping_mul(0xf1de_83e1_9937_733d);
    word ^ (word >> 32)
}

/// Hashes bytes.
#[must_use]
pub fn hash_bytes(bytes: &[u8]) -> u64 {
    let mut hasher = HASHER.build_hasher();
    hasher.write(bytes);
    hasher.finish()
}

/// Marks the rows among `rows` that have a key: no part is NULL or NaN.
#[must_use]
pub fn whole(columns: &[&dyn Array], rows: &Mask) -> Mask {
    let mut left = rows.clone();
    for column in columns {
        if let Some(nulls) = column.nulls().filter(|nulls| nulls.null_count() > 0) {
            left.and(&Mask::from_fn(column.len(), |row| nulls.is_valid(row)));
        }
        match column.data_type() {
            DataType::Float32 => {
                let values = column.as_primitive::<Float32Type>().values();
                left.and(&Mask::from_fn(column.len(), |row| !values[row].is_nan()));
            }
            DataType::Float64 => {
                let values = column.as_primitive::<Float64Type>().values();
                left.and(&Mask::from_fn(column.len(), |row| !values[row].is_nan()));
            }
            _ => {}
        }
    }
    left
}

const fn exact(value: u64) -> KeyHash {
    KeyHash { bits: value, exact: true }
}

fn hashed(bytes: &[u8]) -> KeyHash {
    KeyHash { bits: hash_bytes(bytes), exact: false }
}

#[inline]
fn text(bytes: &[u8]) -> KeyHash {
    short(bytes).map_or_else(|| hashed(bytes), exact)
}

/// Packs at most 7 bytes and their number.
#[inline]
fn short(bytes: &[u8]) -> Option<u64> {
    let at = |index: usize| u64::from(bytes.get(index).copied().unwrap_or(0)) << (8 * index);
    let packed = match bytes {
        [] => 0,
        [_] | [_, _] | [_, _, _] => at(0) | at(bytes.len() / 2) | at(bytes.len() - 1),
        _ if bytes.len() <= 7 => {
            // Both ends overlap where there are fewer than 8 bytes.
            let (low, high) = (bytes.first_chunk::<4>()?, bytes.last_chunk::<4>()?);
            u64::from(u32::from_le_bytes(*low)) | u64::from(u32::from_le_bytes(*high)) << (8 * (bytes.len() - 4))
        }
        _ => return None,
    };
    Some(packed | (bytes.len() as u64) << 56)
}

/// Reads a number in the units of a domain; what does not fit 64 bits there is hashed by its one spelling as bytes.
#[inline]
fn number(value: i128, scale: i8, units: i8, unsigned: bool) -> KeyHash {
    let counted = if scale == units { Some(value) } else { rescale(value, scale, units) };
    let word = counted.and_then(|counted| {
        if unsigned { u64::try_from(counted).ok() } else { i64::try_from(counted).ok().map(i64::cast_unsigned) }
    });
    word.map_or_else(
        || {
            let mut bytes = Vec::with_capacity(18);
            encode::decimal(value, scale, &mut bytes);
            hashed(&bytes)
        },
        exact,
    )
}

/// Counts a value in other units; `None` where it is no whole number of them, or far too large.
fn rescale(value: i128, scale: i8, units: i8) -> Option<i128> {
    let power = 10_i128.checked_pow(u32::from(scale.abs_diff(units)))?;
    if scale < units { value.checked_mul(power) } else { (value % power == 0).then(|| value / power) }
}

fn primitive<T: ArrowPrimitiveType>(array: &dyn Array, rows: &Mask, mut take: impl FnMut(usize, T::Native)) {
    let array = array.as_primitive::<T>();
    let values = array.values();
    if array.null_count() == 0 && rows.count() == values.len() {
        for (row, value) in values.iter().enumerate() {
            take(row, *value);
        }
    } else {
        for row in rows.rows().filter(|row| array.is_valid(*row)) {
            take(row, values[row]);
        }
    }
}

fn strings<T: arrow_array::types::ByteArrayType>(
    array: &GenericByteArray<T>,
    rows: &Mask,
    mut found: impl FnMut(usize, KeyHash),
) {
    let all = array.null_count() == 0 && rows.count() == array.len();
    if all {
        for row in 0..array.len() {
            found(row, text(array.value(row).as_ref()));
        }
    } else {
        for row in rows.rows().filter(|row| array.is_valid(*row)) {
            found(row, text(array.value(row).as_ref()));
        }
    }
}

/// Walks the cells of one column among `rows` that are keys of the domain.
fn cells(domain: Domain, array: &dyn Array, rows: &Mask, mut found: impl FnMut(usize, KeyHash)) {
    let signed = |value: i64| exact(value.cast_unsigned());
    match (domain, array.data_type()) {
        // The commonest key takes no way round.
        (Domain::Number { scale: 0, unsigned: false }, DataType::Int64) => {
            primitive::<Int64Type>(array, rows, |row, value| found(row, signed(value)));
        }
        (Domain::Number { scale, unsigned }, data_type) => {
            let mut whole = |row, value| found(row, number(value, 0, scale, unsigned));
            match data_type {
                DataType::Int8 => primitive::<Int8Type>(array, rows, |row, value| whole(row, value.into())),
                DataType::Int16 => primitive::<Int16Type>(array, rows, |row, value| whole(row, value.into())),
                DataType::Int32 => primitive::<Int32Type>(array, rows, |row, value| whole(row, value.into())),
                DataType::Int64 => primitive::<Int64Type>(array, rows, |row, value| whole(row, value.into())),
                DataType::UInt8 => primitive::<UInt8Type>(array, rows, |row, value| whole(row, value.into())),
                DataType::UInt16 => primitive::<UInt16Type>(array, rows, |row, value| whole(row, value.into())),
                DataType::UInt32 => primitive::<UInt32Type>(array, rows, |row, value| whole(row, value.into())),
                DataType::UInt64 => primitive::<UInt64Type>(array, rows, |row, value| whole(row, value.into())),
                DataType::Decimal128(_, own) => primitive::<Decimal128Type>(array, rows, |row, value| {
                    found(row, number(value, *own, scale, unsigned));
                }),
                _ => {}
            }
        }
        (Domain::Bool, DataType::Boolean) => {
            let array = array.as_boolean();
            for row in rows.rows().filter(|row| array.is_valid(*row)) {
                found(row, exact(array.value(row).into()));
            }
        }
        (Domain::Float, DataType::Float32) => primitive::<Float32Type>(array, rows, |row, value| {
            float(row, value.into(), &mut found);
        }),
        (Domain::Float, DataType::Float64) => primitive::<Float64Type>(array, rows, |row, value| {
            float(row, value, &mut found);
        }),
        (Domain::Date, DataType::Date32) => primitive::<Date32Type>(array, rows, |row, value| {
            found(row, signed(value.into()));
        }),
        (Domain::Time, DataType::Time64(TimeUnit::Microsecond)) => {
            primitive::<Time64MicrosecondType>(array, rows, |row, value| found(row, signed(value)));
        }
        (Domain::Moment, DataType::Timestamp(TimeUnit::Microsecond, _)) => {
            primitive::<TimestampMicrosecondType>(array, rows, |row, value| found(row, signed(value)));
        }
        (Domain::Text, DataType::Utf8) => strings(array.as_string::<i32>(), rows, found),
        (Domain::Binary, DataType::Binary) => strings(array.as_binary::<i32>(), rows, found),
        (Domain::Nested, other) if Domain::of(other) == Domain::Nested => {
            for row in rows.rows().filter(|row| array.is_valid(*row)) {
                found(row, hashed(json_text(array, row).as_bytes()));
            }
        }
        _ => {}
    }
}

fn float(row: usize, value: f64, found: &mut impl FnMut(usize, KeyHash)) {
    if !value.is_nan() {
        // Adding zero turns -0 into 0: both are one key.
        found(row, exact((value + 0.0).to_bits()));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::*;
    use proptest::prelude::*;

    use super::*;

    fn keys(domain: &DataType, array: &dyn Array) -> Vec<Option<KeyHash>> {
        let mut found = vec![None; array.len()];
        let rows = Mask::full(array.len());
        KeyHasher::new([domain]).each(&[array], &rows, |row, key| found[row] = Some(key));
        found
    }

    fn decimals(values: Vec<i128>, scale: i8) -> Decimal128Array {
        Decimal128Array::from(values).with_precision_and_scale(38, scale).unwrap()
    }

    #[test]
    fn numbers_of_any_width_are_one_key() {
        for domain in [DataType::Int32, DataType::Int64, DataType::UInt64, DataType::Decimal128(12, 2)] {
            let arrays: [Box<dyn Array>; 5] = [
                Box::new(Int8Array::from(vec![7])),
                Box::new(Int64Array::from(vec![7])),
                Box::new(UInt64Array::from(vec![7])),
                Box::new(decimals(vec![700], 2)),
                Box::new(decimals(vec![7], 0)),
            ];
            let found: Vec<_> = arrays.iter().map(|array| keys(&domain, array.as_ref())[0].unwrap()).collect();
            assert!(found.iter().all(|key| *key == found[0] && key.exact), "{domain}: {found:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_hashed_alike_in_every_type() {
        let huge = u64::MAX;
        let signed = keys(&DataType::Int64, &UInt64Array::from(vec![huge]))[0].unwrap();
        assert_eq!(Some(signed), keys(&DataType::Int64, &decimals(vec![i128::from(huge) * 100], 2))[0]);
        assert!(!signed.exact);
        assert!(keys(&DataType::UInt64, &UInt64Array::from(vec![huge]))[0].unwrap().exact);
        let negative = keys(&DataType::UInt64, &Int8Array::from(vec![-1]))[0].unwrap();
        assert_eq!(Some(negative), keys(&DataType::UInt64, &decimals(vec![-1], 0))[0]);
        let cents = keys(&DataType::Int64, &decimals(vec![150], 2))[0].unwrap();
        assert_eq!(Some(cents), keys(&DataType::Int64, &decimals(vec![15], 1))[0]);
        assert!(!cents.exact);
    }

    #[test]
    fn no_keys() {
        let floats = keys(&DataType::Float64, &Float64Array::from(vec![None, Some(f64::NAN), Some(-0.0), Some(0.0)]));
        assert_eq!((floats[0], floats[1], floats[2]), (None, None, floats[3]));
        assert_eq!(keys(&DataType::Int64, &StringArray::from(vec!["7"])), [None], "no number is a text");
        assert_eq!(keys(&DataType::Date32, &Int64Array::from(vec![7])), [None]);
        let nulls: ArrayRef = Arc::new(Float64Array::from(vec![None, Some(f64::NAN), Some(1.0)]));
        assert_eq!(whole(&[nulls.as_ref()], &Mask::full(3)).rows().collect::<Vec<_>>(), [2]);
    }

    proptest! {
        #[test]
        fn words_are_turned_back(bits: u64) {
            prop_assert_eq!(unmix(mix(bits)), bits);
        }

        #[test]
        fn equal_keys_have_equal_words(
            texts in prop::collection::vec(("[ab\\x00]{0,9}", "[ab]{0,2}"), 2..20),
            numbers in prop::collection::vec(-3_i64..3, 20),
        ) {
            let (left, right): (Vec<&str>, Vec<&str>) = texts.iter().map(|(a, b)| (a.as_str(), b.as_str())).unzip();
            let left: ArrayRef = Arc::new(StringArray::from(left));
            let right: ArrayRef = Arc::new(StringArray::from(right));
            let numbers: ArrayRef = Arc::new(Int64Array::from(numbers[..texts.len()].to_vec()));
            for columns in [vec![&left], vec![&numbers], vec![&left, &right], vec![&left, &numbers, &right]] {
                let columns: Vec<&dyn Array> = columns.into_iter().map(AsRef::as_ref).collect();
                let hasher = KeyHasher::new(columns.iter().map(|column| column.data_type()));
                let mut found = Vec::new();
                hasher.each(&columns, &Mask::full(texts.len()), |_, key| found.push(key));
                prop_assert_eq!(found.len(), texts.len());
                let encoder = KeyEncoder::new(columns.clone());
                let bytes = hasher.bytes(&columns);
                let (mut a, mut b, mut c, mut d) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
                for one in 0..texts.len() {
                    for two in 0..texts.len() {
                        encoder.encode(one, &mut a);
                        encoder.encode(two, &mut b);
                        let equal = a == b;
                        prop_assert_eq!(bytes.of(one, &mut c) == bytes.of(two, &mut d), equal);
                        let (one, two) = (found[one], found[two]);
                        prop_assert!(!equal || one == two);
                        prop_assert!(equal || !one.exact || !two.exact || one.word() != two.word());
                    }
                }
            }
        }
    }
}
