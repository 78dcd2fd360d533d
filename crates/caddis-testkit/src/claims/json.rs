//! Configs as the admin endpoint takes them: each is built or refused with a place, and one that is read is written the same.

#![expect(
    clippy::missing_panics_doc,
    reason = "a claim that does not hold is a panic, for tests and fuzzers to catch"
)]

use std::sync::Arc;

use caddis_ir::About;

use super::served::{ask, build, request, runtime};
use super::upstream::Upstreams;

/// Any text is read as a config, built, and asked once.
pub fn json(text: &str) {
    let config = match caddis_ir::read(text) {
        Ok(config) => config,
        Err(error) => {
            assert!(!error.message.is_empty(), "refused without a word");
            let place = error.place(text);
            assert!(text.get(place.clone()).is_some(), "no place: {place:?}");
            if let About::Text(at) = error.about {
                assert!(at <= text.len(), "{at} is behind the end");
            }
            return;
        }
    };
    let written = caddis_ir::compact(&config);
    let again = caddis_ir::read(&written);
    let again = again.as_ref().map(caddis_ir::compact);
    assert_eq!(again, Ok(written.clone()), "not read back");
    let Some((app, seen)) = build(&config, Arc::new(Upstreams::default())) else {
        return;
    };
    // Nothing is read of the files of this machine, and nobody is asked over a network.
    if ELSEWHERE.iter().any(|word| written.contains(word)) {
        return;
    }
    if let Some(request) = request("/a/b?q=1", "X-A: 1", "") {
        runtime().block_on(async {
            // A config may well have a request wait.
            let asked = ask(&app, request);
            let _ = tokio::time::timeout(PATIENCE, asked).await;
        });
        seen.methods();
    }
}

/// What leads to something that is not in memory.
const ELSEWHERE: [&str; 5] = [
    "file",
    "dynamic_upstreams",
    "resolver",
    "templates",
    "tracing",
];
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(50);
