//! Targets of requests as templates see them.

use std::collections::BTreeMap;

use caddis_template::{Object, Result, StringLists, Value, no_arguments};
use http::Uri;

use crate::uri;

/// A target.
pub(super) struct ShownUrl {
    path: String,
    escaped_path: String,
    query: String,
}

impl ShownUrl {
    pub(super) fn of(target: &Uri) -> Self {
        Self {
            path: String::from_utf8_lossy(&uri::decoded_path(target)).into_owned(),
            escaped_path: target.path().to_owned(),
            query: target.query().unwrap_or_default().to_owned(),
        }
    }

    pub(super) fn query(&self) -> StringLists {
        let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (key, value) in uri::query_pairs(&self.query) {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            lists.entry(text(&key)).or_default().push(text(&value));
        }
        StringLists {
            type_name: "url.Values",
            spelled: str::to_owned,
            lists,
        }
    }
}

impl Object for ShownUrl {
    fn type_name(&self) -> &'static str {
        "*url.URL"
    }

    fn kind(&self) -> &'static str {
        "ptr"
    }

    fn member(&self, name: &str, args: &[Value]) -> Option<Result<Value>> {
        let value = match name {
            "Path" => self.path.as_str().into(),
            "RawPath" if self.escaped_path == self.path => "".into(),
            "RawPath" | "EscapedPath" => self.escaped_path.as_str().into(),
            "RawQuery" => self.query.as_str().into(),
            "Query" => Value::object(self.query()),
            "String" | "RequestURI" | "Redacted" => self.printed().into(),
            "Scheme" | "Opaque" | "Host" | "Fragment" | "RawFragment" | "Port" | "Hostname" => {
                "".into()
            }
            "IsAbs" | "ForceQuery" | "OmitHost" => Value::Bool(false),
            "User" => Value::Nil,
            _ => return None,
        };
        Some(no_arguments(name, args).map(|()| value))
    }

    fn printed(&self) -> String {
        match self.query.as_str() {
            "" => self.escaped_path.clone(),
            query => format!("{}?{query}", self.escaped_path),
        }
    }
}
