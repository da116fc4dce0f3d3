//! Companies: last names and what a locale puts behind them (`Smith LLC`, `Müller GmbH & Co. KG`).

use crate::generate::providers::Provider;
use crate::generate::providers::lists;
use crate::generate::providers::person::People;
use crate::generate::providers::pool::List;
use crate::generate::providers::radix::{plain, scatter, small};
use crate::generate::random::Draws;
use crate::model::Locale;

/// `company`.
#[derive(Debug)]
pub struct Company {
    people: &'static People,
    forms: List,
    and: &'static [u8],
}

impl Company {
    /// Makes the companies of a locale.
    #[must_use]
    pub fn new(locale: Locale) -> Self {
        let and: &[u8] = match locale {
            Locale::EnUs | Locale::EnGb | Locale::DeDe => b" & ",
            Locale::FrFr => b" et ",
            Locale::EsEs => b" y ",
        };
        Self { people: People::of(locale), forms: List::parse(lists::of(locale).company_forms), and }
    }
}

impl Provider for Company {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        let bits = draws.bits();
        self.people.last_names().append(draws, out);
        // Of sixteen: ten `Smith LLC`, three `Smith-Jones`, three `Smith & Jones LLC`.
        let form = bits >> 60;
        if form >= 10 {
            out.extend_from_slice(if form < 13 { b"-" } else { self.and });
            self.people.last_names().append(draws, out);
        }
        if !(10..13).contains(&form) {
            out.push(b' ');
            self.forms.pool.append(self.forms.alias.pick(bits << 4), out);
        }
    }

    fn values(&self) -> Option<u128> {
        let names = self.people.last_names().pool.len() as u128;
        Some(names * names * self.forms.pool.len() as u128 * 1000)
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        let names = &self.people.last_names().pool;
        let radices = [names.len() as u64, names.len() as u64, self.forms.pool.len() as u64];
        let ([left, right, form], repeat) = scatter(number, radices);
        names.append(usize::try_from(left).unwrap_or(0), out);
        out.extend_from_slice(self.and);
        names.append(usize::try_from(right).unwrap_or(0), out);
        out.push(b' ');
        if repeat > 0 {
            plain(small(repeat) + 1, out);
            out.push(b' ');
        }
        self.forms.pool.append(usize::try_from(form).unwrap_or(0), out);
    }

    fn longest(&self) -> usize {
        2 * self.people.last_names().pool.longest() + self.and.len() + 1 + self.forms.pool.longest() + 5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_give_different_companies() {
        for (name, locale) in crate::model::generation::LOCALES {
            let company = Company::new(*locale);
            let mut seen = std::collections::BTreeSet::new();
            for number in (0..20_000).chain((1..10_000).map(|n| 20_000 + n * 49_999)) {
                let mut out = Vec::new();
                company.nth(number, &mut out);
                assert!(std::str::from_utf8(&out).unwrap().chars().count() <= company.longest());
                seen.insert(out);
            }
            assert_eq!(seen.len(), 29_999, "{name}");
        }
    }
}
