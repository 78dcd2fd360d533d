//! When an issuer is asked again after it said no.

use std::time::Duration;

use time::OffsetDateTime;

use super::issuer::Cause;

const MINUTE: u64 = 60;
/// After what has to be put right by somebody.
const REFUSED: [u64; 9] = [
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    30 * MINUTE,
    60 * MINUTE,
    120 * MINUTE,
    240 * MINUTE,
    360 * MINUTE,
];
/// After an issuer that did not answer, which costs nobody anything.
const DOWN: [u64; 6] = [10, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE];
/// So that many servers do not come back at the same moment, a wait is longer by up to this part.
const JITTER: f64 = 0.1;

/// The wait after the `failures`-th refusal in a row; `chance` is from 0 to 1.
pub(super) fn wait(cause: Cause, failures: u32, now: OffsetDateTime, chance: f64) -> Duration {
    let at = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
    let step = |steps: &[u64]| {
        let step = steps.get(at).or(steps.last()).copied();
        Duration::from_secs(step.unwrap_or(MINUTE)).mul_f64(1.0 + JITTER * chance)
    };
    match cause {
        Cause::Down => step(&DOWN),
        Cause::TooOften(Some(until)) => {
            /// No clock is exact.
            const SPARE: Duration = Duration::from_secs(1);
            let wait = Duration::try_from(until - now).unwrap_or_default();
            // A time that has passed by our clock, which may be wrong, is no reason to ask again and again.
            (wait + SPARE.mul_f64(1.0 + chance)).max(step(&DOWN))
        }
        Cause::TooOften(None) | Cause::Validation | Cause::Refused => step(&REFUSED),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use time::OffsetDateTime;

    use super::wait;
    use crate::tls::issuer::Cause;

    fn minutes(cause: Cause, failures: u32) -> u64 {
        let now = OffsetDateTime::UNIX_EPOCH;
        wait(cause, failures, now, 0.0).as_secs() / 60
    }

    #[test]
    fn waits_grow_from_a_minute_to_six_hours() {
        let waits: Vec<_> = (1..=11)
            .map(|failures| minutes(Cause::Validation, failures))
            .collect();
        assert_eq!(waits, [1, 2, 5, 10, 30, 60, 120, 240, 360, 360, 360]);
    }

    #[test]
    fn a_server_that_does_not_answer_is_asked_again_sooner() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let first = wait(Cause::Down, 1, now, 1.0);
        assert_eq!(first, Duration::from_secs(11));
        assert_eq!(minutes(Cause::Down, 99), 10);
    }

    #[test]
    fn what_the_server_says_about_the_time_comes_first() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let until = now + time::Duration::hours(30);
        let wait = wait(Cause::TooOften(Some(until)), 1, now, 0.0);
        assert_eq!(wait, Duration::from_secs(30 * 3600 + 1));
    }

    #[test]
    fn a_time_to_come_back_that_has_passed_makes_waits_grow_too() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let past = Cause::TooOften(Some(now - time::Duration::hours(2)));
        let waits: Vec<_> = (1..=7)
            .map(|failures| wait(past, failures, now, 0.0).as_secs())
            .collect();
        assert_eq!(waits, [10, 30, 60, 120, 300, 600, 600]);
    }
}
