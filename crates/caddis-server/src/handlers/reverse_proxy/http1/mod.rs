//! HTTP/1.1 towards upstreams, spoken within the task of the request: no other task, no channel and no copy of the
//! request stands between a client and its upstream.

mod ask;
mod chunks;
mod fault;
mod head;
mod line;
mod reading;
mod request;
mod sending;
mod switched;

pub(super) use ask::{Limits, Reached, Rest, Unanswered, ask};
pub(super) use fault::Fault;
pub(super) use line::Line;
pub(super) use reading::Reading;
pub(super) use switched::Switched;
