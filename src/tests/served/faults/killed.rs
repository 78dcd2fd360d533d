//! A server that is killed at any moment, and started again: nothing half-written is ever read.

use std::fmt::Write as _;
use std::fs;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use super::disk::{collect, whole};
use crate::admin::{caddyfile, try_send};
use crate::curl::try_curl;
use crate::life::until;
use crate::server::{Launch, free_port};

/// How often it is killed.
const ROUNDS: u32 = 20;
const SITES: usize = 6;

#[test]
fn a_server_that_is_killed_while_it_keeps_configs_resumes_one_of_them() {
    let (http, https, admin) = (free_port(), free_port(), free_port());
    let launch = Launch::new(http, https);
    let autosave = launch.folder.path().join("config/caddy/autosave.json");
    // Long enough that it cannot be written in one go.
    let padding = "x".repeat(200_000);
    let config = |number: u32| {
        let word = format!("config-{number}-{padding}-{number}");
        caddyfile(http, https, admin, &word)
    };
    let mut server = launch.run(&config(0));
    server.wait();
    assert!(until(|| autosave.exists()));
    let mut loads = 1;
    for round in 0..ROUNDS {
        let killed = thread::scope(|scope| {
            let server = &server;
            let killer = scope.spawn(move || {
                thread::sleep(moment(round));
                server.signal(Signal::KILL);
            });
            while !killer.is_finished() {
                let body = config(loads);
                let request = format!(
                    "POST /load HTTP/1.1\nHost: localhost:{{P}}\nContent-Type: text/caddyfile\n\n{body}"
                );
                try_send(admin, &request);
                loads += 1;
            }
            killer.join()
        });
        killed.unwrap();
        server.exit();
        let kept = fs::read_to_string(&autosave).unwrap();
        let json: Value = serde_json::from_str(&kept)
            .unwrap_or_else(|error| panic!("round {round}: half a config: {error}"));
        let text = json.to_string();
        let number = text
            .split("config-")
            .nth(1)
            .and_then(|rest| rest.split('-').next());
        let number: u32 = number.unwrap().parse().unwrap();
        assert!(
            number <= loads && text.contains(&format!("{padding}-{number}")),
            "{number}"
        );
        server = launch.resume();
        server.wait();
    }
    let kept = launch.folder.path().join("config/caddy");
    let files = fs::read_dir(kept).unwrap().count();
    assert!(files < 5, "{files} files are left of the attempts");
}

#[test]
fn a_server_that_is_killed_while_it_makes_certificates_makes_them_later() {
    let launch = Launch::new(free_port(), free_port());
    let sites: Vec<_> = (0..SITES)
        .map(|site| format!("s{site}.example.com"))
        .collect();
    let mut config = format!(
        "{{\n\tadmin off\n\thttp_port {}\n\thttps_port {}\n\tlocal_certs\n\tskip_install_trust\n}}\n",
        launch.http, launch.https
    );
    for site in &sites {
        writeln!(config, "https://{site} {{\n\trespond {site}\n}}").unwrap();
    }
    let data = launch.data();
    for round in 0..ROUNDS {
        // Every other round begins with nothing, so that the authority is made as well.
        if round % 2 == 0 {
            fs::remove_dir_all(&data).ok();
        } else {
            fs::remove_dir_all(data.join("certificates")).ok();
        }
        let mut server = launch.run(&config);
        // Not before the first file: most of the time it is only starting.
        until(|| data.join("pki").exists() || server.log().contains("error"));
        thread::sleep(moment(round) / 2);
        server.signal(Signal::KILL);
        server.exit();
        let mut files = Vec::new();
        collect(&data, &mut files);
        for file in &files {
            whole(file);
        }
        let mut server = launch.run(&config);
        server.wait();
        for site in &sites {
            let answer = try_curl((server.https, &server.root()), site, "/", &[]);
            assert_eq!(
                answer.unwrap().body,
                *site,
                "round {round}\n{}",
                server.log()
            );
        }
    }
}

/// A moment that is another one in each round, up to an eighth of a second.
fn moment(round: u32) -> Duration {
    Duration::from_micros(u64::from(round.wrapping_mul(2_654_435_761) >> 15))
}
