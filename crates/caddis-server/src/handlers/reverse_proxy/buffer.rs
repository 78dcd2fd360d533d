//! Bodies that are read, as far as the config says, before they are sent on.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt;

use crate::{Body, BodyError};

/// How much of a body is read before it is sent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Buffer {
    /// Nothing.
    None,
    /// So many bytes.
    Bytes(usize),
    /// All of it.
    Whole,
}

impl Buffer {
    /// As the config says it: all if it is negative.
    pub(super) fn new(bytes: i64) -> Self {
        match bytes {
            0 => Self::None,
            bytes => usize::try_from(bytes).map_or(Self::Whole, Self::Bytes),
        }
    }

    /// Reads a body, as far as that is wanted.
    pub(super) async fn fill(self, body: Body) -> Result<Body, BodyError> {
        let most = match self {
            Self::None => return Ok(body),
            Self::Bytes(most) => most,
            Self::Whole => usize::MAX,
        };
        if matches!(body, Body::Empty | Body::Full(_)) || body.is_end_stream() {
            return Ok(body);
        }
        let size = body.size_hint();
        let mut body = body;
        let mut frames = Vec::new();
        let mut read = 0_usize;
        let rest = loop {
            match body.frame().await.transpose()? {
                None => break None,
                Some(frame) => {
                    read = read.saturating_add(frame.data_ref().map_or(0, Bytes::len));
                    frames.push(frame);
                }
            }
            if read >= most {
                break Some(body);
            }
        };
        Ok(match rest {
            None if size.exact().is_some() => whole(&frames),
            rest => Body::new(Buffered {
                frames: frames.into_iter().collect(),
                rest,
                size,
            }),
        })
    }
}

/// All bytes of a body whose length was known before.
fn whole(frames: &[Frame<Bytes>]) -> Body {
    let data = frames.iter().filter_map(Frame::data_ref);
    Body::from(Bytes::from(data.flatten().copied().collect::<Vec<u8>>()))
}

/// What was read of a body, and the rest. It is framed as it came.
struct Buffered {
    frames: std::collections::VecDeque<Frame<Bytes>>,
    rest: Option<Body>,
    size: SizeHint,
}

impl http_body::Body for Buffered {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Some(frame) = self.frames.pop_front() {
            return Poll::Ready(Some(Ok(frame)));
        }
        match &mut self.rest {
            Some(rest) => Pin::new(rest).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.size.clone()
    }
}
