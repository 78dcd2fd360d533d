//! What Caddy has and caddis does not have yet is refused by name; what Caddy takes and cannot work is refused too.

use caddis_testkit::golden::{Outcome, adapt_text};

/// Lines of a site that need something that is not there yet, and its name.
const NOT_YET: &[(&str, &str)] = &[
    ("rate_limit {\n\tdistributed\n}", "distributed"),
    ("rate_limit {\n\tstorage file_system\n}", "storage"),
];

/// Lines that Caddy adapts, and that fail or do something else than they say when a request comes.
const CANNOT_WORK: &[&str] = &[
    "respond hi abc",
    "respond 012",
    "respond hi 99999",
    "reverse_proxy localhost:9000/api",
    "reverse_proxy \"a b:80\"",
    "reverse_proxy \"\"",
    "log {\n\tlevel loud\n}",
    "log {\n\toutput file a {\n\t\troll_keep -1\n\t}\n}",
    "bind",
    "tls {\n\tkey_type foo\n}",
    "tls {\n\tissuer acme {\n\t\talt_http_port 70000\n\t}\n}",
    "tls {\n\tissuer acme {\n\t\talt_tlsalpn_port -1\n\t}\n}",
    "tls {\n\tissuer acme {\n\t\ttimeout -1s\n\t}\n}",
    "@a protocol http https grpc",
    "header {\n\tX-A {\n\t\tX-B c\n\t}\n}",
    "header {\n\tX-A 1\n\tmatch status 100000\n}",
    "vars a inf",
    "map {host} {a} {\n\tx NaN\n}",
];

#[test]
fn what_is_not_there_yet_is_refused_by_name() {
    for (line, name) in NOT_YET {
        let outcome = adapt(line);
        let findings = outcome.findings();
        assert!(outcome.is_not_there_yet(), "{line}\n{findings}");
        assert!(findings.contains(name), "{line}\n{findings}");
    }
}

#[test]
fn what_cannot_work_is_refused() {
    for line in CANNOT_WORK {
        let outcome = adapt(line);
        assert!(outcome.is_refused(), "{line}");
        assert!(
            !outcome.is_not_there_yet(),
            "{line}\n{}",
            outcome.findings()
        );
    }
}

#[test]
fn every_error_of_a_file_comes_in_one_run() {
    let outcome = adapt("redir\nrespond\nreverse_proxy ftp://a\nheaders X-A b\n@a pth /x");
    let errors = outcome.diagnostics.iter().filter(|found| found.is_error());
    assert_eq!(errors.count(), 5, "{}", outcome.findings());
}

fn adapt(lines: &str) -> Outcome {
    let text = format!("a.test {{\n{lines}\n}}\n");
    adapt_text("Caddyfile", &text, &|_| None)
}
