//! The upstreams of a proxy that cares for none of them more than for another.

use std::sync::Arc;

use super::failure::{Failure, Reason};
use super::member::Member;
use super::pool::Lane;
use super::upstream::Address;
use crate::placeholders::Values;
use crate::{Context, Request};

/// The upstreams of one proxy.
#[derive(Clone, Default)]
pub(super) struct Upstreams(pub(super) Arc<[Arc<Member>]>);

impl Upstreams {
    /// An upstream for a request: one of them at random, as Caddy picks it if the config does not say how.
    pub(super) fn pick(
        &self,
        request: &Request,
        context: &Context,
    ) -> Result<(Arc<Address>, Arc<Lane>), Failure> {
        let picked = match &*self.0 {
            [] => return Err(Failure::without_upstream(Reason::NoUpstream)),
            [one] => one,
            several => &several[rand::random_range(0..several.len())],
        };
        picked.locate(&Values::of(request), context.connection().worker)
    }
}
