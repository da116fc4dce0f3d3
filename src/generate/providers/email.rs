//! E-mail addresses and user names, made of a person's name.

use std::hint::select_unpredictable;

use crate::frame::drawn::{Author, Letters};
use crate::frame::text::{FULL, byte, pair, slot};
use crate::generate::providers::person::People;
use crate::generate::providers::pool::{BLOCK, Pool, SHORT, entries, length, scale};
use crate::generate::providers::radix::{plain, scatter, small};
use crate::generate::providers::{Provider, Quick, append};
use crate::generate::random::Draws;
use crate::model::Locale;

/// Domains that belong to nobody (RFC 2606), so that no mail ever reaches a person; with weights.
const DOMAINS: &str = "example.com\t40\nexample.org\t18\nexample.net\t14\nmail.example.com\t9\ninbox.example.net\t6\n\
    post.example.org\t5\nwebmail.example\t5\ncorp.example\t3";

/// How often each unique name comes with a number before the numbers of values end.
const REPEATS: u64 = 1_000_000;

/// How a name becomes the start of an address. All is written and what is not wanted written over, for there is no
/// foreseeing which form comes next.
#[derive(Debug, Clone, Copy)]
struct Form {
    /// The first name, or its first letter.
    whole: bool,
    between: Option<u8>,
    /// Two digits behind the name.
    digits: bool,
}

const fn form(whole: bool, between: Option<u8>, digits: bool) -> Form {
    Form { whole, between, digits }
}

/// Of sixteen addresses: six `ann.lee`, three `ann.lee42`, two `ann_lee`, three `alee`, one `annlee`, one `alee42`.
const FORMS: [Form; 16] = [
    form(true, Some(b'.'), false),
    form(true, Some(b'.'), false),
    form(true, Some(b'.'), false),
    form(true, Some(b'.'), false),
    form(true, Some(b'.'), false),
    form(true, Some(b'.'), false),
    form(true, Some(b'.'), true),
    form(true, Some(b'.'), true),
    form(true, Some(b'.'), true),
    form(true, Some(b'_'), false),
    form(true, Some(b'_'), false),
    form(false, None, false),
    form(false, None, false),
    form(false, None, false),
    form(true, None, false),
    form(false, None, true),
];

const USERS: [Form; 8] = [
    form(false, None, false),
    form(false, None, true),
    form(false, None, true),
    form(true, Some(b'.'), false),
    form(true, Some(b'_'), false),
    form(true, Some(b'_'), true),
    form(true, None, true),
    form(true, None, false),
];

/// The bytes of a name of two short blocks, what is between them and two digits; and a little more.
const LOGIN: usize = 64;

impl Form {
    /// Writes a name of short blocks; gives its length.
    #[inline]
    fn login(self, first: &[u8; SHORT], last: &[u8; SHORT], number: u8, slot: &mut [u8; LOGIN + BLOCK]) -> usize {
        slot[..SHORT].copy_from_slice(first);
        let end = if self.whole { length(first) } else { 1 };
        slot[end] = self.between.unwrap_or(0);
        let end = end + usize::from(self.between.is_some());
        slot[end..end + SHORT].copy_from_slice(last);
        let end = end + length(last);
        slot[end..end + 2].copy_from_slice(&pair(number.into()));
        end + 2 * usize::from(self.digits)
    }

    #[inline]
    fn put(self, people: &People, (first, last): (usize, usize), number: u8, out: &mut [u8], at: usize) -> usize {
        let at = people.first_logins.put_start(first, if self.whole { usize::MAX } else { 1 }, out, at);
        let behind = byte(out, at, self.between.unwrap_or(0));
        let at = select_unpredictable(self.between.is_some() || behind == FULL, behind, at);
        let at = people.last_logins.put(last, out, at);
        let Some(digits) = slot(out, at) else { return FULL };
        *digits = pair(number.into());
        at + 2 * usize::from(self.digits)
    }
}

/// Names as they stand in addresses, and the different ones among them.
#[derive(Debug)]
struct Logins {
    people: &'static People,
    firsts: Box<[u32]>,
    lasts: Box<[u32]>,
}

impl Logins {
    fn of(locale: Locale) -> Self {
        let people = People::of(locale);
        Self { people, firsts: people.first_logins.first_occurrences(), lasts: people.last_logins.first_occurrences() }
    }

    /// Appends `first.last` and a number where it is not 0. All the names are letters and hyphens: each differs.
    fn write(&self, first: u64, last: u64, number: u128, between: u8, out: &mut Vec<u8>) {
        let at = |numbers: &[u32], index: u64| {
            usize::try_from(index)
                .ok()
                .and_then(|index| numbers.get(index))
                .map_or(usize::MAX, |number| *number as usize)
        };
        self.people.first_logins.append(at(&self.firsts, first), out);
        out.push(between);
        self.people.last_logins.append(at(&self.lasts, last), out);
        if number > 0 {
            plain(small(number), out);
        }
    }

    /// Says what such names are made of: two letters at least, as of `alee`.
    fn letters(&self) -> Letters {
        let (firsts, lasts) = (self.people.first_logins.letters(), self.people.last_logins.letters());
        Letters::of(2, &[b"._0123456789"]).and(firsts).and(lasts)
    }

    fn longest(&self) -> usize {
        self.people.first_logins.longest() + 1 + self.people.last_logins.longest() + 6
    }
}

/// `email`.
#[derive(Debug)]
pub struct Email {
    logins: Logins,
    domains: Pool,
    /// What stands behind a name: `@example.com`.
    behind: Pool,
    /// A domain for each of 256 draws.
    spread: [u8; 256],
}

impl Email {
    /// Makes the addresses of a locale.
    #[must_use]
    pub fn new(locale: Locale) -> Self {
        let mut spread = [0; 256];
        let total: u64 = entries(DOMAINS).map(|(_, weight)| weight).sum();
        for (place, domain) in (0u64..).zip(spread.iter_mut()) {
            let mut left = place * total / 256;
            for (_, weight) in entries(DOMAINS) {
                if left < weight {
                    break;
                }
                left -= weight;
                *domain += 1;
            }
        }
        let behind: Vec<String> = entries(DOMAINS).map(|(name, _)| format!("@{name}")).collect();
        Self {
            logins: Logins::of(locale),
            domains: Pool::new(entries(DOMAINS).map(|(name, _)| name)),
            behind: Pool::new(behind.iter().map(String::as_str)),
            spread,
        }
    }
}

impl Provider for Email {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        append(self, draws, out);
    }

    fn values(&self) -> Option<u128> {
        let names = self.logins.firsts.len() as u128 * self.logins.lasts.len() as u128;
        Some(names * self.domains.len() as u128 * u128::from(REPEATS))
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        let radices = [self.logins.firsts.len() as u64, self.logins.lasts.len() as u64, self.domains.len() as u64];
        let ([first, last, domain], repeat) = scatter(number, radices);
        self.logins.write(first, last, repeat, b'.', out);
        out.push(b'@');
        self.domains.append(usize::try_from(domain).unwrap_or(0), out);
    }

    fn numbered(&self, draws: &mut Draws, number: u64, out: &mut Vec<u8>) -> bool {
        let people = self.logins.people;
        let (first, last) = people.draw(draws);
        people.first_logins.append(first, out);
        out.push(b'.');
        people.last_logins.append(last, out);
        plain(number, out);
        out.push(b'@');
        self.domains.append(usize::from(self.spread[usize::from(draws.bits() as u8)]), out);
        true
    }

    fn longest(&self) -> usize {
        self.logins.longest() + 1 + self.domains.longest()
    }

    fn author(&self) -> Option<&dyn Author> {
        Some(self)
    }
}

impl Quick for Email {
    #[inline]
    fn put(&self, draws: &mut Draws, out: &mut [u8], at: usize) -> usize {
        let people = self.logins.people;
        let (first, last) = people.draw(draws);
        let bits = draws.bits();
        let form = FORMS[usize::try_from(bits >> 60).unwrap_or(0)];
        let (number, domain) = (10 + scale(bits << 4, 90) as u8, usize::from(self.spread[usize::from(bits as u8)]));
        if let (Some(first), Some(last)) = (people.first_logins.short(first), people.last_logins.short(last))
            && let Some(domain) = self.behind.wide(domain)
            && let Some(slot) = slot::<{ LOGIN + BLOCK }>(out, at)
        {
            let end = form.login(first, last, number, slot);
            // The mask says nothing new but that all fits.
            let end = end & 63;
            slot[end..end + BLOCK].copy_from_slice(domain);
            return at + end + usize::from(domain[BLOCK - 1]);
        }
        let at = form.put(people, (first, last), number, out, at);
        self.behind.put(domain, out, at)
    }

    fn letters(&self) -> Letters {
        self.logins.letters().and(self.behind.letters())
    }
}

/// `user_name`.
#[derive(Debug)]
pub struct UserName(Logins);

impl UserName {
    /// Makes the user names of a locale.
    #[must_use]
    pub fn new(locale: Locale) -> Self {
        Self(Logins::of(locale))
    }
}

impl Provider for UserName {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        append(self, draws, out);
    }

    fn values(&self) -> Option<u128> {
        Some(self.0.firsts.len() as u128 * self.0.lasts.len() as u128 * u128::from(REPEATS))
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        let ([first, last], repeat) = scatter(number, [self.0.firsts.len() as u64, self.0.lasts.len() as u64]);
        self.0.write(first, last, repeat, b'_', out);
    }

    fn numbered(&self, draws: &mut Draws, number: u64, out: &mut Vec<u8>) -> bool {
        let (first, last) = self.0.people.draw(draws);
        self.0.people.first_logins.append_start(first, 1, out);
        self.0.people.last_logins.append(last, out);
        plain(number, out);
        true
    }

    fn longest(&self) -> usize {
        self.0.longest()
    }

    fn author(&self) -> Option<&dyn Author> {
        Some(self)
    }
}

impl Quick for UserName {
    #[inline]
    fn put(&self, draws: &mut Draws, out: &mut [u8], at: usize) -> usize {
        let people = self.0.people;
        let (first, last) = people.draw(draws);
        let bits = draws.bits();
        let form = USERS[usize::try_from(bits >> 61).unwrap_or(0)];
        form.put(people, (first, last), 10 + scale(bits << 3, 90) as u8, out, at)
    }

    fn letters(&self) -> Letters {
        self.0.letters()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn nth(provider: &dyn Provider, number: u128) -> String {
        let mut out = Vec::new();
        provider.nth(number, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_give_different_addresses() {
        for (_, locale) in crate::model::generation::LOCALES {
            for provider in [Box::new(Email::new(*locale)) as Box<dyn Provider>, Box::new(UserName::new(*locale))] {
                let count = provider.values().unwrap();
                let step = count / 10_000 - 1;
                let near = (0..20_000).map(|number| nth(&*provider, number));
                let far = (1..10_000).map(|number| nth(&*provider, 20_000 + number * step));
                let all: BTreeSet<String> = near.chain(far).collect();
                assert_eq!(all.len(), 29_999);
                assert!(all.iter().all(|text| text.len() <= provider.longest()));
            }
        }
    }

    #[test]
    fn numbered_addresses_are_the_persons_own() {
        let email = Email::new(Locale::EnUs);
        let mut out = Vec::new();
        assert!(email.numbered(&mut Draws::new(3), 77, &mut out));
        let mut name = Vec::new();
        crate::generate::providers::person::LastName(People::of(Locale::EnUs)).write(&mut Draws::new(3), &mut name);
        let (text, name) = (String::from_utf8(out).unwrap(), String::from_utf8(name).unwrap());
        assert!(text.contains(&format!(".{}77@", name.to_lowercase())), "{text} {name}");
    }

    #[test]
    fn all_domains_occur() {
        let email = Email::new(Locale::DeDe);
        let used: BTreeSet<u8> = email.spread.iter().copied().collect();
        assert_eq!(used.len(), email.domains.len());
    }
}
