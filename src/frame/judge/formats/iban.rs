//! `iban`: the country's own length (SWIFT registry, release 100), letters and digits in upper case without blanks, and the
//! remainder 1 modulo 97 (ISO 13616). The inner structure of each country's account numbers is not looked at.

/// Countries and the length of their numbers, sorted.
const LENGTHS: &[(&str, usize)] = &[
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BI", 27),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DJ", 27),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FK", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HN", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MN", 20),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NI", 28),
    ("NL", 18),
    ("NO", 15),
    ("OM", 23),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("RU", 33),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("SO", 23),
    ("ST", 25),
    ("SV", 28),
    ("TL", 23),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
    ("YE", 30),
];

/// Tells whether text is an IBAN in its electronic form.
pub fn holds(text: &str) -> bool {
    let Some((country, rest)) = text.split_at_checked(2) else { return false };
    let Ok(found) = LENGTHS.binary_search_by(|(code, _)| (*code).cmp(country)) else { return false };
    if LENGTHS[found].1 != text.len() || !rest.bytes().take(2).all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let (head, account) = text.as_bytes().split_at(4);
    let mut remainder = 0u32;
    for byte in account.iter().chain(head) {
        remainder = match byte {
            b'0'..=b'9' => remainder * 10 + u32::from(byte - b'0'),
            // A letter counts as two digits: A is 10, Z is 35.
            b'A'..=b'Z' => remainder * 100 + u32::from(byte - b'A') + 10,
            _ => return false,
        } % 97;
    }
    remainder == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_sorted() {
        assert!(LENGTHS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn good_and_bad() {
        for good in [
            "GB29NWBK60161331926819",
            "DE89370400440532013000",
            "FR1420041010050500013M02606",
            "NO9386011117947",
            "CH9300762011623852957",
            "NL91ABNA0417164300",
        ] {
            assert!(holds(good), "{good}");
        }
        for bad in [
            "GB29NWBK60161331926818",
            "GB29 NWBK 6016 1331 9268 19",
            "gb29nwbk60161331926819",
            "DE8937040044053201300",
            "XX89370400440532013000",
            "DE",
            "DEé9370400440532013000",
            "é",
            "GBA9NWBK60161331926819",
        ] {
            assert!(!holds(bad), "{bad}");
        }
    }
}
