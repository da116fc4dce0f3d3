//! A profile as text for the terminal and as JSON.

mod card;
mod table;
#[cfg(test)]
mod tests;

use crate::model::Profile;

pub use card::card;
pub use table::text;

/// A form of profile that a file may have.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    pub name: &'static str,
    pub render: fn(&Profile) -> String,
}

/// Every form, sorted by name.
pub const FORMS: &[Form] = &[Form { name: "json", render: json }, Form { name: "text", render: plain }];

/// Writes the whole profile as JSON, indented, with a final newline.
#[must_use]
pub fn json(profile: &Profile) -> String {
    let mut text = serde_json::to_string_pretty(profile).unwrap_or_default();
    text.push('\n');
    text
}

/// Reads a profile back.
///
/// # Errors
/// Those of `serde_json`, where the text is no profile.
pub fn parse(text: &str) -> Result<Profile, serde_json::Error> {
    serde_json::from_str(text)
}

/// Writes the profile without colour, as wide as it is.
#[must_use]
pub fn plain(profile: &Profile) -> String {
    text(profile, crate::render::text::Style { width: usize::MAX, ..crate::render::text::Style::plain() })
}
