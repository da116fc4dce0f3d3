//! The card of one column: everything that was found of it.

use std::fmt::Write;

use crate::model::profile::{ColumnProfile, Histogram, Sighting, TableProfile};
use crate::render::profile::table::{approximate, percent};
use crate::render::text::{Style, clean, counted, thousands};

/// Columns of the longest bar.
const BAR: usize = 30;
const EIGHTHS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];

/// Writes a column's card.
#[must_use]
pub fn card(table: &TableProfile, column: &ColumnProfile, style: Style) -> String {
    let mut out = String::new();
    let declared = column.declared.as_ref().map_or_else(String::new, |declared| format!("  (contract: {declared})"));
    let format = column.format.as_ref().map_or_else(String::new, |format| format!(" written as {format}"));
    let title = style.paint("1", &clean(&column.name));
    let _ = writeln!(out, "{title}  {}{format}{declared}  {}", column.data_type, clean(&column.flags.join(" · ")));
    let mut fact = |name: &str, text: String| {
        if !text.is_empty() {
            let _ = writeln!(out, "  {name:<12} {text}");
        }
    };
    fact("values", format!("{} of {}", thousands(column.values()), thousands(column.count)));
    fact("NULL", format!("{} ({} %)", thousands(column.nulls), percent(column.null_share())));
    let spelled = |spelling: &crate::model::profile::NullSpelling| {
        let odd = if spelling.is_null { "" } else { " (read as a value)" };
        format!("{:?} {}{odd}", clean(&spelling.text), thousands(spelling.count))
    };
    fact("spelled", column.null_spellings.iter().map(spelled).collect::<Vec<_>>().join(" · "));
    let types: Vec<String> = column
        .types
        .iter()
        .map(|found| {
            let first = found.first.as_ref().filter(|_| column.types.len() > 1).map(place).unwrap_or_default();
            format!("{} {}{first}", found.kind, thousands(found.count))
        })
        .collect();
    fact("reads as", types.join(" · "));
    let meaning = |found: &crate::model::profile::SemanticType| format!("{} {:.0} %", found.kind, found.share * 100.0);
    fact("looks like", column.semantic.iter().map(meaning).collect::<Vec<_>>().join(" · "));
    fact("personal", column.personal.as_ref().map(|personal| clean(&personal.reason)).unwrap_or_default());
    fact("distinct", approximate(&column.distinct));
    fact("once", approximate(&column.once));
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    fact("min", clean(column.minimum.as_deref().unwrap_or_default()));
    fact("max", clean(column.maximum.as_deref().unwrap_or_default()));
    fact("mean", number(column.mean));
    fact("stddev", number(column.stddev));
    fact("sum", column.sum.clone().unwrap_or_default());
    fact(
        "signs",
        column.zeros.map_or_else(String::new, |signs| {
            format!("{} · {}", counted(signs.negatives, "negative"), counted(signs.zeros, "zero"))
        }),
    );
    if let Some(quantiles) = &column.quantiles {
        let off = if quantiles.rank_err > 0.0 {
            format!("  (ranks ±{:.1} %)", quantiles.rank_err * 100.0)
        } else {
            String::new()
        };
        let points: Vec<String> =
            quantiles.points.iter().map(|point| format!("{}% {}", point.part * 100.0, clean(&point.value))).collect();
        fact("quantiles", points.join(" · ") + &off);
    }
    if let Some(lengths) = column.lengths {
        fact(
            "length",
            format!("{} to {}, median {}, mean {:.1}", lengths.minimum, lengths.maximum, lengths.median, lengths.mean),
        );
    }
    fact(
        "masks",
        column
            .masks
            .iter()
            .map(|mask| format!("{} ({})", clean(&mask.mask), thousands(mask.count)))
            .collect::<Vec<_>>()
            .join(" · "),
    );
    fact("text", oddities(column));
    if let Some(dates) = &column.dates {
        let formats: Vec<String> =
            dates.formats.iter().map(|format| format!("{} {}", format.format, thousands(format.count))).collect();
        fact("formats", formats.join(" · "));
        let days = dates.days.map_or_else(String::new, |days| format!(", {} of them seen", thousands(days)));
        fact(
            "dates",
            format!(
                "by {} over {}{days}; {} on weekends",
                dates.granularity,
                counted(dates.span_days, "day"),
                thousands(dates.weekend)
            ),
        );
        let gaps: Vec<String> =
            dates.gaps.iter().map(|gap| format!("{} after {}", counted(gap.days, "day"), gap.after)).collect();
        fact("gaps", gaps.join(" · "));
    }
    if let Some(outliers) = &column.outliers {
        let examples: Vec<String> =
            outliers.examples.iter().map(|seen| format!("{}{}", clean(&seen.value), at(seen))).collect();
        let more = if outliers.at_least { "at least " } else { "" };
        fact(
            "outliers",
            format!(
                "{more}{} beyond {} … {}: {}",
                thousands(outliers.count),
                outliers.low_fence,
                outliers.high_fence,
                examples.join(" · ")
            ),
        );
    }
    if let Some(top) = &column.top {
        let off =
            if top.max_error > 0 { format!("  (each up to {} more)", thousands(top.max_error)) } else { String::new() };
        let _ = writeln!(out, "\n  {}{off}", if top.complete { "all values" } else { "most frequent" });
        let most = top.values.first().map_or(1, |value| value.count);
        for value in &top.values {
            let _ = writeln!(
                out,
                "  {:<30} {:>12}  {}",
                short(&clean(&value.value)),
                thousands(value.count),
                bar(value.count, most)
            );
        }
    }
    // Where all values are listed, a step for each of them says the same again.
    let listed = column.top.as_ref().is_some_and(|top| top.complete);
    let spread = column.histogram.as_ref();
    if let Some(histogram) = spread.filter(|histogram| !listed || histogram.bins.iter().any(|bin| bin.low != bin.high))
    {
        bins(&mut out, histogram);
    }
    for alert in table.alerts.iter().filter(|alert| alert.column.as_ref() == Some(&column.name)) {
        let place = alert.first.as_ref().map_or_else(String::new, |spot| {
            format!("  (line {}, byte {})", thousands(spot.line), thousands(spot.offset))
        });
        let _ = writeln!(out, "\n{} {}{place}", style.paint("33", &alert.code), clean(&alert.message));
    }
    out
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
        let range =
            if bin.low == bin.high { short(&bin.low) } else { format!("{} … {}", short(&bin.low), short(&bin.high)) };
        let _ = writeln!(out, "  {range:<30} {:>12}  {}", thousands(bin.count), bar(bin.count, most));
    }
}

fn place(seen: &Sighting) -> String {
    format!(" (first {:?}{})", clean(&seen.value), at(seen))
}

fn at(seen: &Sighting) -> String {
    match seen.place.line {
        0 => format!(", record {}", thousands(seen.place.record)),
        line => format!(", line {}, byte {}", thousands(line), thousands(seen.place.offset)),
    }
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

fn short(text: &str) -> String {
    match text.char_indices().nth(28) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
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
