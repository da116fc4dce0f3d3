//! People: first names and last names by how common they are, and whole names.
//!
//! All providers of the family read their draws in one order (first name, last name, then their own), so that columns
//! which share a stream tell of one person. The American names are weighted like the census: of 500,000 drawn names
//! about 222,000 are different, and the most common one stands about 247 times.

use std::sync::OnceLock;

use crate::frame::drawn::{Author, Letters};
use crate::frame::text::{byte, put, slot};
use crate::generate::providers::lists::{self, PerLocale, fold};
use crate::generate::providers::pool::{List, Pool, SHORT, entries, length, scale};
use crate::generate::providers::{Provider, Quick, append};
use crate::generate::random::Draws;
use crate::model::Locale;

/// One locale's names.
#[derive(Debug)]
pub struct People {
    /// Men's names, then women's; each half is drawn as often as the other.
    firsts: List,
    males: usize,
    lasts: List,
    /// The same names as in addresses, by the same numbers.
    pub first_logins: Pool,
    pub last_logins: Pool,
    titles: &'static Titles,
    /// Two last names, as in Spain.
    double: bool,
    /// Different first and last names.
    first_numbers: Box<[u32]>,
    last_numbers: Box<[u32]>,
    weights: (Vec<u64>, Vec<u64>),
    /// All pairs of names, the most common first: number of the first name times the count of last names, plus the last.
    ranked: OnceLock<Box<[u32]>>,
}

/// What stands before and behind a name.
#[derive(Debug)]
struct Titles {
    before_man: &'static [&'static str],
    before_woman: &'static [&'static str],
    after_man: &'static [&'static str],
    after_woman: &'static [&'static str],
}

static ENGLISH: Titles = Titles {
    before_man: &["Mr.", "Dr."],
    before_woman: &["Mrs.", "Ms.", "Dr.", "Miss"],
    after_man: &["MD", "DDS", "PhD", "DVM", "Jr.", "II", "III"],
    after_woman: &["MD", "DDS", "PhD", "DVM"],
};
static BRITISH: Titles = Titles {
    before_man: &["Mr", "Dr", "Prof"],
    before_woman: &["Mrs", "Ms", "Miss", "Dr"],
    after_man: &[],
    after_woman: &[],
};
static GERMAN: Titles = Titles {
    before_man: &["Dr.", "Prof. Dr.", "Dipl.-Ing."],
    before_woman: &["Dr.", "Prof. Dr.", "Dipl.-Ing."],
    after_man: &[],
    after_woman: &[],
};
static FRENCH: Titles =
    Titles { before_man: &["M.", "Dr"], before_woman: &["Mme", "Dr"], after_man: &[], after_woman: &[] };
static SPANISH: Titles =
    Titles { before_man: &["D.", "Dr."], before_woman: &["Dña.", "Dra."], after_man: &[], after_woman: &[] };

impl People {
    /// Gives the names of a locale.
    #[must_use]
    pub fn of(locale: Locale) -> &'static Self {
        static PEOPLE: PerLocale<People> = PerLocale::new();
        PEOPLE.of(locale, Self::new)
    }

    fn new(locale: Locale) -> Self {
        let lists = lists::of(locale);
        let total = |list| entries(list).map(|(_, weight)| weight).sum::<u64>();
        let (men, women) = (total(lists.males), total(lists.females));
        let both: Vec<(&str, u64)> = entries(lists.males)
            .map(|(name, weight)| (name, weight * women))
            .chain(entries(lists.females).map(|(name, weight)| (name, weight * men)))
            .collect();
        let firsts = List::new(both.iter().copied());
        let lasts = List::parse(lists.last_names);
        let logins = |pool: &Pool| {
            let folded: Vec<String> = pool.iter().map(|name| fold(name, locale)).collect();
            Pool::new(folded.iter().map(String::as_str))
        };
        Self {
            males: entries(lists.males).count(),
            first_logins: logins(&firsts.pool),
            last_logins: logins(&lasts.pool),
            first_numbers: firsts.pool.first_occurrences(),
            last_numbers: lasts.pool.first_occurrences(),
            weights: (
                both.iter().map(|(_, weight)| *weight).collect(),
                entries(lists.last_names).map(|(_, weight)| weight).collect(),
            ),
            firsts,
            lasts,
            titles: match locale {
                Locale::EnUs => &ENGLISH,
                Locale::EnGb => &BRITISH,
                Locale::DeDe => &GERMAN,
                Locale::FrFr => &FRENCH,
                Locale::EsEs => &SPANISH,
            },
            double: locale == Locale::EsEs,
            ranked: OnceLock::new(),
        }
    }

    /// Draws the numbers of a first and a last name: what all providers of the family draw first.
    #[inline]
    pub fn draw(&self, draws: &mut Draws) -> (usize, usize) {
        let first = self.firsts.index(draws);
        (first, self.lasts.index(draws))
    }

    /// Gives the last names.
    #[must_use]
    pub const fn last_names(&self) -> &List {
        &self.lasts
    }

    /// Gives all pairs, the most common first.
    fn ranked(&self) -> &[u32] {
        self.ranked.get_or_init(|| {
            let lasts = self.lasts.pool.len();
            // A name that men and women bear counts once, with both weights.
            let weight_of = |number: u32| -> u128 {
                let name = self.firsts.pool.get(number as usize);
                let weights = self.weights.0.iter().enumerate();
                weights.filter(|(index, _)| self.firsts.pool.get(*index) == name).map(|(_, w)| u128::from(*w)).sum()
            };
            let firsts: Vec<(u32, u128)> =
                self.first_numbers.iter().map(|number| (*number, weight_of(*number))).collect();
            let mut pairs: Vec<(std::cmp::Reverse<u128>, u32)> = Vec::with_capacity(firsts.len() * lasts);
            for (first, weight) in &firsts {
                for last in &*self.last_numbers {
                    let product = weight * u128::from(self.weights.1.get(*last as usize).copied().unwrap_or(0));
                    let pair = u64::from(*first) * lasts as u64 + u64::from(*last);
                    pairs.push((std::cmp::Reverse(product), u32::try_from(pair).unwrap_or(u32::MAX)));
                }
            }
            pairs.sort_unstable();
            pairs.into_iter().map(|(_, pair)| pair).collect()
        })
    }
}

/// `first_name`.
#[derive(Debug)]
pub struct FirstName(pub &'static People);

impl Provider for FirstName {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        append(self, draws, out);
    }

    fn values(&self) -> Option<u128> {
        Some(self.0.first_numbers.len() as u128)
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        let index = usize::try_from(number).ok().and_then(|number| self.0.first_numbers.get(number));
        self.0.firsts.pool.append(index.map_or(usize::MAX, |index| *index as usize), out);
    }

    fn longest(&self) -> usize {
        self.0.firsts.pool.longest()
    }

    fn author(&self) -> Option<&dyn Author> {
        Some(self)
    }
}

impl Quick for FirstName {
    #[inline]
    fn put(&self, draws: &mut Draws, out: &mut [u8], at: usize) -> usize {
        self.0.firsts.put(draws, out, at)
    }

    fn letters(&self) -> Letters {
        self.0.firsts.pool.letters()
    }
}

/// `last_name`.
#[derive(Debug)]
pub struct LastName(pub &'static People);

impl Provider for LastName {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        append(self, draws, out);
    }

    fn values(&self) -> Option<u128> {
        Some(self.0.last_numbers.len() as u128)
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        let index = usize::try_from(number).ok().and_then(|number| self.0.last_numbers.get(number));
        self.0.lasts.pool.append(index.map_or(usize::MAX, |index| *index as usize), out);
    }

    fn longest(&self) -> usize {
        self.0.lasts.pool.longest()
    }

    fn author(&self) -> Option<&dyn Author> {
        Some(self)
    }
}

impl Quick for LastName {
    #[inline]
    fn put(&self, draws: &mut Draws, out: &mut [u8], at: usize) -> usize {
        draws.bits();
        self.0.lasts.put(draws, out, at)
    }

    fn letters(&self) -> Letters {
        self.0.lasts.pool.letters()
    }
}

/// `person_name`: one in twenty has a title or a suffix. By number: without these, the most common names first.
#[derive(Debug)]
pub struct PersonName(pub &'static People);

impl Provider for PersonName {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        append(self, draws, out);
    }

    fn values(&self) -> Option<u128> {
        Some(self.0.first_numbers.len() as u128 * self.0.last_numbers.len() as u128)
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        let people = self.0;
        let Some(pair) = usize::try_from(number).ok().and_then(|number| people.ranked().get(number)) else { return };
        let (pair, lasts) = (*pair as usize, people.lasts.pool.len().max(1));
        people.firsts.pool.append(pair / lasts, out);
        out.push(b' ');
        people.lasts.pool.append(pair % lasts, out);
    }

    fn longest(&self) -> usize {
        let people = self.0;
        let last = people.lasts.pool.longest() + 1;
        people.titles.longest() + people.firsts.pool.longest() + if people.double { 2 * last } else { last }
    }

    fn author(&self) -> Option<&dyn Author> {
        Some(self)
    }
}

impl Quick for PersonName {
    #[inline]
    fn put(&self, draws: &mut Draws, out: &mut [u8], at: usize) -> usize {
        let people = self.0;
        let (first, last) = people.draw(draws);
        let wide = u128::from(draws.bits()) * 1000;
        let (share, pick) = (wide >> 64, wide as u64);
        if share < 948
            && !people.double
            && let (Some(first), Some(last)) = (people.firsts.pool.short(first), people.lasts.pool.short(last))
            && let Some(slot) = slot::<{ 2 * SHORT + 1 }>(out, at)
        {
            slot[..SHORT].copy_from_slice(first);
            let end = length(first);
            slot[end] = b' ';
            slot[end + 1..][..SHORT].copy_from_slice(last);
            return at + end + 1 + length(last);
        }
        let (before, after) =
            if share < 948 { (None, None) } else { people.titles.choose(first < people.males, share, pick) };
        let mut at = at;
        if let Some(title) = before {
            at = put(out, at, title.as_bytes());
            at = byte(out, at, b' ');
        }
        at = people.firsts.pool.put(first, out, at);
        at = byte(out, at, b' ');
        at = people.lasts.pool.put(last, out, at);
        if people.double {
            at = byte(out, at, b' ');
            at = people.lasts.put(draws, out, at);
        }
        if let Some(suffix) = after {
            at = byte(out, at, b' ');
            at = put(out, at, suffix.as_bytes());
        }
        at
    }

    fn letters(&self) -> Letters {
        let people = self.0;
        people.firsts.pool.letters().and(people.lasts.pool.letters()).and(people.titles.letters())
    }
}

impl Titles {
    /// Chooses for a name that has a title (shares 948 to 979), a suffix (to 994) or both (to 999), in thousandths.
    fn choose(&self, man: bool, share: u128, pick: u64) -> (Option<&'static str>, Option<&'static str>) {
        let (before, after) =
            if man { (self.before_man, self.after_man) } else { (self.before_woman, self.after_woman) };
        let title = before.get(scale(pick, before.len() as u64)).copied();
        let suffix = after.get(scale(pick.rotate_left(32), after.len() as u64)).copied();
        match share {
            948..980 => (title, None),
            980..995 if suffix.is_some() => (None, suffix),
            _ => (title, suffix),
        }
    }

    /// Says what they are made of, and the blanks beside them.
    fn letters(&self) -> Letters {
        let all = [self.before_man, self.before_woman, self.after_man, self.after_woman];
        all.iter()
            .copied()
            .flatten()
            .fold(Letters::of(0, &[b" "]), |letters, text| letters.and(Letters::of(0, &[text.as_bytes()])))
    }

    fn longest(&self) -> usize {
        let most = |left: &[&str], right: &[&str]| left.iter().chain(right).map(|text| text.chars().count() + 1).max();
        most(self.before_man, self.before_woman).unwrap_or(0) + most(self.after_man, self.after_woman).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn names_are_as_uneven_as_in_the_census() {
        let names = PersonName(People::of(Locale::EnUs));
        let mut seen: BTreeMap<Vec<u8>, u32> = BTreeMap::new();
        let mut titled = 0;
        for row in 0..500_000 {
            let mut name = Vec::new();
            names.write(&mut Draws::new(row), &mut name);
            titled += u32::from(name.split(|byte| *byte == b' ').count() > 2);
            *seen.entry(name).or_default() += 1;
        }
        let distinct = seen.len();
        assert!((215_340..=228_660).contains(&distinct), "{distinct} different names");
        let (top, count) = seen.iter().max_by_key(|(_, count)| **count).unwrap();
        assert_eq!(top, b"Michael Smith");
        assert!((198..=296).contains(count), "{count}");
        assert!((22_500..=28_500).contains(&titled), "{titled}");
    }

    #[test]
    fn numbers_give_different_names_the_most_common_first() {
        let names = PersonName(People::of(Locale::EnUs));
        let mut first = Vec::new();
        names.nth(0, &mut first);
        assert_eq!(first, b"Michael Smith");
        let count = names.values().unwrap();
        let mut all: Vec<Vec<u8>> = (0..count)
            .map(|number| {
                let mut name = Vec::new();
                names.nth(number, &mut name);
                name
            })
            .collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len() as u128, count);
    }

    #[test]
    fn the_parts_of_a_name_agree() {
        for (_, locale) in crate::model::generation::LOCALES {
            let people = People::of(*locale);
            for row in 0..2000 {
                let write = |provider: &dyn Provider| {
                    let mut out = Vec::new();
                    provider.write(&mut Draws::new(row), &mut out);
                    String::from_utf8(out).unwrap()
                };
                let name = write(&PersonName(people));
                let parts = format!("{} {}", write(&FirstName(people)), write(&LastName(people)));
                assert!(name.contains(&parts), "{name} {parts}");
            }
        }
    }
}
