//! # What
//! The text has a known shape: an e-mail address, a country code, an IBAN, a date.
//!
//! Known names are `ean13`, `email`, `iban`, `ipv4`, `ipv6`, `iso_country`, `iso_currency`, `phone_e164`, `url` and
//! `uuid`; check digits are checked. A text with a `%` is a date pattern: the text must read as a real day in it.
//!
//! On a temporal column `format` is no rule of its own: it says how text is read (`%d/%m/%Y`), and the rule is the
//! column's type. On a binary column it is `hex` or `base64`.
//!
//! # Why
//! These shapes are written wrongly by hand in every project; here each is written once, and tested.
//!
//! # Example
//! ```yaml
//! columns:
//!   email:   {type: string, format: email}
//!   country: {type: string, format: iso_country}
//!   born:    {type: string, format: "%d.%m.%Y"}
//! ```
//!
//! # Passes
//! ```csv
//! email,country,born
//! ada@example.org,GB,10.12.1815
//! ,,
//! grace@example.com,US,09.12.1906
//! ```
//!
//! # Fails
//! ```csv
//! email,country,born
//! ada at example.org,GB,10.12.1815
//! ada@example.org,XX,10.12.1815
//! ada@example.org,GB,31.02.1815
//! ```

use crate::model::check::TEXT_FORMATS;
use crate::model::temporal::Pattern;
use crate::model::{CellTest, Column, DataType, TextFormat};
use crate::rule::ask::{self, Made};
use crate::rule::node::Node;
use crate::rule::{Asked, Complaint, RuleKind, Scope, Shape};

/// The kind `format`.
pub const KIND: RuleKind = RuleKind {
    name: "format",
    code: "R110",
    scope: Scope::Cell,
    keyword: true,
    long_form: true,
    argument: Shape::Either(&[Shape::Word(NAMES), Shape::Text]),
    options: &[],
    page: include_str!("format.rs"),
    build,
};

/// The names of [`TEXT_FORMATS`], for editors.
const NAMES: &[&str] =
    &["ean13", "email", "iban", "ipv4", "ipv6", "iso_country", "iso_currency", "phone_e164", "url", "uuid"];

fn build(asked: &Asked<'_>) -> Made {
    let fits = |data_type: &DataType| {
        *data_type == DataType::String || *data_type == DataType::Binary || data_type.is_temporal()
    };
    let cell = ask::cell(asked, KIND.name, fits, "text, a moment or binary")?;
    let Some(text) = asked.argument.text() else {
        let message = format!("`format` is a name or a date pattern, found {}", asked.argument.what());
        return Err(vec![Complaint::at(asked.argument, "C903", message)]);
    };
    if cell.column.data_type != DataType::String {
        // How the column is read, not a rule of its own: the type rule judges by it.
        return reading(asked.argument, text, cell.column).map(|()| Vec::new());
    }
    let format = text_format(asked.argument, text)?;
    let shape = words(&format);
    Ok(cell.built(CellTest::Format(format), &format!("is {shape}"), format!("is not {shape}")))
}

fn text_format(node: &Node, text: &str) -> Result<TextFormat, Vec<Complaint>> {
    if let Some((_, format)) = TEXT_FORMATS.iter().find(|(name, _)| *name == text) {
        return Ok(format.clone());
    }
    if text.contains('%') {
        let pattern = compile(node, text)?;
        if !pattern.has_date() {
            let complaint = Complaint::at(node, "C903", format!("the date pattern `{text}` names no whole day"));
            return Err(vec![complaint.hint("it needs a year, a month and a day")]);
        }
        return Ok(TextFormat::DatePattern(text.to_owned()));
    }
    let complaint = Complaint::at(node, "C903", format!("there is no format `{text}`"));
    let complaint = complaint.hint(format!("known are {}, and date patterns such as %Y-%m-%d", NAMES.join(", ")));
    Err(vec![ask::hint_nearest(complaint, text, NAMES.iter().copied())])
}

/// Checks that a column of another type than text can be read in its format.
fn reading(node: &Node, text: &str, column: &Column) -> Result<(), Vec<Complaint>> {
    let complaint = |message: String| Err(vec![Complaint::at(node, "C903", message)]);
    let data_type = &column.data_type;
    if *data_type == DataType::Binary {
        return match text {
            "hex" | "base64" => Ok(()),
            _ => complaint(format!("a binary column is read from hex or base64, not from `{text}`")),
        };
    }
    let pattern = compile(node, text)?;
    let lacks = match data_type {
        DataType::Time => (!pattern.has_time()).then_some("no hour and minute"),
        _ if !pattern.has_date() => Some("no whole day"),
        DataType::TimestampTz => (!pattern.has_offset()).then_some("no offset from UTC"),
        _ => None,
    };
    match lacks {
        None => Ok(()),
        Some(lacks) => complaint(format!("a {data_type} cannot be read by `{text}`: it names {lacks}")),
    }
}

fn compile(node: &Node, text: &str) -> Result<Pattern, Vec<Complaint>> {
    Pattern::new(text)
        .map_err(|reason| vec![Complaint::at(node, "C903", format!("`{text}` is no date pattern")).label(reason)])
}

fn words(format: &TextFormat) -> String {
    match format {
        TextFormat::Email => "an e-mail address",
        TextFormat::Uuid => "a UUID",
        TextFormat::Url => "a URL",
        TextFormat::Ipv4 => "an IPv4 address",
        TextFormat::Ipv6 => "an IPv6 address",
        TextFormat::IsoCountry => "an ISO 3166 country code",
        TextFormat::IsoCurrency => "an ISO 4217 currency code",
        TextFormat::Iban => "an IBAN",
        TextFormat::Ean13 => "an EAN-13 number",
        TextFormat::PhoneE164 => "a phone number by E.164",
        TextFormat::DatePattern(pattern) => return format!("a date written {pattern}"),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Check;
    use crate::rule::testing::{build, codes, number, one, text};

    #[test]
    fn the_names_are_those_of_the_model() {
        assert!(TEXT_FORMATS.iter().map(|(name, _)| *name).eq(NAMES.iter().copied()));
    }

    #[test]
    fn names_and_date_patterns_are_formats_of_text() {
        let built = one(&KIND, Some("tags[]"), &text("email"), &[]);
        assert_eq!(built.check, Check::Cell(CellTest::Format(TextFormat::Email)));
        assert_eq!(built.message, "is not an e-mail address");
        let built = one(&KIND, Some("code"), &text("%d/%m/%Y"), &[]);
        assert_eq!(built.check, Check::Cell(CellTest::Format(TextFormat::DatePattern("%d/%m/%Y".to_owned()))));
        let complaint = build_error("emial");
        assert_eq!(complaint.hint.as_deref(), Some("did you mean `email`?"));
        assert_eq!(codes(&KIND, Some("code"), &text("%H:%M"), &[]), ["C903"]);
        assert_eq!(codes(&KIND, Some("code"), &number("5"), &[]), ["C903"]);
        assert_eq!(codes(&KIND, Some("id"), &text("email"), &[]), ["C907"]);
    }

    fn build_error(format: &str) -> Complaint {
        build(&KIND, Some("code"), &text(format), &[]).unwrap_err().remove(0)
    }

    #[test]
    fn other_columns_are_read_by_their_format() {
        assert_eq!(build(&KIND, Some("day"), &text("%d/%m/%Y"), &[]), Ok(Vec::new()));
        assert_eq!(build(&KIND, Some("blob"), &text("hex"), &[]), Ok(Vec::new()));
        for (column, format) in
            [("day", "%H:%M"), ("at", "%Y-%m-%d"), ("zoned", "%Y-%m-%d %H:%M:%S"), ("blob", "email")]
        {
            assert_eq!(codes(&KIND, Some(column), &text(format), &[]), ["C903"], "{column}");
        }
    }
}
