//! Pools of authorities: whose certificates are believed, of clients and of upstreams.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use caddis_ir::{CaPool, Config, Path};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::authority::Authority;
use super::issue::Fault;
use super::{Storage, fetch};
use crate::{BuildError, Environment};

/// What pools are made from, beside their own config.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    /// Has the storage and our own authorities, if there are any.
    pub(crate) config: Option<&'a Config>,
    /// Has the data directory, and the roots of the system.
    pub(crate) environment: &'a Environment,
}

impl Around<'_> {
    fn storage(&self, storage: Option<&caddis_ir::Storage>) -> Storage {
        let own = || self.config.and_then(|config| config.storage.as_ref());
        Storage::at(storage.or_else(own), &self.environment.data_dir)
    }
}

/// The authorities of a pool; it is an error if there is none, as nobody could be believed then.
///
/// Blocks: files are read, and web servers are asked for certificates. An authority of ours that is not there yet is
/// made, as when it first signs.
pub(crate) fn roots(
    pool: &CaPool,
    at: &Path,
    around: Around<'_>,
) -> Result<RootCertStore, BuildError> {
    let mut roots = RootCertStore::empty();
    add(pool, at, around, &mut roots)?;
    if roots.is_empty() {
        return Err(BuildError {
            path: at.clone(),
            message: "the pool has no certificates of authorities".into(),
            help: Some("name one at least, or leave the pool out".into()),
        });
    }
    Ok(roots)
}

/// The authorities of the operating system, or those that stand in their place in tests.
pub(crate) fn system(environment: &Environment) -> Result<Arc<RootCertStore>, Fault> {
    environment.dial.roots().map_or_else(system_roots, Ok)
}

/// The roots that the system trusts; the error says why there are none.
pub(crate) fn system_roots() -> Result<Arc<RootCertStore>, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        let why = found.errors.first().map(ToString::to_string);
        return Err(why.unwrap_or_else(|| "the system has no certificates of authorities".into()));
    }
    Ok(Arc::new(roots))
}

/// Adds the authorities in a text in PEM, of which there must be one at least.
pub(crate) fn add_pem(text: &[u8], roots: &mut RootCertStore) -> Result<(), Fault> {
    let mut found = false;
    for certificate in CertificateDer::pem_slice_iter(text) {
        let certificate = certificate.map_err(|_| "it is not valid PEM".to_owned())?;
        add_der(certificate, roots)?;
        found = true;
    }
    if found {
        Ok(())
    } else {
        Err("there is no certificate in it".into())
    }
}

/// Adds an authority that is given as DER in base 64.
pub(crate) fn add_base64(text: &str, roots: &mut RootCertStore) -> Result<(), Fault> {
    let der = BASE64_STANDARD.decode(text.trim());
    let der = der.map_err(|_| "the certificate is not valid base 64".to_owned())?;
    add_der(der.into(), roots)
}

/// Adds the authorities of a file in PEM.
pub(crate) fn add_file(file: &str, roots: &mut RootCertStore) -> Result<(), Fault> {
    let text = std::fs::read(file)
        .map_err(|error| format!("the file of authorities `{file}` cannot be read: {error}"))?;
    add_pem(&text, roots).map_err(|fault| format!("`{file}` cannot be used: {fault}"))
}

fn add_der(certificate: CertificateDer<'_>, roots: &mut RootCertStore) -> Result<(), Fault> {
    let added = roots.add(certificate.into_owned());
    added.map_err(|error| format!("a certificate cannot be used: {error}"))
}

fn add(
    pool: &CaPool,
    at: &Path,
    around: Around<'_>,
    roots: &mut RootCertStore,
) -> Result<(), BuildError> {
    match pool {
        CaPool::Combined { sources } => {
            let sources = sources.iter().enumerate();
            sources.into_iter().try_for_each(|(index, pool)| {
                add(pool, &at.key("sources").index(index), around, roots)
            })
        }
        CaPool::File { pem_files } => each(pem_files, &at.key("pem_files"), |file| {
            add_file(file, roots)
        }),
        CaPool::Inline { trusted_ca_certs } => {
            each(trusted_ca_certs, &at.key("trusted_ca_certs"), |text| {
                add_base64(text, roots)
            })
        }
        CaPool::Http { endpoints, tls } => {
            let tls = tls.clone().unwrap_or_default();
            let client = fetch::Client::new(&tls, &at.key("tls"), around)?;
            each(endpoints, &at.key("endpoints"), |endpoint| {
                add_pem(&client.get(endpoint)?, roots)
                    .map_err(|fault| format!("what `{endpoint}` sent cannot be used: {fault}"))
            })
        }
        CaPool::PkiRoot { authority } => each(authority, &at.key("authority"), |id| {
            let [root, _] = ours(id, around)?;
            add_pem(root.as_bytes(), roots)
        }),
        CaPool::PkiIntermediate { authority } => each(authority, &at.key("authority"), |id| {
            let [_, intermediate] = ours(id, around)?;
            add_pem(intermediate.as_bytes(), roots)
        }),
        CaPool::Storage { storage, pem_keys } => {
            let storage = around.storage(storage.as_ref());
            each(pem_keys, &at.key("pem_keys"), |key| {
                add_stored(&storage, key, roots)
            })
        }
        CaPool::System {} => each(&[()], at, |()| {
            roots.extend(system(around.environment)?.roots.iter().cloned());
            Ok(())
        }),
    }
}

/// Does something with each part of a list; what goes wrong is told with its place.
fn each<T>(
    parts: &[T],
    at: &Path,
    mut what: impl FnMut(&T) -> Result<(), Fault>,
) -> Result<(), BuildError> {
    for (index, part) in parts.iter().enumerate() {
        what(part).map_err(|message| BuildError {
            path: at.index(index),
            message,
            help: None,
        })?;
    }
    Ok(())
}

fn add_stored(storage: &Storage, key: &str, roots: &mut RootCertStore) -> Result<(), Fault> {
    let text = storage.read(key).map_err(|error| error.to_string())?;
    let text = text.ok_or_else(|| format!("nothing is stored under `{key}`"))?;
    add_pem(text.as_bytes(), roots)
        .map_err(|fault| format!("what is stored under `{key}` cannot be used: {fault}"))
}

/// The root and the intermediate of an authority of ours.
fn ours(id: &str, around: Around<'_>) -> Result<[String; 2], Fault> {
    let pki = around.config.and_then(|config| config.apps.pki.as_ref());
    let known = pki.and_then(|pki| pki.certificate_authorities.get(id));
    if known.is_none() && id != LOCAL {
        return Err(format!("there is no authority `{id}` in `pki`"));
    }
    let config = known.cloned().unwrap_or_default();
    let authority = Authority::open(&around.storage(None), id, &config)?;
    Ok(authority.certificates().map(str::to_owned))
}

/// The authority that is there without being in the config.
const LOCAL: &str = "local";

#[cfg(test)]
mod tests {
    use caddis_ir::{CaPool, Config, Path};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::{Around, roots};
    use crate::testing::environment;

    /// How many authorities a pool has, or what is wrong with it and where.
    fn pool(json: serde_json::Value, folder: &std::path::Path) -> Result<usize, String> {
        let pool: CaPool = serde_json::from_value(json).unwrap();
        let environment = crate::Environment {
            data_dir: folder.to_owned(),
            dial: std::sync::Arc::new(crate::Network::default()),
            ..environment()
        };
        let around = Around {
            config: Some(&Config::default()),
            environment: &environment,
        };
        roots(&pool, &Path::root(), around)
            .map(|roots| roots.len())
            .map_err(|error| format!("{}: {}", error.path, error.message))
    }

    fn certificate() -> String {
        let made = rcgen::generate_simple_self_signed(["a.test".to_owned()]).unwrap();
        made.cert.pem()
    }

    #[test]
    fn authorities_come_from_files_storage_and_our_own() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.pem");
        std::fs::write(&file, certificate() + &certificate()).unwrap();
        let files = serde_json::json!({"provider": "file", "pem_files": [file]});
        assert_eq!(pool(files.clone(), folder.path()), Ok(2));
        let stored = serde_json::json!({"provider": "storage", "pem_keys": ["a.pem"]});
        assert_eq!(pool(stored, folder.path()), Ok(2));
        let ours = serde_json::json!({"provider": "pki_root", "authority": ["local"]});
        let all = serde_json::json!({"provider": "combined", "sources": [files, ours]});
        assert_eq!(pool(all, folder.path()), Ok(3));
    }

    #[test]
    fn a_pool_that_cannot_be_had_is_an_error_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let fault = |json| pool(json, folder.path()).unwrap_err();
        let missing = serde_json::json!({"provider": "file", "pem_files": ["/nonexistent.pem"]});
        assert!(
            fault(missing).starts_with("pem_files/0: the file of authorities `/nonexistent.pem`")
        );
        let inline = serde_json::json!({"provider": "inline", "trusted_ca_certs": ["?"]});
        assert_eq!(
            fault(inline),
            "trusted_ca_certs/0: the certificate is not valid base 64"
        );
        let empty = serde_json::json!({"provider": "combined"});
        assert!(fault(empty).ends_with("the pool has no certificates of authorities"));
        let other = serde_json::json!({"provider": "pki_root", "authority": ["other"]});
        assert_eq!(
            fault(other),
            "authority/0: there is no authority `other` in `pki`"
        );
    }

    #[test]
    fn web_servers_are_asked_within_limits() {
        let folder = tempfile::tempdir().unwrap();
        let (told, port) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                told.send(listener.local_addr().unwrap().port()).unwrap();
                while let Ok((mut stream, _)) = listener.accept().await {
                    let mut asked = [0; 1024];
                    let length = stream.read(&mut asked).await.unwrap();
                    let text = match &asked[..length.min(7)] {
                        b"GET /a " => String::new(),
                        b"GET /b " => certificate(),
                        _ => "x".repeat(2 << 20),
                    };
                    let head = if text.is_empty() {
                        "HTTP/1.1 302 Found\r\nLocation: /b\r\n".to_owned()
                    } else {
                        "HTTP/1.1 200 OK\r\n".to_owned()
                    };
                    let answer = format!("{head}Content-Length: {}\r\n\r\n{text}", text.len());
                    // A client that has enough does not read the rest.
                    let _ = stream.write_all(answer.as_bytes()).await;
                }
            });
        });
        let port = port.recv().unwrap();
        let at = |path: &str| {
            let endpoint = format!("http://127.0.0.1:{port}/{path}");
            pool(
                serde_json::json!({"provider": "http", "endpoints": [endpoint]}),
                folder.path(),
            )
        };
        assert_eq!(at("a"), Ok(1));
        assert!(at("c").unwrap_err().contains("length limit exceeded"));
    }
}
