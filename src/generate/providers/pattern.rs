//! Text from a regular expression.

use crate::generate::providers::Provider;

/// Compiles a pattern to a provider whose values match it whole, within these lengths (code points, inclusive).
/// Finite patterns without overlapping alternatives know their number of values and give each by number.
///
/// # Errors
/// In words, where the pattern is not understood (look-around, word boundaries, …) or no value has such a length.
pub fn compile(_pattern: &str, _lengths: (usize, usize)) -> Result<Box<dyn Provider>, String> {
    todo!()
}
