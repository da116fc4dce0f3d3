//! Numbers as text, read exactly. Only ASCII digits, signs, points and exponents count; blanks never do.

pub mod exact;

/// Says why text is not the number asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberError {
    /// It is not a number of this sort at all.
    Malformed,
    /// It is one, but does not fit.
    Range,
}

/// Says why text is not the floating-point number asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FloatError {
    /// It is not a number at all.
    Malformed,
    /// It is NaN or an infinity, or so large that it would be read as one.
    NotFinite,
}

/// Powers of ten that an `i128` holds.
const POWERS: [u128; 39] = {
    let mut powers = [1; 39];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// Powers of ten that an `f64` holds exactly, as many as a short number can ask for.
pub const FLOAT_POWERS: [f64; SHORT + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18];

/// The most digits that surely fit a `u64`, and an `i64`.
const SHORT: usize = 18;

/// Reads an integer: digits with an optional sign, nothing else.
///
/// # Errors
/// [`NumberError`].
pub fn integer(text: &[u8]) -> Result<i128, NumberError> {
    let (negative, digits) = split_sign(text);
    if digits.len() <= SHORT {
        let value = i128::from(short(digits).ok_or(NumberError::Malformed)?);
        return Ok(if negative { -value } else { value });
    }
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(NumberError::Malformed);
    }
    // Built below zero, where one value more fits than above.
    let below = trim_start_zeros(digits)
        .iter()
        .try_fold(0i128, |value, digit| value.checked_mul(10)?.checked_sub(i128::from(digit - b'0')));
    let value = if negative { below } else { below.and_then(i128::checked_neg) };
    value.ok_or(NumberError::Range)
}

/// Reads an integer as [`integer`] does, the fast way for values that fit an `i64`.
///
/// # Errors
/// [`NumberError`].
pub fn integer_i64(text: &[u8]) -> Result<i64, NumberError> {
    let (negative, digits) = split_sign(text);
    if digits.len() <= SHORT {
        let value = short(digits).ok_or(NumberError::Malformed)?.cast_signed();
        return Ok(if negative { -value } else { value });
    }
    i64::try_from(integer(text)?).map_err(|_| NumberError::Range)
}

/// Reads a decimal: digits with an optional sign and point (`5`, `5.`, `.5`, `-5.50`); no exponent unless `exponent`
/// (JSON writes `1e2`). Gives the value times `10^scale`, never rounded: zeros past the scale are dropped,
/// any other digit there is a range error, as are more than `precision` digits.
///
/// # Errors
/// [`NumberError`].
pub fn decimal(text: &[u8], precision: u8, scale: u8, exponent: bool) -> Result<i128, NumberError> {
    if let Some(found) = short_decimal(text, precision, scale) {
        return found;
    }
    let parts = Parts::of(text, exponent).ok_or(NumberError::Malformed)?;
    let Some((digits, power)) = parts.significant() else { return Ok(0) };
    let zeros = usize::try_from(power.saturating_add(i64::from(scale))).map_err(|_| NumberError::Range)?;
    if digits.len().saturating_add(zeros) > usize::from(precision.min(38)) {
        return Err(NumberError::Range);
    }
    let value = digits.value().and_then(|value| value.checked_mul(*POWERS.get(zeros)?));
    let value = value.and_then(|value| i128::try_from(value).ok()).ok_or(NumberError::Range)?;
    Ok(if parts.negative { -value } else { value })
}

/// Reads a decimal of any scale up to 38 digits: (unscaled, scale), as written (`5.50` is `(550, 2)`).
///
/// # Errors
/// [`NumberError`].
pub fn any_decimal(text: &[u8]) -> Result<(i128, u8), NumberError> {
    let parts = Parts::of(text, false).ok_or(NumberError::Malformed)?;
    let scale = u8::try_from(parts.fraction.len()).ok().filter(|scale| *scale <= 38).ok_or(NumberError::Range)?;
    let digits = Digits { whole: trim_start_zeros(parts.whole), fraction: parts.fraction };
    let value = digits.value().filter(|value| *value < POWERS[38]).ok_or(NumberError::Range)?;
    let value = value.cast_signed();
    Ok((if parts.negative { -value } else { value }, scale))
}

/// Says in words why a decimal does not fit `decimal(precision,scale)`: `3 digits after the point, the type holds 2`.
/// The text is one for which [`decimal`] gave a range error.
#[must_use]
pub fn decimal_misfit(text: &[u8], precision: u8, scale: u8) -> String {
    let Some((digits, power)) = Parts::of(text, true).and_then(|parts| parts.significant()) else {
        return String::from("more digits than the type holds");
    };
    let after = power.saturating_neg().max(0);
    if after > i64::from(scale) {
        return format!("{} after the point, the type holds {scale}", count(after));
    }
    let before = i64::try_from(digits.len()).unwrap_or(i64::MAX).saturating_add(power);
    format!("{} before the point, the type holds {}", count(before), precision.saturating_sub(scale))
}

/// Reads a floating-point number: digits with an optional sign, point and exponent, rounded to the nearest value.
/// `nan`, `inf` and `infinity` (any case, optional sign) are read only if `allow_nan`; a number too large is never.
///
/// # Errors
/// [`FloatError`].
pub fn float(text: &[u8], allow_nan: bool) -> Result<f64, FloatError> {
    if let Some((negative, value, after)) = short_digits(text)
        && value < 1 << 53
    {
        // Both sides are exact, so the one division rounds as it should.
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let value = value as f64 / FLOAT_POWERS[usize::from(after)];
        return Ok(if negative { -value } else { value });
    }
    match finite_text(text) {
        Some(text) => text.parse::<f64>().ok().filter(|value| value.is_finite()).ok_or(FloatError::NotFinite),
        None => not_finite(text, allow_nan),
    }
}

/// Reads a 32-bit floating-point number as [`float`] does, rounded once.
///
/// # Errors
/// [`FloatError`].
pub fn float32(text: &[u8], allow_nan: bool) -> Result<f32, FloatError> {
    match finite_text(text) {
        Some(text) => text.parse::<f32>().ok().filter(|value| value.is_finite()).ok_or(FloatError::NotFinite),
        #[expect(clippy::cast_possible_truncation, reason = "NaN and infinities alone")]
        None => not_finite(text, allow_nan).map(|value| value as f32),
    }
}

/// Gives the text as `str` if it is written as a finite number.
fn finite_text(text: &[u8]) -> Option<&str> {
    Parts::of(text, true)?;
    std::str::from_utf8(text).ok()
}

fn not_finite(text: &[u8], allow_nan: bool) -> Result<f64, FloatError> {
    let (negative, name) = split_sign(text);
    let value = if name.eq_ignore_ascii_case(b"nan") {
        f64::NAN
    } else if name.eq_ignore_ascii_case(b"inf") || name.eq_ignore_ascii_case(b"infinity") {
        if negative { f64::NEG_INFINITY } else { f64::INFINITY }
    } else {
        return Err(FloatError::Malformed);
    };
    if allow_nan { Ok(value) } else { Err(FloatError::NotFinite) }
}

/// Reads the common decimals in one pass; `None` leaves the text to the long way.
fn short_decimal(text: &[u8], precision: u8, scale: u8) -> Option<Result<i128, NumberError>> {
    let (negative, value, after) = short_digits(text)?;
    let scaled = if after <= scale {
        // At most 18 digits and 20 zeros: below 10^38.
        u128::from(value) * POWERS.get(usize::from(scale - after)).filter(|power| **power <= POWERS[20])?
    } else {
        let rest = 10u64.pow(u32::from(after - scale));
        if !value.is_multiple_of(rest) {
            return Some(Err(NumberError::Range));
        }
        u128::from(value / rest)
    };
    if scaled >= *POWERS.get(usize::from(precision))? {
        return Some(Err(NumberError::Range));
    }
    let scaled = scaled.cast_signed();
    Some(Ok(if negative { -scaled } else { scaled }))
}

/// Reads up to 18 digits with an optional sign and point: sign, digits, how many of them stand behind the point.
/// `None` leaves the text to the long way.
fn short_digits(text: &[u8]) -> Option<(bool, u64, u8)> {
    let (negative, rest) = split_sign(text);
    if rest.len() > SHORT {
        return None;
    }
    // Most numbers have few digits behind the point.
    let Some(point) = rest.iter().rposition(|byte| *byte == b'.') else {
        return Some((negative, short(rest)?, 0));
    };
    let (whole, fraction) = (&rest[..point], &rest[point + 1..]);
    let after = u8::try_from(fraction.len()).ok()?;
    let value = match (whole, fraction) {
        ([], _) => short(fraction)?,
        (_, []) => short(whole)?,
        _ => short(whole)? * 10u64.pow(u32::from(after)) + short(fraction)?,
    };
    Some((negative, value, after))
}

/// A number as written.
struct Parts<'a> {
    negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    exponent: i64,
}

/// Digits that stand in two places.
struct Digits<'a> {
    whole: &'a [u8],
    fraction: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Takes a number apart; `None` where it is not one. An exponent beyond 18 digits is read as one of 18 nines.
    fn of(text: &'a [u8], exponent_allowed: bool) -> Option<Self> {
        let (negative, rest) = split_sign(text);
        let (whole, rest) = split_digits(rest);
        let (fraction, rest) = match rest.strip_prefix(b".") {
            Some(rest) => split_digits(rest),
            None => (&rest[..0], rest),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', rest @ ..] if exponent_allowed => {
                let (below, digits) = split_sign(rest);
                if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
                    return None;
                }
                let digits = trim_start_zeros(digits);
                let value = if digits.is_empty() { 0 } else { short(digits).unwrap_or(999_999_999_999_999_999) };
                if below { -value.cast_signed() } else { value.cast_signed() }
            }
            _ => return None,
        };
        Some(Self { negative, whole, fraction, exponent })
    }

    /// Gives the digits without zeros at either end and the power of ten they are multiplied with; `None` for zero.
    fn significant(&self) -> Option<(Digits<'a>, i64)> {
        let mut fraction = trim_end_zeros(self.fraction);
        let mut power = self.exponent.saturating_sub(i64::try_from(fraction.len()).ok()?);
        let mut whole = trim_start_zeros(self.whole);
        if fraction.is_empty() {
            let kept = trim_end_zeros(whole);
            power = power.saturating_add(i64::try_from(whole.len() - kept.len()).ok()?);
            whole = kept;
        }
        if whole.is_empty() {
            fraction = trim_start_zeros(fraction);
        }
        let digits = Digits { whole, fraction };
        (digits.len() > 0).then_some((digits, power))
    }
}

impl Digits<'_> {
    const fn len(&self) -> usize {
        self.whole.len() + self.fraction.len()
    }

    fn value(&self) -> Option<u128> {
        self.whole
            .iter()
            .chain(self.fraction)
            .try_fold(0u128, |value, digit| value.checked_mul(10)?.checked_add(u128::from(digit - b'0')))
    }
}

fn split_sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len()))
}

fn trim_start_zeros(digits: &[u8]) -> &[u8] {
    &digits[digits.iter().position(|digit| *digit != b'0').unwrap_or(digits.len())..]
}

fn trim_end_zeros(digits: &[u8]) -> &[u8] {
    &digits[..digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1)]
}

/// Reads 1 to 18 digits; `None` for anything else.
fn short(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > SHORT {
        return None;
    }
    let mut value = 0u64;
    let mut rest = digits;
    while let Some((chunk, behind)) = rest.split_first_chunk::<8>() {
        value = value * 100_000_000 + eight(*chunk)?;
        rest = behind;
    }
    let mut all = true;
    for byte in rest {
        let digit = byte.wrapping_sub(b'0');
        all &= digit <= 9;
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    all.then_some(value)
}

/// Reads eight digits at once, as the bytes of one word.
const fn eight(chunk: [u8; 8]) -> Option<u64> {
    let word = u64::from_le_bytes(chunk);
    // A byte below `0` borrows and one above `9` reaches its top bit with 0x46 added. The lowest wrong byte is
    // always seen, whatever it does to those above.
    let digits = word.wrapping_sub(0x3030_3030_3030_3030);
    if (digits | word.wrapping_add(0x4646_4646_4646_4646)) & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    // Neighbours are joined to pairs, pairs to fours, fours to one; the first digit is the lowest byte.
    let pairs = (digits * 10 + (digits >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_FFFF_0000_FFFF;
    Some((fours * 10_000 + (fours >> 32)) & 0xFFFF_FFFF)
}

fn count(digits: i64) -> String {
    if digits == 1 { String::from("1 digit") } else { format!("{digits} digits") }
}

#[cfg(test)]
mod tests;
