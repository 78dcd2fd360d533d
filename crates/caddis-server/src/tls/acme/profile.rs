//! Profiles: the kinds of certificates that an ACME server has names for.

use super::accounts::Account;
use super::calls::Failure;
use crate::tls::issuer::{Cause, Refusal};

/// The problem of a server that does not have a profile; also what servers say themselves.
pub(super) const UNKNOWN: &str = "invalidProfile";

/// The server has the profile that is wanted, by its own directory.
pub(super) fn check(account: &Account, wanted: &str) -> Result<(), Failure> {
    let mut names: Vec<_> = (account.speaker.profiles())
        .map(|profile| profile.name)
        .collect();
    if wanted.is_empty() || names.contains(&wanted) {
        return Ok(());
    }
    names.sort_unstable();
    let (there, help) = if names.is_empty() {
        (
            "it has no profiles".to_owned(),
            "leave `profile` out".to_owned(),
        )
    } else {
        let names = names.join("`, `");
        (
            format!("it has `{names}`"),
            format!("write `profile` with one of `{names}`, or leave it out"),
        )
    };
    let message = format!("the server has no profile `{wanted}`: {there}");
    Err(Failure {
        problem: Some(UNKNOWN.to_owned()),
        refusal: Refusal::new(Cause::Refused, message).with_help(help),
    })
}
