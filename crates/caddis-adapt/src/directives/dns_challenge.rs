//! The DNS challenge: its options, which `tls`, ACME servers and `ZeroSSL` have in common.

use caddis_ir::{DnsChallenge, Duration};
use caddis_source::{Code, Diagnostic};
use caddis_syntax::Line;

use super::dns_provider;
use crate::{Args, Result, Token, read};

const NO_PROVIDER: Code = Code("dns/no-provider");

/// What stands for "do not look for the record at all".
const NEVER: &str = "-1";

/// Reads one option; false if it is another one's.
pub(super) fn option(line: &Line, challenge: &mut DnsChallenge) -> Result<bool> {
    match line.name().text() {
        "resolvers" => {
            let mut args = Args::new(line, "resolvers <address...>");
            let resolvers = args.at_least_one("the address of a DNS server")?;
            challenge.resolvers = resolvers.iter().map(|word| word.text().into()).collect();
            args.finish()?;
        }
        "propagation_delay" => challenge.propagation_delay = time(line)?,
        "propagation_timeout" => challenge.propagation_timeout = time_or_never(line)?,
        "dns_ttl" => challenge.ttl = time(line)?,
        "dns_challenge_override_domain" => {
            let mut args = Args::new(line, "dns_challenge_override_domain <name>");
            challenge.override_domain = args.only("a domain")?.text().into();
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Reads `dns <provider>`.
pub(super) fn provider(line: &Line, challenge: &mut DnsChallenge) -> Result<()> {
    let mut args = Args::new(line, "dns <provider>");
    challenge.provider = Some(dns_provider::read(&mut args)?);
    Ok(())
}

fn time(line: &Line) -> Result<Option<Duration>> {
    let time = read::duration(Args::new(line, "").only("a duration")?)?;
    Ok(Some(time).filter(|time| time.0 != 0))
}

fn time_or_never(line: &Line) -> Result<Option<Duration>> {
    let token = Args::new(line, "propagation_timeout <duration> | -1").only("a duration")?;
    if token.text() == NEVER {
        return Ok(Some(Duration(-1)));
    }
    let time = read::duration(token)?;
    Ok(Some(time).filter(|time| time.0 != 0))
}

/// An error for options of the DNS challenge where there is no provider.
pub(super) fn without_provider(options: &[&Token]) -> Option<Diagnostic> {
    let (first, rest) = options.split_first()?;
    let names: Vec<_> = options
        .iter()
        .map(|option| format!("`{}`", option.text()))
        .collect();
    let verb = if rest.is_empty() { "needs" } else { "need" };
    let message = format!("{} {verb} a DNS provider", names.join(", "));
    let error = first
        .error(NO_PROVIDER, message)
        .label("for the DNS challenge");
    let error = rest
        .iter()
        .fold(error, |error, option| error.also(option.span(), "as well"));
    let texts: Vec<_> = options.iter().map(|option| option.text()).collect();
    let error = error.caddys(format!(
        "setting DNS challenge options [{}] requires a DNS provider (set with the 'dns' subdirective or 'acme_dns' global option)",
        texts.join(", ")
    ));
    Some(error.help("name one, `dns exec PROGRAM` or `dns rfc2136 { … }`; or take it away: names are proved over HTTP and TLS"))
}
