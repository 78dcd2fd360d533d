//! SOCKS 5 (RFC 1928): asking a proxy for a connection to somewhere else.

use std::io;
use std::net::IpAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::forward::Login;
use crate::{Stream, Target};

const VERSION: u8 = 5;
const WITHOUT_LOGIN: u8 = 0;
const WITH_LOGIN: u8 = 2;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// Asks for a connection to a host, whose name the proxy looks up.
pub(super) async fn connect(
    stream: &mut Box<dyn Stream>,
    target: &Target,
    login: Option<&Login>,
) -> io::Result<()> {
    let Target::Tcp(host, port) = target else {
        return Err(io::Error::other("a proxy cannot reach a unix socket"));
    };
    greet(stream, login).await?;
    let mut request = vec![VERSION, CONNECT, 0];
    match host.parse() {
        Ok(IpAddr::V4(ip)) => {
            request.push(IPV4);
            request.extend_from_slice(&ip.octets());
        }
        Ok(IpAddr::V6(ip)) => {
            request.push(IPV6);
            request.extend_from_slice(&ip.octets());
        }
        Err(_) => {
            request.push(NAME);
            request.push(length(host.as_bytes())?);
            request.extend_from_slice(host.as_bytes());
        }
    }
    request.extend_from_slice(&port.to_be_bytes());
    stream.write_all(&request).await?;
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    let [_, answer, _, kind] = head;
    if answer != 0 {
        return Err(io::Error::other(format!(
            "the proxy refuses with code {answer}"
        )));
    }
    let bound = match kind {
        IPV4 => 4,
        IPV6 => 16,
        NAME => usize::from(stream.read_u8().await?),
        _ => return Err(malformed()),
    };
    // The address that it connects from, which nobody wants to know.
    let mut rest = vec![0; bound + size_of::<u16>()];
    stream.read_exact(&mut rest).await?;
    Ok(())
}

async fn greet(stream: &mut Box<dyn Stream>, login: Option<&Login>) -> io::Result<()> {
    let greeting: &[u8] = match login {
        Some(_) => &[VERSION, 2, WITHOUT_LOGIN, WITH_LOGIN],
        None => &[VERSION, 1, WITHOUT_LOGIN],
    };
    stream.write_all(greeting).await?;
    let mut chosen = [0; 2];
    stream.read_exact(&mut chosen).await?;
    match (chosen, login) {
        ([VERSION, WITHOUT_LOGIN], _) => Ok(()),
        ([VERSION, WITH_LOGIN], Some(login)) => sign_in(stream, login).await,
        _ => Err(malformed()),
    }
}

/// RFC 1929.
async fn sign_in(stream: &mut Box<dyn Stream>, login: &Login) -> io::Result<()> {
    let mut request = vec![1];
    for part in [&login.name, &login.password] {
        request.push(length(part)?);
        request.extend_from_slice(part);
    }
    stream.write_all(&request).await?;
    let mut answer = [0; 2];
    stream.read_exact(&mut answer).await?;
    match answer {
        [_, 0] => Ok(()),
        _ => Err(io::Error::other("the proxy does not know us")),
    }
}

fn length(part: &[u8]) -> io::Result<u8> {
    u8::try_from(part.len()).map_err(|_| io::Error::other("too long for SOCKS 5"))
}

fn malformed() -> io::Error {
    io::Error::other("the proxy does not speak SOCKS 5 as we do")
}
