//! Requests without a pause, over connections of every kind, each of which has to be answered, and by the right config.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends with the trouble that it met, and says how much it did"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::task::JoinSet;

use crate::asker::{Asker, Trouble, Way};
use crate::stage::HELLO;

/// The field that says which config answered.
pub(crate) const FIELD: &str = "x-generation";

/// Which configs may answer: the last one that was loaded, or one that is being loaded.
#[derive(Default)]
pub(crate) struct Generations {
    pub(crate) loaded: AtomicUsize,
    pub(crate) asked: AtomicUsize,
}

impl Generations {
    /// Takes the generation of an answer that was asked for after `loaded` was seen.
    fn check(&self, loaded: usize, answer: &hyper::Response<String>) -> Result<(), Trouble> {
        let generation = answer
            .headers()
            .get(FIELD)
            .and_then(|field| field.to_str().ok()?.parse().ok());
        let generation: usize =
            generation.ok_or_else(|| format!("{answer:?} says no generation"))?;
        let asked = self.asked.load(Ordering::SeqCst);
        if (loaded..=asked).contains(&generation) {
            return Ok(());
        }
        Err(format!(
            "config {generation} answers, after {loaded} was loaded and {asked} was asked for"
        ))
    }
}

/// Clients that ask until they are told to stop.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    clients: JoinSet<Result<(), Trouble>>,
}

/// What clients do with their connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Kept,
    Once,
}

impl Load {
    /// Begins with clients of every kind.
    pub(crate) fn begin(ways: &[Way], generations: &Arc<Generations>) -> Self {
        let mut load = Self {
            stop: Arc::default(),
            answered: Arc::default(),
            clients: JoinSet::new(),
        };
        for way in ways {
            for connections in [Use::Kept, Use::Once] {
                load.clients.spawn(client(
                    way.clone(),
                    connections,
                    Arc::clone(generations),
                    Arc::clone(&load.stop),
                    Arc::clone(&load.answered),
                ));
            }
        }
        load
    }

    /// How many requests were answered so far.
    pub(crate) fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }

    /// Fails if a client has failed.
    pub(crate) fn check(&mut self) {
        if let Some(ended) = self.clients.try_join_next() {
            panic!("a client gave up: {:?}", ended.unwrap());
        }
    }

    /// Waits until every client has the answer that it waits for, and says how many there were.
    pub(crate) async fn end(mut self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(ended) = self.clients.join_next().await {
            ended.unwrap().unwrap();
        }
        self.answered.load(Ordering::Relaxed)
    }
}

async fn client(
    way: Way,
    connections: Use,
    generations: Arc<Generations>,
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
) -> Result<(), Trouble> {
    let mut asker = Asker::connect(&way).await?;
    let mut count = 0;
    while !stop.load(Ordering::Relaxed) {
        let path = if count % 2 == 0 { "/own" } else { "/proxied" };
        let loaded = generations.loaded.load(Ordering::SeqCst);
        if connections == Use::Once {
            asker = Asker::connect(&way).await?;
        }
        let trouble = |why| {
            let way = way.name();
            format!(
                "{connections:?} connection, {way}, {path}, request {count}, config {loaded}: {why}"
            )
        };
        let answer = asker.get(path).await.map_err(trouble)?;
        let expected = if path == "/own" { "own" } else { HELLO };
        if answer.status() != 200 || answer.body() != expected {
            return Err(trouble(format!("{answer:?}")));
        }
        generations.check(loaded, &answer).map_err(trouble)?;
        count += 1;
        answered.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}
