//! Access: what a run may use to reach servers. The library reads no environment; `cli` fills this in.

use std::collections::BTreeMap;
use std::fmt;

/// Holds the environment's connection settings and a password. Nothing of it is ever shown.
#[derive(Clone, Default)]
pub struct Access {
    variables: BTreeMap<String, String>,
    /// From `--password-file`.
    password: Option<String>,
}

/// Which variables of the environment matter, by how they begin; `HOME` too, for the files that lie there, and
/// `TMPDIR`, for what is made on the way to a server.
pub const PREFIXES: &[&str] = &["PG", "MYSQL_", "MARIADB_", "AWS_", "SSL_CERT_"];

impl Access {
    /// Takes variables of the environment, of which only those for connections are kept, and a password.
    pub fn new(variables: impl IntoIterator<Item = (String, String)>, password: Option<String>) -> Self {
        let ours =
            |name: &str| matches!(name, "HOME" | "TMPDIR") || PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        Self { variables: variables.into_iter().filter(|(name, _)| ours(name)).collect(), password }
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
        let names: Vec<&String> = self.variables.keys().collect();
        f.debug_struct("Access").field("variables", &names).field("password", &self.password.is_some()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_connection_settings_are_kept_and_none_is_shown() {
        let pairs = [("PGUSER", "me"), ("PGPASSWORD", "canary"), ("PATH", "/bin"), ("HOME", "/h"), ("AWS_REGION", "")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let access = Access::new(pairs, Some("canary".to_owned()));
        assert_eq!((access.variable("PGUSER"), access.variable("PATH")), (Some("me"), None));
        assert_eq!((access.variable("HOME"), access.variable("AWS_REGION")), (Some("/h"), None));
        assert_eq!(access.variables("PG").count(), 2);
        assert_eq!(access.password(), Some("canary"));
        assert!(!format!("{access:?}").contains("canary"), "{access:?}");
    }
}
