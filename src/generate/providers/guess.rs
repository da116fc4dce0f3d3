//! Providers by the names of columns and by named formats.

use crate::model::TextFormat;

/// What the words at the end of a column's name ask for, joined by `_`.
const NAMES: &[(&str, &str)] = &[
    ("account_holder", "person_name"),
    ("address", "street"),
    ("address_line", "street"),
    ("barcode", "ean13"),
    ("brand", "company"),
    ("card_number", "credit_card"),
    ("category", "department"),
    ("cell", "phone"),
    ("city", "city"),
    ("color", "color"),
    ("colour", "color"),
    ("comment", "sentence"),
    ("company", "company"),
    ("company_name", "company"),
    ("contact", "person_name"),
    ("contact_name", "person_name"),
    ("country", "country"),
    ("country_code", "country_code"),
    ("country_name", "country"),
    ("county", "state"),
    ("credit_card", "credit_card"),
    ("currency", "currency_code"),
    ("currency_code", "currency_code"),
    ("customer_name", "person_name"),
    ("department", "department"),
    ("description", "sentence"),
    ("domain", "domain"),
    ("ean", "ean13"),
    ("ean13", "ean13"),
    ("email", "email"),
    ("email_address", "email"),
    ("employee_name", "person_name"),
    ("employer", "company"),
    ("family_name", "last_name"),
    ("fax", "phone"),
    ("firstname", "first_name"),
    ("first_name", "first_name"),
    ("forename", "first_name"),
    ("full_name", "person_name"),
    ("fullname", "person_name"),
    ("given_name", "first_name"),
    ("gtin", "ean13"),
    ("gtin13", "ean13"),
    ("guid", "uuid"),
    ("headline", "title"),
    ("homepage", "url"),
    ("host", "domain"),
    ("hostname", "domain"),
    ("house_number", "street_number"),
    ("iban", "iban"),
    ("ip", "ipv4"),
    ("ip_address", "ipv4"),
    ("ipv4", "ipv4"),
    ("ipv6", "ipv6"),
    ("isbn", "isbn13"),
    ("isbn13", "isbn13"),
    ("item", "product_name"),
    ("item_name", "product_name"),
    ("job", "job"),
    ("job_title", "job"),
    ("last_name", "last_name"),
    ("lastname", "last_name"),
    ("license_plate", "license_plate"),
    ("link", "url"),
    ("login", "user_name"),
    ("mac", "mac"),
    ("mac_address", "mac"),
    ("mail", "email"),
    ("manufacturer", "company"),
    ("mobile", "phone"),
    ("mobile_number", "phone"),
    ("name", "person_name"),
    ("note", "sentence"),
    ("notes", "sentence"),
    ("occupation", "job"),
    ("organisation", "company"),
    ("organization", "company"),
    ("phone", "phone"),
    ("phone_number", "phone"),
    ("plz", "postcode"),
    ("post_code", "postcode"),
    ("postal_code", "postcode"),
    ("postcode", "postcode"),
    ("product", "product_name"),
    ("product_name", "product_name"),
    ("product_description", "product_name"),
    ("profession", "job"),
    ("province", "state"),
    ("region", "state"),
    ("sku", "sku"),
    ("slug", "slug"),
    ("state", "state"),
    ("state_code", "state_code"),
    ("street", "street"),
    ("street_address", "street"),
    ("street_name", "street_name"),
    ("street_number", "street_number"),
    ("supplier", "company"),
    ("supplier_name", "company"),
    ("surname", "last_name"),
    ("tel", "phone"),
    ("telephone", "phone"),
    ("title", "title"),
    ("town", "city"),
    ("uri", "url"),
    ("url", "url"),
    ("user_name", "user_name"),
    ("username", "user_name"),
    ("uuid", "uuid"),
    ("vendor", "company"),
    ("vendor_name", "company"),
    ("vin", "vin"),
    ("website", "url"),
    ("zip", "postcode"),
    ("zip_code", "postcode"),
    ("zipcode", "postcode"),
];

/// What a column `name` asks for in a table of such things.
const TABLES: &[(&str, &str)] = &[
    ("article", "product_name"),
    ("brand", "company"),
    ("category", "department"),
    ("city", "city"),
    ("company", "company"),
    ("country", "country"),
    ("department", "department"),
    ("item", "product_name"),
    ("manufacturer", "company"),
    ("organisation", "company"),
    ("organization", "company"),
    ("product", "product_name"),
    ("region", "state"),
    ("supplier", "company"),
    ("vendor", "company"),
];

/// The provider of each named format.
const FORMATS: &[(TextFormat, &str)] = &[
    (TextFormat::Ean13, "ean13"),
    (TextFormat::Email, "email"),
    (TextFormat::Iban, "iban"),
    (TextFormat::Ipv4, "ipv4"),
    (TextFormat::Ipv6, "ipv6"),
    (TextFormat::IsoCountry, "country_code"),
    (TextFormat::IsoCurrency, "currency_code"),
    (TextFormat::PhoneE164, "phone_e164"),
    (TextFormat::Url, "url"),
    (TextFormat::Uuid, "uuid"),
];

/// Guesses the provider a text column's name asks for (`email`, `first_name`, `ship_city`), if any. A table's name
/// before it (`products.name`) tells what a mere `name` names.
#[must_use]
pub fn by_column_name(name: &str) -> Option<&'static str> {
    let (table, column) = name.rsplit_once('.').map_or(("", name), |(table, column)| (table, column));
    let words = words(column);
    if words.len() == 1 && words.first().is_some_and(|word| word == "name") {
        let table = self::words(table).pop().unwrap_or_default();
        let one = match table.strip_suffix("ies") {
            Some(stem) => format!("{stem}y"),
            None => table.strip_suffix('s').unwrap_or(&table).to_owned(),
        };
        if let Some((_, provider)) = TABLES.iter().find(|(listed, _)| *listed == one) {
            return Some(provider);
        }
    }
    // Of `billing_first_name` the longest known end decides; a number behind it (`address_2`) does not count.
    let numbered = words.last().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
    let words = words.get(..words.len() - usize::from(numbered)).unwrap_or_default();
    (0..words.len()).find_map(|start| {
        let end = words.get(start..)?.join("_");
        // A word before `name` says whose it is: only those listed are people's.
        if end == "name" && start > 0 {
            return None;
        }
        NAMES.iter().find(|(listed, _)| *listed == end).map(|(_, provider)| *provider)
    })
}

/// Names the provider whose values have a format, but for date patterns.
#[must_use]
pub fn by_format(format: &TextFormat) -> Option<&'static str> {
    FORMATS.iter().find(|(listed, _)| listed == format).map(|(_, provider)| *provider)
}

/// Splits a name at what is no letter or digit and before capitals, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for c in name.chars() {
        let inner = c.is_alphanumeric();
        if !inner || (lower && c.is_uppercase()) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (inner, words.last_mut()) {
            word.extend(c.to_lowercase());
        }
        lower = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::providers::find;
    use crate::model::Locale;
    use crate::model::check::TEXT_FORMATS;

    #[test]
    fn names_are_understood() {
        for (name, provider) in [
            ("email", Some("email")),
            ("customerEmail", Some("email")),
            ("FIRST_NAME", Some("first_name")),
            ("billing-first-name", Some("first_name")),
            ("ship_city", Some("city")),
            ("address_2", Some("street")),
            ("name", Some("person_name")),
            ("products.name", Some("product_name")),
            ("shop.companies.name", Some("company")),
            ("customers.name", Some("person_name")),
            ("file_name", None),
            ("email_verified", None),
            ("country_id", None),
            ("status", None),
            ("", None),
            ("7", None),
        ] {
            assert_eq!(by_column_name(name), provider, "{name}");
        }
    }

    #[test]
    fn all_that_is_named_exists() {
        let named = NAMES.iter().chain(TABLES).map(|(_, provider)| provider);
        for provider in named.chain(FORMATS.iter().map(|(_, provider)| provider)) {
            assert!(find(provider, Locale::EnUs).is_some(), "{provider}");
        }
        for (name, format) in TEXT_FORMATS {
            assert!(by_format(format).is_some(), "{name}");
        }
    }
}
