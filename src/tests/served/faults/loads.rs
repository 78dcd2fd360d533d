//! Loads that fail, and loads that are more than anybody needs.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::process::memory;
use crate::admin::Managed;
use crate::life::until;
use crate::server::{PATIENCE, is_real_caddy};

const MIB: usize = 1 << 20;

#[test]
fn a_load_that_fails_leaves_no_log_behind() {
    if is_real_caddy() {
        println!("not run: the real Caddy leaves it there");
        return;
    }
    let managed = Managed::start();
    let (taken, folder) = (
        std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap(),
        managed.server.folder(),
    );
    let log = "\tlog {\n\t\toutput file logs/new/access.log\n\t}\n";
    let with_log = managed.config("later") + &format!("http://b.test {{\n{log}\trespond b\n}}\n");
    let port = taken.local_addr().unwrap().port();
    let failing = with_log.clone() + &format!("http://:{port} {{\n\trespond taken\n}}\n");
    for _ in 0..5 {
        assert_ne!(managed.load("text/caddyfile", &failing).status, 200);
        assert!(until(|| !folder.join("logs").exists()), "it is left behind");
    }
    assert_ne!(managed.load("text/caddyfile", &failing).status, 200);
    // The next one needs what the one before takes away.
    assert_eq!(managed.load("text/caddyfile", &with_log).status, 200);
    crate::curl::plain(&managed.server, "b.test", "/", &[]);
    let file = folder.join("logs/new/access.log");
    assert!(until(
        || std::fs::read_to_string(&file).is_ok_and(|log| log.contains("b.test"))
    ));
}

#[test]
fn bodies_of_many_loads_have_one_limit_in_memory() {
    if is_real_caddy() {
        println!("not run: the real Caddy has no limit");
        return;
    }
    let managed = Managed::start();
    let before = memory(managed.server.id());
    let head = format!(
        "POST /load HTTP/1.1\r\nHost: localhost:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        managed.admin,
        61 * MIB
    );
    // Each of them sends nearly all of it, and waits.
    let senders: Vec<_> = (0..6)
        .map(|_| {
            let (port, head) = (managed.admin, head.clone());
            std::thread::spawn(move || {
                let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                stream.write_all(head.as_bytes()).unwrap();
                let piece = vec![b' '; MIB];
                let sent = (0..60).all(|_| stream.write_all(&piece).is_ok());
                (stream, sent)
            })
        })
        .collect();
    for sender in senders {
        let (mut stream, _) = sender.join().unwrap();
        assert!(memory(managed.server.id()) < before + 250 * MIB);
        // Who has no room is told so, and who waits too long is let go without a word.
        stream.read_to_string(&mut String::new()).ok();
    }
    let loaded = managed.load("text/caddyfile", &managed.config("after"));
    assert_eq!(loaded.status, 200, "{}", loaded.body);
    assert_eq!(managed.word(), "after");
}
