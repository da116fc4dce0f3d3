//! Names of columns that hold personal data, whatever the values look like.

/// A word or words of a column's name, and what such columns hold.
const HINTS: &[(&str, &str)] = &[
    ("account holder", "a person's name"),
    ("address", "an address"),
    ("birth", "a date of birth"),
    ("birthdate", "a date of birth"),
    ("birthday", "a date of birth"),
    ("card number", "a card number"),
    ("credit card", "a card number"),
    ("dob", "a date of birth"),
    ("email", "an email address"),
    ("e mail", "an email address"),
    ("family name", "a person's name"),
    ("first name", "a person's name"),
    ("firstname", "a person's name"),
    ("forename", "a person's name"),
    ("full name", "a person's name"),
    ("gender", "a gender"),
    ("given name", "a person's name"),
    ("iban", "a bank account"),
    ("ip", "a network address"),
    ("ip address", "a network address"),
    ("last name", "a person's name"),
    ("lastname", "a person's name"),
    ("maiden name", "a person's name"),
    ("mobile", "a telephone number"),
    ("passport", "an identity document"),
    ("phone", "a telephone number"),
    ("salary", "a salary"),
    ("social security", "a social security number"),
    ("ssn", "a social security number"),
    ("street", "an address"),
    ("surname", "a person's name"),
    ("tax id", "a tax number"),
    ("telephone", "a telephone number"),
    ("username", "a user's name"),
];

/// Says what personal data a column of this name holds: `a date of birth` for `BirthDate`. `None` for other names.
#[must_use]
pub fn by_name(column: &str) -> Option<&'static str> {
    let words = words(column);
    let padded = format!(" {words} ");
    HINTS.iter().find(|(hint, _)| padded.contains(&format!(" {hint} "))).map(|(_, what)| *what)
}

/// Cuts a name into words of small letters with one blank between: `customerFirst_Name` is `customer first name`.
#[must_use]
pub fn words(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut small = false;
    for c in name.chars() {
        if (small && c.is_uppercase() || !c.is_alphanumeric()) && !out.ends_with(' ') {
            out.push(' ');
        }
        small = c.is_lowercase() || c.is_numeric();
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        }
    }
    out.trim().to_owned()
}
