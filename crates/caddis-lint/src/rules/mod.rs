//! The rules, a file each, in the order of their codes.

mod admin_api_exposed;
mod admin_api_proxied;
mod auth_after_proxy_in_route;
mod auth_exemption_too_wide;
mod auth_fails_open_when_secret_unset;
mod auth_gate_after_handle;
mod auth_in_sibling_handle;
mod auth_limited_to_methods;
mod auth_matcher_sees_rewritten_path;
mod auth_path_gap;
mod basic_auth_plaintext_password;
mod brace_glued_to_address;
mod browser_origin_rejected;
mod case_sensitive_path_gate;
mod client_auth_not_enforced;
mod cors_preflight_blocked;
mod cors_reflects_origin;
mod cors_wildcard_with_credentials;
mod credentials_forwarded_upstream;
mod credentials_logged;
mod credentials_over_plain_http;
mod custom_auth_header_logged;
mod deny_list_instead_of_allow_list;
mod deprecated_basicauth;
mod deprecated_skip_log;
mod duplicate_handle;
mod duplicate_site;
mod env_default_empty_or_unused;
mod env_var_unset;
mod exact_path_where_prefix_meant;
mod failover_never_happens;
mod file_server_root_too_wide;
mod forwarded_header_as_identity;
mod health_path_renamed;
mod import_matches_nothing;
mod lint_comment_problem;
mod llm_timeout_too_short;
mod matcher_never_true;
mod metrics_public;
mod model_management_reachable;
mod no_login_throttle;
mod no_rate_limit;
mod not_formatted;
mod old_import_argument_syntax;
mod on_demand_tls_without_permission;
mod open_inference_endpoint;
mod openai_paths_unprotected;
mod order_differs_from_file;
mod path_in_upstream;
mod path_without_slash;
mod prefix_stripped_twice;
mod proxy_and_model_share_port;
mod proxy_to_itself;
mod rate_limit_key_not_known_yet;
mod rate_limit_key_shared;
mod redundant_header_up;
mod redundant_wildcard_matcher;
mod remote_ip_forwarded;
mod renamed_transport_options;
mod request_body_too_small;
mod request_body_unlimited;
mod scheme_port_clash;
mod scrypt_hash;
mod secret_literal_in_config;
mod short_or_low_entropy_token;
mod site_address_with_path;
mod streaming_buffered;
mod token_in_query_string;
mod trusted_proxies_any;
mod unanchored_auth_regexp;
mod unauthorized_without_challenge;
mod undefined_matcher;
mod unhandled_requests_get_200;
mod unknown_directive;
mod unknown_placeholder_in_auth;
mod unknown_subdirective;
mod unreachable_directive;
mod unsupported_by_caddis;
mod unused_matcher;
mod unused_snippet;
mod upstream_chosen_by_client;
mod upstream_host_not_rewritten;
mod upstream_localhost_dual_stack;
mod upstream_tls_not_verified;
mod weak_password_hash;
mod wildcard_address_as_site;
mod wildcard_in_auth_header;

use crate::rule::Rule;

/// Every rule, by code.
pub const RULES: &[&Rule] = &[
    &credentials_over_plain_http::RULE,
    &basic_auth_plaintext_password::RULE,
    &weak_password_hash::RULE,
    &secret_literal_in_config::RULE,
    &short_or_low_entropy_token::RULE,
    &auth_fails_open_when_secret_unset::RULE,
    &auth_gate_after_handle::RULE,
    &auth_in_sibling_handle::RULE,
    &auth_after_proxy_in_route::RULE,
    &auth_path_gap::RULE,
    &auth_matcher_sees_rewritten_path::RULE,
    &auth_limited_to_methods::RULE,
    &auth_exemption_too_wide::RULE,
    &case_sensitive_path_gate::RULE,
    &wildcard_in_auth_header::RULE,
    &unanchored_auth_regexp::RULE,
    &token_in_query_string::RULE,
    &trusted_proxies_any::RULE,
    &forwarded_header_as_identity::RULE,
    &upstream_tls_not_verified::RULE,
    &admin_api_exposed::RULE,
    &admin_api_proxied::RULE,
    &upstream_chosen_by_client::RULE,
    &cors_wildcard_with_credentials::RULE,
    &cors_reflects_origin::RULE,
    &credentials_logged::RULE,
    &custom_auth_header_logged::RULE,
    &metrics_public::RULE,
    &on_demand_tls_without_permission::RULE,
    &file_server_root_too_wide::RULE,
    &no_login_throttle::RULE,
    &client_auth_not_enforced::RULE,
    &unknown_placeholder_in_auth::RULE,
    &open_inference_endpoint::RULE,
    &model_management_reachable::RULE,
    &deny_list_instead_of_allow_list::RULE,
    &openai_paths_unprotected::RULE,
    &upstream_host_not_rewritten::RULE,
    &request_body_unlimited::RULE,
    &request_body_too_small::RULE,
    &llm_timeout_too_short::RULE,
    &no_rate_limit::RULE,
    &credentials_forwarded_upstream::RULE,
    &streaming_buffered::RULE,
    &cors_preflight_blocked::RULE,
    &browser_origin_rejected::RULE,
    &upstream_localhost_dual_stack::RULE,
    &proxy_and_model_share_port::RULE,
    &rate_limit_key_shared::RULE,
    &rate_limit_key_not_known_yet::RULE,
    &unknown_directive::RULE,
    &unknown_subdirective::RULE,
    &undefined_matcher::RULE,
    &unused_matcher::RULE,
    &unused_snippet::RULE,
    &duplicate_site::RULE,
    &wildcard_address_as_site::RULE,
    &unreachable_directive::RULE,
    &order_differs_from_file::RULE,
    &unhandled_requests_get_200::RULE,
    &proxy_to_itself::RULE,
    &path_in_upstream::RULE,
    &scheme_port_clash::RULE,
    &env_var_unset::RULE,
    &env_default_empty_or_unused::RULE,
    &path_without_slash::RULE,
    &exact_path_where_prefix_meant::RULE,
    &prefix_stripped_twice::RULE,
    &redundant_header_up::RULE,
    &matcher_never_true::RULE,
    &brace_glued_to_address::RULE,
    &import_matches_nothing::RULE,
    &duplicate_handle::RULE,
    &unauthorized_without_challenge::RULE,
    &failover_never_happens::RULE,
    &deprecated_basicauth::RULE,
    &deprecated_skip_log::RULE,
    &site_address_with_path::RULE,
    &remote_ip_forwarded::RULE,
    &health_path_renamed::RULE,
    &old_import_argument_syntax::RULE,
    &scrypt_hash::RULE,
    &renamed_transport_options::RULE,
    &not_formatted::RULE,
    &redundant_wildcard_matcher::RULE,
    &lint_comment_problem::RULE,
    &unsupported_by_caddis::RULE,
];

/// The rule about the comments that turn rules off; it looks when all others are done.
pub(crate) const LINT_COMMENT_PROBLEM: &Rule = &lint_comment_problem::RULE;
