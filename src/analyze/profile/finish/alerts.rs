//! What a reader should look at first.

use crate::analyze::profile::column::Column;
use crate::analyze::profile::finish::About;
use crate::analyze::profile::finish::column::disguised;
use crate::analyze::profile::state::TableState;
use crate::model::profile::{Alert, AlertKind, AlertSeverity, ColumnProfile, Spot, TableProfile};
use crate::model::words;

/// Collects the alerts of a table, worst first, columns in their order.
#[must_use]
pub fn alerts(state: &TableState, profile: &TableProfile, about: &About) -> Vec<Alert> {
    let mut found = Found::default();
    table(profile, about, &mut found);
    for (counted, column) in state.columns.iter().zip(&profile.columns) {
        found.column = Some(column.name.clone());
        types(counted, column, &mut found);
        values(column, &mut found);
        if let Some(dates) = &column.dates {
            moments(dates, &mut found);
        }
    }
    found.alerts.sort_by_key(|alert| alert.severity);
    found.alerts
}

#[derive(Default)]
struct Found {
    alerts: Vec<Alert>,
    column: Option<String>,
}

impl Found {
    fn add(&mut self, code: &str, count: u64, first: Option<Spot>, message: String) {
        let severity = AlertKind::find(code).map_or(AlertSeverity::Error, |kind| kind.severity);
        let column = self.column.clone();
        self.alerts.push(Alert { code: code.to_owned(), severity, column, message, count: Some(count), first });
    }
}

fn table(profile: &TableProfile, about: &About, found: &mut Found) {
    for finding in &profile.shape.findings {
        let code = if finding.code.starts_with('A') { finding.code.as_str() } else { "A420" };
        let of = if finding.code == "A402" { "file" } else { "record" };
        let named =
            if code == "A420" { format!("{} ({})", finding.title, finding.code) } else { finding.title.clone() };
        let message = format!("{}: {named}", words::counted(finding.count, of));
        found.add(code, finding.count, finding.places.first().cloned(), message);
    }
    for name in &about.repeated_names {
        found.add("A419", 2, None, format!("the header names `{name}` more than once"));
    }
    if let Some(duplicates) = profile.duplicates.as_ref().filter(|duplicates| duplicates.repeated.value > 0) {
        let about = if duplicates.repeated.is_exact() { "" } else { "about " };
        let rows = words::counted(duplicates.repeated.value, "row");
        found.add("A410", duplicates.repeated.value, None, format!("{about}{rows} equal an earlier one"));
    }
    for pair in profile.correlations.iter().filter(|pair| pair.pearson.abs() >= 0.99) {
        found.add(
            "A417",
            pair.rows,
            None,
            format!("{} and {} correlate with {:.3}", pair.left, pair.right, pair.pearson),
        );
    }
}

fn types(counted: &Column, column: &ColumnProfile, found: &mut Found) {
    let family = |kind: &str| match kind {
        "integer" | "decimal" | "float" => "number",
        "date" | "timestamp" | "timestamptz" => "moment",
        _ => "",
    };
    let own = match column.data_type.as_str() {
        "bool" => "bool",
        "list" => "list",
        "date" | "timestamp" | "timestamptz" => "moment",
        "time" => "time",
        "string" => "",
        _ => "number",
    };
    if !own.is_empty() {
        let strays = column.types.iter().filter(|count| count.kind != own && family(&count.kind) != own);
        for stray in strays {
            let spot = stray.first.as_ref().map(|first| first.place.clone());
            let value = stray.first.as_ref().map_or_else(String::new, |first| format!(", the first {:?}", first.value));
            let among = if own == "number" { "numbers".to_owned() } else { format!("{own}s") };
            let verb = if stray.count == 1 { "reads" } else { "read" };
            let message =
                format!("{} among {among} {verb} as {}{value}", words::counted(stray.count, "value"), stray.kind);
            found.add("A403", stray.count, spot, message);
        }
    }
    if let Some(declared) = &column.declared
        && column.values() > 0
        && !agrees(declared, &column.data_type, counted)
    {
        let message = format!("the contract says {declared}, and the values read as {}", column.data_type);
        found.add("A421", column.values(), None, message);
    }
    if column.zero_padded > 0 && column.data_type == "string" {
        let message =
            format!("{} with zeros in front: codes, not numbers", words::counted(column.zero_padded, "value"));
        found.add("A409", column.zero_padded, None, message);
    }
}

/// Tells whether values that read as one type can be of the contract's.
fn agrees(declared: &str, found: &str, counted: &Column) -> bool {
    let family = |name: &str| match name.split('(').next().unwrap_or_default() {
        "int8" | "int16" | "int32" | "int64" | "uint8" | "uint16" | "uint32" | "uint64" => 1,
        "decimal" | "float32" | "float64" => 2,
        "date" => 3,
        "timestamp" | "timestamptz" => 4,
        "time" => 5,
        "bool" => 6,
        "list" => 7,
        _ => 0,
    };
    match (family(declared), family(found)) {
        // Anything is text; whole numbers are decimals; digits may be flags; days are moments.
        (0, _) | (2, 1) | (4, 3) => true,
        (6, 1) => counted.numbers.whole_digits <= 1,
        (declared, found) => declared == found,
    }
}

fn values(column: &ColumnProfile, found: &mut Found) {
    let values = column.values();
    if column.count > 0 && values == 0 {
        found.add("A407", column.count, None, "every value is NULL".to_owned());
        return;
    }
    if column.null_share() > 0.5 {
        let message = format!("{:.1} % of the values are NULL", column.null_share() * 100.0);
        found.add("A418", column.nulls, None, message);
    }
    let spellings: Vec<_> = disguised(column).collect();
    if !spellings.is_empty() {
        let named: Vec<String> = spellings
            .iter()
            .take(3)
            .map(|spelling| format!("{:?} {} times", spelling.text, words::thousands(spelling.count)))
            .collect();
        let count = spellings.iter().map(|spelling| spelling.count).sum();
        found.add("A404", count, None, format!("looks like NULL: {}", named.join(", ")));
    }
    let blanks = column.text.leading_blanks + column.text.trailing_blanks + column.text.blank;
    if blanks > 0 {
        found.add("A405", blanks, None, format!("{} with blanks around", words::counted(blanks, "value")));
    }
    if column.text.control > 0 {
        let message =
            format!("{} with control characters or line breaks", words::counted(column.text.control, "value"));
        found.add("A416", column.text.control, None, message);
    }
    if column.distinct.value == 1 && values > 1 {
        found.add("A406", values, None, "every value is the same".to_owned());
    }
    if let Some(outliers) = &column.outliers {
        let more = if outliers.at_least { "at least " } else { "" };
        let first = outliers.examples.first();
        let far = first.map_or_else(String::new, |first| format!(", the farthest {}", first.value));
        let message = format!("{more}{} far from the others{far}", words::counted(outliers.count, "number"));
        found.add("A408", outliers.count, first.map(|first| first.place.clone()), message);
    }
    let repeated = values - column.distinct.value.min(values);
    if column.distinct.is_exact() && values >= 100 && repeated > 0 && repeated * 100 <= values {
        let verb = if repeated == 1 { "repeats" } else { "repeat" };
        found.add(
            "A411",
            repeated,
            None,
            format!("nearly unique: {} {verb} an earlier one", words::counted(repeated, "value")),
        );
    }
    if let Some(personal) = &column.personal {
        found.add("A415", values, None, personal.reason.clone());
    }
}

fn moments(dates: &crate::model::profile::Dates, found: &mut Found) {
    if dates.formats.len() > 1 {
        let named: Vec<String> = dates.formats.iter().take(3).map(|format| format.format.clone()).collect();
        found.add("A412", dates.formats.iter().skip(1).map(|format| format.count).sum(), None, named.join(", "));
    }
    if let Some(gap) = dates.gaps.first() {
        let message = format!("no value for {} after {}", words::counted(gap.days, "day"), gap.after);
        found.add("A413", gap.days, None, message);
    }
    if dates.sentinels > 0 {
        found.add(
            "A414",
            dates.sentinels,
            None,
            format!("{} that usually stand for NULL", words::counted(dates.sentinels, "date")),
        );
    }
}
