//! Settings: where a server is and how it is reached, out of an address, the environment's variables and the password
//! file, in that order.

use std::path::PathBuf;
use std::time::Duration;

use crate::io::databases::address::Address;
use crate::io::databases::postgres::passfile;
use crate::model::{Access, Error, Result};

/// What may stand behind `?` of an address. `table` and `query` are read by those who extract.
const KNOWN: &[&str] = &["sslmode", "sslrootcert", "schema", "connect_timeout", "table", "query"];
const PORT: u16 = 5432;
/// Seconds until a server must have answered.
const PATIENCE: u64 = 10;

const SILENCE: Duration = Duration::from_mins(1);

/// How far a connection is protected, by libpq's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// The words and what they mean.
const MODES: &[(&str, Tls)] = &[
    ("disable", Tls::Disable),
    ("allow", Tls::Allow),
    ("prefer", Tls::Prefer),
    ("require", Tls::Require),
    ("verify-ca", Tls::VerifyCa),
    ("verify-full", Tls::VerifyFull),
];

/// Which authorities may have signed a server's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roots {
    System,
    File(PathBuf),
}

/// How to reach a server. It holds a password: no `Debug`.
#[derive(Clone)]
pub struct Login {
    /// A name, an address, or the folder of a socket.
    pub host: String,
    pub port: u16,
    /// The system's name of the user where absent.
    pub user: Option<String>,
    pub password: Option<String>,
    pub database: Option<String>,
    pub tls: Tls,
    pub roots: Roots,
    /// The schema asked for.
    pub schema: Option<String>,
    /// How long a server may take to let a session in.
    pub patience: Duration,
    /// How long it may say nothing before it is asked whether it is there.
    pub silence: Duration,
    /// For messages: without password and settings.
    pub shown: String,
    /// What was wrong with the password file, so that it was not used.
    pub note: Option<String>,
}

impl Login {
    /// Puts together what is known of a server.
    ///
    /// # Errors
    /// A usage error for a setting that is not known or a word that means nothing.
    pub fn new(mut address: Address, access: &Access) -> Result<Self> {
        address.check_settings(KNOWN)?;
        fill(&mut address, access)?;
        let port = address.port.unwrap_or(PORT);
        let local = address.is_local();
        let (tls, roots) = protection(&address, access, local)?;
        let mut login = Self {
            shown: address.shown(),
            port,
            password: None,
            tls,
            roots,
            schema: address.setting("schema").map(str::to_owned),
            patience: patience(&address, access)?,
            silence: SILENCE,
            note: None,
            user: address.user,
            database: address.database,
            host: address.host,
        };
        let given = access.password().map(str::to_owned).or(address.password);
        login.password = given.or_else(|| access.variable("PGPASSWORD").map(str::to_owned));
        if login.password.is_none() {
            match passfile::find(&login, access) {
                Ok(found) => login.password = found,
                Err(note) => login.note = Some(note),
            }
        }
        Ok(login)
    }

    /// Tells whether the server is reached by the file of a socket.
    #[must_use]
    pub fn is_socket(&self) -> bool {
        self.host.starts_with('/')
    }
}

/// Fills in what the address leaves out.
fn fill(address: &mut Address, access: &Access) -> Result<()> {
    let variable = |name: &str| access.variable(name).map(str::to_owned);
    if !address.names_host
        && let Some(host) = variable("PGHOST")
    {
        address.host = host;
    }
    if address.port.is_none()
        && let Some(text) = variable("PGPORT")
    {
        address.port = Some(text.parse().map_err(|_| Error::usage(format!("PGPORT is no port: `{text}`")))?);
    }
    address.user = address.user.take().or_else(|| variable("PGUSER"));
    address.database = address.database.take().or_else(|| variable("PGDATABASE"));
    Ok(())
}

fn protection(address: &Address, access: &Access, local: bool) -> Result<(Tls, Roots)> {
    let word = address.setting("sslmode").or_else(|| access.variable("PGSSLMODE"));
    let mut tls = match word {
        // On this machine nobody listens between; elsewhere a server must show who it is.
        None if local => Tls::Allow,
        None => Tls::VerifyFull,
        Some(word) => {
            let found = MODES.iter().find(|(known, _)| *known == word);
            let words: Vec<&str> = MODES.iter().map(|(word, _)| *word).collect();
            found.map(|(_, tls)| *tls).ok_or_else(|| {
                Error::usage(format!("`{word}` is no sslmode")).hint(format!("There are: {}", words.join(", ")))
            })?
        }
    };
    let given = address.setting("sslrootcert").or_else(|| access.variable("PGSSLROOTCERT"));
    let roots = match given {
        Some("system") => Roots::System,
        Some(path) => Roots::File(PathBuf::from(path)),
        None => {
            let usual = access.variable("HOME").map(|home| PathBuf::from(home).join(".postgresql/root.crt"));
            usual.filter(|path| path.is_file()).map_or(Roots::System, Roots::File)
        }
    };
    // As in libpq: who names authorities wants them asked.
    if tls == Tls::Require && given.is_some() {
        tls = Tls::VerifyCa;
    }
    Ok((tls, roots))
}

fn patience(address: &Address, access: &Access) -> Result<Duration> {
    let Some(text) = address.setting("connect_timeout").or_else(|| access.variable("PGCONNECT_TIMEOUT")) else {
        return Ok(Duration::from_secs(PATIENCE));
    };
    let seconds = text.parse().ok().filter(|seconds| (1..=3600).contains(seconds));
    let wrong = || Error::usage(format!("`{text}` is no connect_timeout")).hint("Write seconds, from 1 to 3600.");
    seconds.map(Duration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(text: &str, variables: &[(&str, &str)]) -> Login {
        let pairs = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Login::new(Address::parse(text).unwrap(), &Access::new(pairs, None)).unwrap()
    }

    #[test]
    fn an_address_wins_over_the_environment() {
        let variables = [("PGUSER", "env"), ("PGHOST", "far.example"), ("PGPORT", "7"), ("PGDATABASE", "d")];
        let all = login("postgres://me:pw@near.example:5/x?schema=s&connect_timeout=3", &variables);
        assert_eq!((all.user.as_deref(), all.host.as_str(), all.port), (Some("me"), "near.example", 5));
        assert_eq!((all.database.as_deref(), all.password.as_deref()), (Some("x"), Some("pw")));
        assert_eq!((all.schema.as_deref(), all.patience.as_secs()), (Some("s"), 3));
        let none = login("postgres:///", &variables);
        assert_eq!((none.user.as_deref(), none.host.as_str(), none.port), (Some("env"), "far.example", 7));
        assert_eq!(none.shown, "postgres://env@far.example:7/d");
        let local = login("postgres://localhost/x", &variables);
        assert_eq!(local.host, "localhost");
        assert!(login("postgres://%2Frun%2Fpg/x", &[]).is_socket());
    }

    #[test]
    fn servers_elsewhere_must_show_who_they_are() {
        assert_eq!(login("postgres://127.0.0.1/x", &[]).tls, Tls::Allow);
        assert_eq!(login("postgres://db.example/x", &[]).tls, Tls::VerifyFull);
        assert_eq!(login("postgres://db.example/x", &[("PGSSLMODE", "disable")]).tls, Tls::Disable);
        let required = login("postgres://db.example/x?sslmode=require&sslrootcert=/ca.pem", &[]);
        assert_eq!((required.tls, required.roots), (Tls::VerifyCa, Roots::File(PathBuf::from("/ca.pem"))));
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for text in ["postgres://h/x?sslmode=on", "postgres://h/x?connect_timeout=0", "postgres://h/x?sslmod=require"] {
            assert!(Login::new(Address::parse(text).unwrap(), &Access::default()).is_err(), "{text}");
        }
        let port = Access::new([("PGPORT".to_owned(), "x".to_owned())], None);
        assert!(Login::new(Address::parse("postgres://h/x").unwrap(), &port).is_err());
    }

    #[test]
    fn passwords_come_in_their_order() {
        let password = |text: &str, handed: Option<&str>| {
            let access = Access::new([("PGPASSWORD".to_owned(), "env".to_owned())], handed.map(str::to_owned));
            Login::new(Address::parse(text).unwrap(), &access).unwrap().password
        };
        assert_eq!(password("postgres://u:url@h/x", Some("file")).as_deref(), Some("file"));
        assert_eq!(password("postgres://u:url@h/x", None).as_deref(), Some("url"));
        assert_eq!(password("postgres://u@h/x", None).as_deref(), Some("env"));
    }
}
