//! What a connection is doing, so that one sweep per worker can end those that take too long.
//!
//! Nothing that happens per request registers a timer: a connection notes its phase and the worker's coarse time,
//! and the sweep looks at all of them.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::task::Waker;
use std::time::{Duration, SystemTime};

use http::HeaderValue;
use parking_lot::Mutex;

use super::Settings;
use super::clock::Clock;
use super::framing::Received;

/// The most TLS handshakes of a worker that are under way at once; the oldest one gives way.
const MAX_HANDSHAKES: usize = 1024;
/// How long a handshake may wait for a certificate, as in Caddy.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// How long a connection that was told to end may still take to hand out what it had written.
const LAST_WRITES: Duration = Duration::from_secs(30);

/// How long a connection without a request has to hand out what it wrote last, once the server stops; more than the
/// time between two sweeps.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How long the header of a request may take once the server stops, as in Go.
const LAST_HEADER: Duration = Duration::from_secs(5);

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
    /// A TLS handshake.
    Handshake,
    /// The header of a request has begun, or the connection is new.
    Header,
    /// Waiting for a request.
    Idle,
    /// A request is being answered.
    Busy,
    /// Our side is closed; what the client still sends is thrown away.
    Closing,
    /// A TLS handshake that waits for a certificate which is being got.
    Waiting,
}

/// What a connection is told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Command {
    /// Nothing.
    GoOn,
    /// End after the requests that are under way.
    Finish,
    /// End now.
    Close,
}

/// What is known of a connection by those who may end it.
#[derive(Debug)]
pub(crate) struct Activity {
    clock: Arc<Clock>,
    settings: Arc<Settings>,
    phase: AtomicU8,
    since: AtomicU64,
    requests: AtomicU32,
    command: AtomicU8,
    multiplexed: AtomicBool,
    had_body: AtomicBool,
    framed_twice: AtomicBool,
    task: OnceLock<Waker>,
}

/// All connections of a worker.
#[derive(Debug)]
pub(crate) struct Connections {
    pub(crate) clock: Arc<Clock>,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    all: HashMap<u64, Arc<Activity>>,
    handshakes: VecDeque<Arc<Activity>>,
}

impl Activity {
    pub(crate) fn new(clock: Arc<Clock>, settings: Arc<Settings>, phase: Phase) -> Self {
        let since = clock.now();
        Self {
            clock,
            settings,
            phase: AtomicU8::new(phase as u8),
            since: AtomicU64::new(since),
            requests: AtomicU32::new(0),
            command: AtomicU8::new(Command::GoOn as u8),
            multiplexed: AtomicBool::new(false),
            had_body: AtomicBool::new(false),
            framed_twice: AtomicBool::new(false),
            task: OnceLock::new(),
        }
    }

    /// The time of day, where the one that hyper writes into answers is late: it does not go back with the clock.
    pub(crate) fn date(&self) -> Option<HeaderValue> {
        if !self.clock.was_set_back() {
            return None;
        }
        HeaderValue::try_from(httpdate::fmt_http_date(SystemTime::now())).ok()
    }

    /// Remembers how to wake the connection's task, which never changes.
    pub(crate) fn is_polled_by(&self, waker: &Waker) {
        self.task.get_or_init(|| waker.clone());
    }

    pub(crate) fn command(&self) -> Command {
        match self.command.load(Relaxed) {
            0 => Command::GoOn,
            1 => Command::Finish,
            _ => Command::Close,
        }
    }

    /// Tells the connection what to do; what it was told before stands if it was more.
    pub(crate) fn tell(&self, command: Command) {
        if self.command() < command {
            self.command.store(command as u8, Relaxed);
            if let Some(task) = self.task.get() {
                task.wake_by_ref();
            }
        }
    }

    pub(super) fn phase(&self) -> Phase {
        match self.phase.load(Relaxed) {
            0 => Phase::Handshake,
            1 => Phase::Header,
            2 => Phase::Idle,
            3 => Phase::Busy,
            4 => Phase::Closing,
            _ => Phase::Waiting,
        }
    }

    pub(crate) fn enters(&self, phase: Phase) {
        self.phase.store(phase as u8, Relaxed);
        self.since.store(self.clock.now(), Relaxed);
    }

    /// Requests on this connection run side by side, so what is read says nothing of where a header begins.
    pub(crate) fn is_multiplexed(&self) {
        self.multiplexed.store(true, Relaxed);
        self.enters(Phase::Idle);
    }

    /// Bytes came in.
    pub(crate) fn received(&self) -> Received {
        match self.phase() {
            Phase::Idle if !self.multiplexed.load(Relaxed) => {
                self.enters(Phase::Header);
                Received::Begin
            }
            Phase::Header => Received::Header,
            Phase::Handshake | Phase::Waiting | Phase::Idle | Phase::Busy | Phase::Closing => {
                Received::Other
            }
        }
    }

    /// The header that comes in says in two ways where its body ends.
    pub(crate) fn is_framed_twice(&self) {
        self.framed_twice.store(true, Relaxed);
    }

    /// Whether it does; such a request is the last of its connection.
    pub(crate) fn was_framed_twice(&self) -> bool {
        self.framed_twice.load(Relaxed)
    }

    /// Bytes went out: a slow reader is not idle.
    pub(crate) fn sent(&self) {
        if self.phase() == Phase::Idle {
            self.since.store(self.clock.now(), Relaxed);
        }
    }

    pub(crate) fn request_begins(&self, has_body: bool) {
        self.had_body.store(has_body, Relaxed);
        if self.requests.fetch_add(1, Relaxed) == 0 {
            self.enters(Phase::Busy);
        }
    }

    pub(crate) fn request_ends(&self) {
        if self.requests.fetch_sub(1, Relaxed) == 1 {
            self.enters(Phase::Idle);
        }
    }

    /// Whether the client may have sent something that nobody read: closing would then take back our answer.
    pub(crate) fn may_have_unread(&self) -> bool {
        self.had_body.load(Relaxed) || self.phase() == Phase::Header
    }

    /// What the time-outs ask for.
    fn verdict(&self, now: u64) -> Command {
        let spent = self.spent(now);
        let settings = &self.settings;
        match self.phase() {
            Phase::Handshake if spent > settings.handshake_timeout => Command::Close,
            Phase::Waiting if spent > LONGEST_WAIT => Command::Close,
            Phase::Header if exceeds(spent, settings.header_limit()) => Command::Close,
            Phase::Idle if exceeds(spent, settings.idle_timeout.map(|idle| idle + LAST_WRITES)) => {
                Command::Close
            }
            Phase::Idle if exceeds(spent, settings.idle_timeout) => Command::Finish,
            Phase::Busy if self.multiplexed.load(Relaxed) => Command::GoOn,
            Phase::Busy if exceeds(spent, settings.request_limit()) => Command::Close,
            Phase::Handshake
            | Phase::Waiting
            | Phase::Header
            | Phase::Idle
            | Phase::Busy
            | Phase::Closing => Command::GoOn,
        }
    }

    /// How long it has been doing what it does, give or take the time between two sweeps.
    fn spent(&self, now: u64) -> Duration {
        Duration::from_millis(now.saturating_sub(self.since.load(Relaxed)))
    }

    /// Whether nothing is lost if the connection ends, some time after it was told to.
    fn is_unused(&self, now: u64) -> bool {
        match self.phase() {
            Phase::Header => self.spent(now) > LAST_HEADER,
            // What ended the last stream may still be on its way to the client.
            Phase::Idle => self.multiplexed.load(Relaxed) && self.spent(now) > LAST_WORDS,
            Phase::Closing => true,
            Phase::Handshake | Phase::Waiting | Phase::Busy => false,
        }
    }
}

fn exceeds(spent: Duration, limit: Option<Duration>) -> bool {
    limit.is_some_and(|limit| spent > limit)
}

impl Connections {
    pub(crate) fn new() -> Self {
        Self {
            clock: Arc::new(Clock::start()),
            open: Mutex::default(),
        }
    }

    /// Counts a connection in until the guard is dropped.
    pub(crate) fn enter(self: &Arc<Self>, activity: &Arc<Activity>) -> Entered {
        let mut open = self.open.lock();
        open.next += 1;
        let id = open.next;
        open.all.insert(id, Arc::clone(activity));
        if activity.phase() == Phase::Handshake {
            open.handshakes.push_back(Arc::clone(activity));
            open.bound_handshakes();
        }
        Entered {
            connections: Arc::clone(self),
            id,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count() == 0
    }

    pub(crate) fn count(&self) -> usize {
        self.open.lock().all.len()
    }

    /// Tells every connection.
    pub(crate) fn tell(&self, command: Command) {
        let all: Vec<_> = self.open.lock().all.values().cloned().collect();
        for activity in all {
            // A connection without a request has nothing to finish.
            let command = match activity.phase() {
                Phase::Handshake | Phase::Waiting => Command::Close,
                Phase::Header | Phase::Idle | Phase::Busy | Phase::Closing => command,
            };
            activity.tell(command);
        }
    }

    /// Ends the connections that have no request: they were told, and had time for a last one.
    pub(crate) fn close_unused(&self) {
        let all: Vec<_> = self.open.lock().all.values().cloned().collect();
        for activity in all {
            if activity.is_unused(self.clock.now()) {
                activity.tell(Command::Close);
            }
        }
    }

    /// Ends the connections that take too long.
    pub(crate) fn sweep(&self) {
        let now = self.clock.tick();
        let mut late = Vec::new();
        {
            let mut open = self.open.lock();
            while (open.handshakes.front()).is_some_and(|first| first.phase() != Phase::Handshake) {
                open.handshakes.pop_front();
            }
            for activity in open.all.values() {
                match activity.verdict(now) {
                    Command::GoOn => {}
                    command @ (Command::Finish | Command::Close) => {
                        late.push((Arc::clone(activity), command));
                    }
                }
            }
        }
        for (activity, command) in late {
            activity.tell(command);
        }
    }
}

impl Open {
    /// A client in earnest shakes hands in a moment, so the oldest one is the one that does not mean it.
    fn bound_handshakes(&mut self) {
        while self.handshakes.len() > MAX_HANDSHAKES {
            if let Some(oldest) = self.handshakes.pop_front()
                && oldest.phase() == Phase::Handshake
            {
                oldest.tell(Command::Close);
            }
        }
    }
}

/// Counts a connection out when it is dropped.
#[derive(Debug)]
pub(crate) struct Entered {
    connections: Arc<Connections>,
    id: u64,
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.connections.open.lock().all.remove(&self.id);
    }
}
