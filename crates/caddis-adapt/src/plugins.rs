//! Names that people write and Caddy itself does not have: of plugins, and of Caddy 1.

/// What is known of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// It comes with a plugin, which stands at this address.
    Plugin(&'static str),
    /// It was a directive of Caddy 1; this is written today.
    Old(&'static str),
}

use Known::{Old, Plugin};

/// Directives. Sorted.
const DIRECTIVES: &[(&str, Known)] = &[
    (
        "appsec",
        Plugin("github.com/hslatman/caddy-crowdsec-bouncer"),
    ),
    ("authenticate", Plugin("github.com/greenpau/caddy-security")),
    ("authorize", Plugin("github.com/greenpau/caddy-security")),
    ("brotli", Plugin("github.com/ueffel/caddy-brotli")),
    ("browse", Old("file_server browse")),
    ("cache", Plugin("github.com/caddyserver/cache-handler")),
    ("coraza_waf", Plugin("github.com/corazawaf/coraza-caddy")),
    (
        "crowdsec",
        Plugin("github.com/hslatman/caddy-crowdsec-bouncer"),
    ),
    ("errors", Old("handle_errors { … }")),
    ("exec", Plugin("github.com/abiosoft/caddy-exec")),
    ("ext", Old("try_files {path} {path}.html")),
    (
        "fastcgi",
        Old("php_fastcgi, or reverse_proxy with `transport fastcgi`"),
    ),
    (
        "forward_proxy",
        Plugin("github.com/caddyserver/forwardproxy"),
    ),
    ("git", Plugin("github.com/greenpau/caddy-git")),
    ("gzip", Old("encode gzip")),
    ("internal", Old("reverse_proxy with handle_response")),
    ("json_parse", Plugin("github.com/abiosoft/caddy-json-parse")),
    ("jwtauth", Plugin("github.com/ggicci/caddy-jwt")),
    ("limits", Old("request_body { max_size … }")),
    ("mercure", Plugin("github.com/dunglas/mercure")),
    ("php", Plugin("github.com/dunglas/frankenphp")),
    ("php_server", Plugin("github.com/dunglas/frankenphp")),
    ("proxy", Old("reverse_proxy")),
    (
        "realip",
        Old("trusted_proxies in the global option servers"),
    ),
    ("replace", Plugin("github.com/caddyserver/replace-response")),
    ("souin", Plugin("github.com/darkweak/souin")),
    ("status", Old("respond")),
    ("supervisor", Plugin("github.com/baldinof/caddy-supervisor")),
    ("timeouts", Old("timeouts in the global option servers")),
    ("trace", Plugin("github.com/greenpau/caddy-trace")),
    ("vulcain", Plugin("github.com/dunglas/vulcain")),
    ("waf", Plugin("github.com/corazawaf/coraza-caddy")),
    ("webdav", Plugin("github.com/mholt/caddy-webdav")),
    (
        "websocket",
        Old("reverse_proxy: WebSockets pass through it"),
    ),
];

/// Global options. Sorted.
const OPTIONS: &[(&str, Known)] = &[
    ("cache", Plugin("github.com/caddyserver/cache-handler")),
    (
        "crowdsec",
        Plugin("github.com/hslatman/caddy-crowdsec-bouncer"),
    ),
    (
        "docker",
        Plugin("github.com/lucaslorentz/caddy-docker-proxy"),
    ),
    ("dynamic_dns", Plugin("github.com/mholt/caddy-dynamicdns")),
    ("exec", Plugin("github.com/abiosoft/caddy-exec")),
    ("frankenphp", Plugin("github.com/dunglas/frankenphp")),
    ("layer4", Plugin("github.com/mholt/caddy-l4")),
    ("on_demand", Old("on_demand_tls")),
    ("security", Plugin("github.com/greenpau/caddy-security")),
    ("supervisor", Plugin("github.com/baldinof/caddy-supervisor")),
    ("tailscale", Plugin("github.com/tailscale/caddy-tailscale")),
];

/// What is known of the name of a directive.
pub(crate) fn directive(name: &str) -> Option<Known> {
    find(DIRECTIVES, name)
}

/// What is known of the name of a global option.
pub(crate) fn option(name: &str) -> Option<Known> {
    find(OPTIONS, name)
}

fn find(table: &[(&str, Known)], name: &str) -> Option<Known> {
    let (_, known) = table.iter().find(|(known, _)| *known == name)?;
    Some(*known)
}

#[cfg(test)]
mod tests {
    use super::{DIRECTIVES, OPTIONS};
    use crate::surface;

    #[test]
    fn no_name_is_caddys_own_or_there_twice() {
        for table in [DIRECTIVES, OPTIONS] {
            assert!(table.is_sorted_by(|a, b| a.0 < b.0));
        }
        let own = |name: &str| surface::directives().any(|known| known == name);
        assert!(DIRECTIVES.iter().all(|(name, _)| !own(name)));
        assert!(
            OPTIONS
                .iter()
                .all(|(name, _)| !surface::OPTIONS.contains(name))
        );
    }
}
