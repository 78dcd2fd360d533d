//! Who signs certificates: `acme_ca`, `acme_ca_root`, `cert_issuer`, `key_type`, `renew_interval`.

use caddis_source::{Code, Diagnostic};

use super::{GlobalOption, Options};
use crate::directives::{ISSUER_OPTIONS, read_issuer};
use crate::read;
use crate::scope::State;

const TWO_WAYS: Code = Code("option/two-issuers");

pub(super) const ACME_CA: GlobalOption = GlobalOption {
    name: "acme_ca",
    summary: "The directory of the ACME server for sites that name none.",
    syntax: "acme_ca <url>",
    subdirectives: &[],
    examples: &["acme_ca https://acme-staging-v02.api.letsencrypt.org/directory"],
    read: |args, options, _| {
        options.acme_ca = Some(args.only("the URL of an ACME directory")?.text().into());
        Ok(())
    },
};

pub(super) const ACME_CA_ROOT: GlobalOption = GlobalOption {
    name: "acme_ca_root",
    summary: "A root that the ACME server's own certificate may have.",
    syntax: "acme_ca_root <file>",
    subdirectives: &[],
    examples: &["acme_ca_root /etc/pebble/root.pem"],
    read: |args, options, _| {
        options.acme_ca_root = Some(args.only("a file")?.text().into());
        Ok(())
    },
};

pub(super) const CERT_ISSUER: GlobalOption = GlobalOption {
    name: "cert_issuer",
    summary: "Who signs certificates for sites that do not say it; several are asked in order.",
    syntax: "cert_issuer acme [<url>] | internal | zerossl <key>",
    subdirectives: ISSUER_OPTIONS,
    examples: &[
        "cert_issuer internal {\n\tlifetime 1h\n}",
        "cert_issuer acme {\n\temail me@a.test\n}",
    ],
    read: |args, options, _| {
        let issuer = read_issuer(args)?;
        options.cert_issuers.push((issuer, args.span()));
        Ok(())
    },
};

pub(super) const KEY_TYPE: GlobalOption = GlobalOption {
    name: "key_type",
    summary: "The kind of key that certificates get.",
    syntax: "key_type ed25519 | p256 | p384 | rsa2048 | rsa4096",
    subdirectives: &[],
    examples: &["key_type p384"],
    read: |args, options, _| {
        let kind = args.only("a type of key")?;
        options.key_type = Some(read::key_type(kind)?);
        Ok(())
    },
};

pub(super) const RENEW_INTERVAL: GlobalOption = GlobalOption {
    name: "renew_interval",
    summary: "How often certificates are looked through for those that have to be renewed.",
    syntax: "renew_interval <duration>",
    subdirectives: &[],
    examples: &["renew_interval 30m"],
    read: |args, options, _| {
        let interval = read::duration(args.required("a duration")?)?;
        options.renew_interval = Some(interval).filter(|interval| interval.0 != 0);
        Ok(())
    },
};

/// `local_certs` is an issuer too.
pub(super) fn check(options: &Options, state: &mut State) {
    let named = options.cert_issuers.first().map(|(_, span)| *span);
    if let (Some(local), Some(named)) = (options.place("local_certs"), named) {
        let message = "`local_certs` and `cert_issuer` both say who signs certificates";
        let error = Diagnostic::error(TWO_WAYS, local, message).also(named, "the other one");
        let error = error.help("for both, write `cert_issuer internal` in place of `local_certs`");
        state.diagnostics.push(error);
    }
}
