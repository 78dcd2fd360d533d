//! `caddis file-server`: serve the files of a folder, without a config.

use serde_json::{Map, Value, json};

use crate::cli_quick::FileServerArgs;
use crate::commands::quick;
use crate::report::{Failure, Io, Outcome};
use crate::usage;

/// Serves, and ends as the server ended.
pub(crate) fn run(args: &FileServerArgs, _: &Io) -> Result<Outcome, Failure> {
    let word = args.ignored.words.first();
    if word.is_some_and(|word| word == "export-template") {
        // Its page is no template.
        return Err(usage::absent("the command `file-server export-template`"));
    }
    let listen = listen(args);
    let line = format!("serving static files on {listen}");
    quick::serve(&config(args, &listen), line)
}

fn listen(args: &FileServerArgs) -> String {
    let default = if args.domain.is_some() { ":443" } else { ":80" };
    args.listen.clone().unwrap_or_else(|| default.into())
}

/// The config that Caddy makes of these flags.
fn config(args: &FileServerArgs, listen: &str) -> Value {
    let mut route = json!({"handle": handlers(args)});
    if let Some(domain) = &args.domain {
        route["match"] = json!([{"host": [domain]}]);
    }
    let mut server = json!({
        "listen": [listen],
        "read_header_timeout": "10s",
        "idle_timeout": "30s",
        "max_header_bytes": 10 * 1024,
        "routes": [route],
    });
    if args.access_log {
        server["logs"] = json!({});
    }
    let mut config = json!({
        "admin": {"disabled": true, "config": {"persist": false}},
        "apps": {"http": {"servers": {"static": server}}},
    });
    if args.debug {
        config["logging"] = json!({"logs": {"default": {"level": "DEBUG"}}});
    }
    config
}

fn handlers(args: &FileServerArgs) -> Vec<Value> {
    let mut handlers = Vec::new();
    if !args.no_compress {
        handlers.push(json!({
            "handler": "encode",
            "encodings": {"zstd": {}, "gzip": {}},
            "prefer": ["zstd", "gzip"],
        }));
    }
    if args.templates {
        handlers.push(json!({"handler": "templates"}));
    }
    let mut files = json!({"handler": "file_server"});
    if let Some(root) = &args.root {
        files["root"] = json!(root);
    }
    if args.browse {
        files["browse"] = json!({
            "reveal_symlinks": args.reveal_symlinks,
            "file_limit": args.file_limit,
        });
    }
    if !args.precompressed.is_empty() {
        let forms = args
            .precompressed
            .iter()
            .map(|name| (name.clone(), json!({})));
        files["precompressed"] = Value::Object(forms.collect::<Map<_, _>>());
        files["precompressed_order"] = json!(args.precompressed);
    }
    handlers.push(files);
    handlers
}
