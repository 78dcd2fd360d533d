//! Functions of paths.

use crate::args::exactly;
use crate::{Function, Value};

pub(super) fn find(name: &str) -> Option<Function> {
    match name {
        "base" | "osBase" => exactly(1, |args, _| Ok(base(args.text(0)?).into())),
        "dir" | "osDir" => exactly(1, |args, _| {
            let path = args.text(0)?;
            let folder = path.rfind('/').map_or("", |at| &path[..=at]);
            Ok(clean(folder).into())
        }),
        "clean" | "osClean" => exactly(1, |args, _| Ok(clean(args.text(0)?).into())),
        "ext" | "osExt" => exactly(1, |args, _| {
            let path = args.text(0)?;
            let name = path.rsplit('/').next().unwrap_or(path);
            Ok(name.rfind('.').map_or("", |at| &name[at..]).into())
        }),
        "isAbs" | "osIsAbs" => {
            exactly(1, |args, _| Ok(Value::Bool(args.text(0)?.starts_with('/'))))
        }
        _ => None,
    }
}

fn base(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let path = path.trim_end_matches('/');
    match path.rsplit('/').next() {
        None | Some("") => "/",
        Some(name) => name,
    }
}

/// Go's `path.Clean`.
pub(super) fn clean(path: &str) -> String {
    let is_rooted = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    for element in path.split('/') {
        match element {
            "" | "." => {}
            ".." => match kept.last() {
                Some(&last) if last != ".." => {
                    kept.pop();
                }
                _ if is_rooted => {}
                _ => kept.push(element),
            },
            _ => kept.push(element),
        }
    }
    let root = if is_rooted { "/" } else { "" };
    match format!("{root}{}", kept.join("/")) {
        cleaned if cleaned.is_empty() => ".".into(),
        cleaned => cleaned,
    }
}
