//! Origins: where a web page comes from, as browsers say it and as configs allow it.

use std::fmt;

/// A host with its port, and a scheme unless any will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    scheme: String,
    /// A name before the host, which counts for nothing.
    user: String,
    pub(super) host: String,
}

impl Origin {
    /// A host with any scheme.
    pub(super) fn of(host: impl Into<String>) -> Self {
        Self {
            scheme: String::new(),
            user: String::new(),
            host: host.into(),
        }
    }

    /// What a config allows: a host, or a URL of which the path counts for nothing.
    pub(super) fn read(text: &str) -> Self {
        if text.contains("://") {
            Self::parse(text).unwrap_or_else(|| Self::of(text))
        } else {
            Self::of(text)
        }
    }

    /// What a browser sends; `None` if it is no URL.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.split('#').next()?;
        let text = text.split('?').next()?;
        let (scheme, rest) = scheme(text)?;
        let authority = match rest.strip_prefix("//") {
            Some(rest) => rest.split('/').next()?,
            None => "",
        };
        let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        has_a_good_port(host).then(|| Self {
            scheme: scheme.to_ascii_lowercase(),
            user: user.to_owned(),
            host: host.to_owned(),
        })
    }

    /// True if a page from there may ask where this is allowed.
    pub(super) fn allows(&self, other: &Self) -> bool {
        (self.scheme.is_empty() || self.scheme == other.scheme) && self.host == other.host
    }
}

/// As Go's parser of URLs does it: a text that begins with a colon is none.
fn scheme(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)));
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
    match end.and_then(|end| Some((text.get(..end)?, text.get(end..)?.strip_prefix(':')?))) {
        Some(("", _)) => None,
        Some((scheme, rest)) if begins => Some((scheme, rest)),
        Some(_) | None => Some(("", text)),
    }
}

fn has_a_good_port(host: &str) -> bool {
    let after_brackets = host.rsplit_once(']').map_or(host, |(_, port)| port);
    let port = after_brackets.rsplit_once(':').map_or("", |(_, port)| port);
    port.bytes().all(|byte| byte.is_ascii_digit())
        && !host
            .contains(|c: char| c.is_whitespace() || c.is_control() || "%\"<>\\^`{|}".contains(c))
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.scheme.is_empty() {
            write!(f, "{}:", self.scheme)?;
        }
        f.write_str("//")?;
        if !self.user.is_empty() {
            write!(f, "{}@", self.user)?;
        }
        f.write_str(&self.host)
    }
}
