//! Drawn: columns of text that write themselves, value by value, so that no column of texts is ever held in memory.
//!
//! Whoever makes rows may hand on such a column in place of an array; whoever writes them asks what its texts are made
//! of ([`Letters`]) and writes them unseen, or has them made into an array.

use std::sync::Arc;

use arrow_array::{ArrayRef, StringArray};
use arrow_buffer::{Buffer, OffsetBuffer, ScalarBuffer};

use crate::frame::text::Text;
use crate::model::{Error, Result};

/// Writes texts by number: one number, one text.
pub trait Author: std::fmt::Debug + Send + Sync {
    /// Writes the text of a number from a place on, as the functions of [`crate::frame::text`] do.
    fn put(&self, number: u64, out: &mut [u8], at: usize) -> usize;

    /// Says what all its texts are made of.
    fn letters(&self) -> Letters;
}

/// What texts are made of: the bytes that may occur, and how short they may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Letters {
    bytes: [u64; 4],
    /// In bytes.
    pub least: usize,
}

impl Letters {
    /// Notes the bytes of texts of at least so many bytes.
    #[must_use]
    pub fn of(least: usize, texts: &[&[u8]]) -> Self {
        let mut letters = Self { bytes: [0; 4], least };
        texts.iter().copied().flatten().for_each(|byte| letters.bytes[usize::from(byte >> 6)] |= 1 << (byte & 63));
        letters
    }

    /// Adds the letters of what may stand beside them.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.bytes.iter_mut().zip(other.bytes).for_each(|(mine, theirs)| *mine |= theirs);
        self
    }

    /// Tells whether a byte may occur.
    #[must_use]
    pub const fn has(&self, byte: u8) -> bool {
        self.bytes[(byte >> 6) as usize] >> (byte & 63) & 1 == 1
    }
}

/// A column of texts that are still to be written.
#[derive(Debug, Clone)]
pub struct Drawn<'a> {
    pub author: &'a dyn Author,
    pub letters: &'a Letters,
    /// One number a text; the key is added to each.
    pub numbers: Arc<Vec<u64>>,
    pub key: u64,
}

impl Drawn<'_> {
    /// Writes all texts into an array.
    ///
    /// # Errors
    /// Where they do not fit one array, or a text is none.
    pub fn array(&self) -> Result<ArrayRef> {
        let (mut text, mut ends) = (Text::default(), Vec::with_capacity(self.numbers.len() + 1));
        ends.push(0);
        for number in self.numbers.iter() {
            text.row(|out, at| self.author.put(number.wrapping_add(self.key), out, at));
            ends.push(i32::try_from(text.len()).map_err(|_| too_long())?);
        }
        let (ends, values) = (OffsetBuffer::new(ScalarBuffer::from(ends)), Buffer::from_vec(text.into_bytes()));
        let array = StringArray::try_new(ends, values, None);
        Ok(Arc::new(array.map_err(|error| Error::output("a value is no text").because(error))?))
    }
}

fn too_long() -> Error {
    Error::output("the texts of a column are too long for one batch").hint("make fewer rows at once")
}

/// One column on its way to text.
#[derive(Debug, Clone)]
pub enum Made<'a> {
    Array(ArrayRef),
    /// Texts, none of them NULL.
    Drawn(Drawn<'a>),
    /// Lists, none of them NULL: where each ends, behind a 0; and their elements.
    List(Vec<i32>, Box<Made<'a>>),
    /// Structs, none of them NULL.
    Struct(Vec<Made<'a>>),
}

impl Made<'_> {
    /// Makes arrays of the texts whose letters do not fit.
    ///
    /// # Errors
    /// As [`Drawn::array`].
    pub fn settled(self, fits: &dyn Fn(&Letters) -> bool) -> Result<Self> {
        Ok(match self {
            Self::Drawn(drawn) if !fits(drawn.letters) => Self::Array(drawn.array()?),
            Self::List(ends, items) => Self::List(ends, Box::new(items.settled(fits)?)),
            Self::Struct(fields) => {
                Self::Struct(fields.into_iter().map(|field| field.settled(fits)).collect::<Result<_>>()?)
            }
            other => other,
        })
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::Array as _;
    use arrow_array::cast::AsArray;

    use super::*;
    use crate::frame::text;

    #[derive(Debug)]
    struct Digits;

    impl Author for Digits {
        fn put(&self, number: u64, out: &mut [u8], at: usize) -> usize {
            text::digits(out, at, number)
        }

        fn letters(&self) -> Letters {
            Letters::of(1, &[b"0123456789"])
        }
    }

    #[test]
    fn texts_that_do_not_fit_become_arrays() {
        let letters = Digits.letters();
        let numbers = Arc::new((0..3000).collect::<Vec<u64>>());
        let drawn = Drawn { author: &Digits, letters: &letters, numbers, key: 5 };
        let made = Made::List(vec![0, 3000], Box::new(Made::Struct(vec![Made::Drawn(drawn)])));
        let kept = made.clone().settled(&|letters| letters.has(b'7') && letters.least == 1).unwrap();
        let Made::List(_, items) = kept else { panic!("no list") };
        assert!(matches!(*items, Made::Struct(ref fields) if matches!(fields[..], [Made::Drawn(_)])));
        let Made::List(_, items) = made.settled(&|letters| letters.has(b'x')).unwrap() else { panic!("no list") };
        let Made::Struct(fields) = *items else { panic!("no struct") };
        let [Made::Array(array)] = &fields[..] else { panic!("no array") };
        let texts = array.as_string::<i32>();
        assert_eq!((texts.len(), texts.value(0), texts.value(2999)), (3000, "5", "3004"));
    }

    #[test]
    fn letters_are_those_of_all_texts() {
        let letters = Letters::of(2, &[b"ab", "é".as_bytes()]).and(Letters::of(0, &[b"\xff"]));
        assert!(letters.has(b'a') && letters.has(0xc3) && letters.has(0xff) && letters.least == 2);
        assert!(!letters.has(b'c') && !letters.has(0));
    }
}
