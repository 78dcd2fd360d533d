//! The zones of `rate_limit`: who has asked how often, for all workers, kept from one config to the next.
//!
//! A zone keeps no keys, only what a secret hash makes of them, and has room for so many. Once it is full, keys that
//! are not known yet share windows, which one of them falls to by the same hash: a stranger who makes up keys can
//! slow newcomers down, but gets neither more than his limit nor at the windows of those who are known.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::rate_window::{FIRST, Limit, Window};

/// How many parts of a zone can be asked at the same time.
const SHARDS: usize = 16;
/// How many keys a part has windows for; a zone has 131 072.
const MAX_KEYS: usize = 8192;
/// How many groups of events a part has room for: 4 MB, and 64 MB for a zone.
const MAX_GROUPS: usize = 1 << 18;
/// How many windows the keys share that come when a part is full.
const SHARED: usize = 256;
/// How soon a full part is swept again.
const FULL_SWEEP: u64 = 1_000_000_000;

/// The zones of all handlers, by name and limit: handlers that have both in common share the zone.
#[derive(Default)]
pub(crate) struct Zones(Mutex<HashMap<Name, Weak<Zone>>>);

type Name = (Box<str>, Limit);

impl Zones {
    /// The zone of a name: as it is if some config that is served has it.
    pub(crate) fn zone(&self, name: &str, limit: Limit) -> Arc<Zone> {
        let mut zones = self.0.lock();
        zones.retain(|_, zone| zone.strong_count() > 0);
        let known = zones.get(&(name.into(), limit)).and_then(Weak::upgrade);
        known.unwrap_or_else(|| {
            let zone = Arc::new(Zone::new(limit));
            zones.insert((name.into(), limit), Arc::downgrade(&zone));
            zone
        })
    }
}

/// Who has asked how often.
pub(crate) struct Zone {
    limit: Limit,
    hashes: [RandomState; 2],
    began: Instant,
    shards: [Mutex<Shard>; SHARDS],
}

struct Shard {
    windows: HashMap<Key, Window, BuildHasherDefault<AsItIs>>,
    shared: Vec<Window>,
    room: usize,
    swept: u64,
}

/// What is kept of a key: as many bits as make two of them differ.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key(u64, u64);

impl Zone {
    fn new(limit: Limit) -> Self {
        Self {
            limit,
            hashes: [RandomState::new(), RandomState::new()],
            began: Instant::now(),
            shards: std::array::from_fn(|_| Mutex::new(Shard::new())),
        }
    }

    /// Counts an event if the limit allows it; else says how long to wait.
    pub(crate) fn take(&self, key: &[u8], sweep: Duration) -> Result<(), Duration> {
        let now = nanos(self.began.elapsed());
        let key = Key(self.hashes[0].hash_one(key), self.hashes[1].hash_one(key));
        let mut shard = self.shards[key.shard()].lock();
        let taken = shard.take(key, &self.limit, now, nanos(sweep));
        taken.map_err(Duration::from_nanos)
    }
}

impl Shard {
    fn new() -> Self {
        Self {
            windows: HashMap::default(),
            shared: Vec::new(),
            room: MAX_GROUPS,
            swept: 0,
        }
    }

    fn take(&mut self, key: Key, limit: &Limit, now: u64, sweep: u64) -> Result<(), u64> {
        if now.saturating_sub(self.swept) >= sweep {
            self.sweep(now);
        }
        if let Some(window) = self.windows.get_mut(&key) {
            return window.take(limit, now, &mut self.room);
        }
        if self.is_full() && now.saturating_sub(self.swept) >= FULL_SWEEP {
            self.sweep(now);
        }
        if self.is_full() {
            return self.shared(key).take(limit, now, &mut 0);
        }
        let mut window = Window::default();
        let taken = window.take(limit, now, &mut self.room);
        self.windows.insert(key, window);
        taken
    }

    fn is_full(&self) -> bool {
        self.windows.len() >= MAX_KEYS || self.room < FIRST
    }

    fn shared(&mut self, key: Key) -> &mut Window {
        if self.shared.is_empty() {
            self.shared.resize_with(SHARED, Window::default);
        }
        &mut self.shared[key.shared()]
    }

    /// Forgets the windows in which nothing counts any more.
    fn sweep(&mut self, now: u64) {
        self.swept = now;
        let room = &mut self.room;
        self.windows.retain(|_, window| {
            let stays = !window.is_over(now);
            if !stays {
                *room += window.room();
            }
            stays
        });
        if self.windows.capacity() > 4 * self.windows.len() {
            self.windows.shrink_to(2 * self.windows.len());
        }
        if self.shared.iter().all(|window| window.is_over(now)) {
            self.shared = Vec::new();
        }
    }
}

impl Key {
    fn shard(self) -> usize {
        remainder(self.0, SHARDS)
    }

    fn shared(self) -> usize {
        remainder(self.0 >> 32, SHARED)
    }
}

impl std::hash::Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.1);
    }
}

/// Hashes what is a hash already.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

fn remainder(hash: u64, of: usize) -> usize {
    usize::try_from(hash % of as u64).expect("less than a number of this type")
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::time::advance;

    use super::{Limit, MAX_GROUPS, MAX_KEYS, SHARDS, SHARED, Zone, Zones, nanos};

    const MINUTE: Duration = Duration::from_mins(1);

    fn a_minute(max: u64) -> Limit {
        Limit::new(nanos(MINUTE), max)
    }

    fn known(zone: &Zone) -> usize {
        let count = |shard: &parking_lot::Mutex<super::Shard>| shard.lock().windows.len();
        zone.shards.iter().map(count).sum()
    }

    fn asked(zone: &Zone, key: &str) -> bool {
        zone.take(key.as_bytes(), MINUTE).is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn each_key_has_its_own_window() {
        let zone = Zone::new(a_minute(1));
        assert!(asked(&zone, "a") && asked(&zone, "b"));
        assert_eq!(zone.take(b"a", MINUTE), Err(MINUTE));
        advance(MINUTE / 2).await;
        assert_eq!(zone.take(b"a", MINUTE), Err(MINUTE / 2));
        advance(MINUTE / 2).await;
        assert!(asked(&zone, "a") && !asked(&zone, "a"));
    }

    #[test]
    fn a_zone_is_the_same_for_the_same_name_and_limit_while_somebody_has_it() {
        let zones = Zones::default();
        let zone = zones.zone("a", a_minute(1));
        assert!(Arc::ptr_eq(&zone, &zones.zone("a", a_minute(1))));
        assert!(!Arc::ptr_eq(&zone, &zones.zone("a", a_minute(2))));
        assert!(!Arc::ptr_eq(&zone, &zones.zone("b", a_minute(1))));
        drop(zone);
        zones.zone("c", a_minute(1));
        assert_eq!(zones.0.lock().len(), 1);
    }

    /// An attack with made-up keys: those who were known keep their own windows, the attacker gets no more than the
    /// windows that strangers share, and the memory stays what it was.
    #[tokio::test(start_paused = true)]
    async fn made_up_keys_neither_fill_the_memory_nor_move_anybodys_limit() {
        let zone = Zone::new(a_minute(2));
        assert!(asked(&zone, "ada") && asked(&zone, "ada") && asked(&zone, "bob"));
        let made_up = 2 * SHARDS * MAX_KEYS;
        let passed = (0..made_up).filter(|index| asked(&zone, &format!("made up {index}")));
        let passed = passed.count();
        assert_eq!(known(&zone), SHARDS * MAX_KEYS);
        assert!(passed <= SHARDS * (MAX_KEYS + 2 * SHARED), "{passed}");
        assert!(!asked(&zone, "ada") && asked(&zone, "bob") && !asked(&zone, "bob"));
        // A newcomer shares a window that is used up, and is told when to come again.
        assert_eq!(zone.take(b"newcomer", MINUTE), Err(MINUTE));
        advance(MINUTE).await;
        assert!(asked(&zone, "newcomer") && asked(&zone, "newcomer") && !asked(&zone, "newcomer"));
        assert!(known(&zone) <= SHARDS * MAX_KEYS);
    }

    #[tokio::test(start_paused = true)]
    async fn a_hundred_thousand_keys_have_a_window_each_and_are_forgotten_when_they_are_over() {
        let zone = Zone::new(a_minute(1));
        for index in 0..100_000 {
            assert!(asked(&zone, &index.to_string()));
        }
        assert_eq!(known(&zone), 100_000);
        advance(2 * MINUTE).await;
        for index in 0..1000 {
            assert!(asked(&zone, &index.to_string()));
        }
        assert_eq!(known(&zone), 1000);
        for shard in &zone.shards {
            let shard = shard.lock();
            let rooms = shard.windows.values().map(crate::rate_window::Window::room);
            assert_eq!(shard.room + rooms.sum::<usize>(), MAX_GROUPS);
            assert!(shard.windows.capacity() < 1000);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn keys_with_many_events_take_no_more_room_than_there_is() {
        let zone = Zone::new(a_minute(1000));
        let mut shard = zone.shards[0].lock();
        for key in 0..600 {
            let key = super::Key(key << 32, key);
            let take = |now| shard.take(key, &zone.limit, now, u64::MAX);
            let passed = (0..1001).flat_map(take).count();
            assert!(passed <= 1000, "{passed}");
        }
        assert!(shard.room < super::FIRST && !shard.shared.is_empty());
        let rooms = shard.windows.values().map(crate::rate_window::Window::room);
        assert_eq!(shard.room + rooms.sum::<usize>(), MAX_GROUPS);
    }
}
