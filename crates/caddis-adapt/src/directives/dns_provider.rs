//! `dns exec …`, `dns rfc2136 { … }`: who manages the records of the DNS challenge.

use caddis_ir::{DnsProvider, Rfc2136};
use caddis_source::{Code, Diagnostic, suggest};

use crate::{Args, Result, Token};

/// The providers that are built in.
const PROVIDERS: &[&str] = &["exec", "rfc2136"];
const RFC2136: &[&str] = &["server", "key_name", "key_alg", "key"];

const NO_PROVIDER: Code = Code("dns/no-provider");

/// Reads `<provider> …`, with its block.
pub(crate) fn read(args: &mut Args<'_>) -> Result<DnsProvider> {
    let name = args.required("a DNS provider")?;
    match name.text() {
        "exec" => {
            let command = args.at_least_one("a program")?;
            let command = command.iter().map(|word| word.text().into()).collect();
            args.finish()?;
            Ok(DnsProvider::Exec { command })
        }
        "rfc2136" => rfc2136(args).map(DnsProvider::Rfc2136),
        _ => Err(no_provider(name)),
    }
}

/// The options of the plugin `caddy-dns/rfc2136`.
fn rfc2136(args: &mut Args<'_>) -> Result<Rfc2136> {
    args.no_more()?;
    let mut config = Rfc2136::default();
    for line in args.options() {
        let (field, syntax) = match line.name().text() {
            "server" => (&mut config.server, "server <address>[:<port>]"),
            "key_name" => (&mut config.key_name, "key_name <name>"),
            "key_alg" => (&mut config.key_alg, "key_alg <algorithm>"),
            "key" => (&mut config.key, "key <secret in base 64>"),
            _ => return Err(args.unknown(line.name(), RFC2136)),
        };
        let value = Args::new(line, syntax).only("a value")?;
        *field = value.text().into();
    }
    args.finish()?;
    Ok(config)
}

/// An error for a DNS provider that is not built in: in Caddy each is a plugin.
pub(crate) fn no_provider(name: &Token) -> Diagnostic {
    let message = format!(
        "the DNS provider `{}` is a plugin, and caddis has no plugins",
        name.text()
    );
    let error = name
        .error(NO_PROVIDER, message)
        .label("would have to be built in");
    match suggest(name.text(), PROVIDERS.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(
            "have a program change the records: `dns exec PROGRAM`; or a DNS server: `dns rfc2136 { … }`; or leave it \
             out to prove names over HTTP and TLS",
        ),
    }
}
