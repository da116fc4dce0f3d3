//! Companies: last names and what a locale puts behind them (`Smith LLC`, `Müller GmbH & Co. KG`).

use crate::generate::providers::Provider;
use crate::generate::providers::lists;
use crate::generate::providers::person::People;
use crate::generate::providers::pool::List;
use crate::generate::providers::radix::{plain, scatter};
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
        out.extend_from_slice(self.people.last_name(draws));
        // Of sixteen: ten `Smith LLC`, three `Smith-Jones`, three `Smith & Jones LLC`.
        let form = bits >> 60;
        if form >= 10 {
            out.extend_from_slice(if form < 13 { b"-" } else { self.and });
            out.extend_from_slice(self.people.last_name(draws));
        }
        if !(10..13).contains(&form) {
            out.push(b' ');
            out.extend_from_slice(self.forms.pool.get(self.forms.alias.pick(bits << 4)));
        }
    }

    fn values(&self) -> Option<u128> {
        let names = u128::from(self.people.last_name_count());
        Some(names * names * self.forms.pool.len() as u128 * 1000)
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        let names = self.people.last_name_count();
        let ([left, right, form], repeat) = scatter(number, [names, names, self.forms.pool.len() as u64]);
        out.extend_from_slice(self.people.last_name_at(left));
        out.extend_from_slice(self.and);
        out.extend_from_slice(self.people.last_name_at(right));
        out.push(b' ');
        if repeat > 0 {
            plain(repeat + 1, out);
            out.push(b' ');
        }
        out.extend_from_slice(self.forms.pool.get(usize::try_from(form).unwrap_or(0)));
    }

    fn longest(&self) -> usize {
        2 * self.people.longest_last_name() + self.and.len() + 1 + self.forms.pool.longest() + 5
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
            for number in (0..100_000).chain((1..50_000).map(|n| 100_000 + n * 9_973)) {
                let mut out = Vec::new();
                company.nth(number, &mut out);
                assert!(std::str::from_utf8(&out).unwrap().chars().count() <= company.longest());
                seen.insert(out);
            }
            assert_eq!(seen.len(), 149_999, "{name}");
        }
    }
}
