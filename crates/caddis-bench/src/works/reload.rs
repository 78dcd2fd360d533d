//! A turn in which a server gets another config of the same sites.

use std::time::{Duration, Instant};

use bytes::BytesMut;

use crate::Failure;
use crate::clients::exchange;
use crate::configs::VERSION;
use crate::connect::Connector;
use crate::measure::{Figures, Measure};
use crate::server::{Server, order};

/// HAProxy hears nothing in its first moments.
const REST: Duration = Duration::from_millis(500);
/// How often it is looked whether the new one is served.
const LOOK: Duration = Duration::from_millis(1);
/// How long it may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// How long it takes from the order until a new connection is served by the new config.
pub(crate) async fn reload(server: &mut Server) -> Result<Figures, Failure> {
    tokio::time::sleep(REST).await;
    let next = server.prepare_reload()?;
    let wanted = format!("{VERSION}: {}\r\n", server.place.version);
    let connector = Connector::plain(server.place.plain, server.place.setup);
    let began = Instant::now();
    let loading = tokio::task::spawn_blocking(move || order(&next));
    // A connection that is closed in between is no answer of the new one.
    while !is_served(&connector, &wanted).await.unwrap_or(false) {
        if began.elapsed() > PATIENCE {
            return Err("the other config is not served".into());
        }
        tokio::time::sleep(LOOK).await;
    }
    let took = began.elapsed();
    loading.await??;
    Ok(Figures::from([(
        Measure::Clock,
        took.as_secs_f64() * 1000.0,
    )]))
}

async fn is_served(connector: &Connector, wanted: &str) -> Result<bool, Failure> {
    let mut stream = connector.connect().await?;
    let answer = exchange(&mut *stream, &connector.get("/"), &mut BytesMut::new()).await?;
    let head = answer.head.to_ascii_lowercase();
    Ok(memchr::memmem::find(&head, wanted.as_bytes()).is_some())
}
