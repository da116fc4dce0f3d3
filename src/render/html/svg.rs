//! Drawings by hand: small SVG whose colours come from the style, each with its text for those who do not see it.

use std::fmt::Write;

use crate::render::text::{clean, share};

/// Draws a share of a whole as a bar of 56 by 10 pixels; the number stands beside it, so the bar is decoration.
#[must_use]
pub fn bar(part: u64, whole: u64) -> String {
    let width = 56.0 * ratio(part, whole);
    // What is not zero is never drawn as nothing.
    let width = if part > 0 { width.max(1.0) } else { width };
    format!(
        "<svg width=\"56\" height=\"10\" aria-hidden=\"true\"><path class=\"bar\" d=\"M0 0h{width:.1}v10H0z\"/></svg>"
    )
}

/// Draws parts of a whole as one stacked bar that takes the width it gets: class, word and count of each.
#[must_use]
pub fn stack(title: &str, parts: &[(&str, &str, u64)]) -> String {
    let whole: u64 = parts.iter().map(|(_, _, count)| count).sum();
    let words: Vec<String> =
        parts.iter().map(|(_, word, count)| format!("{count} {word} ({})", share(*count, whole))).collect();
    let mut out = format!(
        "<svg role=\"img\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-label=\"{}\">\
<rect class=\"track\" width=\"1000\" height=\"10\"/>",
        attribute(&format!("{title}: {}", words.join(", ")))
    );
    let mut x = 0.0;
    for (class, _, count) in parts {
        let width = 1000.0 * ratio(*count, whole);
        let width = if *count > 0 { width.max(2.0) } else { width };
        let _ = write!(out, "<rect class=\"{class}\" x=\"{x:.1}\" width=\"{width:.1}\" height=\"10\"/>");
        x += width;
    }
    out + "</svg>"
}

/// Draws counts as a row of small columns, 64 by 18 pixels; decoration beside the numbers.
#[must_use]
pub fn spark(counts: &[u64]) -> String {
    format!(
        "<svg width=\"64\" height=\"18\" viewBox=\"0 0 64 18\" aria-hidden=\"true\">{}</svg>",
        bars(counts, 64.0, 18.0)
    )
}

/// Draws counts as a histogram of 480 by 90 pixels between two labelled ends, told in words.
#[must_use]
pub fn histogram(words: &str, counts: &[u64], low: &str, high: &str) -> String {
    format!(
        "<svg class=\"draw\" role=\"img\" width=\"480\" height=\"90\" viewBox=\"0 0 480 90\" aria-label=\"{}\">{}\
<text x=\"0\" y=\"86\" font-size=\"12\" fill=\"currentColor\">{}</text>\
<text x=\"480\" y=\"86\" font-size=\"12\" text-anchor=\"end\" fill=\"currentColor\">{}</text></svg>",
        attribute(words),
        bars(counts, 480.0, 70.0),
        attribute(low),
        attribute(high)
    )
}

/// Draws one path of columns, so that many of them stay small.
#[expect(clippy::cast_precision_loss, reason = "a drawing")]
fn bars(counts: &[u64], width: f64, height: f64) -> String {
    let most = counts.iter().copied().max().unwrap_or(0);
    let step = width / counts.len().max(1) as f64;
    let mut path = String::new();
    for (at, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let tall = (height * ratio(*count, most)).max(1.0);
        let _ = write!(path, "M{:.1} {height}v-{tall:.1}h{:.1}v{tall:.1}z", at as f64 * step, (step - 0.5).max(0.4));
    }
    format!("<path class=\"bar\" d=\"{path}\"/>")
}

/// Gives a share from 0 to 1; 0 of nothing.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a drawing")]
pub fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64).min(1.0) }
}

/// Escapes text for an attribute or an element.
#[must_use]
pub fn attribute(text: &str) -> String {
    clean(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawings_are_closed_and_tell_their_numbers() {
        let text = stack("a\"<b>", &[("passed", "clean", 99), ("failed", "rejected", 1)]);
        assert!(text.contains("aria-label=\"a&quot;&lt;b&gt;: 99 clean (99.00%), 1 rejected (1.00%)\""), "{text}");
        assert_eq!(text.matches('<').count(), text.matches('>').count());
        assert!(bar(1, 1_000_000).contains("h1.0v"));
        assert!(bar(0, 0).contains("h0.0v"));
    }
}
