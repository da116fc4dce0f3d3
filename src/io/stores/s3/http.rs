//! The HTTP client under the object store: bounded waits, certificates of the system, no proxy to this machine.

use std::fs;
use std::path::Path;
use std::time::Duration;

use object_store::client::{HttpClient, HttpConnector};
use object_store::{ClientConfigKey, ClientOptions};

use crate::model::{Access, Error, Result};

/// Until a connection stands.
const CONNECT: Duration = Duration::from_secs(10);
/// The metadata service of an instance is near, or not there.
const CONNECT_METADATA: Duration = Duration::from_secs(1);
/// Without a byte from the other side; while a piece is sent, none comes.
const SILENCE: Duration = Duration::from_mins(3);

/// Makes clients.
#[derive(Debug)]
pub struct Connector {
    /// Whether the bucket itself is reached without encryption.
    allow_http: bool,
    /// Whether no proxy stands between.
    direct: bool,
    /// Trusted besides the system's.
    roots: Vec<reqwest::Certificate>,
}

impl Connector {
    /// Reads the certificates that `AWS_CA_BUNDLE` and `SSL_CERT_FILE` name.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn new(access: &Access, allow_http: bool, direct: bool) -> Result<Self> {
        // Whoever was first in this process chose; all that choose here choose the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut roots = Vec::new();
        let files = ["AWS_CA_BUNDLE", "SSL_CERT_FILE"].into_iter().filter_map(|name| access.variable(name));
        for path in files.filter(|_| !allow_http).map(Path::new) {
            let text = fs::read(path).map_err(|error| Error::reading(path, error))?;
            let read = reqwest::Certificate::from_pem_bundle(&text);
            roots.extend(read.map_err(|_| Error::usage(format!("{} holds no certificates", path.display())))?);
        }
        Ok(Self { allow_http, direct, roots })
    }
}

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let plain = options.get_config_value(&ClientConfigKey::AllowHttp).as_deref() == Some("true");
        let metadata = plain && !self.allow_http;
        let mut client = reqwest::Client::builder()
            .user_agent(concat!("karat/", env!("CARGO_PKG_VERSION")))
            .http1_only()
            .https_only(!plain)
            .connect_timeout(if metadata { CONNECT_METADATA } else { CONNECT })
            .read_timeout(if metadata { CONNECT_METADATA * 5 } else { SILENCE })
            .redirect(reqwest::redirect::Policy::none())
            .tcp_nodelay(true);
        // Without encryption the certificates need not be read.
        client = if plain { client.tls_certs_only([]) } else { client.tls_certs_merge(self.roots.clone()) };
        if metadata || self.direct {
            client = client.no_proxy();
        }
        let client =
            client.build().map_err(|error| object_store::Error::Generic { store: "S3", source: error.into() })?;
        Ok(HttpClient::new(client))
    }
}
