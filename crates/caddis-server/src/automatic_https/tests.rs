//! What is decided for configs, seen as a few lines each.

use caddis_ir::{Config, Handler, Issuer};

use super::plan::plan;
use crate::tls::Certificates;

/// What is decided, as lines: servers with their addresses, TLS and hosts; names with issuers; errors.
fn decided(json: &str) -> String {
    use std::fmt::Write;
    let config: Config = caddis_ir::read(json).unwrap();
    let plan = plan(&config, &Certificates::default());
    let mut text = String::new();
    for (name, server) in &plan.config.apps.http.unwrap().servers {
        let tls = server.tls_connection_policies.is_some();
        writeln!(
            text,
            "{name} {} {}",
            server.listen.join(" "),
            if tls { "tls" } else { "plain" }
        )
        .unwrap();
        for route in &server.routes {
            let hosts: Vec<_> = route
                .matchers
                .iter()
                .filter_map(|set| set.host.clone())
                .collect();
            let to = match route.handle.as_slice() {
                [Handler::StaticResponse(response)] => response.headers.get("Location"),
                _ => None,
            };
            writeln!(text, "  {hosts:?} {}", to.map_or("own", |to| &to[0])).unwrap();
        }
    }
    for subject in plan.subjects {
        let issuers = subject.issuers.iter().map(|issuer| match issuer {
            Issuer::Internal(issuer) => format!("{:?}", issuer.ca),
            Issuer::Acme(issuer) => format!("ACME {:?}", issuer.ca),
            Issuer::Zerossl(_) => "ZeroSSL".into(),
        });
        let issuers: Vec<_> = issuers.collect();
        writeln!(text, "{} by {}", subject.name, issuers.join(", ")).unwrap();
    }
    for error in plan.errors {
        writeln!(text, "{}: {}", error.path, error.message).unwrap();
    }
    text
}

fn site(host: &str) -> String {
    format!(r#"{{"match":[{{"host":["{host}"]}}],"handle":[{{"handler":"static_response"}}]}}"#)
}

fn server(name: &str, listen: &str, routes: &str, more: &str) -> String {
    format!(r#""{name}":{{"listen":["{listen}"],"routes":[{routes}]{more}}}"#)
}

fn http(servers: &[String]) -> String {
    format!(
        r#"{{"apps":{{"http":{{"servers":{{{}}}}}}}}}"#,
        servers.join(",")
    )
}

#[test]
fn an_internal_name_gets_tls_our_own_certificate_and_a_redirect() {
    let config = http(&[server("srv0", ":443", &site("a.internal"), "")]);
    insta::assert_snapshot!(decided(&config), @r#"
    remaining_auto_https_redirects :80 plain
      [["a.internal"]] https://{http.request.host}{http.request.uri}
      [] https://{http.request.host}{http.request.uri}
    srv0 :443 tls
      [["a.internal"]] own
    a.internal by ""
    "#);
}

#[test]
fn a_public_name_gets_a_certificate_from_lets_encrypt() {
    let config = http(&[server("srv0", ":443", &site("ollama.example.com"), "")]);
    let decided = decided(&config);
    assert_eq!(
        decided.lines().last(),
        Some(r#"ollama.example.com by ACME """#)
    );
}

#[test]
fn redirects_stand_between_the_sites_of_the_http_port_and_the_one_for_any_host() {
    let any = r#"{"handle":[{"handler":"static_response"}]}"#;
    let config = http(&[
        server("srv0", ":8443", &site("a.localhost"), ""),
        server("srv1", ":80", &format!("{},{any}", site("b.localhost")), ""),
    ]);
    insta::assert_snapshot!(decided(&config), @r#"
    srv0 :8443 tls
      [["a.localhost"]] own
    srv1 :80 plain
      [["b.localhost"]] own
      [["a.localhost"]] https://{http.request.host}:8443{http.request.uri}
      [] own
      [] https://{http.request.host}{http.request.uri}
    a.localhost by ""
    "#);
}

#[test]
fn what_is_switched_off_stays_off() {
    let decided = |listen, off: &str| {
        let off = format!(r#","automatic_https":{off}"#);
        decided(&http(&[server("srv0", listen, &site("a.localhost"), &off)]))
    };
    let plain = "srv0 :443 plain\n  [[\"a.localhost\"]] own\n";
    let tls = "srv0 :443 tls\n  [[\"a.localhost\"]] own\n";
    assert_eq!(decided(":443", r#"{"disable":true}"#), plain);
    assert_eq!(decided(":80", "{}"), plain.replace("443", "80"));
    assert_eq!(
        decided(
            ":443",
            r#"{"disable_redirects":true,"disable_certificates":true}"#
        ),
        tls
    );
    assert!(!decided(":443", r#"{"skip_certificates":["a.localhost"]}"#).contains(" by "));
    assert!(!decided(":8443", r#"{"skip":["a.localhost"]}"#).contains("tls"));
}

#[test]
fn policies_say_who_signs() {
    let with = |policies: &str| {
        let sites = format!("{},{}", site("a.example.com"), site("b.internal"));
        let server = server("srv0", ":443", &sites, "");
        let json = format!(
            r#"{{"apps":{{"http":{{"servers":{{{server}}}}},"tls":{{"automation":{{"policies":[{policies}]}}}}}}}}"#
        );
        let decided = decided(&json);
        let ends: Vec<_> = decided
            .lines()
            .filter(|line| line.contains(" by ") || line.contains(": "))
            .map(str::to_owned)
            .collect();
        ends
    };
    let internal = r#""issuers":[{"module":"internal","ca":"x"}]"#;
    assert_eq!(
        with(&format!("{{{internal}}}")),
        [r#"a.example.com by "x""#, r#"b.internal by """#]
    );
    let own = format!(r#"{{"subjects":["a.example.com","b.internal"],{internal}}}"#);
    assert_eq!(
        with(&own),
        [r#"a.example.com by "x""#, r#"b.internal by "x""#]
    );
    let wildcard = format!(r#"{{"subjects":["*.example.com"],{internal}}}"#);
    assert_eq!(
        with(&wildcard),
        [r#"a.example.com by "x""#, r#"b.internal by """#]
    );
    let both = r#""issuers":[{"module":"acme","ca":"https://ca.test/dir"},{"module":"internal"}]"#;
    assert_eq!(
        with(&format!("{{{both}}}")),
        [
            r#"a.example.com by ACME "https://ca.test/dir", """#,
            r#"b.internal by """#
        ]
    );
    let internal_too = r#"{"subjects":["b.internal"],"issuers":[{"module":"acme"}]}"#;
    assert_eq!(with(internal_too)[1], r#"b.internal by ACME """#);
}

/// What is said of a name that only ACME servers with these settings may sign for.
fn refused(name: &str, settings: &str) -> String {
    let server = server("srv0", ":443", &site(name), "");
    let issuer = format!(r#"{{"module":"acme"{settings}}}"#);
    let policy = format!(r#"{{"subjects":["{name}"],"issuers":[{issuer}]}}"#);
    let json = format!(
        r#"{{"apps":{{"http":{{"servers":{{{server}}}}},"tls":{{"automation":{{"policies":[{policy}]}}}}}}}}"#
    );
    let decided = decided(&json);
    let last = decided.lines().last().unwrap();
    let (place, message) = last.split_once(": ").unwrap_or_else(|| panic!("{last}"));
    assert_eq!(place, "apps/http/servers/srv0/routes/0/match/0/host/0");
    message.to_owned()
}

#[test]
fn what_an_acme_server_cannot_be_asked_for_is_refused_where_it_stands() {
    insta::assert_snapshot!(
        [
            refused("*.example.com", ""),
            refused("8.8.8.8", r#","challenges":{"dns":{}}"#),
            refused("ü.example.com", ""),
            refused("a.example.com", r#","ca":"https://acme.zerossl.com/v2/DV90""#),
            refused("a.example.com", r#","email":"{env.MAIL}""#),
            refused(
                "a.example.com",
                r#","challenges":{"http":{"disabled":true},"tls-alpn":{"disabled":true}}"#
            ),
        ]
        .join("\n"),
        @r"
    an ACME server signs for the wildcard `*.example.com` only after the DNS challenge, and no DNS provider is named
    no DNS record can show whose the address `8.8.8.8` is
    `ü.example.com` cannot stand in a certificate as it is written
    ZeroSSL wants an e-mail address or an external account (EAB)
    placeholders in the settings of an ACME server are not filled yet
    with both challenges disabled nothing can prove that `a.example.com` is yours
    "
    );
}

/// Asked of Caddy 2.11.4, whose log names the certificates that it gets.
#[test]
fn a_name_under_a_wildcard_of_the_config_is_served_with_the_wildcards_certificate() {
    let sites = ["*.x.internal", "a.x.internal", "a.b.x.internal"].map(site);
    let server = server("srv0", ":443", &sites.join(","), "");
    let names = |tls: &str| -> Vec<String> {
        let json = format!(r#"{{"apps":{{"http":{{"servers":{{{server}}}}}{tls}}}}}"#);
        let config: Config = caddis_ir::read(&json).unwrap();
        let plan = plan(&config, &Certificates::default());
        plan.subjects
            .into_iter()
            .map(|subject| subject.name)
            .collect()
    };
    assert_eq!(names(""), ["*.x.internal", "a.b.x.internal"]);
    let forced = r#","tls":{"certificates":{"automate":["a.x.internal"]}}"#;
    assert_eq!(
        names(forced),
        ["*.x.internal", "a.b.x.internal", "a.x.internal"]
    );
}

#[test]
fn names_are_asked_for_in_lower_case_and_once() {
    let routes = format!("{},{}", site("A.Example.com"), site("a.example.COM"));
    let json = http(&[server("a", ":443", &routes, "")]);
    let text = decided(&json);
    let subjects: Vec<_> = text.lines().filter(|line| line.contains(" by ")).collect();
    assert_eq!(subjects, [r#"a.example.com by ACME """#]);
}

#[test]
fn names_of_a_policy_on_demand_get_their_certificates_later() {
    let decide = |policy: &str, on_demand: &str| {
        let server = server("srv0", ":443", &site("a.example.com"), "");
        decided(&format!(
            r#"{{"apps":{{"http":{{"servers":{{{server}}}}},"tls":{{"automation":{{"policies":[{policy}]{on_demand}}}}}}}}}"#
        ))
    };
    let own = r#"{"subjects":["a.example.com"],"on_demand":true}"#;
    assert!(!decide(own, "").contains("by ACME"));
    let all = r#"{"on_demand":true}"#;
    let refused = decide(all, "");
    assert!(
        refused.contains("apps/tls/automation/policies/0/on_demand: anybody could"),
        "{refused}"
    );
    let asked = r#","on_demand":{"ask":"http://localhost:1/"}"#;
    let allowed = decide(all, asked);
    assert!(
        !allowed.contains("anybody") && !allowed.contains("by ACME"),
        "{allowed}"
    );
    let internal = r#"{"on_demand":true,"issuers":[{"module":"internal"}]}"#;
    assert!(!decide(internal, "").contains("anybody"));
    let wildcard = r#"{"subjects":["*.example.com"],"on_demand":true}"#;
    assert!(decide(wildcard, "").contains("anybody"));
}
