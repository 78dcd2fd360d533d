//! What an answer must be like for something to be done with it.

use caddis_ir::RequireResponse;
use http::{HeaderMap, StatusCode};

use super::HeaderMatcher;

/// Statuses and header fields, any and all of which an answer must have.
pub(crate) struct ResponseMatcher {
    statuses: Vec<u16>,
    fields: Option<HeaderMatcher>,
}

impl ResponseMatcher {
    pub(crate) fn build(config: &RequireResponse) -> Self {
        let headers = &config.headers;
        let fields = (!headers.is_empty()).then(|| HeaderMatcher::as_written(headers));
        Self {
            statuses: config.status_code.clone(),
            fields,
        }
    }

    /// Whether an answer is like that; every answer is if nothing is asked for.
    pub(crate) fn matches(&self, status: StatusCode, headers: &HeaderMap) -> bool {
        let mut statuses = self.statuses.iter();
        let status_fits =
            self.statuses.is_empty() || statuses.any(|required| is_like(status, *required));
        let fields = self.fields.as_ref();
        status_fits && fields.is_none_or(|fields| fields.matches_as_written(headers))
    }
}

/// 4 stands for 4xx.
fn is_like(status: StatusCode, required: u16) -> bool {
    status.as_u16() == required || (required < 10 && status.as_u16() / 100 == required)
}
