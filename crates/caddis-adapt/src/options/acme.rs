//! What holds for all ACME servers: `acme_dns`, `acme_eab`, `cert_lifetime`, `preferred_chains`, `tls_resolvers`.

use caddis_ir::ExternalAccount;
use caddis_source::Code;

use super::{GlobalOption, Options};
use crate::directives::{CHAIN_OPTIONS, CHAIN_SYNTAX, no_provider, read_chains};
use crate::scope::State;
use crate::{Args, Result, read};

const NO_PROVIDER: Code = Code("dns/no-provider");

const ACCOUNT: &[&str] = &["key_id", "mac_key"];

pub(super) const ACME_DNS: GlobalOption = GlobalOption {
    name: "acme_dns",
    summary: "Who manages DNS records for the DNS challenge: a plugin, of which there are none.",
    syntax: "acme_dns [<provider>]",
    subdirectives: &[],
    examples: &[],
    read: |args, _, _| {
        if let Some(provider) = args.optional() {
            return Err(no_provider(provider));
        }
        let name = args.name();
        let error = name.error(NO_PROVIDER, "`acme_dns` needs a DNS provider");
        Err(error.help("take it away: providers are plugins, and caddis has no plugins"))
    },
};

pub(super) const DNS: GlobalOption = GlobalOption {
    name: "dns",
    summary: "Who manages DNS records, for all: a plugin, of which there are none.",
    syntax: "dns <provider>",
    subdirectives: &[],
    examples: &[],
    read: |args, _, _| Err(no_provider(args.required("a DNS provider")?)),
};

pub(super) const ACME_EAB: GlobalOption = GlobalOption {
    name: "acme_eab",
    summary: "An account elsewhere that ACME accounts belong to.",
    syntax: "acme_eab { key_id <id>  mac_key <key> }",
    subdirectives: ACCOUNT,
    examples: &["acme_eab {\n\tkey_id id\n\tmac_key c2VjcmV0\n}"],
    read: external_account,
};

pub(super) const CERT_LIFETIME: GlobalOption = GlobalOption {
    name: "cert_lifetime",
    summary: "The lifetime of certificates to ask ACME servers for.",
    syntax: "cert_lifetime <duration>",
    subdirectives: &[],
    examples: &["cert_lifetime 24h"],
    read: |args, options, _| {
        let lifetime = read::duration(args.required("a duration")?)?;
        options.tls.cert_lifetime = Some(lifetime).filter(|lifetime| lifetime.0 != 0);
        Ok(())
    },
};

pub(super) const PREFERRED_CHAINS: GlobalOption = GlobalOption {
    name: "preferred_chains",
    summary: "Which of several chains of an ACME server is taken.",
    syntax: CHAIN_SYNTAX,
    subdirectives: CHAIN_OPTIONS,
    examples: &[
        "preferred_chains smallest",
        "preferred_chains {\n\troot_common_name \"ISRG Root X2\"\n}",
    ],
    read: |args, options, _| {
        options.tls.preferred_chains = Some(read_chains(args)?);
        Ok(())
    },
};

pub(super) const TLS_RESOLVERS: GlobalOption = GlobalOption {
    name: "tls_resolvers",
    summary: "The DNS servers to ask in the DNS challenge, where nothing else is said.",
    syntax: "tls_resolvers <address...>",
    subdirectives: &[],
    examples: &["tls_resolvers 1.1.1.1 8.8.8.8"],
    read: |args, options, _| {
        let resolvers = args.at_least_one("the address of a DNS server")?;
        options.tls.resolvers = resolvers.iter().map(|word| word.text().into()).collect();
        Ok(())
    },
};

fn external_account(args: &mut Args<'_>, options: &mut Options, _: &mut State) -> Result<()> {
    args.no_more()?;
    let mut account = ExternalAccount::default();
    for line in args.options() {
        match line.name().text() {
            "key_id" => {
                let id = Args::new(line, "key_id <id>").only("the id of a key")?;
                account.key_id = id.text().into();
            }
            "mac_key" => {
                let key = Args::new(line, "mac_key <key>").only("a MAC key")?;
                account.mac_key = key.text().into();
            }
            _ => return Err(args.unknown(line.name(), ACCOUNT)),
        }
    }
    options.tls.external_account = Some(account);
    Ok(())
}
