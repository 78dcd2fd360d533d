//! What is being proven to an ACME server at this moment: answers over HTTP, and certificates for TLS handshakes.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::sign::CertifiedKey;

/// The protocol by which a server that validates a name asks for its challenge's certificate (RFC 8737).
pub(crate) const ACME_TLS: &[u8] = b"acme-tls/1";
/// Where a server that validates a name asks over HTTP (RFC 8555, 8.3).
pub(crate) const WELL_KNOWN: &str = "/.well-known/acme-challenge/";

/// What is being proven. Read by every worker, changed by whoever asks for certificates.
#[derive(Debug, Default)]
pub(crate) struct Challenges {
    over_http: ArcSwap<HashMap<String, HttpAnswer>>,
    in_handshakes: ArcSwap<HashMap<String, Arc<CertifiedKey>>>,
}

/// The answer to one challenge over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
struct HttpAnswer {
    host: String,
    text: String,
}

impl Challenges {
    /// The answer to a request, if it asks for a challenge of that host.
    pub(crate) fn over_http(&self, host: &str, path: &str) -> Option<String> {
        let token = path.strip_prefix(WELL_KNOWN)?;
        let answers = self.over_http.load();
        let answer = answers.get(token)?;
        (answer.host.eq_ignore_ascii_case(host)).then(|| answer.text.clone())
    }

    /// The certificate for a handshake that asks for the challenge of a name.
    pub(crate) fn in_handshake(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let certificates = self.in_handshakes.load();
        certificates.get(&name.to_ascii_lowercase()).cloned()
    }

    /// Answers requests for a token of a host from now on.
    pub(crate) fn answer_over_http(&self, token: &str, host: &str, text: &str) {
        let answer = HttpAnswer {
            host: host.to_owned(),
            text: text.to_owned(),
        };
        self.over_http.rcu(|answers| {
            let mut answers = HashMap::clone(answers);
            answers.insert(token.to_owned(), answer.clone());
            answers
        });
    }

    /// Answers handshakes for a name from now on.
    pub(crate) fn answer_in_handshakes(&self, name: &str, certificate: &Arc<CertifiedKey>) {
        self.in_handshakes.rcu(|certificates| {
            let mut certificates = HashMap::clone(certificates);
            certificates.insert(name.to_ascii_lowercase(), Arc::clone(certificate));
            certificates
        });
    }

    /// Ends the answers to a token and for a name.
    pub(crate) fn forget(&self, token: &str, name: &str) {
        self.over_http.rcu(|answers| {
            let mut answers = HashMap::clone(answers);
            answers.remove(token);
            answers
        });
        self.in_handshakes.rcu(|certificates| {
            let mut certificates = HashMap::clone(certificates);
            certificates.remove(&name.to_ascii_lowercase());
            certificates
        });
    }
}

#[cfg(test)]
mod tests {
    use super::Challenges;

    #[test]
    fn a_token_is_answered_for_its_host_only_and_until_it_is_forgotten() {
        let challenges = Challenges::default();
        challenges.answer_over_http("t", "a.test", "t.key");
        let path = "/.well-known/acme-challenge/t";
        let answer = |host: &str, path: &str| challenges.over_http(host, path);
        assert_eq!(answer("A.test", path).as_deref(), Some("t.key"));
        assert_eq!(answer("b.test", path), None);
        assert_eq!(answer("a.test", "/t"), None);
        challenges.forget("t", "a.test");
        assert_eq!(answer("a.test", path), None);
    }
}
