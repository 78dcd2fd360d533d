//! `caddis list-modules`: the modules that a config can have, by the names that Caddy gives them.

use serde_json::{Value, json};

use crate::cli::ListModulesArgs;
use crate::report::{Failure, Io, Outcome};

/// Prints those that are served, and then those that are only read and adapted, each with their number.
pub(crate) fn run(args: &ListModulesArgs, io: &Io) -> Result<Outcome, Failure> {
    let modules: &[&str] = if args.skip_standard {
        &[]
    } else {
        caddis_ir::MODULES
    };
    io.print(&if args.json {
        as_json(modules, args)
    } else {
        as_text(modules, args)
    })?;
    Ok(Outcome::SUCCESS)
}

fn as_text(modules: &[&str], args: &ListModulesArgs) -> String {
    let (served, read): (Vec<&str>, Vec<&str>) = modules
        .iter()
        .partition(|module| caddis_server::serves_module(module));
    let list = |modules: &[&str], title: &str| {
        let lines = modules.iter().map(|module| line(module, args));
        let count = format!("\n  {title}: {}\n", modules.len());
        lines.chain([count]).collect::<String>()
    };
    if modules.is_empty() {
        return list(&[], "Non-standard modules");
    }
    let mut text = list(&served, "Standard modules");
    if !read.is_empty() {
        text.push('\n');
        text.push_str(&list(&read, "Read and adapted, but not served yet"));
    }
    text
}

fn line(module: &str, args: &ListModulesArgs) -> String {
    let package = if args.packages { " caddis" } else { "" };
    let version = if args.versions {
        concat!(" v", env!("CARGO_PKG_VERSION"))
    } else {
        ""
    };
    format!("{module}{package}{version}\n")
}

fn as_json(modules: &[&str], args: &ListModulesArgs) -> String {
    let entries = modules.iter().map(|module| {
        let mut entry = json!({"module_name": module, "module_type": "standard"});
        if args.packages {
            entry["package_url"] = "caddis".into();
        }
        if args.versions {
            entry["version"] = concat!("v", env!("CARGO_PKG_VERSION")).into();
        }
        if !caddis_server::serves_module(module) {
            entry["served"] = false.into();
        }
        entry
    });
    let list = Value::Array(entries.collect());
    format!("{list:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_only_read_is_told_apart() {
        let modules = ["http.handlers.headers", "http.handlers.nobodys"];
        assert_eq!(
            as_text(&modules, &ListModulesArgs::default()),
            "http.handlers.headers\n\n  Standard modules: 1\n\nhttp.handlers.nobodys\n\n  Read and adapted, but not served yet: 1\n"
        );
        let json = as_json(&modules, &ListModulesArgs::default());
        let list: Vec<Value> = serde_json::from_str(&json).unwrap();
        assert_eq!(list[0]["module_name"], "http.handlers.headers");
        assert_eq!(list[0].get("served"), None);
        assert_eq!(list[1]["served"], false);
    }
}
