//! What holds for all ACME servers: `acme_dns`, `acme_eab`, `cert_lifetime`, `preferred_chains`, `tls_resolvers`.

use caddis_ir::ExternalAccount;
use caddis_source::Code;

use super::{AcmeDns, GlobalOption, Options};
use crate::directives::{CHAIN_OPTIONS, CHAIN_SYNTAX, read_chains, read_dns_provider};
use crate::scope::State;
use crate::{Args, Result, read, run_on};

const NO_PROVIDER: Code = Code("dns/no-provider");

const ACCOUNT: &[&str] = &["key_id", "mac_key"];

/// How many words an option takes, where another one may follow.
const TAKES: &[(&str, usize)] = &[("key_id", 1), ("mac_key", 1)];

pub(super) const ACME_DNS: GlobalOption = GlobalOption {
    name: "acme_dns",
    summary: "Who manages DNS records for the DNS challenge of all ACME servers.",
    syntax: "acme_dns [<provider>]",
    subdirectives: &[],
    examples: &["acme_dns exec /usr/local/bin/dns-record"],
    read: |args, options, _| {
        if args.left() > 0 {
            options.tls.acme_dns = Some(AcmeDns::Named(read_dns_provider(args)?));
            return Ok(());
        }
        if options.tls.dns.is_none() {
            let error = args
                .name()
                .error(NO_PROVIDER, "`acme_dns` needs a DNS provider");
            return Err(error.help("name one: `acme_dns exec PROGRAM` or `acme_dns rfc2136 { … }`"));
        }
        options.tls.acme_dns = Some(AcmeDns::OfAll);
        Ok(())
    },
};

pub(super) const DNS: GlobalOption = GlobalOption {
    name: "dns",
    summary: "Who manages DNS records, where nothing else is said.",
    syntax: "dns <provider>",
    subdirectives: &[],
    examples: &[
        "dns rfc2136 {\n\tserver 127.0.0.1\n\tkey_name key\n\tkey_alg hmac-sha256\n\tkey c2VjcmV0\n}",
    ],
    read: |args, options, _| {
        options.tls.dns = Some(read_dns_provider(args)?);
        Ok(())
    },
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
    for line in run_on::lines(args.options(), TAKES, ACCOUNT).iter() {
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
