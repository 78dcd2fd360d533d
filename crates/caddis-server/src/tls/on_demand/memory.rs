//! Certificates that were got on demand, and names that could not have one; bounded, and kept over loads.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::tls::Certificate;

/// The most certificates that are held, as in Caddy; others are in the storage.
const CERTIFICATES: usize = 10_000;
/// The most names of which it is known that they are to be tried later.
const TROUBLED: usize = 10_000;

/// Certificates that were got on demand, and names that could not have one.
#[derive(Debug, Default)]
pub(in crate::tls) struct Memory {
    held: Mutex<HashMap<String, Held>>,
    troubled: Mutex<HashMap<String, Trouble>>,
}

#[derive(Clone, Debug)]
struct Held {
    /// On which terms it was got; on others it is not used.
    key: String,
    certificate: Arc<Certificate>,
}

#[derive(Clone, Debug)]
struct Trouble {
    key: String,
    failures: u32,
    again_at: Instant,
}

impl Memory {
    /// The certificate of a name, if it is valid still.
    pub(super) fn get(
        &self,
        name: &str,
        key: &str,
        now: OffsetDateTime,
    ) -> Option<Arc<Certificate>> {
        let held = self.held.lock();
        let held = held.get(name).filter(|held| held.key == key)?;
        (now < held.certificate.not_after).then(|| Arc::clone(&held.certificate))
    }

    pub(super) fn put(&self, name: &str, key: &str, certificate: &Arc<Certificate>) {
        let mut held = self.held.lock();
        if held.len() >= CERTIFICATES && !held.contains_key(name) {
            // Whichever comes first in a map is as good as chosen by lot.
            if let Some(one) = held.keys().next().cloned() {
                held.remove(&one);
            }
        }
        let one = Held {
            key: key.to_owned(),
            certificate: Arc::clone(certificate),
        };
        held.insert(name.to_owned(), one);
        self.troubled.lock().remove(name);
    }

    /// Holds the certificate of a name no longer.
    pub(super) fn forget(&self, name: &str) {
        self.held.lock().remove(name);
    }

    /// How often a name could not have a certificate since it had one.
    pub(super) fn failures(&self, name: &str, key: &str) -> u32 {
        let troubled = self.troubled.lock();
        let of_name = troubled.get(name).filter(|trouble| trouble.key == key);
        of_name.map_or(0, |trouble| trouble.failures)
    }

    /// When a name may be tried again, if that is later.
    pub(super) fn again_at(&self, name: &str, key: &str) -> Option<Instant> {
        let troubled = self.troubled.lock();
        let again_at = troubled
            .get(name)
            .filter(|trouble| trouble.key == key)?
            .again_at;
        (again_at > Instant::now()).then_some(again_at)
    }

    /// A name could not have a certificate.
    pub(super) fn failed(&self, name: &str, key: &str, failures: u32, again_at: Instant) {
        let mut troubled = self.troubled.lock();
        if troubled.len() >= TROUBLED {
            let now = Instant::now();
            troubled.retain(|_, trouble| trouble.again_at > now);
        }
        if troubled.len() >= TROUBLED
            && let Some(one) = troubled.keys().next().cloned()
        {
            troubled.remove(&one);
        }
        let trouble = Trouble {
            key: key.to_owned(),
            failures,
            again_at,
        };
        troubled.insert(name.to_owned(), trouble);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use time::OffsetDateTime;
    use tokio::time::{Duration, Instant, advance};

    use super::{CERTIFICATES, Memory, TROUBLED};
    use crate::tls::files;

    #[tokio::test(start_paused = true)]
    async fn what_is_held_is_bounded() {
        let made = rcgen::generate_simple_self_signed(["a.test".to_owned()]).unwrap();
        let made = files::from_pem(&made.cert.pem(), &made.signing_key.serialize_pem());
        let certificate = Arc::new(made.unwrap());
        let memory = Memory::default();
        let later = Instant::now() + Duration::from_mins(1);
        for at in 0..CERTIFICATES + 5 {
            memory.put(&format!("{at}.test"), "k", &certificate);
        }
        for at in 0..TROUBLED + 5 {
            memory.failed(&format!("{at}.test"), "k", 1, later);
        }
        assert_eq!(memory.held.lock().len(), CERTIFICATES);
        assert_eq!(memory.troubled.lock().len(), TROUBLED);
        let last = format!("{}.test", CERTIFICATES + 4);
        let now = OffsetDateTime::now_utc();
        assert!(memory.get(&last, "k", now).is_some());
        assert!(memory.get(&last, "other", now).is_none());
        assert!(memory.get(&last, "k", certificate.not_after).is_none());
        assert!(memory.again_at(&last, "k").is_some());
        advance(Duration::from_mins(1)).await;
        assert!(memory.again_at(&last, "k").is_none());
        assert_eq!(memory.failures(&last, "k"), 1);
    }
}
