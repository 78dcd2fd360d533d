//! The clock of the machine is set, far ahead and far back: nothing that goes on is cut, and what has a time keeps it.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends with the trouble that it met"
)]

use std::fs;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::asker::{Asker, Way};
use crate::server::{Launch, PATIENCE, Server, free_port, is_real_caddy};
use crate::stage::Stage;

const LIBRARY: &str = "faketime/libfaketimeMT.so.1";
/// The clock of the server, as `faketime` reads it: so much ahead, so much back.
const STEPS: [(&str, i64); 5] = [
    ("+2d", 2),
    ("-400d", -400),
    ("+3650d", 3650),
    ("-20d", -20),
    ("+0", 0),
];
const DAY: i64 = 24 * 60 * 60;

#[test]
fn a_clock_that_is_set_cuts_nothing_and_lets_nobody_ask_more_often() {
    if is_real_caddy() {
        println!(
            "not run: the real Caddy asks the kernel itself for the time, and has no `rate_limit`"
        );
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let stage = Stage::open().await;
        let launch = Launch::new(free_port(), free_port());
        let clock = launch.folder.path().join("clock");
        fs::write(&clock, "+0").unwrap();
        let mut server = under_a_clock(&launch, &config(&launch, &stage));
        server.wait();
        let tls = Way::Tls2(server.https, Way::tls(&server.root(), "h2"));
        let plain = Way::Plain(server.http);
        let mut streams = Vec::new();
        for way in [&plain, &tls] {
            let asker = Asker::connect(way).await.unwrap();
            streams.push(asker.lines("/lines").await.unwrap());
        }
        let asker = Asker::connect(&plain).await.unwrap();
        assert_eq!(asker.get("/limited").await.unwrap().status(), 200);
        for (step, days) in STEPS {
            // In one step: it is read all the time.
            let fresh = clock.with_extension("fresh");
            fs::write(&fresh, step).unwrap();
            fs::rename(fresh, &clock).unwrap();
            // Behind the library that sets the clock, timers are late once it has gone back.
            if days == 2 {
                wait_for_the_date(&asker, days).await;
            }
            stage.say(step);
            for stream in &mut streams {
                assert_eq!(stream.next().await, Ok(Some(step.to_owned())));
            }
            assert_eq!(asker.get("/limited").await.unwrap().status(), 429, "{step}");
            let fresh = Asker::connect(&plain).await.unwrap();
            assert_eq!(fresh.get("/").await.unwrap().status(), 200, "{step}");
            // The certificate that is served is the one that was served.
            let fresh = Asker::connect(&tls).await.unwrap();
            assert_eq!(fresh.get("/").await.unwrap().status(), 200, "{step}");
        }
        drop((asker, streams));
        server.signal(Signal::TERM);
        assert_eq!(server.exit().code(), Some(0));
        assert!(!server.log().contains("panicked"), "{}", server.log());
    });
}

fn config(launch: &Launch, stage: &Stage) -> String {
    format!(
        "{{\n\tadmin off\n\thttp_port {}\n\thttps_port {}\n\tlocal_certs\n\tskip_install_trust\n}}\n\
         http://localhost, https://localhost {{\n\troute /limited {{\n\t\trate_limit {{\n\t\t\tzone once {{\n\t\t\t\tkey all\n\
         \t\t\t\tevents 1\n\t\t\t\twindow 1d\n\t\t\t}}\n\t\t}}\n\t\trespond ok\n\t}}\n\trespond /own own\n\treverse_proxy {}\n}}\n",
        launch.http, launch.https, stage.address
    )
}

fn under_a_clock(launch: &Launch, config: &str) -> Server {
    let library = Command::new("sh")
        .args(["-c", &format!("ls /usr/lib/*/{LIBRARY}")])
        .output()
        .unwrap();
    let library = String::from_utf8(library.stdout).unwrap();
    assert!(
        library.contains(LIBRARY),
        "Debian's package `faketime` is not installed; `.ci/setup` does it"
    );
    let mut command = launch.command();
    command
        .env("LD_PRELOAD", library.trim())
        .env(
            "FAKETIME_TIMESTAMP_FILE",
            launch.folder.path().join("clock"),
        )
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("DONT_FAKE_MONOTONIC", "1");
    launch.run_with(command, config)
}

/// Waits until answers have the date of the clock that was set.
async fn wait_for_the_date(asker: &Asker, days: i64) {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let expected = i64::try_from(now.unwrap().as_secs()).unwrap() + days * DAY;
    let mut date = String::new();
    let start = std::time::Instant::now();
    while start.elapsed() < PATIENCE {
        let answer = asker.get("/own").await.unwrap();
        answer.headers()["date"]
            .to_str()
            .unwrap()
            .clone_into(&mut date);
        let said = Command::new("date")
            .args(["-d", &date, "+%s"])
            .output()
            .unwrap();
        let said: i64 = String::from_utf8(said.stdout)
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        if (said - expected).abs() < DAY / 2 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the server never has the clock that was set: {date}");
}
