//! Bank accounts, by the contract's format `iban`: country, length and check digits.

use crate::analyze::semantic::Kind;
use crate::frame::judge::formats;
use crate::model::TextFormat;

pub const IBAN: Kind = Kind {
    name: "iban",
    title: "IBANs",
    personal: true,
    format: Some("iban"),
    length: (15, 42),
    least: 1,
    holds: |text| formats::holds(&TextFormat::Iban, text),
};
