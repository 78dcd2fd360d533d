//! Hashes of passwords: bcrypt and Argon2id, what a check of one costs, and the check.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use caddis_ir::Hash;
use subtle::ConstantTimeEq;

/// The most memory that a check may take, in KiB: a config must not be able to end the server.
const MAX_MEMORY: u32 = 1024 * 1024;
/// The most memory that a check may go through, in KiB: some seconds of a core.
const MAX_WORK: u64 = 4 * 1024 * 1024;
/// The lengths of salts and of what is derived that make sense, in bytes.
const LENGTHS: std::ops::RangeInclusive<usize> = 4..=128;

/// What a check of a hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cost {
    /// A power of two.
    Bcrypt(u8),
    Argon2id(Argon2Cost),
}

/// What a check of a hash of Argon2id costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Argon2Cost {
    /// In KiB.
    memory: u32,
    passes: u32,
    lanes: u32,
}

/// Why nobody can come in with a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// It is not a hash of this kind.
    Malformed,
    /// A check would cost too much.
    TooCostly,
}

/// What a check of a hash costs, if it is one of this kind.
pub(crate) fn cost(algorithm: Hash, hash: &str) -> Result<Cost, Unusable> {
    match algorithm {
        Hash::Bcrypt {} => bcrypt_cost(hash)
            .map(Cost::Bcrypt)
            .ok_or(Unusable::Malformed),
        Hash::Argon2id {} => {
            let cost = Derived::read(hash).ok_or(Unusable::Malformed)?.cost;
            let work = u64::from(cost.memory) * u64::from(cost.passes);
            if cost.memory > MAX_MEMORY || work > MAX_WORK {
                return Err(Unusable::TooCostly);
            }
            Ok(Cost::Argon2id(cost))
        }
    }
}

/// A hash that no password has, as costly as the costliest of these, or as one that `hash-password` makes.
pub(crate) fn nobodys(algorithm: Hash, costs: impl Iterator<Item = Cost>) -> String {
    let costliest = costs.max_by_key(|cost| match cost {
        Cost::Bcrypt(cost) => u64::from(*cost),
        Cost::Argon2id(cost) => u64::from(cost.memory) * u64::from(cost.passes),
    });
    match (costliest, algorithm) {
        (Some(Cost::Bcrypt(cost)), _) => no_bcrypt(cost),
        (Some(Cost::Argon2id(cost)), _) => no_argon2id(cost),
        (None, Hash::Bcrypt {}) => no_bcrypt(14),
        (None, Hash::Argon2id {}) => no_argon2id(Argon2Cost {
            memory: 47_104,
            passes: 1,
            lanes: 1,
        }),
    }
}

/// Whether a hash is that of a password. Takes as long as its cost says.
pub(crate) fn is_right(hash: &str, password: &[u8]) -> bool {
    if hash.starts_with("$argon2id$") {
        return Derived::read(hash).is_some_and(|derived| derived.is_of(password));
    }
    bcrypt::verify(password, hash).unwrap_or(false)
}

fn bcrypt_cost(hash: &str) -> Option<u8> {
    hash.parse::<bcrypt::HashParts>().ok()?;
    hash.split('$').nth(2)?.parse().ok()
}

fn no_bcrypt(cost: u8) -> String {
    format!("$2a${cost:02}${}{}", ".".repeat(22), ".".repeat(31))
}

fn no_argon2id(cost: Argon2Cost) -> String {
    let Argon2Cost {
        memory,
        passes,
        lanes,
    } = cost;
    let (salt, key) = ("A".repeat(22), "A".repeat(43));
    format!("$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}${key}")
}

/// A hash of Argon2id: `$argon2id$v=19$m=47104,t=1,p=1$<salt>$<key>`.
struct Derived {
    cost: Argon2Cost,
    params: Params,
    salt: Vec<u8>,
    key: Vec<u8>,
}

impl Derived {
    fn read(hash: &str) -> Option<Self> {
        let hash = hash.strip_prefix("$argon2id$v=19$m=")?;
        let (memory, hash) = hash.split_once(",t=")?;
        let (passes, hash) = hash.split_once(",p=")?;
        let (lanes, hash) = hash.split_once('$')?;
        let (salt, key) = hash.split_once('$')?;
        let cost = Argon2Cost {
            memory: memory.parse().ok()?,
            passes: passes.parse().ok()?,
            lanes: lanes.parse::<u8>().ok()?.into(),
        };
        let decoded = |text: &str| STANDARD_NO_PAD.decode(text).ok();
        let (salt, key) = (decoded(salt)?, decoded(key)?);
        let have_lengths = LENGTHS.contains(&salt.len()) && LENGTHS.contains(&key.len());
        let params = Params::new(cost.memory, cost.passes, cost.lanes, Some(key.len())).ok()?;
        have_lengths.then_some(Self {
            cost,
            params,
            salt,
            key,
        })
    }

    fn is_of(&self, password: &[u8]) -> bool {
        let mut blocks = Vec::new();
        let count = self.params.block_count();
        if blocks.try_reserve_exact(count).is_err() {
            tracing::error!(target: "http", "not enough memory to check a password");
            return false;
        }
        blocks.resize(count, Block::new());
        let mut key = vec![0; self.key.len()];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone());
        let derived =
            argon2.hash_password_into_with_memory(password, &self.salt, &mut key, &mut blocks);
        derived.is_ok() && key.ct_eq(&self.key).into()
    }
}

#[cfg(test)]
mod tests {
    use caddis_ir::Hash;

    use super::{Cost, Unusable, cost, is_right, nobodys};

    /// Made by `caddy hash-password --algorithm argon2id` for `hunter2`, with some of its flags.
    const CADDYS: [&str; 2] = [
        "$argon2id$v=19$m=4096,t=2,p=2$+2mDvopCsalpb3MUXSYh7Q$tToPND1QFB5lJExA/8mtsQ",
        "$argon2id$v=19$m=47104,t=1,p=1$5HcikgKcGQKqwVfwacTurg$V+re4411zuqSmHiTKuH7VLpLmWbAkdukl/LQ5/OHlG4",
    ];
    const ARGON2ID: Hash = Hash::Argon2id {};

    #[test]
    fn hashes_that_caddy_makes_are_checked() {
        for hash in CADDYS {
            assert!(is_right(hash, b"hunter2"), "{hash}");
            assert!(!is_right(hash, b"hunter3"), "{hash}");
        }
    }

    /// Each of these was seen to let nobody in with Caddy 2.11.4; with `p=0` it even breaks off the connection.
    #[test]
    fn what_is_no_hash_of_argon2id_lets_nobody_in() {
        for (from, to) in [
            ("argon2id", "argon2i"),
            ("v=19", "v=16"),
            ("m=4096,t=2", "t=2,m=4096"),
            ("p=2", "p=0"),
            ("p=2", "p=300"),
            ("t=2", "t=0"),
            ("t=2", "t=-1"),
            ("Q$t", "Q==$t"),
            ("$tToPND1QFB5lJExA/8mtsQ", ""),
            ("$tToPND1QFB5lJExA/8mtsQ", "$"),
            ("+2mDvopCsalpb3MUXSYh7Q", ""),
        ] {
            let hash = CADDYS[0].replace(from, to);
            assert_eq!(cost(ARGON2ID, &hash), Err(Unusable::Malformed), "{hash}");
            assert!(!is_right(&hash, b"hunter2"), "{hash}");
        }
        let bcrypt = "$2a$04$uNcHsy2nG8oBgP.3K0Ng6uy5vKwSyYIlVb0t5k7KGGTuMzE3XV4uy";
        assert_eq!(cost(ARGON2ID, bcrypt), Err(Unusable::Malformed));
        assert_eq!(cost(Hash::Bcrypt {}, CADDYS[0]), Err(Unusable::Malformed));
    }

    #[test]
    fn a_hash_that_would_take_all_memory_or_all_day_is_too_costly() {
        for (from, to) in [
            ("m=4096", "m=4294967295"),
            ("m=4096", "m=1048577"),
            ("t=2", "t=4294967295"),
            ("m=4096,t=2", "m=1048576,t=5"),
        ] {
            let hash = CADDYS[0].replace(from, to);
            assert_eq!(cost(ARGON2ID, &hash), Err(Unusable::TooCostly), "{hash}");
        }
    }

    #[test]
    fn nobodys_hash_is_as_costly_as_the_costliest_and_of_no_password() {
        let costly = CADDYS.map(|hash| cost(ARGON2ID, hash).unwrap());
        let hash = nobodys(ARGON2ID, costly.into_iter());
        assert_eq!(cost(ARGON2ID, &hash), Ok(costly[1]));
        let hash = nobodys(ARGON2ID, costly.into_iter().take(1));
        assert_eq!(cost(ARGON2ID, &hash), Ok(costly[0]));
        assert!(!is_right(&hash, b"hunter2") && !is_right(&hash, b""));
        let bcrypt = nobodys(Hash::Bcrypt {}, [4, 8, 5].map(Cost::Bcrypt).into_iter());
        assert_eq!(cost(Hash::Bcrypt {}, &bcrypt), Ok(Cost::Bcrypt(8)));
        let without_accounts = nobodys(ARGON2ID, std::iter::empty());
        assert_eq!(cost(ARGON2ID, &without_accounts), Ok(costly[1]));
    }
}
