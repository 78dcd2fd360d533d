//! Whom we believe that it is the ACME server.

use std::sync::Arc;

use caddis_ir::AcmeIssuer;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tracing::warn;

use crate::tls::issue::Fault;
use crate::tls::system_roots;

/// The texts of the files that an issuer of the config names; the error has the place of the file.
pub(crate) fn read_roots(config: &AcmeIssuer) -> Result<Vec<String>, (usize, Fault)> {
    let files = config.trusted_roots_pem_files.iter().enumerate();
    files
        .map(|(at, file)| read(file).map_err(|fault| (at, fault)))
        .collect()
}

fn read(file: &str) -> Result<String, Fault> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("the roots file `{file}` cannot be read: {error}"))?;
    match parse(&text) {
        Ok(roots) if !roots.is_empty() => Ok(text),
        Ok(_) => Err(format!("there is no certificate in `{file}`")),
        Err(fault) => Err(format!("`{file}` cannot be used: {fault}")),
    }
}

fn parse(text: &str) -> Result<RootCertStore, Fault> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(text.as_bytes()) {
        let certificate = certificate.map_err(|_| "it is not valid PEM".to_owned())?;
        (roots.add(certificate)).map_err(|error| format!("a certificate in it: {error}"))?;
    }
    Ok(roots)
}

/// How connections to the server are made; the system's roots if none are given.
pub(super) fn client(texts: &[String]) -> Result<Arc<ClientConfig>, Fault> {
    let mut roots = RootCertStore::empty();
    for text in texts {
        roots.extend(parse(text)?.roots);
    }
    let roots = match texts {
        [] => system_roots().unwrap_or_else(|fault| {
            warn!(
                target: "tls.issuance.acme", error = fault,
                "no ACME server can be trusted: install the system's certificates (`ca-certificates`)"
            );
            Arc::new(RootCertStore::empty())
        }),
        [..] => Arc::new(roots),
    };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use caddis_ir::AcmeIssuer;

    use super::{client, read_roots};

    fn issuer(file: &str) -> AcmeIssuer {
        AcmeIssuer {
            trusted_roots_pem_files: vec![file.to_owned()],
            ..AcmeIssuer::default()
        }
    }

    #[test]
    fn files_without_roots_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("roots.pem");
        let name = file.to_str().unwrap();
        let fault = || read_roots(&issuer(name)).unwrap_err().1;
        let expected = format!("the roots file `{name}` cannot be read: ");
        assert!(fault().starts_with(&expected));
        std::fs::write(&file, "hello").unwrap();
        assert_eq!(fault(), format!("there is no certificate in `{name}`"));
        let made = rcgen::generate_simple_self_signed(["a.test".to_owned()]).unwrap();
        std::fs::write(&file, made.cert.pem()).unwrap();
        assert!(client(&read_roots(&issuer(name)).unwrap()).is_ok());
    }
}
