//! One certificate from one issuer: asked for while no other server does, checked, and kept.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tracing::{error, info, warn};

use super::issuer::{Cause, Issue, Issued, Refusal, Wish};
use super::keeper::Shared;
use super::lock::lock;
use super::terms::Terms;
use super::{Certificate, Storage, files, kept};

/// What it takes to get a certificate.
pub(super) struct Obtaining<'a> {
    pub(super) wish: &'a Wish,
    pub(super) terms: Terms,
    pub(super) storage: &'a Storage,
    pub(super) shared: &'a Shared,
    /// The certificate at hand, if there is one.
    pub(super) at_hand: Option<&'a Certificate>,
}

impl Obtaining<'_> {
    /// Gets a certificate.
    pub(super) async fn from(&self, issuer: &dyn Issue) -> Result<Certificate, Refusal> {
        let identifier = &self.wish.name;
        let lock = lock(self.storage, identifier).await;
        let lock = lock.inspect_err(|error| {
            warn!(target: "tls", identifier, %error, "the storage cannot be locked: other servers may ask for the same");
        });
        if lock.as_ref().is_ok_and(|lock| lock.waited)
            && let Some(certificate) = self.of_another(issuer)
        {
            info!(target: "tls.obtain", identifier, "certificate already exists in storage");
            return Ok(certificate);
        }
        let place = self.shared.orders.acquire().await;
        let _place = place.map_err(|error| Refusal::new(Cause::Down, error.to_string()))?;
        let wish = Wish {
            key: self.key(issuer),
            now: self.shared.clock.now(),
            ..self.wish.clone()
        };
        let answer = issuer.issue(&wish).await?;
        let certificate = self.take(issuer.folder(), &answer)?;
        let (issuer, until) = (issuer.folder(), time_of(certificate.not_after));
        if self.at_hand.is_some() {
            info!(target: "tls.renew", identifier, issuer, until, "certificate renewed successfully");
        } else {
            info!(target: "tls.obtain", identifier, issuer, until, "certificate obtained successfully");
        }
        Ok(certificate)
    }

    /// What another server has put there meanwhile.
    fn of_another(&self, issuer: &dyn Issue) -> Option<Certificate> {
        let kept = kept::read(self.storage, issuer.folder(), &self.wish.name)?;
        let validity = kept.validity();
        let is_newer = (self.at_hand).is_none_or(|old| old.not_after < validity.not_after);
        let is_fresh = self.terms.is_fresh(validity, self.shared.clock.now());
        (is_newer && is_fresh && issuer.stands_by(&kept)).then_some(kept)
    }

    /// The key of the certificate that is kept, if the next one is to have it.
    fn key(&self, issuer: &dyn Issue) -> Option<String> {
        // A key that somebody else has is never used again.
        let at_hand = self.at_hand;
        let compromised = at_hand.is_some_and(|at_hand| at_hand.revocation.is_compromised());
        (self.terms.reuse_key && !compromised)
            .then(|| kept::key(self.storage, issuer.folder(), &self.wish.name))
            .flatten()
    }

    /// Keeps a certificate. One that cannot be kept is better than none.
    pub(super) fn take(&self, folder: &str, issued: &Issued) -> Result<Certificate, Refusal> {
        let name = &self.wish.name;
        let certificate = files::from_pem(&issued.chain, &issued.key)
            .map_err(|error| Refusal::new(Cause::Refused, error.message))?;
        if certificate.names != [name.to_lowercase()] {
            let names = certificate.names.join(", ");
            let message = format!("the certificate is for `{names}`, not for `{name}`");
            return Err(Refusal::new(Cause::Refused, message));
        }
        if let Err(fault) = kept::write(self.storage, folder, name, issued) {
            error!(
                target: "tls", identifier = name, error = fault,
                "the certificate cannot be kept, and the next start has to ask for another one"
            );
        }
        Ok(certificate)
    }
}

/// A time without parts of seconds, which are of no use to a person who waits.
pub(super) fn time_of(at: OffsetDateTime) -> String {
    let at = at.replace_nanosecond(0).unwrap_or(at);
    at.format(&Rfc3339).unwrap_or_default()
}
