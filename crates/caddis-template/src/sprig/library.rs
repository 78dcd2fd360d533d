//! Which functions there are, and which are left out.

use super::{
    coding, crypto, dates, defaults, dicts, json, lists, math, paths, regexes, strings, types,
    urls, versions, words, wrapping,
};
use crate::{Function, pages};

/// A function of the library.
pub(crate) fn find(name: &str) -> Option<Function> {
    pages::find(name)
        .or_else(|| strings::find(name))
        .or_else(|| words::find(name))
        .or_else(|| wrapping::find(name))
        .or_else(|| lists::find(name))
        .or_else(|| dicts::find(name))
        .or_else(|| math::find(name))
        .or_else(|| dates::find(name))
        .or_else(|| defaults::find(name))
        .or_else(|| json::find(name))
        .or_else(|| types::find(name))
        .or_else(|| paths::find(name))
        .or_else(|| regexes::find(name))
        .or_else(|| coding::find(name))
        .or_else(|| crypto::find(name))
        .or_else(|| urls::find(name))
        .or_else(|| versions::find(name))
}

/// Whether Caddy has a function that we leave out: keys and certificates are not made in pages, and names are not
/// looked up.
pub(crate) fn is_left_out(name: &str) -> bool {
    LEFT_OUT.contains(&name)
}

const LEFT_OUT: &[&str] = &[
    "buildCustomCert",
    "decryptAES",
    "derivePassword",
    "encryptAES",
    "expandenv",
    "genCA",
    "genCAWithKey",
    "genPrivateKey",
    "genSelfSignedCert",
    "genSelfSignedCertWithKey",
    "genSignedCert",
    "genSignedCertWithKey",
    "getHostByName",
];
