//! IBANs of the locale's country (Britain for America, which has none), with valid check digits (ISO 13616).
//!
//! Inside, too, the numbers are built as in their country: French ones end in the right key, Spanish ones hold the
//! right control digits.

use crate::generate::providers::radix::{Code, pad};
use crate::model::Locale;

/// `iban`.
#[derive(Debug)]
pub struct Iban(pub Locale);

/// Banks: in Britain by four letters, in France by five digits, in Spain by four.
const BRITISH: [&[u8; 4]; 10] =
    [b"ABBY", b"BARC", b"BUKB", b"COOP", b"HBUK", b"LOYD", b"MIDL", b"NWBK", b"RBOS", b"TSBS"];
const FRENCH: [u64; 10] = [10_107, 10_278, 13_807, 14_505, 17_515, 18_206, 20_041, 30_002, 30_003, 30_004];
const SPANISH: [u64; 10] = [49, 75, 81, 128, 182, 1465, 2038, 2085, 2100, 3058];

fn bank<T: Copy>(banks: &[T; 10], number: u64) -> T {
    banks[usize::try_from(number % 10).unwrap_or(0)]
}

impl Code for Iban {
    fn radices(&self) -> [u64; 2] {
        match self.0 {
            // Account; bank code.
            Locale::DeDe => [10_000_000_000, 80_000_000],
            // Account; bank and sort code.
            Locale::EnUs | Locale::EnGb => [100_000_000, 10_000_000],
            // Account, of eleven digits; bank and branch.
            Locale::FrFr => [100_000_000_000, 1_000_000],
            // Account; bank and branch.
            Locale::EsEs => [10_000_000_000, 100_000],
        }
    }

    fn encode(&self, low: u64, high: u64, out: &mut Vec<u8>) {
        let start = out.len();
        match self.0 {
            Locale::DeDe => {
                out.extend_from_slice(b"DE00");
                pad(high + 10_000_000, 8, out);
                pad(low, 10, out);
            }
            Locale::EnUs | Locale::EnGb => {
                out.extend_from_slice(b"GB00");
                let letters: &[u8; 4] = bank(&BRITISH, high / 1_000_000);
                out.extend_from_slice(letters);
                pad(high % 1_000_000, 6, out);
                pad(low, 8, out);
            }
            Locale::FrFr => {
                let (bank, branch) = (bank(&FRENCH, high / 100_000), high % 100_000);
                out.extend_from_slice(b"FR00");
                pad(bank, 5, out);
                pad(branch, 5, out);
                pad(low, 11, out);
                pad(97 - (89 * bank + 15 * branch + 3 * (low % 97)) % 97, 2, out);
            }
            Locale::EsEs => {
                let (bank, branch) = (bank(&SPANISH, high / 10_000), high % 10_000);
                out.extend_from_slice(b"ES00");
                pad(bank, 4, out);
                pad(branch, 4, out);
                pad(control(bank * 10_000 + branch), 1, out);
                pad(control(low), 1, out);
                pad(low, 10, out);
            }
        }
        check(start, out);
    }

    fn longest(&self) -> usize {
        match self.0 {
            Locale::DeDe | Locale::EnUs | Locale::EnGb => 22,
            Locale::FrFr => 27,
            Locale::EsEs => 24,
        }
    }
}

/// Gives the Spanish control digit of ten digits.
fn control(mut number: u64) -> u64 {
    let mut sum = 0;
    for weight in [6, 3, 7, 9, 10, 5, 8, 4, 2, 1] {
        sum += number % 10 * weight;
        number /= 10;
    }
    match 11 - sum % 11 {
        11 => 0,
        10 => 1,
        digit => digit,
    }
}

/// Puts the check digits into the places behind the country.
fn check(start: usize, out: &mut [u8]) {
    let Some((head, account)) = out.get_mut(start..).and_then(|iban| iban.split_at_mut_checked(4)) else { return };
    let mut remainder = 0u64;
    for byte in account.iter().chain(&*head) {
        remainder = match byte {
            b'0'..=b'9' => remainder * 10 + u64::from(byte - b'0'),
            _ => remainder * 100 + u64::from(byte.saturating_sub(b'A')) + 10,
        };
        // One division by 97 for many digits.
        if remainder > 1 << 56 {
            remainder %= 97;
        }
    }
    let digits = 98 - remainder % 97;
    if let [_, _, tens, units] = head {
        (*tens, *units) = (b'0' + (digits / 10) as u8, b'0' + (digits % 10) as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::judge::formats::SHAPES;
    use crate::generate::providers::Provider;
    use crate::generate::providers::radix::Coded;
    use crate::generate::random::Draws;
    use crate::model::TextFormat;
    use crate::model::generation::LOCALES;

    #[test]
    fn each_country_has_valid_and_different_numbers() {
        let holds = SHAPES.iter().find(|(named, _)| *named == TextFormat::Iban).unwrap().1;
        for (name, locale) in LOCALES {
            let iban = Coded(Iban(*locale));
            let step = iban.values().unwrap() / 20_000 - 1;
            let mut seen = std::collections::BTreeSet::new();
            for number in (0..20_000).chain((1..20_000).map(|n| 20_000 + n * step)) {
                let mut out = Vec::new();
                iban.nth(number, &mut out);
                let text = String::from_utf8(out).unwrap();
                assert!(holds(&text) && text.len() == iban.longest(), "{name} {text}");
                seen.insert(text);
                let mut out = Vec::new();
                iban.write(&mut Draws::new(number as u64), &mut out);
                assert!(holds(std::str::from_utf8(&out).unwrap()), "{name}");
            }
            assert_eq!(seen.len(), 39_999, "{name}");
        }
    }

    #[test]
    fn control_digits_are_spains() {
        // ES91 2100 0418 45 0200051332, the example of the registry.
        assert_eq!((control(21_000_418), control(200_051_332)), (4, 5));
    }
}
