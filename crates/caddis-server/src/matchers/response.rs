//! What an answer must be like for something to be done with it.

use caddis_ir::{Path, RequireResponse};
use http::{HeaderMap, StatusCode};

use super::HeaderMatcher;
use crate::build::Builder;
use crate::placeholders::Values;

/// Statuses and header fields, any and all of which an answer must have.
pub(crate) struct ResponseMatcher {
    statuses: Vec<u16>,
    fields: Option<HeaderMatcher>,
}

impl ResponseMatcher {
    pub(crate) fn build(config: &RequireResponse, at: &Path, builder: &mut Builder<'_>) -> Self {
        let headers = &config.headers;
        let fields = (!headers.is_empty())
            .then(|| HeaderMatcher::build(headers, &at.key("headers"), builder));
        Self {
            statuses: config.status_code.clone(),
            fields,
        }
    }

    /// Whether an answer is like that; every answer is if nothing is asked for.
    pub(crate) fn matches(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        values: &Values<'_>,
    ) -> bool {
        let mut statuses = self.statuses.iter();
        let status_fits =
            self.statuses.is_empty() || statuses.any(|required| is_like(status, *required));
        status_fits && (self.fields.as_ref()).is_none_or(|fields| fields.matches(headers, values))
    }
}

/// 4 stands for 4xx.
fn is_like(status: StatusCode, required: u16) -> bool {
    status.as_u16() == required || (required < 10 && status.as_u16() / 100 == required)
}
