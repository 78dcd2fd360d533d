//! Which TLS connections a policy is for: the name that the client asks for, and the two ends.

use std::net::IpAddr;

use caddis_ir::{ConnectionMatch, Path};
use regex::Regex;

use super::server::Ends;
use crate::builder::Builder;
use crate::matchers::ip::Ranges;
use crate::matchers::regexp::compile;

/// Which TLS connections a policy is for; everything that is given has to fit.
#[derive(Debug, Default)]
pub(super) struct HandshakeMatch {
    /// Names, with `*` for labels from the left.
    names: Vec<String>,
    pattern: Option<Regex>,
    local: Option<Ranges>,
    remote: Option<Ranges>,
    not_remote: Option<Ranges>,
}

impl HandshakeMatch {
    pub(super) fn build(config: &ConnectionMatch, at: &Path, builder: &mut Builder<'_>) -> Self {
        let given = |ranges: &[String], at: &Path, builder: &mut Builder<'_>| {
            (!ranges.is_empty()).then(|| Ranges::build(ranges, at, builder))
        };
        let names = at.key("sni");
        let remote = config.remote_ip.clone().unwrap_or_default();
        let local = config.local_ip.clone().unwrap_or_default();
        let (local_at, remote_at) = (at.key("local_ip"), at.key("remote_ip"));
        Self {
            names: (config.sni.iter().enumerate())
                .filter_map(|(index, name)| builder.fixed(name, &names.index(index)))
                .collect(),
            pattern: config.sni_regexp.as_ref().and_then(|pattern| {
                compile(
                    &pattern.pattern,
                    &at.key("sni_regexp").key("pattern"),
                    builder,
                )
            }),
            local: given(&local.ranges, &local_at.key("ranges"), builder),
            remote: given(&remote.ranges, &remote_at.key("ranges"), builder),
            not_remote: given(&remote.not_ranges, &remote_at.key("not_ranges"), builder),
        }
    }

    /// Whether the policy is for a client. `name` is the one that it asks for, or empty.
    pub(super) fn is_for(&self, name: &str, ends: Ends) -> bool {
        let within = |ranges: &Option<Ranges>, address: IpAddr| {
            ranges
                .as_ref()
                .is_none_or(|ranges| ranges.contains(address))
        };
        let out_of = |ranges: &Option<Ranges>, address: IpAddr| {
            !(ranges.as_ref()).is_some_and(|ranges| ranges.contains(address))
        };
        (self.names.is_empty() || self.names.iter().any(|pattern| matches(pattern, name)))
            && (self.pattern.as_ref()).is_none_or(|pattern| pattern.is_match(name))
            && within(&self.local, ends.local.ip())
            && within(&self.remote, ends.peer.ip())
            && out_of(&self.not_remote, ends.peer.ip())
    }
}

/// True if `pattern` is `name`, or `name` with `*` in place of labels from the left.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    if pattern.eq_ignore_ascii_case(name) {
        return true;
    }
    let mut labels = name.split('.');
    let mut stars = true;
    let mut any = false;
    let same = pattern.split('.').all(|pattern| {
        let label = labels.next();
        if stars && pattern == "*" && label.is_some_and(|label| !label.is_empty()) {
            any = true;
            return true;
        }
        stars = false;
        label.is_some_and(|label| pattern.eq_ignore_ascii_case(label))
    });
    same && any && labels.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_in_a_policy_stands_for_one_label_from_the_left() {
        assert!(matches("a.test", "A.test"));
        assert!(matches("*.test", "a.test"));
        assert!(matches("*.*.test", "b.a.test"));
        assert!(!matches("*.test", "a.b.test"));
        assert!(!matches("*.test", "test"));
        assert!(!matches("a.*.test", "a.b.test"));
        assert!(!matches("*.test", ".test"));
        assert!(!matches("*", ""));
    }
}
