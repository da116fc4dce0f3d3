//! Spare: texts of batches that are done, for those to come.
//!
//! A block of new memory must be cleared before a file is read into it. One that was read into before need not be, and
//! is in the nearer caches.

use std::sync::{Mutex, PoisonError};

/// Texts that are kept at most, and the sizes that are worth it.
const MOST: usize = 8;
const SIZES: std::ops::Range<usize> = 64 << 10..4 << 20;

static TEXTS: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// Gives a text of any content and length.
#[must_use]
pub fn text() -> Vec<u8> {
    TEXTS.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
}

/// Takes a text that nobody needs any more.
pub fn keep(text: Vec<u8>) {
    if SIZES.contains(&text.capacity()) {
        let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
        if texts.len() < MOST {
            texts.push(text);
        }
    }
}
