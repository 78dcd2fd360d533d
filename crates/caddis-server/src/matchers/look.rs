//! A request as matchers see it.

use std::borrow::Cow;
use std::cell::OnceCell;

use http::StatusCode;

use crate::placeholders::Values;
use crate::{HandlerError, Request, Result, uri};

/// A request as matchers see it. What several matchers need is worked out once.
pub(crate) struct Look<'a> {
    pub(crate) request: &'a Request,
    pub(crate) values: Values<'a>,
    folded: OnceCell<Cow<'a, [u8]>>,
    failed: OnceCell<String>,
}

impl<'a> Look<'a> {
    pub(crate) fn new(request: &'a Request) -> Self {
        Self {
            request,
            values: Values::of(request),
            folded: OnceCell::new(),
            failed: OnceCell::new(),
        }
    }

    /// Notes that a matcher could not say whether the request matches; the first one counts.
    pub(crate) fn fail(&self, why: String) {
        let _ = self.failed.set(why);
    }

    /// An error if a matcher could not say so.
    pub(crate) fn failure(&self) -> Result<()> {
        match self.failed.get() {
            None => Ok(()),
            Some(why) => Err(failed(why)),
        }
    }

    /// The path decoded, with dot segments and double slashes resolved, in lower case.
    pub(crate) fn folded_path(&self) -> &[u8] {
        self.folded.get_or_init(|| {
            let path = uri::lower(uri::decoded_path(self.request.uri()));
            uri::clean(path, uri::Slashes::Merged)
        })
    }

    /// The same, with double slashes kept.
    pub(crate) fn folded_path_with_slashes(&self) -> Cow<'a, [u8]> {
        let path = uri::lower(uri::decoded_path(self.request.uri()));
        uri::clean(path, uri::Slashes::Kept)
    }

    /// The path decoded, with dot segments and double slashes resolved.
    pub(crate) fn clean_path(&self) -> Cow<'a, [u8]> {
        let path = uri::decoded_path(self.request.uri());
        uri::clean(path, uri::Slashes::Merged)
    }
}

/// What becomes of a request of which a matcher cannot say whether it matches.
pub(crate) fn failed(why: &str) -> HandlerError {
    let error = HandlerError::status(StatusCode::INTERNAL_SERVER_ERROR);
    error.because(format!("evaluating an expression: {why}"))
}
