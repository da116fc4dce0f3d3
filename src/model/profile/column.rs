//! What was found in one column.
//!
//! Values are texts as they stood in the file, decoded, at most 80 characters; in a column that seems to hold personal
//! data they are masked, letters as `a` or `A` and digits as `9`.

use serde::{Deserialize, Serialize};

use crate::model::profile::Approx;
use crate::model::profile::shape::Spot;

/// Describes a column, or the values at one path inside nested rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ColumnProfile {
    /// The header's name, or a path: `basket[].price`.
    pub name: String,
    /// The type that most values have, as a contract writes it: `int64`, `decimal(12,2)`, `date`.
    #[serde(rename = "type")]
    pub data_type: String,
    /// How its moments are written, as a contract writes it (`%d/%m/%Y`); absent for ISO 8601 and other types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The contract's type, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<String>,
    /// Values looked at: rows, or elements for a path through a list.
    pub count: u64,
    /// Of these NULL or absent.
    pub nulls: u64,
    /// Of these without the key at all (JSON).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub absent: u64,
    /// Texts that mean NULL or look as if they did.
    pub null_spellings: Vec<NullSpelling>,
    /// What the values read as, most frequent first; more than one entry is a mixed column.
    pub types: Vec<TypeCount>,
    /// Different values, NULL left out; texts that differ are different values (`1.0` and `1.00`).
    pub distinct: Approx,
    /// Values that stand only once.
    pub once: Approx,
    /// The lowest value in the order of the type, text by bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<String>,
    /// Exact where the values are integers and decimals of up to 18 digits, rounded once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
    /// Of the sample (n - 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stddev: Option<f64>,
    /// Exact, as a decimal; absent where it is not known exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<String>,
    /// Signs of numbers; absent for other types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zeros: Option<Zeros>,
    /// Of numbers and moments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantiles: Option<Quantiles>,
    /// Of numbers and moments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub histogram: Option<Histogram>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top: Option<TopValues>,
    /// Most frequent first.
    pub masks: Vec<Mask>,
    /// Values whose mask is not among `masks`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub other_masks: u64,
    /// Most frequent first; empty where nothing was recognised.
    pub semantic: Vec<SemanticType>,
    /// In Unicode code points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lengths: Option<Lengths>,
    pub text: FreeText,
    /// Of dates and timestamps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dates: Option<Dates>,
    /// Of numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outliers: Option<Outliers>,
    /// Digits with a zero in front (`00501`): as numbers they would lose it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub zero_padded: u64,
    /// Most decimal places of a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<u8>,
    /// Most digits of a number, those behind the point included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<u8>,
    /// Why the values may be personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personal: Option<Personal>,
    /// The values of this column are masked wherever they would stand.
    #[serde(default)]
    pub masked: bool,
    /// A word or two each, most important first: `key?`, `PII?`, `mixed`, `gap 3 d`.
    pub flags: Vec<String>,
}

impl ColumnProfile {
    /// Gives the values that are not NULL.
    #[must_use]
    pub const fn values(&self) -> u64 {
        self.count.saturating_sub(self.nulls)
    }

    /// Gives the part of values that are NULL; 0 where there are none.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    pub fn null_share(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.nulls as f64 / self.count as f64 }
    }

    /// Gives a quantile's text by its part of the values: 0.5 is the median.
    #[must_use]
    pub fn quantile(&self, part: f64) -> Option<&str> {
        let points = &self.quantiles.as_ref()?.points;
        points.iter().find(|point| (point.part - part).abs() < 1e-9).map(|point| point.value.as_str())
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A text that means nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NullSpelling {
    pub text: String,
    pub count: u64,
    /// It was read as NULL; else it counts as a value and only looks like one.
    pub is_null: bool,
}

/// How many values read as one type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeCount {
    /// `integer`, `decimal`, `float`, `bool`, `date`, `time`, `timestamp`, `timestamptz`, `text`, `list`, `object`.
    pub kind: String,
    pub count: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Sighting>,
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    pub value: String,
    #[serde(flatten)]
    pub place: Spot,
}

/// Signs of numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zeros {
    pub zeros: u64,
    pub negatives: u64,
}

/// Values by rank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// `exact`, or the sketch: `kll512`.
    pub method: String,
    /// How far a value's rank may be off, as a part of all values; 0 where it is exact.
    pub rank_err: f64,
    /// At 0.01, 0.05, 0.25, 0.5, 0.75, 0.95 and 0.99.
    pub points: Vec<Quantile>,
}

/// One quantile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quantile {
    /// 0 to 1.
    pub part: f64,
    /// A number, or a moment as text.
    pub value: String,
}

/// How values spread over equal steps between two ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    pub method: String,
    /// How far a count may be off, as a part of all values; 0 where it is exact.
    pub rel_err: f64,
    /// `linear`, or `log` where the values span orders of magnitude.
    pub scale: String,
    /// Ascending, of equal width on the scale; the last one holds its upper end.
    pub bins: Vec<Bin>,
}

/// One step of a histogram.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// Numbers, or moments as text.
    pub low: String,
    pub high: String,
    pub count: u64,
}

/// The most frequent values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TopValues {
    /// `exact`, or the sketch: `frequent256` (Misra and Gries with 256 counters).
    pub method: String,
    /// A count may be too low by so much; 0 where it is exact.
    pub max_error: u64,
    /// Most frequent first, then by value; all values where they are few and exact.
    pub values: Vec<TopValue>,
    /// `values` are all there are.
    pub complete: bool,
}

/// One frequent value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopValue {
    pub value: String,
    /// At least so often.
    pub count: u64,
}

/// A shape that texts share: `A` and `a` are letters, `9` is a digit, `{1,7}` says how often, anything else is itself,
/// `…` what is left of long ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mask {
    pub mask: String,
    pub count: u64,
    /// The same as a regular expression over the whole value; absent where the mask is cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
}

/// What values mean by their look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SemanticType {
    /// `email`, `phone`, `url`, `uuid`, `iban`, `ean13` …
    pub kind: String,
    pub count: u64,
    /// Of the values that are not NULL, 0 to 1.
    pub share: f64,
}

/// Lengths of the values in code points.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Lengths {
    pub minimum: u64,
    pub maximum: u64,
    pub mean: f64,
    /// Exact below 256, else the lower end of a power of two.
    pub median: u64,
}

/// What text holds that is easily overlooked. All counts are of values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreeText {
    pub leading_blanks: u64,
    pub trailing_blanks: u64,
    /// Two or more blanks in a row.
    pub inner_blanks: u64,
    /// Nothing but blanks.
    pub blank: u64,
    /// Control characters, line breaks included.
    pub control: u64,
    pub non_ascii: u64,
    /// Empty texts that are not NULL.
    pub empty: u64,
}

/// What is known of moments.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Dates {
    /// Most frequent first.
    pub formats: Vec<DateFormat>,
    /// The coarsest unit all of them keep: `year`, `month`, `week`, `day`, `hour`, `minute`, `second`, `microsecond`.
    pub granularity: String,
    /// Days from the first to the last one, both counted.
    pub span_days: u64,
    /// Different days seen; absent where they were too many to keep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u64>,
    /// The longest stretches without a value that stand out from the usual step, longest first, at most five.
    pub gaps: Vec<Gap>,
    pub weekend: u64,
    /// Midnight on 1 January, or 9999-12-31 and its like: often a stand-in for NULL.
    pub sentinels: u64,
}

/// How many moments are written in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateFormat {
    /// As a contract writes it: `%Y-%m-%d`.
    pub format: String,
    pub count: u64,
}

/// A stretch of days without a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The last day before it.
    pub after: String,
    /// The first day behind it.
    pub before: String,
    /// Days missing.
    pub days: u64,
}

/// Numbers far from the others: beyond three times the distance of the quartiles (Tukey's far fences).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outliers {
    pub low_fence: f64,
    pub high_fence: f64,
    pub count: u64,
    /// There may be more: not all extreme values were kept.
    pub at_least: bool,
    /// Some of them, the farthest first, at most five.
    pub examples: Vec<Sighting>,
}

/// Why values may be personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Personal {
    /// `email`, `phone`, `name` …
    pub kind: String,
    /// In words: `98 % of the values are email addresses`, `the column is called birth_date`.
    pub reason: String,
}
