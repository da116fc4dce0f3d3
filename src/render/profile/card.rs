//! The card of one column: everything that was found of it.

use std::fmt::Write;

use crate::model::profile::{ColumnProfile, Histogram, Sighting, TableProfile};
use crate::render::profile::table::{approximate, percent};
use crate::render::text::{self, Style, clean, counted, thousands};

/// Columns of the longest bar.
const BAR: usize = 30;
const EIGHTHS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];

/// What stands on a line of a card: a word, and what there is to say.
type Fact = (&'static str, String);

/// Writes a column's card.
#[must_use]
pub fn card(table: &TableProfile, column: &ColumnProfile, style: Style) -> String {
    let mut out = String::new();
    let declared = column.declared.as_ref().map_or_else(String::new, |declared| format!("  (contract: {declared})"));
    let format = column.format.as_ref().map_or_else(String::new, |format| format!(" written as {format}"));
    let title = style.paint("1", &clean(&column.name));
    let flags = clean(&column.flags.join(" · "));
    let _ = writeln!(out, "{}", format!("{title}  {}{format}{declared}  {flags}", column.data_type).trim_end());
    let facts = [sorts(column), numbers(column), texts(column), moments(column), outliers(column)];
    for (name, text) in facts.into_iter().flatten().filter(|(_, text)| !text.is_empty()) {
        let _ = writeln!(out, "  {name:<12} {text}");
    }
    frequent(&mut out, column);
    // Where all values are listed, a step for each of them says the same again.
    let listed = column.top.as_ref().is_some_and(|top| top.complete);
    let spread = column.histogram.as_ref();
    if let Some(histogram) = spread.filter(|histogram| !listed || histogram.bins.iter().any(|bin| bin.low != bin.high))
    {
        bins(&mut out, histogram);
    }
    for alert in table.alerts.iter().filter(|alert| alert.column.as_ref() == Some(&column.name)) {
        let place = alert
            .first
            .as_ref()
            .map_or_else(String::new, |spot| format!("  ({})", text::spot(spot.record, spot.line, spot.offset)));
        let _ = writeln!(out, "\n{} {}{place}", style.paint("33", &alert.code), clean(&alert.message));
    }
    out
}

/// Joins what there is to say of several things.
fn listed<T>(things: &[T], say: impl Fn(&T) -> String) -> String {
    things.iter().map(say).collect::<Vec<_>>().join(" · ")
}

/// What the values are.
fn sorts(column: &ColumnProfile) -> Vec<Fact> {
    let spelled = listed(&column.null_spellings, |spelling| {
        let odd = if spelling.is_null { "" } else { " (read as a value)" };
        format!("{:?} {}{odd}", clean(&spelling.text), thousands(spelling.count))
    });
    let types = listed(&column.types, |found| {
        let first = found.first.as_ref().filter(|_| column.types.len() > 1).map(place).unwrap_or_default();
        format!("{} {}{first}", found.kind, thousands(found.count))
    });
    let meaning = listed(&column.semantic, |found| format!("{} {:.0} %", found.kind, found.share * 100.0));
    vec![
        ("values", format!("{} of {}", thousands(column.values()), thousands(column.count))),
        ("NULL", format!("{} ({} %)", thousands(column.nulls), percent(column.null_share()))),
        ("spelled", spelled),
        ("reads as", types),
        ("looks like", meaning),
        ("personal", column.personal.as_ref().map(|personal| clean(&personal.reason)).unwrap_or_default()),
        ("distinct", approximate(&column.distinct)),
        ("once", approximate(&column.once)),
    ]
}

/// How the values lie.
fn numbers(column: &ColumnProfile) -> Vec<Fact> {
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let signs = column.zeros.map_or_else(String::new, |signs| {
        format!("{} · {}", counted(signs.negatives, "negative"), counted(signs.zeros, "zero"))
    });
    let quantiles = column.quantiles.as_ref().map_or_else(String::new, |quantiles| {
        let off = match quantiles.rank_err {
            off if off > 0.0 => format!("  (ranks ±{:.1} %)", off * 100.0),
            _ => String::new(),
        };
        listed(&quantiles.points, |point| format!("{}% {}", point.part * 100.0, clean(&point.value))) + &off
    });
    vec![
        ("min", clean(column.minimum.as_deref().unwrap_or_default())),
        ("max", clean(column.maximum.as_deref().unwrap_or_default())),
        ("mean", number(column.mean)),
        ("stddev", number(column.stddev)),
        ("sum", column.sum.clone().unwrap_or_default()),
        ("signs", signs),
        ("quantiles", quantiles),
    ]
}

/// What the texts look like.
fn texts(column: &ColumnProfile) -> Vec<Fact> {
    let lengths = column.lengths.map_or_else(String::new, |found| {
        format!("{} to {}, median {}, mean {:.1}", found.minimum, found.maximum, found.median, found.mean)
    });
    let masks = listed(&column.masks, |mask| format!("{} ({})", clean(&mask.mask), thousands(mask.count)));
    vec![("length", lengths), ("masks", masks), ("text", oddities(column))]
}

/// What the moments tell.
fn moments(column: &ColumnProfile) -> Vec<Fact> {
    let Some(dates) = &column.dates else { return Vec::new() };
    let days = dates.days.map_or_else(String::new, |days| format!(", {} of them seen", thousands(days)));
    let span = counted(dates.span_days, "day");
    let weekend = thousands(dates.weekend);
    vec![
        ("formats", listed(&dates.formats, |format| format!("{} {}", format.format, thousands(format.count)))),
        ("dates", format!("by {} over {span}{days}; {weekend} on weekends", dates.granularity)),
        ("gaps", listed(&dates.gaps, |gap| format!("{} after {}", counted(gap.days, "day"), gap.after))),
    ]
}

fn outliers(column: &ColumnProfile) -> Vec<Fact> {
    let Some(found) = &column.outliers else { return Vec::new() };
    let examples = listed(&found.examples, |seen| format!("{}{}", clean(&seen.value), at(seen)));
    let more = if found.at_least { "at least " } else { "" };
    let count = thousands(found.count);
    vec![("outliers", format!("{more}{count} beyond {} … {}: {examples}", found.low_fence, found.high_fence))]
}

fn frequent(out: &mut String, column: &ColumnProfile) {
    let Some(top) = &column.top else { return };
    let off = match top.max_error {
        0 => String::new(),
        error => format!("  (each up to {} more)", thousands(error)),
    };
    let _ = writeln!(out, "\n  {}{off}", if top.complete { "all values" } else { "most frequent" });
    let most = top.values.first().map_or(1, |value| value.count);
    for value in &top.values {
        let (shown, count) = (text::short(&clean(&value.value), 28), thousands(value.count));
        let _ = writeln!(out, "  {shown:<30} {count:>12}  {}", bar(value.count, most));
    }
}

fn bins(out: &mut String, histogram: &Histogram) {
    let scale = if histogram.scale == "log" { " (steps grow)" } else { "" };
    let off = if histogram.rel_err > 0.0 {
        format!("  (±{:.1} % of all)", histogram.rel_err * 100.0)
    } else {
        String::new()
    };
    let _ = writeln!(out, "\n  histogram{scale}{off}");
    let most = histogram.bins.iter().map(|bin| bin.count).max().unwrap_or(1);
    for bin in &histogram.bins {
        let range = if bin.low == bin.high {
            text::short(&bin.low, 28)
        } else {
            format!("{} … {}", text::short(&bin.low, 28), text::short(&bin.high, 28))
        };
        let _ = writeln!(out, "  {range:<30} {:>12}  {}", thousands(bin.count), bar(bin.count, most));
    }
}

fn place(seen: &Sighting) -> String {
    format!(" (first {:?}{})", clean(&seen.value), at(seen))
}

fn at(seen: &Sighting) -> String {
    format!(", {}", text::spot(seen.place.record, seen.place.line, seen.place.offset))
}

fn oddities(column: &ColumnProfile) -> String {
    let text = column.text;
    let named = [
        ("blanks before", text.leading_blanks),
        ("blanks behind", text.trailing_blanks),
        ("double blanks", text.inner_blanks),
        ("only blanks", text.blank),
        ("control characters", text.control),
        ("not ASCII", text.non_ascii),
        ("empty", text.empty),
        ("zeros in front", column.zero_padded),
    ];
    let found =
        named.iter().filter(|(_, count)| *count > 0).map(|(name, count)| format!("{name} {}", thousands(*count)));
    found.collect::<Vec<_>>().join(" · ")
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a drawing")]
fn bar(count: u64, most: u64) -> String {
    let eighths = (count as f64 / most.max(1) as f64 * (BAR * 8) as f64).round() as usize;
    let mut bar = "█".repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        bar.push(EIGHTHS[eighths % 8 - 1]);
    }
    bar
}
