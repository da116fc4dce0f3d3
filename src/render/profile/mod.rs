//! A profile as text for the terminal and as JSON.

mod card;
mod table;
#[cfg(test)]
mod tests;

use crate::model::Profile;

pub use card::card;
pub use table::{approximate, bytes, percent, text};

/// A form of profile that a file may have.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    pub name: &'static str,
    pub render: fn(&Profile) -> String,
}

/// Every form, sorted by name.
pub const FORMS: &[Form] = &[
    Form { name: "html", render: crate::render::html::profile::render },
    Form { name: "json", render: json },
    Form { name: "text", render: plain },
];

/// Writes the whole profile as JSON, indented but for the states, with a final newline.
#[must_use]
pub fn json(profile: &Profile) -> String {
    let mut shown = profile.clone();
    let mark = |at: usize| format!("\0{at}");
    let mut states = Vec::new();
    for (at, table) in shown.tables.iter_mut().enumerate() {
        states.push(table.state.take());
        table.state = states.last().and_then(Option::as_ref).map(|_| serde_json::Value::String(mark(at)));
    }
    let mut text = serde_json::to_string_pretty(&shown).unwrap_or_default();
    for (at, state) in states.iter().enumerate() {
        let Some(state) = state.as_ref().and_then(|state| serde_json::to_string(state).ok()) else { continue };
        // No value looks so: the quotes inside a text are escaped.
        let place = format!("\"state\": {}", serde_json::Value::String(mark(at)));
        text = text.replacen(&place, &format!("\"state\": {state}"), 1);
    }
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
