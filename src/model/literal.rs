//! Literal: a value written in a contract.

/// Holds a value of a contract, already read in the type of the column it is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    Null,
    Bool(bool),
    /// Any integer type; the comparison is exact.
    Int(i128),
    /// `unscaled / 10^scale`, exact.
    Decimal {
        unscaled: i128,
        scale: u8,
    },
    Float(f64),
    String(String),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since midnight.
    Time(i64),
    /// Microseconds since 1970-01-01T00:00:00, in UTC where a zone is meant.
    Timestamp(i64),
    Binary(Vec<u8>),
    /// The day of the run ([`crate::model::Context::today`]); midnight where a timestamp is compared.
    Today,
    /// The moment of the run ([`crate::model::Context::now`]).
    Now,
}

impl std::fmt::Display for Literal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Decimal { unscaled, scale } => f.write_str(&decimal_text(*unscaled, *scale)),
            Self::Float(value) => write!(f, "{value}"),
            Self::String(value) => f.write_str(value),
            Self::Date(days) => f.write_str(&date_text(*days)),
            Self::Time(micros) => f.write_str(&time_text(*micros)),
            Self::Timestamp(micros) => f.write_str(&timestamp_text(*micros)),
            Self::Binary(bytes) => {
                for byte in bytes {
                    write!(f, "{byte:02x}")?;
                }
                Ok(())
            }
            Self::Today => f.write_str("today"),
            Self::Now => f.write_str("now"),
        }
    }
}

/// Writes `unscaled / 10^scale` in plain digits: `-12.50`.
#[must_use]
pub fn decimal_text(unscaled: i128, scale: u8) -> String {
    let digits = unscaled.unsigned_abs().to_string();
    let scale = usize::from(scale);
    let sign = if unscaled < 0 { "-" } else { "" };
    if scale == 0 {
        return format!("{sign}{digits}");
    }
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

/// Turns a civil date into days since 1970-01-01 (proleptic Gregorian; H. Hinnant, "chrono-compatible
/// low-level date algorithms"). The caller has checked month and day.
#[must_use]
pub const fn days_from_civil(year: i32, month: u32, day: u32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month = month.cast_signed();
    let shifted = (month + 9) % 12;
    let day_of_year = (153 * shifted + 2) / 5 + day.cast_signed() - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Turns days since 1970-01-01 into year, month and day; the inverse of [`days_from_civil`].
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "month and day are small and positive, and the year of 32-bit days fits 32 bits"
)]
pub const fn civil_from_days(days: i32) -> (i32, u32, u32) {
    let shifted = days as i64 + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u32;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 } as u32;
    let year = (year_of_era + era * 400) as i32;
    (if month <= 2 { year + 1 } else { year }, month, day)
}

/// Writes days since 1970-01-01 as `YYYY-MM-DD`.
#[must_use]
pub fn date_text(days: i32) -> String {
    let (year, month, day) = civil_from_days(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Writes microseconds since midnight as `HH:MM:SS[.ffffff]`.
#[must_use]
pub fn time_text(micros: i64) -> String {
    let seconds = micros.div_euclid(1_000_000);
    let fraction = micros.rem_euclid(1_000_000);
    let text = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if fraction == 0 { text } else { format!("{text}.{fraction:06}") }
}

/// Writes microseconds since the epoch as `YYYY-MM-DD HH:MM:SS[.ffffff]`.
#[must_use]
pub fn timestamp_text(micros: i64) -> String {
    const DAY: i64 = 86_400_000_000;
    let days = i32::try_from(micros.div_euclid(DAY)).unwrap_or(i32::MAX);
    format!("{} {}", date_text(days), time_text(micros.rem_euclid(DAY)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_days_round_trip() {
        assert_eq!(days_from_civil(1970, 1, 1), 0);
        assert_eq!(days_from_civil(2000, 3, 1), 11_017);
        for days in (-800_000..2_900_000).step_by(17) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
    }

    #[test]
    fn decimals_are_written_exactly() {
        assert_eq!(decimal_text(-1250, 2), "-12.50");
        assert_eq!(decimal_text(5, 2), "0.05");
        assert_eq!(decimal_text(0, 0), "0");
    }
}
