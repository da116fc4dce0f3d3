//! What holds for every provider in every locale.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::*;
use crate::frame::judge::formats::SHAPES;
use crate::frame::text::FULL;
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
fn authors_write_what_providers_do() {
    for (name, _) in all() {
        for (_, locale) in LOCALES {
            let provider = find(name, *locale).unwrap();
            let Some(author) = provider.author() else { continue };
            let letters = author.letters();
            for row in 0..2000 {
                let (mut wanted, mut room) = (Vec::new(), [0; 300]);
                provider.write(&mut Draws::new(row), &mut wanted);
                let end = author.put(row, &mut room, 7);
                assert_eq!(&room[7..end], wanted, "{name} {locale:?}");
                // Where there is too little room, none of it is taken for enough.
                let end = author.put(row, &mut room[..7 + wanted.len()], 7);
                assert!(end == 7 + wanted.len() || end >= FULL, "{name} {locale:?}");
                assert!(author.put(row, &mut room[..6 + wanted.len()], 7) >= FULL, "{name} {locale:?}");
                assert!(wanted.len() >= letters.least && wanted.iter().all(|byte| letters.has(*byte)), "{name}");
            }
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

/// What each provider gives, and a sum over many values in all locales.
fn golden() -> String {
    let mut lines = String::new();
    for (name, _) in all() {
        let mut sum = 0xcbf2_9ce4_8422_2325u64;
        for (_, locale) in LOCALES {
            let provider = find(name, *locale).unwrap();
            let count = provider.values().unwrap_or(1);
            for row in 0..50 {
                let text = drawn(&*provider, row) + &nth(&*provider, u128::from(row) % count);
                // FNV-1a.
                sum = text.bytes().fold(sum, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
            }
        }
        let provider = find(name, Locale::EnUs).unwrap();
        writeln!(lines, "{name}: {:?} {:?} {sum:016x}", drawn(&*provider, 1), nth(&*provider, 1)).unwrap();
    }
    lines
}

#[test]
fn values_stay_what_they_are() {
    // A change here changes what seeds give: raise `generate::VERSION` with it. `KARAT_BLESS=1` writes the file anew.
    let golden = golden();
    if std::env::var_os("KARAT_BLESS").is_some() {
        let place = concat!(env!("CARGO_MANIFEST_DIR"), "/src/generate/providers/golden.txt");
        std::fs::write(place, &golden).unwrap();
        return;
    }
    for (line, kept) in golden.lines().zip(include_str!("golden.txt").lines()) {
        assert_eq!(line, kept);
    }
    assert_eq!(golden.lines().count(), include_str!("golden.txt").lines().count());
}
