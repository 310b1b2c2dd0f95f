//! Encryption of connections that leave the machine. Certificates are always checked: against the system's roots, or
//! against a file that the configuration names.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::config::PostgresConfig;

/// How connections are encrypted; none if they are not.
///
/// # Errors
/// The file of certificates cannot be used; in words.
pub(super) fn connector(config: &PostgresConfig) -> Result<Option<MakeRustlsConnect>, String> {
    if config.server.get_ssl_mode() == SslMode::Disable {
        return Ok(None);
    }
    let roots = match &config.tls_roots {
        Some(path) => from_file(path)?,
        None => from_system(),
    };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Some(MakeRustlsConnect::new(client)))
}

fn from_file(path: &Path) -> Result<RootCertStore, String> {
    let describe = |what: String| format!("the certificates in {}: {what}", path.display());
    let mut roots = RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(path).map_err(|error| describe(error.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| describe(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| describe(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(describe("there is none".to_owned()));
    }
    Ok(roots)
}

/// What the system trusts. A certificate that cannot be read only means that servers under it are not trusted.
fn from_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!("certificates of the system: {error}");
    }
    roots.add_parsable_certificates(found.certs);
    roots
}
