//! Providers: realistic values by name, one file each; and text made from a pattern.

#![expect(clippy::cast_possible_truncation, reason = "parts of random bits and single digits are what is wanted")]

use crate::frame::drawn::{Author, Letters};
use crate::generate::random::Draws;
use crate::model::Locale;

mod codes;
mod company;
mod email;
mod fake;
mod guess;
mod iban;
mod listed;
mod lists;
mod network;
pub mod pattern;
mod person;
mod phone;
mod place;
mod pool;
mod product;
mod radix;
mod slug;
mod street;
mod text;

pub use guess::{by_column_name, by_format};

use codes::{Card, Ean13, Isbn13, Uuid, Vin};
use listed::Listed;
use person::{FirstName, LastName, People, PersonName};
use place::{Part, PlacePart};
use radix::Coded;
use street::{Street, StreetName, StreetNumber, Streets};
use text::{Paragraph, Sentence, Text, Title, Word, Words};

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

    /// Appends a drawn value with a number in it (`ann.lee42@example.com`): different numbers give different values
    /// whatever is drawn. Tells whether the provider can do so; else nothing is appended.
    fn numbered(&self, _draws: &mut Draws, _number: u64, _out: &mut Vec<u8>) -> bool {
        false
    }

    /// The most characters (code points) a value has; the digits of [`Provider::numbered`] come on top.
    fn longest(&self) -> usize;

    /// Gives the provider as an author, where it is [`Quick`]: of the number of a cell's draws it writes the same value
    /// as [`Provider::write`].
    fn author(&self) -> Option<&dyn Author> {
        None
    }
}

/// A provider whose values are short pieces, written straight to their place.
trait Quick: std::fmt::Debug + Send + Sync {
    /// Writes one value from a place on, as the functions of [`crate::frame::text`] do.
    fn put(&self, draws: &mut Draws, out: &mut [u8], at: usize) -> usize;

    /// Says what the values are made of.
    fn letters(&self) -> Letters;
}

impl<T: Quick> Author for T {
    #[inline]
    fn put(&self, number: u64, out: &mut [u8], at: usize) -> usize {
        Quick::put(self, &mut Draws::new(number), out, at)
    }

    fn letters(&self) -> Letters {
        Quick::letters(self)
    }
}

/// Appends a value of a quick provider.
#[inline]
fn append(quick: &impl Quick, draws: &mut Draws, out: &mut Vec<u8>) {
    let before = *draws;
    crate::frame::text::append(out, |out, at| {
        *draws = before;
        quick.put(draws, out, at)
    });
}

/// Providers that tell of one thing where they read the same draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// `first_name`, `last_name`, `person_name`, `email`, `user_name`.
    Person,
    /// `city`, `state`, `state_code`, `postcode`, `address`.
    Place,
    /// `country`, `country_code`, `currency_code`.
    Country,
}

/// A provider in the list.
struct Kind {
    name: &'static str,
    line: &'static str,
    family: Option<Family>,
    make: fn(Locale) -> Option<Box<dyn Provider>>,
}

/// Lists a provider.
const fn kind(name: &'static str, line: &'static str, make: fn(Locale) -> Option<Box<dyn Provider>>) -> Kind {
    Kind { name, line, family: None, make }
}

/// Lists a provider of a family.
const fn member(
    family: Family,
    name: &'static str,
    line: &'static str,
    make: fn(Locale) -> Option<Box<dyn Provider>>,
) -> Kind {
    Kind { name, line, family: Some(family), make }
}

#[expect(clippy::unnecessary_wraps, reason = "all makers have one shape")]
fn some(provider: impl Provider + 'static) -> Option<Box<dyn Provider>> {
    Some(Box::new(provider))
}

/// All providers, in alphabetical order.
const KINDS: &[Kind] = &[
    member(Family::Place, "address", "whole address in one line", |l| some(street::Address::new(l))),
    member(Family::Place, "city", "city, by its size", |l| some(PlacePart::new(l, Part::City))),
    kind("color", "color by its English name in CSS", |_| some(Listed::parse(lists::COLORS))),
    kind("company", "company by its name", |l| some(company::Company::new(l))),
    member(Family::Country, "country", "country by its name", |l| some(country(l))),
    member(Family::Country, "country_code", "ISO 3166-1 alpha-2", |_| some(Listed::column(lists::COUNTRIES, 0))),
    kind("credit_card", "card number of sixteen digits, of ranges for tests", |_| some(Coded(Card))),
    member(Family::Country, "currency_code", "ISO 4217", |_| some(Listed::column(lists::COUNTRIES, 1))),
    kind("department", "category of a shop, in English", |_| some(Listed::parse(lists::DEPARTMENTS))),
    kind("domain", "domain that belongs to nobody", |l| some(network::Domain::new(l))),
    kind("ean13", "EAN-13 with its check digit", |l| some(Coded(ean13(l)))),
    member(Family::Person, "email", "e-mail address made of a name", |l| some(email::Email::new(l))),
    member(Family::Person, "first_name", "first name, by how common it is", |l| some(FirstName(People::of(l)))),
    kind("iban", "IBAN with its check digits", |l| some(Coded(iban::Iban(l)))),
    kind("ipv4", "IPv4 address", |_| some(Coded(network::Ipv4::new()))),
    kind("ipv6", "IPv6 address of the range for documentation", |_| some(network::Ipv6)),
    kind("isbn13", "ISBN-13 with its check digit", |_| some(Coded(Isbn13))),
    kind("job", "job title", |l| some(Listed::parse(lists::of(l).jobs))),
    member(Family::Person, "last_name", "last name, by how common it is", |l| some(LastName(People::of(l)))),
    kind("license_plate", "number plate", |l| pattern::compile(plate(l), (1, 20)).ok()),
    kind("mac", "MAC address for local use", |_| some(Coded(network::Mac))),
    kind("paragraph", "one to four sentences in one line", |l| some(Paragraph(Words::of(l)))),
    member(Family::Person, "person_name", "first and last name, one in twenty with a title", |l| {
        some(PersonName(People::of(l)))
    }),
    kind("phone", "telephone number with its country's code", |l| some(phone::Phone::spaced(l))),
    kind("phone_e164", "telephone number in the form of E.164", |l| some(phone::Phone::e164(l))),
    member(Family::Place, "postcode", "postcode of a city", |l| some(place::Postcode::new(l))),
    kind("product_name", "product by its name, in English", |_| some(product::ProductName::new())),
    member(Family::Place, "region", "the same as state", |l| some(PlacePart::new(l, Part::Region))),
    kind("sentence", "three to eight words and a full stop", |l| some(Sentence(Words::of(l)))),
    kind("sku", "article number: three letters, a hyphen, six digits", |_| {
        pattern::compile("[A-Z]{3}-[0-9]{6}", (1, 20)).ok()
    }),
    kind("slug", "short text as in addresses, such as lay-raise-best-end", |l| some(slug::Slug::new(Words::of(l)))),
    member(Family::Place, "state", "state or region of a city", |l| some(PlacePart::new(l, Part::Region))),
    member(Family::Place, "state_code", "its code, ISO 3166-2 without the country", |l| {
        some(PlacePart::new(l, Part::RegionCode))
    }),
    kind("street", "street with a number", |l| some(Street(Streets::of(l)))),
    kind("street_name", "street without a number", |l| some(StreetName(Streets::of(l)))),
    kind("street_number", "house number", |l| some(StreetNumber(Streets::of(l)))),
    kind("text", "paragraphs up to 200 characters, most with a line feed inside", |l| some(Text(Words::of(l)))),
    kind("title", "two to five words with capitals", |l| some(Title(Words::of(l)))),
    kind("url", "URL of a domain that belongs to nobody", |l| some(network::Url::new(l))),
    member(Family::Person, "user_name", "user name made of a name", |l| some(email::UserName::new(l))),
    kind("uuid", "UUID of version 4", |_| some(Uuid)),
    kind("vin", "vehicle identification number with its check digit", |_| some(Coded(Vin))),
    kind("word", "common word", |l| some(Word(Words::of(l)))),
];

/// Finds a provider by its name in a contract (`person_name`).
#[must_use]
pub fn find(name: &str, locale: Locale) -> Option<Box<dyn Provider>> {
    KINDS.iter().find(|kind| kind.name == name).and_then(|kind| (kind.make)(locale))
}

/// Names all providers with a line each, in alphabetical order.
#[must_use]
pub fn all() -> Vec<(&'static str, &'static str)> {
    KINDS.iter().map(|kind| (kind.name, kind.line)).collect()
}

/// Gives the family of a provider: columns of one family that read the same draws tell of one person, place or country.
#[must_use]
pub fn family(name: &str) -> Option<Family> {
    KINDS.iter().find(|kind| kind.name == name).and_then(|kind| kind.family)
}

/// Finds a word list of the `fake` crate by its path there (`company.Buzzword`).
#[must_use]
pub fn fake(path: &str, locale: Locale) -> Option<Box<dyn Provider>> {
    fake::find(path, locale)
}

/// Names the word lists of the `fake` crate, sorted.
#[must_use]
pub fn fakes() -> Vec<&'static str> {
    fake::paths().collect()
}

fn country(locale: Locale) -> Listed {
    let column = match locale {
        Locale::EnUs | Locale::EnGb => 2,
        Locale::DeDe => 3,
        Locale::FrFr => 4,
        Locale::EsEs => 5,
    };
    Listed::column(lists::COUNTRIES, column)
}

/// The ranges GS1 gave to the organisations of these countries.
const fn ean13(locale: Locale) -> Ean13 {
    match locale {
        Locale::EnUs => Ean13::new(60, 80),
        Locale::EnGb => Ean13::new(500, 10),
        Locale::DeDe => Ean13::new(400, 41),
        Locale::FrFr => Ean13::new(300, 80),
        Locale::EsEs => Ean13::new(840, 10),
    }
}

const fn plate(locale: Locale) -> &'static str {
    match locale {
        Locale::EnUs => "[A-HJ-NPR-Z]{3}-[0-9]{4}",
        Locale::EnGb => "[A-HJ-PR-Y]{2}[1-7][0-9] [A-HJ-PR-Z]{3}",
        Locale::DeDe => "[A-Z]{2}-[A-Z]{2} [1-9][0-9]{3}",
        Locale::FrFr => "[A-HJ-NP-TV-Z]{2}-[0-9]{3}-[A-HJ-NP-TV-Z]{2}",
        Locale::EsEs => "[0-9]{4} [BCDFGHJKLMNPRSTVWXYZ]{3}",
    }
}

#[cfg(test)]
mod tests;
