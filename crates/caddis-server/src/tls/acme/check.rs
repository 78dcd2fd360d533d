//! What of an ACME server in the config cannot work: found when it is loaded, and not at night.

use caddis_ir::{AcmeIssuer, Path, TlsApp};

use super::external;
use super::roots::read_roots;
use crate::BuildError;
use crate::tls::dns;

/// What is wrong with an issuer that stands at a place. Reads the files that it names.
pub(crate) fn check(config: &AcmeIssuer, tls: Option<&TlsApp>, at: &Path) -> Vec<BuildError> {
    let mut errors = Vec::new();
    if let Err((file_at, message)) = read_roots(config) {
        errors.push(BuildError {
            path: at.key("trusted_roots_pem_files").index(file_at),
            message,
            help: Some("name a file with the root certificate of the ACME server, in PEM".into()),
        });
    }
    let account = config.external_account.as_ref();
    if let Some(message) = account.and_then(external::fault) {
        errors.push(BuildError {
            path: at.key("external_account"),
            message,
            help: Some("copy both as the authority shows them: `eab KEY_ID MAC_KEY`".into()),
        });
    }
    let challenges = config.challenges.as_ref();
    let challenge = challenges.and_then(|challenges| challenges.dns.as_ref());
    let settings = challenge.map(|challenge| dns::Settings::new(challenge, tls));
    if let Some(Err(message)) = settings {
        errors.push(BuildError {
            path: at.key("challenges").key("dns"),
            message,
            help: None,
        });
    }
    errors
}
