//! Clients that log in, with the right password or with wrong ones.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;

use super::exchange::exchange;
use crate::Failure;
use crate::backend::ANSWER;
use crate::configs::{PASSWORD, USER};
use crate::connect::{Connector, Stream};
use crate::window::Window;

/// Where a password is asked for.
const PATH: &str = "/login/page";

/// Logs in once, and says how long it took.
pub(crate) async fn login(connector: &Connector) -> Result<Duration, Failure> {
    let request = with_password(connector, PASSWORD);
    let mut stream = connector.connect().await?;
    let began = Instant::now();
    let answer = exchange(&mut *stream, &request, &mut BytesMut::new()).await?;
    answer.expect(200, ANSWER.len() as u64)?;
    Ok(began.elapsed())
}

/// Logs in with every request of one connection.
pub(crate) async fn logins(
    mut stream: Box<dyn Stream>,
    connector: Connector,
    window: Arc<Window>,
) -> Result<Vec<Duration>, Failure> {
    let request = with_password(&connector, PASSWORD);
    let mut read = BytesMut::new();
    let mut times = Vec::new();
    while !window.is_closed() {
        let began = Instant::now();
        let answer = exchange(&mut *stream, &request, &mut read).await?;
        answer.expect(200, ANSWER.len() as u64)?;
        // A login that takes a second is worth more than the end of the window.
        if window.opened().is_some_and(|opened| opened <= began) {
            times.push(began.elapsed());
        }
    }
    Ok(times)
}

/// Tries another password with each request, until the turn is over.
pub(crate) async fn strange_logins(
    connector: Connector,
    window: Arc<Window>,
    who: usize,
) -> Result<Vec<Duration>, Failure> {
    tokio::select! {
        ended = guess(&connector, who) => ended.map(|()| Vec::new()),
        () = window.closed() => Ok(Vec::new()),
    }
}

async fn guess(connector: &Connector, who: usize) -> Result<(), Failure> {
    let mut read = BytesMut::new();
    let mut stream = connector.connect().await?;
    for attempt in 0_u32.. {
        let request = with_password(connector, &format!("{who}-{attempt}"));
        let answer = exchange(&mut *stream, &request, &mut read).await;
        match answer {
            Ok(answer) if answer.status == 200 => return Err("a wrong password was taken".into()),
            Ok(_) => {}
            // Who closes the connection after a wrong password is asked on another one.
            Err(_) => {
                stream = connector.connect().await?;
                read.clear();
            }
        }
    }
    Ok(())
}

fn with_password(connector: &Connector, password: &str) -> Vec<u8> {
    let words = base64(format!("{USER}:{password}").as_bytes());
    connector.head("GET", PATH, &format!("Authorization: Basic {words}\r\n"))
}

/// The usual alphabet with padding.
fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
