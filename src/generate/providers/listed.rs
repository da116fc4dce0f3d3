//! Providers that are a list of texts: colours, jobs, departments, countries, words.

use crate::frame::drawn::{Author, Letters};
use crate::generate::providers::pool::List;
use crate::generate::providers::{Provider, Quick, append};
use crate::generate::random::Draws;

/// A list as a provider: drawn by weight; by number each different text once, in the list's order.
#[derive(Debug)]
pub struct Listed {
    list: List,
    different: Box<[u32]>,
    longest: usize,
}

impl Listed {
    /// Makes a provider of a list.
    #[must_use]
    pub fn new(list: List) -> Self {
        Self { different: list.pool.first_occurrences(), longest: list.pool.longest(), list }
    }

    /// Makes a provider of lines with weights.
    #[must_use]
    pub fn parse(data: &str) -> Self {
        Self::new(List::parse(data))
    }

    /// Makes a provider of one column of lines, all alike.
    #[must_use]
    pub fn column(data: &str, column: usize) -> Self {
        Self::new(List::new(data.lines().filter_map(|line| line.split('\t').nth(column)).map(|text| (text, 1))))
    }
}

impl Provider for Listed {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        append(self, draws, out);
    }

    fn values(&self) -> Option<u128> {
        Some(self.different.len() as u128)
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        let index = usize::try_from(number).ok().and_then(|number| self.different.get(number));
        self.list.pool.append(index.map_or(usize::MAX, |index| *index as usize), out);
    }

    fn longest(&self) -> usize {
        self.longest
    }

    fn author(&self) -> Option<&dyn Author> {
        Some(self)
    }
}

impl Quick for Listed {
    #[inline]
    fn put(&self, draws: &mut Draws, out: &mut [u8], at: usize) -> usize {
        self.list.put(draws, out, at)
    }

    fn letters(&self) -> Letters {
        self.list.pool.letters()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::judge::formats::SHAPES;
    use crate::generate::providers::lists::COUNTRIES;
    use crate::model::TextFormat;

    #[test]
    fn codes_are_those_the_judge_knows() {
        for (column, format, least) in [(0, TextFormat::IsoCountry, 249), (1, TextFormat::IsoCurrency, 150)] {
            let codes = Listed::column(COUNTRIES, column);
            let holds = SHAPES.iter().find(|(named, _)| *named == format).unwrap().1;
            let count = codes.values().unwrap();
            assert!(count >= least, "{count}");
            for number in 0..count {
                let mut code = Vec::new();
                codes.nth(number, &mut code);
                let code = String::from_utf8(code).unwrap();
                assert!(holds(&code), "{code}");
            }
        }
        for column in 2..6 {
            assert_eq!(Listed::column(COUNTRIES, column).values(), Some(249), "{column}");
        }
    }
}
