//! `http_redirect`: clients that speak plain HTTP where TLS is spoken are sent on to HTTPS.

use std::io;

use bytes::BytesMut;
use http::uri::Authority;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::Transport;
use super::proxied::rewound;

/// How plain requests begin, as Go tells them from TLS.
const BEGINNINGS: [&[u8]; 5] = [b"GET /", b"HEAD ", b"POST ", b"PUT /", b"OPTIO"];
const LONGEST: usize = 5;
/// How much is read at a time.
const READ: usize = 1024;

/// Answers a client that does not encrypt; the connection goes on if it does.
pub(super) async fn lead(
    mut stream: Box<dyn Transport>,
    most: usize,
) -> io::Result<Option<Box<dyn Transport>>> {
    let mut read = BytesMut::new();
    while read.len() < LONGEST {
        if stream.read_buf(&mut read).await? == 0 {
            break;
        }
    }
    if !BEGINNINGS
        .iter()
        .any(|beginning| read.starts_with(beginning))
    {
        return Ok(Some(rewound(stream, read.freeze())));
    }
    while !has_ended(&read) {
        if read.len() >= most {
            return Err(io::Error::other(
                "the header of a plain request is too long",
            ));
        }
        read.reserve(READ);
        if stream.read_buf(&mut read).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let answer = match location(&read) {
        Some(location) => format!(
            "HTTP/1.0 308 Permanent Redirect\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
        ),
        None => "HTTP/1.0 400 Bad Request\r\nContent-Length: 0\r\n\r\n".into(),
    };
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    Ok(None)
}

fn has_ended(head: &[u8]) -> bool {
    let ends = |end: &[u8]| head.windows(end.len()).any(|part| part == end);
    ends(b"\r\n\r\n") || ends(b"\n\n")
}

/// The same page over HTTPS; `None` if the request does not say which one it is.
fn location(head: &[u8]) -> Option<String> {
    let mut lines = head
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let target = lines.next()?.split(|byte| *byte == b' ').nth(1)?;
    let target = std::str::from_utf8(target).ok()?;
    let is_path = target.starts_with('/') && target.bytes().all(|byte| byte.is_ascii_graphic());
    let mut hosts = lines.filter_map(|line| {
        let (name, value) = line.split_at(line.iter().position(|byte| *byte == b':')?);
        name.eq_ignore_ascii_case(b"host")
            .then_some(value.get(1..)?.trim_ascii())
    });
    let (host, another) = (hosts.next()?, hosts.next());
    let host = Authority::try_from(host).ok()?;
    let is_plain = another.is_none() && !host.as_str().contains('@');
    (is_path && is_plain).then(|| format!("https://{host}{target}"))
}

#[cfg(test)]
mod tests {
    use super::location;

    #[test]
    fn a_page_has_its_address_over_https() {
        let at = |head: &str| location(head.as_bytes());
        let found = at("GET /a?b HTTP/1.1\r\nhost: ex.test:8443\r\n\r\n");
        assert_eq!(found.as_deref(), Some("https://ex.test:8443/a?b"));
        for bad in [
            "GET /a HTTP/1.1\r\n\r\n",
            "GET /a HTTP/1.1\r\nHost: a b\r\n\r\n",
            "GET /a HTTP/1.1\r\nHost: a@b\r\n\r\n",
            "GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n",
        ] {
            assert_eq!(at(bad), None, "{bad:?}");
        }
    }
}
