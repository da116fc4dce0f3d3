//! Reports as one HTML file that people send to each other: no request, readable without JavaScript, light and dark.
//!
//! `base.html` is the frame, `style.css` and `script.js` are its looks and its sorting and filtering; each report is a
//! template that fills the frame. A Content-Security-Policy forbids everything but the style and this very script, so
//! no value of the data can run, even if an escape were missing. Cell values pass [`crate::render::text::clean`] and
//! are escaped by the template engine.

pub mod check;
pub mod profile;
pub mod svg;

use std::fmt::Write;

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::model::binary::to_base64;

const BASE: &str = include_str!("base.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// What every template is given.
#[derive(Serialize)]
struct Frame<'a, V> {
    title: &'a str,
    version: &'a str,
    style: &'a str,
    script: &'a str,
    script_hash: String,
    /// JSON that cannot leave its element.
    data: String,
    #[serde(flatten)]
    view: &'a V,
}

/// Fills a template that extends `base.html`. `data` is embedded as JSON, the fields of `view` are the template's own.
pub(crate) fn fill(
    template: &'static str,
    title: &str,
    version: &str,
    data: &impl Serialize,
    view: &impl Serialize,
) -> String {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    let data = embedded(&serde_json::to_string(data).unwrap_or_default());
    let frame = Frame { title, version, style: STYLE, script: SCRIPT, script_hash: script_hash(), data, view };
    let filled = engine
        .add_template("base.html", BASE)
        .and_then(|()| engine.add_template("page.html", template))
        .and_then(|()| engine.get_template("page.html")?.render(Value::from(Serde(&frame))));
    // Templates are part of the program and tested: an error is a mistake in them, not in the data.
    let page =
        filled.unwrap_or_else(|error| format!("<!doctype html><title>karat</title><p>This page is broken: {error:#}"));
    page + "\n"
}

/// Gives the source expression that lets a Content-Security-Policy admit the script.
fn script_hash() -> String {
    format!("sha256-{}", to_base64(&Sha256::digest(SCRIPT.as_bytes())))
}

/// Makes JSON harmless inside a `script` element: what HTML, an editor or a terminal could take for more than text is
/// written as `\uXXXX`, which JSON reads back.
fn embedded(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        if matches!(character, '<' | '>' | '&') || crate::render::text::is_hidden(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_data_cannot_leave_its_element() {
        let value = serde_json::json!({"v": "</script><!-- \u{202e}\u{2028} \u{e0041} &amp;"});
        let text = embedded(&value.to_string());
        assert!(text.is_ascii() && !text.contains(['<', '>', '&']), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }

    #[test]
    fn the_script_stays_small_and_inside_its_element() {
        assert!(SCRIPT.len() < 10_000 && !SCRIPT.contains("</"), "{}", SCRIPT.len());
        assert!(!STYLE.contains("</") && !STYLE.contains("url("));
    }
}
