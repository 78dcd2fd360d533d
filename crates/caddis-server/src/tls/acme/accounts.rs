//! Accounts at ACME servers: one for each server and e-mail address, kept where Caddy keeps them.

use std::collections::HashMap;
use std::sync::Arc;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use caddis_ir::ExternalAccount;
use instant_acme::{AccountBuilder, Key, NewAccount};
use parking_lot::Mutex;
use rcgen::KeyPair;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls_acme::acme::Directory;
use serde_json::{Value, json};
use tracing::info;

use super::calls::{Failure, Tries};
use super::certificate_authority::CertificateAuthority;
use super::client::Client;
use super::external;
use crate::tls::issue::{self, Fault};
use crate::tls::issuer::{Cause, Refusal};
use crate::tls::storage::safe;
use crate::tls::{Storage, kept};

/// An account, for what is said to the server and for what is shown to it.
pub(super) struct Account {
    /// Its URL.
    pub(super) kid: String,
    /// Speaks to the server.
    pub(super) speaker: instant_acme::Account,
    /// Makes the certificates of challenges; it speaks to nobody.
    pub(super) prover: rustls_acme::acme::Account,
}

/// Accounts that are in use, by where they are kept.
#[derive(Default)]
pub(super) struct Accounts(Mutex<HashMap<String, Slot>>);

impl std::fmt::Debug for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Accounts")
    }
}

/// Whoever holds the lock looks the account up; the others wait for what is found.
type Slot = Arc<tokio::sync::Mutex<Option<Arc<Account>>>>;

/// What it takes to use an account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Holder<'a> {
    pub(super) ca: &'a CertificateAuthority,
    pub(super) email: &'a str,
    pub(super) storage: &'a Storage,
    pub(super) client: &'a Client,
    /// The account elsewhere that it belongs to, if the config names one.
    pub(super) external: Option<&'a ExternalAccount>,
}

impl Accounts {
    /// The account, registered now if it is not yet.
    pub(super) async fn get(&self, holder: Holder<'_>) -> Result<Arc<Account>, Failure> {
        let slot = self.slot(holder);
        let mut slot = slot.lock().await;
        if let Some(account) = slot.as_ref() {
            return Ok(Arc::clone(account));
        }
        let account = Arc::new(holder.open().await?);
        *slot = Some(Arc::clone(&account));
        Ok(account)
    }

    /// Takes notice that the server does not know an account any more: it is registered again, with the same key.
    pub(super) async fn is_unknown(&self, holder: Holder<'_>, kid: &str) {
        let slot = self.slot(holder);
        let mut slot = slot.lock().await;
        if slot.as_ref().is_some_and(|known| known.kid == kid) {
            *slot = None;
        }
        if holder.kept().ok().flatten().as_deref() == Some(kid) {
            // What cannot be removed is found to be unknown once more.
            let about = holder.storage.path(&holder.place("json"));
            std::fs::remove_file(about).ok();
        }
    }

    /// Forgets what is in memory, so that the directory is read again.
    pub(super) async fn look_again(&self, holder: Holder<'_>) {
        *self.slot(holder).lock().await = None;
    }

    fn slot(&self, holder: Holder<'_>) -> Slot {
        let place = holder.storage.path(&holder.place("json"));
        let key = format!("{} {}", place.display(), holder.ca.directory);
        Arc::clone(self.0.lock().entry(key).or_default())
    }
}

impl Holder<'_> {
    async fn open(self) -> Result<Account, Failure> {
        let kid = self.kept().map_err(refused)?;
        if let Some(kid) = kid {
            let key = self.key().map_err(refused)?;
            return self.resume(&key, kid).await;
        }
        let external = external::key(self.client, &self.ca.directory, self.email, self.external);
        let account = match external.await? {
            Some(external) => self.register_with(&external).await,
            None => self.register().await,
        };
        let account = account.map_err(|failure| explain(not_a_directory(failure)))?;
        self.keep(&account.kid).map_err(refused)?;
        let (ca, contact) = (&self.ca.directory, self.contact().join(","));
        info!(target: "tls.issuance.acme", ca, contact, "new ACME account registered");
        Ok(account)
    }

    /// Goes on with an account that is kept.
    async fn resume(self, key: &EcdsaKeyPair, kid: String) -> Result<Account, Failure> {
        let pkcs8 = pkcs8(key)?;
        let mut tries = Tries::of("directory");
        let speaker = loop {
            let key = PrivatePkcs8KeyDer::from(pkcs8.as_slice());
            let (kid, directory) = (kid.clone(), self.ca.directory.clone());
            match self.builder().from_parts(kid, key, directory).await {
                Ok(speaker) => break speaker,
                Err(error) => tries.again(&error).map_err(not_a_directory)?,
            }
        };
        Account::new(speaker, &pkcs8)
    }

    /// Registers, with a key that is kept before anybody sees it.
    async fn register(self) -> Result<Account, Failure> {
        let pkcs8 = pkcs8(&self.key().map_err(refused)?)?;
        let mut tries = Tries::of("new account");
        let unusable = |error: instant_acme::Error| refused(error.to_string());
        let speaker = loop {
            let key = Key::from_pkcs8_der(PrivatePkcs8KeyDer::from(pkcs8.as_slice()));
            let key = key.map_err(unusable)?;
            let der = PrivatePkcs8KeyDer::from(pkcs8.clone()).into();
            let directory = self.ca.directory.clone();
            match self.builder().create_from_key((key, der), directory).await {
                Ok((speaker, _)) => break speaker,
                Err(error) => tries.again(&error)?,
            }
        };
        let contact = self.contact();
        let contact: Vec<_> = contact.iter().map(String::as_str).collect();
        while !contact.is_empty() {
            match speaker.update_contacts(&contact).await {
                Ok(()) => break,
                Err(error) => tries.again(&error)?,
            }
        }
        Account::new(speaker, &pkcs8)
    }

    /// Registers for somebody who has an account elsewhere. The key is made below, and kept as soon as it is known.
    async fn register_with(
        self,
        external: &instant_acme::ExternalAccountKey,
    ) -> Result<Account, Failure> {
        let contact = self.contact();
        let contact: Vec<_> = contact.iter().map(String::as_str).collect();
        let wanted = NewAccount {
            contact: &contact,
            terms_of_service_agreed: true,
            only_return_existing: false,
        };
        let mut tries = Tries::of("new account");
        let (speaker, credentials) = loop {
            let directory = self.ca.directory.clone();
            let made = self.builder().create(&wanted, directory, Some(external));
            match made.await {
                Ok(made) => break made,
                Err(error) => tries.again(&error)?,
            }
        };
        let pkcs8 = credentials.private_key().secret_pkcs8_der();
        let pair = KeyPair::try_from(pkcs8).map_err(|error| refused(error.to_string()))?;
        let kept = self
            .storage
            .write(&self.place("key"), &issue::key_pem(&pair));
        kept.map_err(|error| refused(error.to_string()))?;
        Account::new(speaker, pkcs8)
    }

    fn builder(self) -> AccountBuilder {
        instant_acme::Account::builder_with_http(Box::new(self.client.clone()))
    }

    /// The key that is kept, or a new one, which is kept before anybody sees it.
    pub(super) fn key(self) -> Result<EcdsaKeyPair, Fault> {
        let place = self.place("key");
        let kept = (self.storage.read(&place)).map_err(|error| error.to_string())?;
        let pem = if let Some(pem) = kept {
            pem
        } else {
            let pem = issue::key_pem(&issue::key("p256")?);
            (self.storage.write(&place, &pem)).map_err(|error| error.to_string())?;
            pem
        };
        let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).ok();
        let key = key.and_then(|key| {
            EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, key.secret_der())
                .ok()
        });
        key.ok_or_else(|| {
            let file = self.storage.path(&place);
            format!(
                "{}: the account's key is not an ECDSA key on the curve P-256; move the file away, and a new account \
                 is registered",
                file.display()
            )
        })
    }

    /// The URL of the account, if it is kept.
    pub(super) fn kept(self) -> Result<Option<String>, Fault> {
        let text = self.storage.read(&self.place("json"));
        let text = text.map_err(|error| error.to_string())?;
        let about: Option<Value> = text.and_then(|text| serde_json::from_str(&text).ok());
        let about =
            about.filter(|about| about.get("status").is_none_or(|status| status == "valid"));
        let location = about
            .as_ref()
            .and_then(|about| about.get("location")?.as_str());
        Ok(location.filter(|url| !url.is_empty()).map(str::to_owned))
    }

    pub(super) fn keep(self, kid: &str) -> Result<(), Fault> {
        let mut about = json!({ "status": "valid" });
        let contact = self.contact();
        if let Some(about) = about.as_object_mut() {
            if !contact.is_empty() {
                about.insert("contact".into(), json!(contact));
            }
            about.insert("termsOfServiceAgreed".into(), json!(true));
            about.insert("location".into(), json!(kid));
        }
        let place = self.place("json");
        (self.storage.write(&place, &kept::text(&about)?)).map_err(|error| error.to_string())
    }

    fn contact(self) -> Vec<String> {
        let email = (!self.email.is_empty()).then(|| format!("mailto:{}", self.email));
        email.into_iter().collect()
    }

    /// `acme/<server>/users/<address>/<what stands before its @>.<ending>`
    pub(super) fn place(self, ending: &str) -> String {
        let email = match self.email {
            "" => "default",
            email => email,
        };
        let user = match email.split_once('@') {
            Some(("", host)) => host,
            Some((user, _)) => user,
            None => email,
        };
        let (ca, email, user) = (safe(&self.ca.folder), safe(email), safe(user));
        format!("acme/{ca}/users/{email}/{user}.{ending}")
    }
}

impl Account {
    fn new(speaker: instant_acme::Account, pkcs8: &[u8]) -> Result<Self, Failure> {
        let key_pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
            .map_err(|error| refused(error.to_string()))?;
        let kid = speaker.id().to_owned();
        let prover = rustls_acme::acme::Account {
            key_pair,
            directory: Directory {
                new_nonce: String::new(),
                new_account: String::new(),
                new_order: String::new(),
            },
            kid: kid.clone(),
        };
        Ok(Self {
            kid,
            speaker,
            prover,
        })
    }
}

fn pkcs8(key: &EcdsaKeyPair) -> Result<Vec<u8>, Failure> {
    let pkcs8 = key.to_pkcs8v1();
    let pkcs8 = pkcs8.map_err(|error| refused(error.to_string()))?;
    Ok(pkcs8.as_ref().to_vec())
}

fn refused(fault: Fault) -> Failure {
    Refusal::new(Cause::Refused, fault).into()
}

/// Says what to do about an address where there is something else.
fn not_a_directory(failure: Failure) -> Failure {
    match failure.refusal.cause {
        Cause::Refused if failure.problem.is_none() => Failure {
            refusal: (failure.refusal).with_help(
                "is that the URL of the server's directory? look at `acme_ca`, or at `dir` in the `issuer`",
            ),
            ..failure
        },
        Cause::Refused | Cause::Down | Cause::TooOften(_) | Cause::Validation => failure,
    }
}

/// Says what to do about a server that does not take everybody.
fn explain(failure: Failure) -> Failure {
    let help = match failure.problem.as_deref() {
        Some("externalAccountRequired") => {
            "this server wants to know an account that you have there: write its key as `acme_eab` in the global \
             options, or as `eab` in the `issuer`"
        }
        Some("invalidContact" | "unsupportedContact") => {
            "write an e-mail address that the server takes, or none: `email` in the global options"
        }
        _ => return failure,
    };
    Failure {
        refusal: failure.refusal.with_help(help),
        ..failure
    }
}
