//! Rules of texts: a known format, a closed set, a shape, a length.

use crate::analyze::semantic::{Kind, personal};
use crate::model::draft::{ColumnDraft, Evidence, Value};
use crate::model::profile::{ColumnProfile, SemanticType};
use crate::ops::infer::suggest::numbers::distinct;
use crate::ops::infer::suggest::{Scene, Style, pattern};

/// Lengths that people write, and databases like.
const LENGTHS: &[u64] = &[20, 30, 50, 100, 150, 200, 255, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 65_535];

/// Profiles clip values to so many characters.
const CLIPPED: usize = 80;

/// Suggests rules.
pub fn suggest(draft: &mut ColumnDraft, profile: &ColumnProfile, scene: Scene) {
    let seen = profile.values();
    if seen == 0 {
        return;
    }
    let formatted = format(draft, profile, seen);
    mark_personal(draft, profile);
    if scene.style == Style::Loose || formatted {
        return;
    }
    if let Some((values, words)) = closed_set(profile, scene.style) {
        let values = values.into_iter().map(Value::Text).collect();
        draft.set("accepted_values", Value::List(values), Evidence::counted(words, seen, seen));
        return;
    }
    let shaped = pattern::of(profile, scene.style);
    // A shape says enough of a code, however long it gets.
    let is_enough = shaped.as_ref().is_some_and(|shape| shape.is_fixed || scene.style == Style::Normal);
    if let Some(shape) = shaped {
        draft.set("pattern", Value::Text(shape.pattern), Evidence::counted(shape.words, seen, seen));
    }
    if is_enough {
        return;
    }
    let Some(lengths) = profile.lengths else { return };
    if scene.style == Style::Strict {
        draft.set("min_length", Value::Plain(lengths.minimum.to_string()), Evidence::counted("shortest", seen, seen));
        let words = format!("longest, {}", distinct(profile));
        draft.set("max_length", Value::Plain(lengths.maximum.to_string()), Evidence::counted(words, seen, seen));
    } else if seen >= 20 {
        // A quarter more than the longest one so far.
        let room = lengths.maximum + lengths.maximum / 4;
        if let Some(limit) = LENGTHS.iter().find(|limit| **limit >= room) {
            let words = format!("longest {}, median {}", lengths.maximum, lengths.median);
            draft.set("max_length", Value::Plain(limit.to_string()), Evidence::counted(words, seen, seen));
        }
    }
    if scene.typed && profile.text.empty == 0 && scene.style == Style::Normal && lengths.minimum > 0 {
        draft.set("min_length", Value::Plain("1".to_owned()), Evidence::counted("never empty", seen, seen));
    }
}

/// Suggests a format that every value has; gives whether it did.
fn format(draft: &mut ColumnDraft, profile: &ColumnProfile, seen: u64) -> bool {
    let whole = |found: &&SemanticType| found.share >= 1.0 || found.count >= seen;
    for found in profile.semantic.iter().filter(whole) {
        let Some(kind) = Kind::find(&found.kind) else { continue };
        let Some(format) = kind.format else { continue };
        // Two letters are soon a country, and three a currency: their column must be called so.
        let named = format!(" {} ", personal::words(&profile.name));
        let short = match format {
            "iso_country" => Some(["country", "nation", "iso"]),
            "iso_currency" => Some(["currency", "ccy", "iso"]),
            _ => None,
        };
        if short.is_some_and(|words| !words.iter().any(|word| named.contains(&format!(" {word}")))) {
            continue;
        }
        draft.set("format", Value::Text(format.to_owned()), Evidence::counted(kind.title, seen, seen));
        return true;
    }
    false
}

fn mark_personal(draft: &mut ColumnDraft, profile: &ColumnProfile) {
    let by_look = profile.semantic.iter().filter(|found| found.share >= 0.9).find_map(|found| {
        let kind = Kind::find(&found.kind)?;
        kind.personal.then(|| format!("the values look like {}", kind.title))
    });
    let by_name = || personal::by_name(&profile.name).map(|what| format!("the name says that it holds {what}"));
    if let Some(words) = by_look.or_else(by_name) {
        draft.set("pii", Value::Plain("true".to_owned()), Evidence::words(words));
    }
}

/// Few values that come again and again are a closed set: Good and Turing's estimate of a value not seen yet is the share
/// of those seen once, and here there are none.
fn closed_set(profile: &ColumnProfile, style: Style) -> Option<(Vec<String>, String)> {
    let top = profile.top.as_ref().filter(|top| top.complete && top.max_error == 0)?;
    let (seen, count) = (profile.values(), top.values.len() as u64);
    let (most, least_each, share) = if style == Style::Strict { (50, 1, 2) } else { (24, 2, 5) };
    let few = count > 0 && count <= most && count * share <= seen;
    let again = top.values.iter().all(|value| value.count >= least_each && value.value.chars().count() < CLIPPED);
    // One value alone says nothing about the next.
    if !few || !again || count < 2 || profile.personal.as_ref().is_some_and(|_| count > 5) {
        return None;
    }
    let rarest = top.values.iter().map(|value| value.count).min().unwrap_or(0);
    let mut values: Vec<String> = top.values.iter().map(|value| value.value.clone()).collect();
    values.sort();
    Some((values, format!("{count} different, the rarest stands {rarest} times")))
}
