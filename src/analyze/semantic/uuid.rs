//! UUIDs with hyphens, by the contract's format `uuid`.

use crate::analyze::semantic::Kind;
use crate::frame::judge::formats;
use crate::model::TextFormat;

pub const UUID: Kind = Kind {
    name: "uuid",
    title: "UUIDs",
    personal: false,
    format: Some("uuid"),
    length: (36, 36),
    least: 1,
    holds: |text| formats::holds(&TextFormat::Uuid, text),
};
