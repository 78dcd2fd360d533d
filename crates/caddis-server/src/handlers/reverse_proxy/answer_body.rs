//! The body of an upstream's answer: of HTTP, or of a program that is asked over `FastCGI`.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::download::Download;
use super::fastcgi::Stdout;
use super::http1::Reading;
use super::upstream::Busy;
use crate::BodyError;

/// The body of an upstream's answer.
pub(super) enum AnswerBody {
    /// All of it, of HTTP/1.1.
    Whole(Bytes),
    /// Of HTTP/1.1.
    Http1(Reading),
    /// Of HTTP/2.
    Http2(Incoming),
    /// Of a program.
    Cgi(Box<Stdout>),
    /// None.
    Empty,
}

impl AnswerBody {
    /// The body as the client gets it.
    pub(super) fn on(self, upstream: Busy) -> crate::Body {
        match self {
            Self::Whole(body) => body.into(),
            Self::Http1(body) => crate::Body::Download(Download::over_http1(body, upstream)),
            Self::Http2(body) => crate::Body::Download(Download::over_http2(body, upstream)),
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
            Self::Whole(body) if body.is_empty() => Poll::Ready(None),
            Self::Whole(body) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(body))))),
            Self::Http1(body) => Pin::new(body).poll_frame(cx).map_err(Into::into),
            Self::Http2(body) => Pin::new(body).poll_frame(cx).map_err(Into::into),
            Self::Cgi(body) => Pin::new(body).poll_frame(cx),
            Self::Empty => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(body) => body.is_empty(),
            Self::Http1(body) => body.is_end_stream(),
            Self::Http2(body) => body.is_end_stream(),
            Self::Cgi(body) => body.is_end_stream(),
            Self::Empty => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => SizeHint::with_exact(body.len() as u64),
            Self::Http1(body) => body.size_hint(),
            Self::Http2(body) => body.size_hint(),
            Self::Cgi(body) => body.size_hint(),
            Self::Empty => SizeHint::with_exact(0),
        }
    }
}
