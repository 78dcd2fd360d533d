//! How certificates are renewed while they are in use.

use std::collections::HashSet;
use std::thread;
use std::time::{Duration, Instant};

use crate::acme::site::{Site, several_names, sites};
use crate::server::{Server, is_real_caddy};

const NAMES: [&str; 2] = ["a.example.com", "b.example.com"];
const VALIDITY: Duration = Duration::from_secs(20);
const RENEWALS: usize = 3;
/// Renewals come when a third of the life is left; twice the time is room for a slow machine.
const ENOUGH: Duration = Duration::from_secs(20 * RENEWALS as u64 * 2);
/// Between two handshakes of one client.
const PACE: Duration = Duration::from_millis(20);

#[test]
fn certificates_of_twenty_seconds_are_renewed_under_load_without_a_failed_handshake() {
    let site = Site::with(|mut knobs| {
        knobs.validity = VALIDITY;
        knobs
    });
    // Caddy looks every ten minutes if nobody says otherwise.
    let often = if is_real_caddy() {
        "\trenew_interval 1s\n"
    } else {
        ""
    };
    let options = format!("{often}{}", several_names());
    let server = site.launch.run(&site.config(&options, &sites(&NAMES)));
    for name in NAMES {
        site.wait_until_served(&server, name);
    }
    thread::scope(|scope| {
        for name in NAMES {
            let (site, server) = (&site, &server);
            scope.spawn(move || load(site, server, name));
        }
    });
    // Two of one name may be under way at once only by mistake.
    let most = NAMES.len() * (1 + 2 * RENEWALS);
    assert!(site.pebble.issued() <= most, "{}", site.pebble.issued());
    assert_eq!(site.pebble.accounts(), 1);
}

#[test]
fn a_certificate_is_renewed_as_early_as_the_config_wants_with_the_key_that_it_has() {
    let site = Site::with(|mut knobs| {
        // Without the ratio it would be renewed after more than six minutes.
        knobs.validity = Duration::from_mins(10);
        knobs
    });
    let often = if is_real_caddy() {
        "\trenew_interval 1s\n"
    } else {
        ""
    };
    let name = NAMES[0];
    let policy = "\ttls {\n\t\trenewal_window_ratio 0.97\n\t\treuse_private_keys\n\t}\n";
    let sites = sites(&[name]).replacen("{\n", &format!("{{\n{policy}"), 1);
    let server = site.launch.run(&site.config(often, &sites));
    let first = site.wait_until_served(&server, name);
    let file = site.certificates().join(name).join(format!("{name}.key"));
    let key = || std::fs::read_to_string(&file).expect("the key is kept");
    let first_key = key();
    let start = Instant::now();
    while site.wait_until_served(&server, name) == first {
        assert!(start.elapsed() < ENOUGH, "{}", server.log());
        thread::sleep(PACE);
    }
    assert_eq!(key(), first_key);
}

/// Shakes hands with a name until it has shown enough certificates; every one has to be good.
fn load(site: &Site, server: &Server, name: &str) {
    let start = Instant::now();
    let mut seen = HashSet::new();
    while seen.len() <= RENEWALS {
        let shown = site.get(name);
        let shown = shown.unwrap_or_else(|error| panic!("{name}: {error}\n{}", server.log()));
        assert_eq!(shown.status, 200);
        seen.insert(shown.certificate);
        assert!(
            start.elapsed() < ENOUGH,
            "{name} showed {} certificates\n{}",
            seen.len(),
            server.log()
        );
        thread::sleep(PACE);
    }
}
