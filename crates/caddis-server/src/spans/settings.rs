//! Where spans go, and how: the environment variables of `OpenTelemetry`.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Uri};
use percent_encoding::percent_decode_str;

use super::sampler::Sampler;

/// What the environment says of spans.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    /// Who is told; nobody if `None`.
    pub(crate) collector: Option<Collector>,
    /// Whether requests say where they come from and go to.
    pub(crate) propagates: bool,
    pub(crate) sampler: Sampler,
    /// What is said of this server.
    pub(crate) resource: Vec<(String, String)>,
    /// The most spans that wait.
    pub(crate) queue: usize,
    /// The most spans that are sent at a time.
    pub(crate) batch: usize,
    /// How long a span waits for others.
    pub(crate) delay: Duration,
}

/// Who is told of spans.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Collector {
    pub(crate) url: Uri,
    pub(crate) protocol: Protocol,
    pub(crate) fields: Vec<(HeaderName, HeaderValue)>,
    /// How long it may take.
    pub(crate) patience: Duration,
}

/// How it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http,
    Grpc,
}

/// The port that collectors have for gRPC alone.
const GRPC_PORT: u16 = 4317;
const GRPC_PATH: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const HTTP_PATH: &str = "/v1/traces";
/// What is not there yet, and must not be thought to be.
const NOT_YET: [&str; 8] = [
    "OTEL_EXPORTER_OTLP_COMPRESSION",
    "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
    "OTEL_EXPORTER_OTLP_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_CLIENT_KEY",
    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",
    "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
];

type Look<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Settings {
    /// What variables say; what is wrong with one of them is said with its name.
    pub(crate) fn read(variable: Look<'_>) -> Result<Self, String> {
        // As the specification wants it, an empty one is none.
        let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let variable: Look<'_> = &variable;
        let asks = |name: &str| variable(name).is_some_and(|value| value != "none");
        if let Some(name) = NOT_YET.iter().find(|name| asks(name)) {
            return Err(format!(
                "caddis cannot do yet what the variable `{name}` asks for"
            ));
        }
        let off =
            variable("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let exporter = variable("OTEL_TRACES_EXPORTER");
        let collector = match exporter.as_deref() {
            Some("none") => None,
            _ if off => None,
            Some("otlp") | None => Some(Collector::read(variable)?),
            Some(other) => return Err(wrong("OTEL_TRACES_EXPORTER", other, "`otlp` or `none`")),
        };
        Ok(Self {
            collector,
            propagates: propagates(variable)?,
            sampler: sampler(variable)?,
            resource: resource(variable)?,
            queue: number(variable, "OTEL_BSP_MAX_QUEUE_SIZE", 2048)?.max(1),
            batch: number(variable, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512)?.max(1),
            delay: millis(variable, "OTEL_BSP_SCHEDULE_DELAY", 5000)?,
        })
    }
}

impl Collector {
    fn read(variable: Look<'_>) -> Result<Self, String> {
        let (own, common) = (
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "OTEL_EXPORTER_OTLP_ENDPOINT",
        );
        let (name, endpoint) = match (variable(own), variable(common)) {
            (Some(url), _) => (own, Some(url)),
            (None, url) => (common, url),
        };
        let given = endpoint
            .as_deref()
            .map(|text| url(name, text))
            .transpose()?;
        let protocol = first(variable, "PROTOCOL");
        let protocol = match protocol.as_ref().map(|(_, value)| value.as_str()) {
            Some("grpc") => Protocol::Grpc,
            Some("http/protobuf") => Protocol::Http,
            Some(other) => {
                let name = protocol.as_ref().map_or("", |(name, _)| name);
                return Err(wrong(name, other, "`grpc` or `http/protobuf`"));
            }
            None if given.as_ref().and_then(Uri::port_u16) == Some(GRPC_PORT) => Protocol::Grpc,
            None => Protocol::Http,
        };
        let base = match (given, protocol) {
            (Some(given), _) => given,
            (None, Protocol::Grpc) => Uri::from_static("http://localhost:4317"),
            (None, Protocol::Http) => Uri::from_static("http://localhost:4318"),
        };
        let path = match protocol {
            Protocol::Grpc => GRPC_PATH.to_owned(),
            Protocol::Http if name == own => base.path().to_owned(),
            Protocol::Http => format!("{}{HTTP_PATH}", base.path().trim_end_matches('/')),
        };
        let mut parts = base.into_parts();
        parts.path_and_query = path.parse().ok();
        let patience = first(variable, "TIMEOUT");
        let patience = patience.map_or(Ok(10_000), |(name, value)| whole(&name, &value))?;
        Ok(Self {
            url: Uri::from_parts(parts).map_err(|error| format!("`{name}`: {error}"))?,
            protocol,
            fields: fields(variable)?,
            patience: Duration::from_millis(patience),
        })
    }
}

/// A variable for traces alone, else the one for everything, with its name.
fn first(variable: Look<'_>, ending: &str) -> Option<(String, String)> {
    let names = ["OTEL_EXPORTER_OTLP_TRACES_", "OTEL_EXPORTER_OTLP_"];
    let mut names = names.map(|before| format!("{before}{ending}")).into_iter();
    names.find_map(|name| variable(&name).map(|value| (name, value)))
}

fn url(name: &str, text: &str) -> Result<Uri, String> {
    let url: Option<Uri> = text.trim().parse().ok();
    let is_url =
        |url: &Uri| matches!(url.scheme_str(), Some("http" | "https")) && url.authority().is_some();
    let url = url.filter(is_url);
    url.ok_or_else(|| wrong(name, text, "`http://HOST:PORT` or `https://HOST:PORT`"))
}

fn fields(variable: Look<'_>) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
    let Some((name, text)) = first(variable, "HEADERS") else {
        return Ok(Vec::new());
    };
    let pairs = pairs(&name, &text)?.into_iter();
    // What is in them may be a secret, and is not said.
    let unfit = || format!("`{name}` has something that cannot stand in a header");
    let field = |(key, value): (String, String)| {
        let key = HeaderName::from_bytes(key.as_bytes()).map_err(|_| unfit())?;
        let mut value = HeaderValue::from_str(&value).map_err(|_| unfit())?;
        value.set_sensitive(true);
        Ok((key, value))
    };
    pairs.map(field).collect()
}

/// `key=value,other=value`, with `%xx` in values.
fn pairs(name: &str, text: &str) -> Result<Vec<(String, String)>, String> {
    let members = text.split(',').filter(|member| !member.trim().is_empty());
    let pair = |member: &str| {
        let (key, value) = (member.split_once('='))
            .ok_or_else(|| format!("`{name}` is not a list of `KEY=VALUE`"))?;
        let value = percent_decode_str(value.trim()).decode_utf8();
        let value = value.map_err(|_| format!("`{name}` has a value that is not UTF-8"))?;
        Ok((key.trim().to_owned(), value.into_owned()))
    };
    members.map(pair).collect()
}

fn propagates(variable: Look<'_>) -> Result<bool, String> {
    const NAME: &str = "OTEL_PROPAGATORS";
    let Some(text) = variable(NAME) else {
        return Ok(true);
    };
    let mut propagates = false;
    for one in text.split(',').map(str::trim) {
        match one {
            "tracecontext" => propagates = true,
            // Baggage is handed on as any other header field is.
            "baggage" | "none" => {}
            other => return Err(wrong(NAME, other, "`tracecontext`, `baggage` or `none`")),
        }
    }
    Ok(propagates)
}

fn sampler(variable: Look<'_>) -> Result<Sampler, String> {
    const NAME: &str = "OTEL_TRACES_SAMPLER";
    let Some(name) = variable(NAME) else {
        return Ok(Sampler::default());
    };
    let argument = variable("OTEL_TRACES_SAMPLER_ARG");
    Sampler::named(name.trim(), argument.as_deref()).ok_or_else(|| {
        let known = "`always_on`, `always_off` or `traceidratio` with an argument from 0 to 1, also with `parentbased_`";
        wrong(NAME, &name, known)
    })
}

fn resource(variable: Look<'_>) -> Result<Vec<(String, String)>, String> {
    const SERVICE: &str = "service.name";
    let mut given = match variable("OTEL_RESOURCE_ATTRIBUTES") {
        Some(text) => pairs("OTEL_RESOURCE_ATTRIBUTES", &text)?,
        None => Vec::new(),
    };
    let own = [
        ("telemetry.sdk.language", "rust"),
        ("telemetry.sdk.name", "caddis"),
        ("webengine.name", "caddis"),
        ("webengine.version", env!("CARGO_PKG_VERSION")),
    ];
    given.retain(|(key, _)| own.iter().all(|(name, _)| key != name));
    if let Some(service) = variable("OTEL_SERVICE_NAME") {
        given.retain(|(key, _)| key != SERVICE);
        given.push((SERVICE.to_owned(), service));
    } else if given.iter().all(|(key, _)| key != SERVICE) {
        given.push((SERVICE.to_owned(), "unknown_service:caddis".to_owned()));
    }
    let own = own.map(|(key, value)| (key.to_owned(), value.to_owned()));
    given.extend(own);
    Ok(given)
}

fn number(variable: Look<'_>, name: &str, usual: usize) -> Result<usize, String> {
    /// More than this would be a way to run out of memory.
    const MOST: u64 = 100_000;
    let Some(text) = variable(name) else {
        return Ok(usual);
    };
    let given = whole(name, &text)?.min(MOST);
    Ok(usize::try_from(given).unwrap_or(usual))
}

fn millis(variable: Look<'_>, name: &str, usual: u64) -> Result<Duration, String> {
    let given = variable(name).map_or(Ok(usual), |text| whole(name, &text))?;
    Ok(Duration::from_millis(given))
}

fn whole(name: &str, text: &str) -> Result<u64, String> {
    (text.trim().parse()).map_err(|_| wrong(name, text, "a whole number"))
}

fn wrong(name: &str, value: &str, expected: &str) -> String {
    format!("the variable `{name}` is `{value}`, where {expected} is expected")
}

#[cfg(test)]
mod tests {
    use super::{Collector, Protocol, Settings};

    fn read(variables: &[(&str, &str)]) -> Result<Settings, String> {
        Settings::read(&|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn collector(variables: &[(&str, &str)]) -> Collector {
        read(variables).unwrap().collector.unwrap()
    }

    #[test]
    fn the_address_of_the_collector_is_made_as_the_specification_says() {
        const ALL: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
        const OWN: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
        const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
        let url = |variables: &[(&str, &str)]| {
            let collector = collector(variables);
            (collector.protocol, collector.url.to_string())
        };
        let grpc = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
        let http = |url: &str| (Protocol::Http, url.to_owned());
        assert_eq!(url(&[]), http("http://localhost:4318/v1/traces"));
        assert_eq!(
            url(&[(ALL, "https://c:1/x/")]),
            http("https://c:1/x/v1/traces")
        );
        let own = [(ALL, "http://c:1"), (OWN, "http://d:2/y")];
        assert_eq!(url(&own), http("http://d:2/y"));
        let by_grpc = (Protocol::Grpc, format!("http://localhost:4317{grpc}"));
        assert_eq!(url(&[(PROTOCOL, "grpc")]), by_grpc);
        // Collectors speak nothing else there.
        let by_port = (Protocol::Grpc, format!("http://c:4317{grpc}"));
        assert_eq!(url(&[(ALL, "http://c:4317")]), by_port);
        let said = [(ALL, "http://c:4317"), (PROTOCOL, "http/protobuf")];
        assert_eq!(url(&said), http("http://c:4317/v1/traces"));
    }

    #[test]
    fn what_is_sent_along_is_read_and_not_shown() {
        let given = collector(&[("OTEL_EXPORTER_OTLP_HEADERS", "a=b%20c, d = e")]);
        let fields = given.fields.iter();
        let fields: Vec<_> = fields
            .map(|(key, value)| (key.as_str(), value.as_bytes()))
            .collect();
        assert_eq!(fields, [("a", &b"b c"[..]), ("d", b"e")]);
        assert!(!format!("{given:?}").contains("b c"));
    }

    #[test]
    fn the_server_is_described() {
        let read = |variables: &[(&str, &str)]| {
            let resource = read(variables).unwrap().resource;
            let mut found = resource
                .into_iter()
                .filter(|(key, _)| key == "service.name");
            found.next().unwrap().1
        };
        assert_eq!(read(&[]), "unknown_service:caddis");
        let attributes = ("OTEL_RESOURCE_ATTRIBUTES", "service.name=x,a=b");
        assert_eq!(read(&[attributes]), "x");
        assert_eq!(read(&[attributes, ("OTEL_SERVICE_NAME", "y")]), "y");
    }

    #[test]
    fn nobody_is_told_where_the_environment_says_so() {
        assert_eq!(
            read(&[("OTEL_TRACES_EXPORTER", "none")]).unwrap().collector,
            None
        );
        assert_eq!(
            read(&[("OTEL_SDK_DISABLED", "true")]).unwrap().collector,
            None
        );
        assert!(!read(&[("OTEL_PROPAGATORS", "none")]).unwrap().propagates);
        assert!(
            read(&[("OTEL_PROPAGATORS", "tracecontext,baggage")])
                .unwrap()
                .propagates
        );
    }

    #[test]
    fn what_cannot_be_done_is_refused_by_name() {
        for (name, value) in [
            ("OTEL_TRACES_EXPORTER", "zipkin"),
            ("OTEL_PROPAGATORS", "b3"),
            ("OTEL_TRACES_SAMPLER", "jaeger_remote"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", "ca.pem"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"),
            ("OTEL_BSP_SCHEDULE_DELAY", "-1"),
            ("OTEL_RESOURCE_ATTRIBUTES", "x"),
        ] {
            let refused = read(&[(name, value)]).unwrap_err();
            assert!(refused.contains(name), "{refused}");
        }
    }
}
