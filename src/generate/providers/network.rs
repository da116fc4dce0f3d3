//! Addresses of the network: IPv4, IPv6, MAC, domains and URLs.

use crate::generate::providers::Provider;
use crate::generate::providers::pool::{Pool, scale};
use crate::generate::providers::radix::{Code, plain, scatter, small};
use crate::generate::providers::slug::Slug;
use crate::generate::providers::text::Words;
use crate::generate::random::Draws;
use crate::model::Locale;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// `ipv4`: unicast addresses whose first number has no special use.
#[derive(Debug)]
pub struct Ipv4 {
    /// `0.` to `255.`
    parts: Pool,
}

impl Ipv4 {
    /// First numbers with a special use somewhere (private, loopback, link-local, test nets and the like).
    const SPECIAL: [u64; 8] = [10, 100, 127, 169, 172, 192, 198, 203];

    /// Makes the parts.
    #[must_use]
    pub fn new() -> Self {
        let parts: Vec<String> = (0..256).map(|number| format!("{number}.")).collect();
        Self { parts: Pool::new(parts.iter().map(String::as_str)) }
    }
}

impl Code for Ipv4 {
    fn radices(&self) -> [u64; 2] {
        [65_536, 256 * (223 - Self::SPECIAL.len() as u64)]
    }

    fn encode(&self, low: u64, high: u64, out: &mut Vec<u8>) {
        let mut first = high / 256 + 1;
        for special in Self::SPECIAL {
            first += u64::from(first >= special);
        }
        for number in [first, high % 256, low / 256, low % 256] {
            self.parts.append(usize::try_from(number).unwrap_or(0), out);
        }
        out.pop();
    }

    fn longest(&self) -> usize {
        15
    }
}

/// `mac`: addresses for local use (IEEE 802), with colons.
#[derive(Debug)]
pub struct Mac;

impl Code for Mac {
    fn radices(&self) -> [u64; 2] {
        [1 << 20, 1 << 20]
    }

    fn encode(&self, low: u64, high: u64, out: &mut Vec<u8>) {
        out.extend_from_slice(b"02");
        let bits = high << 20 | low;
        for byte in bits.to_be_bytes().iter().skip(3) {
            out.extend_from_slice(&[b':', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }

    fn longest(&self) -> usize {
        17
    }
}

/// `ipv6`: addresses for documentation (RFC 3849), `2001:db8` and 96 bits.
#[derive(Debug)]
pub struct Ipv6;

impl Ipv6 {
    fn encode(parts: [u64; 2], out: &mut Vec<u8>) {
        out.extend_from_slice(b"2001:db8");
        for part in parts {
            for shift in [32, 16, 0] {
                let group = part >> shift & 0xffff;
                out.push(b':');
                let digits = (4 - (group | 1).leading_zeros().saturating_sub(48) / 4).max(1);
                for place in (0..digits).rev() {
                    out.push(HEX[usize::try_from(group >> (4 * place) & 15).unwrap_or(0)]);
                }
            }
        }
    }
}

impl Provider for Ipv6 {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        Self::encode([draws.bits(), draws.bits()], out);
    }

    fn values(&self) -> Option<u128> {
        Some(1 << 96)
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        let (parts, _) = scatter(number, [1 << 48, 1 << 48]);
        Self::encode(parts, out);
    }

    fn longest(&self) -> usize {
        38
    }
}

/// Names that never lead to anybody (RFC 2606).
const ENDINGS: [&str; 4] = [".example", ".example.com", ".example.net", ".example.org"];
/// Numbers in a domain by value number.
const REPEATS: u128 = 1_000_000;

/// `domain`: two words below a domain that belongs to nobody.
#[derive(Debug)]
pub struct Domain {
    words: &'static Pool,
    endings: Pool,
}

impl Domain {
    /// Makes domains of a locale's words.
    #[must_use]
    pub fn new(locale: Locale) -> Self {
        Self { words: &Words::of(locale).folded, endings: Pool::new(ENDINGS) }
    }

    fn join(&self, [left, right, ending]: [u64; 3], number: u128, out: &mut Vec<u8>) {
        let at = |digit: u64| usize::try_from(digit).unwrap_or(usize::MAX);
        self.words.append(at(left), out);
        out.push(b'-');
        self.words.append(at(right), out);
        if number > 0 {
            plain(small(number) + 1, out);
        }
        self.endings.append(at(ending), out);
    }

    fn radices(&self) -> [u64; 3] {
        [self.words.len() as u64, self.words.len() as u64, ENDINGS.len() as u64]
    }
}

impl Provider for Domain {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        let digits = self.radices().map(|radix| draws.below(radix));
        self.join(digits, 0, out);
    }

    fn values(&self) -> Option<u128> {
        Some(self.radices().iter().map(|radix| u128::from(*radix)).product::<u128>() * REPEATS)
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        let (digits, repeat) = scatter(number, self.radices());
        self.join(digits, repeat, out);
    }

    fn longest(&self) -> usize {
        2 * self.words.longest() + 1 + 7 + 12
    }
}

/// `url`: a page on such a domain.
#[derive(Debug)]
pub struct Url {
    domain: Domain,
    slug: Slug,
}

impl Url {
    /// Makes URLs of a locale's words.
    #[must_use]
    pub fn new(locale: Locale) -> Self {
        Self { domain: Domain::new(locale), slug: Slug::new(Words::of(locale)) }
    }
}

impl Provider for Url {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        let start: &[u8] = if scale(draws.bits(), 3) == 0 { b"https://" } else { b"https://www." };
        out.extend_from_slice(start);
        self.domain.write(draws, out);
        out.push(b'/');
        self.slug.write(draws, out);
    }

    fn values(&self) -> Option<u128> {
        self.slug.values()
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        out.extend_from_slice(b"https://www.");
        self.domain.write(&mut Draws::new(number as u64), out);
        out.push(b'/');
        self.slug.nth(number, out);
    }

    fn longest(&self) -> usize {
        12 + self.domain.longest() + 1 + self.slug.longest()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::frame::judge::formats::SHAPES;
    use crate::generate::providers::radix::Coded;
    use crate::model::TextFormat;
    use crate::model::generation::LOCALES;

    fn check(provider: &dyn Provider, holds: impl Fn(&str) -> bool) {
        let step = provider.values().unwrap() / 4_000 - 1;
        let mut seen = BTreeSet::new();
        for number in (0..4_000).chain((1..4_000).map(|n| 4_000 + n * step)) {
            let (mut nth, mut drawn) = (Vec::new(), Vec::new());
            provider.nth(number, &mut nth);
            provider.write(&mut Draws::new(number as u64), &mut drawn);
            for text in [&nth, &drawn] {
                let text = std::str::from_utf8(text).unwrap();
                assert!(holds(text) && text.len() <= provider.longest(), "{text}");
            }
            seen.insert(nth);
        }
        assert_eq!(seen.len(), 7_999, "{provider:?}");
    }

    fn judge(format: &TextFormat) -> impl Fn(&str) -> bool {
        SHAPES.iter().find(|(named, _)| named == format).unwrap().1
    }

    #[test]
    fn addresses_are_addresses() {
        check(&Coded(Ipv4::new()), judge(&TextFormat::Ipv4));
        check(&Ipv6, judge(&TextFormat::Ipv6));
        check(&Coded(Mac), |text| text.len() == 17 && text.split(':').all(|part| u8::from_str_radix(part, 16).is_ok()));
    }

    #[test]
    fn no_ipv4_address_is_special() {
        let all: BTreeSet<u64> = (0..215)
            .map(|first| {
                let mut out = Vec::new();
                Ipv4::new().encode(0, first * 256, &mut out);
                String::from_utf8(out).unwrap().split('.').next().unwrap().parse().unwrap()
            })
            .collect();
        assert_eq!(all.len(), 215);
        assert!(all.iter().all(|first| (1..=223).contains(first) && !Ipv4::SPECIAL.contains(first)));
    }

    #[test]
    fn urls_are_urls_and_lead_nowhere() {
        for (_, locale) in LOCALES {
            check(&Url::new(*locale), judge(&TextFormat::Url));
            let email = judge(&TextFormat::Email);
            check(&Domain::new(*locale), |text| text.contains(".example") && email(&format!("a@{text}")));
        }
    }
}
