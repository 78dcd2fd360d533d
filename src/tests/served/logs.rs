//! Log entries, field by field as the real Caddy writes them for the same requests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::server::{PATIENCE, free_port, program, wait};

const CONFIG: &str = "{
	admin off
	debug
	http_port HTTP
	https_port HTTPS
	skip_install_trust
	auto_https disable_redirects
}
http://a.test:HTTP {
	log {
		output file access.log
	}
	handle /503 {
		error \"broken\" 503
	}
	handle /404 {
		error \"missing\" 404
	}
	handle /gone {
		reverse_proxy 127.0.0.1:1
	}
	handle /up {
		reverse_proxy 127.0.0.1:UP
	}
	handle /big {
		request_body {
			max_size 3
		}
		reverse_proxy 127.0.0.1:UP
	}
	handle /login {
		basic_auth {
			bob HASH
		}
		respond \"hello bob\"
	}
	handle /abort {
		abort
	}
	respond hello
}
http://127.0.0.1:UP {
	respond up
}
https://localhost:HTTPS {
	tls internal
	log
	handle /503 {
		error \"broken\" 503
	}
	respond secure
}
";

/// bcrypt of `hiccup`, as cheap as it gets.
const HASH: &str = "$2a$04$HrmCtAQYP7xMumWJyUKLsuJeV3/zDB2FNlhIHJBXcXg1O5AkbkNLq";

/// What is asked for, with curl's arguments.
const PLAIN: &[(&str, &[&str])] = &[
    (
        "/?q=1",
        &[
            "-H",
            "Cookie: a=b",
            "-H",
            "Authorization: Bearer x",
            "-H",
            "X-Forwarded-For: 1.2.3.4",
        ],
    ),
    ("/", &["--head"]),
    ("/", &["--http1.0"]),
    ("/503", &["-H", "Cookie: a=b"]),
    ("/404", &[]),
    ("/gone", &["-H", "Proxy-Authorization: x"]),
    ("/up", &["--data", "12345"]),
    (
        "/up",
        &["--data", "12345", "-H", "Transfer-Encoding: chunked"],
    ),
    ("/big", &["--data", "12345"]),
    ("/login", &["--user", "bob:hiccup"]),
    ("/login", &["--user", "bob:wrong"]),
    ("/login", &[]),
    ("/abort", &[]),
];
const SECURE: &[(&str, &[&str])] = &[
    ("/", &["--http1.1"]),
    ("/", &["--http2"]),
    ("/503", &["--http2", "-H", "Cookie: a=b"]),
];

#[test]
fn entries_have_the_fields_and_values_of_caddys() {
    let (caddys, ours) = (logged(&caddy()), logged(&program()));
    assert!(caddys.len() > PLAIN.len() + SECURE.len(), "{caddys:#?}");
    for (caddys, ours) in caddys.iter().zip(&ours) {
        assert_eq!(ours, caddys);
        assert_eq!(keys(ours), keys(caddys));
        assert_eq!(keys(&ours["request"]), keys(&caddys["request"]));
    }
    assert_eq!(ours.len(), caddys.len(), "{ours:#?}");
}

fn keys(object: &Value) -> Vec<&String> {
    object
        .as_object()
        .expect("it is an object")
        .keys()
        .collect()
}

/// The real Caddy: `$CADDY`, else the one that the tests' own set-up fetched.
fn caddy() -> PathBuf {
    let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/caddy/usr/bin/caddy");
    std::env::var_os("CADDY").map_or(fetched, PathBuf::from)
}

/// Runs a program, asks it, ends it, and reads what it logged of requests.
fn logged(program: &Path) -> Vec<Value> {
    let [http, https, up] = [(); 3].map(|()| free_port().to_string());
    let config = CONFIG
        .replace("HTTPS", &https)
        .replace("HTTP", &http)
        .replace("UP", &up)
        .replace("HASH", HASH);
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let folder = folder.path();
    fs::write(folder.join("Caddyfile"), config).expect("the folder is ours");
    let stderr = fs::File::create(folder.join("stderr.log")).expect("the folder is ours");
    let mut child = Command::new(program)
        .args(["run", "--config", "Caddyfile"])
        .current_dir(folder)
        .env("HOME", folder)
        .env("XDG_DATA_HOME", folder)
        .env("XDG_CONFIG_HOME", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(stderr)
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    let plain = format!("http://a.test:{http}");
    let resolve = format!("a.test:{http}:127.0.0.1");
    let secure = format!("https://localhost:{https}");
    await_ready(&mut child, &secure, folder);
    for (path, arguments) in PLAIN {
        ask(
            &format!("{plain}{path}"),
            &[&["--resolve", &resolve], *arguments].concat(),
        );
    }
    for (path, arguments) in SECURE {
        ask(&format!("{secure}{path}"), arguments);
    }
    end(&mut child);
    let mut entries = entries(&folder.join("access.log"));
    entries.extend(self::entries(&folder.join("stderr.log")));
    let ports = [(http, "HTTP"), (https, "HTTPS"), (up, "UP")];
    for entry in &mut entries {
        normalize(entry, &ports);
    }
    entries
}

fn await_ready(child: &mut Child, address: &str, folder: &Path) {
    let start = Instant::now();
    while !ask(&format!("{address}/ready"), &[]) {
        let said = fs::read_to_string(folder.join("stderr.log")).unwrap_or_default();
        assert!(start.elapsed() < PATIENCE, "it is never ready:\n{said}");
        assert!(
            matches!(child.try_wait(), Ok(None)),
            "it has ended:\n{said}"
        );
    }
}

/// Asks, and says whether there was an answer. Who signed the certificate is not what is tested here.
fn ask(address: &str, arguments: &[&str]) -> bool {
    let output = Command::new("curl")
        .args([
            "--silent",
            "--show-error",
            "--insecure",
            "--max-time",
            "20",
            "--output",
            "/dev/null",
            "--noproxy",
            "*",
        ])
        .args(arguments)
        .arg(address)
        .output()
        .expect("curl is installed");
    output.status.success()
}

fn end(child: &mut Child) {
    let id = i32::try_from(child.id()).expect("process ids are small");
    let id = Pid::from_raw(id).expect("process ids are positive");
    kill_process(id, Signal::TERM).expect("it is ours");
    assert!(wait(child).is_some(), "it never ends");
}

/// The entries of requests in a file, but for those that were asked for to see whether the program is ready.
fn entries(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).expect("it was written");
    let entries = text.lines().map(|line| {
        serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{line}: {error}"))
    });
    let is_of_request = |entry: &Value| {
        let logger = entry["logger"].as_str().unwrap_or_default();
        let uri = entry["request"]["uri"].as_str().unwrap_or_default();
        ["http.log.access", "http.log.error"]
            .iter()
            .any(|name| logger.starts_with(name))
            && uri != "/ready"
    };
    entries.filter(is_of_request).collect()
}

/// Puts the same in the place of what differs from run to run, and of what differs by intent.
fn normalize(entry: &mut Value, ports: &[(String, &str)]) {
    assert!(
        entry["ts"].is_f64() && entry["duration"].is_number(),
        "{entry}"
    );
    entry["ts"] = 0.into();
    entry["duration"] = 0.into();
    entry["request"]["remote_port"] = "port".into();
    if let Some(suite) = entry.pointer_mut("/request/tls/cipher_suite") {
        // Both have the same suites, and prefer different ones.
        assert!(
            suite.as_u64().is_some_and(|suite| suite > 0x1300),
            "{suite}"
        );
        *suite = 0.into();
    }
    if let Some(id) = entry.get_mut("err_id") {
        assert_eq!(id.as_str().map(str::len), Some(9));
        *id = "id".into();
    }
    if let Some(trace) = entry.get_mut("err_trace") {
        // The place in a program that is not the same.
        assert!(
            trace.as_str().is_some_and(|trace| trace.contains(':')),
            "{trace}"
        );
        *trace = "trace".into();
    }
    if let Some(Value::Object(fields)) = entry.get_mut("resp_headers") {
        fields.shift_remove("Date");
        // HTTP/3 is not there yet.
        fields.shift_remove("Alt-Svc");
    }
    if entry["status"] == 413 {
        // A body that says that it is too large is not read by us, and the message says where the limit is.
        entry["bytes_read"] = 0.into();
        entry["msg"] = "too large".into();
    }
    let mut text = entry.to_string().replace("Caddy", "caddis");
    for (port, name) in ports {
        text = text.replace(&format!(":{port}"), &format!(":{name}"));
    }
    *entry = serde_json::from_str(&text).expect("it is JSON still");
}
