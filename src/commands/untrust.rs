//! `caddis untrust`: take a root certificate out of this machine's trust stores.

use std::path::Path;

use crate::cli_trust::{AuthorityArgs, UntrustArgs};
use crate::commands::trust;
use crate::report::{Failure, Io, Outcome};
use crate::trust::authority::Found;
use crate::trust::{Certificate, Machine, Wish, everywhere};
use crate::variables::Variables;

/// Takes the certificate out of every trust store that is here. The server's own files stay.
pub(crate) fn run(args: &UntrustArgs, io: &Io) -> Result<Outcome, Failure> {
    let variables = Variables::read(&[])?;
    let file = args
        .cert
        .as_deref()
        .filter(|file| !file.as_os_str().is_empty());
    let Found {
        certificate,
        origin,
    } = match file {
        Some(file) => {
            alone(&args.authority)?;
            read(file)?
        }
        None => trust::found(&args.authority, &variables, io)?,
    };
    let fields = [
        ("subject", certificate.common_name.as_str()),
        ("from", &origin),
    ];
    io.note("taking the certificate out of the trust stores", &fields);
    everywhere(&Machine::this(&variables), &certificate, Wish::Untrust, io)?;
    Ok(Outcome::SUCCESS)
}

/// A file says which certificate is meant, and so does everything else.
fn alone(authority: &AuthorityArgs) -> Result<(), Failure> {
    let flags = [
        ("ca", &authority.ca),
        ("address", &authority.address),
        ("config", &authority.config),
    ];
    let given = |value: &Option<String>| value.as_deref().is_some_and(|value| !value.is_empty());
    match flags.iter().find(|(_, value)| given(value)) {
        Some((flag, _)) => Err(Failure::message(format!(
            "`--cert` and `--{flag}` name two certificates"
        ))
        .help("write one of them")),
        None => Ok(()),
    }
}

fn read(file: &Path) -> Result<Found, Failure> {
    let origin = file.display().to_string();
    let wrong = |why: String| Failure::message(format!("reading the certificate: {origin}: {why}"));
    let bytes = std::fs::read(file).map_err(|error| wrong(error.to_string()))?;
    let certificate = Certificate::read(&bytes).map_err(wrong)?;
    Ok(Found {
        certificate,
        origin,
    })
}
