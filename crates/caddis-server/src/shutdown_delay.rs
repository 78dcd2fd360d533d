//! `shutdown_delay`: the time between the wish to stop and the stop, in which load balancers are told to go elsewhere.

use std::fmt::Write as _;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// When the server stops: `{http.shutting_down}` and `{http.time_until_shutdown}`.
#[derive(Debug, Default)]
pub struct ShutdownDelay(OnceLock<Instant>);

impl ShutdownDelay {
    /// Notes that the server stops after this time.
    pub(crate) fn begin(&self, delay: Duration) {
        // A second wish to stop does not make it later.
        let _ = self.0.set(Instant::now() + delay);
    }

    /// Whether it is known when the server stops.
    pub(crate) fn has_begun(&self) -> bool {
        self.0.get().is_some()
    }

    /// How long it will be there, as Go writes it; nothing while nobody wishes it to stop.
    pub(crate) fn left(&self) -> String {
        let left = |end: &Instant| go_duration(end.saturating_duration_since(Instant::now()));
        self.0.get().map(left).unwrap_or_default()
    }
}

impl PartialEq for ShutdownDelay {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for ShutdownDelay {}

/// A time as Go writes it: `1m2.5s`, `2.5s`, `20ms`.
fn go_duration(duration: Duration) -> String {
    const MINUTE: u64 = 60;
    let (minutes, seconds) = (duration.as_secs() / MINUTE, duration.as_secs() % MINUTE);
    if minutes == 0 {
        let is_zero = duration.is_zero();
        return if is_zero {
            "0s".into()
        } else {
            format!("{duration:?}")
        };
    }
    let mut text = String::new();
    if minutes >= MINUTE {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}h", minutes / MINUTE);
    }
    let fraction = format!("{:09}", duration.subsec_nanos());
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    let _ = write!(text, "{}m{seconds}{point}{fraction}s", minutes % MINUTE);
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{ShutdownDelay, go_duration};

    #[test]
    fn times_are_written_as_in_go() {
        for (milliseconds, text) in [
            (0, "0s"),
            (20, "20ms"),
            (2500, "2.5s"),
            (62_500, "1m2.5s"),
            (60_000, "1m0s"),
            (3_600_001, "1h0m0.001s"),
        ] {
            assert_eq!(go_duration(Duration::from_millis(milliseconds)), text);
        }
    }

    #[test]
    fn what_is_left_is_known_from_the_first_wish_on() {
        let delay = ShutdownDelay::default();
        assert_eq!((delay.has_begun(), delay.left()), (false, String::new()));
        delay.begin(Duration::from_secs(9));
        delay.begin(Duration::from_secs(90));
        assert!(delay.has_begun());
        assert!(delay.left().starts_with("8.9"), "{}", delay.left());
    }
}
