//! Semantic types: what texts mean by their look. One file a kind, and one line in [`KINDS`].
//!
//! A recogniser looks at one whole value and says yes or no. Recognisers run on a sample of different values (the most
//! frequent ones, or those of a sketch), never on every cell: [`recognise`] takes that sample, with how often each value
//! occurs, and gives the kinds that at least half of it has. A value's length rules most kinds out before a recogniser
//! runs. Where the contract knows a kind by `format:`, [`Kind::format`] names it, and the tests are the judge's own.
//!
//! [`moment`] finds the patterns of dates and times, [`personal`] the names of columns that hold personal data.

mod code;
mod digest;
mod email;
mod geography;
mod iban;
mod ip;
mod isbn;
mod json;
mod mac;
mod payment_card;
pub mod personal;
mod phone;
mod postal_code;
mod product_code;
mod social_security;
#[cfg(test)]
mod tests;
mod url;
mod uuid;

/// A kind of text.
#[derive(Debug)]
pub struct Kind {
    /// A word: `email`.
    pub name: &'static str,
    /// For people, plural: `email addresses`.
    pub title: &'static str,
    /// Values of it are personal data, or lead to a person.
    pub personal: bool,
    /// The contract's `format` that tests the same.
    pub format: Option<&'static str>,
    /// Bytes of a value: at least and at most.
    pub length: (usize, usize),
    /// Different values that must agree before the kind is believed: few for shapes that do not come about by chance.
    pub least: usize,
    /// Tells whether a whole value is one.
    pub holds: fn(&str) -> bool,
}

/// Every kind; where a value has several, the one that stands first says more.
pub const KINDS: &[&Kind] = &[
    &email::EMAIL,
    &url::URL,
    &uuid::UUID,
    &iban::IBAN,
    &ip::IPV4,
    &ip::IPV6,
    &mac::MAC,
    &digest::SHA256,
    &digest::SHA1,
    &digest::MD5,
    &json::JSON,
    &social_security::SSN,
    &isbn::ISBN,
    &payment_card::CARD,
    &product_code::EAN13,
    &product_code::GTIN,
    &phone::PHONE,
    &postal_code::UK,
    &postal_code::CANADA,
    &postal_code::NETHERLANDS,
    &postal_code::ZIP_PLUS_4,
    &geography::COUNTRY,
    &geography::CURRENCY,
    &code::ZERO_PADDED,
];

/// The least part of the values that makes a kind worth a word.
pub const SHARE: f64 = 0.5;

/// A kind that many of some values have.
#[derive(Debug, Clone, Copy)]
pub struct Hit {
    pub kind: &'static Kind,
    /// Of all occurrences of the values looked at, 0 to 1.
    pub share: f64,
    /// Occurrences that have the kind.
    pub count: u64,
}

impl Kind {
    /// Finds a kind by its name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name).copied()
    }

    /// Tells whether a value is of the kind.
    #[must_use]
    pub fn takes(&self, value: &[u8]) -> bool {
        let (least, most) = self.length;
        (least..=most).contains(&value.len()) && std::str::from_utf8(value).is_ok_and(self.holds)
    }
}

/// Recognises the kinds of some values, each with the number of its occurrences; the best first, by [`KINDS`] where equal.
/// Values should be different ones; empty ones are passed over.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub fn recognise(values: &[(&[u8], u64)]) -> Vec<Hit> {
    let filled: Vec<&(&[u8], u64)> = values.iter().filter(|(value, _)| !value.is_empty()).collect();
    let total: u64 = filled.iter().map(|(_, count)| count).sum();
    if total == 0 {
        return Vec::new();
    }
    let mut hits = Vec::new();
    for kind in KINDS {
        let (mut count, mut found) = (0, 0);
        for (looked, (value, occurs)) in filled.iter().enumerate() {
            // A kind that none of the first values has will not get half of them.
            if looked >= 64 && found == 0 {
                break;
            }
            if kind.takes(value) {
                found += 1;
                count += occurs;
            }
        }
        let share = count as f64 / total as f64;
        if share >= SHARE && found >= kind.least {
            hits.push(Hit { kind, share, count });
        }
    }
    // Stable: equal shares keep the order of the list.
    hits.sort_by(|left, right| right.share.total_cmp(&left.share));
    hits
}
