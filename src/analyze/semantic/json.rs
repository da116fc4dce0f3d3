//! JSON objects and arrays inside a text (RFC 8259).

use serde::de::IgnoredAny;

use crate::analyze::semantic::Kind;

pub const JSON: Kind = Kind {
    name: "json",
    title: "JSON documents",
    personal: false,
    format: None,
    length: (2, 1 << 20),
    least: 1,
    holds,
};

fn holds(text: &str) -> bool {
    let text = text.trim();
    let bracketed = text.starts_with('{') && text.ends_with('}') || text.starts_with('[') && text.ends_with(']');
    bracketed && serde_json::from_str::<IgnoredAny>(text).is_ok()
}
