//! What the server holds out, one attack after the other.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends with the trouble that it met"
)]

use std::time::Duration;

use super::arena::{Arena, ELSEWHERE, Ports};
use super::attackers::{self, Count};
use crate::server::{PATIENCE, is_real_caddy};

/// More than any attack comes to.
const LET_IN: usize = 1_000_000;

/// Attacks at least so much.
fn attacked<F>(least: usize, attack: fn(Ports, Count) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    if is_real_caddy() {
        // Its memory is collected later, and it has no `rate_limit`.
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async { Arena::open().await.attacked(least, attack).await });
}

#[test]
fn who_guesses_passwords_keeps_nobody_else_out() {
    attacked(LET_IN, |ports, count| async move {
        let honest = async {
            // The line is full by then.
            tokio::time::sleep(Duration::from_millis(500)).await;
            let asked = attackers::login(ELSEWHERE, ports.plain, "YWRhOnB3");
            let status = tokio::time::timeout(PATIENCE, asked).await;
            assert_eq!(status.unwrap().unwrap(), 200, "she is kept out");
            count.add(LET_IN);
        };
        tokio::join!(attackers::passwords(ports, count.clone()), honest);
    });
}

#[test]
fn headers_that_come_byte_by_byte_cost_others_nothing() {
    attacked(200, attackers::slow_headers);
}

#[test]
fn bodies_that_come_byte_by_byte_cost_others_nothing() {
    attacked(100, attackers::slow_bodies);
}

#[test]
fn large_answers_wait_for_slow_readers_at_the_upstream_and_not_in_memory() {
    attacked(16 * 8, attackers::slow_readers);
}

#[test]
fn requests_that_are_taken_back_cost_others_nothing() {
    attacked(10, attackers::rapid_reset);
}

#[test]
fn headers_that_never_end_are_ended() {
    attacked(10, attackers::continuation);
}

#[test]
fn handshakes_that_nobody_means_leave_nothing_behind() {
    attacked(100, attackers::handshakes);
}

#[test]
fn keys_that_are_made_up_fill_no_memory() {
    attacked(200, attackers::keys);
}
