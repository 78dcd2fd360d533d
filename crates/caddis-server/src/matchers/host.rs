//! `host`: the name in the `Host` header, with `*` for a label.

use std::borrow::Cow;
use std::collections::HashMap;

use caddis_ir::Path;
use http::HeaderMap;

use super::Look;
use crate::builder::Builder;
use crate::placeholders::Template;
use crate::uri;

/// The hosts of a `host` matcher.
pub(super) struct HostMatcher {
    names: Hosts,
    filled: Vec<Template>,
}

impl HostMatcher {
    pub(super) fn build(hosts: &[String], at: &Path, builder: &mut Builder<'_>) -> Self {
        let mut names = Hosts::default();
        let mut filled = Vec::new();
        let mut seen = HashMap::new();
        for (index, host) in hosts.iter().enumerate() {
            let at = at.index(index);
            if let Some(first) = seen.insert(host.to_lowercase(), index) {
                let message = format!("host `{host}` is here twice, at {first} and {index}");
                builder.error(&at, message);
            }
            let template = builder.template(host, &at);
            match template.constant() {
                Some(text) => names.add(text, 0),
                None => filled.push(template),
            }
        }
        Self { names, filled }
    }

    pub(super) fn matches(&self, look: &Look<'_>) -> bool {
        let host = Host::of(look.request.headers());
        self.names.first(&host).is_some()
            || self.filled.iter().any(|template| {
                let mut names = Hosts::default();
                names.add(&template.fill_text(&look.values), 0);
                names.first(&host).is_some()
            })
    }
}

/// The host of a request, in lower case and without its port.
pub(crate) struct Host<'a>(Cow<'a, str>);

impl<'a> Host<'a> {
    pub(crate) fn of(headers: &'a HeaderMap) -> Self {
        let authority = headers.get(http::header::HOST);
        let authority = authority.map_or(&[][..], |value| value.as_bytes());
        let host = String::from_utf8_lossy(uri::host(authority));
        if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Self(Cow::Owned(host.to_ascii_lowercase()));
        }
        Self(host)
    }
}

/// Hosts, each with the place of what it leads to; looked up in the same time however many there are.
#[derive(Default)]
pub(crate) struct Hosts {
    exact: HashMap<Box<str>, usize>,
    /// What stands after the first label of `*.example.com`.
    under: HashMap<Box<str>, usize>,
    /// Those with a `*` elsewhere.
    patterns: Vec<(Box<str>, usize)>,
}

impl Hosts {
    /// Adds a host. What was added first has the lower place, and stays.
    pub(crate) fn add(&mut self, host: &str, place: usize) {
        let host = host.to_ascii_lowercase();
        if !host.contains('*') {
            self.exact.entry(host.into()).or_insert(place);
        } else if let Some(under) = host.strip_prefix("*.").filter(|rest| !rest.contains('*')) {
            self.under.entry(under.into()).or_insert(place);
        } else {
            self.patterns.push((host.into(), place));
        }
    }

    /// The lowest place of those that match.
    pub(crate) fn first(&self, host: &Host<'_>) -> Option<usize> {
        let exact = self.exact.get(&*host.0).copied();
        let under = if self.under.is_empty() {
            None
        } else {
            let (_, rest) = host.0.split_once('.').unwrap_or_default();
            self.under.get(rest).copied()
        };
        let mut patterns = self.patterns.iter();
        let pattern = patterns.find(|(pattern, _)| labels_match(pattern, &host.0));
        let pattern = pattern.map(|(_, place)| *place);
        [exact, under, pattern].into_iter().flatten().min()
    }
}

/// `*` stands for exactly one label.
fn labels_match(pattern: &str, host: &str) -> bool {
    let (mut pattern, mut host) = (pattern.split('.'), host.split('.'));
    loop {
        match (pattern.next(), host.next()) {
            (None, None) => return true,
            (Some(wanted), Some(label)) if wanted == "*" || wanted == label => {}
            (Some(_), Some(_) | None) | (None, Some(_)) => return false,
        }
    }
}
