//! Email addresses, by the contract's format `email`.

use crate::analyze::semantic::Kind;
use crate::frame::judge::formats;
use crate::model::TextFormat;

pub const EMAIL: Kind = Kind {
    name: "email",
    title: "email addresses",
    personal: true,
    format: Some("email"),
    length: (6, 254),
    least: 1,
    holds: |text| text.contains('@') && formats::holds(&TextFormat::Email, text),
};
