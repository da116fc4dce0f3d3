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
    if scene.style == Style::Strict {
        let evidence = |what: &str, value: &str| Evidence::counted(format!("{what} {value}"), seen, seen);
        draft.set("minimum", Value::Text(low.clone()), evidence("first", low));
        draft.set("maximum", Value::Text(high.clone()), evidence("last", high));
        return;
    }
    let pattern = Pattern::default_for(&typed.data_type);
    let own = typed.format.as_ref().and_then(|format| Pattern::new(format).ok());
    let day = |pattern: &Pattern| pattern.timestamp(high.as_bytes()).map(|micros| micros.div_euclid(86_400_000_000));
    let last = day(&pattern).or_else(|| own.as_ref().and_then(day));
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
