//! TLS as libpq means it: encrypted only (`require`), by a known authority (`verify-ca`), of the right name
//! (`verify-full`).

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::io::databases::postgres::settings::{Login, Roots, Tls};
use crate::model::{Error, Result};

/// Prepares the client's side of TLS.
///
/// # Errors
/// Where the authorities' certificates cannot be read.
pub fn config(login: &Login) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let broken = |error: rustls::Error| Error::output("TLS cannot be set up").because(error);
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(broken)?;
    let roots = match login.tls {
        Tls::VerifyCa | Tls::VerifyFull => Arc::new(roots(login)?),
        _ => {
            let verifier = Arc::new(Encrypted { provider, chain: None });
            return Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth());
        }
    };
    if login.tls == Tls::VerifyFull {
        return Ok(builder.with_root_certificates(roots).with_no_client_auth());
    }
    let chain = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider)).build();
    let chain = chain.map_err(|error| Error::output("TLS cannot be set up").because(error))?;
    let verifier = Arc::new(Encrypted { provider, chain: Some(chain) });
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

fn roots(login: &Login) -> Result<RootCertStore> {
    let mut store = RootCertStore::empty();
    match &login.roots {
        Roots::System => {
            let found = rustls_native_certs::load_native_certs();
            store.add_parsable_certificates(found.certs);
        }
        Roots::File(path) => {
            let wrong = || {
                Error::usage(format!("cannot read certificates from {}", path.display()))
                    .hint("Name a PEM file: ?sslrootcert=ca.pem, or sslrootcert=system for those of this machine.")
            };
            let certificates = CertificateDer::pem_file_iter(path).map_err(|error| wrong().because(error))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| wrong().because(error))?;
                store.add(certificate).map_err(|error| wrong().because(error))?;
            }
        }
    }
    if store.is_empty() {
        return Err(Error::usage("no certificate authority is known, so no server can show who it is")
            .hint("Name a file of certificates: ?sslrootcert=ca.pem, or install the system's (ca-certificates)."));
    }
    Ok(store)
}

/// Asks less of a server than its name.
#[derive(Debug)]
struct Encrypted {
    provider: Arc<CryptoProvider>,
    /// Looks at who signed, where that matters.
    chain: Option<Arc<WebPkiServerVerifier>>,
}

impl ServerCertVerifier for Encrypted {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        match chain.verify_server_cert(certificate, between, name, stapled, now) {
            // The name is looked at last, when all else was found good.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            answer => answer,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
