//! What is decided for configs, seen as a few lines each.

use caddis_ir::{Config, Handler};

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
        writeln!(text, "{} by {:?}", subject.name, subject.issuer.ca).unwrap();
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
fn a_public_name_is_refused_where_it_stands() {
    let config = http(&[server("srv0", ":443", &site("ollama.example.com"), "")]);
    let decided = decided(&config);
    let last = decided.lines().last().unwrap();
    assert_eq!(
        last,
        "apps/http/servers/srv0/routes/0/match/0/host/0: the certificate of `ollama.example.com` would come from \
         an ACME server, which caddis cannot ask yet"
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
    assert!(
        with(r#"{"issuers":[{"module":"acme"}]}"#)[1]
            .contains("`a.example.com` would come from an ACME server")
    );
    assert!(with(r#"{"on_demand":true}"#)[0].contains("on demand is not supported yet"));
}
