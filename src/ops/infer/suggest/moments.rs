//! Bounds of moments: past days stay past.

use crate::model::DataType;
use crate::model::draft::{ColumnDraft, Evidence, Value};
use crate::model::profile::ColumnProfile;
use crate::model::temporal::Pattern;
use crate::ops::infer::suggest::{Scene, Style, Typed};

/// Suggests `maximum: today` where no value lies ahead, or the ends as seen.
pub fn suggest(draft: &mut ColumnDraft, profile: &ColumnProfile, typed: &Typed, scene: Scene) {
    let (Some(low), Some(high)) = (&profile.minimum, &profile.maximum) else { return };
    let seen = profile.values();
    let own = typed.format.as_ref().and_then(|format| Pattern::new(format).ok());
    // Profiles write moments as ISO 8601, in UTC.
    let plain = Pattern::default_for(&DataType::Timestamp);
    let read = |text: &str| {
        let micros = plain.timestamp(text.as_bytes());
        micros.or_else(|| Pattern::default_for(&DataType::Date).timestamp(text.as_bytes()))
    };
    if scene.style == Style::Strict {
        let pattern = own.unwrap_or_else(|| Pattern::default_for(&typed.data_type));
        let mut bound = |key, text: &str, words: String| {
            let Some(micros) = read(text).filter(|micros| micros.rem_euclid(pattern.step()) == 0) else { return };
            let mut written = Vec::new();
            pattern.write(micros, &mut written);
            let Ok(written) = String::from_utf8(written) else { return };
            draft.set(key, Value::Text(written), Evidence::counted(words, seen, seen));
        };
        bound("minimum", low, format!("first {low}"));
        bound("maximum", high, format!("last {high}"));
        return;
    }
    let last = read(high).map(|micros| micros.div_euclid(86_400_000_000));
    let sentinels = profile.dates.as_ref().is_some_and(|dates| dates.sentinels > 0);
    if last.is_some_and(|last| last < i64::from(scene.today)) && seen >= 30 && !sentinels {
        let word = if typed.data_type == DataType::Date { "today" } else { "now" };
        draft.set(
            "maximum",
            Value::Plain(word.to_owned()),
            Evidence::counted(format!("last {high}, none lies ahead"), seen, seen),
        );
    }
}
