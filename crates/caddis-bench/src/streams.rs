//! Clients that read a stream of NDJSON, and see how late each line is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Buf, BytesMut};
use http::StatusCode;
use http_body_util::BodyExt;

use crate::Failure;
use crate::backend::{STAMP, STREAM};
use crate::connect::{Connector, Sender, expect};
use crate::load::Window;
use crate::server::TOKEN;

/// How many digits the time in a line has.
const DIGITS: usize = 16;

/// Reads one stream until the turn is over; says how long after the backend sent it each line came.
pub(crate) async fn read(
    mut sender: Sender,
    connector: Connector,
    window: Arc<Window>,
    began: Instant,
) -> Result<Vec<Duration>, Failure> {
    let path = format!("{STREAM}{}", u32::MAX);
    let answer = sender.send(connector.request(&path, Some(TOKEN))?).await?;
    expect(answer.status(), StatusCode::OK)?;
    let mut body = answer.into_body();
    let mut read = BytesMut::new();
    let mut delays = Vec::new();
    while !window.is_closed() {
        let Some(frame) = body.frame().await else {
            return Err("a stream has ended by itself".into());
        };
        if let Ok(data) = frame?.into_data() {
            read.extend_from_slice(&data);
        }
        let now = began.elapsed();
        while let Some(sent) = next_stamp(&mut read)? {
            if window.is_open() {
                delays.push(now.saturating_sub(sent));
            }
        }
    }
    Ok(delays)
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
}
