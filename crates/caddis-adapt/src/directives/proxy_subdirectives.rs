//! The names of what can stand in the block of `reverse_proxy`.

/// The options.
pub(super) const OPTIONS: &[&str] = &[
    "to",
    "dynamic",
    "lb_policy",
    "lb_retries",
    "lb_try_duration",
    "lb_try_interval",
    "lb_retry_match",
    "health_uri",
    "health_path",
    "health_upstream",
    "health_port",
    "health_interval",
    "health_passes",
    "health_fails",
    "health_timeout",
    "health_method",
    "health_request_body",
    "health_status",
    "health_body",
    "health_follow_redirects",
    "health_headers",
    "fail_duration",
    "max_fails",
    "unhealthy_status",
    "unhealthy_latency",
    "unhealthy_request_count",
    "flush_interval",
    "request_buffers",
    "response_buffers",
    "stream_timeout",
    "stream_close_delay",
    "stream_buffer_size",
    "trusted_proxies",
    "header_up",
    "header_down",
    "method",
    "rewrite",
    "verbose_logs",
    "transport",
    "handle_response",
    "replace_status",
];

/// How many words an option takes, where another one may follow.
pub(super) const TAKES: &[(&str, usize)] = &[
    ("lb_retries", 1),
    ("lb_try_duration", 1),
    ("lb_try_interval", 1),
    ("health_uri", 1),
    ("health_path", 1),
    ("health_upstream", 1),
    ("health_port", 1),
    ("health_interval", 1),
    ("health_passes", 1),
    ("health_fails", 1),
    ("health_timeout", 1),
    ("health_method", 1),
    ("health_request_body", 1),
    ("health_status", 1),
    ("health_body", 1),
    ("fail_duration", 1),
    ("max_fails", 1),
    ("unhealthy_latency", 1),
    ("unhealthy_request_count", 1),
    ("flush_interval", 1),
    ("stream_timeout", 1),
    ("stream_close_delay", 1),
    ("verbose_logs", 0),
];

/// The options, and what can stand in the blocks of some of them.
pub(super) const ALL: &[&str] = &[
    // which upstreams
    "to",
    "dynamic",
    // in the block of `dynamic`
    "name",
    "port",
    "service",
    "proto",
    "refresh",
    "resolvers",
    "dial_timeout",
    "dial_fallback_delay",
    "grace_period",
    "versions",
    // which of them
    "lb_policy",
    // in the block of `lb_policy`
    "fallback",
    "max_age",
    "lb_retries",
    "lb_try_duration",
    "lb_try_interval",
    "lb_retry_match",
    // which of them are well
    "health_uri",
    "health_path",
    "health_upstream",
    "health_port",
    "health_interval",
    "health_passes",
    "health_fails",
    "health_timeout",
    "health_method",
    "health_request_body",
    "health_status",
    "health_body",
    "health_follow_redirects",
    "health_headers",
    "fail_duration",
    "max_fails",
    "unhealthy_status",
    "unhealthy_latency",
    "unhealthy_request_count",
    // requests and answers
    "flush_interval",
    "request_buffers",
    "response_buffers",
    "stream_timeout",
    "stream_close_delay",
    "stream_buffer_size",
    "trusted_proxies",
    "header_up",
    "header_down",
    "method",
    "rewrite",
    "verbose_logs",
    "handle_response",
    "replace_status",
    // how they are asked
    "transport",
    // in the block of `transport fastcgi`
    "root",
    "split",
    "env",
    "resolve_root_symlink",
    "capture_stderr",
    // in the block of `transport http`
    "read_buffer",
    "write_buffer",
    "read_timeout",
    "write_timeout",
    "max_response_header",
    "proxy_protocol",
    "forward_proxy_url",
    "network_proxy",
    "response_header_timeout",
    "expect_continue_timeout",
    "tls",
    "tls_client_auth",
    "tls_insecure_skip_verify",
    "tls_curves",
    "tls_timeout",
    "tls_trusted_ca_certs",
    "tls_server_name",
    "tls_renegotiation",
    "tls_except_ports",
    "tls_trust_pool",
    "keepalive",
    "keepalive_interval",
    "keepalive_idle_conns",
    "keepalive_idle_conns_per_host",
    "compression",
    "max_conns_per_host",
    "local_address",
    // in the block of `tls_trust_pool`
    "authority",
    "endpoints",
    "keys",
    "pem_file",
    "source",
    "storage",
    "trust_der",
    "ca",
    "handshake_timeout",
    "insecure_skip_verify",
    "renegotiation",
    "server_name",
];

#[cfg(test)]
mod tests {
    use super::{ALL, OPTIONS};
    use crate::directives::{
        dynamic_upstreams, fastcgi_transport, http_transport, http_transport_tls, selection_policy,
    };

    #[test]
    fn every_name_that_is_read_is_in_the_table() {
        let transports = fastcgi_transport::OPTIONS
            .iter()
            .chain(http_transport::OPTIONS);
        let read = (OPTIONS.iter().copied())
            .chain(dynamic_upstreams::OPTIONS.iter().copied())
            .chain(selection_policy::OPTIONS.iter().copied())
            .chain(http_transport_tls::OPTIONS.iter().copied())
            .chain(transports.map(|(name, _)| *name));
        let missing: Vec<&str> = read.filter(|name| !ALL.contains(name)).collect();
        assert_eq!(missing, Vec::<&str>::new());
    }
}
