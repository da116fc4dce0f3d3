//! Narrow: stands where the machine has no instructions for many cells at once. There is none of these values.

use std::ops::Range;

use crate::frame::raw::Fields;
use crate::frame::sieve::LANES;
use crate::frame::sieve::steps::Steps;

/// No instructions.
#[derive(Debug, Clone, Copy)]
pub enum Wide {}

/// No cells.
pub struct Lanes<'a>(&'a Wide);

impl Wide {
    pub const fn new() -> Option<Self> {
        None
    }

    pub fn lanes<'a>(self, _: &'a [u8], _: &Fields, _: usize, _: Range<usize>) -> Option<Lanes<'a>> {
        match self {}
    }

    pub fn between(self, _: &Lanes<'_>, _: usize, _: usize) -> u64 {
        match self {}
    }

    pub fn units(self, _: &Lanes<'_>, _: u8, _: (i64, i64)) -> u64 {
        match self {}
    }

    pub fn whole(self, _: &Lanes<'_>) -> (u64, [i64; LANES]) {
        match self {}
    }

    pub fn days(self, _: &Lanes<'_>, _: (i64, i64)) -> u64 {
        match self {}
    }

    pub fn words(self, _: &Lanes<'_>, _: &[u128], _: Option<u8>) -> u64 {
        match self {}
    }

    pub fn steps(self, _: &Lanes<'_>, _: &Steps, _: Option<u8>) -> u64 {
        match self {}
    }
}
