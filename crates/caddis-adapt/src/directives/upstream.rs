//! Addresses of upstreams: `localhost:9000`, `https://b.test`, `:9000-9003`, `unix//run/app.sock`, `{env.UPSTREAM}`.

use caddis_source::{Code, Diagnostic};

use crate::address::split_host_port;
use crate::{Result, Token};

const NO_ADDRESS: Code = Code("reverse_proxy/no-address");
const WITH_PATH: Code = Code("reverse_proxy/address-with-path");
const SCHEME: Code = Code("reverse_proxy/unknown-scheme");
const PLACEHOLDER: Code = Code("reverse_proxy/placeholder-with-scheme");
const PORT: Code = Code("reverse_proxy/not-a-port");
const PORT_OF_OTHER_SCHEME: Code = Code("reverse_proxy/port-of-other-scheme");

/// The protocol that an address asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Http,
    Https,
    H2c,
}

impl Scheme {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::H2c => "h2c",
        }
    }

    fn port(self) -> &'static str {
        match self {
            Self::Http | Self::H2c => "80",
            Self::Https => "443",
        }
    }

    /// The port that is certainly meant for something else.
    fn wrong_port(self) -> &'static str {
        match self {
            Self::Http | Self::H2c => "443",
            Self::Https => "80",
        }
    }
}

/// What one word says: a protocol if it names one, and an address per port.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Upstreams {
    pub(super) scheme: Option<Scheme>,
    pub(super) dials: Vec<String>,
}

/// Reads the address of an upstream.
pub(super) fn read(token: &Token) -> Result<Upstreams> {
    match token.text().split_once("://") {
        Some((scheme, rest)) => url(token, scheme, rest),
        None => address(token),
    }
}

fn url(token: &Token, scheme: &str, rest: &str) -> Result<Upstreams> {
    if token.text().contains('{') {
        return Err(token
            .error(
                PLACEHOLDER,
                "an upstream with a scheme cannot have placeholders",
            )
            .help("write `{…}:443` without the scheme, and `transport http { tls }` for HTTPS"));
    }
    let scheme = self::scheme(token, scheme)?;
    if rest.contains(['/', '?', '#']) {
        return Err(with_path(token));
    }
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let split = host_and_port(host).filter(|_| is_host_of_url(host));
    let (host, port) = split.ok_or_else(|| no_address(token))?;
    let port = if port.is_empty() { scheme.port() } else { port };
    if port == scheme.wrong_port() {
        return Err(port_of_other_scheme(token, scheme, host, port));
    }
    Ok(Upstreams {
        scheme: Some(scheme),
        dials: dials(token, "", host, port)?,
    })
}

/// True if Go's URLs can have this host, with or without a port.
fn is_host_of_url(host: &str) -> bool {
    let is_foreign = |c: char| c.is_control() || " ^`|\\{}%".contains(c);
    !host.contains(is_foreign) && (!host.starts_with('[') || host.contains(']'))
}

fn port_of_other_scheme(token: &Token, scheme: Scheme, host: &str, port: &str) -> Diagnostic {
    let (scheme, other) = match scheme {
        Scheme::Http => ("http", "https"),
        Scheme::Https => ("https", "http"),
        Scheme::H2c => ("h2c", "https"),
    };
    let message = format!("`{scheme}://` is not spoken at port {port}, which is for `{other}://`");
    token
        .error(PORT_OF_OTHER_SCHEME, message)
        .help(format!("write `{other}://{host}`, or another port"))
}

fn scheme(token: &Token, scheme: &str) -> Result<Scheme> {
    let wrong = |instead: &str| {
        let message = format!("`{scheme}://` is not the scheme of an upstream");
        token.error(SCHEME, message).help(instead)
    };
    match scheme.to_lowercase().as_str() {
        "http" => Ok(Scheme::Http),
        "https" => Ok(Scheme::Https),
        "h2c" => Ok(Scheme::H2c),
        "ws" => Err(wrong("write `http://`: WebSockets pass through it")),
        "wss" => Err(wrong("write `https://`: WebSockets pass through it")),
        "unix" => Err(wrong("write `unix/` and the path: `unix//run/app.sock`")),
        _ => Err(wrong("write `http://`, `https://`, `h2c://` or no scheme")),
    }
}

fn address(token: &Token) -> Result<Upstreams> {
    let text = token.text();
    let Some((network, rest)) = text.split_once('/') else {
        return without_network(token, "", text);
    };
    let network = network.trim().to_lowercase();
    match network.as_str() {
        "unix+h2c" => Ok(Upstreams {
            scheme: Some(Scheme::H2c),
            ..verbatim("unix", rest)
        }),
        "ip" | "ip4" | "ip6" | "tcp" | "tcp4" | "tcp6" | "udp" | "udp4" | "udp6" => {
            without_network(token, &network, rest)
        }
        "fd" | "fdgram" => Ok(verbatim(&network, rest)),
        unix if unix.starts_with("unix") => Ok(verbatim(&network, rest)),
        placeholder if placeholder.contains('{') => without_network(token, &network, rest),
        _ => Err(with_path(token)),
    }
}

/// An address that has no port.
fn verbatim(network: &str, rest: &str) -> Upstreams {
    Upstreams {
        scheme: None,
        dials: vec![format!("{network}/{rest}")],
    }
}

fn without_network(token: &Token, network: &str, address: &str) -> Result<Upstreams> {
    let address =
        Some(address).filter(|text| !text.is_empty() && !text.contains(char::is_whitespace));
    let split = address.and_then(host_and_port);
    let (host, port) = split.ok_or_else(|| no_address(token))?;
    // A placeholder may bring the port with it.
    let dials = if port.is_empty() && host.contains('{') {
        vec![in_network(network, host)]
    } else {
        let port = if port.is_empty() { "80" } else { port };
        dials(token, network, host, port)?
    };
    Ok(Upstreams {
        scheme: None,
        dials,
    })
}

/// Splits at the last colon; what Go cannot split is a host without a port, such as `::1`.
fn host_and_port(address: &str) -> Option<(&str, &str)> {
    if address.contains('{') {
        return Some(address.rsplit_once(':').unwrap_or((address, "")));
    }
    if let Some(split) = split_host_port(address) {
        return Some(split);
    }
    let host = address.trim_matches(['[', ']']);
    (!host.contains(['[', ']'])).then_some((host, ""))
}

/// An address for each port of a range.
fn dials(token: &Token, network: &str, host: &str, port: &str) -> Result<Vec<String>> {
    if port.contains('{') {
        return Ok(vec![in_network(network, &joined(host, port))]);
    }
    let number = |text: &str| {
        let wrong = if text.is_empty() { port } else { text };
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse::<u16>().ok().filter(|_| digits);
        number.ok_or_else(|| not_a_port(token, wrong))
    };
    let Some((first, last)) = port.split_once('-') else {
        number(port)?;
        return Ok(vec![in_network(network, &joined(host, port))]);
    };
    let (first, last) = (number(first)?, number(last)?);
    if last < first {
        return Err(token
            .error(PORT, "the range of ports ends before it begins")
            .help(format!(
                "write `{}`",
                joined(host, &format!("{last}-{first}"))
            )));
    }
    // Caddy leaves the network out here.
    let ports = (first..=last).map(|port| joined(host, &port.to_string()));
    Ok(ports.collect())
}

fn in_network(network: &str, address: &str) -> String {
    match network {
        "" => address.into(),
        network => format!("{network}/{address}"),
    }
}

fn joined(host: &str, port: &str) -> String {
    if host.contains(':') && !host.contains('{') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}

fn no_address(token: &Token) -> Diagnostic {
    token
        .error(NO_ADDRESS, "this is not the address of an upstream")
        .help("write a host and a port, such as `localhost:9000`")
}

fn not_a_port(token: &Token, text: &str) -> Diagnostic {
    token
        .error(PORT, format!("`{text}` is not a port"))
        .label("expected a number up to 65535 behind the colon")
        .help("write a host and a port, such as `localhost:9000`")
}

fn with_path(token: &Token) -> Diagnostic {
    token
        .error(WITH_PATH, "an upstream has a host and a port, and no path")
        .help("to put a path in front, write `rewrite * /path{uri}` before it")
}

#[cfg(test)]
mod tests {
    use caddis_source::{Sources, Span};
    use caddis_syntax::Quote;

    use super::*;

    fn dials(text: &str) -> Option<(Option<Scheme>, Vec<String>)> {
        let file = Sources::new().add("Caddyfile", text);
        let token = Token::new(text, Span::new(file, 0, text.len()), Quote::Bare);
        let read = read(&token).ok()?;
        Some((read.scheme, read.dials))
    }

    #[test]
    fn every_form_of_address_is_read() {
        let plain = [
            ("localhost", "localhost:80"),
            (":9000", ":9000"),
            ("::1", "[::1]:80"),
            ("[::1]", "[::1]:80"),
            ("[::1]:9000", "[::1]:9000"),
            ("tcp/localhost:9000", "tcp/localhost:9000"),
            ("unix//run/app.sock", "unix//run/app.sock"),
            ("unixgram//run/app.sock", "unixgram//run/app.sock"),
            ("fd/3", "fd/3"),
            ("udp/localhost:53", "udp/localhost:53"),
            ("tcp/{env.UP}", "tcp/{env.UP}"),
            ("{env.UP}", "{env.UP}"),
            ("{env.HOST}:{env.PORT}", "{env.HOST}:{env.PORT}"),
            ("{env.UP:a}:80", "{env.UP:a}:80"),
        ];
        for (text, dial) in plain {
            assert_eq!(dials(text), Some((None, vec![dial.into()])), "{text}");
        }
        assert_eq!(
            dials("https://b.test:9-10"),
            Some((
                Some(Scheme::Https),
                vec!["b.test:9".into(), "b.test:10".into()]
            ))
        );
    }

    #[test]
    fn what_nobody_can_connect_to_is_refused() {
        for text in [
            "",
            "a b",
            "localhost:http",
            "localhost:99999",
            "localhost:2-1",
            "localhost/api",
            "http://a/b",
            "http://{host}",
            "http://a:443",
            "https://a:80",
            "ftp://a",
        ] {
            assert_eq!(dials(text), None, "{text}");
        }
    }
}
