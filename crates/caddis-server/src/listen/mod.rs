//! Listeners: sockets, the workers that accept on them, and the connections that they serve.

mod accept;
mod activity;
#[cfg(test)]
mod activity_tests;
mod address;
mod alone;
mod bind;
mod clock;
mod framing;
mod holder;
#[cfg(test)]
mod http2_tests;
mod in_memory;
mod protocol;
mod proxied;
#[cfg(test)]
mod reload_tests;
mod rewound;
mod settings;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tls_tests;
mod to_https;
mod unread;
#[cfg(test)]
mod unread_tests;
mod wire;
mod worker;
mod workers;
mod wrappers;

pub(crate) use activity::{Activity, Phase};
pub use address::{AddressError, ListenAddress};
pub(crate) use alone::{Alone, Ready};
pub use bind::BindError;
use bind::{Socket, bind};
pub use in_memory::InMemory;
pub(crate) use protocol::Answer;
pub use settings::{Keepalive, Settings};
pub(crate) use wire::Transport;
pub(crate) use worker::{Served, Stop};
#[cfg(test)]
use workers::serving;
pub(crate) use workers::{Listener, Workers};
pub(crate) use wrappers::Wrappers;
