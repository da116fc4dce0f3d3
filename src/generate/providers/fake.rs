//! The `fake` crate as a source of data: its fakers by their path there (`company.Buzzword`).
//!
//! At start some thousand values of a faker are drawn and kept, each once; rows then pick among them, all alike. That
//! is fast, and where the faker is a plain list it is the list. What is kept depends on the version of that crate:
//! equal seeds promise equal values only with equal versions of it. It has no Spanish; English stands in there.

use std::convert::Infallible;

use fake::Fake as _;
use fake::faker::{
    address, automotive, barcode, company, creditcard, currency, filesystem, finance, internet, job, lorem, markdown,
    name, number, phone_number,
};
use fake::locales::{DE_DE, EN, FR_FR};

use crate::generate::providers::Provider;
use crate::generate::providers::listed::Listed;
use crate::generate::providers::pool::List;
use crate::generate::random::Draws;
use crate::model::Locale;

/// How many values of a faker are drawn.
const DRAWN: usize = 4096;
/// A list is taken to be complete after so many draws a found value that brought nothing new.
const ENOUGH: usize = 24;

/// Draws as the random numbers of the `rand` crates.
#[derive(Debug)]
struct Source(Draws);

impl rand_core::TryRng for Source {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.0.bits() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.bits())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let drawn = self.0.bits().to_le_bytes();
            chunk.iter_mut().zip(drawn).for_each(|(place, byte)| *place = byte);
        }
        Ok(())
    }
}

type Draw = fn(Locale, &mut Source) -> String;

/// A faker by its path, in the locales there are.
macro_rules! faker {
    ($module:ident.$name:ident $(, $argument:expr)*) => {
        (concat!(stringify!($module), ".", stringify!($name)), |locale, source| match locale {
            Locale::DeDe => $module::raw::$name(DE_DE $(, $argument)*).fake_with_rng::<String, _>(source),
            Locale::FrFr => $module::raw::$name(FR_FR $(, $argument)*).fake_with_rng::<String, _>(source),
            Locale::EnUs | Locale::EnGb | Locale::EsEs => {
                $module::raw::$name(EN $(, $argument)*).fake_with_rng::<String, _>(source)
            }
        })
    };
}

/// A faker that one locale alone has.
macro_rules! only {
    ($module:ident.$name:ident, $locale:ident) => {
        (concat!(stringify!($module), ".", stringify!($name)), |_, source| {
            $module::raw::$name($locale).fake_with_rng::<String, _>(source)
        })
    };
}

/// The fakers, sorted by path.
const FAKERS: &[(&str, Draw)] = &[
    faker!(address.BuildingNumber),
    faker!(address.CityName),
    faker!(address.CityPrefix),
    faker!(address.CitySuffix),
    faker!(address.CountryCode),
    faker!(address.CountryName),
    faker!(address.Latitude),
    faker!(address.Longitude),
    faker!(address.PostCode),
    faker!(address.SecondaryAddress),
    faker!(address.SecondaryAddressType),
    faker!(address.StateAbbr),
    faker!(address.StateName),
    faker!(address.StreetName),
    faker!(address.StreetSuffix),
    faker!(address.TimeZone),
    faker!(address.ZipCode),
    only!(automotive.LicencePlate, FR_FR),
    faker!(barcode.Isbn),
    faker!(barcode.Isbn10),
    faker!(barcode.Isbn13),
    faker!(company.Bs),
    faker!(company.BsAdj),
    faker!(company.BsNoun),
    faker!(company.BsVerb),
    faker!(company.Buzzword),
    faker!(company.BuzzwordMiddle),
    faker!(company.BuzzwordTail),
    faker!(company.CatchPhrase),
    faker!(company.CompanyName),
    faker!(company.CompanySuffix),
    faker!(company.Industry),
    faker!(company.Profession),
    faker!(creditcard.CreditCardNumber),
    faker!(currency.CurrencyCode),
    faker!(currency.CurrencyName),
    faker!(currency.CurrencySymbol),
    faker!(filesystem.DirPath),
    faker!(filesystem.FileExtension),
    faker!(filesystem.FileName),
    faker!(filesystem.FilePath),
    faker!(filesystem.MimeType),
    faker!(filesystem.Semver),
    faker!(finance.Bic),
    faker!(finance.Isin),
    faker!(internet.DomainSuffix),
    faker!(internet.FreeEmail),
    faker!(internet.FreeEmailProvider),
    faker!(internet.IPv4),
    faker!(internet.IPv6),
    faker!(internet.MACAddress),
    faker!(internet.Password, 8..20),
    faker!(internet.SafeEmail),
    faker!(internet.UserAgent),
    faker!(internet.Username),
    faker!(job.Field),
    faker!(job.Position),
    faker!(job.Seniority),
    faker!(job.Title),
    faker!(lorem.Paragraph, 3..6),
    faker!(lorem.Sentence, 4..10),
    faker!(lorem.Word),
    faker!(markdown.BoldWord),
    faker!(markdown.ItalicWord),
    faker!(markdown.Link),
    faker!(name.FirstName),
    faker!(name.LastName),
    faker!(name.Name),
    faker!(name.NameWithTitle),
    faker!(name.Suffix),
    faker!(name.Title),
    faker!(number.Digit),
    faker!(phone_number.CellNumber),
    faker!(phone_number.PhoneNumber),
];

/// Finds a faker and keeps its values.
pub fn find(path: &str, locale: Locale) -> Option<Box<dyn Provider>> {
    // The crate writes the British spelling; both are understood.
    let path = if path == "automotive.LicensePlate" { "automotive.LicencePlate" } else { path };
    let (_, draw) = FAKERS.iter().find(|(listed, _)| *listed == path)?;
    let mut source = Source(Draws::new(0x6661_6b65));
    let mut values: Vec<String> = Vec::new();
    let mut fresh = 0;
    let mut seen = std::collections::BTreeSet::new();
    for number in 0..DRAWN {
        let value = draw(locale, &mut source);
        if seen.insert(value.clone()) {
            values.push(value);
            fresh = number;
        } else if number - fresh > 256 + ENOUGH * values.len() {
            break;
        }
    }
    Some(Box::new(Listed::new(List::new(values.iter().map(|value| (value.as_str(), 1))))))
}

/// Names the fakers there are.
pub fn paths() -> impl Iterator<Item = &'static str> {
    FAKERS.iter().map(|(path, _)| *path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::generation::LOCALES;

    #[test]
    fn every_faker_gives_values_in_every_locale() {
        for path in paths() {
            for (name, locale) in LOCALES.iter().skip(1) {
                let provider = find(path, *locale).unwrap();
                assert!(provider.values().unwrap() > 0, "{path} {name}");
                for row in 0..50 {
                    let mut out = Vec::new();
                    provider.write(&mut Draws::new(row), &mut out);
                    assert!(std::str::from_utf8(&out).unwrap().chars().count() <= provider.longest(), "{path}");
                }
            }
        }
        assert!(find("company.Nonsense", Locale::EnUs).is_none());
        assert!(find("automotive.LicensePlate", Locale::EnUs).is_some());
    }

    #[test]
    fn paths_are_sorted() {
        assert!(FAKERS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
