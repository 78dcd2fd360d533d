//! Bodies of requests, which are read whole: how long one may be, and how much of them is held at a time.

use std::sync::Arc;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http_body::Body as _;
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::answer::Refusal;

/// The most bytes of a body.
const MAX_BODY: usize = 100 << 20;
/// The most bytes of all bodies that are held: the longest, and many of the usual length.
const MAX_HELD: usize = 128 << 20;

/// The room for all bodies. Cheap to clone; all clones are the same.
#[derive(Clone)]
pub(super) struct Bodies(Arc<Semaphore>);

/// A body that was read to its end. Its room is taken until it is dropped.
pub(super) struct Whole {
    pub(super) bytes: Bytes,
    pub(super) _room: Option<OwnedSemaphorePermit>,
}

impl Default for Bodies {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_HELD)))
    }
}

impl Bodies {
    /// The whole of a body, if it is not too long, and others leave room for it.
    pub(super) async fn whole(&self, mut body: Body) -> Result<Whole, Refusal> {
        let too_long = || Refusal::bad(format!("the body has more than {} MB", MAX_BODY >> 20));
        if body.size_hint().lower() > MAX_BODY as u64 {
            return Err(too_long());
        }
        let mut read = BytesMut::new();
        let mut room: Option<OwnedSemaphorePermit> = None;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| {
                Refusal::bad(format!("the body cannot be read to its end: {error}"))
            })?;
            let Ok(data) = frame.into_data() else {
                continue;
            };
            if read.len() + data.len() > MAX_BODY {
                return Err(too_long());
            }
            let more = self.room(data.len())?;
            match &mut room {
                Some(room) => room.merge(more),
                None => room = Some(more),
            }
            read.extend_from_slice(&data);
        }
        Ok(Whole {
            bytes: read.freeze(),
            _room: room,
        })
    }

    /// Does not wait: two who wait for each other would wait for ever.
    fn room(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Refusal> {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.0).try_acquire_many_owned(bytes);
        room.map_err(|_| {
            Refusal::new(
                StatusCode::SERVICE_UNAVAILABLE,
                format!(
                    "bodies of {} MB in all are being read; send it again later",
                    MAX_HELD >> 20
                ),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use bytes::Bytes;
    use futures_util::stream;

    use super::{Bodies, MAX_BODY, MAX_HELD};

    /// Bytes that cost nothing, in pieces, without a length that is known before.
    fn body(length: usize) -> Body {
        const PIECE: usize = 1 << 20;
        static PIECES: [u8; PIECE] = [b' '; PIECE];
        let pieces = (0..length / PIECE).map(|_| Ok::<_, axum::Error>(Bytes::from_static(&PIECES)));
        Body::from_stream(stream::iter(pieces))
    }

    #[tokio::test]
    async fn all_bodies_that_are_held_have_one_limit() {
        let bodies = Bodies::default();
        let first = bodies.whole(body(MAX_BODY)).await.ok().unwrap();
        assert_eq!(first.bytes.len(), MAX_BODY);
        let rest = MAX_HELD - MAX_BODY;
        let refused = bodies.whole(body(rest + (1 << 20))).await.err().unwrap();
        assert_eq!(refused.status, 503);
        let second = bodies.whole(body(rest)).await.ok().unwrap();
        assert_eq!(
            bodies.whole(Body::from("x")).await.err().unwrap().status,
            503
        );
        drop((first, second));
        assert!(bodies.whole(body(MAX_BODY)).await.is_ok());
        assert_eq!(bodies.0.available_permits(), MAX_HELD);
    }

    #[tokio::test]
    async fn a_body_that_is_too_long_is_refused_and_leaves_its_room() {
        let bodies = Bodies::default();
        let refused = bodies
            .whole(body(MAX_BODY + (1 << 20)))
            .await
            .err()
            .unwrap();
        assert_eq!(
            (refused.status.as_u16(), refused.message.as_str()),
            (400, "the body has more than 100 MB")
        );
        assert_eq!(bodies.0.available_permits(), MAX_HELD);
    }
}
