//! Each kind on good and bad values, and kinds against each other.

use super::*;

const GOOD: &[(&str, &[&str])] = &[
    ("email", &["a@b.de", "first.last@example.co.uk"]),
    ("url", &["https://a.de/x", "http://b.org"]),
    ("uuid", &["123e4567-e89b-12d3-a456-426614174000", "00000000-0000-0000-0000-000000000000"]),
    ("iban", &["GB29NWBK60161331926819", "DE89370400440532013000"]),
    ("ipv4", &["1.2.3.4", "192.168.0.1"]),
    ("ipv6", &["::1", "2001:db8::ff00:42:8329"]),
    ("mac", &["00:1A:2b:3c:4d:5e", "00-1A-2b-3c-4d-5e"]),
    ("md5", &["d41d8cd98f00b204e9800998ecf8427e"]),
    ("sha1", &["da39a3ee5e6b4b0d3255bfef95601890afd80709"]),
    ("sha256", &["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]),
    ("json", &["{\"a\": 1}", "[1, 2]"]),
    ("us_ssn", &["123-45-6789", "001-01-0001"]),
    ("isbn", &["978-3-16-148410-0", "0-306-40615-2", "080442957X"]),
    ("payment_card", &["4111111111111111", "5500 0000 0000 0004", "378282246310005"]),
    ("ean13", &["4006381333931", "5901234123457", "0012345678905", "9780201379624", "4012345123456"]),
    ("gtin", &["96385074", "036000291452", "10012345678902", "73513537", "614141000036"]),
    ("phone", &["+49 30 123456", "(030) 123-4567", "27-918-335-1736", "030/1234567", "+12025550123", "555-0123"]),
    ("postal_code_gb", &["SW1A 1AA", "M1 1AE", "EC1A 1BB"]),
    ("postal_code_ca", &["K1A 0B1", "M5V 3L9", "H0H 0H0"]),
    ("postal_code_nl", &["1012 AB", "3511 LX", "9999 ZZ"]),
    ("zip_plus_4", &["12345-6789", "00501-0001", "99950-1234"]),
    ("country_code", &["DE", "FR", "GB"]),
    ("currency_code", &["EUR", "USD", "JPY"]),
    ("zero_padded", &["00501", "007"]),
];

/// Each value once.
fn once<'a>(values: &[&'a str]) -> Vec<(&'a [u8], u64)> {
    values.iter().map(|value| (value.as_bytes(), 1)).collect()
}

#[test]
fn every_kind_knows_its_own() {
    assert_eq!(GOOD.len(), KINDS.len());
    for (name, values) in GOOD {
        let kind = Kind::find(name).unwrap();
        for value in *values {
            assert!(kind.takes(value.as_bytes()), "{name} {value}");
            for bad in [format!(" {value}"), format!("{value}\n"), format!("{value}\u{1}"), String::new()] {
                assert!(*name == "json" || !kind.takes(bad.as_bytes()), "{name} {bad:?}");
            }
        }
        let hits = recognise(&once(values));
        if values.len() >= kind.least {
            assert_eq!(hits.first().map(|hit| hit.kind.name), Some(*name), "{hits:?}");
            assert!((hits[0].share - 1.0).abs() < 1e-9);
        }
    }
}

#[test]
fn formats_are_the_contracts_own() {
    for kind in KINDS {
        if let Some(format) = kind.format {
            assert!(crate::model::check::TEXT_FORMATS.iter().any(|(name, _)| *name == format), "{format}");
        }
    }
}

#[test]
fn what_only_looks_alike_is_no_kind() {
    for (name, bad) in [
        ("phone", "2026-01-31"),
        ("phone", "31.01.2026"),
        ("phone", "12/31/2026"),
        ("phone", "1234567"),
        ("phone", "192.168.10.10"),
        ("phone", "1.2.3"),
        ("phone", "1234567.89"),
        ("phone", "2026-01-31 12:00"),
        ("phone", "12345-678(9"),
        ("payment_card", "4111111111111112"),
        ("payment_card", "9999999999999995"),
        ("md5", "12345678901234567890123456789012"),
        ("md5", "d41d8cd98f00b204E9800998ecf8427e"),
        ("isbn", "978-3-16-148410-1"),
        ("us_ssn", "000-45-6789"),
        ("json", "{not json}"),
        ("gtin", "00000000"),
        ("country_code", "de"),
    ] {
        assert!(!Kind::find(name).unwrap().takes(bad.as_bytes()), "{name} {bad}");
    }
    // One in ten numbers has a right check digit.
    let numbers: Vec<String> = (0..200_u64).map(|n| (4_006_381_300_000 + n * 7919).to_string()).collect();
    let texts: Vec<(&[u8], u64)> = numbers.iter().map(|number| (number.as_bytes(), 1)).collect();
    assert!(recognise(&texts).is_empty());
}

#[test]
fn shares_count_occurrences() {
    let values: [(&[u8], u64); 3] = [(b"a@b.de", 6), (b"n/a", 3), (b"c@d.org", 1)];
    let hits = recognise(&values);
    assert_eq!((hits[0].kind.name, hits[0].count), ("email", 7));
    assert!((hits[0].share - 0.7).abs() < 1e-9);
    assert!(
        recognise(&[]).is_empty() && recognise(&[(b"", 1)]).is_empty() && recognise(&[(b"\xFF\xFE", 1)]).is_empty()
    );
}

#[test]
fn names_tell_of_persons() {
    for (name, what) in [
        ("customerFirstName", Some("a person's name")),
        ("BIRTH_DATE", Some("a date of birth")),
        ("e-mail", Some("an email address")),
        ("s_phone", Some("a telephone number")),
        ("ip", Some("a network address")),
        ("description", None),
        ("shipping_method", None),
        ("recipe", None),
    ] {
        assert_eq!(personal::by_name(name), what, "{name}");
    }
}
