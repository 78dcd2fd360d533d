//! Whether a server does the job at all: what is not right is not measured.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;

use crate::backend::ANSWER;
use crate::clients::login;
use crate::configs::{path_of_route, token_line};
use crate::connect::{Connector, Sender, expect};
use crate::job::{Job, Setup, Work};
use crate::server::Server;
use crate::wanted::{HEAD, stream_path};
use crate::{Failure, World};

/// How many lines the stream has that is read to its end.
const LINES: u32 = 3;
/// Between them.
const PAUSE: Duration = Duration::from_millis(1);
/// What the upstream is told.
const TOLD: [&str; 4] = [
    "x-real-ip: 127.0.0.1\r\n",
    "x-forwarded-for: 127.0.0.1\r\n",
    "x-forwarded-host: ",
    "x-forwarded-proto: http",
];
/// What it is not told.
const KEPT: &str = "authorization:";

/// Asks for each kind of answer once.
pub(crate) async fn check(job: &Job, server: &Server, world: &World) -> Result<(), Failure> {
    let checked = checked(job, server, world).await;
    checked.map_err(|error| format!("it does not do the job: {error}").into())
}

async fn checked(job: &Job, server: &Server, world: &World) -> Result<(), Failure> {
    let connector = Connector::new(job.work.over(), &server.place, &world.roots)?;
    let mut client = Client {
        sender: connector.sender().await?,
        connector,
    };
    let path = match job.setup {
        Setup::Usual | Setup::Sites(_) => "/api/version".to_owned(),
        Setup::Routes(count) => path_of_route(count - 1) + "version",
    };
    for token in [None, Some("Bearer wrong")] {
        client.ask(&path, token, StatusCode::UNAUTHORIZED).await?;
    }
    if job.work == Work::Logins {
        // Whoever remembers passwords knows this one from here on.
        login(&client.connector).await?;
    }
    if job.setup == Setup::Usual {
        client.sees_the_backend().await?;
    }
    let (fields, body) = client
        .ask(&path, Some(&token_line()), StatusCode::OK)
        .await?;
    if body != ANSWER {
        return Err("the answer is not the backend's".into());
    }
    is_edited(&fields)
}

struct Client {
    connector: Connector,
    sender: Sender,
}

impl Client {
    async fn sees_the_backend(&mut self) -> Result<(), Failure> {
        let token = token_line();
        let (_, stream) = self
            .ask(&stream_path(LINES, PAUSE), Some(&token), StatusCode::OK)
            .await?;
        let lines = memchr::memchr_iter(b'\n', &stream).count();
        if lines != usize::try_from(LINES)? {
            return Err(format!("a stream of {LINES} lines had {lines}").into());
        }
        let (_, head) = self.ask(HEAD, Some(&token), StatusCode::OK).await?;
        let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
        if let Some(missing) = TOLD.iter().find(|field| !head.contains(**field)) {
            return Err(format!("the upstream is not told `{}`", missing.trim()).into());
        }
        if head.contains(KEPT) {
            return Err("the upstream is told the token".into());
        }
        Ok(())
    }

    async fn ask(
        &mut self,
        path: &str,
        token: Option<&str>,
        status: StatusCode,
    ) -> Result<(HeaderMap, Vec<u8>), Failure> {
        let answer = self
            .sender
            .send(self.connector.request(path, token)?)
            .await?;
        expect(answer.status(), status)?;
        let (head, body) = answer.into_parts();
        Ok((head.headers, body.collect().await?.to_bytes().to_vec()))
    }
}

fn is_edited(fields: &HeaderMap) -> Result<(), Failure> {
    let is_set = |name: &str| fields.contains_key(name);
    if is_set("x-content-type-options") && is_set("x-served-to") && !is_set("x-internal") {
        return Ok(());
    }
    Err("the fields of the answer are not edited".into())
}
