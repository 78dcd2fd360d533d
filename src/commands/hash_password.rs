//! `caddis hash-password`: a hash for `basic_auth`.

use std::io::{self, BufRead, IsTerminal};

use argon2::{Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::cli::HashPasswordArgs;
use crate::report::{Failure, Io, Outcome};

/// What bcrypt can tell apart; it would ignore the rest.
const LONGEST: usize = 72;
/// The work that Caddy's hashes are where nothing else is said.
const DEFAULT_COST: u32 = 14;

/// The most memory that a hash may take, in KiB, as the server has it.
const MOST_MEMORY: u32 = 1024 * 1024;
/// The bytes of a salt.
const SALT: usize = 16;
/// The longest hash, in bytes.
const LONGEST_KEY: u32 = 128;

/// The ways of hashing.
enum Algorithm {
    Bcrypt { cost: u32 },
    Argon2id(Params),
}

/// Prints the hash of the password that was given, typed or piped in.
pub(crate) fn run(args: HashPasswordArgs, io: &Io) -> Result<Outcome, Failure> {
    let algorithm = match args.algorithm.as_str() {
        "bcrypt" => Algorithm::Bcrypt {
            cost: cost(args.bcrypt_cost, io),
        },
        "argon2id" => Algorithm::Argon2id(params(&args)?),
        other => {
            let message = format!("unrecognized hash algorithm: {other}");
            let help = "write `--algorithm bcrypt` or `--algorithm argon2id`";
            return Err(Failure::message(message).help(help));
        }
    };
    let password = match args.plaintext {
        Some(given) if !given.is_empty() => given.into_bytes(),
        Some(_) | None if io::stdin().is_terminal() => typed()?,
        Some(_) | None => piped(&mut io::stdin().lock())?,
    };
    if password.is_empty() {
        return Err(Failure::message("plaintext is required"));
    }
    let hash = match algorithm {
        Algorithm::Bcrypt { cost } => bcrypt(&password, cost)?,
        Algorithm::Argon2id(params) => argon2id(&password, params)?,
    };
    io.print(&format!("{hash}\n"))?;
    Ok(Outcome::SUCCESS)
}

/// What Argon2id is told, within what the server takes.
fn params(args: &HashPasswordArgs) -> Result<Params, Failure> {
    let (memory, passes) = (args.argon2id_memory, args.argon2id_time);
    let refuse = |message: &str| Err(Failure::message(format!("argon2id: {message}")));
    if memory > MOST_MEMORY || u64::from(memory) * u64::from(passes) > 4 * u64::from(MOST_MEMORY) {
        return refuse("a server would refuse a hash that costs more than 1 GiB four times");
    }
    if args.argon2id_keylen > LONGEST_KEY {
        return refuse("hashes have up to 128 bytes");
    }
    let length = usize::try_from(args.argon2id_keylen).ok();
    Params::new(memory, passes, args.argon2id_threads.into(), length)
        .or_else(|error| refuse(&error.to_string()))
}

fn argon2id(password: &[u8], params: Params) -> Result<String, Failure> {
    let salt: [u8; SALT] = rand::random();
    let mut key = vec![0; params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
    let (memory, passes, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
    Argon2::new(argon2::Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password, &salt, &mut key)
        .map_err(|error| Failure::message(format!("argon2id: {error}")))?;
    let (salt, key) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(key));
    Ok(format!(
        "$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}${key}"
    ))
}

/// A cost that bcrypt does not have means the default one, as for Caddy, which does not say so.
fn cost(asked: i64, io: &Io) -> u32 {
    if let Ok(cost @ 4..=31) = u32::try_from(asked) {
        return cost;
    }
    io.say(&format!(
        "warning: bcrypt has no cost {asked}, only 4 to 31: {DEFAULT_COST} is used\n"
    ));
    DEFAULT_COST
}

fn bcrypt(password: &[u8], cost: u32) -> Result<String, Failure> {
    if password.len() > LONGEST {
        let message = format!("bcrypt takes passwords of up to {LONGEST} bytes");
        return Err(Failure::message(message).help("use a shorter one"));
    }
    let hash = bcrypt::hash_with_result(password, cost)
        .map_err(|error| Failure::message(format!("bcrypt: {error}")))?;
    Ok(hash.format_for_version(bcrypt::Version::TwoA))
}

fn typed() -> Result<Vec<u8>, Failure> {
    let ask = |prompt| {
        rpassword::prompt_password(prompt)
            .map_err(|error| Failure::message(format!("reading the password: {error}")))
    };
    let password = ask("Enter password: ")?;
    if ask("Confirm password: ")? != password {
        return Err(Failure::message("password does not match"));
    }
    Ok(password.into_bytes())
}

/// One line, which has to end: a password cut short by a broken pipe is none.
fn piped(input: &mut dyn BufRead) -> Result<Vec<u8>, Failure> {
    let mut line = Vec::new();
    input
        .read_until(b'\n', &mut line)
        .map_err(|error| Failure::message(format!("reading the password: {error}")))?;
    if line.pop() == Some(b'\n') {
        return Ok(line);
    }
    Err(Failure::message("EOF").help("end the password with a line end, or use `--plaintext`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_of_the_form_that_caddy_writes() {
        let hash = bcrypt(b"hunter2", 4).unwrap();
        assert!(hash.starts_with("$2a$04$"), "{hash}");
        assert!(bcrypt::verify("hunter2", &hash).unwrap());
    }

    #[test]
    fn a_password_may_be_as_long_as_bcrypt_can_tell_apart() {
        assert!(bcrypt(&[b'a'; LONGEST], 4).is_ok());
        assert!(bcrypt(&[b'a'; LONGEST + 1], 4).is_err());
    }

    #[test]
    fn only_the_line_end_is_cut_from_a_piped_password() {
        assert_eq!(piped(&mut &b" a\r\nb"[..]).unwrap(), b" a\r");
    }

    #[test]
    fn a_piped_password_without_a_line_end_is_refused() {
        assert!(piped(&mut &b"hunter2"[..]).is_err());
    }
}
