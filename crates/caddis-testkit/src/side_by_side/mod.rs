//! The real Caddy and caddis, started with the same Caddyfile and sent the same bytes: what they do must be the same.
//!
//! A case is `WHAT.caddyfile` (or `WHAT.json`, for what no Caddyfile can say) with `WHAT.requests` beside it, and with a folder `WHAT.files` if files are needed: both
//! servers are started in a copy of it. In all of them, 8080 to 8099 (`http_port` is 8080) and 8443 to 8449
//! (`https_port` is 8443) stand for ports of sites, and 9001 to 9008 for those of upstreams. Nobody listens on 9009.
//! With a `php-fpm.conf` among the files, PHP is started with it in that folder; it listens on `run/php.sock` at
//! least.
//!
//! ```text
//! # Comments stand before the first request.
//! === what the request shows
//! GET /path HTTP/1.1
//! Host: a.test
//!
//! === another one | to :8081 | ignoring etag, last-modified
//! POST /path HTTP/1.1
//! Host: a.test
//!
//! the body, whose length is added if the header does not have it
//! ```
//!
//! Behind the title may stand, each after a `|`:
//!
//! | option | what it does |
//! |---|---|
//! | `to :8081` | the port, if it is not 8080 (8443 with `tls`) |
//! | `tls a.test` | over TLS, with this server name, trusting the server's own root |
//! | `tls1.2` | speaks TLS 1.2 and not 1.3; with 1.3 a refusal may come before or behind the end of the connection, and is told as `refused` |
//! | `shows client.pem` | with the certificate and the key in this file |
//! | `offering h2, http/1.1` | these protocols by ALPN, `http/1.1` if not given; nothing can be asked over others |
//! | `comparing handshake` | takes any certificate, and compares it, the protocols and the cipher too |
//! | `raw` | `\r`, `\n`, `\xHH` and `\\` are read, and the line ends of the file are not sent |
//! | `ignoring etag, body` | these fields of the answer, or its `body`, are not compared |
//! | `shape` | runs of digits count as alike, for times and counts |
//! | `times 3` | sent so many times |
//! | `after 300ms` | sent when so much time has passed |
//! | `differs comment that ends in a backslash` | the answers differ, for the reason that stands in `RECORDED.md` in the row that begins so |
//! | `not logged` | its entry in the access log is not compared |
//!
//! Packed bodies are compared unpacked, without their lengths: no two packers write the same.
//!
//! Files `*.log` that a server writes in its folder are compared too; in those whose names begin with `shape`, runs of
//! digits count as alike.
//!
//! The upstreams answer 200 and say what they were asked for. Fields of the request change that: `X-Answer-Status: 404`,
//! `X-Answer-Header: Name: value` (as often as needed), `X-Answer-Body: text`, `X-Answer-Size: 4000` (so many bytes of
//! text), `X-Answer-Chunks: a,b,c` (chunked), `X-Answer-After: 200` (milliseconds), `X-Answer-Break: 1` (closes in the middle),
//! `X-Answer-Nothing-On: 9001` (that upstream closes without an answer), `X-Answer-Unrecorded: 1` (what was asked is not
//! compared, such as health checks).
//! A path that begins with `/fails-NNN` is answered with that status; `/fails-NNN-on-9002` by that upstream alone.

mod case;
mod client;
mod compare;
mod handshake;
mod message;
mod php;
mod ports;
mod server;
mod unpack;
mod upstream;

pub use case::{Case, Config, Exchange};
pub use compare::{Seen, differences};
pub(crate) use ports::Ports;
pub(crate) use server::with_options;
pub use server::{Program, see};
