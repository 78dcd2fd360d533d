//! Two servers with one storage: one of them gets the certificate, and the other finds it.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::acme::site::sites;
use crate::pebble::{Knobs, Pebble};
use crate::server::{Launch, PATIENCE, Server, free_port, is_real_caddy};

const NAME: &str = "a.example.com";
const PAUSE: Duration = Duration::from_millis(50);
const WAITING: &str = "another server is getting the certificate";

#[test]
fn of_two_servers_with_one_storage_one_orders_and_both_serve() {
    if is_real_caddy() {
        // It waits for the lock as well, and does not say so.
        return;
    }
    let launches = [(); 2].map(|()| Launch::new(free_port(), free_port()));
    let [first, second] = &launches;
    // Each can prove the name, in its own way.
    let pebble = Pebble::start(Knobs::asking(first.http, second.https));
    let storage = tempfile::tempdir().expect("there is room for a folder");
    let lock = storage.path().join(format!("locks/issue_cert_{NAME}.lock"));
    hold(&lock);
    let run = |launch: &Launch, disabled: &str| {
        let (http, https, issuer) = (launch.http, launch.https, pebble.issuer());
        let issuer = issuer.replacen("{\n", &format!("{{\n\t\t\t{disabled}\n"), 1);
        let site = sites(&[NAME]).replacen("{\n", &format!("{{\n\ttls {{\n{issuer}\t}}\n"), 1);
        launch.run(&format!(
            "{{\n\tadmin off\n\thttp_port {http}\n\thttps_port {https}\n\tstorage file_system {}\n}}\n{site}",
            storage.path().display()
        ))
    };
    let servers = [
        run(first, "disable_tlsalpn_challenge"),
        run(second, "disable_http_challenge"),
    ];
    let start = Instant::now();
    while !servers.iter().all(|server| server.log().contains(WAITING)) {
        assert!(start.elapsed() < PATIENCE, "{}", logs(&servers));
        hold(&lock);
        thread::sleep(PAUSE);
    }
    assert_eq!(pebble.orders(), 0);
    fs::remove_file(&lock).expect("the lock is ours");
    let client = crate::tls::Client::new(&pebble.root(), &[]);
    let certificates = launches.each_ref().map(|launch| {
        loop {
            match client.get(launch.https, NAME, "/") {
                Ok(shown) => return shown.certificate,
                Err(error) => assert!(
                    start.elapsed() < PATIENCE * 2,
                    "{error}\n{}",
                    logs(&servers)
                ),
            }
            thread::sleep(PAUSE);
        }
    });
    assert_eq!(certificates[0], certificates[1]);
    assert_eq!(
        (pebble.orders(), pebble.issued()),
        (1, 1),
        "{}",
        logs(&servers)
    );
}

/// Holds the lock, as a third server would.
fn hold(lock: &Path) {
    let folder = lock.parent().expect("it is in a folder");
    fs::create_dir_all(folder).expect("the folder is ours");
    // One without a time is as old as its file.
    fs::write(lock, "{}").expect("the folder is ours");
}

fn logs(servers: &[Server]) -> String {
    servers.iter().map(Server::log).collect()
}
