//! URLs with a scheme, by the contract's format `url`.

use crate::analyze::semantic::Kind;
use crate::frame::judge::formats;
use crate::model::TextFormat;

pub const URL: Kind = Kind {
    name: "url",
    title: "URLs",
    personal: false,
    format: Some("url"),
    length: (8, 4096),
    least: 1,
    holds: |text| formats::holds(&TextFormat::Url, text),
};
