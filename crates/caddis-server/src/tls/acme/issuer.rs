//! An ACME server as an issuer of certificates.

use std::sync::Arc;

use caddis_ir::{AcmeIssuer, TlsApp};
use serde_json::json;

use super::accounts::Holder;
use super::calls::Failure;
use super::certificate_authority::CertificateAuthority;
use super::client::Client;
use super::order::{Ordering, Signed};
use super::profile;
use super::roots::client;
use super::world::{Ports, World};
use crate::tls::issue::Fault;
use crate::tls::issuer::{Cause, Issue, Issued, Issuing, Refusal, Wish};
use crate::tls::{Certificate, Storage, dns};

/// An ACME server as the config wants it to be asked.
pub(crate) struct Acme {
    config: AcmeIssuer,
    ca: CertificateAuthority,
    test: Option<CertificateAuthority>,
    client: Client,
    dns: Option<dns::Settings>,
    ports: Ports,
    storage: Storage,
    world: Arc<World>,
}

impl Acme {
    /// `roots` are the texts of the files that the config names.
    pub(crate) fn new(
        config: &AcmeIssuer,
        roots: &[String],
        (ports, tls): (Ports, Option<&TlsApp>),
        storage: &Storage,
        world: &Arc<World>,
    ) -> Result<Self, Fault> {
        let challenges = config.challenges.as_ref();
        let dns = challenges.and_then(|challenges| challenges.dns.as_ref());
        let dns = dns.map(|challenge| dns::Settings::new(challenge, tls));
        let ca = CertificateAuthority::new(&config.ca);
        Ok(Self {
            config: config.clone(),
            test: ca.test_of(&config.test_ca),
            ca,
            client: Client::new(&client(roots)?),
            dns: dns.transpose()?,
            ports,
            storage: storage.clone(),
            world: Arc::clone(world),
        })
    }

    pub(super) fn config(&self) -> &AcmeIssuer {
        &self.config
    }

    /// How the DNS challenge is answered, if it is the one.
    pub(super) fn dns(&self) -> Option<&dns::Settings> {
        self.dns.as_ref()
    }

    pub(super) fn ports(&self) -> Ports {
        self.ports
    }

    pub(super) fn storage(&self) -> &Storage {
        &self.storage
    }

    pub(super) fn world(&self) -> &World {
        &self.world
    }

    /// After a failure the test server is asked first, as Caddy does: only if it is content is the real one asked.
    async fn get(&self, wish: &Wish) -> Result<Issued, Refusal> {
        if let Some(test) = self.test.as_ref().filter(|_| wish.failures > 0) {
            self.ask(test, wish).await?;
        }
        self.ask(&self.ca, wish).await
    }

    async fn ask(&self, ca: &CertificateAuthority, wish: &Wish) -> Result<Issued, Refusal> {
        let holder = Holder {
            ca,
            email: &self.config.email,
            storage: &self.storage,
            client: &self.client,
            external: self.config.external_account.as_ref(),
        };
        let mut ended = self.order(holder, wish).await;
        if let Err(Trouble::UnknownAccount) = ended {
            ended = self.order(holder, wish).await;
        }
        let url = &ca.directory;
        let mut refusal = match ended {
            Ok(issued) => return Ok(issued),
            Err(Trouble::UnknownAccount) => {
                let message = "it does not know the account that it has just registered";
                Refusal::new(Cause::Refused, message)
            }
            Err(Trouble::Other(refusal)) => refusal,
        };
        if refusal.cause == Cause::Down {
            self.world.accounts.look_again(holder).await;
            refusal.help.get_or_insert_with(|| {
                format!(
                    "this server must reach {url}: look at its network, its DNS and its firewall, or wait until the \
                     ACME server is back"
                )
            });
        }
        let message = format!("ACME server {url}: {}", refusal.message);
        Err(Refusal { message, ..refusal })
    }

    async fn order(&self, holder: Holder<'_>, wish: &Wish) -> Result<Issued, Trouble> {
        let accounts = &self.world.accounts;
        let account = accounts.get(holder).await?;
        let ordering = Ordering {
            acme: self,
            ca: holder.ca,
            account: &account,
            client: &self.client,
            wish,
        };
        let ended = ordering.run().await;
        if let Err(failure) = &ended
            && failure.problem.as_deref() == Some(profile::UNKNOWN)
        {
            // It may have the profile the next time.
            accounts.look_again(holder).await;
        }
        match ended {
            Ok(Signed { chain, key, url }) => Ok(Issued {
                chain,
                key,
                about: json!({ "url": url, "ca": holder.ca.directory, "account": account.kid }),
            }),
            Err(failure) if failure.problem.as_deref() == Some("accountDoesNotExist") => {
                accounts.is_unknown(holder, &account.kid).await;
                Err(Trouble::UnknownAccount)
            }
            Err(failure) => Err(failure.into()),
        }
    }
}

/// Why an order has failed.
enum Trouble {
    /// The server has forgotten the account.
    UnknownAccount,
    Other(Refusal),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Other(failure.refusal)
    }
}

impl Issue for Acme {
    fn folder(&self) -> &str {
        &self.ca.folder
    }

    fn stands_by(&self, _: &Certificate) -> bool {
        true
    }

    fn issue_at_once(&self, _: &Wish) -> Option<Result<Issued, Refusal>> {
        None
    }

    fn issue<'a>(&'a self, wish: &'a Wish) -> Issuing<'a> {
        Box::pin(self.get(wish))
    }
}
