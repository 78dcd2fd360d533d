//! Sums, random texts and hashes of passwords.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXLOWER;
use rand::seq::SliceRandom;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::args::{Args, Function, exactly};
use crate::{Error, Result, Run, Value};

pub(super) fn find(name: &str) -> Option<Function> {
    match name {
        "sha1sum" => exactly(1, |args, _| {
            Ok(HEXLOWER
                .encode(&Sha1::digest(args.text(0)?.as_bytes()))
                .into())
        }),
        "sha256sum" => exactly(1, |args, _| {
            Ok(HEXLOWER
                .encode(&Sha256::digest(args.text(0)?.as_bytes()))
                .into())
        }),
        "adler32sum" => exactly(1, |args, _| {
            Ok(adler32(args.text(0)?.as_bytes()).to_string().into())
        }),
        "bcrypt" => exactly(1, |args, run| hashed(args.text(0)?, run).map(Value::from)),
        "htpasswd" => exactly(2, |args, run| {
            let user = args.text(0)?;
            if user.contains(':') {
                return Ok(format!("invalid username: {user}").into());
            }
            Ok(format!("{user}:{}", hashed(args.text(1)?, run)?).into())
        }),
        "randBytes" => exactly(1, |args, run| {
            let count = args.size(0)?;
            run.room(count)?;
            let bytes: Vec<u8> = (0..count).map(|_| rand::random()).collect();
            Ok(STANDARD.encode(bytes).into())
        }),
        "randAlphaNum" => exactly(1, |args, run| {
            random(args, run, |letter| letter.is_ascii_alphanumeric())
        }),
        "randAlpha" => exactly(1, |args, run| {
            random(args, run, |letter| letter.is_ascii_alphabetic())
        }),
        "randNumeric" => exactly(1, |args, run| {
            random(args, run, |letter| letter.is_ascii_digit())
        }),
        "randAscii" => exactly(1, |args, run| {
            random(args, run, |letter| (b' '..0x7f).contains(&letter))
        }),
        "shuffle" => exactly(1, |args, _| {
            let mut letters: Vec<char> = args.text(0)?.chars().collect();
            letters.shuffle(&mut rand::rng());
            Ok(letters.into_iter().collect::<String>().into())
        }),
        "uuidv4" => exactly(0, |_, _| Ok(uuid().into())),
        _ => None,
    }
}

/// The steps that hashing a password is worth.
const HASHING: usize = 200_000;

/// The cost of Go's `bcrypt.DefaultCost`.
const COST: u32 = 10;

fn hashed(password: &str, run: &mut Run<'_>) -> Result<String> {
    run.steps(HASHING)?;
    bcrypt::hash(password, COST).map_err(|error| Error::new(error.to_string()))
}

/// The largest prime below 2^16.
const MODULUS: u32 = 65_521;

fn adler32(bytes: &[u8]) -> u32 {
    let (mut low, mut high) = (1, 0);
    for byte in bytes {
        low = (low + u32::from(*byte)) % MODULUS;
        high = (high + low) % MODULUS;
    }
    high << 16 | low
}

fn random(args: &Args<'_>, run: &mut Run<'_>, is_in: fn(u8) -> bool) -> Result<Value> {
    let count = args.size(0)?;
    run.room(count)?;
    run.steps(count / 16)?;
    let letters: Vec<u8> = (0..=127).filter(|letter| is_in(*letter)).collect();
    let one = |_| letters[rand::random_range(0..letters.len())] as char;
    Ok((0..count).map(one).collect::<String>().into())
}

fn uuid() -> String {
    let random = u128::from_be_bytes(rand::random());
    let version_4 = random & !(0xf << 76) | (4 << 76);
    let uuid = version_4 & !(3 << 62) | (2 << 62);
    let hex = format!("{uuid:032x}");
    let parts = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
    parts.map(|(from, to)| &hex[from..to]).join("-")
}
