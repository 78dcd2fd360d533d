//! What everybody may know of an authority.

use caddis_ir::Authority as Config;
use x509_parser::pem::parse_x509_pem;

use super::Storage;
use super::authority::{Authority, NAME};
use super::issue::Fault;

/// What everybody may know of an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicAuthority {
    /// Its name for people.
    pub(crate) name: String,
    /// Its root.
    pub(crate) root: PublicCertificate,
    /// Its intermediate.
    pub(crate) intermediate: PublicCertificate,
}

/// A certificate, and the name in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicCertificate {
    pub(crate) common_name: String,
    pub(crate) pem: String,
}

/// Takes the authority that is kept, or makes one.
pub(crate) fn public_authority(
    storage: &Storage,
    id: &str,
    config: &Config,
) -> Result<PublicAuthority, Fault> {
    let authority = Authority::open(storage, id, config)?;
    let [root, intermediate] = authority.certificates();
    Ok(PublicAuthority {
        name: if config.name.is_empty() {
            NAME.into()
        } else {
            config.name.clone()
        },
        root: certificate(root)?,
        intermediate: certificate(intermediate)?,
    })
}

fn certificate(pem: &str) -> Result<PublicCertificate, Fault> {
    let (_, read) = parse_x509_pem(pem.as_bytes()).map_err(|error| error.to_string())?;
    let certificate = read.parse_x509().map_err(|error| error.to_string())?;
    let mut names = certificate.subject().iter_common_name();
    let common_name = names.next().and_then(|name| name.as_str().ok());
    Ok(PublicCertificate {
        common_name: common_name.unwrap_or_default().to_owned(),
        pem: pem.to_owned(),
    })
}
