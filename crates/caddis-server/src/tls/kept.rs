//! Certificates in storage, where Caddy has them and in its form.

use std::fmt::Display;

use serde::Serialize;
use serde_json::{Value, json};
use tracing::warn;

use super::issue::Fault;
use super::issuer::Issued;
use super::storage::safe;
use super::{Certificate, Storage, files};

/// The certificate that is kept for a name, if there is one that can be used.
pub(super) fn read(storage: &Storage, folder: &str, name: &str) -> Option<Certificate> {
    let text = |ending| {
        let text = storage.read(&place(folder, name, ending));
        text.map_err(|error| unusable(name, &error)).ok().flatten()
    };
    let certificate = files::from_pem(&text("crt")?, &text("key")?);
    let certificate = certificate.map_err(|error| {
        let file = storage.path(&place(folder, name, "crt"));
        unusable(name, &format!("{}: {}", file.display(), error.message));
    });
    let certificate = certificate.ok()?;
    (certificate.names == [name.to_lowercase()]).then_some(certificate)
}

/// The key of the certificate that is kept for a name, in PEM.
pub(super) fn key(storage: &Storage, folder: &str, name: &str) -> Option<String> {
    storage.read(&place(folder, name, "key")).ok().flatten()
}

fn unusable(name: &str, error: &dyn Display) {
    warn!(
        target: "tls", identifier = name, %error,
        "the certificate that is kept cannot be used, and another one is asked for"
    );
}

/// Keeps a certificate; the key comes first, so that there is never a certificate without its key.
pub(super) fn write(
    storage: &Storage,
    folder: &str,
    name: &str,
    issued: &Issued,
) -> Result<(), Fault> {
    let about = text(&json!({ "sans": [name], "issuer_data": issued.about }))?;
    for (ending, text) in [
        ("key", &issued.key),
        ("crt", &issued.chain),
        ("json", &about),
    ] {
        (storage.write(&place(folder, name, ending), text)).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// JSON as Caddy keeps it.
pub(super) fn text(json: &Value) -> Result<String, Fault> {
    let mut text = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"\t");
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, formatter);
    json.serialize(&mut serializer)
        .map_err(|error| error.to_string())?;
    String::from_utf8(text).map_err(|error| error.to_string())
}

fn place(folder: &str, name: &str, ending: &str) -> String {
    let (folder, name) = (safe(folder), safe(name));
    format!("certificates/{folder}/{name}/{name}.{ending}")
}
