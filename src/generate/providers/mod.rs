//! Providers: realistic values by name, one file each; and text made from a pattern.

use crate::generate::random::Draws;
use crate::model::Locale;

pub mod pattern;

/// A source of text (or of a number's digits), one value a row.
///
/// A value depends on its draws alone. Two providers that belong together (a name and its e-mail address) may read the
/// same draws.
pub trait Provider: std::fmt::Debug + Send + Sync {
    /// Appends one value as plain UTF-8, unescaped.
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>);

    /// Gives how many different values there are, where that is known and exact: then [`Provider::nth`] gives each.
    fn values(&self) -> Option<u128> {
        None
    }

    /// Appends the value with this number, below [`Provider::values`]; different numbers give different values.
    fn nth(&self, _number: u128, _out: &mut Vec<u8>) {}

    /// The most characters (code points) a value has.
    fn longest(&self) -> usize;
}

/// Finds a provider by its name in a contract (`person_name`).
#[must_use]
pub fn find(_name: &str, _locale: Locale) -> Option<Box<dyn Provider>> {
    todo!()
}

/// Names all providers with a line each, in alphabetical order.
#[must_use]
pub fn all() -> Vec<(&'static str, &'static str)> {
    todo!()
}

/// Guesses the provider a text column's name asks for (`email`, `first_name`, `city`), if any.
#[must_use]
pub fn by_column_name(_name: &str) -> Option<&'static str> {
    todo!()
}

/// Finds a word list of the `fake` crate by its path there (`company.Buzzword`).
#[must_use]
pub fn fake(_path: &str, _locale: Locale) -> Option<Box<dyn Provider>> {
    todo!()
}
