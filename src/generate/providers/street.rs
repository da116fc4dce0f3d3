//! Streets, house numbers, and whole addresses in the order of their country.

use crate::frame::drawn::{Author, Letters};
use crate::frame::text::{byte, digits, short, slot};
use crate::generate::providers::lists::{self, PerLocale};
use crate::generate::providers::place::{Part, Places};
use crate::generate::providers::pool::{BLOCK, List, entries};
use crate::generate::providers::radix::{plain, scatter, small};
use crate::generate::providers::{Provider, Quick, append};
use crate::generate::random::Draws;
use crate::model::Locale;

/// House numbers by value number: 1 to this.
const NUMBERS: u64 = 9_999;

/// One locale's streets.
#[derive(Debug)]
pub struct Streets {
    names: List,
    longest: usize,
    locale: Locale,
}

impl Streets {
    /// Gives the streets of a locale.
    #[must_use]
    pub fn of(locale: Locale) -> &'static Self {
        static STREETS: PerLocale<Streets> = PerLocale::new();
        STREETS.of(locale, Self::new)
    }

    fn new(locale: Locale) -> Self {
        let lists = lists::of(locale);
        let mut names: Vec<(String, u64)> = Vec::new();
        for (name, _) in entries(lists.streets) {
            for (kind, weight) in entries(lists.street_types) {
                let street = match locale {
                    Locale::EnUs | Locale::EnGb => format!("{name} {kind}"),
                    // Behind a hyphen the street is a word of its own: Robert-Koch-Straße.
                    Locale::DeDe if name.ends_with('-') => format!("{name}{}", capital(kind)),
                    Locale::DeDe => format!("{name}{kind}"),
                    Locale::FrFr | Locale::EsEs => format!("{kind} {name}"),
                };
                names.push((street, weight));
            }
        }
        let names = List::new(names.iter().map(|(name, weight)| (name.as_str(), *weight)));
        Self { longest: names.pool.longest(), names, locale }
    }

    /// Draws a house number: small ones are the most common, but for America, where numbers count the whole road.
    #[inline]
    fn number(&self, draws: &mut Draws) -> u64 {
        let bits = draws.bits();
        if self.locale == Locale::EnUs {
            return ((u128::from(bits) * 9_999) >> 64) as u64 + 1;
        }
        let small = ((bits >> 32) * (bits & 0xffff_ffff)) >> 32;
        ((small * 180) >> 32) + 1
    }

    /// Writes the line with a street and a number from a place on.
    #[inline]
    fn put_line(&self, street: usize, number: u64, out: &mut [u8], at: usize) -> usize {
        match self.locale {
            Locale::EnUs | Locale::EnGb | Locale::FrFr => {
                // No number has more than four digits.
                if let (Some(street), Some(slot)) = (self.names.pool.wide(street), slot::<{ 5 + BLOCK }>(out, at)) {
                    let (digits, end) = short(number);
                    slot[..4].copy_from_slice(&digits.to_le_bytes());
                    slot[end] = b' ';
                    slot[end + 1..][..BLOCK].copy_from_slice(street);
                    return at + end + 1 + usize::from(street[BLOCK - 1]);
                }
                let at = digits(out, at, number);
                let at = byte(out, at, b' ');
                self.names.pool.put(street, out, at)
            }
            Locale::DeDe | Locale::EsEs => {
                let at = self.names.pool.put(street, out, at);
                let at = byte(out, at, b' ');
                digits(out, at, number)
            }
        }
    }

    /// Appends the line with a street and a number.
    #[inline]
    fn line(&self, street: usize, number: u64, out: &mut Vec<u8>) {
        match self.locale {
            Locale::EnUs | Locale::EnGb | Locale::FrFr => {
                plain(number, out);
                out.push(b' ');
                self.names.pool.append(street, out);
            }
            Locale::DeDe | Locale::EsEs => {
                self.names.pool.append(street, out);
                out.push(b' ');
                plain(number, out);
            }
        }
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// `street_name`: without a number.
#[derive(Debug)]
pub struct StreetName(pub &'static Streets);

impl Provider for StreetName {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        append(self, draws, out);
    }

    fn values(&self) -> Option<u128> {
        Some(self.0.names.pool.len() as u128)
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        self.0.names.pool.append(usize::try_from(number).unwrap_or(usize::MAX), out);
    }

    fn longest(&self) -> usize {
        self.0.longest
    }

    fn author(&self) -> Option<&dyn Author> {
        Some(self)
    }
}

impl Quick for StreetName {
    #[inline]
    fn put(&self, draws: &mut Draws, out: &mut [u8], at: usize) -> usize {
        self.0.names.put(draws, out, at)
    }

    fn letters(&self) -> Letters {
        self.0.names.pool.letters()
    }
}

/// `street_number`.
#[derive(Debug)]
pub struct StreetNumber(pub &'static Streets);

impl Provider for StreetNumber {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        draws.bits();
        plain(self.0.number(draws), out);
    }

    fn values(&self) -> Option<u128> {
        Some(u128::from(NUMBERS))
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        plain(small(number) + 1, out);
    }

    fn longest(&self) -> usize {
        4
    }
}

/// `street`: a street with a number, as the line of an address.
#[derive(Debug)]
pub struct Street(pub &'static Streets);

impl Provider for Street {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        append(self, draws, out);
    }

    fn values(&self) -> Option<u128> {
        Some(self.0.names.pool.len() as u128 * u128::from(NUMBERS))
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        let ([street, house], _) = scatter(number, [self.0.names.pool.len() as u64, NUMBERS]);
        self.0.line(usize::try_from(street).unwrap_or(0), house + 1, out);
    }

    fn longest(&self) -> usize {
        self.0.longest + 5
    }

    fn author(&self) -> Option<&dyn Author> {
        Some(self)
    }
}

impl Quick for Street {
    #[inline]
    fn put(&self, draws: &mut Draws, out: &mut [u8], at: usize) -> usize {
        let street = self.0.names.index(draws);
        let number = self.0.number(draws);
        self.0.put_line(street, number, out, at)
    }

    fn letters(&self) -> Letters {
        self.0.names.pool.letters().and(Letters::of(0, &[b" 0123456789"]))
    }
}

/// `address`: a whole address in one line, with commas.
#[derive(Debug)]
pub struct Address {
    places: &'static Places,
    streets: &'static Streets,
}

impl Address {
    /// Makes the addresses of a locale.
    #[must_use]
    pub fn new(locale: Locale) -> Self {
        Self { places: Places::of(locale), streets: Streets::of(locale) }
    }
}

impl Provider for Address {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        let place = self.places.draw(draws);
        let code = draws.below(self.places.rest(place));
        Street(self.streets).write(draws, out);
        out.extend_from_slice(b", ");
        let city = self.places.part(Part::City);
        match self.streets.locale {
            Locale::EnUs => {
                city.append(place, out);
                out.extend_from_slice(b", ");
                self.places.part(Part::RegionCode).append(place, out);
                out.push(b' ');
                self.places.postcode(place, code, out);
            }
            Locale::EnGb => {
                city.append(place, out);
                out.extend_from_slice(b", ");
                self.places.postcode(place, code, out);
            }
            Locale::DeDe | Locale::FrFr | Locale::EsEs => {
                self.places.postcode(place, code, out);
                out.push(b' ');
                city.append(place, out);
            }
        }
    }

    fn longest(&self) -> usize {
        self.streets.longest + 5 + 2 + self.places.part(Part::City).longest() + 4 + 9
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(locale: Locale, row: u64) -> String {
        let mut out = Vec::new();
        Street(Streets::of(locale)).write(&mut Draws::new(row), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_country_has_its_order() {
        for row in 0..1000 {
            for locale in [Locale::EnUs, Locale::EnGb, Locale::FrFr] {
                let text = line(locale, row);
                assert!(text.starts_with(|c: char| ('1'..='9').contains(&c)), "{text}");
            }
            for locale in [Locale::DeDe, Locale::EsEs] {
                let text = line(locale, row);
                assert!(text.ends_with(|c: char| c.is_ascii_digit()) && !text.contains(','), "{text}");
            }
        }
    }

    #[test]
    fn streets_and_numbers_make_different_lines() {
        for (name, locale) in crate::model::generation::LOCALES {
            let street = Street(Streets::of(*locale));
            let mut seen = std::collections::BTreeSet::new();
            for number in 0..40_000 {
                let mut out = Vec::new();
                street.nth(number, &mut out);
                seen.insert(out);
            }
            assert_eq!(seen.len(), 40_000, "{name}");
            assert_eq!(street.0.names.pool.first_occurrences().len(), street.0.names.pool.len(), "{name}");
        }
    }
}
