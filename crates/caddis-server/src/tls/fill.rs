//! Placeholders in the settings of issuers (`{env.NAME}`), filled when the config is loaded.

use caddis_ir::{AcmeIssuer, Config, DnsProvider, Issuer, OnDemand, Path, Permission};

use crate::builder::Builder;

/// The config with these placeholders filled. Those that stand for something of a request are errors.
pub(crate) fn filled(config: &Config, builder: &mut Builder<'_>) -> Config {
    let mut config = config.clone();
    let Some(tls) = config.apps.tls.as_mut() else {
        return config;
    };
    let at = Path::root().key("apps").key("tls");
    let mut fill = Fill(builder);
    if let Some(provider) = &mut tls.dns {
        fill.provider(provider, &at.key("dns"));
    }
    fill.each(&mut tls.resolvers, &at.key("resolvers"));
    let Some(automation) = &mut tls.automation else {
        return config;
    };
    let at = at.key("automation");
    if let Some(on_demand) = &mut automation.on_demand {
        fill.on_demand(on_demand, &at.key("on_demand"));
    }
    let at = at.key("policies");
    for (policy_at, policy) in automation.policies.iter_mut().enumerate() {
        let at = at.index(policy_at).key("issuers");
        for (issuer_at, issuer) in policy.issuers.iter_mut().enumerate() {
            if let Issuer::Acme(acme) = issuer {
                fill.acme(acme, &at.index(issuer_at));
            }
        }
    }
    config
}

struct Fill<'a, 'b>(&'a mut Builder<'b>);

impl Fill<'_, '_> {
    fn text(&mut self, text: &mut String, at: &Path) {
        if !text.contains('{') {
            return;
        }
        if let Some(filled) = self.0.fixed(text, at) {
            *text = filled;
        }
    }

    fn each(&mut self, texts: &mut [String], at: &Path) {
        for (index, text) in texts.iter_mut().enumerate() {
            self.text(text, &at.index(index));
        }
    }

    fn acme(&mut self, acme: &mut AcmeIssuer, at: &Path) {
        self.text(&mut acme.ca, &at.key("ca"));
        self.text(&mut acme.test_ca, &at.key("test_ca"));
        self.text(&mut acme.email, &at.key("email"));
        if let Some(account) = &mut acme.external_account {
            let at = at.key("external_account");
            self.text(&mut account.key_id, &at.key("key_id"));
            self.text(&mut account.mac_key, &at.key("mac_key"));
        }
        let challenges = acme.challenges.as_mut();
        if let Some(dns) = challenges.and_then(|challenges| challenges.dns.as_mut()) {
            let at = at.key("challenges").key("dns");
            if let Some(provider) = &mut dns.provider {
                self.provider(provider, &at.key("provider"));
            }
            self.each(&mut dns.resolvers, &at.key("resolvers"));
            self.text(&mut dns.override_domain, &at.key("override_domain"));
        }
    }

    fn provider(&mut self, provider: &mut DnsProvider, at: &Path) {
        match provider {
            DnsProvider::Exec { command } => self.each(command, &at.key("command")),
            DnsProvider::Rfc2136(config) => {
                self.text(&mut config.server, &at.key("server"));
                self.text(&mut config.key_name, &at.key("key_name"));
                self.text(&mut config.key_alg, &at.key("key_alg"));
                self.text(&mut config.key, &at.key("key"));
            }
        }
    }

    fn on_demand(&mut self, on_demand: &mut OnDemand, at: &Path) {
        self.text(&mut on_demand.ask, &at.key("ask"));
        if let Some(Permission::Http { endpoint }) = &mut on_demand.permission {
            self.text(endpoint, &at.key("permission").key("endpoint"));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::filled;
    use crate::Environment;
    use crate::builder::Builder;
    use crate::testing::environment;

    #[test]
    fn variables_are_filled_and_requests_are_refused() {
        let environment = Environment {
            variable: Arc::new(|name: &str| (name == "SECRET").then(|| "c2VjcmV0".to_owned())),
            ..environment()
        };
        let config = caddis_ir::from_value(&json!({"apps": {"tls": {"automation": {
            "on_demand": {"ask": "http://x/{http.request.host}"},
            "policies": [{"issuers": [{
                "module": "acme",
                "email": "me@{env.MISSING}",
                "external_account": {"key_id": "id", "mac_key": "{env.SECRET}"},
                "challenges": {"dns": {"provider": {"name": "exec", "command": ["x", "{env.SECRET}"]}}},
            }]}],
        }}}}))
        .unwrap();
        let mut builder = Builder::beside(&config, &environment);
        let json = caddis_ir::value(&filled(&config, &mut builder));
        let issuer = &json["apps"]["tls"]["automation"]["policies"][0]["issuers"][0];
        assert_eq!(issuer["email"], "me@");
        assert_eq!(issuer["external_account"]["mac_key"], "c2VjcmV0");
        let provider = &issuer["challenges"]["dns"]["provider"];
        assert_eq!(provider["command"], json!(["x", "c2VjcmV0"]));
        let errors = builder.into_errors();
        let places: Vec<_> = errors.iter().map(|error| error.path.to_string()).collect();
        assert_eq!(places, ["apps/tls/automation/on_demand/ask"]);
    }
}
