//! `rate_limit`: answer 429 to those who ask too often.

use std::sync::Arc;
use std::time::Duration;

use caddis_ir::{Path, RateLimit, Zone as ZoneConfig};
use http::{HeaderValue, StatusCode, header};
use tracing::info;

use crate::builder::Builder;
use crate::matchers::{Look, Sets};
use crate::node::Edit;
use crate::placeholders::{Template, Values};
use crate::rate_window::Limit;
use crate::rate_zones::Zone;
use crate::{Context, HandlerError, Node, Request, Result};

const DEFAULT_SWEEP: Duration = Duration::from_mins(1);

/// The zones that a request has to pass, in this order.
struct Limits {
    zones: Vec<Limited>,
    jitter: f64,
    sweep: Duration,
    log_key: bool,
}

struct Limited {
    name: Box<str>,
    sets: Sets,
    key: Template,
    zone: Arc<Zone>,
}

/// Who has to wait, and how long.
struct Exceeded<'a> {
    zone: &'a Limited,
    wait: Duration,
}

/// Prepares the limits.
pub(crate) fn build(config: &RateLimit, at: &Path, builder: &mut Builder<'_>, next: Node) -> Node {
    if !(0.0..=1.0).contains(&config.jitter) {
        let message = format!("`{}` is not a part of one", config.jitter);
        builder.error_with_help(&at.key("jitter"), message, "write `0.2` for up to a fifth");
    }
    let sweep = config.sweep_interval.filter(|interval| interval.0 != 0);
    if sweep.is_some_and(|interval| interval.0 < 0) {
        builder.error(&at.key("sweep_interval"), "the interval is below zero");
    }
    Node::edit(
        Limits {
            zones: zones(config, &at.key("rate_limits"), builder),
            jitter: config.jitter,
            sweep: sweep.map_or(DEFAULT_SWEEP, caddis_ir::Duration::to_std),
            log_key: config.log_key,
        },
        next,
    )
}

/// As in the plugin, zones that allow more are asked first, so that what `1 a second` refuses does not count for
/// `10 a minute`; those that allow the same are asked in the order of their names.
fn zones(config: &RateLimit, at: &Path, builder: &mut Builder<'_>) -> Vec<Limited> {
    let mut zones = Vec::new();
    for (name, zone) in &config.rate_limits {
        let at = at.key(name);
        let Some((window, max)) = limit(zone) else {
            let message = format!("the zone `{name}` needs `window` and `max_events`");
            builder.error_with_help(&at, message, "write how many events a window may have");
            continue;
        };
        let limited = Limited {
            name: name.as_str().into(),
            sets: Sets::build(&zone.matchers, &at.key("match"), builder),
            key: builder.template(&zone.key, &at.key("key")),
            zone: builder.zones().zone(name, Limit::new(window, max)),
        };
        zones.push(((max, window), limited));
    }
    zones.sort_by(|((max, window), _), ((other_max, other_window), _)| {
        let product = |events: u64, window: u64| u128::from(events) * u128::from(window);
        product(*other_max, *window).cmp(&product(*max, *other_window))
    });
    zones.into_iter().map(|(_, zone)| zone).collect()
}

fn limit(zone: &ZoneConfig) -> Option<(u64, u64)> {
    let window = u64::try_from(zone.window?.0).ok()?;
    let max = zone.max_events?;
    (window > 0 && max > 0).then_some((window, max))
}

impl Edit for Limits {
    fn edit(&self, request: &mut Request) -> Result<()> {
        let look = Look::new(request);
        let exceeded = self.zones.iter().find_map(|zone| {
            if !zone.sets.matches(&look) {
                return None;
            }
            let key = zone.key.fill(&look.values);
            let wait = zone.zone.take(&key, self.sweep).err()?;
            Some(Exceeded { zone, wait })
        });
        match exceeded {
            None => Ok(()),
            Some(exceeded) => Err(self.refuse(request, &exceeded)),
        }
    }
}

impl Limits {
    /// Says when to come again, and writes down who has to wait.
    fn refuse(&self, request: &Request, exceeded: &Exceeded<'_>) -> HandlerError {
        let Exceeded { zone, wait } = exceeded;
        let wait = wait.mul_f64(1.0 + self.jitter * rand::random::<f64>());
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let context = Context::of(request);
        let remote_ip = context.connection().peer.ip();
        let (name, wait) = (&*zone.name, wait.as_secs_f64());
        if self.log_key {
            let key = zone.key.fill_text(&Values::of(request));
            info!(target: "http.handlers.rate_limit", zone = name, wait, %remote_ip, key = &*key, "rate limit exceeded");
        } else {
            info!(target: "http.handlers.rate_limit", zone = name, wait, %remote_ip, "rate limit exceeded");
        }
        let mut notes = context.notes();
        notes.set_placeholder("http.rate_limit.exceeded.name", name);
        let headers = notes.response_headers();
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        HandlerError::status(StatusCode::TOO_MANY_REQUESTS)
    }
}

#[cfg(test)]
mod tests {
    use caddis_ir::{Handler, HttpApp, MatcherSet, RateLimit, Server, StaticResponse, Zone};
    use tokio::time::{Duration, advance};

    use crate::testing::{
        Answered, Log, Served, environment, errors_of, logging_to, route, serve_routes,
    };

    const SECOND: Duration = Duration::from_secs(1);

    fn zone(key: &str, max_events: u64, seconds: i64) -> Zone {
        Zone {
            key: key.into(),
            max_events: Some(max_events),
            window: Some(caddis_ir::Duration::seconds(seconds)),
            ..Zone::default()
        }
    }

    fn limit<const N: usize>(zones: [(&str, Zone); N]) -> RateLimit {
        RateLimit {
            rate_limits: zones.map(|(name, zone)| (name.into(), zone)).into(),
            ..RateLimit::default()
        }
    }

    fn served(limit: RateLimit) -> Served {
        let hello = StaticResponse::default().body("hello");
        serve_routes(vec![route(
            None,
            vec![Handler::RateLimit(limit), hello.into()],
        )])
    }

    fn told(answer: &Answered) -> (u16, Vec<String>) {
        (answer.status.as_u16(), answer.field("retry-after"))
    }

    fn refused(seconds: &str) -> (u16, Vec<String>) {
        (429, vec![seconds.into()])
    }

    fn passed() -> (u16, Vec<String>) {
        (200, Vec::new())
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_too_often_is_told_when_to_come_again() {
        let server = served(limit([("a", zone("{http.request.remote.host}", 2, 10))]));
        assert_eq!(told(&server.get("/").await), passed());
        advance(4 * SECOND).await;
        assert_eq!(told(&server.get("/").await), passed());
        assert_eq!(told(&server.get("/").await), refused("6"));
        advance(SECOND / 2).await;
        assert_eq!(told(&server.get("/").await), refused("6"));
        advance(5 * SECOND + SECOND / 2).await;
        assert_eq!(told(&server.get("/").await), passed());
        assert_eq!(told(&server.get("/").await), refused("4"));
        let other = server.asked_by("192.0.2.2");
        assert_eq!(told(&other.get("/").await), passed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_without_placeholders_or_an_empty_one_is_one_limit_for_all() {
        for key in ["static", "", "{nobody.has.this}"] {
            let server = served(limit([("a", zone(key, 1, 10))]));
            assert_eq!(told(&server.get("/").await), passed());
            let other = server.asked_by("192.0.2.2");
            assert_eq!(told(&other.get("/").await), refused("10"));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn only_requests_that_match_count_and_are_refused() {
        let post = MatcherSet {
            method: Some(vec!["POST".into()]),
            ..MatcherSet::default()
        };
        let zone = Zone {
            matchers: vec![post],
            ..zone("static", 1, 10)
        };
        let server = served(limit([("a", zone)]));
        let post = || async {
            let mut request = crate::testing::request("/");
            *request.method_mut() = http::Method::POST;
            server.ask(request).await.unwrap().status
        };
        for expected in [200, 429] {
            assert_eq!(server.get("/").await.status, 200);
            assert_eq!(post().await, expected);
        }
        assert_eq!(server.get("/").await.status, 200);
    }

    /// What `1 a second` refuses does not count for `3 a minute`, whatever their names.
    #[tokio::test(start_paused = true)]
    async fn all_zones_have_to_allow_and_the_one_that_allows_more_is_asked_first() {
        let server = served(limit([
            ("a", zone("{http.request.remote.host}", 3, 60)),
            ("b", zone("{http.request.remote.host}", 1, 1)),
        ]));
        for _ in 0..3 {
            assert_eq!(told(&server.get("/").await), passed());
            assert_eq!(told(&server.get("/").await), refused("1"));
            advance(SECOND).await;
        }
        assert_eq!(told(&server.get("/").await), refused("57"));
    }

    #[tokio::test(start_paused = true)]
    async fn the_zone_is_named_in_the_log_and_to_error_routes() {
        let log = Log::default();
        let guard = logging_to(&log);
        let respond = StaticResponse::default().body("wait: {http.rate_limit.exceeded.name}");
        let server = crate::testing::serve_server(Server {
            routes: vec![route(
                None,
                vec![Handler::RateLimit(RateLimit {
                    log_key: true,
                    ..limit([("logins", zone("user {http.request.uri.query.u}", 1, 10))])
                })],
            )],
            errors: Some(caddis_ir::ErrorRoutes {
                routes: vec![route(None, vec![respond.into()])],
            }),
            ..Server::default()
        });
        assert_eq!(server.get("/?u=ada").await.status, 200);
        let answer = server.get("/?u=ada").await;
        assert_eq!(told(&answer), refused("10"));
        assert_eq!(answer.text(), "wait: logins");
        drop(guard);
        let log = log.text();
        for part in [
            "http.handlers.rate_limit",
            "rate limit exceeded",
            "\"logins\"",
            "192.0.2.1",
            "\"user ada\"",
        ] {
            assert!(log.contains(part), "{part}: {log}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn jitter_makes_waiting_longer_and_never_shorter() {
        let server = served(RateLimit {
            jitter: 0.5,
            ..limit([("a", zone("", 1, 100))])
        });
        assert_eq!(server.get("/").await.status, 200);
        let mut waits = Vec::new();
        for _ in 0..50 {
            let answer = server.get("/").await;
            waits.push(answer.field("retry-after")[0].parse::<u64>().unwrap());
        }
        assert!(waits.iter().all(|wait| (100..=150).contains(wait)));
        assert!(waits.iter().any(|wait| *wait != waits[0]), "{waits:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_counted_is_known_to_the_next_config_with_the_same_zone() {
        let server = served(limit([("a", zone("", 1, 10))]));
        assert_eq!(server.get("/").await.status, 200);
        let next = |limit: RateLimit| {
            let mut config = caddis_ir::Config::default();
            let mut http = HttpApp::default();
            let routes = vec![route(None, vec![Handler::RateLimit(limit)])];
            let server = Server {
                routes,
                ..Server::default()
            };
            http.servers.insert("srv0".into(), server);
            config.apps.http = Some(http);
            config
        };
        let lasting = server.app().lasting();
        for (max, expected) in [(1, 429), (2, 200)] {
            let config = next(limit([("a", zone("", max, 10))]));
            let app = crate::build::build_with(&config, &environment(), &lasting).unwrap();
            let answer = Served::of(app).get("/").await;
            assert_eq!(answer.status, expected);
        }
    }

    #[test]
    fn limits_that_say_nothing_are_refused() {
        let at = "handle/0/rate_limits/a";
        let needs = format!("{at}: the zone `a` needs `window` and `max_events`");
        for zone in [
            Zone::default(),
            zone("", 0, 10),
            zone("", 1, 0),
            zone("", 1, -1),
        ] {
            assert_eq!(
                errors_of(Handler::RateLimit(limit([("a", zone)]))),
                [needs.as_str()]
            );
        }
        let jitter = RateLimit {
            jitter: -0.1,
            sweep_interval: Some(caddis_ir::Duration::seconds(-1)),
            ..RateLimit::default()
        };
        assert_eq!(
            errors_of(Handler::RateLimit(jitter)),
            [
                "handle/0/jitter: `-0.1` is not a part of one",
                "handle/0/sweep_interval: the interval is below zero",
            ]
        );
    }
}
