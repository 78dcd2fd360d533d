//! Whether a server does the job at all: what is not right is not measured.

use http::StatusCode;
use http_body_util::BodyExt;

use crate::Failure;
use crate::backend::{ANSWER, STREAM};
use crate::connect::{Connector, Sender, World, expect};
use crate::job::Job;
use crate::server::{Server, TOKEN};

/// How many lines the stream has that is read to its end.
const LINES: usize = 3;

/// Asks for each kind of answer once.
pub(crate) async fn check(job: Job, server: &Server, world: &World) -> Result<(), Failure> {
    checked(job, server, world).await.map_err(|error| {
        format!(
            "{} does not do the job `{}`: {error}",
            server.name,
            job.title()
        )
        .into()
    })
}

async fn checked(job: Job, server: &Server, world: &World) -> Result<(), Failure> {
    let connector = Connector::new(job, server, world)?;
    let mut sender = connector.sender().await?;
    for token in [None, Some("wrong")] {
        let answer = sender.send(connector.request("/", token)?).await?;
        expect(answer.status(), StatusCode::UNAUTHORIZED)?;
        answer.into_body().collect().await?;
    }
    let body = body(&connector, &mut sender, "/api/version").await?;
    if body != ANSWER {
        return Err("the answer is not the backend's".into());
    }
    let path = format!("{STREAM}{LINES}");
    let stream = self::body(&connector, &mut sender, &path).await?;
    let lines = memchr::memchr_iter(b'\n', &stream).count();
    if lines != LINES {
        return Err(format!("a stream of {LINES} lines had {lines}").into());
    }
    Ok(())
}

async fn body(connector: &Connector, sender: &mut Sender, path: &str) -> Result<Vec<u8>, Failure> {
    let answer = sender.send(connector.request(path, Some(TOKEN))?).await?;
    expect(answer.status(), StatusCode::OK)?;
    Ok(answer.into_body().collect().await?.to_bytes().to_vec())
}
