//! What a column's values mean, and whether they are personal.

use crate::analyze::profile::column::Column;
use crate::analyze::semantic::{self, personal};
use crate::model::profile::{Personal, SemanticType};

/// Says what the values are, by what a sample of the different ones is.
#[must_use]
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an estimate")]
pub fn semantic(column: &Column, hits: &[semantic::Hit]) -> Vec<SemanticType> {
    let values = column.count - column.nulls;
    hits.iter()
        .map(|hit| SemanticType {
            kind: hit.kind.name.to_owned(),
            count: (hit.share * values as f64).round() as u64,
            share: hit.share,
        })
        .collect()
}

/// Looks at a sample of the different values.
#[must_use]
pub fn hits(column: &Column) -> Vec<semantic::Hit> {
    let sample: Vec<(&[u8], u64)> = column.texts.iter().map(|(_, count, text)| (text.as_bytes(), *count)).collect();
    semantic::recognise(&sample)
}

/// Says why a column's values may be personal: the contract says so, they look so, or the name does.
#[must_use]
pub fn personal(column: &Column, hits: &[semantic::Hit], declared: bool) -> Option<Personal> {
    if let Some((kind, reason)) = &column.hidden {
        return Some(Personal { kind: kind.clone(), reason: reason.clone() });
    }
    if declared {
        return Some(Personal { kind: "pii".to_owned(), reason: "the contract says `pii: true`".to_owned() });
    }
    if column.count == column.nulls {
        return None;
    }
    if let Some(hit) = hits.iter().find(|hit| hit.kind.personal) {
        let reason = format!("{:.0} % of the values are {}", hit.share * 100.0, hit.kind.title);
        return Some(Personal { kind: hit.kind.name.to_owned(), reason });
    }
    let name = column.name.rsplit('.').next().unwrap_or(&column.name);
    let what = personal::by_name(name)?;
    Some(Personal { kind: what.to_owned(), reason: format!("the name of the column says {what}") })
}
