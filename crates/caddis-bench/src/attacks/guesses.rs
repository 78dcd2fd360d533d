//! Clients that make things up: passwords, and keys of a rate limit.

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;

use super::client::{Client, stream_from};
use super::command::Trouble;
use super::kinds::Count;
use super::target::Address;

/// The password of `ada`, and what she sends.
pub(super) const PASSWORD: &str = "pw";
pub(super) const LOGIN: &str = "Basic YWRhOnB3";
/// Where these clients come from.
const FROM: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const GUESSERS: usize = 64;
/// How many connections make up keys, and how many they send at once.
const CONNECTIONS: usize = 8;
const AT_ONCE: u64 = 32;

/// 64 clients that try one password after the other.
pub(super) async fn passwords(address: Address, count: Count) -> Result<(), Trouble> {
    let mut clients = JoinSet::new();
    for guesser in 0..GUESSERS {
        let (address, count) = (address.clone(), count.clone());
        clients.spawn(async move {
            for guess in 0.. {
                if guess_on(&address, &count, guesser, guess).await.is_err() {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        });
    }
    while clients.join_next().await.is_some() {}
    Ok(())
}

async fn guess_on(
    address: &Address,
    count: &Count,
    guesser: usize,
    round: u64,
) -> Result<(), Trouble> {
    let mut client = Client::connect_from(FROM, address).await?;
    for guess in 0.. {
        // `bob:`, and bytes that nobody uses: what follows are digits of base64.
        let login = format!("Basic Ym9iOm{guesser:03}{round:03}{guess:04}");
        client.get("/private", &[("authorization", &login)]).await?;
        count.add(1);
    }
    Ok(())
}

/// Requests that each have a key of their own.
pub(super) async fn keys(address: Address, count: Count) -> Result<(), Trouble> {
    let mut clients = JoinSet::new();
    for client in 0..CONNECTIONS {
        let (port, count) = (address.plain, count.clone());
        clients.spawn(async move { one(port, client, &count).await });
    }
    while let Some(ended) = clients.join_next().await {
        ended??;
    }
    Ok(())
}

async fn one(port: u16, client: usize, count: &Count) -> Result<(), Trouble> {
    let mut stream = stream_from(FROM, port).await?;
    let mut read = vec![0; 64 << 10];
    for round in 0_u64.. {
        let mut requests = String::new();
        for index in 0..AT_ONCE {
            let key = round * AT_ONCE + index;
            let _ = write!(
                requests,
                "GET /limited?k={client}-{key} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"
            );
        }
        stream.write_all(requests.as_bytes()).await?;
        let mut answers = 0;
        // The body of each answer is its last word.
        while answers < AT_ONCE {
            let length = stream.read(&mut read).await?;
            if length == 0 {
                return Err("a client that asked for much was thrown out".into());
            }
            let text = read.get(..length).unwrap_or_default();
            let found = memchr::memmem::find_iter(text, b"\r\n\r\nok").count();
            answers += u64::try_from(found)?;
        }
        count.add(AT_ONCE);
    }
    Ok(())
}
