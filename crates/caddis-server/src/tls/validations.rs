//! Restraint: a name that an ACME server could not validate is not shown to it again and again.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// How many validations of a name may fail in an hour. Let's Encrypt takes five before it locks the name.
const MOST: usize = 3;
const HOUR: Duration = Duration::from_hours(1);

/// The validations of the last hour that failed or are under way, by server and name.
#[derive(Debug, Default)]
pub(super) struct Validations(Mutex<HashMap<(String, String), VecDeque<Instant>>>);

/// A validation that is under way; it has failed unless it is said to have passed.
#[derive(Debug)]
pub(super) struct Validation {
    all: Arc<Validations>,
    of: (String, String),
    begun: Instant,
}

impl Validations {
    /// Begins one, unless too many have failed; then says how long to wait.
    pub(super) fn begin(self: &Arc<Self>, ca: &str, name: &str) -> Result<Validation, Duration> {
        let now = Instant::now();
        let of = (ca.to_owned(), name.to_lowercase());
        let mut all = self.0.lock();
        all.retain(|_, times| {
            times.retain(|begun| now.duration_since(*begun) < HOUR);
            !times.is_empty()
        });
        let times = all.entry(of.clone()).or_default();
        if let Some(first) = times.front().filter(|_| times.len() >= MOST) {
            return Err((*first + HOUR).duration_since(now));
        }
        times.push_back(now);
        Ok(Validation {
            all: Arc::clone(self),
            of,
            begun: now,
        })
    }
}

impl Validations {
    /// Takes over those that began so long ago, before this process, if none of the name are known.
    pub(super) fn recall(&self, ca: &str, name: &str, ages: impl FnOnce() -> Vec<Duration>) {
        let now = Instant::now();
        let of = (ca.to_owned(), name.to_lowercase());
        self.0.lock().entry(of).or_insert_with(|| {
            let mut begun: Vec<_> = (ages().into_iter())
                .filter(|age| *age < HOUR)
                .map(|age| now.checked_sub(age).unwrap_or(now))
                .collect();
            begun.sort();
            begun.into()
        });
    }

    /// How long ago those of the last hour began.
    pub(super) fn ages(&self, ca: &str, name: &str) -> Vec<Duration> {
        let now = Instant::now();
        let all = self.0.lock();
        let times = all.get(&(ca.to_owned(), name.to_lowercase()));
        let ages = times.into_iter().flatten();
        ages.map(|begun| now.duration_since(*begun))
            .filter(|age| *age < HOUR)
            .collect()
    }
}

impl Validation {
    /// It did not fail.
    pub(super) fn passed(self) {
        let mut all = self.all.0.lock();
        if let Some(times) = all.get_mut(&self.of)
            && let Some(at) = times.iter().position(|begun| *begun == self.begun)
        {
            times.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::Validations;

    #[tokio::test(start_paused = true)]
    async fn three_may_fail_in_an_hour_for_each_server_and_name() {
        let all = Arc::new(Validations::default());
        let begin = |ca, name| all.begin(ca, name).map(drop);
        for _ in 0..3 {
            begin("ca", "a.test").unwrap();
            tokio::time::advance(Duration::from_mins(1)).await;
        }
        assert_eq!(begin("ca", "A.test"), Err(Duration::from_mins(57)));
        assert_eq!(begin("ca", "b.test"), Ok(()));
        assert_eq!(begin("other", "a.test"), Ok(()));
        tokio::time::advance(Duration::from_mins(57)).await;
        assert_eq!(begin("ca", "a.test"), Ok(()));
        assert_eq!(begin("ca", "a.test"), Err(Duration::from_mins(1)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_passes_is_not_counted() {
        let all = Arc::new(Validations::default());
        for _ in 0..10 {
            all.begin("ca", "a.test").unwrap().passed();
        }
        assert!(all.begin("ca", "a.test").is_ok());
    }
}
