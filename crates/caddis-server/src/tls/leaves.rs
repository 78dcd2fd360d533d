//! The certificates that clients may show, one by one: `trusted_leaf_certs` and the verifier `leaf` with its loaders.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use caddis_ir::{ClientAuthentication, LeafLoader, Path, Verifier};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::issue::Fault;
use super::{Storage, folders};
use crate::builder::Builder;

type Leaves = Vec<CertificateDer<'static>>;

/// The certificates that each verifier expects; what a client shows must be among those of every one of them.
pub(super) fn expected(
    config: &ClientAuthentication,
    at: &Path,
    builder: &mut Builder<'_>,
) -> Option<Vec<Leaves>> {
    let mut expected = Vec::new();
    let mut sound = true;
    let mut add = |into: &mut Leaves,
                   found: Result<Leaves, Fault>,
                   at: &Path,
                   builder: &mut Builder<'_>| match found {
        Ok(found) => into.extend(found),
        Err(message) => {
            sound = false;
            builder.error(at, message);
        }
    };
    if !config.trusted_leaf_certs.is_empty() {
        let mut leaves = Leaves::new();
        for (index, text) in config.trusted_leaf_certs.iter().enumerate() {
            let at = at.key("trusted_leaf_certs").index(index);
            add(&mut leaves, from_base64(text), &at, builder);
        }
        expected.push(leaves);
    }
    for (index, verifier) in config.verifiers.iter().enumerate() {
        let Verifier::Leaf { leaf_certs_loaders } = verifier;
        let at = at.key("verifiers").index(index).key("leaf_certs_loaders");
        let mut leaves = Leaves::new();
        for (index, loader) in leaf_certs_loaders.iter().enumerate() {
            for (found, at) in load(loader, &at.index(index), builder) {
                add(&mut leaves, found, &at, builder);
            }
        }
        expected.push(leaves);
    }
    sound.then_some(expected)
}

/// What a loader finds, each part with its place.
fn load(
    loader: &LeafLoader,
    at: &Path,
    builder: &mut Builder<'_>,
) -> Vec<(Result<Leaves, Fault>, Path)> {
    let (key, parts) = match loader {
        LeafLoader::File { files } => ("files", files),
        LeafLoader::Folder { folders } => ("folders", folders),
        LeafLoader::Pem { certificates } | LeafLoader::Storage { certificates, .. } => {
            ("certificates", certificates)
        }
    };
    let at = at.key(key);
    let mut found = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().enumerate() {
        let at = at.index(index);
        let leaves = match loader {
            LeafLoader::Pem { .. } => from_pem(part.as_bytes()),
            LeafLoader::File { .. } => match builder.fixed(part, &at) {
                Some(file) => from_file(&file),
                None => continue,
            },
            LeafLoader::Folder { .. } => match builder.fixed(part, &at) {
                Some(folder) => from_folder(&folder),
                None => continue,
            },
            LeafLoader::Storage { storage, .. } => {
                let around = builder.around();
                let own = || around.config.and_then(|config| config.storage.as_ref());
                let storage = storage.as_ref().or_else(own);
                from_storage(&Storage::at(storage, &around.environment.data_dir), part)
            }
        };
        found.push((leaves, at));
    }
    found
}

fn from_base64(text: &str) -> Result<Leaves, Fault> {
    let der = BASE64_STANDARD.decode(text.trim());
    let der = der.map_err(|_| "the certificate is not valid base 64".to_owned())?;
    Ok(vec![der.into()])
}

fn from_pem(text: &[u8]) -> Result<Leaves, Fault> {
    let leaves: Leaves = CertificateDer::pem_slice_iter(text)
        .collect::<Result<_, _>>()
        .map_err(|_| "the certificate is not valid PEM".to_owned())?;
    if leaves.is_empty() {
        return Err("there is no certificate in it".into());
    }
    Ok(leaves)
}

fn from_file(file: &str) -> Result<Leaves, Fault> {
    let text = std::fs::read(file).map_err(|error| format!("`{file}` cannot be read: {error}"))?;
    from_pem(&text).map_err(|fault| format!("`{file}`: {fault}"))
}

fn from_folder(folder: &str) -> Result<Leaves, Fault> {
    let mut leaves = Leaves::new();
    for file in folders::pem_files(folder)? {
        leaves.extend(from_file(&file)?);
    }
    Ok(leaves)
}

fn from_storage(storage: &Storage, key: &str) -> Result<Leaves, Fault> {
    let text = storage.read(key).map_err(|error| error.to_string())?;
    let text = text.ok_or_else(|| format!("nothing is stored under `{key}`"))?;
    from_pem(text.as_bytes())
}
