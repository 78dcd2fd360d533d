//! What the config says of a certificate beside who signs it: when it is renewed, and with which key.

use time::OffsetDateTime;

use super::issue::Validity;

/// A certificate is renewed when this part of its lifetime is left, if the config does not say,
const RENEW: f64 = 1.0 / 3.0;
/// or earlier by up to this part, so that those of one day are not all renewed at one moment.
const JITTER: f64 = 0.02;

/// What the config says of a certificate beside who signs it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Terms {
    /// The part of its lifetime, at its end, in which it is renewed.
    pub(super) window: f64,
    /// The next one has the same key.
    pub(super) reuse_key: bool,
    /// The next one is worth nothing without an OCSP answer.
    pub(super) must_staple: bool,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            window: RENEW,
            reuse_key: false,
            must_staple: false,
        }
    }
}

impl Terms {
    /// When a certificate is renewed; `chance` is from 0 to 1.
    pub(super) fn due(self, validity: Validity, chance: f64) -> OffsetDateTime {
        let lifetime = validity.not_after - validity.not_before;
        let early = (self.window + JITTER * chance).min(1.0);
        validity.not_after - lifetime * early
    }

    /// True if a certificate need not be renewed yet.
    pub(super) fn is_fresh(self, validity: Validity, now: OffsetDateTime) -> bool {
        now < self.due(validity, 0.0)
    }
}
