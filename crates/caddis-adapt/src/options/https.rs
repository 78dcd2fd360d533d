//! Certificates by themselves: `auto_https`, `email`.

use caddis_source::Code;

use super::{GlobalOption, Options};
use crate::scope::State;
use crate::{Args, Result, Token};

const NOT_A_MODE: Code = Code("option/not-an-https-mode");

/// A mode that Caddy had and has no more.
const WILDCARDS: &str = "prefer_wildcard";

const MODES: &[&str] = &[
    "off",
    "disable_redirects",
    "disable_certs",
    "ignore_loaded_certs",
];

pub(super) const AUTO_HTTPS: GlobalOption = GlobalOption {
    name: "auto_https",
    summary: "What is switched off of automatic HTTPS.",
    syntax: "auto_https off | disable_redirects | disable_certs | ignore_loaded_certs",
    subdirectives: &[],
    examples: &["auto_https disable_redirects"],
    read: auto_https,
};

pub(super) const EMAIL: GlobalOption = GlobalOption {
    name: "email",
    summary: "The address that the certificate authority can write to.",
    syntax: "email <address>",
    subdirectives: &[],
    examples: &["email admin@example.com"],
    read: |args, options, _| {
        let email = args.required("an address")?;
        args.finish()?;
        options.email = Some(email.text().into());
        Ok(())
    },
};

fn auto_https(args: &mut Args<'_>, options: &mut Options, _: &mut State) -> Result<()> {
    options.auto_https = caddis_ir::AutomaticHttps::default();
    mode(args.required("a mode")?, options)?;
    for word in args.rest() {
        mode(word, options)?;
    }
    Ok(())
}

fn mode(word: &Token, options: &mut Options) -> Result<()> {
    let https = &mut options.auto_https;
    match word.text() {
        "off" => https.disabled = true,
        "disable_redirects" => https.disable_redirects = true,
        "disable_certs" => https.disable_certificates = true,
        "ignore_loaded_certs" => https.ignore_loaded_certificates = true,
        other => {
            let message = format!("`{other}` is not a mode of automatic HTTPS");
            let error = word.error(NOT_A_MODE, message);
            if other == WILDCARDS {
                return Err(error.help("take it away: Caddy 2.11 does not have it any more"));
            }
            return Err(match caddis_source::suggest(other, MODES.iter().copied()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!("the modes are {}", MODES.join(", "))),
            });
        }
    }
    Ok(())
}
