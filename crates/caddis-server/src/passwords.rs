//! Checks passwords against their hashes, away from the threads that serve requests.
//!
//! A check costs up to a second of a core. So there are fewer threads for it than cores, a line of bounded length
//! before them, one check for any number of clients who ask the same thing, and a memory of the answers that
//! holds neither passwords nor anything that they could be found from without the key of this process.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::Shared;
use hmac::{Hmac, KeyInit, Mac};
use parking_lot::{Mutex, RwLock};
use sha2::Sha256;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

/// How many checks may wait for a thread.
pub(crate) const MAX_WAITING: usize = 64;
/// How many answers are remembered, for right and for wrong passwords each; Caddy has 1000.
const MAX_REMEMBERED: usize = 1000;
/// How long it is remembered that a password was wrong.
const WRONG_FOR: Duration = Duration::from_secs(60);

/// Checks passwords, and remembers what it found.
pub(crate) struct Passwords {
    key: Hmac<Sha256>,
    right: RwLock<HashMap<Question, ()>>,
    wrong: RwLock<HashMap<Question, Instant>>,
    under_way: Mutex<HashMap<Question, Shared<oneshot::Receiver<bool>>>>,
    line: OnceLock<SyncSender<Job>>,
    threads: usize,
}

/// A hash and a password, as one keyed hash of both.
type Question = [u8; 32];

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
    pub(crate) fn remembered(&self, hash: &str, password: &[u8]) -> Option<bool> {
        let question = self.question(hash, password);
        if self.right.read().contains_key(&question) {
            return Some(true);
        }
        let since = *self.wrong.read().get(&question)?;
        (since.elapsed() < WRONG_FOR).then_some(false)
    }

    /// Checks a password. The check goes on if the one who asked is gone: others may have asked the same.
    pub(crate) async fn check(
        self: &Arc<Self>,
        hash: &Arc<str>,
        password: Zeroizing<Vec<u8>>,
    ) -> Result<bool, Busy> {
        let question = self.question(hash, &password);
        let answer = {
            let mut under_way = self.under_way.lock();
            if let Some(answer) = under_way.get(&question) {
                answer.clone()
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
                match self.line().try_send(job) {
                    Ok(()) => {}
                    Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => return Err(Busy),
                }
                under_way.insert(question, answer.clone());
                answer
            }
        };
        answer.await.map_err(|_| Busy)
    }

    fn question(&self, hash: &str, password: &[u8]) -> Question {
        let mut mac = self.key.clone();
        mac.update(&hash.len().to_be_bytes());
        mac.update(hash.as_bytes());
        mac.update(password);
        mac.finalize().into_bytes().into()
    }

    fn line(&self) -> &SyncSender<Job> {
        self.line.get_or_init(|| {
            let (sender, receiver) = sync_channel(MAX_WAITING);
            let receiver = Arc::new(Mutex::new(receiver));
            for index in 0..self.threads {
                let receiver = Arc::clone(&receiver);
                let thread = std::thread::Builder::new().name(format!("passwords-{index}"));
                if let Err(error) = thread.spawn(move || work(&receiver)) {
                    tracing::error!(target: "http", %error, "starting a thread for passwords");
                }
            }
            sender
        })
    }

    fn remember(&self, question: Question, is_right: bool) {
        if is_right {
            let mut right = self.right.write();
            make_room(&mut right, |()| false);
            right.insert(question, ());
        } else {
            let mut wrong = self.wrong.write();
            make_room(&mut wrong, |since| since.elapsed() >= WRONG_FOR);
            wrong.insert(question, Instant::now());
        }
        self.under_way.lock().remove(&question);
    }
}

/// Ends when nobody can ask any more.
fn work(line: &Mutex<Receiver<Job>>) {
    loop {
        let next = line.lock().recv();
        let Ok(job) = next else { return };
        let is_right = bcrypt::verify(job.password.as_slice(), &job.hash).unwrap_or(false);
        job.passwords.remember(job.question, is_right);
        // Nobody may be waiting any more; the answer is remembered all the same.
        let _ = job.answer.send(is_right);
    }
}

fn make_room<V>(remembered: &mut HashMap<Question, V>, is_old: impl Fn(&V) -> bool) {
    if remembered.len() < MAX_REMEMBERED {
        return;
    }
    remembered.retain(|_, value| !is_old(value));
    if remembered.len() >= MAX_REMEMBERED
        && let Some(any) = remembered.keys().next().copied()
    {
        remembered.remove(&any);
    }
}
