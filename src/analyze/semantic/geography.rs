//! Codes of countries and currencies, by the contract's formats (ISO 3166-1 alpha-2, ISO 4217).

use crate::analyze::semantic::Kind;
use crate::frame::judge::formats;
use crate::model::TextFormat;

pub const COUNTRY: Kind = Kind {
    name: "country_code",
    title: "country codes",
    personal: false,
    format: Some("iso_country"),
    length: (2, 2),
    // Two letters are soon a country.
    least: 3,
    holds: |text| formats::holds(&TextFormat::IsoCountry, text),
};

pub const CURRENCY: Kind = Kind {
    name: "currency_code",
    title: "currency codes",
    personal: false,
    format: Some("iso_currency"),
    length: (3, 3),
    least: 2,
    holds: |text| formats::holds(&TextFormat::IsoCurrency, text),
};
