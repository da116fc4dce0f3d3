//! Social security numbers of the United States, with hyphens: no area 000, 666 or 9xx, no group 00, no serial 0000.

use crate::analyze::semantic::Kind;

pub const SSN: Kind = Kind {
    name: "us_ssn",
    title: "US social security numbers",
    personal: true,
    format: None,
    length: (11, 11),
    least: 2,
    holds,
};

fn holds(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [area, group, serial] = parts.as_slice() else { return false };
    let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(area, 3)
        && digits(group, 2)
        && digits(serial, 4)
        && !matches!(*area, "000" | "666")
        && !area.starts_with('9')
        && *group != "00"
        && *serial != "0000"
}
