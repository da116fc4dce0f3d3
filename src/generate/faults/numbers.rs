//! Numbers of a cell, exact, in the digits they are written with.

use crate::model::literal::decimal_text;
use crate::model::{DataType, Literal, number};

/// A number as written: `unscaled / 10^scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dec {
    pub unscaled: i128,
    pub scale: u8,
}

impl Dec {
    /// Reads a number without an exponent.
    #[must_use]
    pub fn read(text: &[u8]) -> Option<Self> {
        number::any_decimal(text).ok().map(|(unscaled, scale)| Self { unscaled, scale })
    }

    /// Gives the number a literal is.
    #[must_use]
    pub fn of(literal: &Literal) -> Option<Self> {
        match literal {
            Literal::Int(value) => Some(Self { unscaled: *value, scale: 0 }),
            Literal::Decimal { unscaled, scale } => Some(Self { unscaled: *unscaled, scale: *scale }),
            Literal::Float(value) => Self::read(value.to_string().as_bytes()),
            _ => None,
        }
    }

    /// Writes it in plain digits.
    #[must_use]
    pub fn text(self) -> Vec<u8> {
        decimal_text(self.unscaled, self.scale).into_bytes()
    }

    /// Writes it with so many digits after the point; `None` where that would change it or it does not fit.
    #[must_use]
    pub fn with_scale(self, scale: u8) -> Option<Self> {
        let power = 10i128.checked_pow(u32::from(scale.abs_diff(self.scale)))?;
        if scale >= self.scale {
            return Some(Self { unscaled: self.unscaled.checked_mul(power)?, scale });
        }
        (self.unscaled % power == 0).then(|| Self { unscaled: self.unscaled / power, scale })
    }

    /// Multiplies by `times / over`, rounded towards zero to the same digits.
    #[must_use]
    pub fn scaled(self, times: i128, over: i128) -> Option<Self> {
        let unscaled = self.unscaled.checked_mul(times)?.checked_div(over)?;
        Some(Self { unscaled, ..self })
    }

    /// Adds so many of its last digits.
    #[must_use]
    pub fn plus(self, units: i128) -> Option<Self> {
        Some(Self { unscaled: self.unscaled.checked_add(units)?, ..self })
    }

    /// Gives the number of units that is 1.
    #[must_use]
    pub fn one(self) -> i128 {
        10i128.checked_pow(u32::from(self.scale)).unwrap_or(1)
    }
}

/// Gives the least and the greatest value of an integer type.
#[must_use]
pub const fn range(data_type: &DataType) -> Option<(i128, i128)> {
    Some(match data_type {
        DataType::Int8 => (i8::MIN as i128, i8::MAX as i128),
        DataType::Int16 => (i16::MIN as i128, i16::MAX as i128),
        DataType::Int32 => (i32::MIN as i128, i32::MAX as i128),
        DataType::Int64 => (i64::MIN as i128, i64::MAX as i128),
        DataType::UInt8 => (0, u8::MAX as i128),
        DataType::UInt16 => (0, u16::MAX as i128),
        DataType::UInt32 => (0, u32::MAX as i128),
        DataType::UInt64 => (0, u64::MAX as i128),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_kept() {
        let price = Dec::read(b"-12.50").unwrap();
        assert_eq!(price.text(), b"-12.50");
        assert_eq!(price.scaled(100, 1).unwrap().text(), b"-1250.00");
        assert_eq!(price.plus(price.one()).unwrap().text(), b"-11.50");
        assert_eq!(price.with_scale(1).unwrap().text(), b"-12.5");
        assert_eq!(price.with_scale(0), None);
        assert_eq!(Dec::read(b"1e5"), None);
    }
}
