//! The issuers that a config has for its names, made ready to be asked.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use caddis_ir::{Config, InternalIssuer, Issuer};
use parking_lot::Mutex;
use tracing::info;

use super::Storage;
use super::acme::{self, Acme};
use super::authority::Authority;
use super::internal::{Internal, authority_id};
use super::issue::Fault;
use super::issuer::{Issue, Wish};
use super::keeper::{Subject, Wanted};
use super::terms::Terms;

/// Makes issuers of a config ready; those that several names have are made once.
pub(super) struct Issuers<'a> {
    config: &'a Config,
    storage: &'a Storage,
    acme: &'a Arc<acme::World>,
    authorities: HashMap<String, Arc<Mutex<Authority>>>,
    ready: Vec<(Issuer, Arc<dyn Issue>, String)>,
    /// Why some are not asked.
    left_out: Vec<String>,
}

impl<'a> Issuers<'a> {
    pub(super) fn new(
        config: &'a Config,
        storage: &'a Storage,
        acme: &'a Arc<acme::World>,
    ) -> Self {
        Self {
            config,
            storage,
            acme,
            authorities: HashMap::new(),
            ready: Vec::new(),
            left_out: Vec::new(),
        }
    }

    /// A name with its issuers.
    pub(super) fn wanted(&mut self, subject: Subject) -> Result<Wanted, Fault> {
        let terms = Terms {
            reuse_key: subject.reuse_key,
            must_staple: subject.must_staple,
            window: subject.renewal_window.unwrap_or(Terms::default().window),
        };
        let stapling = &subject.stapling;
        let mut key = format!(
            "{}\n{}\n{terms:?} {stapling:?}",
            subject.name, subject.key_type
        );
        for reason in subject.left_out {
            if !self.left_out.contains(&reason) {
                info!(target: "tls.issuance", reason, "an issuer of the config is not asked");
                self.left_out.push(reason);
            }
        }
        let mut issuers = Vec::with_capacity(subject.issuers.len());
        for issuer in &subject.issuers {
            let (issuer, depends_on) = self.issuer(issuer)?;
            // Writing to a string cannot fail.
            let _ = write!(key, "\n{depends_on}");
            issuers.push(issuer);
        }
        Ok(Wanted {
            key,
            wish: Wish {
                must_staple: subject.must_staple,
                ..Wish::new(subject.name, subject.key_type)
            },
            terms,
            stapling: Arc::new(subject.stapling),
            issuers,
        })
    }

    /// An issuer, and all that it depends on.
    fn issuer(&mut self, issuer: &Issuer) -> Result<(Arc<dyn Issue>, String), Fault> {
        if let Some((_, ready, depends_on)) = self.ready.iter().find(|(of, ..)| of == issuer) {
            return Ok((Arc::clone(ready), depends_on.clone()));
        }
        let place = self.storage.path("");
        let place = place.display();
        let (ready, depends_on): (Arc<dyn Issue>, _) = match issuer {
            Issuer::Internal(config) => {
                let pki = self.pki(config);
                let authority = self.authority(config)?;
                let depends_on = format!("{place} {config:?} {pki:?}");
                (Arc::new(Internal::new(config, authority)), depends_on)
            }
            Issuer::Acme(config) => {
                let roots = acme::read_roots(config).map_err(|(_, fault)| fault)?;
                let ports = acme::Ports::of(&self.config.apps);
                let tls = self.config.apps.tls.as_ref();
                // As JSON, which has the secrets too.
                let given =
                    serde_json::to_string(&(config, tls.map(|tls| (&tls.dns, &tls.resolvers))));
                let given = given.map_err(|error| error.to_string())?;
                let depends_on = format!("{place} {given} {ports:?} {roots:?}");
                let acme = Acme::new(config, &roots, (ports, tls), self.storage, self.acme)?;
                (Arc::new(acme), depends_on)
            }
            Issuer::Zerossl(_) => {
                return Err("certificates cannot be got over the API of ZeroSSL yet".into());
            }
        };
        let entry = (issuer.clone(), Arc::clone(&ready), depends_on.clone());
        self.ready.push(entry);
        Ok((ready, depends_on))
    }

    fn pki(&self, issuer: &InternalIssuer) -> caddis_ir::Authority {
        let pki = self.config.apps.pki.as_ref();
        let authority = pki.and_then(|pki| pki.certificate_authorities.get(authority_id(issuer)));
        authority.cloned().unwrap_or_default()
    }

    fn authority(&mut self, issuer: &InternalIssuer) -> Result<Arc<Mutex<Authority>>, Fault> {
        let id = authority_id(issuer);
        if let Some(authority) = self.authorities.get(id) {
            return Ok(Arc::clone(authority));
        }
        let authority = Authority::open(self.storage, id, &self.pki(issuer))?;
        let root = authority.root_path();
        info!(
            target: "pki.ca.local",
            root = %root.display(),
            "clients have to trust the root certificate; it is not put into the system's trust store: \
             `caddis trust` does that here (for one request: `curl --cacert {}`)", root.display()
        );
        let authority = Arc::new(Mutex::new(authority));
        (self.authorities).insert(id.to_owned(), Arc::clone(&authority));
        Ok(authority)
    }
}
