//! The terminal's table: one row a column. Where it is too wide, whole fields are left out, the least important first.

use std::fmt::Write;

use crate::model::profile::{Alert, AlertSeverity, Approx, ColumnProfile, Histogram, Profile, TableProfile};
use crate::render::text::{self, Style, clean, counted, thousands, wrap};

const RED: &str = "1;31";
const YELLOW: &str = "33";
const BOLD: &str = "1";
const DIM: &str = "2";

/// Steps of a sparkline.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Alerts shown unless all are wanted.
const ALERTS: usize = 12;

/// Fields of a row: heading, most characters, whether it is a number, and the order in which fields are left out.
struct Field {
    heading: &'static str,
    most: usize,
    /// The same where room is short.
    least: usize,
    right: bool,
    /// The lowest goes first; 9 stays.
    rank: u8,
}

const FIELDS: &[Field] = &[
    Field { heading: "column", most: 28, least: 18, right: false, rank: 9 },
    Field { heading: "type", most: 14, least: 12, right: false, rank: 9 },
    Field { heading: "null%", most: 6, least: 6, right: true, rank: 8 },
    Field { heading: "distinct", most: 18, least: 16, right: true, rank: 7 },
    Field { heading: "min", most: 14, least: 10, right: false, rank: 5 },
    Field { heading: "median", most: 14, least: 10, right: false, rank: 2 },
    Field { heading: "max", most: 14, least: 10, right: false, rank: 4 },
    Field { heading: "shape", most: 10, least: 10, right: false, rank: 3 },
    Field { heading: "mask", most: 18, least: 12, right: false, rank: 1 },
    Field { heading: "flags", most: 24, least: 14, right: false, rank: 6 },
];

/// Writes a profile for a terminal of some width.
#[must_use]
pub fn text(profile: &Profile, style: Style) -> String {
    let mut out = String::new();
    for (at, table) in profile.tables.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        head(&mut out, profile, table, style);
        shape(&mut out, table, style);
        columns(&mut out, table, style);
        relations(&mut out, table);
        alerts(&mut out, table, style);
    }
    if !profile.foreign_keys.is_empty() {
        out.push_str("\nforeign key candidates\n");
    }
    for key in profile.foreign_keys.iter().take(if style.verbose { usize::MAX } else { 10 }) {
        let off = if key.error > 0.0 { format!(" ±{:.1}%", key.error * 100.0) } else { String::new() };
        let _ = writeln!(
            out,
            "  {}.{} → {}.{}  {:.1}%{off} of {}",
            clean(&key.table),
            clean(&key.column),
            clean(&key.parent_table),
            clean(&key.parent_column),
            key.contained * 100.0,
            counted(key.sampled, "value"),
        );
    }
    for note in &profile.notes {
        let _ = writeln!(out, "\nnote: {}", clean(note));
    }
    out
}

fn head(out: &mut String, profile: &Profile, table: &TableProfile, style: Style) {
    let name = match table.files.as_slice() {
        [one] => clean(&one.path),
        files => format!("{} ({} files)", clean(&table.name), files.len()),
    };
    let columns = counted(table.columns.len() as u64, "column");
    let mut line =
        format!("{}  {} × {columns}  {}", style.paint(BOLD, &name), counted(table.rows, "row"), bytes(table.bytes));
    if let (Some(run), 1) = (&profile.run, profile.tables.len()) {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rate"
        )]
        let rate = (table.bytes as f64 / run.seconds.max(0.001)) as u64;
        let _ = write!(line, "  {:.1} s  {}/s", run.seconds, bytes(rate));
    }
    let worth = table.alerts.iter().filter(|alert| alert.severity != AlertSeverity::Info).count() as u64;
    if worth > 0 {
        let _ = write!(line, "  {}", style.paint(YELLOW, &format!("! {}", counted(worth, "alert"))));
    }
    if table.malformed > 0 {
        let broken = format!("✗ {}", counted(table.malformed, "broken record"));
        let _ = write!(line, "  {}", style.paint(RED, &broken));
    }
    out.push_str(&line);
    out.push('\n');
}

fn shape(out: &mut String, table: &TableProfile, style: Style) {
    for finding in &table.shape.findings {
        let places: Vec<String> =
            finding.places.iter().take(3).map(|place| text::spot(place.record, place.line, place.offset)).collect();
        let first = if places.is_empty() { String::new() } else { format!("  {}", places.join(" · ")) };
        let color = if finding.code.starts_with('P') { RED } else { YELLOW };
        let code = style.paint(color, &finding.code);
        let _ = writeln!(out, "  {code} {} × {}{first}", thousands(finding.count), clean(&finding.title));
    }
}

fn columns(out: &mut String, table: &TableProfile, style: Style) {
    let rows: Vec<Vec<String>> = table.columns.iter().map(row).collect();
    let natural = |at: usize, field: &Field| {
        let widest = rows.iter().filter_map(|row| row.get(at)).map(|cell| width(cell)).max().unwrap_or(0);
        if style.width == usize::MAX {
            widest.max(field.heading.len())
        } else {
            widest.min(field.most).max(field.heading.len())
        }
    };
    let mut widths: Vec<usize> = FIELDS.iter().enumerate().map(|(at, field)| natural(at, field)).collect();
    let filled = |at: &usize| rows.iter().any(|row| row.get(*at).is_some_and(|cell| !cell.is_empty()));
    let mut kept: Vec<usize> = (0..FIELDS.len()).filter(filled).collect();
    let needed = |kept: &[usize], widths: &[usize]| 1 + kept.iter().map(|at| widths[*at] + 2).sum::<usize>();
    let room = style.width.saturating_add(2);
    let natural = widths.clone();
    if needed(&kept, &widths) > room {
        let tight = |(width, field): (usize, &Field)| width.min(field.least.max(field.heading.len()));
        widths = widths.into_iter().zip(FIELDS).map(tight).collect();
    }
    while needed(&kept, &widths) > room {
        let least = kept.iter().filter(|at| FIELDS[**at].rank < 9).min_by_key(|at| FIELDS[**at].rank).copied();
        let Some(least) = least else { break };
        kept.retain(|at| *at != least);
    }
    // What is left over goes to those that were cut, from the left.
    for at in &kept {
        let spare = room.saturating_sub(needed(&kept, &widths));
        widths[*at] += spare.min(natural[*at] - widths[*at]);
    }
    let headings: Vec<String> = FIELDS.iter().map(|field| field.heading.to_owned()).collect();
    let heading = line(&headings, &kept, &widths);
    let _ = writeln!(out, "{}", style.paint(DIM, &heading));
    for row in &rows {
        let _ = writeln!(out, "{}", line(row, &kept, &widths));
    }
}

fn line(row: &[String], kept: &[usize], widths: &[usize]) -> String {
    let mut line = String::from(" ");
    for at in kept {
        let (cell, room) = (row.get(*at).map_or("", String::as_str), widths[*at]);
        let cell = cut(cell, room);
        let blanks = " ".repeat(room.saturating_sub(width(&cell)));
        if FIELDS[*at].right {
            let _ = write!(line, "{blanks}{cell}  ");
        } else {
            let _ = write!(line, "{cell}{blanks}  ");
        }
    }
    line.trim_end().to_owned()
}

fn row(column: &ColumnProfile) -> Vec<String> {
    let value = |text: Option<&str>| clean(text.unwrap_or_default());
    let meaning = column.semantic.first().map(|found| found.kind.as_str());
    let data_type = match (meaning, &column.format) {
        (Some(meaning), _) if column.data_type == "string" => format!("string/{meaning}"),
        _ => column.data_type.clone(),
    };
    let median = match (&column.quantiles, column.lengths) {
        (Some(_), _) => value(column.quantile(0.5)),
        (None, Some(lengths)) if column.values() > 0 => format!("len {}", lengths.median),
        _ => String::new(),
    };
    vec![
        clean(&column.name),
        data_type,
        percent(column.null_share()),
        approximate(&column.distinct),
        value(column.minimum.as_deref()),
        median,
        value(column.maximum.as_deref()),
        column.histogram.as_ref().map(sparkline).unwrap_or_default(),
        column.masks.first().map(|mask| clean(&mask.mask)).unwrap_or_default(),
        column.flags.join(" "),
    ]
}

fn relations(out: &mut String, table: &TableProfile) {
    if let Some(duplicates) = table.duplicates.as_ref().filter(|found| found.repeated.value > 0) {
        let _ = writeln!(out, " duplicate rows: {}", approximate(&duplicates.repeated));
    }
    let strong: Vec<String> = table
        .correlations
        .iter()
        .filter(|pair| pair.pearson.abs() >= 0.5)
        .take(3)
        .map(|pair| format!("{} ~ {} {:+.2}", clean(&pair.left), clean(&pair.right), pair.pearson))
        .collect();
    if !strong.is_empty() {
        let _ = writeln!(out, " correlations: {}", strong.join(" · "));
    }
    let missing: Vec<String> = table
        .missing
        .iter()
        .filter(|pattern| pattern.columns.len() > 1)
        .take(3)
        .map(|pattern| {
            let names: Vec<String> = pattern.columns.iter().take(4).map(|name| clean(name)).collect();
            let more = if pattern.columns.len() > 4 {
                format!(" and {} more", pattern.columns.len() - 4)
            } else {
                String::new()
            };
            format!("{}{more} in {}", names.join(" + "), counted(pattern.rows, "row"))
        })
        .collect();
    if !missing.is_empty() {
        let _ = writeln!(out, " missing together: {}", missing.join(" · "));
    }
}

fn alerts(out: &mut String, table: &TableProfile, style: Style) {
    let told: Vec<&Alert> =
        table.alerts.iter().filter(|alert| style.verbose || alert.severity != AlertSeverity::Info).collect();
    let most = if style.verbose { usize::MAX } else { ALERTS };
    for alert in told.iter().take(most) {
        let color = if alert.severity == AlertSeverity::Error { RED } else { YELLOW };
        let of = alert.column.as_ref().map_or_else(String::new, |column| format!("{}: ", clean(column)));
        let first = alert.first.as_ref();
        let place = first.map_or_else(String::new, |at| format!("  ({})", text::spot(at.record, at.line, at.offset)));
        let line = wrap(&format!("{} {of}{}{place}", alert.code, clean(&alert.message)), style.width, 5);
        out.push_str(&line.replacen(&alert.code, &style.paint(color, &alert.code), 1));
    }
    let hidden = table.alerts.len() - told.len().min(most);
    if hidden > 0 {
        let _ = writeln!(out, "{}", style.paint(DIM, &format!("and {hidden} more; --verbose shows them")));
    }
}

/// Writes a number and whether it is exact: `365 =`, `991,204 ±1.6%`.
#[must_use]
pub fn approximate(number: &Approx) -> String {
    if number.is_exact() {
        return format!("{} =", thousands(number.value));
    }
    format!("{} ±{:.1}%", thousands(number.value), number.rel_err * 100.0)
}

/// Writes a share in percent; what is neither nothing nor all is never shown as such.
#[must_use]
pub fn percent(share: f64) -> String {
    let shown = format!("{:.2}", share * 100.0);
    match shown.as_str() {
        "0.00" if share > 0.0 => "<0.01".to_owned(),
        "100.00" if share < 1.0 => ">99.99".to_owned(),
        "100.00" => "100".to_owned(),
        _ => shown,
    }
}

/// Draws a histogram in ten characters.
#[must_use]
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a drawing")]
pub fn sparkline(histogram: &Histogram) -> String {
    let step = histogram.bins.len().div_ceil(10).max(1);
    let sums: Vec<u64> = histogram.bins.chunks(step).map(|bins| bins.iter().map(|bin| bin.count).sum()).collect();
    let most = sums.iter().max().copied().unwrap_or(0).max(1);
    let block = |count: &u64| {
        if *count == 0 {
            return ' ';
        }
        BLOCKS[((*count as f64 / most as f64 * 7.0).round() as usize).min(7)]
    };
    sums.iter().map(block).collect()
}

/// Writes a size: `118 MiB`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub fn bytes(count: u64) -> String {
    let mut size = count as f64;
    for unit in ["B", "KiB", "MiB", "GiB"] {
        if size < 1024.0 {
            return if unit == "B" || size >= 100.0 {
                format!("{size:.0} {unit}")
            } else {
                format!("{size:.1} {unit}")
            };
        }
        size /= 1024.0;
    }
    format!("{size:.1} TiB")
}

/// Counts the places a text takes in a terminal: two for the wide characters of East Asia and most emoji.
fn width(text: &str) -> usize {
    let wide = |c: char| matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}');
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

fn cut(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        if width(&out) + width(c.encode_utf8(&mut [0; 4])) + 1 > room {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}
