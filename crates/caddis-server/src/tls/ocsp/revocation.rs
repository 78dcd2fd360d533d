//! That a certificate was revoked, and who waits to hear of it.

use std::sync::OnceLock;

use tokio::sync::Notify;

/// Whether a certificate was revoked, as far as we have heard.
#[derive(Debug, Default)]
pub(crate) struct Revocation {
    /// True if somebody else has its key.
    compromised: OnceLock<bool>,
    heard: Notify,
}

impl Revocation {
    /// It was revoked; the first word counts.
    pub(super) fn note(&self, compromised: bool) {
        self.compromised.set(compromised).ok();
        self.heard.notify_waiters();
    }

    pub(in crate::tls) fn is_noted(&self) -> bool {
        self.compromised.get().is_some()
    }

    /// True if somebody else has the key.
    pub(in crate::tls) fn is_compromised(&self) -> bool {
        self.compromised.get() == Some(&true)
    }

    /// Waits until it is revoked, which may be for ever.
    pub(in crate::tls) async fn is_heard(&self) {
        loop {
            let heard = self.heard.notified();
            if self.is_noted() {
                return;
            }
            heard.await;
        }
    }
}
