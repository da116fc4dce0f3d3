//! One column of the page: its row, and what opens below it.

use std::fmt::Write;

use serde::Serialize;

use crate::model::profile::{AlertSeverity, ColumnProfile, Dates, FreeText, Histogram, TableProfile, TopValues};
use crate::render::html::profile::small::{Cell, Small};
use crate::render::html::profile::spot;
use crate::render::html::svg;
use crate::render::profile::{approximate, percent};
use crate::render::summary::VALUE;
use crate::render::text::{clean, counted, short, thousands};

/// How many values and masks a column lists.
const LISTED: usize = 8;

/// How many values become `accepted_values`.
const ACCEPTED: usize = 12;

#[derive(Serialize)]
pub struct ColumnView {
    name: String,
    anchor: String,
    class: &'static str,
    place: usize,
    kind: String,
    nulls: String,
    nulls_sort: f64,
    distinct: String,
    distinct_sort: u64,
    minimum: String,
    median: String,
    maximum: String,
    spark: String,
    mask: String,
    shape_sort: u64,
    flags: String,
    details: bool,
    facts: Vec<(&'static str, String)>,
    drawing: String,
    drawing_note: String,
    parts: Vec<Small>,
    suggestion: String,
}

/// Describes a column; `details` says whether it opens.
pub fn view(table: &TableProfile, column: &ColumnProfile, place: usize, anchor: String, details: bool) -> ColumnView {
    let cell = |text: Option<&str>| text.map(|text| short(&clean(text), 24)).unwrap_or_default();
    let median = column.quantile(0.5).map(|text| cell(Some(text)));
    let length = || column.lengths.map(|lengths| format!("length {}", lengths.median));
    let drawn = column.histogram.as_ref().filter(|histogram| !histogram.bins.is_empty());
    let name = short(&clean(&column.name), VALUE);
    ColumnView {
        anchor,
        class: class(table, column),
        place,
        kind: kind(column),
        nulls: format!("{}%", percent(column.null_share())),
        nulls_sort: column.null_share(),
        distinct: approximate(&column.distinct),
        distinct_sort: column.distinct.value,
        minimum: cell(column.minimum.as_deref()),
        median: median.or_else(length).unwrap_or_default(),
        maximum: cell(column.maximum.as_deref()),
        spark: drawn.map(|histogram| svg::spark(&counts(histogram))).unwrap_or_default(),
        mask: if drawn.is_some() { String::new() } else { cell(column.masks.first().map(|mask| mask.mask.as_str())) },
        shape_sort: column.distinct.value,
        flags: clean(&column.flags.join(", ")),
        details,
        facts: if details { facts(column) } else { Vec::new() },
        drawing: drawn.filter(|_| details).map(|histogram| drawing(&name, histogram)).unwrap_or_default(),
        drawing_note: drawn.map(drawing_note).unwrap_or_default(),
        parts: if details { parts(column, &name) } else { Vec::new() },
        suggestion: if details { suggestion(table, column) } else { String::new() },
        name,
    }
}

/// The worst alert about a column colours its edge.
fn class(table: &TableProfile, column: &ColumnProfile) -> &'static str {
    let about = table.alerts.iter().filter(|alert| alert.column.as_ref() == Some(&column.name));
    match about.map(|alert| alert.severity).min() {
        Some(AlertSeverity::Error) => "failed",
        Some(AlertSeverity::Warning) => "warned",
        _ => "",
    }
}

fn counts(histogram: &Histogram) -> Vec<u64> {
    histogram.bins.iter().map(|bin| bin.count).collect()
}

fn kind(column: &ColumnProfile) -> String {
    let semantic = column.semantic.first().filter(|kind| kind.share >= 0.9).map(|kind| kind.kind.as_str());
    match semantic {
        Some(kind) => format!("{} ({})", clean(&column.data_type), clean(kind)),
        None => clean(&column.data_type),
    }
}

fn drawing(name: &str, histogram: &Histogram) -> String {
    let low = histogram.bins.first().map(|bin| clean(&bin.low)).unwrap_or_default();
    let high = histogram.bins.last().map(|bin| clean(&bin.high)).unwrap_or_default();
    let most = histogram.bins.iter().max_by_key(|bin| bin.count);
    let peak =
        most.map(|bin| format!("{} values from {} to {}", thousands(bin.count), clean(&bin.low), clean(&bin.high)));
    let words = format!("Histogram of {name} from {low} to {high}: most, {}", peak.unwrap_or_default());
    svg::histogram(&words, &counts(histogram), &short(&low, 24), &short(&high, 24))
}

fn drawing_note(histogram: &Histogram) -> String {
    let mut text = format!("{} steps", histogram.bins.len());
    if histogram.scale == "log" {
        text.push_str(" of a logarithmic scale");
    }
    if histogram.rel_err > 0.0 {
        let _ = write!(text, ", counts ±{}% of all values ({})", percent(histogram.rel_err), clean(&histogram.method));
    }
    text
}

fn facts(column: &ColumnProfile) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let mut add = |label, text: Option<String>| facts.extend(text.map(|text| (label, text)));
    let count = |number: u64, what: &str| (number > 0).then(|| counted(number, what));
    add("contract's type", column.declared.as_deref().map(clean));
    add("format", column.format.as_deref().map(clean));
    add("values", Some(format!("{} of {}", thousands(column.values()), thousands(column.count))));
    add("NULL", count(column.nulls, "value"));
    add("without the key", count(column.absent, "record"));
    add("distinct", Some(format!("{} ({})", approximate(&column.distinct), clean(&column.distinct.method))));
    add("only once", Some(approximate(&column.once)));
    add("mean", column.mean.map(|mean| format!("{mean:.6}").trim_end_matches('0').trim_end_matches('.').to_owned()));
    add(
        "standard deviation",
        column.stddev.map(|stddev| format!("{stddev:.6}").trim_end_matches('0').trim_end_matches('.').to_owned()),
    );
    add("sum", column.sum.as_deref().map(clean));
    add("zeros", column.zeros.and_then(|zeros| count(zeros.zeros, "value")));
    add("negative", column.zeros.and_then(|zeros| count(zeros.negatives, "value")));
    add("zeros in front", count(column.zero_padded, "value"));
    add(
        "lengths",
        column.lengths.map(|found| format!("{} to {}, mean {:.1}", found.minimum, found.maximum, found.mean)),
    );
    add("digits", column.precision.map(|digits| format!("{digits}, {} behind the point", column.scale.unwrap_or(0))));
    add("text", free_text(column.text));
    if let Some(dates) = &column.dates {
        facts.extend(date_facts(dates));
    }
    if let Some(outliers) = column.outliers.as_ref().filter(|outliers| outliers.count > 0) {
        let least = if outliers.at_least { "at least " } else { "" };
        let (low, high) = (outliers.low_fence, outliers.high_fence);
        facts.push(("outliers", format!("{least}{} outside {low} to {high}", thousands(outliers.count))));
    }
    facts.extend(column.personal.as_ref().map(|personal| ("personal data", clean(&personal.reason))));
    facts
}

fn free_text(text: FreeText) -> Option<String> {
    let parts: Vec<String> = [
        (text.leading_blanks, "with blanks in front"),
        (text.trailing_blanks, "with blanks behind"),
        (text.inner_blanks, "with several blanks in a row"),
        (text.blank, "of blanks only"),
        (text.control, "with control characters"),
        (text.non_ascii, "beyond ASCII"),
        (text.empty, "empty"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{} {what}", thousands(count)))
    .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn date_facts(dates: &Dates) -> Vec<(&'static str, String)> {
    let mut facts = vec![("unit", clean(&dates.granularity))];
    let days = dates.days.map_or_else(String::new, |days| format!("{} of ", thousands(days)));
    facts.push(("days", format!("{days}{}", thousands(dates.span_days))));
    for (label, number) in [("at weekends", dates.weekend), ("stand-ins", dates.sentinels)] {
        if number > 0 {
            facts.push((label, counted(number, "value")));
        }
    }
    if !dates.gaps.is_empty() {
        let gap = |gap: &crate::model::profile::Gap| {
            format!("{} between {} and {}", counted(gap.days, "day"), clean(&gap.after), clean(&gap.before))
        };
        facts.push(("gaps", dates.gaps.iter().map(gap).collect::<Vec<_>>().join("; ")));
    }
    facts
}

fn parts(column: &ColumnProfile, name: &str) -> Vec<Small> {
    let values = column.values();
    let types = (column.types.len() > 1).then(|| {
        let rows = column.types.iter().map(|found| {
            let first = found.first.as_ref();
            vec![
                Cell::text(&found.kind),
                Cell::number(thousands(found.count)),
                Cell::code(first.map(|first| first.value.as_str()).unwrap_or_default()),
                Cell::text(&first.map(|first| spot(&first.place)).unwrap_or_default()),
            ]
        });
        Small::of("What values read as", &["type", "#values", "first", "where"], rows.collect())
    });
    let quantiles = column.quantiles.as_ref().and_then(|found| {
        let exact = if found.rank_err > 0.0 {
            format!("Quantiles, ranks ±{}%", percent(found.rank_err))
        } else {
            "Quantiles, exact".to_owned()
        };
        let rows = found.points.iter().map(|point| {
            vec![Cell::text(&format!("{}%", point.part * 100.0)), Cell::number(short(&clean(&point.value), 32))]
        });
        Small::of(&exact, &["part", "#value"], rows.collect())
    });
    // Values that all stand once are a sample, not the frequent ones.
    let repeats = |found: &&TopValues| found.values.first().is_some_and(|top| top.count > 1);
    let top = column.top.as_ref().filter(repeats).and_then(|found| {
        let rows = found.values.iter().take(LISTED);
        let rows = rows.map(|top| {
            vec![Cell::code(&top.value), Cell::number(thousands(top.count)), Cell::share(top.count, values)]
        });
        let error = if found.max_error > 0 {
            format!(", counts up to {} too low", thousands(found.max_error))
        } else {
            String::new()
        };
        Small::of(&format!("Frequent values{error}"), &["value", "#count", "share"], rows.collect())
    });
    let masks = column.masks.iter().take(LISTED);
    let masks = masks
        .map(|mask| vec![Cell::code(&mask.mask), Cell::number(thousands(mask.count)), Cell::share(mask.count, values)]);
    let masks = Small::of("Masks", &["mask", "#count", "share"], masks.collect());
    let meanings = column.semantic.iter().map(|kind| {
        vec![
            Cell::text(&kind.kind),
            Cell::number(thousands(kind.count)),
            Cell::text(&format!("{}%", percent(kind.share))),
        ]
    });
    let meanings = Small::of("What values mean", &["kind", "#count", "share"], meanings.collect());
    let nulls = column.null_spellings.iter().map(|found| {
        let read = if found.is_null { "read as NULL" } else { "counts as a value" };
        vec![Cell::code(&found.text), Cell::number(thousands(found.count)), Cell::text(read)]
    });
    let nulls = Small::of("Spellings of NULL", &["text", "#count", "how"], nulls.collect());
    let outliers = column.outliers.iter().flat_map(|found| &found.examples);
    let outliers = outliers.map(|found| vec![Cell::code(&found.value), Cell::text(&spot(&found.place))]);
    let outliers = Small::of("Outliers", &["value", "where"], outliers.collect());
    let formats = column.dates.iter().flat_map(|dates| &dates.formats);
    let formats = formats.map(|format| vec![Cell::code(&format.format), Cell::number(thousands(format.count))]);
    let formats = Small::of("Ways dates are written", &["format", "#count"], formats.collect());
    let all = [types.flatten(), quantiles, top, masks, meanings, nulls, outliers, formats];
    all.into_iter().flatten().map(|part| part.about(name)).collect()
}

/// Writes what a contract could say, in YAML's flow style, whose scalars may be JSON. A column of several types wants a
/// decision first, so nothing is proposed for it.
fn suggestion(table: &TableProfile, column: &ColumnProfile) -> String {
    if column.values() == 0 || column.types.len() > 1 || column.name.contains(['[', '.']) {
        return String::new();
    }
    let quoted = |text: &str| serde_json::to_string(text).unwrap_or_default();
    let plain = column.data_type.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let mut keys = vec![format!("type: {}", if plain { column.data_type.clone() } else { quoted(&column.data_type) })];
    keys.extend(column.format.as_deref().map(|format| format!("format: {}", quoted(format))));
    if column.nulls == 0 {
        keys.push("required: true".to_owned());
    }
    if table.keys.iter().any(|key| key.exact && key.columns == [column.name.clone()]) {
        keys.push("unique: true".to_owned());
    }
    let listed = column.top.as_ref().filter(|top| top.complete && top.max_error == 0 && !column.masked);
    let repeats = column.values() >= column.distinct.value.saturating_mul(10);
    if let Some(top) = listed.filter(|top| top.values.len() <= ACCEPTED && repeats && column.data_type == "string") {
        let values: Vec<String> = top.values.iter().map(|value| quoted(&value.value)).collect();
        keys.push(format!("accepted_values: [{}]", values.join(", ")));
    }
    if column.personal.is_some() {
        keys.push("pii: true".to_owned());
    }
    clean(&format!("{}: {{{}}}", quoted(&column.name), keys.join(", ")))
}
