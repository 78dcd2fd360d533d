//! The types of content that are compressed where the config does not say which.

use std::collections::BTreeMap;

use caddis_ir::RequireResponse;

/// As Caddy has them.
const TYPES: &[&str] = &[
    "application/atom+xml*",
    "application/eot*",
    "application/font*",
    "application/geo+json*",
    "application/graphql+json*",
    "application/graphql-response+json*",
    "application/javascript*",
    "application/json*",
    "application/ld+json*",
    "application/manifest+json*",
    "application/opentype*",
    "application/otf*",
    "application/rss+xml*",
    "application/truetype*",
    "application/ttf*",
    "application/vnd.api+json*",
    "application/vnd.ms-fontobject*",
    "application/wasm*",
    "application/x-httpd-cgi*",
    "application/x-javascript*",
    "application/x-opentype*",
    "application/x-otf*",
    "application/x-perl*",
    "application/x-protobuf*",
    "application/x-ttf*",
    "application/xhtml+xml*",
    "application/xml*",
    "font/ttf*",
    "font/otf*",
    "image/svg+xml*",
    "image/vnd.microsoft.icon*",
    "image/x-icon*",
    "multipart/bag*",
    "multipart/mixed*",
    "text/*",
];

/// An answer of one of these types.
pub(super) fn require() -> RequireResponse {
    let types = TYPES.iter().map(|kind| (*kind).to_owned()).collect();
    RequireResponse {
        status_code: Vec::new(),
        headers: BTreeMap::from([("Content-Type".to_owned(), Some(types))]),
    }
}
