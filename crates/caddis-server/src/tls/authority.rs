//! Caddy's own certificate authority: a root and an intermediate, kept where Caddy keeps them and in its forms.

use caddis_ir::Authority as Config;
use rcgen::{Issuer, KeyPair};
use time::{Duration, OffsetDateTime};
use tracing::info;
use x509_parser::pem::parse_x509_pem;
use x509_parser::prelude::X509Certificate;

use super::Storage;
use super::issue::{self, Fault, Issued, Validity, key_pem};

/// The lifetime of a root.
const ROOT_LIFETIME: Duration = Duration::days(3600);
/// The lifetime of an intermediate.
const INTERMEDIATE_LIFETIME: Duration = Duration::days(7);
/// An intermediate is renewed when this part of its lifetime is left.
const RENEW_INTERMEDIATE: f64 = 0.2;
/// The name that authorities have if the config gives none.
pub(super) const NAME: &str = "Caddy Local Authority";

/// A root, its intermediate, and their keys.
pub(super) struct Authority {
    id: String,
    config: Config,
    storage: Storage,
    root: Pair,
    intermediate: Pair,
}

/// A certificate of an authority, ready to sign.
struct Pair {
    certificate: String,
    validity: Validity,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate with its chain, and its key, in PEM.
pub(super) struct Leaf {
    pub(super) chain: String,
    pub(super) key: String,
}

impl Authority {
    /// Takes the authority that is kept, or makes one.
    pub(super) fn open(storage: &Storage, id: &str, config: &Config) -> Result<Self, Fault> {
        let id = if id.is_empty() { "local" } else { id };
        let root = if let Some(root) = Pair::read(storage, id, "root")? {
            root
        } else {
            let name = common_name(
                config,
                &config.root_common_name,
                "{pki.ca.name} - {time.now.year} ECC Root",
            );
            let made = issue::root(
                &name,
                Validity::lasting(OffsetDateTime::now_utc(), ROOT_LIFETIME),
            )?;
            info!(target: "pki.ca.local", ca = id, "created root certificate");
            Pair::keep(storage, id, "root", made)?
        };
        let kept = Pair::read(storage, id, "intermediate")?;
        let now = OffsetDateTime::now_utc();
        let fits = |pair: &Pair| pair.is_fresh(now) && pair.may_be_signed_by(&root);
        let intermediate = match kept.filter(fits) {
            Some(intermediate) => intermediate,
            None => new_intermediate(storage, id, config, (&root, now))?,
        };
        Ok(Self {
            id: id.to_owned(),
            config: config.clone(),
            storage: storage.clone(),
            root,
            intermediate,
        })
    }

    /// Makes another intermediate if the one in use goes to its end.
    pub(super) fn renew(&mut self, now: OffsetDateTime) -> Result<(), Fault> {
        if !self.intermediate.is_fresh(now) {
            self.intermediate =
                new_intermediate(&self.storage, &self.id, &self.config, (&self.root, now))?;
        }
        Ok(())
    }

    /// Where the root is kept.
    pub(super) fn root_path(&self) -> std::path::PathBuf {
        self.storage.path(&place(&self.id, "root.crt"))
    }

    /// Makes a certificate for a name, or an address.
    pub(super) fn issue(&self, name: &str, wanted: &Wanted) -> Result<Leaf, Fault> {
        let by = if wanted.sign_with_root {
            &self.root
        } else {
            &self.intermediate
        };
        let validity = Validity::lasting(wanted.from, wanted.lifetime).within(by.validity);
        let key = wanted.leaf_key()?;
        let issued = issue::leaf((name, wanted.must_staple), key, validity, &by.issuer)?;
        let mut chain = issued.certificate;
        if !wanted.sign_with_root {
            chain.push_str(&self.intermediate.certificate);
        }
        Ok(Leaf {
            chain,
            key: key_pem(&issued.key),
        })
    }

    /// Its root and its intermediate, in PEM.
    pub(super) fn certificates(&self) -> [&str; 2] {
        [&self.root.certificate, &self.intermediate.certificate]
    }

    /// True if the last certificate of a chain says that our root has signed it.
    pub(super) fn vouches_for(&self, last: &X509Certificate<'_>) -> bool {
        let Ok((_, root)) = parse_x509_pem(self.root.certificate.as_bytes()) else {
            return false;
        };
        let root = root.parse_x509();
        root.is_ok_and(|root| {
            root.subject() == last.issuer() && key_id(&root) == authority_key_id(last)
        })
    }
}

/// What is wanted of a certificate.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    pub(super) from: OffsetDateTime,
    pub(super) lifetime: Duration,
    pub(super) key_type: String,
    /// The key that it is to have, in PEM; a new one if `None`.
    pub(super) key: Option<String>,
    pub(super) sign_with_root: bool,
    /// It is worth nothing without an OCSP answer.
    pub(super) must_staple: bool,
}

impl Wanted {
    fn leaf_key(&self) -> Result<KeyPair, Fault> {
        match &self.key {
            Some(pem) => KeyPair::from_pem(pem).map_err(|error| error.to_string()),
            None => issue::key(&self.key_type),
        }
    }
}

fn new_intermediate(
    storage: &Storage,
    id: &str,
    config: &Config,
    (root, now): (&Pair, OffsetDateTime),
) -> Result<Pair, Fault> {
    let default = "{pki.ca.name} - ECC Intermediate";
    let name = common_name(config, &config.intermediate_common_name, default);
    let validity = Validity::lasting(now, INTERMEDIATE_LIFETIME).within(root.validity);
    let made = issue::intermediate(&name, validity, &root.issuer)?;
    info!(target: "pki.ca.local", ca = id, not_after = %validity.not_after, "created intermediate certificate");
    Pair::keep(storage, id, "intermediate", made)
}

fn common_name(config: &Config, given: &str, default: &str) -> String {
    let name = if config.name.is_empty() {
        NAME
    } else {
        &config.name
    };
    let pattern = if given.is_empty() { default } else { given };
    let year = OffsetDateTime::now_utc().year().to_string();
    pattern
        .replace("{pki.ca.name}", name)
        .replace("{time.now.year}", &year)
}

fn place(id: &str, file: &str) -> String {
    format!("pki/authorities/{id}/{file}")
}

impl Pair {
    fn read(storage: &Storage, id: &str, name: &str) -> Result<Option<Self>, Fault> {
        let text = |ending: &str| {
            storage
                .read(&place(id, &format!("{name}.{ending}")))
                .map_err(|error| error.to_string())
        };
        let (Some(certificate), Some(key)) = (text("crt")?, text("key")?) else {
            return Ok(None);
        };
        let place = storage.path(&place(id, name)).display().to_string();
        Self::of(certificate, &key).map(Some).map_err(|fault| {
            format!(
                "{place}.crt and .key cannot be used: {fault}; restore them from a copy, or remove both and new ones \
                 are made{}",
                match name {
                    "root" => ", which clients have to trust anew",
                    _ => "",
                }
            )
        })
    }

    /// Keeps the key before the certificate, so that there is never a certificate without its key.
    fn keep(storage: &Storage, id: &str, name: &str, made: Issued) -> Result<Self, Fault> {
        let key = key_pem(&made.key);
        for (ending, text) in [("key", &key), ("crt", &made.certificate)] {
            storage
                .write(&place(id, &format!("{name}.{ending}")), text)
                .map_err(|error| error.to_string())?;
        }
        Self::of(made.certificate, &key)
    }

    fn of(certificate: String, key: &str) -> Result<Self, Fault> {
        let (_, pem) = parse_x509_pem(certificate.as_bytes()).map_err(|error| error.to_string())?;
        let validity = validity(&pem.parse_x509().map_err(|error| error.to_string())?);
        let key = KeyPair::from_pem(key).map_err(|error| error.to_string())?;
        super::files::from_pem(&certificate, &key_pem(&key)).map_err(|error| error.message)?;
        let issuer =
            Issuer::from_ca_cert_pem(&certificate, key).map_err(|error| error.to_string())?;
        Ok(Self {
            certificate,
            validity,
            issuer,
        })
    }

    /// False if its certificate names another signer: the root is new, and clients would trust no chain with this.
    fn may_be_signed_by(&self, root: &Self) -> bool {
        let (own, root) = (
            parse_x509_pem(self.certificate.as_bytes()),
            parse_x509_pem(root.certificate.as_bytes()),
        );
        let (Ok((_, own)), Ok((_, root))) = (own, root) else {
            return false;
        };
        let (Ok(own), Ok(root)) = (own.parse_x509(), root.parse_x509()) else {
            return false;
        };
        let signer = authority_key_id(&own);
        own.issuer() == root.subject() && (signer.is_none() || signer == key_id(&root))
    }

    fn is_fresh(&self, now: OffsetDateTime) -> bool {
        self.validity.left(now) > RENEW_INTERMEDIATE
    }
}

/// From when to when a certificate is valid.
pub(super) fn validity(certificate: &X509Certificate<'_>) -> Validity {
    Validity {
        not_before: certificate.validity().not_before.to_datetime(),
        not_after: certificate.validity().not_after.to_datetime(),
    }
}

fn key_id(certificate: &X509Certificate<'_>) -> Option<Vec<u8>> {
    use x509_parser::extensions::ParsedExtension::SubjectKeyIdentifier;
    certificate
        .iter_extensions()
        .find_map(|extension| match extension.parsed_extension() {
            SubjectKeyIdentifier(id) => Some(id.0.to_vec()),
            _ => None,
        })
}

fn authority_key_id(certificate: &X509Certificate<'_>) -> Option<Vec<u8>> {
    use x509_parser::extensions::ParsedExtension::AuthorityKeyIdentifier;
    certificate
        .iter_extensions()
        .find_map(|extension| match extension.parsed_extension() {
            AuthorityKeyIdentifier(id) => id.key_identifier.as_ref().map(|id| id.0.to_vec()),
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use super::{Authority, Config, Storage, place};

    #[test]
    fn an_intermediate_of_a_root_that_is_gone_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::of(&caddis_ir::Config::default(), folder.path());
        let open = || Authority::open(&storage, "", &Config::default()).unwrap();
        let first = open().intermediate.certificate;
        assert_eq!(open().intermediate.certificate, first);
        std::fs::remove_file(storage.path(&place("local", "root.key"))).unwrap();
        let again = open();
        assert!(again.intermediate.may_be_signed_by(&again.root));
        assert_ne!(again.intermediate.certificate, first);
    }

    #[test]
    fn files_of_a_ca_that_are_cut_off_are_named_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::of(&caddis_ir::Config::default(), folder.path());
        let open = || Authority::open(&storage, "", &Config::default());
        open().unwrap();
        for name in ["intermediate", "root"] {
            let path = storage.path(&place("local", &format!("{name}.crt")));
            std::fs::write(path, "").unwrap();
            let fault = open().err().unwrap();
            assert!(
                fault.contains(&format!("/{name}.crt and .key cannot")),
                "{fault}"
            );
            assert!(fault.contains("remove both"), "{fault}");
        }
    }
}
