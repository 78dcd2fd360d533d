//! The body of an upstream's answer: of HTTP, or of a program that is asked over `FastCGI`.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::download::Download;
use super::fastcgi::Stdout;
use super::pool::Lease;
use super::upstream::Busy;
use crate::BodyError;

/// The body of an upstream's answer.
#[derive(Debug)]
pub(super) enum AnswerBody {
    /// Of HTTP.
    Incoming(Incoming),
    /// Of a program.
    Cgi(Box<Stdout>),
    /// None.
    Empty,
}

impl AnswerBody {
    /// The body as the client gets it; the connection is given back at its end.
    pub(super) fn on(self, lease: Option<Lease>, upstream: Busy) -> crate::Body {
        match self {
            Self::Incoming(body) => crate::Body::Download(Download::new(body, lease, upstream)),
            Self::Cgi(mut body) => {
                body.is_asked_of(upstream);
                crate::Body::Boxed(Box::into_pin(body))
            }
            Self::Empty => crate::Body::Empty,
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut *self {
            Self::Incoming(body) => Pin::new(body).poll_frame(cx).map_err(Into::into),
            Self::Cgi(body) => Pin::new(body).poll_frame(cx),
            Self::Empty => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Incoming(body) => body.is_end_stream(),
            Self::Cgi(body) => body.is_end_stream(),
            Self::Empty => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Incoming(body) => body.size_hint(),
            Self::Cgi(body) => body.size_hint(),
            Self::Empty => SizeHint::with_exact(0),
        }
    }
}
