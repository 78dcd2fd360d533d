//! The body of an answer: read from the file as the client takes it, a piece at a time.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::task::JoinHandle;

use super::find::CHUNK;
use super::ranges::Range;
use crate::BodyError;
use crate::files::Disk;

/// A piece of a body.
#[derive(Debug)]
pub(super) enum Piece {
    Text(Bytes),
    Part(Range),
}

/// A file on its way to a client.
pub(super) struct Download {
    file: Arc<File>,
    pieces: VecDeque<Piece>,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
    left: u64,
}

impl Download {
    pub(super) fn new(file: File, pieces: VecDeque<Piece>) -> Self {
        let left = pieces.iter().map(Piece::length).sum();
        Self {
            file: Arc::new(file),
            pieces,
            reading: None,
            left,
        }
    }

    /// How long it is.
    pub(super) fn length(&self) -> u64 {
        self.left
    }

    /// The next bytes if they are in memory; else they are read.
    fn next(&mut self) -> Option<Bytes> {
        loop {
            match self.pieces.front_mut()? {
                Piece::Text(text) => {
                    let text = std::mem::take(text);
                    self.pieces.pop_front();
                    if !text.is_empty() {
                        return Some(text);
                    }
                }
                Piece::Part(Range { length: 0, .. }) => {
                    self.pieces.pop_front();
                }
                Piece::Part(range) => {
                    let (start, length) = (range.start, range.length.min(CHUNK));
                    range.start += length;
                    range.length -= length;
                    if let Ok(bytes) = Disk::Memory.read(&self.file, start, length) {
                        return Some(bytes);
                    }
                    let file = Arc::clone(&self.file);
                    let reading = move || Disk::Waits.read(&file, start, length);
                    self.reading = Some(tokio::task::spawn_blocking(reading));
                    return None;
                }
            }
        }
    }
}

impl Piece {
    fn length(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::Part(range) => range.length,
        }
    }
}

impl Body for Download {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            let bytes = if let Some(reading) = &mut self.reading {
                let read = ready!(Pin::new(reading).poll(cx));
                self.reading = None;
                match read {
                    Ok(Ok(bytes)) => bytes,
                    Ok(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                    Err(error) => return Poll::Ready(Some(Err(error.into()))),
                }
            } else if let Some(text) = self.next() {
                text
            } else if self.reading.is_some() {
                continue;
            } else {
                return Poll::Ready(None);
            };
            self.left = self.left.saturating_sub(bytes.len() as u64);
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
