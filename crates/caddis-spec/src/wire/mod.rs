//! Runs cases over loopback, on any server that takes `run --config FILE --adapter caddyfile`.

mod connect;
mod listeners;
mod ports;
mod process;
mod server;

use std::ffi::OsString;

use crate::{Problem, Start, Subject, Task, World};

/// Starts a program for every case.
#[derive(Clone, Debug)]
pub struct Wire {
    /// The program: a path, or a name to be found in `PATH`.
    pub program: OsString,
}

impl Start for Wire {
    fn paused(&self) -> bool {
        false
    }

    fn start(&self, world: World) -> Task<'_, Result<Box<dyn Subject>, Problem>> {
        Box::pin(async move {
            let server = server::start(&self.program, &world).await?;
            Ok(Box::new(server) as Box<dyn Subject>)
        })
    }
}
