//! The body of an answer, packed as it comes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body as HttpBody, Frame};

use super::packer::{Packer, Packers};
use crate::{Body, BodyError};

/// How much is packed before others of this worker have their turn.
pub(super) const AT_ONCE: usize = 64 * 1024;

/// A body that is packed as it comes. What came is sent at the latest when nothing more is there: a token that an
/// upstream sends must not wait for the next one.
pub(super) struct Packed {
    body: Body,
    packers: Arc<Packers>,
    stage: Stage,
    /// Came, and is not packed yet.
    rest: Bytes,
    out: Vec<u8>,
    /// Some of it may be in the packer still.
    is_flushed: bool,
    /// Bytes that were packed since others had their turn.
    worked: usize,
}

enum Stage {
    Packing(Packer),
    /// The packed body is whole; these trailers come after it.
    Packed(Option<HeaderMap>),
}

/// Packs what is there as a whole.
pub(super) fn pack_whole(bytes: &[u8], packers: &Packers) -> io::Result<Bytes> {
    let mut packer = packers.take()?;
    let mut out = Vec::new();
    packer.pack(bytes, &mut out)?;
    packer.finish(&mut out)?;
    packers.give_back(packer);
    Ok(out.into())
}

impl Packed {
    /// A body of which the first bytes came already.
    pub(super) fn new(first: Bytes, body: Body, packer: Packer, packers: Arc<Packers>) -> Self {
        Self {
            body,
            packers,
            stage: Stage::Packing(packer),
            rest: first,
            out: Vec::new(),
            is_flushed: true,
            worked: 0,
        }
    }

    /// Packs a part of what came.
    fn pack(&mut self) -> io::Result<()> {
        let part = self.rest.split_to(self.rest.len().min(AT_ONCE));
        self.worked += part.len();
        self.is_flushed = false;
        match &mut self.stage {
            Stage::Packing(packer) => packer.pack(&part, &mut self.out),
            Stage::Packed(_) => Ok(()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_flushed {
            return Ok(());
        }
        self.is_flushed = true;
        match &mut self.stage {
            Stage::Packing(packer) => packer.flush(&mut self.out),
            Stage::Packed(_) => Ok(()),
        }
    }

    fn finish(&mut self, trailers: Option<HeaderMap>) -> io::Result<()> {
        let stage = std::mem::replace(&mut self.stage, Stage::Packed(trailers));
        if let Stage::Packing(mut packer) = stage {
            packer.finish(&mut self.out)?;
            self.packers.give_back(packer);
        }
        Ok(())
    }

    fn take_out(&mut self) -> Option<Frame<Bytes>> {
        let out = std::mem::take(&mut self.out);
        (!out.is_empty()).then(|| Frame::data(out.into()))
    }

    /// Goes on until there is something to send.
    fn advance(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            if let Stage::Packed(trailers) = &mut self.stage {
                let trailers = trailers.take();
                let last = self.take_out();
                if let Some(last) = last {
                    self.stage = Stage::Packed(trailers);
                    return Poll::Ready(Some(Ok(last)));
                }
                return Poll::Ready(trailers.map(|trailers| Ok(Frame::trailers(trailers))));
            }
            if self.worked >= AT_ONCE {
                if let Some(frame) = self.take_out() {
                    return Poll::Ready(Some(Ok(frame)));
                }
                self.worked = 0;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if !self.rest.is_empty() {
                self.pack()?;
                continue;
            }
            match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(frame) => self.finish(frame.into_trailers().ok())?,
                },
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(None) => self.finish(None)?,
                Poll::Pending => {
                    self.flush()?;
                    return match self.take_out() {
                        Some(frame) => Poll::Ready(Some(Ok(frame))),
                        None => Poll::Pending,
                    };
                }
            }
        }
    }
}

impl HttpBody for Packed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.advance(cx)
    }
}

/// A body whose first frame was looked at.
pub(super) struct Peeked {
    pub(super) first: Option<Result<Frame<Bytes>, BodyError>>,
    pub(super) body: Body,
}

impl HttpBody for Peeked {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.first.take() {
            Some(first) => Poll::Ready(Some(first)),
            None => Pin::new(&mut self.body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.body.is_end_stream()
    }
}
