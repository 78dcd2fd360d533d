//! Raw requests as attackers send them, to a server of its own process, with an upstream that writes down all it gets.
//!
//! A file `testdata/security/FAMILY.requests` names a config and has cases:
//!
//! ```text
//! # What the family is about.
//! config proxy
//!
//! === two lengths that differ
//! > POST / HTTP/1.1
//! > Host: a.test
//! > Content-Length: 3
//! > Content-Length: 4
//! >
//! > abc\
//! < 400 closes
//! ^ nothing
//! ```
//!
//! | line | meaning |
//! |---|---|
//! | `> ` | what the client sends: a line with its CRLF; `\r`, `\n`, `\t`, `\\`, `\xHH` are bytes, `\{1000*ab}` is a text so many times, and a `\` at the end leaves out the CRLF |
//! | `~` | a moment passes, so that the rest comes in a packet of its own; `~ answer`: an answer comes first |
//! | `\| ` | what the upstream answers to the first request, in the same form; without it, 200 and `ok` |
//! | `< 200 400 closes` | the answers, and whether the connection `stays` or `closes`; `none` is no answer |
//! | `<   Name: value` | a field of the last answer; `<   no Name`: it has none of that name; `<   = text` is its body |
//! | `^ nothing` | nothing reaches an upstream |
//! | `^ POST /a HTTP/1.1` | a request that does; `^ :9002 GET /a HTTP/1.1` one that another upstream gets |
//! | `^   Name: value` | a field of it |
//! | `^   (5 bytes)` | its body, without chunks |
//! | `^ nothing whole` | a request for `/breaks` may begin to arrive, and breaks off: nobody acts on it |
//!
//! Behind the title may stand `| ends` (the client closes its side after its bytes) and `| waits` (it neither closes it nor
//! sends more). Without them the bytes are followed by a request `GET /probe`: whatever takes a byte too many or too
//! few is seen by it. A connection stays if the probe is answered and arrives as it was sent.
//!
//! Fields that are not written are wrong if they arrive. `Host: a.test` and what a proxy says for itself (`Via`, and `X-Forwarded-For`,
//! `-Proto` and `-Host` with what is true) go without saying; all but `Via` may be written where they differ.
//!
//! The configs stand beside the cases: `CONFIG.caddyfile`, and for peers `CONFIG.nginx` and `CONFIG.haproxy`. 8080 stands for the
//! port of the site, 9001 and 9002 for upstreams. The second one is asked who a client is: it says 401, unless
//! `Authorization` is `Bearer good`, or `Bearer alice`, for whom it names the user `alice` in `X-User-Id`.

mod bytes;
mod case;
mod client;
mod parse;
mod subject;
mod upstream;
mod verdict;

pub use case::{Case, Suite};
pub use subject::{Kind, Subject};
pub use verdict::{Outcome, Tally, against_a_peer, differences};
