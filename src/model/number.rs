//! Numbers as text, read exactly.

/// Says why text is not the number asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberError {
    /// It is not a number of this sort at all.
    Malformed,
    /// It is one, but does not fit.
    Range,
}

/// Reads an integer: digits with an optional sign, nothing else.
///
/// # Errors
/// [`NumberError`].
pub fn integer(text: &[u8]) -> Result<i128, NumberError> {
    let _ = text;
    todo!()
}

/// Reads a decimal: digits with an optional sign and point (`5`, `5.`, `.5`, `-5.50`); no exponent unless `exponent`
/// (JSON writes `1e2`). Gives the value times `10^scale`, never rounded: zeros past the scale are dropped,
/// any other digit there is a range error, as are more than `precision` digits.
///
/// # Errors
/// [`NumberError`].
pub fn decimal(text: &[u8], precision: u8, scale: u8, exponent: bool) -> Result<i128, NumberError> {
    let _ = (text, precision, scale, exponent);
    todo!()
}

/// Reads a decimal of any scale up to 38 digits: (unscaled, scale), as written (`5.50` is `(550, 2)`).
///
/// # Errors
/// [`NumberError`].
pub fn any_decimal(text: &[u8]) -> Result<(i128, u8), NumberError> {
    let _ = text;
    todo!()
}
