//! Address: a server and a database on it, as a URL: `postgres://user@host:5432/shop?schema=public`.

use std::fmt;

use url::Url;

use crate::model::{Error, Result};

/// Names a database on a server. Neither `Debug` nor [`Address::shown`] tell the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// `postgres` or `mysql`, however it was spelled.
    pub scheme: &'static str,
    pub user: Option<String>,
    pub password: Option<String>,
    pub host: String,
    /// The host was named, and is not `localhost` for want of a name.
    pub names_host: bool,
    pub port: Option<u16>,
    pub database: Option<String>,
    /// What stands behind `?`, decoded, in order.
    pub settings: Vec<(String, String)>,
}

/// How schemes may be spelled, and what they mean.
const SCHEMES: &[(&str, &str)] =
    &[("postgres", "postgres"), ("postgresql", "postgres"), ("mysql", "mysql"), ("mariadb", "mysql")];

/// Tells whether a text is the URL of a database server.
#[must_use]
pub fn is_server(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, _)| SCHEMES.iter().any(|(known, _)| *known == scheme))
}

impl Address {
    /// Reads a URL.
    ///
    /// # Errors
    /// A usage error where it is none, without the text itself, which may hold a password.
    pub fn parse(text: &str) -> Result<Self> {
        let (scheme, _) = text.split_once("://").unwrap_or_default();
        let wrong = |why: &str| {
            Error::usage(format!("the {scheme}:// address cannot be read: {why}"))
                .hint("Write it as scheme://user@host:port/database, and %40 for an @ in a name.")
        };
        let Some((_, scheme)) = SCHEMES.iter().find(|(known, _)| *known == scheme) else {
            return Err(wrong("karat knows postgres:// and mysql://"));
        };
        let url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
        let decoded = |text: &str| {
            let text = percent_encoding::percent_decode_str(text).decode_utf8();
            text.map(std::borrow::Cow::into_owned).map_err(|_| wrong("it is not UTF-8"))
        };
        let filled = |text: &str| if text.is_empty() { Ok(None) } else { decoded(text).map(Some) };
        let path = url.path().strip_prefix('/').unwrap_or(url.path());
        if path.contains('/') {
            return Err(wrong("there is a `/` in the name of the database").hint("Name a table by ?table=schema.name."));
        }
        let host = url.host_str().unwrap_or_default();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        Ok(Self {
            scheme,
            user: filled(url.username())?,
            password: url.password().map(decoded).transpose()?,
            names_host: !host.is_empty(),
            host: decoded(if host.is_empty() { "localhost" } else { host })?,
            port: url.port(),
            database: filled(path)?,
            settings: url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
        })
    }

    /// Gives a setting behind `?`; the last where it stands twice.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Refuses settings that are not known, so that a misspelled `sslmode` does not pass.
    ///
    /// # Errors
    /// A usage error that lists what is known.
    pub fn check_settings(&self, known: &[&str]) -> Result<()> {
        match self.settings.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) => Err(Error::usage(format!("`{name}` is no setting of a {}:// address", self.scheme))
                .hint(format!("There are: {}", known.join(", ")))),
        }
    }

    /// Tells whether the server is on this machine: its name is `localhost`, its address is a loopback one, or it is
    /// the folder of a socket.
    #[must_use]
    pub fn is_local(&self) -> bool {
        let loopback = || self.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        self.host.eq_ignore_ascii_case("localhost") || self.host.starts_with('/') || loopback()
    }

    /// Writes the address for messages and reports: without password and settings.
    #[must_use]
    pub fn shown(&self) -> String {
        let user = self.user.as_ref().map_or_else(String::new, |user| format!("{user}@"));
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let port = self.port.map_or_else(String::new, |port| format!(":{port}"));
        format!("{}://{user}{host}{port}/{}", self.scheme, self.database.as_deref().unwrap_or_default())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_read() {
        let address =
            Address::parse("postgresql://me%40x:can%3Aary@db.example:6543/shop?sslmode=require&schema=a%20b").unwrap();
        assert_eq!(address.scheme, "postgres");
        assert_eq!(address.user.as_deref(), Some("me@x"));
        assert_eq!(address.password.as_deref(), Some("can:ary"));
        assert_eq!((address.host.as_str(), address.port), ("db.example", Some(6543)));
        assert_eq!(address.database.as_deref(), Some("shop"));
        assert_eq!(address.setting("schema"), Some("a b"));
        assert!(!address.is_local());
        assert_eq!(address.shown(), "postgres://me@x@db.example:6543/shop");
        assert!(!format!("{address:?}").contains("ary"));
        assert!(address.check_settings(&["sslmode"]).unwrap_err().message.contains("`schema`"));
    }

    #[test]
    fn parts_may_be_left_out() {
        let address = Address::parse("mariadb:///").unwrap();
        assert_eq!((address.scheme, address.host.as_str(), address.port), ("mysql", "localhost", None));
        assert_eq!((address.user.clone(), address.database.clone()), (None, None));
        assert!(address.is_local());
        let address = Address::parse("postgres://[::1]:5/x").unwrap();
        assert!(address.is_local());
        assert_eq!(address.shown(), "postgres://[::1]:5/x");
    }

    #[test]
    fn mistakes_do_not_tell_the_password() {
        for text in ["postgres://me:canary@host:port/x", "mysql://me:canary@/a/b", "x://canary"] {
            let error = Address::parse(text).unwrap_err();
            assert!(!format!("{error}{:?}", error.hints).contains("canary"), "{error}");
        }
    }
}
