//! `caddis trust`: let this machine trust what an authority of the server signs.

use std::path::PathBuf;

use caddis_ir::{Config, Storage};

use crate::admin_client::{Endpoint, Method};
use crate::cli::ConfigArgs;
use crate::cli_trust::{AuthorityArgs, TrustArgs};
use crate::input::Input;
use crate::report::{Failure, Io, Outcome};
use crate::text;
use crate::trust::authority::{self, Ask, Found};
use crate::trust::{Machine, Wish, everywhere};
use crate::variables::Variables;

/// Puts the root certificate into every trust store that is here.
pub(crate) fn run(args: &TrustArgs, io: &Io) -> Result<Outcome, Failure> {
    let variables = Variables::read(&[])?;
    let Found {
        certificate,
        origin,
    } = found(&args.authority, &variables, io)?;
    if !certificate.is_authority {
        let message = format!(
            "the certificate of {origin} may not sign others: to trust it would change nothing"
        );
        return Err(Failure::message(message));
    }
    let fields = [
        ("subject", certificate.common_name.as_str()),
        ("from", &origin),
    ];
    io.note(
        "putting the root certificate into the trust stores",
        &fields,
    );
    everywhere(&Machine::this(&variables), &certificate, Wish::Trust, io)?;
    Ok(Outcome::SUCCESS)
}

/// The root that the command line means.
///
/// Where no server answers and the user named none, the certificate is read from where the server would keep it: a
/// named server may be another one, with another root.
pub(super) fn found(
    args: &AuthorityArgs,
    variables: &Variables,
    io: &Io,
) -> Result<Found, Failure> {
    let address = args
        .address
        .as_deref()
        .filter(|address| !address.is_empty());
    let config = match address {
        Some(_) => None,
        None => config(args, variables, io)?,
    };
    let endpoint = Endpoint::of(address, config.as_ref(), variables)?;
    let kept = address
        .is_none()
        .then(|| folder(config.as_ref(), variables));
    authority::root(args.ca.as_deref().unwrap_or_default(), &endpoint, kept)
}

/// The config that is named; as with Caddy, the Caddyfile in this folder is not looked at.
fn config(args: &AuthorityArgs, variables: &Variables, io: &Io) -> Result<Option<Config>, Failure> {
    if args.config.as_deref().is_none_or(str::is_empty) {
        return Ok(None);
    }
    let named = ConfigArgs {
        config: args.config.clone(),
        adapter: args.adapter.clone(),
        ..ConfigArgs::default()
    };
    match text::to_serve(&named, io)? {
        Some(text) => Ok(Some(Input::read(text, variables)?.config)),
        None => Ok(None),
    }
}

/// Where a server with this config keeps its certificates.
fn folder(config: Option<&Config>, variables: &Variables) -> PathBuf {
    match config.and_then(|config| config.storage.as_ref()) {
        Some(Storage::FileSystem { root }) if !root.is_empty() => root.into(),
        Some(Storage::FileSystem { .. }) | None => variables.data_dir(),
    }
}

impl Ask for Endpoint {
    fn address(&self) -> String {
        self.to_string()
    }

    fn get(&self, path: &str) -> Result<(u16, Vec<u8>), Failure> {
        let answer = self.ask(Method::GET, path, &[], String::new())?;
        Ok((answer.status, answer.body.into()))
    }
}
