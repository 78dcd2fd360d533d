//! Which of many entries with one level and text are written.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use caddis_ir::LogSampling;

use super::Level;
use super::entry::Entry;

/// Caddy's defaults.
const INTERVAL: Duration = Duration::from_secs(1);
const FIRST: u64 = 100;
const THEREAFTER: u64 = 100;

/// So many texts are counted: others are written, as they are no repetition.
const MAX_TEXTS: usize = 4096;

/// Counts entries of one level and text over an interval.
#[derive(Debug)]
pub(super) struct Sampling {
    interval: Duration,
    /// How many are written at first.
    first: u64,
    /// Each how many of the others is written.
    thereafter: u64,
    counts: HashMap<(Level, String), Count>,
}

#[derive(Debug)]
struct Count {
    since: SystemTime,
    entries: u64,
}

impl Sampling {
    pub(super) fn read(config: &LogSampling) -> Self {
        let or = |given: Option<i64>, usual| {
            let given = given.and_then(|given| u64::try_from(given).ok());
            given.filter(|given| *given > 0).unwrap_or(usual)
        };
        let interval = config.interval.map(caddis_ir::Duration::to_std);
        Self {
            interval: interval
                .filter(|interval| !interval.is_zero())
                .unwrap_or(INTERVAL),
            first: or(config.first, FIRST),
            thereafter: or(config.thereafter, THEREAFTER),
            counts: HashMap::new(),
        }
    }

    pub(super) fn takes(&mut self, entry: &Entry) -> bool {
        let Self {
            interval, counts, ..
        } = self;
        let is_over = |count: &Count| {
            let age = entry.at.duration_since(count.since);
            age.is_ok_and(|age| age >= *interval)
        };
        if counts.len() >= MAX_TEXTS {
            counts.retain(|_, count| !is_over(count));
            if counts.len() >= MAX_TEXTS {
                return true;
            }
        }
        let key = (entry.level, entry.message.clone());
        let count = counts.entry(key).or_insert(Count {
            since: entry.at,
            entries: 0,
        });
        if is_over(count) {
            (count.since, count.entries) = (entry.at, 0);
        }
        count.entries += 1;
        count.entries <= self.first || (count.entries - self.first).is_multiple_of(self.thereafter)
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::log::About;

    fn entry(message: &str, after: Duration) -> Entry {
        Entry {
            at: UNIX_EPOCH + after,
            level: Level::Info,
            logger: "".into(),
            message: message.into(),
            about: About::Event(Vec::new()),
        }
    }

    #[test]
    fn the_first_ones_and_each_nth_of_the_others_are_taken() {
        let config = LogSampling {
            first: Some(2),
            thereafter: Some(3),
            ..LogSampling::default()
        };
        let mut sampling = Sampling::read(&config);
        let taken: Vec<_> = (1..=9)
            .filter(|_| sampling.takes(&entry("a", Duration::ZERO)))
            .collect();
        assert_eq!(taken, [1, 2, 5, 8]);
        assert!(sampling.takes(&entry("b", Duration::ZERO)));
        assert!(sampling.takes(&entry("a", INTERVAL)));
    }

    #[test]
    fn texts_that_nobody_counts_are_taken_and_cost_no_memory() {
        let mut sampling = Sampling::read(&LogSampling::default());
        for number in 0..=MAX_TEXTS {
            assert!(sampling.takes(&entry(&number.to_string(), Duration::ZERO)));
        }
        assert_eq!(sampling.counts.len(), MAX_TEXTS);
    }
}
