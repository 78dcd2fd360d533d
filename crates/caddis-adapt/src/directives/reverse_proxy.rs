//! `reverse_proxy`: hand the request on to another server.

use caddis_ir::{Handler, HttpTransport, Path, ReverseProxy, Transport, Upstream};
use caddis_source::{Code, Diagnostic};
use caddis_syntax::Line;

use super::handle_response::{self, Answers};
use super::upstream::{self, Scheme};
use super::{proxy_options, proxy_subdirectives};
use crate::{Args, Directive, Lower, Result, Scope, Token, run_on};

pub(super) const DIRECTIVE: Directive = Directive {
    name: "reverse_proxy",
    old_names: &[],
    summary: "Hand the request on to another server.",
    syntax: "reverse_proxy [<matcher>] <upstream...> { to, dynamic, lb_*, health_*, header_up, header_down, transport, handle_response, … }",
    subdirectives: proxy_subdirectives::ALL,
    examples: &[
        "reverse_proxy localhost:11434",
        "reverse_proxy /api/* https://b.test {\n\theader_up Host {upstream_hostport}\n}",
    ],
    lower: Lower::Handler(lower),
};

const MIXED_SCHEMES: Code = Code("reverse_proxy/mixed-schemes");
const NO_UPSTREAMS: Code = Code("reverse_proxy/no-upstreams");
const FASTCGI_WITH_TLS: Code = Code("reverse_proxy/fastcgi-with-tls");
const HTTP_WITH_TLS: Code = Code("reverse_proxy/http-with-tls");

/// A proxy that is being read.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) proxy: ReverseProxy,
    /// What `transport` says, if it is given.
    pub(super) transport: Option<Transport>,
    /// The protocol of all upstreams, and where it is named first.
    scheme: Option<Scheme>,
}

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Handler> {
    let takes = proxy_subdirectives::TAKES;
    let lines = run_on::lines(args.options(), takes, proxy_subdirectives::OPTIONS);
    let lines: Vec<_> = lines.iter().collect();
    let proxy = read(args, &lines, Draft::default(), Answers::default(), scope)?;
    Ok(Handler::ReverseProxy(Box::new(proxy)))
}

/// Reads upstreams and options into what a directive has made ready (`forward_auth`, `php_fastcgi`).
pub(super) fn read<'a>(
    args: &mut Args<'_>,
    lines: &[&'a Line],
    mut draft: Draft,
    mut answers: Answers<'a>,
    scope: &mut Scope<'_>,
) -> Result<ReverseProxy> {
    for token in args.rest() {
        draft.add_upstream(token, scope)?;
    }
    for line in lines {
        if handle_response::is_option(line.name()) {
            answers.option(line, scope)?;
        } else {
            proxy_options::option(line, args, &mut draft, scope)?;
        }
    }
    if draft.proxy.upstreams.is_empty() && draft.proxy.dynamic_upstreams.is_none() {
        scope.report(no_upstreams(args));
    }
    let mut proxy = draft.finish(args)?;
    proxy.handle_response = answers.finish(scope)?;
    Ok(proxy)
}

impl Draft {
    /// A proxy of which something is known already.
    pub(super) fn of(proxy: ReverseProxy) -> Self {
        Self {
            proxy,
            ..Self::default()
        }
    }

    /// All upstreams share one transport, so they share one scheme.
    pub(super) fn add_upstream(&mut self, token: &Token, scope: &mut Scope<'_>) -> Result<()> {
        let read = upstream::read(token)?;
        if self.scheme.is_some() && self.scheme != read.scheme {
            return Err(mixed_schemes(token, self.scheme, read.scheme));
        }
        self.scheme = read.scheme;
        for dial in read.dials {
            let place = Path::root().key("upstreams");
            scope.origin(&place.index(self.proxy.upstreams.len()), token.span());
            self.proxy.upstreams.push(Upstream {
                dial,
                ..Upstream::default()
            });
        }
        Ok(())
    }

    /// The protocol of the addresses goes into the transport.
    fn finish(mut self, args: &Args<'_>) -> Result<ReverseProxy> {
        let mut transport = match self.transport {
            None => HttpTransport::default(),
            Some(Transport::Http(transport)) => *transport,
            Some(Transport::Fastcgi(_)) if self.scheme == Some(Scheme::Https) => {
                return Err(fastcgi_with_tls(args));
            }
            Some(fastcgi @ Transport::Fastcgi(_)) => {
                self.proxy.transport = Some(fastcgi);
                return Ok(self.proxy);
            }
        };
        match self.scheme {
            Some(Scheme::Https) => transport.tls = Some(transport.tls.unwrap_or_default()),
            Some(Scheme::H2c) => transport.versions = vec!["h2c".into(), "2".into()],
            Some(Scheme::Http) if transport.tls.is_some() => return Err(http_with_tls(args)),
            Some(Scheme::Http) | None => {}
        }
        if transport != HttpTransport::default() {
            self.proxy.transport = Some(Transport::Http(Box::new(transport)));
        }
        Ok(self.proxy)
    }
}

fn mixed_schemes(token: &Token, first: Option<Scheme>, other: Option<Scheme>) -> Diagnostic {
    let name = |scheme: Option<Scheme>| {
        scheme.map_or("no scheme".into(), |scheme| {
            format!("`{}://`", scheme.text())
        })
    };
    token
        .error(
            MIXED_SCHEMES,
            "all upstreams of a `reverse_proxy` need the same scheme",
        )
        .label(format!("{} here, {} before", name(other), name(first)))
        .help("write a `reverse_proxy` for each scheme")
}

fn http_with_tls(args: &Args<'_>) -> Diagnostic {
    Diagnostic::error(
        HTTP_WITH_TLS,
        args.span(),
        "the upstream is `http://`, and the transport says `tls`",
    )
    .help("write `https://`, or remove `tls`")
}

fn fastcgi_with_tls(args: &Args<'_>) -> Diagnostic {
    Diagnostic::error(
        FASTCGI_WITH_TLS,
        args.span(),
        "the upstream is `https://`, and FastCGI is not spoken over TLS",
    )
    .help("leave `https://` out")
}

fn no_upstreams(args: &Args<'_>) -> Diagnostic {
    let warning = Diagnostic::warning(
        NO_UPSTREAMS,
        args.span(),
        format!("this `{}` has no upstreams", args.name().text()),
    )
    .label("every request gets a 503");
    let warning = match args.line().arguments() {
        [path] if path.text().starts_with('/') => warning.help(format!(
            "`{}` was read as a path matcher; write the upstream behind it",
            path.text()
        )),
        _ => warning.help(format!(
            "write where to go: `{} localhost:9000`",
            args.name().text()
        )),
    };
    args.with_usage(warning)
}
