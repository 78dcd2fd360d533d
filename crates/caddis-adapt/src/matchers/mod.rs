//! Every matcher, by name.

mod client_ip;
mod expression;
mod file;
mod header;
mod header_regexp;
mod host;
mod ip_ranges;
mod method;
mod not;
mod path;
mod path_regexp;
mod protocol;
mod query;
mod remote_ip;
mod tls;
mod vars;
mod vars_regexp;

pub(crate) use header::field as header_field;
pub(crate) use ip_ranges::add as add_ip_range;

use crate::Matcher;

pub(crate) const MATCHERS: &[Matcher] = &[
    client_ip::MATCHER,
    expression::MATCHER,
    file::MATCHER,
    header::MATCHER,
    header_regexp::MATCHER,
    host::MATCHER,
    method::MATCHER,
    not::MATCHER,
    path::MATCHER,
    path_regexp::MATCHER,
    protocol::MATCHER,
    query::MATCHER,
    remote_ip::MATCHER,
    tls::MATCHER,
    vars::MATCHER,
    vars_regexp::MATCHER,
];
