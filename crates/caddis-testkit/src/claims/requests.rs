//! Requests over connections: what reaches an upstream is well framed, is meant for it, and has shown who it is from.

#![expect(
    clippy::missing_panics_doc,
    reason = "a claim that does not hold is a panic, for tests and fuzzers to catch"
)]

use std::sync::{Arc, LazyLock};

use caddis_ir::Config;
use caddis_server::InMemory;
use caddis_source::{Diagnostic, Sources};
use caddis_syntax::{Memory, parse};

use super::conversation::{Said, converse};
use super::framing::{Request, next_answer};
use super::served::{build, runtime};
use super::upstream::Upstreams;

/// Two upstreams: one for everybody, one for who knows the password. Its hash is of no password at all.
const CADDYFILE: &str = r"{
    auto_https off
}
:80 {
    @tracked header X-Internal *
    request_header @tracked -X-Internal
    request_header -X-Always
    header X-Asked {http.request.uri.path}
    header X-Method {method}
    handle /nothing/* {
        respond {http.request.uri.query.q} 403
    }
    handle /protected/* {
        basic_auth {
            alice $2a$04$6QJlVS56/qURJvA18VHl6eKL06PsxcVejeA10t3JhLc.giQpN7wZy
        }
        reverse_proxy protected:1 {
            header_up X-Marker here
        }
    }
    handle_path /strip/* {
        reverse_proxy public:1 {
            header_up X-Marker here
            header_up X-Way strip
        }
    }
    handle /rewrite/* {
        rewrite * /to{uri}&more={query.q}
        uri replace x y
        reverse_proxy public:1 {
            header_up X-Marker here
            header_up X-Way rewrite
            header_up X-Copy {header.X-Copy-Me}
            header_up Host {header.X-Host}
        }
    }
    handle /small/* {
        request_body {
            max_size 16
        }
        reverse_proxy public:1 {
            header_up X-Marker here
            header_up X-Way plain
        }
    }
    handle /buffered/* {
        reverse_proxy public:1 {
            header_up X-Marker here
            header_up X-Way plain
            request_buffers 64
            flush_interval -1
        }
    }
    handle {
        reverse_proxy public:1 {
            header_up X-Marker here
            header_up X-Way plain
        }
    }
}
";
/// `alice` with the password that the stub takes, in base 64.
const CREDENTIALS: &[u8] = b"YWxpY2U6b3BlbiBzZXNhbWU=";
/// Below this path are things that are not for everybody.
const PROTECTED: &str = "/protected/";

/// A first line `1` is followed by bytes of HTTP/1.1, `2` by frames of HTTP/2 after the preface, `3` by requests as
/// text that become frames.
pub fn requests(bytes: &[u8]) {
    static CONFIG: LazyLock<Config> = LazyLock::new(config);
    let Some((said, is_http1)) = Said::read(bytes) else {
        return;
    };
    let upstreams = Upstreams::default();
    let (app, seen) = build(&CONFIG, Arc::new(upstreams.clone())).expect("the config is served");
    let server = InMemory::servers(app).pop().expect("it has a server");
    let heard = runtime().block_on(converse(&server, &said, || upstreams.count()));
    let methods = seen.methods();
    let got = upstreams.requests();
    assert!(
        got.len() <= methods.len(),
        "{} requests became {got:?}",
        methods.len()
    );
    for (name, request) in &got {
        may_reach(name, request);
    }
    if is_http1 && !heard.starts_with(&[0]) {
        answers_are_framed(&heard, methods.len());
    }
}

fn may_reach(name: &str, request: &Request) {
    assert_eq!(request.fields.values("x-marker"), [b"here"], "{request:?}");
    for gone in ["x-always", "x-internal", "proxy-connection", "keep-alive"] {
        assert!(
            request.fields.values(gone).is_empty(),
            "{gone}: {request:?}"
        );
    }
    assert_eq!(
        request.fields.values("x-forwarded-for"),
        [b"192.0.2.1"],
        "{request:?}"
    );
    assert_eq!(
        request.fields.values("x-forwarded-proto"),
        [b"http"],
        "{request:?}"
    );
    if name == "protected:1" {
        let shown = request.fields.values("authorization");
        let knows = matches!(*shown, [value] if value.ends_with(CREDENTIALS));
        assert!(knows, "nobody has shown who it is: {request:?}");
    } else if request.fields.values("x-way") == [b"plain"] {
        let path = plain_path(&request.target);
        assert!(
            !path.starts_with(PROTECTED),
            "{path} is for everybody: {request:?}"
        );
    }
}

/// The path as an upstream may read it: decoded, without dot segments and doubled slashes, in lower case.
fn plain_path(target: &[u8]) -> String {
    let path = target.split(|byte| *byte == b'?').next().unwrap_or(target);
    let decoded: Vec<u8> = percent_encoding::percent_decode(path).collect();
    let decoded = String::from_utf8_lossy(&decoded).to_ascii_lowercase();
    let mut segments: Vec<&str> = Vec::new();
    for segment in decoded.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    format!("/{}/", segments.join("/"))
}

/// Each answer ends where it says that it does, and there is none that nobody has asked for.
fn answers_are_framed(heard: &[u8], asked: usize) {
    let (mut rest, mut answered) = (heard, 0);
    while !rest.is_empty() {
        match next_answer(rest) {
            Ok(Some((answer, after))) => {
                rest = after;
                if answer.status == 101 {
                    return;
                }
                answered += usize::from(answer.status >= 200 && answer.method.is_some());
            }
            // The client went away, or a body broke off.
            Ok(None) => break,
            Err(why) => panic!("{why}: {}", heard.escape_ascii()),
        }
    }
    assert!(
        answered <= asked,
        "{asked} were asked: {}",
        heard.escape_ascii()
    );
}

fn config() -> Config {
    let mut sources = Sources::new();
    let file = sources.add("Caddyfile", CADDYFILE);
    let (tree, mut found) = parse(&mut sources, file, &|_| None, &Memory::default());
    let adapted = caddis_adapt::adapt(tree, &sources);
    found.extend(adapted.diagnostics);
    assert!(!found.iter().any(Diagnostic::is_error), "{found:?}");
    adapted.config
}
