//! The life of a config: what it does beside answering requests, from the moment that it is served until another
//! one takes its place.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The life of a config. Cheap to clone; all clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Life {
    ended: CancellationToken,
    tasks: Arc<Mutex<Vec<Task>>>,
}

impl Life {
    /// Notes what is to be done for as long as the config is served.
    pub(crate) fn task(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.lock().push(Box::pin(task));
    }

    /// Begins what was noted, on the runtime of the caller.
    pub(crate) fn begin(&self) {
        for task in std::mem::take(&mut *self.tasks.lock()) {
            let ended = self.ended.clone();
            tokio::spawn(async move { ended.run_until_cancelled_owned(task).await });
        }
    }

    /// Ends it: another config is served.
    pub(crate) fn end(&self) {
        self.ended.cancel();
    }

    /// Becomes ready when it has ended.
    pub(crate) async fn ended(&self) {
        self.ended.cancelled().await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::Life;

    #[tokio::test]
    async fn a_task_begins_and_ends_with_its_config() {
        let life = Life::default();
        let (begun, begins) = oneshot::channel();
        let (held, ends) = oneshot::channel::<()>();
        life.task(async move {
            begun.send(()).ok();
            std::future::pending::<()>().await;
            drop(held);
        });
        life.begin();
        begins.await.unwrap();
        life.end();
        life.ended().await;
        assert!(ends.await.is_err(), "the task is dropped");
    }
}
