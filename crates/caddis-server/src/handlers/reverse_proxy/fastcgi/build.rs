//! How programs are asked over `FastCGI`, made from the config.

use caddis_ir::{FastcgiTransport, HttpTransport, NetworkProxy, Path};

use super::ask::Cgi;
use super::variables::Settings;
use crate::builder::Builder;
use crate::handlers::reverse_proxy::build_transport;
use crate::handlers::reverse_proxy::transport::Transport;

/// Where scripts are if the config does not say: the root of the site.
const ROOT: &str = "{http.vars.root}";

/// Prepares a transport; what is wrong is noted.
pub(in super::super) fn build(
    config: &FastcgiTransport,
    at: &Path,
    builder: &mut Builder<'_>,
) -> Transport {
    let root = match config.root.as_str() {
        "" => ROOT,
        root => root,
    };
    let environment = config.env.iter().map(|(name, value)| {
        let value = builder.template(value, &at.key("env").key(name));
        (name.as_str().into(), value)
    });
    let environment = environment.collect();
    let settings = Settings {
        root: builder.template(root, &at.key("root")),
        endings: (config.split_path.iter())
            .filter(|ending| !ending.is_empty())
            .map(|ending| ending.as_str().into())
            .collect(),
        follows_links: config.resolve_root_symlink,
        environment,
    };
    for (index, ending) in config.split_path.iter().enumerate() {
        if !ending.is_ascii() {
            builder.error(
                &at.key("split_path").index(index),
                format!("`{ending}` cannot end a script: it has characters beside those of ASCII"),
            );
        }
    }
    let connections = HttpTransport {
        dial_timeout: config.dial_timeout,
        read_timeout: config.read_timeout,
        write_timeout: config.write_timeout,
        network_proxy: Some(NetworkProxy::None {}),
        ..HttpTransport::default()
    };
    Transport {
        cgi: Some(Cgi {
            settings,
            logs_complaints: config.capture_stderr,
        }),
        ..build_transport::build(&connections, at, builder)
    }
}
