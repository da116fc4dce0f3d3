//! Source settings of a table: keys to [`SourceSpec`].

use crate::contract::part::{self, Fields};
use crate::contract::vocabulary::{self, SOURCE};
use crate::model::source::{ServerSource, Written};
use crate::model::{Encoding, Escape, Format, LineEnding, Quotes, SourceSpec};
use crate::rule::Complaint;
use crate::rule::node::{Data, Node};

/// Reads `source:`; what is wrong is complained about and keeps its default.
pub fn read(text: &str, key: &Node, node: &Node, complaints: &mut Vec<Complaint>) -> SourceSpec {
    let mut spec = SourceSpec::default();
    let Some(fields) = part::read("`source`", key, node, SOURCE, complaints) else { return spec };
    fields.refuse_others("`source`", SOURCE, complaints);
    let word = |name: &str| fields.get(name).and_then(Node::text);

    spec.format = match word("format") {
        Some("ndjson") => Format::Ndjson,
        Some("json") => Format::Json,
        Some("parquet") => Format::Parquet,
        _ => Format::Csv,
    };
    let is_written = |name: &str| fields.get(name).is_some();
    spec.written =
        Written { format: is_written("format"), delimiter: is_written("delimiter"), header: is_written("header") };
    spec.path = fields.text("path");
    spec.server = server(&fields, complaints);
    spec.escape = if word("escape") == Some("backslash") { Escape::Backslash } else { Escape::Doubled };
    spec.quotes = if word("quotes") == Some("lenient") { Quotes::Lenient } else { Quotes::Strict };
    spec.line_ending = match word("line_ending") {
        Some("lf") => LineEnding::Lf,
        Some("crlf") => LineEnding::Crlf,
        Some("cr") => LineEnding::Cr,
        _ => LineEnding::Any,
    };
    spec.encoding = match word("encoding") {
        Some("utf-8") => Encoding::Utf8,
        Some("utf-16le") => Encoding::Utf16Le,
        Some("utf-16be") => Encoding::Utf16Be,
        Some("latin1") => Encoding::Latin1,
        _ => Encoding::Auto,
    };
    spec.blank_records = word("blank_lines") == Some("record");
    spec.header = fields.flag("header").unwrap_or(spec.header);
    spec.trailing_delimiter = fields.flag("trailing_delimiter").unwrap_or(spec.trailing_delimiter);
    spec.quoted_nulls = fields.flag("quoted_nulls").unwrap_or(spec.quoted_nulls);
    spec.null_values = match fields.get("null_values") {
        Some(Node { data: Data::List(items), .. }) => items.iter().map(|item| spelled(text, item)).collect(),
        // NULL has a spelling of its own in every other format.
        _ if spec.format != Format::Csv => Vec::new(),
        _ => spec.null_values,
    };
    numbers(&fields, &mut spec, complaints);
    bytes(&fields, &mut spec, complaints);
    check_fits(&fields, complaints);
    spec
}

/// Reads where rows of a database lie.
fn server(fields: &Fields<'_>, complaints: &mut Vec<Complaint>) -> Option<ServerSource> {
    let Some(node) = fields.get("url") else {
        for name in ["table", "query", "partition_on"] {
            if let Some((key, _)) = fields.entry(name) {
                complaints.push(Complaint::at(key, "C918", format!("`{name}` needs a `url`")));
            }
        }
        return None;
    };
    let url = fields.text("url")?;
    let known = ["postgres", "postgresql", "mysql", "mariadb"];
    let rest = known.iter().find_map(|scheme| url.strip_prefix(scheme)?.strip_prefix("://"));
    let Some(rest) = rest else {
        complaints.push(
            Complaint::at(node, "C903", "`url` is not the address of a database karat knows")
                .hint("write postgres://user@host/database or mysql://user@host/database"),
        );
        return None;
    };
    let login = rest.rsplit_once('@').map_or("", |(login, _)| login);
    if login.split_once(':').is_some_and(|(_, password)| !password.starts_with("${")) {
        complaints.push(
            Complaint::at(node, "C920", "a password stands in the contract")
                .hint("write `${DB_PASSWORD}` and set that variable, or leave it out and use --password-file"),
        );
    }
    for (key, _) in fields.entries().filter(|(key, _)| !SERVER.contains(&key.text().unwrap_or_default())) {
        let name = key.text().unwrap_or_default();
        complaints.push(
            Complaint::at(key, "C918", format!("`{name}` does not fit a database")).hint("drop it, or drop `url`"),
        );
    }
    if let Some((key, _)) = fields.entry("query").filter(|_| fields.get("table").is_some()) {
        complaints.push(Complaint::at(key, "C908", "`table` and `query` exclude each other").hint("keep one"));
    }
    let text = |name: &str| fields.text(name);
    Some(ServerSource { url, table: text("table"), query: text("query"), partition_on: text("partition_on") })
}

/// Keys of a source that is a database.
const SERVER: &[&str] = &["url", "table", "query", "partition_on"];

fn numbers(fields: &Fields<'_>, spec: &mut SourceSpec, complaints: &mut Vec<Complaint>) {
    let number = |name: &str| fields.get(name).and_then(Node::scalar).and_then(|text| text.parse::<u64>().ok());
    spec.skip_lines = number("skip_lines").unwrap_or(spec.skip_lines);
    spec.max_field_bytes = number("max_field_bytes").unwrap_or(spec.max_field_bytes);
    let depth = number("max_depth").map(|depth| u32::try_from(depth).unwrap_or(u32::MAX));
    spec.max_depth = depth.unwrap_or(spec.max_depth);
    for name in ["max_field_bytes", "max_depth"] {
        if let Some(node) = fields.get(name).filter(|_| number(name) == Some(0)) {
            complaints.push(Complaint::at(node, "C903", format!("`{name}` must be at least 1")));
        }
    }
}

fn bytes(fields: &Fields<'_>, spec: &mut SourceSpec, complaints: &mut Vec<Complaint>) {
    let byte = |name: &str| fields.get(name).and_then(part::byte);
    spec.delimiter = byte("delimiter").flatten().unwrap_or(spec.delimiter);
    spec.quote = byte("quote").unwrap_or(spec.quote);
    spec.comment = byte("comment").unwrap_or(spec.comment);
    let taken = [
        ("delimiter", Some(spec.delimiter)),
        ("quote", spec.quote),
        ("comment", spec.comment),
        ("escape", (spec.escape == Escape::Backslash).then_some(b'\\')),
    ];
    for (i, (name, byte)) in taken.iter().enumerate() {
        let Some(byte) = byte else { continue };
        let Some((other, _)) = taken[..i].iter().find(|(_, earlier)| *earlier == Some(*byte)) else { continue };
        // A default that clashes was not written: the caret goes to the one that was.
        if let Some(node) = fields.get(name).or_else(|| fields.get(other)) {
            let text = char::from(*byte).escape_default();
            complaints.push(
                Complaint::at(node, "C908", format!("`{text}` cannot be both {other} and {name}"))
                    .hint(format!("choose another {name}, or `{name}: none` where that is allowed")),
            );
        }
    }
}

fn check_fits(fields: &Fields<'_>, complaints: &mut Vec<Complaint>) {
    let format = fields.get("format").and_then(Node::text).unwrap_or("csv");
    for key in SOURCE {
        let (Some(formats), Some((node, _))) = (vocabulary::fits(key.name), fields.entry(key.name)) else { continue };
        if !formats.contains(&format) {
            let message = format!("`{}` does not fit a {format} source", key.name);
            complaints.push(
                Complaint::at(node, "C918", message)
                    .label(format!("for {} only", formats.join(", ")))
                    .hint("drop it, or correct `format`"),
            );
        }
    }
}

/// Tells whether a source's files name their columns.
#[must_use]
pub fn names_columns(source: &SourceSpec) -> bool {
    source.format == Format::Parquet || source.format == Format::Csv && source.header
}

/// Gives a scalar as the document spells it: `NULL` and `True` are spellings here, not values.
fn spelled(text: &str, node: &Node) -> String {
    match node.data {
        Data::Null | Data::Bool(_) => text.get(node.span.clone()).unwrap_or_default().trim().to_owned(),
        _ => node.scalar().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::yaml;

    fn source(settings: &str) -> (SourceSpec, Vec<(&'static str, String)>) {
        let text = format!("source: {settings}\n");
        let (root, complaints) = yaml::load(&text);
        assert_eq!(complaints, vec![]);
        let root = root.unwrap();
        let Data::Map(entries) = &root.data else { panic!() };
        let mut complaints = Vec::new();
        let spec = read(&text, &entries[0].0, &entries[0].1, &mut complaints);
        (spec, complaints.into_iter().map(|c| (c.code, text[c.span].to_owned())).collect())
    }

    #[test]
    fn an_empty_source_is_csv() {
        assert_eq!(source("{}"), (SourceSpec::default(), vec![]));
    }

    #[test]
    fn every_setting_is_read() {
        let (spec, complaints) = source(
            r##"{format: csv, path: "a/*.tbl", delimiter: "|", quote: "'", escape: backslash, quotes: lenient, header: false,
                line_ending: crlf, comment: "#", skip_lines: 2, trailing_delimiter: true, null_values: [NULL, "", n/a, 0, ~],
                quoted_nulls: false, max_field_bytes: 10, encoding: latin1}"##,
        );
        let want = SourceSpec {
            format: Format::Csv,
            path: Some("a/*.tbl".to_owned()),
            server: None,
            delimiter: b'|',
            quote: Some(b'\''),
            escape: Escape::Backslash,
            quotes: Quotes::Lenient,
            header: false,
            line_ending: LineEnding::Crlf,
            comment: Some(b'#'),
            skip_lines: 2,
            trailing_delimiter: true,
            blank_records: false,
            null_values: ["NULL", "", "n/a", "0", "~"].map(str::to_owned).to_vec(),
            quoted_nulls: false,
            max_field_bytes: 10,
            encoding: Encoding::Latin1,
            max_depth: 128,
            written: Written { format: true, delimiter: true, header: true },
        };
        assert_eq!((spec, complaints), (want, vec![]));
    }

    #[test]
    fn bytes_have_three_spellings() {
        assert_eq!(source("{delimiter: \"\\t\"}").0.delimiter, b'\t');
        assert_eq!(source("{delimiter: '\\t'}").0.delimiter, b'\t');
        assert_eq!(source("{delimiter: tab, quote: none}").0.delimiter, b'\t');
        assert_eq!(source("{quote: none}").0.quote, None);
        assert_eq!(source("{delimiter: ';;'}").1, [("C903", "';;'".to_owned())]);
        assert_eq!(source("{delimiter: none}").1, [("C903", "none".to_owned())]);
        assert_eq!(source("{delimiter: '§'}").1, [("C903", "'§'".to_owned())]);
    }

    #[test]
    fn rows_may_lie_in_a_database() {
        let (spec, complaints) = source("{url: 'mysql://${U}:${P}@h/shop', query: select 1, partition_on: id}");
        assert_eq!(complaints, vec![]);
        let server = spec.server.unwrap();
        assert_eq!((server.url.as_str(), server.query.as_deref()), ("mysql://${U}:${P}@h/shop", Some("select 1")));
        let codes = |settings: &str| source(settings).1.into_iter().map(|(code, _)| code).collect::<Vec<_>>();
        assert_eq!(codes("{url: 'mysql://u:secret@h/shop'}"), ["C920"]);
        assert_eq!(codes("{url: 'oracle://h/shop'}"), ["C903"]);
        assert_eq!(codes("{url: 'mysql://h/shop', header: false}"), ["C918"]);
        assert_eq!(codes("{url: 'mysql://h/shop', table: a, query: b}"), ["C908"]);
        assert_eq!(codes("{table: a}"), ["C918"]);
    }

    #[test]
    fn mistakes_are_told() {
        assert_eq!(source("{format: ndjson, max_depth: 9}").0.null_values, Vec::<String>::new());
        assert_eq!(source("{format: ndjson, delimiter: ','}").1, [("C918", "delimiter".to_owned())]);
        assert_eq!(source("{format: parquet, encoding: auto}").1, [("C918", "encoding".to_owned())]);
        assert_eq!(source("{max_depth: 3}").1, [("C918", "max_depth".to_owned())]);
        assert_eq!(source("{delimiter: '\"'}").1, [("C908", "'\"'".to_owned())]);
        assert_eq!(source("{max_field_bytes: 0}").1, [("C903", "0".to_owned())]);
        assert_eq!(source("{formt: csv}").1, [("C902", "formt".to_owned())]);
        assert_eq!(source("{header: yes}").1, [("C903", "yes".to_owned())]);
        assert_eq!(source("[csv]").1, [("C903", "[csv]".to_owned())]);
    }
}
