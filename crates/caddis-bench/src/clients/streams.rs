//! Clients that read a stream of NDJSON, and see how late each line is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Buf, BytesMut};
use http::StatusCode;
use http_body_util::BodyExt;

use crate::Failure;
use crate::backend::STAMP;
use crate::configs::token_line;
use crate::connect::{Connector, Sender, expect};
use crate::wanted::stream_path;
use crate::window::Window;

/// How many digits the time in a line has.
const DIGITS: usize = 16;
/// How long a client that looks for the first token waits before it asks again.
const REST: Duration = Duration::from_millis(20);

/// What is known of one stream.
struct Reader {
    pause: Duration,
    /// From when the backend counts its times.
    began: Instant,
    /// When the last line was sent.
    last: Duration,
    /// How late lines were that came in the window.
    delays: Vec<Duration>,
}

/// Reads one stream until the turn is over; says how long after the backend sent it each line came.
pub(crate) async fn read(
    mut sender: Sender,
    connector: Connector,
    window: Arc<Window>,
    pause: Duration,
    began: Instant,
) -> Result<Vec<Duration>, Failure> {
    let mut reader = Reader {
        pause,
        began,
        last: began.elapsed(),
        delays: Vec::new(),
    };
    tokio::select! {
        ended = reader.follow(&mut sender, &connector, &window) => ended?,
        () = window.closed() => {}
    }
    reader.count_overdue(&window, Instant::now());
    Ok(reader.delays)
}

/// Asks for streams of one line; says how long each took from the request to the line.
pub(crate) async fn first_tokens(
    mut sender: Sender,
    connector: Connector,
    window: Arc<Window>,
) -> Result<Vec<Duration>, Failure> {
    let path = stream_path(1, REST);
    let mut times = Vec::new();
    while !window.is_closed() {
        let request = connector.request(&path, Some(&token_line()))?;
        let asked = Instant::now();
        let answer = sender.send(request).await?;
        expect(answer.status(), StatusCode::OK)?;
        let mut body = answer.into_body();
        if body.frame().await.transpose()?.is_none() {
            return Err("a stream had no line".into());
        }
        if window.is_open() {
            times.push(asked.elapsed());
        }
        while body.frame().await.transpose()?.is_some() {}
        tokio::time::sleep(REST).await;
    }
    Ok(times)
}

impl Reader {
    async fn follow(
        &mut self,
        sender: &mut Sender,
        connector: &Connector,
        window: &Window,
    ) -> Result<(), Failure> {
        let path = stream_path(u32::MAX, self.pause);
        let request = connector.request(&path, Some(&token_line()))?;
        let answer = sender.send(request).await?;
        expect(answer.status(), StatusCode::OK)?;
        let mut body = answer.into_body();
        let mut read = BytesMut::new();
        while let Some(frame) = body.frame().await.transpose()? {
            if let Ok(data) = frame.into_data() {
                read.extend_from_slice(&data);
            }
            let now = self.began.elapsed();
            while let Some(sent) = next_stamp(&mut read)? {
                self.last = sent;
                if window.is_open() {
                    self.delays.push(now.saturating_sub(sent));
                }
            }
        }
        Err("a stream has ended by itself".into())
    }

    /// A server that holds lines back would look good if those did not count that never came.
    fn count_overdue(&mut self, window: &Window, now: Instant) {
        let Some(opened) = window.opened() else {
            return;
        };
        let mut due = self.began + self.last + self.pause;
        while due < now {
            if due >= opened {
                self.delays.push(now - due);
            }
            due += self.pause;
        }
    }
}

/// Takes the next line's time out of what was read.
fn next_stamp(read: &mut BytesMut) -> Result<Option<Duration>, Failure> {
    let Some(place) = memchr::memmem::find(read, STAMP) else {
        return Ok(None);
    };
    let from = place + STAMP.len();
    let Some(digits) = read.get(from..from + DIGITS) else {
        return Ok(None);
    };
    let sent = std::str::from_utf8(digits)?.parse()?;
    read.advance(from + DIGITS);
    Ok(Some(Duration::from_nanos(sent)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_is_torn_apart_is_found_once_it_is_whole() {
        let mut read = BytesMut::from(&b"{\"at\":0000000000"[..]);
        assert_eq!(next_stamp(&mut read).unwrap(), None);
        read.extend_from_slice(b"000042,}\n{\"at\":0000000000000043}\n");
        let stamps = [42, 43].map(Duration::from_nanos);
        assert_eq!(next_stamp(&mut read).unwrap(), Some(stamps[0]));
        assert_eq!(next_stamp(&mut read).unwrap(), Some(stamps[1]));
        assert_eq!(next_stamp(&mut read).unwrap(), None);
    }

    #[test]
    fn lines_that_never_came_are_as_late_as_the_turn_is_long() {
        let window = Window::default();
        window.open();
        let opened = window.opened().unwrap();
        let mut reader = Reader {
            pause: Duration::from_millis(20),
            began: opened,
            last: Duration::ZERO,
            delays: Vec::new(),
        };
        reader.count_overdue(&window, opened + Duration::from_millis(50));
        assert_eq!(reader.delays, [30, 10].map(Duration::from_millis));
    }
}
