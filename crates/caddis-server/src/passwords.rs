//! Checks passwords against their hashes, away from the threads that serve requests.
//!
//! A check costs up to a second of a core. So there are fewer threads for it than cores, a line of bounded length
//! before them, in which clients take turns, one check for any number of clients who ask the same thing, and a memory
//! of the answers that holds neither passwords nor anything that they could be found from without the key of this
//! process.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::WeakShared;
use hmac::{Hmac, KeyInit, Mac};
use parking_lot::{Mutex, RwLock};
use sha2::Sha256;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::password_hash;
use crate::password_line::{Full, Line};

/// How many answers are remembered, for right and for wrong passwords each; Caddy has 1000.
const MAX_REMEMBERED: usize = 1000;
/// How long it is remembered that a password was wrong.
const WRONG_FOR: Duration = Duration::from_mins(1);

/// Checks passwords, and remembers what it found.
pub(crate) struct Passwords {
    key: Hmac<Sha256>,
    right: RwLock<HashSet<Question>>,
    wrong: RwLock<HashMap<Question, Instant>>,
    under_way: Mutex<UnderWay>,
    line: OnceLock<Arc<Line<Job>>>,
    threads: usize,
}

/// A user, a hash and a password, as one keyed hash of all.
///
/// Users whom nobody knows share one hash: without their names, an answer that comes at once would tell that a
/// user is one of them.
type Question = [u8; 32];

/// What is being checked, or waits for it.
type UnderWay = HashMap<Question, WeakShared<oneshot::Receiver<bool>>>;

/// Too many checks wait already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Busy;

struct Job {
    password: Zeroizing<Vec<u8>>,
    hash: Arc<str>,
    question: Question,
    passwords: Arc<Passwords>,
    answer: oneshot::Sender<bool>,
}

impl Passwords {
    /// Starts no thread: that is done by the first check.
    pub(crate) fn new() -> Arc<Self> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let key: [u8; 32] = rand::random();
        Arc::new(Self {
            key: Hmac::new_from_slice(&key).expect("HMAC takes a key of any length"),
            right: RwLock::default(),
            wrong: RwLock::default(),
            under_way: Mutex::default(),
            line: OnceLock::new(),
            threads: cores.saturating_sub(1).max(1),
        })
    }

    /// What is remembered of a password, if anything is.
    pub(crate) fn remembered(&self, user: &str, hash: &str, password: &[u8]) -> Option<bool> {
        let question = self.question(user, hash, password);
        if self.right.read().contains(&question) {
            return Some(true);
        }
        let since = *self.wrong.read().get(&question)?;
        (since.elapsed() < WRONG_FOR).then_some(false)
    }

    /// Checks a password for a client. A check that waits is left out once all who asked for it are gone.
    pub(crate) async fn check(
        self: &Arc<Self>,
        client: IpAddr,
        (user, hash): (&str, &Arc<str>),
        password: Zeroizing<Vec<u8>>,
    ) -> Result<bool, Busy> {
        let question = self.question(user, hash, &password);
        let answer = {
            let mut under_way = self.under_way.lock();
            let asked = under_way.get(&question).and_then(WeakShared::upgrade);
            if let Some(answer) = asked {
                answer
            } else {
                let (sender, receiver) = oneshot::channel();
                let answer = receiver.shared();
                let job = Job {
                    password,
                    hash: Arc::clone(hash),
                    question,
                    passwords: Arc::clone(self),
                    answer: sender,
                };
                let is_wanted = |job: &Job| !job.answer.is_closed();
                let entered = self.line().enter(client, job, is_wanted);
                for gone in entered.map_err(|Full| Busy)? {
                    gone.gives_way(&mut under_way);
                }
                under_way.extend(answer.downgrade().map(|answer| (question, answer)));
                answer
            }
        };
        answer.await.map_err(|_| Busy)
    }

    fn question(&self, user: &str, hash: &str, password: &[u8]) -> Question {
        let mut mac = self.key.clone();
        for part in [user, hash] {
            mac.update(&part.len().to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.update(password);
        mac.finalize().into_bytes().into()
    }

    fn line(&self) -> &Line<Job> {
        self.line.get_or_init(|| {
            let line = Arc::new(Line::new());
            for index in 0..self.threads {
                let line = Arc::clone(&line);
                let thread = std::thread::Builder::new().name(format!("passwords-{index}"));
                if let Err(error) = thread.spawn(move || work(&line)) {
                    tracing::error!(target: "http", %error, "starting a thread for passwords");
                }
            }
            line
        })
    }

    fn remember(&self, question: Question, is_right: bool) {
        if is_right {
            let mut right = self.right.write();
            let any = right.iter().next().copied();
            if right.len() >= MAX_REMEMBERED
                && let Some(any) = any
            {
                right.remove(&any);
            }
            right.insert(question);
        } else {
            let mut wrong = self.wrong.write();
            if wrong.len() >= MAX_REMEMBERED {
                forget(&mut wrong);
            }
            wrong.insert(question, Instant::now());
        }
        self.under_way.lock().remove(&question);
    }
}

impl Drop for Passwords {
    /// The threads end when nobody can ask any more.
    fn drop(&mut self) {
        if let Some(line) = self.line.get() {
            line.close();
        }
    }
}

impl Job {
    /// Leaves the line; those who wait for the answer are told.
    fn gives_way(self, under_way: &mut UnderWay) {
        // Whoever asks again once all who asked are gone has taken the place among those that are under way.
        let now = under_way.get(&self.question);
        if !self.answer.is_closed() || now.is_some_and(|asked| asked.upgrade().is_none()) {
            under_way.remove(&self.question);
        }
    }

    /// Whether all who asked are gone: otherwise a client that asks and leaves keeps everybody waiting.
    fn is_forgotten(&self) -> bool {
        let mut under_way = self.passwords.under_way.lock();
        if !self.answer.is_closed() {
            return false;
        }
        let now = under_way.get(&self.question);
        if now.is_some_and(|asked| asked.upgrade().is_none()) {
            under_way.remove(&self.question);
        }
        true
    }
}

/// Ends when nobody can ask any more.
fn work(line: &Line<Job>) {
    while let Some(job) = line.next() {
        if job.is_forgotten() {
            continue;
        }
        let is_right = password_hash::is_right(&job.hash, &job.password);
        job.passwords.remember(job.question, is_right);
        // Nobody may be waiting any more; the answer is remembered all the same.
        let _ = job.answer.send(is_right);
    }
}

/// Forgets what is old, or else anything.
fn forget(wrong: &mut HashMap<Question, Instant>) {
    wrong.retain(|_, since| since.elapsed() < WRONG_FOR);
    if wrong.len() >= MAX_REMEMBERED
        && let Some(any) = wrong.keys().next().copied()
    {
        wrong.remove(&any);
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::sync::Arc;

    use futures_util::FutureExt;
    use zeroize::Zeroizing;

    use super::{Busy, Instant, MAX_REMEMBERED, Passwords};
    use crate::password_line::MAX_WAITING;

    const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[tokio::test]
    async fn both_answers_are_remembered() {
        let passwords = Passwords::new();
        let hash: Arc<str> = bcrypt::hash("pw", 4).unwrap().into();
        for (password, is_right) in [("pw", true), ("no", false)] {
            assert_eq!(
                passwords.remembered("ada", &hash, password.as_bytes()),
                None
            );
            let plain = Zeroizing::new(password.as_bytes().to_vec());
            assert_eq!(
                passwords.check(CLIENT, ("ada", &hash), plain).await,
                Ok(is_right)
            );
            assert_eq!(
                passwords.remembered("ada", &hash, password.as_bytes()),
                Some(is_right)
            );
        }
        assert_eq!(passwords.remembered("ada", "another hash", b"pw"), None);
    }

    #[tokio::test]
    async fn an_answer_for_one_user_is_none_for_another_with_the_same_hash() {
        let passwords = Passwords::new();
        let nobodys: Arc<str> = bcrypt::hash("pw", 4).unwrap().into();
        let plain = Zeroizing::new(b"no".to_vec());
        let checked = passwords.check(CLIENT, ("nobody", &nobodys), plain).await;
        assert_eq!(checked, Ok(false));
        assert_eq!(passwords.remembered("nobody", &nobodys, b"no"), Some(false));
        assert_eq!(passwords.remembered("no one", &nobodys, b"no"), None);
    }

    #[tokio::test]
    async fn a_check_that_nobody_waits_for_any_more_is_left_out() {
        let passwords = Passwords::new();
        let hash: Arc<str> = bcrypt::hash("pw", 10).unwrap().into();
        let ask = |index: usize| {
            let (passwords, hash) = (Arc::clone(&passwords), Arc::clone(&hash));
            let plain = Zeroizing::new(index.to_be_bytes().to_vec());
            async move { passwords.check(CLIENT, ("ada", &hash), plain).await }
        };
        for index in 0..passwords.threads + 8 {
            assert_eq!(ask(index).now_or_never(), None);
        }
        assert_eq!(ask(usize::MAX).await, Ok(false));
        assert!(passwords.wrong.read().len() <= passwords.threads * 2);
        assert!(passwords.under_way.lock().is_empty());
    }

    #[tokio::test]
    async fn a_client_that_fills_the_line_gives_way_and_is_told() {
        let passwords = Passwords::new();
        let hash: Arc<str> = bcrypt::hash("pw", 6).unwrap().into();
        let ask = |client: [u8; 4], index: usize| {
            let (passwords, hash) = (Arc::clone(&passwords), Arc::clone(&hash));
            let plain = Zeroizing::new(index.to_be_bytes().to_vec());
            async move { passwords.check(client.into(), ("ada", &hash), plain).await }
        };
        let greedy = (0..4 * MAX_WAITING).map(|index| ask([192, 0, 2, 1], index));
        let greedy = futures_util::future::join_all(greedy);
        let others = (0..8).map(|index| ask([192, 0, 2, 2], usize::MAX - index));
        let (greedy, others) =
            futures_util::future::join(greedy, futures_util::future::join_all(others)).await;
        assert_eq!(others, [Ok(false); 8]);
        assert!(greedy.contains(&Ok(false)) && greedy.contains(&Err(Busy)));
        assert!(passwords.under_way.lock().is_empty());
    }

    #[test]
    fn what_was_wrong_too_long_ago_is_asked_again() {
        let passwords = Passwords::new();
        let question = passwords.question("ada", "hash", b"no");
        let long_ago = Instant::now().checked_sub(super::WRONG_FOR).unwrap();
        passwords.wrong.write().insert(question, long_ago);
        assert_eq!(passwords.remembered("ada", "hash", b"no"), None);
    }

    #[test]
    fn no_more_is_remembered_than_a_thousand_of_each() {
        let passwords = Passwords::new();
        for index in 0..=MAX_REMEMBERED * 2 {
            let question = passwords.question("ada", "hash", &index.to_be_bytes());
            passwords.remember(question, index % 2 == 0);
            passwords.remember(question, index % 2 == 1);
        }
        assert_eq!(passwords.right.read().len(), MAX_REMEMBERED);
        assert_eq!(passwords.wrong.read().len(), MAX_REMEMBERED);
    }
}
