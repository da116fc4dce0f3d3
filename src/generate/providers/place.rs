//! Places: cities by their size, with the region and the postcodes that belong to them.
//!
//! All providers of the family draw the place first, so that columns which share a stream tell of one place.

use crate::frame::drawn::{Author, Letters};
use crate::generate::providers::lists::{self, PerLocale};
use crate::generate::providers::pool::{Alias, Pool};
use crate::generate::providers::radix::{pad, plain, scatter};
use crate::generate::providers::{Provider, Quick, append};
use crate::generate::random::Draws;
use crate::model::Locale;

/// One locale's places.
#[derive(Debug)]
pub struct Places {
    alias: Alias,
    cities: Pool,
    /// By place: the codes and the names of the regions, and how postcodes begin.
    codes: Pool,
    regions: Pool,
    prefixes: Pool,
    locale: Locale,
}

/// Which part of a place a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    City,
    Region,
    RegionCode,
}

impl Places {
    /// Gives the places of a locale.
    #[must_use]
    pub fn of(locale: Locale) -> &'static Self {
        static PLACES: PerLocale<Places> = PerLocale::new();
        PLACES.of(locale, Self::new)
    }

    fn new(locale: Locale) -> Self {
        let lists = lists::of(locale);
        let column =
            |column: usize| lists.places.lines().map(move |line| line.split('\t').nth(column).unwrap_or_default());
        let name = |code: &str| {
            let found =
                lists.regions.lines().filter_map(|line| line.split_once('\t')).find(|(listed, _)| *listed == code);
            found.map_or("", |(_, name)| name)
        };
        let weights: Vec<u64> = column(3).map(|weight| weight.parse().unwrap_or(1)).collect();
        Self {
            alias: Alias::new(&weights),
            cities: Pool::new(column(0)),
            codes: Pool::new(column(1)),
            regions: Pool::new(column(1).map(name)),
            prefixes: Pool::new(column(2)),
            locale,
        }
    }

    /// Draws a place's number: what all providers of the family draw first.
    #[inline]
    pub fn draw(&self, draws: &mut Draws) -> usize {
        self.alias.pick(draws.bits())
    }

    /// Gives a part of a place.
    #[must_use]
    pub fn part(&self, part: Part) -> &Pool {
        match part {
            Part::City => &self.cities,
            Part::Region => &self.regions,
            Part::RegionCode => &self.codes,
        }
    }

    /// Appends a postcode of a place: its beginning and a number below [`Places::rest`].
    pub fn postcode(&self, place: usize, number: u64, out: &mut Vec<u8>) {
        /// What British postcodes end in.
        const LETTERS: &[u8; 20] = b"ABDEFGHJLNPQRSTUWXYZ";
        let prefix = self.prefixes.get(place);
        self.prefixes.append(place, out);
        if self.locale != Locale::EnGb {
            pad(number, 5usize.saturating_sub(prefix.len()), out);
            return;
        }
        let letter = |number: u64| LETTERS[usize::try_from(number % 20).unwrap_or(0)];
        plain(number / 4000 + 1, out);
        out.push(b' ');
        pad(number / 400 % 10, 1, out);
        out.push(letter(number / 20));
        out.push(letter(number));
    }

    /// Counts the postcodes of a place.
    #[must_use]
    pub fn rest(&self, place: usize) -> u64 {
        match self.locale {
            Locale::EnGb => 20 * 10 * 20 * 20,
            _ if self.prefixes.get(place).len() == 2 => 1000,
            _ => 100,
        }
    }
}

/// `city`, `state`, `state_code`.
#[derive(Debug)]
pub struct PlacePart {
    places: &'static Places,
    part: Part,
    different: Box<[u32]>,
}

impl PlacePart {
    /// Makes the provider of one part.
    #[must_use]
    pub fn new(locale: Locale, part: Part) -> Self {
        let places = Places::of(locale);
        Self { places, part, different: places.part(part).first_occurrences() }
    }
}

impl Provider for PlacePart {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        append(self, draws, out);
    }

    fn values(&self) -> Option<u128> {
        Some(self.different.len() as u128)
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        let index = usize::try_from(number).ok().and_then(|number| self.different.get(number));
        self.places.part(self.part).append(index.map_or(usize::MAX, |index| *index as usize), out);
    }

    fn longest(&self) -> usize {
        self.places.part(self.part).longest()
    }

    fn author(&self) -> Option<&dyn Author> {
        Some(self)
    }
}

impl Quick for PlacePart {
    #[inline]
    fn put(&self, draws: &mut Draws, out: &mut [u8], at: usize) -> usize {
        self.places.part(self.part).put(self.places.draw(draws), out, at)
    }

    fn letters(&self) -> Letters {
        self.places.part(self.part).letters()
    }
}

/// `postcode`.
#[derive(Debug)]
pub struct Postcode {
    places: &'static Places,
    /// Places whose postcodes begin differently.
    different: Box<[u32]>,
}

impl Postcode {
    /// Makes the postcodes of a locale.
    #[must_use]
    pub fn new(locale: Locale) -> Self {
        let places = Places::of(locale);
        Self { places, different: places.prefixes.first_occurrences() }
    }
}

impl Provider for Postcode {
    #[inline]
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        let place = self.places.draw(draws);
        let number = draws.below(self.places.rest(place));
        self.places.postcode(place, number, out);
    }

    fn values(&self) -> Option<u128> {
        Some(self.different.len() as u128 * u128::from(self.places.rest(0)))
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        let ([place, number], _) = scatter(number, [self.different.len() as u64, self.places.rest(0)]);
        let place = usize::try_from(place).ok().and_then(|place| self.different.get(place));
        self.places.postcode(place.map_or(0, |place| *place as usize), number, out);
    }

    fn longest(&self) -> usize {
        if self.places.locale == Locale::EnGb { 8 } else { 5 }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::generation::LOCALES;

    #[test]
    fn postcodes_have_their_countrys_shape() {
        let british = regex::Regex::new("^[A-Z]{1,2}[0-9]{1,2} [0-9][ABD-HJLNP-UW-Z]{2}$").unwrap();
        let digits = regex::Regex::new("^[0-9]{5}$").unwrap();
        for (_, locale) in LOCALES {
            let shape = if *locale == Locale::EnGb { &british } else { &digits };
            let provider = Postcode::new(*locale);
            let count = provider.values().unwrap();
            let mut all = BTreeSet::new();
            for number in 0..count.min(20_000) {
                let mut out = Vec::new();
                provider.nth(number, &mut out);
                all.insert(String::from_utf8(out).unwrap());
                let mut out = Vec::new();
                provider.write(&mut Draws::new(number as u64), &mut out);
                assert!(shape.is_match(std::str::from_utf8(&out).unwrap()));
                assert!(out.len() <= provider.longest());
            }
            assert!(all.iter().all(|code| shape.is_match(code)));
            assert_eq!(all.len() as u128, count.min(20_000));
        }
    }

    #[test]
    fn each_place_has_as_many_postcodes() {
        for (_, locale) in LOCALES {
            let places = Places::of(*locale);
            assert!((0..places.cities.len()).all(|place| places.rest(place) == places.rest(0)));
        }
    }

    #[test]
    fn the_parts_of_a_place_agree() {
        for row in 0..500 {
            let write = |provider: &dyn Provider| {
                let mut out = Vec::new();
                provider.write(&mut Draws::new(row), &mut out);
                String::from_utf8(out).unwrap()
            };
            let city = write(&PlacePart::new(Locale::EnUs, Part::City));
            let line = format!("{city}\t{}\t", write(&PlacePart::new(Locale::EnUs, Part::RegionCode)));
            let start = &write(&Postcode::new(Locale::EnUs))[..3];
            let found = lists::of(Locale::EnUs).places.lines().find(|place| place.starts_with(&line));
            assert!(found.is_some_and(|place| place.contains(&format!("\t{start}\t"))), "{line} {start}");
        }
    }
}
