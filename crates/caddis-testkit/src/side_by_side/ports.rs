//! Ports of a case, and the free ports of this machine that stand in for them.

use std::collections::HashMap;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU32, Ordering};

/// Ports of sites.
const SITES: [RangeInclusive<u16>; 2] = [8080..=8099, 8443..=8449];
/// Ports of upstreams.
pub(super) const UPSTREAMS: RangeInclusive<u16> = 9001..=9009;
/// The upstream that is not there.
pub(super) const NOBODY: u16 = 9009;

/// Where free ports are looked for: below those that the system gives to clients.
const FIRST: u32 = 16_000;
const COUNT: u32 = 16_000;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// The ports of one server and its upstreams.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ports {
    free: HashMap<u16, u16>,
    written: HashMap<u16, u16>,
}

impl Ports {
    /// Finds a free port for each that the texts name, and listeners for upstreams.
    pub(crate) fn choose(texts: &[&str]) -> std::io::Result<(Self, Vec<(u16, TcpListener)>)> {
        let mut ports = Self::default();
        let mut listeners = Vec::new();
        let named = texts.iter().flat_map(|text| numbers(text));
        let always = [8080_u32, 8443].map(|port| (0, port));
        for (_, number) in named.chain(always) {
            let Ok(port) = u16::try_from(number) else {
                continue;
            };
            let is_site = SITES.iter().any(|range| range.contains(&port));
            if ports.free.contains_key(&port) || !(is_site || UPSTREAMS.contains(&port)) {
                continue;
            }
            let listener = hold_one()?;
            let free = listener.local_addr()?.port();
            ports.free.insert(port, free);
            ports.written.insert(free, port);
            listeners.push((port, listener));
        }
        // All were held at once, so that no two are the same. Those of sites are let go now.
        listeners.retain(|(port, _)| UPSTREAMS.contains(port) && *port != NOBODY);
        Ok((ports, listeners))
    }

    /// The port that stands in for a port of the case.
    pub(crate) fn free(&self, port: u16) -> u16 {
        self.free.get(&port).copied().unwrap_or(port)
    }

    /// The free ports of sites.
    pub(super) fn sites(&self) -> Vec<u16> {
        let is_site = |port: &u16| SITES.iter().any(|range| range.contains(port));
        let sites = self.free.iter().filter(|(written, _)| is_site(written));
        sites.map(|(_, free)| *free).collect()
    }

    /// A text of the case, with the ports that stand in for those in it.
    pub(crate) fn fill(&self, text: &str) -> String {
        replace(text, &self.free)
    }

    /// What was seen, with the ports of the case.
    pub(super) fn as_written(&self, text: &str) -> String {
        replace(text, &self.written)
    }
}

fn hold_one() -> std::io::Result<TcpListener> {
    let start = std::process::id().wrapping_mul(1009);
    let mut last = None;
    for _ in 0..COUNT {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + start.wrapping_add(step) % COUNT;
        match TcpListener::bind((Ipv4Addr::LOCALHOST, u16::try_from(port).unwrap_or_default())) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| std::io::ErrorKind::AddrInUse.into()))
}

/// The numbers of a text, with their offsets.
fn numbers(text: &str) -> impl Iterator<Item = (usize, u32)> {
    let bytes = text.as_bytes();
    let is_digit = move |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let is_word = move |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let starts = (0..bytes.len()).filter(move |at| is_digit(*at) && (*at == 0 || !is_word(at - 1)));
    starts.filter_map(move |at| {
        let length = (at..bytes.len()).take_while(|at| is_digit(*at)).count();
        let number = text.get(at..at + length)?.parse().ok()?;
        (!is_word(at + length)).then_some((at, number))
    })
}

fn replace(text: &str, by: &HashMap<u16, u16>) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut end = 0;
    for (at, number) in numbers(text) {
        let with = u16::try_from(number).ok().and_then(|port| by.get(&port));
        if let (Some(with), Some(before)) = (with, text.get(end..at)) {
            replaced.push_str(before);
            replaced.push_str(&with.to_string());
            end = at + number.to_string().len();
        }
    }
    replaced.push_str(text.get(end..).unwrap_or_default());
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_replaced_and_other_numbers_are_left() {
        let by = HashMap::from([(8080, 16001)]);
        let text = "localhost:8080 80801 a8080 8080/x 8080";
        assert_eq!(
            replace(text, &by),
            "localhost:16001 80801 a8080 16001/x 16001"
        );
    }
}
