//! Named shapes of text, one file each.

mod country;
mod currency;
mod ean13;
mod email;
mod iban;
mod ip;
mod phone;
mod url;
mod uuid;

use crate::model::TextFormat;
use crate::model::temporal;

/// Tells whether a whole value has a shape.
pub type Shape = fn(&str) -> bool;

/// A shape made ready.
#[derive(Debug, Clone)]
pub enum Compiled {
    Shape(Shape),
    Date(temporal::Pattern),
}

/// The shapes by name, in the order of [`crate::model::check::TEXT_FORMATS`].
pub const SHAPES: &[(TextFormat, Shape)] = &[
    (TextFormat::Ean13, ean13::holds),
    (TextFormat::Email, email::holds),
    (TextFormat::Iban, iban::holds),
    (TextFormat::Ipv4, ip::holds_v4),
    (TextFormat::Ipv6, ip::holds_v6),
    (TextFormat::IsoCountry, country::holds),
    (TextFormat::IsoCurrency, currency::holds),
    (TextFormat::PhoneE164, phone::holds),
    (TextFormat::Url, url::holds),
    (TextFormat::Uuid, uuid::holds),
];

impl Compiled {
    /// Prepares a format.
    ///
    /// # Errors
    /// In words, where a date pattern is wrong.
    pub fn new(format: &TextFormat) -> Result<Self, String> {
        if let TextFormat::DatePattern(pattern) = format {
            return temporal::Pattern::new(pattern).map(Self::Date);
        }
        match SHAPES.iter().find(|(listed, _)| listed == format) {
            Some((_, shape)) => Ok(Self::Shape(*shape)),
            None => Err(format!("the format {format:?} has no test")),
        }
    }

    /// Tells whether a whole value has the shape.
    #[must_use]
    pub fn holds(&self, text: &str) -> bool {
        match self {
            Self::Shape(shape) => shape(text),
            Self::Date(pattern) if pattern.has_date() => pattern.timestamp(text.as_bytes()).is_some(),
            Self::Date(pattern) => pattern.time(text.as_bytes()).is_some(),
        }
    }
}

/// Tells whether a whole value has a shape that has a name; false for date patterns, which must be compiled.
#[must_use]
pub fn holds(format: &TextFormat, text: &str) -> bool {
    SHAPES.iter().any(|(listed, shape)| listed == format && shape(text))
}

/// Tells whether a two- or three-letter code stands in a sorted list of them.
fn listed(codes: &[&str], text: &str) -> bool {
    codes.binary_search(&text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::check::TEXT_FORMATS;

    #[test]
    fn every_named_format_has_a_shape() {
        assert_eq!(SHAPES.len(), TEXT_FORMATS.len());
        for ((_, named), (format, _)) in TEXT_FORMATS.iter().zip(SHAPES) {
            assert_eq!(named, format);
        }
    }

    #[test]
    fn no_shape_takes_the_empty_text_blanks_or_a_line_end() {
        let good = [
            "4006381333931",
            "a@b.de",
            "GB29NWBK60161331926819",
            "1.2.3.4",
            "::1",
            "DE",
            "EUR",
            "+4930123456",
            "https://a.de/x",
            "123e4567-e89b-12d3-a456-426614174000",
        ];
        for ((format, shape), text) in SHAPES.iter().zip(good) {
            assert!(shape(text), "{format:?} {text}");
            let blank_in_front = format!(" {text}");
            let line_end = format!("{text}\n");
            for bad in ["", " ", "é", &blank_in_front, &line_end] {
                assert!(!shape(bad), "{format:?} {bad:?}");
            }
        }
    }

    #[test]
    fn date_patterns_read_whole_real_days() {
        let days = Compiled::new(&TextFormat::DatePattern("%d.%m.%Y".into())).unwrap();
        assert!(days.holds("31.10.2026"));
        assert!(!days.holds("31.11.2026") && !days.holds("31.10.2026 ") && !days.holds("2026-10-31"));
        let times = Compiled::new(&TextFormat::DatePattern("%H:%M".into())).unwrap();
        assert!(times.holds("23:59") && !times.holds("24:61"));
        assert!(Compiled::new(&TextFormat::DatePattern("%Q".into())).is_err());
    }
}
