//! Exact numbers as whole units of a power of ten, brought to another scale. Rounding is half away from zero, as in SQL.

/// Gives a power of ten; `None` above 10^38.
#[must_use]
pub fn power(digits: u8) -> Option<i128> {
    10_i128.checked_pow(u32::from(digits))
}

/// Drops the last digits, rounding half away from zero.
#[must_use]
pub fn round_off(value: i128, digits: u8) -> i128 {
    let Some(unit) = power(digits) else {
        // 10^39 and above: more than twice any number of 38 digits.
        return 0;
    };
    let (quotient, rest) = (value / unit, value % unit);
    if rest.unsigned_abs() >= unit.unsigned_abs().div_ceil(2) && rest != 0 {
        quotient + value.signum()
    } else {
        quotient
    }
}

/// Brings `value / 10^from` to units of `10^-to`; `None` where that does not fit 128 bits.
#[must_use]
pub fn rescaled(value: i128, from: u8, to: u8) -> Option<i128> {
    if to >= from { value.checked_mul(power(to - from)?) } else { Some(round_off(value, from - to)) }
}

/// Reads a float as the decimal that its shortest text stands for (`0.1` is one tenth), rounded to so many digits.
#[must_use]
pub fn of_float(value: f64, scale: u8) -> Option<i128> {
    if !value.is_finite() || value.abs() >= 1e39 {
        return None;
    }
    let text = value.abs().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let kept = fraction.get(..usize::from(scale)).unwrap_or(fraction);
    let missing = scale.checked_sub(u8::try_from(kept.len()).ok()?)?;
    let up = fraction.as_bytes().get(usize::from(scale)).is_some_and(|digit| *digit >= b'5');
    let digits: i128 = format!("{whole}{kept}").parse().ok()?;
    let unscaled = digits.checked_mul(power(missing)?)?.checked_add(i128::from(up))?;
    Some(if value < 0.0 { -unscaled } else { unscaled })
}
