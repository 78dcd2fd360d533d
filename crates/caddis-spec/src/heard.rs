//! What a client has heard of a body so far, for stubs that wait for it.

use std::time::Duration;

use tokio::sync::watch;

/// The bytes of a body that have reached the client.
#[derive(Debug)]
pub struct Heard(watch::Sender<Vec<u8>>);

impl Default for Heard {
    fn default() -> Self {
        Self(watch::Sender::new(Vec::new()))
    }
}

impl Heard {
    /// More has come.
    pub fn add(&self, bytes: &[u8]) {
        self.0.send_modify(|heard| heard.extend_from_slice(bytes));
    }

    /// Everything so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.borrow().clone()
    }

    /// Waits until the text has come, from an offset on; the offset after it, or `None` if it does not come in time.
    pub(crate) async fn wait(&self, text: &str, from: usize, limit: Duration) -> Option<usize> {
        let mut heard = self.0.subscribe();
        let wait = heard.wait_for(|heard| find(heard, text, from).is_some());
        let heard = tokio::time::timeout(limit, wait).await.ok()?.ok()?;
        find(&heard, text, from)
    }
}

fn find(heard: &[u8], text: &str, from: usize) -> Option<usize> {
    let rest = heard.get(from..)?;
    if text.is_empty() {
        return Some(from);
    }
    let at = rest
        .windows(text.len())
        .position(|part| part == text.as_bytes())?;
    Some(from + at + text.len())
}
