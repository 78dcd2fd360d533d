//! The clients of one turn, and what they have seen while it was measured.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::Failure;
use crate::backend::ANSWER;
use crate::clients;
use crate::configs::path_of_route;
use crate::connect::Connector;
use crate::job::{CONNECTIONS, Over, Setup, Streams, Work};
use crate::wanted::bytes_path;
use crate::window::Window;

/// Uploads are large: a few at once keep every server busy.
const UPLOADERS: usize = 8;
/// Servers that check every password anew answer one a second on each core.
const USERS: usize = 4;
/// Clients that open a stream of one line again and again.
const FIRST_TOKENS: usize = 2;
/// How long clients may take for what they had begun when the turn was over.
const PATIENCE: Duration = Duration::from_mins(1);

/// Clients at work.
pub(crate) struct Load {
    window: Arc<Window>,
    clients: JoinSet<Result<Vec<Duration>, Failure>>,
    starters: JoinSet<Result<Vec<Duration>, Failure>>,
}

/// What clients have seen, the shortest times first.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// How long requests took, or how late tokens were.
    pub(crate) times: Vec<Duration>,
    /// How long it took from a request to the first token.
    pub(crate) first_tokens: Vec<Duration>,
}

impl Load {
    /// Connects all clients and lets them work; nothing counts yet.
    pub(crate) async fn start(
        work: Work,
        setup: Setup,
        connector: &Connector,
        began: Instant,
    ) -> Result<Self, Failure> {
        let mut load = Self {
            window: Arc::default(),
            clients: JoinSet::new(),
            starters: JoinSet::new(),
        };
        match work {
            Work::Streams(streams) => load.streams(streams, connector, began).await?,
            Work::Requests(Over::Https2, _) => load.http2(connector).await?,
            Work::Requests(_, length) => load.requests(setup, length, connector).await?,
            Work::Handshakes | Work::TooLarge => load.connections(work, connector),
            Work::Uploads => load.uploads(connector).await?,
            Work::Logins => load.logins(connector).await?,
            Work::FirstLogin | Work::StartUp | Work::Idle(_) | Work::Reload | Work::Adapt(_) => {
                return Err("this work has no clients".into());
            }
        }
        Ok(load)
    }

    /// From now on it counts.
    pub(crate) fn open(&self) -> Instant {
        self.window.open()
    }

    /// From now on nothing counts any more.
    pub(crate) fn close(&self) {
        self.window.close();
    }

    /// What was seen while it counted.
    pub(crate) async fn finish(mut self) -> Result<Seen, Failure> {
        let seen = async {
            let times = all(&mut self.clients).await?;
            let first_tokens = all(&mut self.starters).await?;
            Ok(Seen {
                times,
                first_tokens,
            })
        };
        tokio::time::timeout(PATIENCE, seen)
            .await
            .unwrap_or_else(|_| Err("clients were still not answered".into()))
    }

    async fn requests(
        &mut self,
        setup: Setup,
        length: usize,
        connector: &Connector,
    ) -> Result<(), Failure> {
        let path = match setup {
            Setup::Routes(count) => path_of_route(count - 1) + "version",
            Setup::Usual if length != ANSWER.len() => bytes_path(length),
            Setup::Usual | Setup::Sites(_) => "/api/version".to_owned(),
        };
        for _ in 0..CONNECTIONS {
            let stream = connector.connect().await?;
            let (request, window) = (connector.get(&path), Arc::clone(&self.window));
            self.clients
                .spawn(clients::http1(stream, request, length, window));
        }
        Ok(())
    }

    async fn http2(&mut self, connector: &Connector) -> Result<(), Failure> {
        for _ in 0..CONNECTIONS {
            let sender = connector.sender().await?;
            let window = Arc::clone(&self.window);
            self.clients
                .spawn(clients::http2(sender, connector.clone(), window));
        }
        Ok(())
    }

    fn connections(&mut self, work: Work, connector: &Connector) {
        for _ in 0..CONNECTIONS {
            let (connector, window) = (connector.clone(), Arc::clone(&self.window));
            if work == Work::Handshakes {
                self.clients.spawn(clients::handshakes(connector, window));
            } else {
                self.clients.spawn(clients::too_large(connector, window));
            }
        }
    }

    async fn uploads(&mut self, connector: &Connector) -> Result<(), Failure> {
        for _ in 0..UPLOADERS {
            let stream = connector.connect().await?;
            let window = Arc::clone(&self.window);
            self.clients
                .spawn(clients::uploads(stream, connector.clone(), window));
        }
        Ok(())
    }

    async fn logins(&mut self, connector: &Connector) -> Result<(), Failure> {
        for _ in 0..USERS {
            let stream = connector.connect().await?;
            let window = Arc::clone(&self.window);
            self.clients
                .spawn(clients::logins(stream, connector.clone(), window));
        }
        Ok(())
    }

    async fn streams(
        &mut self,
        streams: Streams,
        connector: &Connector,
        began: Instant,
    ) -> Result<(), Failure> {
        let Streams { count, pause, .. } = streams;
        for _ in 0..count {
            let sender = connector.sender().await?;
            let (connector, window) = (connector.clone(), Arc::clone(&self.window));
            self.clients
                .spawn(clients::read(sender, connector, window, pause, began));
        }
        for who in 0..streams.strangers {
            let (connector, window) = (connector.clone(), Arc::clone(&self.window));
            self.clients
                .spawn(clients::strange_logins(connector, window, who));
        }
        if streams.strangers > 0 {
            return Ok(());
        }
        for _ in 0..FIRST_TOKENS {
            let sender = connector.sender().await?;
            let (connector, window) = (connector.clone(), Arc::clone(&self.window));
            self.starters
                .spawn(clients::first_tokens(sender, connector, window));
        }
        Ok(())
    }
}

async fn all(
    clients: &mut JoinSet<Result<Vec<Duration>, Failure>>,
) -> Result<Vec<Duration>, Failure> {
    let mut all = Vec::new();
    while let Some(client) = clients.join_next().await {
        all.append(&mut client??);
    }
    all.sort_unstable();
    Ok(all)
}
