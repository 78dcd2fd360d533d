//! `caddis hash-password`: a hash for `basic_auth`.

use std::io::{self, BufRead, IsTerminal};

use crate::cli::HashPasswordArgs;
use crate::report::{Failure, Io, Outcome};
use crate::usage::absent;

/// What bcrypt can tell apart; it would ignore the rest.
const LONGEST: usize = 72;
/// The work that Caddy's hashes are where nothing else is said.
const DEFAULT_COST: u32 = 14;

/// Prints the hash of the password that was given, typed or piped in.
pub(crate) fn run(args: HashPasswordArgs, io: &Io) -> Result<Outcome, Failure> {
    check(&args)?;
    let cost = cost(args.bcrypt_cost, io);
    let password = match args.plaintext {
        Some(given) if !given.is_empty() => given.into_bytes(),
        Some(_) | None if io::stdin().is_terminal() => typed()?,
        Some(_) | None => piped(&mut io::stdin().lock())?,
    };
    io.print(&format!("{}\n", hash(&password, cost)?))?;
    Ok(Outcome::SUCCESS)
}

fn check(args: &HashPasswordArgs) -> Result<(), Failure> {
    match args.algorithm.as_str() {
        "bcrypt" => {}
        "argon2id" => return Err(absent("`--algorithm argon2id`")),
        other => {
            let message = format!("unrecognized hash algorithm: {other}");
            return Err(Failure::message(message).help("write `--algorithm bcrypt`"));
        }
    }
    let argon2id = [
        ("time", args.argon2id_time.is_some()),
        ("memory", args.argon2id_memory.is_some()),
        ("threads", args.argon2id_threads.is_some()),
        ("keylen", args.argon2id_keylen.is_some()),
    ];
    match argon2id.iter().find(|(_, given)| *given) {
        Some((flag, _)) => Err(absent(&format!("`--argon2id-{flag}`"))),
        None => Ok(()),
    }
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

fn hash(password: &[u8], cost: u32) -> Result<String, Failure> {
    if password.is_empty() {
        return Err(Failure::message("plaintext is required"));
    }
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
        let hash = hash(b"hunter2", 4).unwrap();
        assert!(hash.starts_with("$2a$04$"), "{hash}");
        assert!(bcrypt::verify("hunter2", &hash).unwrap());
    }

    #[test]
    fn a_password_may_be_as_long_as_bcrypt_can_tell_apart() {
        assert!(hash(&[b'a'; LONGEST], 4).is_ok());
        assert!(hash(&[b'a'; LONGEST + 1], 4).is_err());
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
