//! One request, and the head of its answer.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{StatusCode, request, response};
use tokio::time::Sleep;

use super::fault::Fault;
use super::head::{self, Framing, Head};
use super::line::Line;
use super::reading::{Reading, Uploading};
use super::sending::Sending;
use super::switched::Switched;
use crate::handlers::reverse_proxy::pool::Lane;
use crate::handlers::reverse_proxy::upload::Upload;

/// How many bytes of answers such as 103 may come before the one that counts: without a limit, one that never comes to
/// it would keep a worker busy for as long as the client waits.
const MOST_BEFORE: usize = 1 << 20;

/// What an answer may take.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Limits {
    /// How long its header may be.
    pub(in super::super) header: usize,
    /// How long it may be waited for once the request was sent.
    pub(in super::super) time: Option<Duration>,
}

/// An answer.
pub(in super::super) struct Answered {
    pub(in super::super) head: response::Parts,
    pub(in super::super) rest: Rest,
}

/// What follows the head.
pub(in super::super) enum Rest {
    /// A body that is all there.
    Whole(Bytes),
    /// A body that comes.
    Reading(Reading),
    /// Another protocol.
    Switched(Switched),
}

/// Why there is no answer, and what the upstream may have seen of the request.
#[derive(Debug)]
pub(in super::super) struct Unanswered {
    pub(in super::super) fault: Fault,
    pub(in super::super) reached: Reached,
}

/// How far a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Reached {
    /// Nothing of it was sent.
    Nothing,
    /// Something of it was sent, and nothing came back.
    Sent,
    /// Something came back.
    Heard,
}

/// Sends a request, and waits for the head of its answer. What is left of the body goes up beside the answer.
pub(in super::super) async fn ask(
    mut line: Box<Line>,
    lane: &Arc<Lane>,
    head: &mut request::Parts,
    upload: &mut Upload,
    limits: Limits,
) -> Result<Answered, Unanswered> {
    let mut asking = Asking {
        sending: Sending::begin(head, upload, &mut line),
        line: &mut line,
        head,
        upload,
        limit: limits.header,
        broken: None,
        looked_at: 0,
        before: 0,
        has_heard: false,
    };
    let found = match limits.time {
        None => poll_fn(|cx| asking.poll(cx)).await,
        Some(limit) => asking.within(limit).await,
    };
    let found = found.map_err(|fault| asking.unanswered(fault))?;
    let Asking {
        sending, broken, ..
    } = asking;
    let goes_on = !sending.is_over() && broken.is_none() && !upload.waits_for_word();
    let is_sent = sending.is_over();
    let uploading = goes_on.then(|| (sending, std::mem::take(upload)));
    Ok(answered(line, lane, found, is_sent, uploading))
}

fn answered(
    mut line: Box<Line>,
    lane: &Arc<Lane>,
    head: Head,
    is_sent: bool,
    uploading: Option<(Sending, Upload)>,
) -> Answered {
    let stays = head.stays && is_sent;
    let is_whole = |length: u64| length <= line.read.len() as u64;
    let rest = match head.framing {
        Framing::Switched => Rest::Switched(Switched::of(*line)),
        Framing::Length(length) if is_whole(length) => {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            let body = line.read.split_to(length.min(line.read.len())).freeze();
            if stays {
                lane.put(line);
            }
            Rest::Whole(body)
        }
        framing => {
            let mut uploads = None;
            if let Some((sending, upload)) = uploading {
                let (reading, writing) = line.split();
                *line = reading;
                uploads = Some(Uploading::begin(writing, sending, upload));
            }
            let lane = stays.then(|| Arc::clone(lane));
            Rest::Reading(Reading::new(line, lane, framing, uploads))
        }
    };
    Answered {
        head: head.parts,
        rest,
    }
}

struct Asking<'a> {
    sending: Sending,
    line: &'a mut Line,
    head: &'a mut request::Parts,
    upload: &'a mut Upload,
    limit: usize,
    /// Why nothing more can be sent; the answer may be there all the same.
    broken: Option<io::Error>,
    /// How much of what was read is no head yet.
    looked_at: usize,
    /// How many bytes of other answers came.
    before: usize,
    has_heard: bool,
}

impl Asking<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Head, Fault>> {
        loop {
            self.send(cx)?;
            if let Some(head) = self.look()? {
                if head.framing != Framing::Informational {
                    return Poll::Ready(Ok(head));
                }
                self.note(&head)?;
                continue;
            }
            match ready!(self.line.poll_fill(cx)) {
                Ok(true) => self.has_heard = true,
                Ok(false) => {
                    let broken = self.broken.take().map(Fault::Io);
                    return Poll::Ready(Err(broken.unwrap_or(Fault::Closed)));
                }
                Err(error) => {
                    return Poll::Ready(Err(self.broken.take().unwrap_or(error).into()));
                }
            }
        }
    }

    async fn within(&mut self, limit: Duration) -> Result<Head, Fault> {
        let mut patience: Option<Pin<Box<Sleep>>> = None;
        poll_fn(|cx| {
            let found = self.poll(cx);
            if found.is_ready() || !self.sending.is_over() && self.broken.is_none() {
                return found;
            }
            let patience = patience.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
            ready!(patience.as_mut().poll(cx));
            Poll::Ready(Err(Fault::TooLate))
        })
        .await
    }

    fn send(&mut self, cx: &mut Context<'_>) -> Result<(), Fault> {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
        if self.sending.is_over() || self.broken.is_some() {
            return Ok(());
        }
        match self.sending.poll(self.line, self.upload, cx) {
            Poll::Ready(Err(Fault::Io(error)))
                if self.line.has_sent
                    && [BrokenPipe, ConnectionAborted, ConnectionReset].contains(&error.kind()) =>
            {
                self.broken = Some(error);
                Ok(())
            }
            Poll::Ready(sent) => sent,
            Poll::Pending => Ok(()),
        }
    }

    /// The head of an answer, if there is one.
    fn look(&mut self) -> Result<Option<Head>, Fault> {
        let read = &mut self.line.read;
        let new = read.get(self.looked_at..).unwrap_or_default();
        // Without another line there is nothing new to be found, however slowly it comes.
        let has_line = memchr::memchr(b'\n', new).is_some() || read.len() > self.limit;
        self.looked_at = read.len();
        if !has_line {
            return Ok(None);
        }
        let request = (&self.head.method, &mut self.head.headers);
        head::take(read, request, self.limit)
    }

    /// Notes an answer that comes before the one that counts.
    fn note(&mut self, head: &Head) -> Result<(), Fault> {
        self.looked_at = 0;
        self.before += head.length;
        if self.before > MOST_BEFORE {
            return Err(Fault::Malformed("more than 1 MiB came before the answer"));
        }
        if head.parts.status == StatusCode::CONTINUE {
            self.upload.may_go();
        }
        Ok(())
    }

    fn unanswered(&mut self, fault: Fault) -> Unanswered {
        if let Some(first) = self.sending.take_first(self.line) {
            self.upload.put_back(first);
        }
        let reached = match (self.line.has_sent, self.has_heard) {
            (_, true) => Reached::Heard,
            (true, false) => Reached::Sent,
            (false, false) => Reached::Nothing,
        };
        Unanswered { fault, reached }
    }
}
