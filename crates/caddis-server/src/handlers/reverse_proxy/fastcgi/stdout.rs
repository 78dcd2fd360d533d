//! The body of an answer as a script writes it, while the request's body goes up.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Frame, SizeHint};
use tokio::io::{AsyncRead, ReadBuf, ReadHalf};
use tracing::{error, warn};

use super::record::{self, Said};
use crate::handlers::reverse_proxy::failure::Causes;
use crate::handlers::reverse_proxy::upstream::Busy;
use crate::{BodyError, Stream};

/// A request's body on its way up.
pub(super) type Uploading = Pin<Box<dyn Future<Output = Result<(), BodyError>> + Send>>;

/// How much is read at a time.
const READ: usize = 16 * 1024;
/// How much of a script's complaints is kept.
const MAX_COMPLAINTS: usize = 64 * 1024;
/// How much of an answer is looked at to see whether it is all there.
const AHEAD: usize = 64 * 1024;

/// What a script writes.
pub(in super::super) struct Stdout {
    reader: ReadHalf<Box<dyn Stream>>,
    read: BytesMut,
    /// Parts of the body that came with the head.
    ahead: VecDeque<Bytes>,
    uploading: Option<Uploading>,
    is_over: bool,
    complaints: Option<Complaints>,
    /// Counted as long as the answer is not over.
    upstream: Option<Busy>,
}

/// What a script complains of, and whom to tell.
struct Complaints {
    text: Vec<u8>,
    uri: String,
    failed: bool,
}

impl Stdout {
    pub(super) fn new(
        reader: ReadHalf<Box<dyn Stream>>,
        uploading: Uploading,
        complaints: Option<String>,
    ) -> Self {
        Self {
            reader,
            read: BytesMut::new(),
            ahead: VecDeque::new(),
            uploading: Some(uploading),
            is_over: false,
            complaints: complaints.map(|uri| Complaints {
                text: Vec::new(),
                uri,
                failed: false,
            }),
            upstream: None,
        }
    }

    /// Counts as a request to this upstream as long as it is not over.
    pub(in super::super) fn is_asked_of(&mut self, upstream: Busy) {
        self.upstream = Some(upstream);
    }

    /// The next part; `None` at the end.
    pub(super) fn poll_part(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, BodyError>> {
        if let Some(part) = self.ahead.pop_front() {
            return Poll::Ready(Ok(Some(part)));
        }
        loop {
            if self.is_over {
                return Poll::Ready(Ok(None));
            }
            match record::next(&mut self.read)? {
                Some(Said::Out(part)) => return Poll::Ready(Ok(Some(part))),
                Some(Said::Complaint(part)) => self.note(&part),
                Some(Said::End(0)) => self.is_over = true,
                Some(Said::End(code)) => {
                    return Poll::Ready(Err(
                        format!("the program refused the request: {code}").into()
                    ));
                }
                None => {
                    self.upload(cx)?;
                    ready!(self.poll_more(cx))?;
                }
            }
        }
    }

    /// Sends on what the client sends. A program may answer without reading all of it.
    fn upload(&mut self, cx: &mut Context<'_>) -> Result<(), BodyError> {
        let Some(uploading) = &mut self.uploading else {
            return Ok(());
        };
        if let Poll::Ready(sent) = uploading.as_mut().poll(cx) {
            self.uploading = None;
            sent?;
        }
        Ok(())
    }

    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut space = [0; READ];
        let mut buffer = ReadBuf::new(&mut space);
        ready!(Pin::new(&mut self.reader).poll_read(cx, &mut buffer))?;
        if buffer.filled().is_empty() {
            return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
        }
        self.read.extend_from_slice(buffer.filled());
        Poll::Ready(Ok(()))
    }

    /// Takes in what is there already, so that a short answer has a length.
    pub(super) fn look_ahead(
        &mut self,
        first: Bytes,
        cx: &mut Context<'_>,
    ) -> Result<(), BodyError> {
        let mut size = first.len();
        let mut ahead = VecDeque::from([first]);
        ahead.retain(|part| !part.is_empty());
        while size < AHEAD
            && let Poll::Ready(part) = self.poll_part(cx)
        {
            let Some(part) = part? else { break };
            size += part.len();
            ahead.push_back(part);
        }
        self.ahead = ahead;
        Ok(())
    }

    /// Says how the answer was, for the log of complaints.
    pub(super) fn has_failed(&mut self, failed: bool) {
        if let Some(complaints) = &mut self.complaints {
            complaints.failed = failed;
        }
    }

    fn note(&mut self, part: &[u8]) {
        if let Some(complaints) = &mut self.complaints {
            let room = MAX_COMPLAINTS.saturating_sub(complaints.text.len());
            let part = part.get(..room).unwrap_or(part);
            complaints.text.extend_from_slice(part);
        }
    }
}

impl http_body::Body for Stdout {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let part = self.poll_part(cx);
        if let (Poll::Ready(Err(error)), Some(upstream)) = (&part, &self.upstream) {
            warn!(
                target: "http.handlers.reverse_proxy",
                upstream = %***upstream,
                error = %Causes(error.as_ref()),
                "aborting with incomplete response"
            );
        }
        part.map(|part| part.transpose().map(|part| part.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.is_over && self.ahead.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        if self.is_over {
            SizeHint::with_exact(self.ahead.iter().map(|part| part.len() as u64).sum())
        } else {
            SizeHint::default()
        }
    }
}

impl Drop for Complaints {
    fn drop(&mut self) {
        const TARGET: &str = "http.reverse_proxy.transport.fastcgi";
        if self.text.is_empty() {
            return;
        }
        let (body, uri) = (String::from_utf8_lossy(&self.text), &self.uri);
        if self.failed {
            error!(target: TARGET, uri, %body, "stderr");
        } else {
            warn!(target: TARGET, uri, %body, "stderr");
        }
    }
}

impl fmt::Debug for Stdout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stdout")
    }
}
