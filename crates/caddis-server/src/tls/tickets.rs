//! Session tickets: the keys by which clients come back without a whole handshake, and how long each is used.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;
use caddis_ir::SessionTickets;
use rustls::ServerConfig;
use rustls::server::{NoServerSessionStorage, ProducesTickets};

use super::issue::Fault;

/// Go sends one ticket too.
const TICKETS: usize = 1;
/// Between two keys, as in Caddy.
const ROTATION: Duration = Duration::from_hours(12);
/// The keys that are known at a time, as in Caddy.
const MAX_KEYS: usize = 4;
/// No ticket is taken for longer (RFC 8446, 4.6.1).
const LIFETIME: Duration = Duration::from_hours(7 * 24);
const NAME_LEN: usize = 16;
const KEY_LEN: usize = 32;

/// Has a config give tickets to its clients, as the app's settings want it. Each config has keys of its own, so that a
/// session goes on only where it began: under the same policy.
pub(super) fn give_tickets(
    config: &mut ServerConfig,
    settings: Option<&SessionTickets>,
) -> Result<(), Fault> {
    config.send_tls13_tickets = TICKETS;
    let Some(settings) = settings else {
        config.ticketer =
            rustls::crypto::aws_lc_rs::Ticketer::new().map_err(|error| error.to_string())?;
        return Ok(());
    };
    if settings.disabled {
        config.send_tls13_tickets = 0;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        return Ok(());
    }
    let given = settings.rotation_interval.filter(|interval| interval.0 > 0);
    let interval = given.map_or(ROTATION, caddis_ir::Duration::to_std);
    let most = usize::try_from(settings.max_keys).unwrap_or(MAX_KEYS);
    let rotation = (!settings.disable_rotation).then_some(interval);
    let most = if most == 0 { MAX_KEYS } else { most };
    config.ticketer = Arc::new(Tickets::new(rotation, most)?);
    Ok(())
}

/// Seals sessions into tickets with keys that change.
struct Tickets {
    /// `None` if the first key stays.
    rotation: Option<Duration>,
    most: usize,
    ring: ArcSwap<Ring>,
}

/// The newest key is the first.
struct Ring {
    keys: Vec<Arc<Key>>,
    since: Instant,
}

struct Key {
    name: [u8; NAME_LEN],
    key: LessSafeKey,
}

impl Tickets {
    fn new(rotation: Option<Duration>, most: usize) -> Result<Self, Fault> {
        let ring = Ring {
            keys: vec![Key::random().ok_or("there are no random numbers")?],
            since: Instant::now(),
        };
        Ok(Self {
            rotation,
            most,
            ring: ArcSwap::from_pointee(ring),
        })
    }

    /// The keys, of which the first is not too old.
    fn ring(&self) -> Option<Arc<Ring>> {
        let ring = self.ring.load_full();
        if (self.rotation).is_none_or(|rotation| ring.since.elapsed() < rotation) {
            return Some(ring);
        }
        let mut keys = vec![Key::random()?];
        keys.extend(ring.keys.iter().take(self.most.saturating_sub(1)).cloned());
        let next = Arc::new(Ring {
            keys,
            since: Instant::now(),
        });
        // Whoever is first has changed it for all.
        self.ring.compare_and_swap(&ring, next);
        Some(self.ring.load_full())
    }
}

impl Key {
    fn random() -> Option<Arc<Self>> {
        let (mut name, mut bytes) = ([0; NAME_LEN], zeroize::Zeroizing::new([0; KEY_LEN]));
        rand::fill(&mut name).ok()?;
        rand::fill(bytes.as_mut()).ok()?;
        let key = UnboundKey::new(&AES_256_GCM, bytes.as_ref()).ok()?;
        Some(Arc::new(Self {
            name,
            key: LessSafeKey::new(key),
        }))
    }
}

impl ProducesTickets for Tickets {
    fn enabled(&self) -> bool {
        true
    }

    fn lifetime(&self) -> u32 {
        let keys = u32::try_from(self.most).unwrap_or(u32::MAX);
        let known = (self.rotation).map_or(LIFETIME, |rotation| rotation.saturating_mul(keys));
        u32::try_from(known.min(LIFETIME).as_secs()).unwrap_or(u32::MAX)
    }

    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        let ring = self.ring()?;
        let key = ring.keys.first()?;
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce).ok()?;
        let mut sealed = plain.to_vec();
        let seal = Nonce::assume_unique_for_key(nonce);
        key.key
            .seal_in_place_append_tag(seal, Aad::from(key.name), &mut sealed)
            .ok()?;
        Some([&key.name[..], &nonce, &sealed].concat())
    }

    fn decrypt(&self, ticket: &[u8]) -> Option<Vec<u8>> {
        let (name, rest) = ticket.split_first_chunk::<NAME_LEN>()?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>()?;
        let ring = self.ring()?;
        let key = ring.keys.iter().find(|key| key.name == *name)?;
        let mut plain = sealed.to_vec();
        let open = Nonce::assume_unique_for_key(*nonce);
        let length = (key.key.open_in_place(open, Aad::from(key.name), &mut plain))
            .ok()?
            .len();
        plain.truncate(length);
        Some(plain)
    }
}

impl fmt::Debug for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (f.debug_struct("Tickets").field("rotation", &self.rotation)).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustls::server::ProducesTickets;

    use super::Tickets;

    #[test]
    fn a_ticket_is_opened_by_who_sealed_it_and_only_as_it_was() {
        let (tickets, others) = (
            Tickets::new(None, 1).unwrap(),
            Tickets::new(None, 1).unwrap(),
        );
        let mut sealed = tickets.encrypt(b"session").unwrap();
        assert_eq!(tickets.decrypt(&sealed).unwrap(), b"session");
        assert_eq!(others.decrypt(&sealed), None);
        for at in 0..sealed.len() {
            sealed[at] ^= 1;
            assert_eq!(tickets.decrypt(&sealed), None, "{at}");
            sealed[at] ^= 1;
            assert_eq!(tickets.decrypt(&sealed[..at]), None, "{at}");
        }
    }

    #[test]
    fn as_many_keys_are_known_as_there_may_be() {
        let tickets = Tickets::new(Some(Duration::ZERO), 3).unwrap();
        let sealed = tickets.encrypt(b"session").unwrap();
        // Every use is another turn, with no time between two.
        assert!(tickets.decrypt(&sealed).is_some());
        assert!(tickets.decrypt(&sealed).is_some());
        assert!(tickets.decrypt(&sealed).is_none());
    }
}
