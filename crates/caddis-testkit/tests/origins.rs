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
    check(&outcome, "logging/logs/audit/writer", "output stdout");
    check(&outcome, "logging/logs/audit", "log audit");
}

#[test]
fn what_stands_nowhere_has_no_place() {
    let outcome = adapt_text("Caddyfile", ":80\nrespond \"a\"\n", &|_| None);
    assert_eq!(outcome.adapted.origins.span(&path("admin/listen")), None);
}

#[test]
fn the_versions_of_a_transport_are_found() {
    let text = ":80 {\n\treverse_proxy one:80 {\n\t\ttransport http {\n\t\t\tversions 1.1 h9\n\t\t}\n\t}\n}\n";
    let outcome = adapt_text("Caddyfile", text, &|_| None);
    let transport = "apps/http/servers/srv0/routes/0/handle/0/transport";
    check(&outcome, &format!("{transport}/versions/1"), "h9");
}

const OPTIONS: &str = r"{
	admin localhost:2020
	storage file_system /data
	http_port 8080
	grace_period 5s
	servers {
		max_header_size 1MB
	}
	acme_ca https://ca.test/dir
	acme_ca_root /missing
	email me@a.test
	key_type p384
	renew_interval 5m
	pki {
		ca
	}
}

a.test {
	tls {
		issuer acme {
			trusted_roots /own
		}
		issuer internal
	}
}

b.test {
	tls you@a.test {
		key_type p256
		ca_root /third
	}
}

c.test {
	respond ok
}
";

#[test]
fn global_options_are_found() {
    let outcome = adapt_text("Caddyfile", OPTIONS, &|_| None);
    assert!(!outcome.is_refused(), "{}", outcome.findings());
    check(&outcome, "admin/listen", "admin localhost:2020");
    check(&outcome, "storage/root", "storage file_system /data");
    check(&outcome, "apps/http/http_port", "http_port 8080");
    check(&outcome, "apps/http/grace_period", "grace_period 5s");
    check(&outcome, "apps/pki/certificate_authorities/local", "pki");
    let header = "apps/http/servers/srv0/max_header_bytes";
    check(&outcome, header, "max_header_size 1MB");
    let interval = "apps/tls/automation/renew_interval";
    check(&outcome, interval, "renew_interval 5m");
}

#[test]
fn what_global_options_give_to_an_issuer_is_found_at_the_option() {
    let outcome = adapt_text("Caddyfile", OPTIONS, &|_| None);
    let policies = "apps/tls/automation/policies";
    let roots = "issuers/0/trusted_roots_pem_files";
    let own = format!("{policies}/0");
    check(&outcome, &format!("{own}/{roots}/0"), "issuer acme");
    check(
        &outcome,
        &format!("{own}/{roots}/1"),
        "acme_ca_root /missing",
    );
    check(
        &outcome,
        &format!("{own}/issuers/0/ca"),
        "acme_ca https://ca.test/dir",
    );
    check(
        &outcome,
        &format!("{own}/issuers/0/email"),
        "email me@a.test",
    );
    check(&outcome, &format!("{own}/issuers/1"), "issuer internal");
    check(&outcome, &format!("{own}/key_type"), "key_type p384");
    let http = format!("{own}/issuers/0/challenges/http/alternate_port");
    check(&outcome, &http, "http_port 8080");
    let second = format!("{policies}/1");
    check(&outcome, &format!("{second}/key_type"), "tls you@a.test");
    check(&outcome, &format!("{second}/{roots}/0"), "tls you@a.test");
    check(
        &outcome,
        &format!("{second}/{roots}/1"),
        "acme_ca_root /missing",
    );
    let every = format!("{policies}/2");
    check(
        &outcome,
        &format!("{every}/{roots}/0"),
        "acme_ca_root /missing",
    );
    check(&outcome, &every, "acme_ca https://ca.test/dir");
}

const SERVERS_AND_LOGS: &str = r"{
	events
	shutdown_delay 1s
	servers {
		listener_wrappers {
			tls
		}
		timeouts {
			idle 5s
		}
		trace
	}
}

a.test {
	bind 127.0.0.1 {
		protocols h1
	}
	log audit {
		output file /a.log {
			roll_at 00:00
		}
		format filter {
			wrap json {
				time_local
			}
			uri delete
		}
		sampling
	}
}
";

#[test]
fn lines_of_servers_and_logs_are_found() {
    let outcome = adapt_text("Caddyfile", SERVERS_AND_LOGS, &|_| None);
    assert!(!outcome.is_refused(), "{}", outcome.findings());
    let server = "apps/http/servers/srv0";
    for (path, text) in [
        ("listener_wrappers/0", "listener_wrappers"),
        ("idle_timeout", "idle 5s"),
        ("logs/trace", "trace"),
        ("listen_protocols/0", "bind 127.0.0.1"),
    ] {
        check(&outcome, &format!("{server}/{path}"), text);
    }
    check(&outcome, "apps/events", "events");
    check(&outcome, "apps/http/shutdown_delay", "shutdown_delay 1s");
    for (path, text) in [
        ("writer/roll_at/0", "roll_at 00:00"),
        ("encoder/format", "format filter"),
        ("encoder/wrap/time_local", "time_local"),
        ("encoder/fields/uri", "uri delete"),
        ("sampling", "sampling"),
    ] {
        check(&outcome, &format!("logging/logs/audit/{path}"), text);
    }
}

#[test]
fn the_options_of_files_and_encodings_are_found() {
    let text = ":80 {\n\troot /srv\n\t@a file {\n\t\ttry_policy first_exist\n\t}\n\tencode @a {\n\t\tgzip 6\n\t}\n\tfile_server {\n\t\thide .git\n\t\tindex a.html\n\t}\n}\n";
    let outcome = adapt_text("Caddyfile", text, &|_| None);
    let routes = "apps/http/servers/srv0/routes";
    let policy = format!("{routes}/1/match/0/file/try_policy");
    check(&outcome, &policy, "try_policy first_exist");
    check(&outcome, &format!("{routes}/0/handle/0/root"), "root /srv");
    let gzip = format!("{routes}/1/handle/0/encodings/gzip/level");
    check(&outcome, &gzip, "gzip 6");
    let files = format!("{routes}/2/handle/0");
    check(&outcome, &format!("{files}/hide/0"), "hide .git");
    check(&outcome, &format!("{files}/index_names/0"), "index a.html");
    check(&outcome, &format!("{files}/handler"), "file_server");
}

#[test]
fn named_routes_and_the_parts_of_what_they_do_are_found() {
    let text = "\
&(one) {
	map {host} {a} {
		x 1
		y 2
	}
	vars {
		b c
	}
}

&(two) {
	handle /d {
		log_append e f
		invoke one
	}
}

:8080 {
	invoke two
	acme_server {
		lifetime 1h
		deny {
			domains g
		}
	}
}
";
    let outcome = adapt_text("Caddyfile", text, &|_| None);
    assert!(!outcome.is_refused(), "{}", outcome.findings());
    let server = "apps/http/servers/srv0";
    let one = format!("{server}/named_routes/one");
    let first = format!("{one}/handle/0/mappings/1/outputs/0");
    check(&outcome, &first, "y 2");
    check(
        &outcome,
        &format!("{one}/handle/0/source"),
        "map {host} {a}",
    );
    let nested = format!("{server}/named_routes/two/handle/0/routes/0");
    check(&outcome, &format!("{nested}/match/0/path/0"), "/d");
    let handlers = format!("{nested}/handle/0/routes/0/handle");
    check(&outcome, &format!("{handlers}/0"), "log_append e f");
    check(&outcome, &format!("{handlers}/1"), "invoke one");
    let acme = format!("{server}/routes/0/handle/1");
    check(&outcome, &format!("{acme}/lifetime"), "lifetime 1h");
    check(&outcome, &format!("{acme}/policy/deny/domains/0"), "deny");
}

#[test]
fn what_is_done_with_answers_is_found_after_it_was_sorted() {
    let text = ":80 {
	reverse_proxy one:80 {
		handle_response {
			respond \"last\"
		}
		@gone status 404
		replace_status @gone 410
	}
	handle_errors 5xx {
		respond \"sorry\"
	}
}
";
    let outcome = adapt_text("Caddyfile", text, &|_| None);
    let server = "apps/http/servers/srv0";
    let answers = format!("{server}/routes/0/handle/0/handle_response");
    check(
        &outcome,
        &format!("{answers}/0/status_code"),
        "replace_status @gone 410",
    );
    check(
        &outcome,
        &format!("{answers}/1/routes/0/handle/0/body"),
        "respond \"last\"",
    );
    check(
        &outcome,
        &format!("{server}/errors/routes/0/handle/0/routes/0/handle/0"),
        "respond \"sorry\"",
    );
}

#[test]
fn the_proxy_of_php_fastcgi_is_found_behind_its_other_routes() {
    let text = ":80 {\n\tphp_fastcgi one:80 {\n\t\tto two:80\n\t}\n\tphp_fastcgi /x* {\n\t\tto three:80\n\t}\n}\n";
    let outcome = adapt_text("Caddyfile", text, &|_| None);
    let routes = "apps/http/servers/srv0/routes";
    check(
        &outcome,
        &format!("{routes}/0/handle/0"),
        "php_fastcgi one:80",
    );
    check(
        &outcome,
        &format!("{routes}/2/handle/0/upstreams/1"),
        "two:80",
    );
    check(
        &outcome,
        &format!("{routes}/3/handle/0/routes/2/handle/0/upstreams/0"),
        "three:80",
    );
}
