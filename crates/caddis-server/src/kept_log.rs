//! The access log of servers that are asked in process: kept, not written.

use std::sync::Arc;

use crate::App;
use crate::access_log::AccessLogs;
use crate::log::{Kept, Logs};

/// What the servers of an app say about their requests.
#[derive(Debug)]
pub struct KeptLog(Kept);

impl KeptLog {
    /// Keeps the access logs that the config asks for.
    pub fn of(app: &mut App) -> Self {
        let (logs, kept) = Logs::kept();
        for (_, server) in app.servers_mut() {
            if let Some(rules) = server.settings().logs.clone() {
                server.set_access_log(Arc::new(AccessLogs::new(Some(rules), logs.clone())));
            }
        }
        Self(kept)
    }

    /// The entries since the last time, each as a line of JSON.
    pub fn lines(&self) -> Vec<String> {
        self.0.lines()
    }
}
