//! When another upstream is tried after one has failed.

use std::time::Duration;

use http::{Method, request};
use tokio::time::Instant;

use super::failure::Failure;
use crate::matchers::{Look, Sets};
use crate::{Body, Context, Request};

/// When another upstream is tried after one has failed.
#[derive(Default)]
pub(super) struct Retries {
    /// How many are tried after the first one; any number if `None`.
    pub(super) most: Option<u64>,
    /// How long another one is tried; without limit if `None`.
    pub(super) duration: Option<Duration>,
    /// How long to wait before that.
    pub(super) interval: Option<Duration>,
    /// The requests that may be sent again although an upstream may have got them; those of GET if `None`.
    pub(super) repeatable: Option<Sets>,
}

/// A request that is tried.
pub(super) struct Tried<'a> {
    pub(super) head: &'a request::Parts,
    pub(super) context: &'a Context,
    pub(super) began: Instant,
    /// How often it was tried again so far.
    pub(super) retries: u64,
}

impl Retries {
    /// Waits until another upstream is to be tried; false if none is.
    pub(super) async fn again(&self, tried: &Tried<'_>, failure: &Failure) -> bool {
        if !self.has_more(tried) || !self.may_repeat(tried, failure) {
            return false;
        }
        if let Some(interval) = self.interval {
            tokio::time::sleep(interval).await;
        }
        true
    }

    fn has_more(&self, tried: &Tried<'_>) -> bool {
        let is_any = self.most.is_some() || self.duration.is_some();
        let has_time = self
            .duration
            .is_none_or(|duration| tried.began.elapsed() < duration);
        is_any && has_time && self.most.is_none_or(|most| tried.retries < most)
    }

    /// Whether an upstream may be asked the same again: one that was not reached may.
    fn may_repeat(&self, tried: &Tried<'_>, failure: &Failure) -> bool {
        if failure.is_of_dialling() || failure.is_without_upstream() {
            return true;
        }
        let Some(sets) = &self.repeatable else {
            return tried.head.method == Method::GET;
        };
        let mut request = Request::new(Body::Empty);
        *request.method_mut() = tried.head.method.clone();
        *request.uri_mut() = tried.head.uri.clone();
        *request.headers_mut() = tried.head.headers.clone();
        request.extensions_mut().insert(tried.context.clone());
        sets.matches(&Look::new(&request))
    }
}
