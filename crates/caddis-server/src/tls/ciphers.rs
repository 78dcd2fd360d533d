//! Ciphers and key exchanges, by the names that configs have for them.

use caddis_ir::Path;
use rustls::crypto::aws_lc_rs::{cipher_suite as suite, default_provider};
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::{CipherSuite, SupportedCipherSuite};

use super::client::curve;
use crate::builder::Builder;

/// In the order in which Go prefers them where the client has AES in hardware.
static TLS13: [SupportedCipherSuite; 3] = [
    suite::TLS13_AES_128_GCM_SHA256,
    suite::TLS13_AES_256_GCM_SHA384,
    suite::TLS13_CHACHA20_POLY1305_SHA256,
];
static TLS12: [SupportedCipherSuite; 6] = [
    suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
];

/// The ciphers of TLS 1.2 that a policy names; all if it names none. Those of TLS 1.3 cannot be chosen, as in Go.
pub(super) fn suites(
    names: &[String],
    at: &Path,
    builder: &mut Builder<'_>,
) -> Option<Vec<SupportedCipherSuite>> {
    let mut suites = Vec::with_capacity(names.len());
    let mut sound = true;
    for (index, name) in names.iter().enumerate() {
        let wanted = iana_name(name);
        let known = TLS12
            .iter()
            .find(|one| one.suite().as_str() == Some(wanted));
        if let Some(known) = known {
            suites.push(*known);
            continue;
        }
        sound = false;
        let all = TLS12.iter().filter_map(|one| one.suite().as_str());
        let all = all.collect::<Vec<_>>().join("`, `");
        builder.error_with_help(
            &at.index(index),
            format!("caddis does not have the cipher suite `{name}`"),
            format!("leave it out, or write one of `{all}`"),
        );
    }
    sound.then_some(suites)
}

/// The key exchanges that a policy names; `None` for all.
#[expect(
    clippy::option_option,
    reason = "that there is an error is not that none is named"
)]
pub(super) fn groups(
    names: &[String],
    at: &Path,
    builder: &mut Builder<'_>,
) -> Option<Option<Vec<&'static dyn SupportedKxGroup>>> {
    let mut groups = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        match curve(name) {
            Some(group) => groups.push(group),
            None => builder.error_with_help(
                &at.index(index),
                format!("caddis does not have the curve `{name}`"),
                "leave it out, or write `x25519mlkem768`, `x25519`, `secp256r1` or `secp384r1`",
            ),
        }
    }
    (groups.len() == names.len()).then(|| (!groups.is_empty()).then_some(groups))
}

/// All that handshakes are made of, with these ciphers of TLS 1.2; all if there are none.
pub(super) fn provider(chosen: &[SupportedCipherSuite]) -> CryptoProvider {
    let of_tls12 = (TLS12.iter()).filter(|one| chosen.is_empty() || chosen.contains(one));
    CryptoProvider {
        cipher_suites: TLS13.iter().chain(of_tls12).copied().collect(),
        ..default_provider()
    }
}

/// True if the client prefers AES, which it then has in hardware: Go's order counts for it, and its own for others.
pub(super) fn prefers_aes(suites: &[CipherSuite]) -> bool {
    let known = |suite: &&CipherSuite| TLS13.iter().chain(&TLS12).any(|one| one.suite() == **suite);
    let first = suites.iter().find(known).and_then(CipherSuite::as_str);
    first.is_some_and(|name| name.contains("AES"))
}

/// Go's own names of two suites lack their ends.
fn iana_name(name: &str) -> &str {
    match name {
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305" => "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305" => "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        name => name,
    }
}
