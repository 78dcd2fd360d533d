//! `listener_wrappers` and `packet_conn_wrappers` of `servers`: what stands between a socket and a server.

use caddis_ir::{ListenerWrapper, ProxyProtocol};
use caddis_source::{Code, Diagnostic};
use caddis_syntax::Line;

use crate::routes::warn_of_ignored;
use crate::{Args, Result, Token, modules, read, run_on};

const WRAPPERS: &[&str] = &["http_redirect", "proxy_protocol", "tls"];

const PROXY_PROTOCOL: &[&str] = &["timeout", "allow", "deny", "fallback_policy"];

/// How many words an option takes, where another one may follow.
const TAKES: &[(&str, usize)] = &[("timeout", 1), ("fallback_policy", 1)];

/// For clients that are in neither list.
const POLICIES: [&str; 5] = ["IGNORE", "USE", "REJECT", "REQUIRE", "SKIP"];

const UNKNOWN: Code = Code("servers/unknown-wrapper");
const NOT_A_POLICY: Code = Code("servers/not-a-policy");

/// Reads one line of `listener_wrappers`; warnings go to `found`.
pub(super) fn listener(line: &Line, found: &mut Vec<Diagnostic>) -> Result<ListenerWrapper> {
    let name = line.name();
    let mut args = Args::new(line, syntax(name));
    let wrapper = match name.text() {
        "http_redirect" => ListenerWrapper::HttpRedirect {
            max_header_bytes: None,
        },
        "tls" => ListenerWrapper::Tls {},
        "proxy_protocol" => ListenerWrapper::ProxyProtocol(proxy_protocol(&mut args)?),
        _ => {
            let kind = "wrapper of listeners";
            return Err(modules::unknown(name, UNKNOWN, kind, WRAPPERS));
        }
    };
    // Caddy 2.11.4 takes a block behind `http_redirect`, and does not look at it.
    found.extend(warn_of_ignored(&args));
    Ok(wrapper)
}

/// Stock Caddy has no wrapper of packet connections.
pub(super) fn packet_conn(line: &Line) -> Diagnostic {
    modules::unknown(line.name(), UNKNOWN, "wrapper of packet connections", &[])
}

fn syntax(name: &Token) -> &'static str {
    match name.text() {
        "http_redirect" => "http_redirect",
        "tls" => "tls",
        "proxy_protocol" => "proxy_protocol { timeout, allow, deny, fallback_policy }",
        "timeout" => "timeout <duration>",
        "fallback_policy" => "fallback_policy ignore | use | reject | require | skip",
        "allow" => "allow <prefixes...>",
        "deny" => "deny <prefixes...>",
        _ => "",
    }
}

fn proxy_protocol(args: &mut Args<'_>) -> Result<ProxyProtocol> {
    args.no_more()?;
    let mut protocol = ProxyProtocol::default();
    for line in run_on::lines(args.options(), TAKES, PROXY_PROTOCOL).iter() {
        let name = line.name();
        let mut own = Args::new(line, syntax(name));
        match name.text() {
            "timeout" => {
                let time = read::duration(own.required("a duration")?)?;
                protocol.timeout = Some(time).filter(|time| time.0 != 0);
            }
            "allow" => protocol.allow.extend(texts(own.rest())),
            "deny" => protocol.deny.extend(texts(own.rest())),
            "fallback_policy" => {
                protocol.fallback_policy = policy(own.required("a policy")?)?;
            }
            _ => return Err(args.unknown(name, PROXY_PROTOCOL)),
        }
        own.finish()?;
    }
    Ok(protocol)
}

fn texts(words: &[Token]) -> impl Iterator<Item = String> {
    words.iter().map(|word| word.text().into())
}

/// In capitals; nothing for `IGNORE`, with which Caddy begins.
fn policy(word: &Token) -> Result<String> {
    let policy = word.text().to_uppercase();
    if !POLICIES.contains(&policy.as_str()) {
        let message = format!("`{}` is not a policy", word.text());
        let names = POLICIES.map(str::to_lowercase).join(", ");
        let error = word.error(NOT_A_POLICY, message);
        return Err(error.help(format!("the policies are {names}")));
    }
    Ok(Some(policy)
        .filter(|policy| policy != POLICIES[0])
        .unwrap_or_default())
}
