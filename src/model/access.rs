//! Access: what a run may use to reach servers. The library reads no environment; `cli` fills this in.

use std::collections::BTreeMap;
use std::fmt;

/// Holds the environment's variables, for connection settings, and a password. Nothing of it is ever shown.
#[derive(Clone, Default)]
pub struct Access {
    variables: BTreeMap<String, String>,
    /// From `--password-file`.
    password: Option<String>,
}

impl Access {
    /// Takes the variables of the environment and a password.
    pub fn new(variables: impl IntoIterator<Item = (String, String)>, password: Option<String>) -> Self {
        Self { variables: variables.into_iter().collect(), password }
    }

    /// Gives a variable of the environment, where it is set and not empty.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Gives the variables whose names begin so, in the order of their names.
    pub fn variables(&self, prefix: &str) -> impl Iterator<Item = (&str, &str)> {
        let all = self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        all.filter(move |(name, _)| name.starts_with(prefix))
    }

    /// Gives the password that was handed over for this run.
    #[must_use]
    pub fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("variables", &self.variables.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_variables_are_none_and_nothing_is_shown() {
        let pairs = [("PGUSER", "me"), ("PGPASSWORD", "canary"), ("PATH", "/bin"), ("HOME", "/h"), ("AWS_REGION", "")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let access = Access::new(pairs, Some("canary".to_owned()));
        assert_eq!((access.variable("PGUSER"), access.variable("NO")), (Some("me"), None));
        assert_eq!((access.variable("HOME"), access.variable("AWS_REGION")), (Some("/h"), None));
        assert_eq!(access.variables("PG").count(), 2);
        assert_eq!(access.password(), Some("canary"));
        assert!(!format!("{access:?}").contains("canary"), "{access:?}");
    }
}
