//! The rules, a file each, in the order of their codes.

mod admin_api_exposed;
mod auth_after_proxy_in_route;
mod auth_fails_open_when_secret_unset;
mod auth_gate_after_handle;
mod auth_in_sibling_handle;
mod auth_limited_to_methods;
mod auth_matcher_sees_rewritten_path;
mod auth_path_gap;
mod credentials_over_plain_http;
mod deny_list_instead_of_allow_list;
mod deprecated_basicauth;
mod duplicate_site;
mod env_var_unset;
mod lint_comment_problem;
mod llm_timeout_too_short;
mod model_management_reachable;
mod not_formatted;
mod open_inference_endpoint;
mod openai_paths_unprotected;
mod path_in_upstream;
mod request_body_unlimited;
mod secret_literal_in_config;
mod trusted_proxies_any;
mod undefined_matcher;
mod unhandled_requests_get_200;
mod unknown_directive;
mod unknown_placeholder_in_auth;
mod unknown_subdirective;
mod unreachable_directive;
mod unsupported_by_caddis;
mod unused_matcher;
mod upstream_host_not_rewritten;
mod wildcard_in_auth_header;

use crate::rule::Rule;

/// Every rule, by code.
pub const RULES: &[&Rule] = &[
    &credentials_over_plain_http::RULE,
    &secret_literal_in_config::RULE,
    &auth_fails_open_when_secret_unset::RULE,
    &auth_gate_after_handle::RULE,
    &auth_in_sibling_handle::RULE,
    &auth_after_proxy_in_route::RULE,
    &auth_path_gap::RULE,
    &auth_matcher_sees_rewritten_path::RULE,
    &auth_limited_to_methods::RULE,
    &wildcard_in_auth_header::RULE,
    &trusted_proxies_any::RULE,
    &admin_api_exposed::RULE,
    &unknown_placeholder_in_auth::RULE,
    &open_inference_endpoint::RULE,
    &model_management_reachable::RULE,
    &deny_list_instead_of_allow_list::RULE,
    &openai_paths_unprotected::RULE,
    &upstream_host_not_rewritten::RULE,
    &request_body_unlimited::RULE,
    &llm_timeout_too_short::RULE,
    &unknown_directive::RULE,
    &unknown_subdirective::RULE,
    &undefined_matcher::RULE,
    &unused_matcher::RULE,
    &duplicate_site::RULE,
    &unreachable_directive::RULE,
    &unhandled_requests_get_200::RULE,
    &path_in_upstream::RULE,
    &env_var_unset::RULE,
    &deprecated_basicauth::RULE,
    &not_formatted::RULE,
    &lint_comment_problem::RULE,
    &unsupported_by_caddis::RULE,
];

/// The rule about the comments that turn rules off; it looks when all others are done.
pub(crate) const LINT_COMMENT_PROBLEM: &Rule = &lint_comment_problem::RULE;
