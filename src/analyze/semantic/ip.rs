//! Addresses of the internet protocol, by the contract's formats.

use crate::analyze::semantic::Kind;
use crate::frame::judge::formats;
use crate::model::TextFormat;

pub const IPV4: Kind = Kind {
    name: "ipv4",
    title: "IPv4 addresses",
    personal: true,
    format: Some("ipv4"),
    length: (7, 15),
    least: 2,
    holds: |text| formats::holds(&TextFormat::Ipv4, text),
};

pub const IPV6: Kind = Kind {
    name: "ipv6",
    title: "IPv6 addresses",
    personal: true,
    format: Some("ipv6"),
    length: (2, 45),
    least: 2,
    holds: |text| text.contains(':') && formats::holds(&TextFormat::Ipv6, text),
};
