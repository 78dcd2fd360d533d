//! Modules that configs name and stock Caddy does not have: what they would need.

use crate::culprit::TAGS;
use crate::{Path, Step};

/// The plugins of modules by the names of the modules. Sorted.
const PLUGINS: &[(&str, &str)] = &[
    ("appsec", "github.com/hslatman/caddy-crowdsec-bouncer"),
    ("authenticator", "github.com/greenpau/caddy-security"),
    ("br", "github.com/ueffel/caddy-brotli"),
    ("cache", "github.com/caddyserver/cache-handler"),
    ("cloudflare", "github.com/WeidiDeng/caddy-cloudflare-ip"),
    ("consul", "github.com/pteich/caddy-tlsconsul"),
    ("crowdsec", "github.com/hslatman/caddy-crowdsec-bouncer"),
    ("dynamic_dns", "github.com/mholt/caddy-dynamicdns"),
    ("exec", "github.com/abiosoft/caddy-exec"),
    ("forward_proxy", "github.com/caddyserver/forwardproxy"),
    ("frankenphp", "github.com/dunglas/frankenphp"),
    ("git", "github.com/greenpau/caddy-git"),
    ("json_parse", "github.com/abiosoft/caddy-json-parse"),
    ("layer4", "github.com/mholt/caddy-l4"),
    (
        "maxmind_geolocation",
        "github.com/porech/caddy-maxmind-geolocation",
    ),
    ("mercure", "github.com/dunglas/mercure"),
    ("php", "github.com/dunglas/frankenphp"),
    ("redis", "github.com/pberkel/caddy-storage-redis"),
    (
        "replace_response",
        "github.com/caddyserver/replace-response",
    ),
    ("security", "github.com/greenpau/caddy-security"),
    ("supervisor", "github.com/baldinof/caddy-supervisor"),
    ("tailscale", "github.com/tailscale/caddy-tailscale"),
    ("trace", "github.com/greenpau/caddy-trace"),
    ("vulcain", "github.com/dunglas/vulcain"),
    ("waf", "github.com/corazawaf/coraza-caddy"),
    ("webdav", "github.com/mholt/caddy-webdav"),
];

/// Fields whose members are modules by name.
const MAPS: &[&str] = &[
    "apps",
    "certificates",
    "encodings",
    "match",
    "not",
    "precompressed",
    "providers",
    "publishers",
];

/// What is wrong, and what it would need if it is a module that is not there.
pub(crate) fn explained(path: &Path, message: String) -> String {
    if !is_about_a_module(path, &message) {
        return message;
    }
    let name = message.split('`').nth(1).unwrap_or_default();
    let known = PLUGINS.iter().find(|(module, _)| *module == name);
    match known {
        Some((_, address)) => format!(
            "{message}; `{name}` is a module of the plugin {address}, and caddis has no plugins"
        ),
        None => format!("{message}; any other module is a plugin, and caddis has no plugins"),
    }
}

fn is_about_a_module(path: &Path, message: &str) -> bool {
    let mut keys = path.0.iter().rev().filter_map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::Index(_) => None,
    });
    let (last, above) = (keys.next(), keys.next());
    let is = |key: Option<&str>, list: &[&str]| key.is_some_and(|key| list.contains(&key));
    (message.starts_with("unknown variant") && is(last, &TAGS))
        || (message.starts_with("unknown field") && is(above, MAPS))
}

#[cfg(test)]
mod tests {
    use super::PLUGINS;
    use crate::{MODULES, read};

    #[test]
    fn a_module_of_a_plugin_says_what_it_would_need() {
        let said = |text: &str| read(text).unwrap_err().to_string();
        let handler = |handler: &str| {
            said(&format!(
                r#"{{"apps":{{"http":{{"servers":{{"a":{{"routes":[{{"handle":[{{"handler":"{handler}"}}]}}]}}}}}}}}}}"#
            ))
        };
        let exec = handler("exec");
        assert!(
            exec.starts_with("apps/http/servers/a/routes/0/handle/0/handler: "),
            "{exec}"
        );
        assert!(exec.ends_with("`exec` is a module of the plugin github.com/abiosoft/caddy-exec, and caddis has no plugins"), "{exec}");
        let nobodys = handler("nobodys");
        assert!(
            nobodys.ends_with("any other module is a plugin, and caddis has no plugins"),
            "{nobodys}"
        );
        let layer4 = said(r#"{"apps":{"layer4":{}}}"#);
        assert!(layer4.contains("github.com/mholt/caddy-l4"), "{layer4}");
        let storage = said(r#"{"storage":{"module":"redis"}}"#);
        assert!(storage.contains("caddy-storage-redis"), "{storage}");
        let field = said(r#"{"apps":{"http":{"cache":1}}}"#);
        assert!(!field.contains("plugin"), "{field}");
    }

    #[test]
    fn no_plugin_has_the_name_of_a_handler_of_caddys() {
        assert!(PLUGINS.is_sorted());
        let is_own = |name: &str| MODULES.contains(&format!("http.handlers.{name}").as_str());
        assert!(PLUGINS.iter().all(|(name, _)| !is_own(name)));
    }
}
