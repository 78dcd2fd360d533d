//! Ports of a script → free ports of this machine, in the config, and back again in what is heard.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

use regex::{Captures, Regex};

use crate::World;

/// The ports of a script and those that stand in for them.
#[derive(Clone, Debug, Default)]
pub(super) struct Ports {
    /// Ports that clients ask for.
    sites: Vec<(u16, u16)>,
    /// Addresses of upstreams.
    upstreams: Vec<(String, u16)>,
}

/// The ports that a URL has when it names none.
const HTTP: u16 = 80;
const HTTPS: u16 = 443;

/// Below those that the system gives to clients: one of them could take a port that was found free here, and two
/// servers that share a port (the real Caddy does) get each other's requests.
const FIRST: u32 = 16_000;
const COUNT: u32 = 16_000;

/// Each process looks from another place on, and never twice at the same one.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// Holds a port that nobody listens on.
fn hold_one() -> std::io::Result<TcpListener> {
    let start = std::process::id().wrapping_mul(997);
    let mut last = None;
    for _ in 0..COUNT {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + start.wrapping_add(step) % COUNT;
        let port = u16::try_from(port).unwrap_or_default();
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| std::io::ErrorKind::AddrInUse.into()))
}

impl Ports {
    /// Finds a free port for every port that the script asks for, and takes those of its upstreams.
    pub(super) fn choose(world: &World, upstreams: &[u16]) -> std::io::Result<Self> {
        let mut ports = vec![HTTP, HTTPS];
        let option = option_ports(&world.config);
        let urls = world.urls.iter().filter_map(http::Uri::port_u16);
        for port in urls.chain(option) {
            if !ports.contains(&port) {
                ports.push(port);
            }
        }
        // All are held at once, so that no two are the same.
        let listeners: Vec<_> = ports.iter().map(|_| hold_one()).collect::<Result<_, _>>()?;
        let free = listeners
            .iter()
            .map(|listener| Ok(listener.local_addr()?.port()));
        let free: Vec<_> = free.collect::<std::io::Result<_>>()?;
        let addresses = world
            .stubs
            .upstreams()
            .iter()
            .map(|one| one.address.clone());
        Ok(Self {
            sites: ports.into_iter().zip(free).collect(),
            upstreams: addresses.zip(upstreams.iter().copied()).collect(),
        })
    }

    /// The port that stands in for the one of a URL.
    pub(super) fn of(&self, url: &http::Uri) -> u16 {
        let port = url.port_u16().unwrap_or(match url.scheme_str() {
            Some("https") => HTTPS,
            _ => HTTP,
        });
        self.free(port)
    }

    fn free(&self, port: u16) -> u16 {
        let found = self.sites.iter().find(|(site, _)| *site == port);
        found.map_or(port, |(_, free)| *free)
    }

    /// The Caddyfile with free ports, and with options that keep the server to itself.
    pub(super) fn config(&self, world: &World) -> String {
        let config = self.text(&world.config);
        let has = |option: &str| config.split_whitespace().any(|word| word == option);
        let options = [
            ("admin", "off".to_owned()),
            ("http_port", self.free(HTTP).to_string()),
            ("https_port", self.free(HTTPS).to_string()),
            ("default_bind", "127.0.0.1".to_owned()),
            ("local_certs", String::new()),
            ("skip_install_trust", String::new()),
        ];
        let missing = options.iter().filter(|(option, _)| !has(option));
        let lines: Vec<_> = missing
            .map(|(option, value)| format!("\t{option} {value}\n"))
            .collect();
        let options = lines.concat();
        match after_opening(&config) {
            Some(at) => {
                let (opening, rest) = config.split_at(at);
                format!("{opening}{options}{rest}")
            }
            None => format!("{{\n{options}}}\n{config}"),
        }
    }

    /// A text of the script with free ports and with the upstreams' addresses.
    pub(super) fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (address, port) in &self.upstreams {
            let host = match address.rsplit_once(':') {
                Some(("localhost", _)) => "localhost",
                _ => "127.0.0.1",
            };
            text = replace(&text, address, &format!("{host}:{port}"));
        }
        for (site, free) in &self.sites {
            text = replace(&text, &format!(":{site}"), &format!(":{free}"));
            let option = Regex::new(&format!(r"(?m)^(\s*https?_port\s+){site}\b"));
            if let Ok(option) = option {
                let with = |parts: &Captures<'_>| format!("{}{free}", &parts[1]);
                text = option.replace_all(&text, with).into_owned();
            }
        }
        text
    }

    /// What was heard, with the script's ports and addresses in it.
    pub(super) fn heard(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (address, port) in &self.upstreams {
            for host in ["127.0.0.1", "localhost"] {
                text = replace(&text, &format!("{host}:{port}"), address);
            }
        }
        for (site, free) in &self.sites {
            let written = match *site {
                HTTP | HTTPS => String::new(),
                site => format!(":{site}"),
            };
            text = replace(&text, &format!(":{free}"), &written);
        }
        text
    }
}

/// Replaces an address, or a port with its colon, but no longer one that has it as a part.
fn replace(text: &str, from: &str, to: &str) -> String {
    let before = if from.starts_with(':') {
        "^|[^:]"
    } else {
        r"^|[^\w.-]"
    };
    let pattern = format!(r"({before}){}\b", regex::escape(from));
    match Regex::new(&pattern) {
        Ok(pattern) => pattern
            .replace_all(text, |parts: &Captures<'_>| format!("{}{to}", &parts[1]))
            .into_owned(),
        Err(_) => text.to_owned(),
    }
}

/// The ports that the config gives to HTTP and HTTPS itself.
fn option_ports(config: &str) -> Vec<u16> {
    let Ok(option) = Regex::new(r"(?m)^\s*https?_port\s+(\d+)") else {
        return Vec::new();
    };
    let found = option.captures_iter(config);
    found.filter_map(|parts| parts[1].parse().ok()).collect()
}

/// The offset after the line that opens the global options, if the config has them.
fn after_opening(config: &str) -> Option<usize> {
    let mut at = 0;
    for line in config.split_inclusive('\n') {
        at += line.len();
        match line.trim() {
            "{" => return Some(at),
            line if line.is_empty() || line.starts_with('#') => {}
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports() -> Ports {
        Ports {
            sites: vec![(80, 40080), (443, 40443), (8080, 48080)],
            upstreams: vec![("10.0.0.1:99".into(), 40099), ("localhost:1".into(), 40001)],
        }
    }

    #[test]
    fn ports_and_upstreams_are_replaced_and_longer_ones_are_left() {
        let ports = ports();
        let text = ":8080 :80800 [::8080] 10.0.0.1:99 110.0.0.1:99 10.0.0.1:991 localhost:1";
        let there =
            ":48080 :80800 [::8080] 127.0.0.1:40099 110.0.0.1:99 10.0.0.1:991 localhost:40001";
        assert_eq!(ports.text(text), there);
        assert_eq!(ports.heard(there), text);
        assert_eq!(ports.heard("https://a.test:40443/x"), "https://a.test/x");
    }

    #[test]
    fn the_usual_ports_are_replaced_where_a_site_names_them() {
        assert_eq!(
            ports().text("http://a.test:80, :443 {"),
            "http://a.test:40080, :40443 {"
        );
    }

    #[test]
    fn options_join_those_of_the_config() {
        assert_eq!(after_opening("# x\n\n{\n\tdebug\n}\n"), Some(7));
        assert_eq!(after_opening("a.test {\n}\n"), None);
        assert_eq!(
            ports().text("{\n\thttp_port 8080\n}\n"),
            "{\n\thttp_port 48080\n}\n"
        );
    }
}
