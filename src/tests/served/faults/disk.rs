//! No room on the disk: the server goes on, says so, and writes nothing by halves.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::Resource;
use serde_json::Value;

use super::process::limit;
use crate::admin::Managed;
use crate::curl::{plain, try_curl};
use crate::life::until;
use crate::server::{Server, is_real_caddy};

const FULL: &str = "log entries cannot be written";

fn logging_to(file: &str) -> Server {
    Server::start(&format!(
        "http://a.test {{\n\trespond hello\n\tlog {{\n\t\toutput file {file} {{\n\t\t\troll_disabled\n\t\t}}\n\t}}\n}}\n"
    ))
}

#[test]
fn a_log_without_room_is_said_once_and_requests_are_served() {
    if is_real_caddy() {
        println!("not run: the real Caddy says so for every entry, in other words");
        return;
    }
    let server = logging_to("/dev/full");
    for _ in 0..50 {
        assert_eq!(plain(&server, "a.test", "/", &[]).body, "hello");
    }
    assert!(until(|| server.log().contains(FULL)), "{}", server.log());
    let log = server.log();
    assert_eq!(log.matches(FULL).count(), 1, "{log}");
    assert!(log.contains("No space left on device"), "{log}");
}

#[test]
fn a_log_that_has_room_again_is_written_on_without_half_a_line() {
    if is_real_caddy() {
        println!("not run: a file that may not grow any more ends the real Caddy");
        return;
    }
    let server = logging_to("access.log");
    let file = server.folder().join("access.log");
    let get = |path: &str| assert_eq!(plain(&server, "a.test", path, &[]).body, "hello");
    get("/first");
    let is_there = |path: &str| fs::read_to_string(&file).unwrap_or_default().contains(path);
    assert!(until(|| is_there("/first")));
    let room = fs::metadata(&file).unwrap().len() + 100;
    limit(server.id(), Resource::Fsize, Some(room));
    for _ in 0..50 {
        get("/without-room");
    }
    assert!(until(|| server.log().contains(FULL)), "{}", server.log());
    assert_eq!(
        fs::metadata(&file).unwrap().len(),
        room,
        "the limit is real"
    );
    limit(server.id(), Resource::Fsize, None);
    get("/last");
    assert!(until(|| is_there("/last")), "{}", server.log());
    for line in fs::read_to_string(&file).unwrap().lines() {
        let entry: Result<Value, _> = serde_json::from_str(line);
        assert!(entry.is_ok(), "half a line: {line}");
    }
}

#[test]
fn a_config_that_cannot_be_kept_is_served_and_what_was_kept_stays_whole() {
    if is_real_caddy() {
        println!("not run: a file that may not grow any more ends the real Caddy");
        return;
    }
    let managed = Managed::start();
    let autosave = managed.server.folder().join("config/caddy/autosave.json");
    // It is kept once it is served.
    assert!(until(|| autosave.exists()));
    let before = fs::read_to_string(&autosave).unwrap();
    limit(managed.server.id(), Resource::Fsize, Some(64));
    let loaded = managed.load("text/caddyfile", &managed.config("unkept"));
    assert_eq!(loaded.status, 200, "{}", loaded.body);
    assert_eq!(managed.word(), "unkept");
    managed.log_with("unable to autosave config");
    assert!(
        managed.server.log().contains("unable to autosave config"),
        "{}",
        managed.server.log()
    );
    assert_eq!(fs::read_to_string(&autosave).unwrap(), before);
    limit(managed.server.id(), Resource::Fsize, None);
    let loaded = managed.load("text/caddyfile", &managed.config("kept"));
    assert_eq!(loaded.status, 200, "{}", loaded.body);
    assert!(fs::read_to_string(&autosave).unwrap().contains("kept"));
    no_half_files(managed.server.folder());
}

#[test]
fn a_storage_without_room_leaves_no_half_certificate_and_is_filled_later() {
    if is_real_caddy() {
        println!("not run: a file that may not grow any more ends the real Caddy");
        return;
    }
    let managed = Managed::start();
    let server = &managed.server;
    let more = managed.config("more") + "https://more.example.com {\n\trespond more\n}\n";
    limit(server.id(), Resource::Fsize, Some(64));
    let loaded = managed.load("text/caddyfile", &more);
    // Whatever became of it, the site that was served is served, and the reason is there.
    let said = loaded.body.clone() + &server.log();
    assert!(said.contains("File too large"), "{} {said}", loaded.status);
    let get = |host: &str| {
        try_curl((server.https, &server.root()), host, "/", &[]).map(|answer| answer.body)
    };
    assert_eq!(get("hello.example.com").as_deref(), Ok("hello"));
    no_half_files(server.folder());
    limit(server.id(), Resource::Fsize, None);
    let again = more.replace("more\n", "again\n");
    let loaded = managed.load("text/caddyfile", &again);
    assert_eq!(loaded.status, 200, "{}", loaded.body);
    assert!(
        until(|| get("more.example.com").is_ok_and(|body| body == "again")),
        "{}",
        server.log()
    );
    no_half_files(server.folder());
}

/// Every file that is kept is what it is to be, to its end, and nothing is left of an attempt.
pub(super) fn no_half_files(folder: &Path) {
    let files = || {
        let mut files = Vec::new();
        for kept in ["data", "config"] {
            collect(&folder.join(kept), &mut files);
        }
        files
    };
    let is_left = |file: &PathBuf| file.to_string_lossy().ends_with(".tmp");
    // The server goes on, and may be writing a file.
    assert!(until(|| !files().iter().any(is_left)), "{:?}", files());
    for file in files() {
        whole(&file);
    }
}

/// The file is what its name says, to its end.
pub(super) fn whole(file: &Path) {
    let Some(ending) = file.extension().and_then(|ending| ending.to_str()) else {
        return;
    };
    let Ok(text) = fs::read_to_string(file) else {
        return;
    };
    let is_whole = match ending {
        "json" => serde_json::from_str::<Value>(&text).is_ok(),
        "crt" => text.trim_end().ends_with("-----END CERTIFICATE-----"),
        "key" => text.trim_end().ends_with("PRIVATE KEY-----") && text.contains("-----END"),
        _ => true,
    };
    assert!(is_whole, "{}: `{text}`", file.display());
}

pub(super) fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}
