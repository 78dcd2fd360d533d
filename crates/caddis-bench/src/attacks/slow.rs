//! Clients that take their time.

use std::future::Future;
use std::net::Ipv4Addr;
use std::time::Duration;

use socket::small_window;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;

use super::client::stream_from;
use super::command::Trouble;
use super::kinds::Count;
use super::target::Address;

/// Where these clients come from.
const FROM: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const SECOND: Duration = Duration::from_secs(1);
/// How many connect at a time: the system's queue is short.
const AT_A_TIME: usize = 100;

/// 2000 headers that never end.
pub(super) async fn headers(address: Address, count: Count) -> Result<(), Trouble> {
    many(2000, move || {
        let (port, count) = (address.plain, count.clone());
        async move {
            let mut stream = stream_from(FROM, port).await?;
            stream
                .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
                .await?;
            count.add(1);
            loop {
                tokio::time::sleep(SECOND).await;
                stream.write_all(b"x").await?;
            }
        }
    })
    .await
}

/// 1000 bodies of which a byte comes each second.
pub(super) async fn bodies(address: Address, count: Count) -> Result<(), Trouble> {
    many(1000, move || {
        let (port, count) = (address.plain, count.clone());
        async move {
            let mut stream = stream_from(FROM, port).await?;
            let head =
                "POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n";
            stream.write_all(head.as_bytes()).await?;
            count.add(1);
            loop {
                tokio::time::sleep(SECOND).await;
                stream.write_all(b"x").await?;
            }
        }
    })
    .await
}

/// 16 clients that want much and read little.
pub(super) async fn readers(address: Address, count: Count) -> Result<(), Trouble> {
    many(16, move || {
        let (port, count) = (address.plain, count.clone());
        async move {
            let mut stream = small_window(FROM, port).await?;
            stream
                .write_all(b"GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .await?;
            let mut piece = [0; 1024];
            loop {
                stream.read_exact(&mut piece).await?;
                count.add(1);
                tokio::time::sleep(SECOND).await;
            }
        }
    })
    .await
}

/// So many at a time; who is turned away comes again.
async fn many<F>(number: usize, one: impl Fn() -> F) -> Result<(), Trouble>
where
    F: Future<Output = Result<(), Trouble>> + Send + 'static,
{
    let mut clients = JoinSet::new();
    for index in 0..number {
        if index % AT_A_TIME == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        clients.spawn(one());
    }
    while clients.join_next().await.is_some() {
        tokio::time::sleep(Duration::from_millis(10)).await;
        clients.spawn(one());
    }
    Ok(())
}

/// A socket with little room for what comes.
mod socket {
    use std::net::Ipv4Addr;

    use tokio::net::{TcpSocket, TcpStream};

    use super::Trouble;

    pub(super) async fn small_window(from: Ipv4Addr, port: u16) -> Result<TcpStream, Trouble> {
        let socket = TcpSocket::new_v4()?;
        socket.set_recv_buffer_size(4096)?;
        socket.bind((from, 0).into())?;
        Ok(socket.connect((Ipv4Addr::LOCALHOST, port).into()).await?)
    }
}
