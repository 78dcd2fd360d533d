//! `caddis respond`: answer every request in the same way, without a config.

use std::fs;
use std::io::Read;
use std::net::{SocketAddr, TcpListener};
use std::ops::RangeInclusive;
use std::os::unix::fs::FileTypeExt;

use caddis_ir::Config;
use caddis_server::ServeOptions;
use serde_json::{Map, Value, json};

use crate::cli_quick::RespondArgs;
use crate::commands::validate;
use crate::descriptors;
use crate::input::Input;
use crate::report::{Failure, Io, Outcome};
use crate::variables::Variables;

/// What stands for a status.
const STATUSES: RangeInclusive<u16> = 100..=999;

/// The most that is read from standard input.
const MAX_BODY: u64 = 64 << 20;

/// A place to listen on.
struct Place {
    /// As the config has it.
    listen: String,
    /// As it is printed.
    address: String,
    port: u16,
}

/// Serves until told to stop.
pub(crate) fn run(args: &RespondArgs, io: &Io) -> Result<Outcome, Failure> {
    descriptors::raise_limit();
    let (status, body) = answer(args)?;
    let fields = fields(&args.headers)?;
    let mut servers = Map::new();
    let mut addresses = String::new();
    for (number, place) in places(&args.listen)?.into_iter().enumerate() {
        let body = filled(&body, number, &place)?;
        let answer = json!({"handler": "static_response", "status_code": status, "headers": fields, "body": body});
        let mut server = json!({
            "listen": [place.listen],
            "read_header_timeout": 10_000_000_000_u64,
            "idle_timeout": 30_000_000_000_u64,
            "max_header_bytes": 10240,
            "routes": [{"handle": [answer]}],
            "automatic_https": {"disable_redirects": true},
        });
        if args.access_log {
            server["logs"] = json!({});
        }
        servers.insert(format!("static{number}"), server);
        addresses = format!("{addresses}Server address: {}\n", place.address);
    }
    serve(args, &Value::Object(servers), &addresses, io)
}

fn serve(
    args: &RespondArgs,
    servers: &Value,
    addresses: &str,
    io: &Io,
) -> Result<Outcome, Failure> {
    let level = if args.debug { "DEBUG" } else { "INFO" };
    let config = json!({
        "admin": {"disabled": true},
        "logging": {"logs": {"default": {"level": level}}},
        "apps": {"http": {"servers": servers}},
    });
    let config: Config = serde_json::from_value(config)
        .map_err(|error| Failure::message(format!("the answer cannot be served: {error}")))?;
    let mut input = Input::none();
    input.json = caddis_ir::value(&config);
    input.config = config;
    let app = validate::check(&input, Variables::read(&[])?)?;
    io.print(addresses)?;
    let exit = caddis_server::serve(app, input.load(None), ServeOptions::default());
    let exit = exit.map_err(|error| Failure::message(error.to_string()))?;
    Ok(Outcome(exit.code()))
}

/// The status and the body: flags count before what stands alone, and that before standard input.
fn answer(args: &RespondArgs) -> Result<(u16, String), Failure> {
    let mut status = args.status;
    let mut body = args.body.clone().filter(|body| !body.is_empty());
    match args.answer.as_slice() {
        [] => {}
        [one] => {
            let code = one.parse().ok().filter(|code| STATUSES.contains(code));
            match code {
                Some(code) if status.is_none() => status = Some(code),
                _ => body = body.or_else(|| Some(one.clone())),
            }
        }
        _ => {
            return Err(Failure::message("more than one body or status")
                .help("write quotes around a body of several words"));
        }
    }
    if body.is_none() && args.answer.is_empty() {
        body = Some(standard_input()?);
    }
    Ok((status.unwrap_or(200), body.unwrap_or_default()))
}

/// What is piped in; nothing of a terminal or a file.
fn standard_input() -> Result<String, Failure> {
    let is_pipe = fs::metadata("/dev/stdin").is_ok_and(|input| input.file_type().is_fifo());
    let mut text = String::new();
    if !is_pipe {
        return Ok(text);
    }
    std::io::stdin()
        .lock()
        .take(MAX_BODY)
        .read_to_string(&mut text)
        .map_err(|error| Failure::message(format!("reading standard input: {error}")))?;
    Ok(text)
}

/// The header; of fields with one name the last one counts.
fn fields(headers: &[String]) -> Result<Map<String, Value>, Failure> {
    let mut fields = Map::new();
    for header in headers {
        let Some((name, value)) = header.split_once(':') else {
            let message = format!("`{header}` is not a field of a header");
            return Err(Failure::message(message).help("write `Name: value`"));
        };
        fields.insert(name.trim().to_owned(), json!([value.trim()]));
    }
    Ok(fields)
}

/// Where to listen. A port that is left to the system is chosen now, to be printed.
fn places(listen: &str) -> Result<Vec<Place>, Failure> {
    if listen.starts_with("unix/") {
        let path = listen.strip_prefix("unix/").unwrap_or(listen);
        return Ok(vec![Place {
            listen: listen.to_owned(),
            address: path.to_owned(),
            port: 0,
        }]);
    }
    let (host, ports) = host_and_ports(listen)?;
    let place = |port: u16| {
        let address = free_address(&host, port)?;
        Ok(Place {
            listen: format!("{host}:{}", address.port()),
            address: address.to_string(),
            port: address.port(),
        })
    };
    ports.map(place).collect()
}

fn host_and_ports(listen: &str) -> Result<(String, RangeInclusive<u16>), Failure> {
    let wrong = || {
        let message = format!("`{listen}` is not an address to listen on");
        Failure::message(message).help("write `:8080`, `127.0.0.1:8080` or `:8080-8089`")
    };
    let is_bare_ipv6 = listen.ends_with(']') || !listen.contains(':');
    let (host, port) = if is_bare_ipv6 {
        (listen, "0")
    } else {
        listen.rsplit_once(':').ok_or_else(wrong)?
    };
    let (first, last) = port.split_once('-').unwrap_or((port, port));
    let first: u16 = first.parse().map_err(|_| wrong())?;
    let last: u16 = last.parse().map_err(|_| wrong())?;
    if first > last {
        return Err(wrong());
    }
    Ok((host.to_owned(), first..=last))
}

/// The address that is listened on in the end.
fn free_address(host: &str, port: u16) -> Result<SocketAddr, Failure> {
    let bind = |host: &str| TcpListener::bind(format!("{host}:{port}"));
    let listener = if host.is_empty() {
        bind("[::]").or_else(|_| bind("0.0.0.0"))
    } else {
        bind(host)
    };
    let address = listener.and_then(|listener| listener.local_addr());
    address.map_err(|error| Failure::message(format!("listening on {host}:{port}: {error}")))
}

/// The body with what is known of its server. Go's templates can do more; that is refused rather than sent as it is.
fn filled(body: &str, number: usize, place: &Place) -> Result<String, Failure> {
    let mut out = String::new();
    let mut rest = body;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else {
            return Err(not_a_value("{{"));
        };
        out.push_str(before);
        match name.trim() {
            ".N" => out.push_str(&number.to_string()),
            ".Port" => out.push_str(&place.port.to_string()),
            ".Address" => out.push_str(&place.address),
            other => return Err(not_a_value(other)),
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

fn not_a_value(name: &str) -> Failure {
    Failure::message(format!("`{name}` in the body is not a value"))
        .help("write `{{.N}}`, `{{.Port}}` or `{{.Address}}`")
}

#[cfg(test)]
mod tests {
    use super::{Place, filled, host_and_ports};

    #[test]
    fn a_body_says_which_server_it_is() {
        let place = Place {
            listen: ":1".into(),
            address: "[::]:1".into(),
            port: 1,
        };
        let body = "{{.N}} {{ .Port }} {{.Address}} {x}";
        assert_eq!(
            filled(body, 2, &place).ok().as_deref(),
            Some("2 1 [::]:1 {x}")
        );
        assert!(filled("{{.Nope}}", 2, &place).is_err());
        assert!(filled("{{.N}", 2, &place).is_err());
    }

    #[test]
    fn an_address_may_have_no_port_or_a_range() {
        let read = |text| host_and_ports(text).ok();
        assert_eq!(read(":0"), Some((String::new(), 0..=0)));
        assert_eq!(read("127.0.0.1"), Some(("127.0.0.1".into(), 0..=0)));
        assert_eq!(read("[::1]:80-82"), Some(("[::1]".into(), 80..=82)));
        assert_eq!(read("[::1]"), Some(("[::1]".into(), 0..=0)));
        assert_eq!(read(":82-80"), None);
        assert_eq!(read(":x"), None);
    }
}
