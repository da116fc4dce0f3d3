//! What holds for every provider in every locale.

use std::collections::BTreeSet;

use super::*;
use crate::frame::judge::formats::SHAPES;
use crate::model::generation::LOCALES;

fn each(mut check: impl FnMut(&str, Locale, &dyn Provider)) {
    for (name, _) in all() {
        for (_, locale) in LOCALES {
            check(name, *locale, &*find(name, *locale).unwrap_or_else(|| panic!("{name} is not made")));
        }
    }
}

fn drawn(provider: &dyn Provider, row: u64) -> String {
    let mut out = b"kept".to_vec();
    provider.write(&mut Draws::new(row), &mut out);
    let text = String::from_utf8(out).unwrap();
    text.strip_prefix("kept").unwrap().to_owned()
}

fn nth(provider: &dyn Provider, number: u128) -> String {
    let mut out = b"kept".to_vec();
    provider.nth(number, &mut out);
    let text = String::from_utf8(out).unwrap();
    text.strip_prefix("kept").unwrap().to_owned()
}

#[test]
fn the_list_is_sorted() {
    assert!(KINDS.windows(2).all(|pair| pair[0].name < pair[1].name));
    assert!(find("nonsense", Locale::EnUs).is_none());
}

#[test]
fn values_keep_what_is_promised_of_them() {
    each(|name, locale, provider| {
        for row in 0..3000 {
            let text = drawn(provider, row);
            assert!(!text.is_empty() && text.trim() == text, "{name} {locale:?} {text:?}");
            assert!(text.chars().count() <= provider.longest(), "{name} {locale:?} {text:?}");
            assert_eq!(text, drawn(provider, row), "{name}");
        }
    });
}

#[test]
fn numbers_give_different_values() {
    each(|name, locale, provider| {
        let Some(count) = provider.values() else { return };
        let near = count.min(3000);
        let mut numbers: BTreeSet<u128> = (0..near).collect();
        numbers.extend((0..near).map(|number| count - 1 - number * (count / near)));
        let values: BTreeSet<String> = numbers.iter().map(|number| nth(provider, *number)).collect();
        assert_eq!(values.len(), numbers.len(), "{name} {locale:?}");
        let longest = values.iter().map(|text| text.chars().count()).max().unwrap();
        assert!(longest <= provider.longest() && !values.contains(""), "{name} {locale:?}");
    });
}

#[test]
fn a_hundred_million_rows_can_be_unique() {
    let names = [
        "email",
        "user_name",
        "ean13",
        "iban",
        "uuid",
        "slug",
        "phone",
        "phone_e164",
        "company",
        "product_name",
        "sku",
        "credit_card",
        "ipv4",
        "ipv6",
        "mac",
        "url",
        "domain",
        "vin",
        "isbn13",
    ];
    for name in names {
        for (_, locale) in LOCALES {
            let count = find(name, *locale).unwrap().values().unwrap();
            assert!(count >= 100_000_000, "{name} {locale:?} {count}");
        }
    }
}

#[test]
fn formats_hold() {
    for (format, holds) in SHAPES {
        for (_, locale) in LOCALES {
            let provider = find(by_format(format).unwrap(), *locale).unwrap();
            let count = provider.values().unwrap().min(3000);
            assert!((0..3000).all(|row| holds(&drawn(&*provider, row))), "{format:?} {locale:?}");
            assert!((0..count).all(|number| holds(&nth(&*provider, number))), "{format:?} {locale:?}");
        }
    }
}

#[test]
fn values_stay_what_they_are() {
    // A change here changes what seeds give: raise `generate::VERSION` with it.
    let mut lines = String::new();
    for (name, _) in all() {
        let provider = find(name, Locale::EnUs).unwrap();
        lines += &format!("{name}: {:?} {:?}\n", drawn(&*provider, 1), nth(&*provider, 1));
    }
    insta::assert_snapshot!(lines);
}
