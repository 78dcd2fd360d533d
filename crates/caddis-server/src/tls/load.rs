//! The certificates that a config loads: from files, folders, a storage, and its own text.

use caddis_ir::{CertificateFile, Config, Path};

use super::files::{self, LoadError};
use super::{Certificate, Certificates, Storage, folders};
use crate::builder::Builder;

/// Loads all certificates of a config.
pub(crate) fn load_all(config: &Config, builder: &mut Builder<'_>) -> Certificates {
    let tls = config.apps.tls.as_ref();
    let Some(given) = tls.and_then(|tls| tls.certificates.as_ref()) else {
        return Certificates::default();
    };
    let at = (Path::root().key("apps").key("tls")).key("certificates");
    let mut loaded = Loaded(Vec::new());
    for (index, file) in given.load_files.iter().enumerate() {
        let at = at.key("load_files").index(index);
        if let Some(file) = filled(file, &at, builder) {
            loaded.add(files::load(&file), &at, builder);
        }
    }
    for (index, folder) in given.load_folders.iter().enumerate() {
        let at = at.key("load_folders").index(index);
        if let Some(folder) = builder.fixed(folder, &at) {
            load_folder(&folder, &mut loaded, &at, builder);
        }
    }
    for (index, pem) in given.load_pem.iter().enumerate() {
        let at = at.key("load_pem").index(index);
        let from = "the certificate of the config";
        loaded.add(
            files::loaded(&pem.certificate, &pem.key, from, &pem.tags),
            &at,
            builder,
        );
    }
    if let Some(stored) = &given.load_storage {
        let storage = Storage::of(config, &builder.environment.data_dir);
        for (index, pair) in stored.pairs.iter().enumerate() {
            let at = at.key("load_storage").key("pairs").index(index);
            if let Some(pair) = filled(pair, &at, builder) {
                loaded.add(load_stored(&storage, &pair), &at, builder);
            }
        }
    }
    (loaded.0.into_iter()).fold(Certificates::default(), Certificates::with)
}

/// What was loaded so far.
struct Loaded(Vec<Certificate>);

impl Loaded {
    /// A certificate that is there already gets the other tags too, as in Caddy.
    fn add(&mut self, found: Result<Certificate, LoadError>, at: &Path, builder: &mut Builder<'_>) {
        match found {
            Ok(certificate) => {
                let same = |one: &&mut Certificate| one.chain() == certificate.chain();
                match self.0.iter_mut().find(same) {
                    Some(one) => one.tags.extend(certificate.tags),
                    None => self.0.push(certificate),
                }
            }
            Err(LoadError { message, help }) => match help {
                Some(help) => builder.error_with_help(at, message, help),
                None => builder.error(at, message),
            },
        }
    }
}

/// Every PEM file of a folder has a chain and its key.
fn load_folder(folder: &str, loaded: &mut Loaded, at: &Path, builder: &mut Builder<'_>) {
    let files = match folders::pem_files(folder) {
        Ok(files) => files,
        Err(message) => return builder.error(at, message),
    };
    for file in files {
        let text = std::fs::read_to_string(&file)
            .map_err(|error| files::plain(format!("`{file}` cannot be read: {error}")));
        let found = text.and_then(|text| files::loaded(&text, &text, &file, &[]));
        loaded.add(found, at, builder);
    }
}

fn load_stored(storage: &Storage, pair: &CertificateFile) -> Result<Certificate, LoadError> {
    files::load_with(pair, |key, _| {
        let text = storage.read(key);
        let text = text.map_err(|error| files::plain(error.to_string()))?;
        text.ok_or_else(|| files::plain(format!("nothing is stored under `{key}`")))
    })
}

fn filled(file: &CertificateFile, at: &Path, builder: &mut Builder<'_>) -> Option<CertificateFile> {
    let certificate = builder.fixed(&file.certificate, &at.key("certificate"));
    let key = builder.fixed(&file.key, &at.key("key"));
    Some(CertificateFile {
        certificate: certificate?,
        key: key?,
        format: file.format.clone(),
        tags: file.tags.clone(),
    })
}
