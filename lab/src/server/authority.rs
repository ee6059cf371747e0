//! Certificates: one authority for each lab, one leaf for each host, made when it is first asked for.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use time::{Duration, OffsetDateTime};
use tokio_rustls::rustls;

/// A lab is for an afternoon; the authority's key never leaves the process.
const VALID: Duration = Duration::days(30);

/// A certificate authority of its own.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// One key for all leaves: making one takes longer than signing.
    leaf: KeyPair,
    made: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

impl Authority {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let mut parameters = parameters(Vec::new(), "Sindri lab, an authority of nothing")?;
        parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Ok(Self {
            issuer: CertifiedIssuer::self_signed(parameters, KeyPair::generate()?)?,
            leaf: KeyPair::generate()?,
            made: Mutex::default(),
        })
    }

    /// What clients have to trust.
    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A server that shows each client a certificate of the host that it asks for.
    pub(crate) fn configuration(self) -> anyhow::Result<ServerConfig> {
        let mut configuration = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(self));
        configuration.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(configuration)
    }

    fn certificate(&self, host: &str) -> anyhow::Result<Arc<CertifiedKey>> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(certificate) = made.get(host) {
            return Ok(Arc::clone(certificate));
        }
        let mut parameters = parameters(vec![host.to_owned()], host)?;
        parameters.use_authority_key_identifier_extension = true;
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = parameters.signed_by(&self.leaf, &self.issuer)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.leaf.serialize_der()));
        let key = ring::sign::any_supported_type(&key).context("a key that rcgen made")?;
        let certified = Arc::new(CertifiedKey::new(vec![certificate.der().clone()], key));
        made.insert(host.to_owned(), Arc::clone(&certified));
        Ok(certified)
    }
}

impl ResolvesServerCert for Authority {
    /// Every client of a cloud sends the host's name; without one the handshake fails.
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.certificate(&hello.server_name()?.to_lowercase()).ok()
    }
}

fn parameters(names: Vec<String>, title: &str) -> anyhow::Result<CertificateParams> {
    let mut parameters = CertificateParams::new(names)?;
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    // A common name holds 64 characters at most (X.520); clients read the alternative names only.
    let title: String = title.chars().take(64).collect();
    parameters.distinguished_name.push(DnType::CommonName, title);
    let now = OffsetDateTime::now_utc();
    parameters.not_before = now - Duration::DAY;
    parameters.not_after = now + VALID;
    Ok(parameters)
}
