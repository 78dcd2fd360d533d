//! Work that may wait for a disk, away from the threads that serve connections.

use http::StatusCode;

use crate::{HandlerError, Result};

/// Does work that may wait for a disk.
pub(crate) async fn wait_for<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|fault| HandlerError::status(StatusCode::INTERNAL_SERVER_ERROR).because(fault))
}
