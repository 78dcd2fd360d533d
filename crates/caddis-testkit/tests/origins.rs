//! Every part of the config leads back to the place in the text that it comes from.

use caddis_ir::Path;
use caddis_testkit::golden::{Outcome, adapt_text};

const TEXT: &str = r#"{
	log audit {
		output stdout
	}
}

example.com {
	tls cert.pem key.pem
	@api path_regexp ^/api
	reverse_proxy @api one:80 two:80
	handle_path /x/* {
		header X-A b
		respond "x"
	}
	respond "last"
}

http://plain.test {
	bind 127.0.0.1
	log
	respond /a "a"
}
"#;

/// The path that its written form names.
fn path(written: &str) -> Path {
    let steps = written.split('/');
    steps.fold(Path::root(), |path, step| match step.parse() {
        Ok(index) => path.index(index),
        Err(_) => path.key(step),
    })
}

fn check(outcome: &Outcome, written: &str, text: &str) {
    let span = outcome.adapted.origins.span(&path(written));
    let found = span.map(|span| outcome.sources.slice(span));
    assert_eq!(found, Some(text), "{written}");
}

#[test]
fn handlers_matchers_upstreams_listeners_certificates_and_logs_are_found() {
    let outcome = adapt_text("Caddyfile", TEXT, &|_| None);
    assert!(!outcome.is_refused(), "{}", outcome.findings());
    let site = "apps/http/servers/srv1/routes/0";
    let routes = format!("{site}/handle/0/routes");
    check(&outcome, &format!("{site}/match/0/host"), "example.com");
    check(
        &outcome,
        &format!("{routes}/0/handle/0/routes/1/handle/0"),
        "header X-A b",
    );
    check(
        &outcome,
        &format!("{routes}/0/handle/0/routes/1/handle/1/body"),
        "respond \"x\"",
    );
    let plain = "apps/http/servers/srv0/routes/0/handle/0/routes/0";
    check(&outcome, &format!("{plain}/match/0/path/0"), "/a");
    check(
        &outcome,
        &format!("{routes}/2/match/0/path_regexp/pattern"),
        "@api path_regexp ^/api",
    );
    check(
        &outcome,
        &format!("{routes}/2/handle/0/upstreams/1"),
        "two:80",
    );
    check(
        &outcome,
        &format!("{routes}/2/handle/0/transport"),
        "reverse_proxy @api one:80 two:80",
    );
    check(
        &outcome,
        &format!("{routes}/1/handle/0"),
        "respond \"last\"",
    );
    check(
        &outcome,
        "apps/http/servers/srv1/tls_connection_policies/0",
        "tls cert.pem key.pem",
    );
    check(
        &outcome,
        "apps/tls/certificates/load_files/0/key",
        "tls cert.pem key.pem",
    );
    check(&outcome, "apps/http/servers/srv1/listen/0", "example.com");
    check(
        &outcome,
        "apps/http/servers/srv0/listen/0",
        "bind 127.0.0.1",
    );
    check(&outcome, "logging/logs/audit/writer", "log audit");
}

#[test]
fn what_stands_nowhere_has_no_place() {
    let outcome = adapt_text("Caddyfile", ":80\nrespond \"a\"\n", &|_| None);
    assert_eq!(outcome.adapted.origins.span(&path("admin/listen")), None);
}
