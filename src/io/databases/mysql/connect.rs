//! Connecting: who, where and how safely; the settings of a session; and plain questions to the server.
//!
//! | setting of the address | means |
//! |---|---|
//! | `ssl-mode` | `disabled`, `preferred`, `required`, `verify-ca`, `verify-identity`: as in MySQL's own clients. By default `verify-identity`, on this machine `disabled` |
//! | `ssl-ca` | a PEM file of authorities to trust besides the public ones (else `SSL_CERT_FILE`, else the system's) |
//! | `socket` | the server's Unix socket, instead of host and port |
//! | `connect_timeout` | seconds, 30 by default |
//! | `zero-dates` | for sources: `text` (by default: a column with `0000-00-00` comes as text) or `null` |
//!
//! What the address leaves out is taken from `MYSQL_HOST`, `MYSQL_TCP_PORT`, `MYSQL_USER` and `MYSQL_PWD`, or their twins
//! `MARIADB_…`. The password of `--password-file` goes before all others.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use mysql::consts::CapabilityFlags;
use mysql::prelude::Queryable as _;
use mysql::{Conn, DriverError, Opts, OptsBuilder, Params, SslOpts, Value};

use crate::io::databases::address::Address;
use crate::io::databases::mysql::errors::failed;
use crate::model::{Access, Error, ErrorKind, Result};

/// The settings of an address that say how to connect.
pub const SETTINGS: [&str; 4] = ["ssl-mode", "ssl-ca", "socket", "connect_timeout"];

/// A server that can be connected to, any number of times.
#[derive(Clone)]
pub struct Server {
    opts: Opts,
    /// How to connect where the server knows no TLS, and that is allowed.
    plain: Option<Opts>,
    /// Without secrets.
    pub shown: String,
    pub database: Option<String>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Session {
    /// Reads rows for a run.
    Source,
    /// Loads rows: strict, and no value is another than it was given.
    Target,
}

/// Where systems keep the authorities they trust: Debian, Fedora, SUSE, Alpine and macOS.
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The mode in which values are loaded: wrong ones are refused, a backslash is a backslash, 0 is 0 in a counting column.
const LOADING: &str = "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE,\
                       ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_VALUE_ON_ZERO,NO_BACKSLASH_ESCAPES";
/// The mode of a contract's own statements: strict, with the text that everyone writes.
const STATEMENTS: &str = "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE,\
                          ERROR_FOR_DIVISION_BY_ZERO";

impl Server {
    /// Puts together what is known of a server. Nothing is reached yet; `besides` are settings with other meanings.
    ///
    /// # Errors
    /// A usage error where a setting is not known, or there is no user.
    pub fn new(address: &Address, access: &Access, besides: &[&str]) -> Result<Self> {
        address.check_settings(&[&SETTINGS[..], besides].concat())?;
        let given = |name: &str| {
            let twins = [format!("MYSQL_{name}"), format!("MARIADB_{name}")];
            twins.iter().find_map(|name| access.variable(name)).map(str::to_owned)
        };
        let mut address = address.clone();
        if let Some(host) = given("HOST").filter(|_| !address.names_host) {
            address.host = host;
        }
        let Some(user) = address.user.clone().or_else(|| given("USER")) else {
            return Err(Error::usage(format!("{} names no user", address.shown()))
                .hint("Write mysql://USER@HOST/DATABASE, or set MYSQL_USER."));
        };
        let password = access.password().map(str::to_owned).or_else(|| address.password.clone());
        let password = password.or_else(|| given("PWD"));
        let port = match address.port {
            Some(port) => port,
            None => given("TCP_PORT").map_or(Ok(3306), |port| {
                port.parse().map_err(|_| Error::usage(format!("MYSQL_TCP_PORT is `{port}`, which is no port")))
            })?,
        };
        let socket = address.setting("socket").map(str::to_owned);
        let local = socket.is_some() || address.is_local();
        let (secure, may_be_plain) = tls(&address, access, local)?;
        let builder = OptsBuilder::new()
            .ip_or_hostname(Some(address.host.clone()))
            .tcp_port(port)
            .socket(socket)
            .user(Some(user))
            .pass(password)
            .db_name(address.database.clone())
            .prefer_socket(false)
            .tcp_connect_timeout(Some(timeout(&address)?))
            .tcp_keepalive_time_ms(Some(60_000))
            .stmt_cache_size(0_usize)
            // An UPDATE tells the rows it found, not only those it changed.
            .additional_capabilities(CapabilityFlags::CLIENT_FOUND_ROWS);
        let plain = may_be_plain.then(|| builder.clone().into());
        let opts = builder.ssl_opts(secure).into();
        Ok(Self { opts, plain, shown: address.shown(), database: address.database.clone() })
    }

    /// Connects and prepares the session.
    ///
    /// # Errors
    /// Says what the server said.
    pub fn connect(&self, session: Session) -> Result<Conn> {
        let kind = match session {
            Session::Source => ErrorKind::Input,
            Session::Target => ErrorKind::Output,
        };
        let _ = rustls::crypto::ring::default_provider().install_default();
        let wrong = |error: mysql::Error| failed(kind, format!("cannot connect to {}", self.shown), &error);
        let mut conn = match (Conn::new(self.opts.clone()), &self.plain) {
            (Err(mysql::Error::DriverError(DriverError::TlsNotSupported)), Some(plain)) => Conn::new(plain.clone()),
            (conn, _) => conn,
        }
        .map_err(wrong)?;
        let mode = match session {
            Session::Source => "",
            Session::Target => LOADING,
        };
        for statement in [
            "SET NAMES utf8mb4".to_owned(),
            format!(
                "SET SESSION sql_mode = '{mode}', time_zone = '+00:00', wait_timeout = 86400, net_write_timeout = 3600, \
                 net_read_timeout = 3600"
            ),
            "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ".to_owned(),
        ] {
            conn.query_drop(statement).map_err(wrong)?;
        }
        Ok(conn)
    }
}

/// Lets a contract's own statements be written as everyone does, or goes back to loading.
pub fn statements_mode(conn: &mut Conn, own: bool) -> Result<(), mysql::Error> {
    conn.query_drop(format!("SET SESSION sql_mode = '{}'", if own { STATEMENTS } else { LOADING }))
}

/// Tells how to encrypt, and whether to go without where the server cannot.
fn tls(address: &Address, access: &Access, local: bool) -> Result<(Option<SslOpts>, bool)> {
    let default = if local { "disabled" } else { "verify-identity" };
    let mode = address.setting("ssl-mode").unwrap_or(default).to_ascii_lowercase().replace('_', "-");
    let authority = address.setting("ssl-ca").or_else(|| access.variable("SSL_CERT_FILE")).map(PathBuf::from);
    if let Some(file) = authority.as_ref().filter(|file| mode.starts_with("verify") && !file.is_file()) {
        return Err(Error::usage(format!("there is no file {} with certificates", file.display()))
            .hint("It comes from ssl-ca in the address, or SSL_CERT_FILE."));
    }
    let system = || BUNDLES.iter().map(PathBuf::from).find(|file| file.is_file());
    let authority = authority.or_else(system);
    let trusting = SslOpts::default().with_danger_accept_invalid_certs(true).with_danger_skip_domain_validation(true);
    let checking = SslOpts::default().with_root_cert_path(authority);
    Ok(match mode.as_str() {
        "disabled" => (None, false),
        "preferred" => (Some(trusting), true),
        "required" => (Some(trusting), false),
        "verify-ca" => (Some(checking.with_danger_skip_domain_validation(true)), false),
        "verify-identity" => (Some(checking), false),
        _ => {
            return Err(Error::usage(format!("ssl-mode may not be `{mode}`"))
                .hint("There are: disabled, preferred, required, verify-ca, verify-identity"));
        }
    })
}

fn timeout(address: &Address) -> Result<Duration> {
    let Some(text) = address.setting("connect_timeout") else { return Ok(Duration::from_secs(30)) };
    let seconds = text.parse::<u64>().ok().filter(|seconds| (1..=86_400).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(|| {
        Error::usage(format!("connect_timeout may not be `{text}`")).hint("Write whole seconds from 1 to 86400.")
    })
}

/// Runs a statement; gives the rows it changed (or found, for an UPDATE).
///
/// # Errors
/// The server's.
pub fn run(conn: &mut Conn, statement: &str) -> Result<u64, mysql::Error> {
    conn.query_drop(statement)?;
    Ok(conn.affected_rows())
}

/// Asks for all rows of a small answer.
///
/// # Errors
/// The server's.
pub fn all(conn: &mut Conn, query: &str, given: &[&str]) -> Result<Vec<Vec<Value>>, mysql::Error> {
    let mut rows = Vec::new();
    let values = |row: mysql::Row| row.unwrap_raw().into_iter().map(|value| value.unwrap_or(Value::NULL)).collect();
    if given.is_empty() {
        for row in conn.query_iter(query)? {
            rows.push(values(row?));
        }
    } else {
        let given = given.iter().map(|text| Value::from(*text)).collect();
        for row in conn.exec_iter(query, Params::Positional(given))? {
            rows.push(values(row?));
        }
    }
    Ok(rows)
}

/// Asks for one number; 0 where the answer is NULL or nothing.
///
/// # Errors
/// The server's.
pub fn number(conn: &mut Conn, query: &str, given: &[&str]) -> Result<u64, mysql::Error> {
    let rows = all(conn, query, given)?;
    Ok(rows.first().and_then(|row| whole(row.first())).unwrap_or(0))
}

/// Reads a value as text; `None` for NULL and what is no text.
#[must_use]
pub fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        Value::Int(number) => Some(number.to_string()),
        Value::UInt(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Reads a value as a whole number.
#[must_use]
pub fn whole(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::Bytes(bytes) => std::str::from_utf8(bytes).ok()?.parse().ok(),
        Value::Int(number) => u64::try_from(*number).ok(),
        Value::UInt(number) => Some(*number),
        _ => None,
    }
}
