//! The narrowest type that reads every value and still leaves room.

use crate::analyze::semantic::Kind;
use crate::model::profile::{ColumnProfile, NullSpelling};
use crate::model::words::thousands;
use crate::model::{DataType, draft::Evidence};
use crate::ops::infer::suggest::Style;

/// Texts that mean NULL wherever they stand. `NA` is a country, `None` and `-` are answers: they count only among values
/// of another type.
const NULLS: &[&str] = &["NULL", "null", "Null", "N/A", "n/a", "#N/A", "\\N", "NaN", "nan", "<NA>", "(null)", "nil"];

/// Scales beyond this come from binary fractions.
const MAX_SCALE: u8 = 10;

/// A type and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Typed {
    pub data_type: DataType,
    /// As a contract's `format`; `None` where the type needs none.
    pub format: Option<String>,
    pub format_words: String,
    pub evidence: Evidence,
    /// Values that are spellings of NULL and not read as such yet.
    pub spelled: u64,
}

/// Gives the spellings of NULL in a column that are read as values so far.
#[must_use]
pub fn spellings(profile: &ColumnProfile) -> Vec<&NullSpelling> {
    let text = kind(profile, "text");
    let others = profile.values().saturating_sub(text);
    let open: Vec<&NullSpelling> = profile.null_spellings.iter().filter(|found| !found.is_null).collect();
    let looks = |found: &&&NullSpelling| !found.text.bytes().any(|byte| byte.is_ascii_digit());
    // Among numbers or dates every text that looks like NULL is one, if that is all the text there is.
    let among: u64 = open.iter().filter(looks).map(|found| found.count).sum();
    if others > 0 && among == text && text > 0 {
        return open.into_iter().filter(|found| looks(&found)).collect();
    }
    let known = |found: &&NullSpelling| NULLS.contains(&found.text.as_str()) && found.count * 2 < profile.values();
    open.into_iter().filter(known).collect()
}

/// Chooses a column's type.
#[must_use]
pub fn type_of(profile: &ColumnProfile, style: Style) -> Typed {
    let spelled: u64 = spellings(profile).iter().map(|found| found.count).sum();
    let values = profile.values().saturating_sub(spelled);
    let plain = |data_type: DataType, words: String, kept: u64| Typed {
        data_type,
        format: None,
        format_words: String::new(),
        evidence: misfits(words, kept, values),
        spelled,
    };
    if values == 0 {
        return plain(DataType::String, "no value seen".to_owned(), 0);
    }
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    let enough = |count: u64| count >= values || count as f64 >= values as f64 * style.type_share();
    let of = |name: &str| kind(profile, name);
    let (integers, decimals, floats) = (of("integer"), of("decimal"), of("float"));
    let count = |what: &str, number: u64| format!("{what} ({})", thousands(number));
    if of("list") > 0 && enough(of("list")) {
        return plain(DataType::String, "lists".to_owned(), of("list"));
    }
    if profile.zero_padded > 0 && enough(integers + decimals + floats) {
        let words = format!(
            "digits with zeros in front, {} of {}: as numbers they would lose them",
            thousands(profile.zero_padded),
            thousands(values)
        );
        return plain(DataType::String, words, values);
    }
    if let Some(kind) = code(profile).filter(|_| enough(integers)) {
        return plain(DataType::String, format!("{kind}: codes, not numbers"), values);
    }
    if enough(integers) {
        return match integer(profile) {
            Some(data_type) => plain(data_type, count("whole numbers", integers), integers),
            None => plain(DataType::String, "whole numbers too long for 64 bits".to_owned(), values),
        };
    }
    if enough(integers + decimals) {
        let scale = profile.scale.unwrap_or(0);
        let digits = profile.precision.unwrap_or(38);
        if scale <= MAX_SCALE && digits <= 38 {
            let precision = digits.saturating_add(3).clamp(12, 38);
            let places = if scale == 1 { "place" } else { "places" };
            let words = format!("decimals ({}), at most {scale} {places}", thousands(integers + decimals));
            return plain(DataType::Decimal { precision, scale }, words, integers + decimals);
        }
    }
    if enough(integers + decimals + floats) {
        let all = integers + decimals + floats;
        return plain(DataType::Float64, count("numbers with exponents or many places", all), all);
    }
    if enough(of("bool")) {
        return plain(DataType::Bool, count("truth values", of("bool")), of("bool"));
    }
    for (name, data_type) in [
        ("date", DataType::Date),
        ("time", DataType::Time),
        ("timestamp", DataType::Timestamp),
        ("timestamptz", DataType::TimestampTz),
    ] {
        if of(name) > 0 && enough(of(name)) && is_of_one_format(profile, of(name), style) {
            let mut typed = plain(data_type, count("moments", of(name)), of(name));
            let what = match typed.data_type {
                DataType::Date => "days",
                DataType::Time => "times of day",
                DataType::TimestampTz => "moments with their offset",
                _ => "moments",
            };
            typed.evidence.words = count(what, of(name));
            typed.format.clone_from(&profile.format);
            typed.format_words = format!("reads {} of {}", thousands(of(name)), thousands(values));
            return typed;
        }
    }
    let mut typed = plain(DataType::String, text_words(profile, values), values);
    typed.evidence.words = text_words(profile, values);
    typed
}

/// Names the values that are not text where most of a text column is something else.
fn text_words(profile: &ColumnProfile, values: u64) -> String {
    let first = profile.types.first();
    match first.filter(|first| first.kind != "text" && first.count * 2 > values) {
        Some(first) => {
            let other = profile.types.iter().find(|found| found.kind != first.kind);
            let place = other
                .and_then(|other| other.first.as_ref())
                .map_or(String::new(), |first| format!(", the first in record {}", thousands(first.place.record)));
            format!(
                "{} of {} are {}, the others not{place}; --strict gives the type of most",
                thousands(first.count),
                thousands(values),
                first.kind
            )
        }
        None => String::new(),
    }
}

/// Moments of one kind may be written in several ways.
fn is_of_one_format(profile: &ColumnProfile, count: u64, style: Style) -> bool {
    let Some(dates) = &profile.dates else { return true };
    let main = profile.format.as_ref().and_then(|format| dates.formats.iter().find(|found| found.format == *format));
    match main.or(dates.formats.first()) {
        Some(main) => main.count >= count || style == Style::Strict && main.count * 100 >= count * 99,
        None => true,
    }
}

/// Names the kind of digits that nobody counts with.
fn code(profile: &ColumnProfile) -> Option<&'static str> {
    let whole = profile.semantic.iter().filter(|found| found.share >= 1.0);
    let codes = ["ean13", "gtin", "isbn", "payment_card"];
    whole
        .into_iter()
        .find_map(|found| codes.contains(&found.kind.as_str()).then(|| Kind::find(&found.kind))?)
        .map(|kind| kind.title)
}

/// `int32` with room for a thousand times as much, else `int64`, else what holds it.
fn integer(profile: &ColumnProfile) -> Option<DataType> {
    let bound =
        |text: &Option<String>| text.as_ref().and_then(|text| text.trim_start_matches('+').parse::<i128>().ok());
    let (Some(low), Some(high)) = (bound(&profile.minimum), bound(&profile.maximum)) else {
        return Some(DataType::Int64);
    };
    let room = i128::from(i32::MAX) / 1000;
    if low >= -room && high <= room {
        Some(DataType::Int32)
    } else if i64::try_from(low).is_ok() && i64::try_from(high).is_ok() {
        Some(DataType::Int64)
    } else if low >= 0 && u64::try_from(high).is_ok() {
        Some(DataType::UInt64)
    } else {
        None
    }
}

fn kind(profile: &ColumnProfile, name: &str) -> u64 {
    profile.types.iter().filter(|found| found.kind == name).map(|found| found.count).sum()
}

/// Counts the values only where some do not fit: that all fit is what a type says anyway.
fn misfits(words: String, kept: u64, seen: u64) -> Evidence {
    if kept < seen { Evidence::counted(words, kept, seen) } else { Evidence::words(words) }
}
