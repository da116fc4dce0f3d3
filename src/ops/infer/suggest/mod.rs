//! What a column's profile speaks for: its type, and the rules that a careful person would write.
//!
//! | file | suggests |
//! |---|---|
//! | `types.rs` | type, format, spellings of NULL |
//! | `numbers.rs` | `minimum`, `maximum`, `exclusive_minimum` |
//! | `moments.rs` | `minimum`, `maximum` of dates |
//! | `texts.rs` | `format`, `accepted_values`, `pattern`, `max_length`, `pii` |
//! | `pattern.rs` | regular expressions from masks |
//!
//! The thresholds follow Deequ's constraint suggestion: a rule is written where the lower end of a confidence interval
//! says that it will hold (Schelter et al., *Automating large-scale data quality verification*, VLDB 2018).

mod moments;
mod numbers;
mod pattern;
#[cfg(test)]
mod tests;
mod texts;
mod types;

use crate::model::DataType;
use crate::model::draft::{ColumnDraft, Evidence, Value, wilson};
use crate::model::profile::ColumnProfile;

pub use types::{Typed, spellings, type_of};

/// How much a suggested contract asks of the next file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Types, keys, references, and what is never NULL in many rows.
    Loose,
    /// And bounds, sets, shapes and lengths with room for more of the same.
    Normal,
    /// And bounds exactly as seen; what one value in a hundred breaks is a rule all the same.
    Strict,
}

/// What all columns of a table share.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    pub style: Style,
    /// Days since 1970.
    pub today: i32,
    /// NULL and the empty text are different things.
    pub typed: bool,
}

impl Style {
    /// Gives the least lower bound that makes `required` a rule: four rows, one row, 35 rows that all have a value.
    const fn required(self) -> f64 {
        match self {
            Self::Loose => 0.9,
            Self::Normal => 0.5,
            Self::Strict => 0.2,
        }
    }

    /// Gives the share of values that a type must read.
    pub const fn type_share(self) -> f64 {
        match self {
            Self::Loose | Self::Normal => 1.0,
            Self::Strict => 0.99,
        }
    }
}

/// Drafts a column from its profile; nested columns get their type here and their insides elsewhere.
#[must_use]
pub fn column(name: &str, profile: &ColumnProfile, scene: Scene) -> ColumnDraft {
    let typed = type_of(profile, scene.style);
    let mut draft = ColumnDraft {
        name: name.to_owned(),
        data_type: typed.data_type.to_string(),
        evidence: typed.evidence.clone(),
        ..ColumnDraft::default()
    };
    if let Some(format) = &typed.format {
        draft.set("format", Value::Text(format.clone()), Evidence::words(typed.format_words.clone()));
    }
    required(&mut draft, profile, scene, typed.spelled);
    if profile.values() == 0 || scene.style == Style::Loose && typed.data_type != DataType::String {
        return draft;
    }
    let mut own = profile.clone();
    own.nulls += typed.spelled;
    let profile = &own;
    match &typed.data_type {
        kind if kind.is_numeric() => numbers::suggest(&mut draft, profile, kind, scene.style),
        DataType::Date | DataType::Timestamp | DataType::TimestampTz => {
            moments::suggest(&mut draft, profile, &typed, scene);
        }
        DataType::String => texts::suggest(&mut draft, profile, scene),
        _ => {}
    }
    draft
}

/// Drafts a column again as text, whatever its values look like.
#[must_use]
pub fn as_text(name: &str, profile: &ColumnProfile, scene: Scene) -> ColumnDraft {
    let words = "its values are of no one type that reads them all";
    let mut draft = ColumnDraft {
        name: name.to_owned(),
        data_type: DataType::String.to_string(),
        evidence: Evidence::words(words),
        ..ColumnDraft::default()
    };
    required(&mut draft, profile, scene, 0);
    texts::suggest(&mut draft, profile, scene);
    draft
}

/// Suggests `required` where nothing is NULL and enough was seen; `spelled` values are NULL by another spelling.
fn required(draft: &mut ColumnDraft, profile: &ColumnProfile, scene: Scene, spelled: u64) {
    let seen = profile.count;
    let kept = seen.saturating_sub(profile.nulls).saturating_sub(spelled);
    let enough = kept == seen || scene.style == Style::Strict && kept * 100 >= seen * 99;
    if seen > 0 && enough && wilson(kept, seen) >= scene.style.required() {
        let words = if kept == seen { "never NULL" } else { "seldom NULL" };
        draft.set("required", Value::Plain("true".to_owned()), Evidence::counted(words, kept, seen));
    }
}
