//! Where the admin endpoint listens, and which hosts and origins it answers.

use std::net::IpAddr;

use caddis_ir::{Admin, Config, Path};

use super::origin::Origin;
use crate::builder::Builder;
use crate::listen::ListenAddress;
use crate::placeholders::{Template, Unknown};
use crate::{AddressError, Environment};

/// Where it listens unless the config or the environment says otherwise.
const DEFAULT: &str = "localhost:2019";
/// The variable that names another default.
const VARIABLE: &str = "CADDY_ADMIN";

/// An admin endpoint as the config wants it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Endpoint {
    /// Where it listens.
    pub(super) address: ListenAddress,
    /// Who may ask.
    pub(super) guests: Guests,
}

/// Who may ask.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Guests {
    /// The hosts that a request may be for, and the origins that it may come from.
    pub(super) origins: Vec<Origin>,
    /// Every request has to name its origin.
    pub(super) enforce_origin: bool,
    /// Requests for other hosts are refused: a web page could have its own name point here.
    pub(super) check_host: bool,
}

/// Notes what is wrong with the endpoint that a config wants.
pub(crate) fn check(config: &Config, builder: &mut Builder<'_>) {
    if let Err(error) = endpoint(config.admin.as_ref(), builder.environment) {
        let at = Path::root().key("admin").key("listen");
        builder.error_with_help(&at, error.message, error.help);
    }
}

/// The endpoint that a config wants; `None` if it wants none.
pub(super) fn endpoint(
    admin: Option<&Admin>,
    environment: &Environment,
) -> Result<Option<Endpoint>, AddressError> {
    let admin = admin.cloned().unwrap_or_default();
    if admin.disabled {
        return Ok(None);
    }
    let text = listen(&admin, environment);
    let address = ListenAddress::parse(&text)?;
    if address.each_port().len() != 1 {
        return Err(AddressError {
            message: "the admin endpoint listens on one port only".into(),
            help: "write one port, as in `localhost:2019`".into(),
        });
    }
    let origins = match admin.origins.as_slice() {
        [] => own_origins(&address),
        given => given.iter().map(|text| Origin::read(text)).collect(),
    };
    let guests = Guests {
        origins,
        enforce_origin: admin.enforce_origin,
        check_host: !is_open(&address),
    };
    Ok(Some(Endpoint { address, guests }))
}

fn listen(admin: &Admin, environment: &Environment) -> String {
    let given = Some(admin.listen.clone()).filter(|text| !text.is_empty());
    let given = given.or_else(|| (environment.variable)(VARIABLE).filter(|text| !text.is_empty()));
    let text = given.unwrap_or_else(|| DEFAULT.into());
    let template = Template::parse(&text, Unknown::Kept, environment).ok();
    let filled = template.and_then(|template| template.constant().map(str::to_owned));
    filled.unwrap_or(text)
}

/// The names under which a browser on this machine may ask, if the config gives none.
fn own_origins(address: &ListenAddress) -> Vec<Origin> {
    let ListenAddress::Tcp { host, .. } = address else {
        return Vec::new();
    };
    let port = address.port();
    let hosts = if is_loopback(host) {
        vec!["localhost".into(), "[::1]".into(), "127.0.0.1".into()]
    } else if host.contains(':') {
        vec![format!("[{host}]")]
    } else {
        vec![host.clone()]
    };
    let origins = hosts
        .iter()
        .map(|host| Origin::of(format!("{host}:{port}")));
    origins.collect()
}

fn is_loopback(host: &str) -> bool {
    let address = host.parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// True where the name in a request says nothing: on every interface, and on unix sockets.
fn is_open(address: &ListenAddress) -> bool {
    match address {
        ListenAddress::Tcp { host, .. } => {
            let address = host.parse::<IpAddr>();
            host.is_empty() || address.is_ok_and(|address| address.is_unspecified())
        }
        ListenAddress::Unix { .. } => true,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use caddis_ir::Admin;

    use super::{Endpoint, endpoint};
    use crate::testing::environment;

    fn of(listen: &str) -> Endpoint {
        let admin = Admin {
            listen: listen.into(),
            ..Admin::default()
        };
        let endpoint = endpoint(Some(&admin), &environment());
        endpoint.unwrap().unwrap()
    }

    fn origins(endpoint: &Endpoint) -> Vec<String> {
        let origins = endpoint.guests.origins.iter();
        origins.map(ToString::to_string).collect()
    }

    #[test]
    fn the_config_counts_more_than_the_environment_and_that_more_than_the_default() {
        let mut environment = environment();
        let at = |admin: Option<&Admin>, environment: &_| {
            let endpoint = endpoint(admin, environment).unwrap();
            endpoint.map(|endpoint| endpoint.address.to_string())
        };
        assert_eq!(at(None, &environment).as_deref(), Some("localhost:2019"));
        environment.variable = Arc::new(|name| match name {
            "CADDY_ADMIN" => Some("localhost:{env.THE_PORT}".into()),
            "THE_PORT" => Some("2021".into()),
            _ => None,
        });
        assert_eq!(at(None, &environment).as_deref(), Some("localhost:2021"));
        let mut admin = Admin {
            listen: "localhost:2020".into(),
            ..Admin::default()
        };
        let configured = at(Some(&admin), &environment);
        assert_eq!(configured.as_deref(), Some("localhost:2020"));
        admin.disabled = true;
        assert_eq!(at(Some(&admin), &environment), None);
    }

    /// As Caddy 2.11.4 logs them.
    #[test]
    fn the_origins_of_an_address_are_those_of_caddy() {
        let loopback = ["//localhost:21919", "//[::1]:21919", "//127.0.0.1:21919"];
        for listen in [
            "localhost:21919",
            "127.0.0.2:21919",
            "[::1]:21919",
            "tcp4/localhost:21919",
        ] {
            assert_eq!(origins(&of(listen)), loopback, "{listen}");
            assert!(of(listen).guests.check_host, "{listen}");
        }
        assert_eq!(origins(&of("vm:21919")), ["//vm:21919"]);
        assert!(of("vm:21919").guests.check_host);
        for (listen, origin) in [
            (":21919", "//:21919"),
            ("[::]:21919", "//[::]:21919"),
            ("0.0.0.0:21919", "//0.0.0.0:21919"),
        ] {
            assert_eq!(origins(&of(listen)), [origin], "{listen}");
            assert!(!of(listen).guests.check_host, "{listen}");
        }
        assert!(origins(&of("unix//run/a.sock")).is_empty());
        assert!(!of("unix//run/a.sock|0660").guests.check_host);
    }

    #[test]
    fn what_cannot_be_listened_on_is_refused_with_what_to_write() {
        for (listen, message) in [
            ("localhost:2019-2020", "write one port"),
            ("localhost:99999", "`99999` is not a port"),
            ("udp/localhost:2019", "not supported yet"),
        ] {
            let admin = Admin {
                listen: listen.into(),
                ..Admin::default()
            };
            let error = endpoint(Some(&admin), &environment()).unwrap_err();
            let error = format!("{}; {}", error.message, error.help);
            assert!(error.contains(message), "{error}");
        }
    }
}
