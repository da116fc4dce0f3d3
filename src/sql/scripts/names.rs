//! Names: how a warehouse spells the contract's, and which of them it cannot tell apart.

use std::collections::BTreeMap;

use crate::model::{Error, Result};
use crate::sql::scripts::text::shown;

/// What a database does with the letters of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// Quoted names too are folded, so case tells nothing.
    Lower,
    /// A name that needs no quotes is spelled in capitals, as the database would spell it without quotes.
    PlainUpper,
    /// Nothing: case tells names apart.
    Exact,
}

/// The names a database takes.
#[derive(Debug, Clone, Copy)]
pub struct NameRule {
    pub database: &'static str,
    pub limit: usize,
    /// The limit counts bytes, and longer names are cut there without a word; else it counts letters and is strict.
    pub cuts: bool,
    pub fold: Fold,
}

/// Redshift: 127 bytes, quoted names are folded to lower case.
/// <https://docs.aws.amazon.com/redshift/latest/dg/r_names.html>
pub const REDSHIFT: NameRule = NameRule { database: "Redshift", limit: 127, cuts: true, fold: Fold::Lower };

/// Snowflake: 255 letters; names in quotes keep their case.
/// <https://docs.snowflake.com/en/sql-reference/identifiers-syntax>
pub const SNOWFLAKE: NameRule = NameRule { database: "Snowflake", limit: 255, cuts: false, fold: Fold::PlainUpper };

impl NameRule {
    /// Spells a name, without quotes.
    ///
    /// # Errors
    /// A usage error where the database cannot hold the name.
    pub fn spell(&self, name: &str) -> Result<String> {
        let refuse = |why: &str| Err(Error::usage(format!("the name `{}` {why}", shown(name))));
        if name.is_empty() {
            return refuse("is empty");
        }
        if name.chars().any(char::is_control) {
            return refuse("holds a control character");
        }
        let spelled = match self.fold {
            Fold::PlainUpper if is_plain(name) => name.to_ascii_uppercase(),
            _ => name.to_owned(),
        };
        if self.cuts {
            return Ok(cut(&spelled, self.limit).to_owned());
        }
        if spelled.chars().count() > self.limit {
            return refuse(&format!("is longer than the {} letters {} takes", self.limit, self.database));
        }
        Ok(spelled)
    }

    /// Spells several names of one kind.
    ///
    /// # Errors
    /// A usage error where the database cannot hold one, or cannot tell two apart.
    pub fn spell_all<'a>(&self, kind: &str, names: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>> {
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        let mut spelled = Vec::new();
        for name in names {
            let spelling = self.spell(name)?;
            if let Some(other) = seen.insert(self.folded(&spelling), name) {
                let (other, name, database) = (shown(other), shown(name), self.database);
                let why = if self.cuts {
                    format!("{database} ignores case and cuts names at {} bytes", self.limit)
                } else {
                    format!("{database} spells both `{}`", shown(&spelling))
                };
                let error = Error::usage(format!("the {kind} `{other}` and `{name}` are one name to {database}"));
                return Err(error.hint(format!("{why}; rename one in the contract")));
            }
            spelled.push(spelling);
        }
        Ok(spelled)
    }

    /// Tells whether two spellings are one name.
    #[must_use]
    pub fn same(&self, left: &str, right: &str) -> bool {
        self.folded(left) == self.folded(right)
    }

    fn folded(&self, spelling: &str) -> String {
        if self.fold == Fold::Lower { spelling.to_ascii_lowercase() } else { spelling.to_owned() }
    }
}

/// Tells whether a name needs no quotes.
fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'))
}

/// Gives the longest beginning of whole letters that fits.
pub(super) fn cut(name: &str, bytes: usize) -> &str {
    let mut end = bytes.min(name.len());
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.get(..end).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSTGRESQL: NameRule = NameRule { database: "PostgreSQL", limit: 63, cuts: true, fold: Fold::Exact };

    #[test]
    fn names_that_are_cut_alike_are_refused() {
        for (rule, limit) in [(REDSHIFT, 127), (POSTGRESQL, 63)] {
            let (one, two) = (format!("{}1", "x".repeat(limit)), format!("{}2", "x".repeat(limit)));
            let error = rule.spell_all("columns", [one.as_str(), two.as_str()]).unwrap_err();
            assert!(error.to_string().contains("are one name"), "{error}");
            assert!(error.hints[0].contains(&format!("{limit} bytes")), "{error:?}");
            let other = format!("y{one}");
            assert!(rule.spell_all("columns", [one.as_str(), other.as_str()]).is_ok());
        }
    }

    #[test]
    fn a_cut_leaves_whole_letters() {
        let name = format!("{}é", "x".repeat(126));
        assert_eq!(REDSHIFT.spell(&name).unwrap(), "x".repeat(126));
    }

    #[test]
    fn redshift_ignores_case_even_in_quotes() {
        assert!(REDSHIFT.spell_all("columns", ["Sku", "sku"]).is_err());
        assert_eq!(REDSHIFT.spell_all("columns", ["Sku", "SKU "]).unwrap(), ["Sku", "SKU "]);
    }

    #[test]
    fn snowflake_names_are_those_it_gives_without_quotes() {
        assert_eq!(SNOWFLAKE.spell_all("columns", ["sku", "a b", "ü"]).unwrap(), ["SKU", "a b", "ü"]);
        assert!(SNOWFLAKE.spell_all("columns", ["sku", "SKU"]).is_err());
        let exact = NameRule { fold: Fold::Exact, ..SNOWFLAKE };
        assert_eq!(exact.spell_all("columns", ["sku", "SKU"]).unwrap(), ["sku", "SKU"]);
        assert!(SNOWFLAKE.spell(&"x".repeat(256)).is_err());
    }

    #[test]
    fn names_no_database_takes_are_refused() {
        for name in ["", "a\nb", "a\0b"] {
            assert!(REDSHIFT.spell(name).is_err() && SNOWFLAKE.spell(name).is_err(), "{name:?}");
        }
    }
}
