//! The header of the answer that a template becomes.

use std::collections::BTreeMap;
use std::sync::Arc;

use caddis_template::{Args, Dict, Error, Object, Result, StringLists, Value};
use http::{HeaderMap, HeaderName};
use parking_lot::Mutex;

use super::request::lists;
use crate::placeholders::header_value;

/// A header that templates change.
pub(super) struct ResponseHeader(pub(super) Arc<Mutex<HeaderMap>>);

/// How many fields a template may add.
const MAX_FIELDS: usize = 1000;

impl ResponseHeader {
    fn lists(&self) -> StringLists {
        lists(&self.0.lock())
    }

    fn change(&self, name: &str, args: &Args<'_>) -> Result<Value> {
        let field = args.text(0)?;
        let field: HeaderName = field
            .parse()
            .map_err(|_| Error::new(format!("`{field}` is not the name of a header field")))?;
        let mut headers = self.0.lock();
        if name == "Del" {
            headers.remove(field);
            return Ok("".into());
        }
        let value = header_value(args.text(1)?.as_bytes().to_vec());
        if headers.len() >= MAX_FIELDS {
            return Err(Error::new("the header has too many fields"));
        }
        if name == "Set" {
            headers.insert(field, value);
        } else {
            headers.append(field, value);
        }
        Ok("".into())
    }
}

impl Object for ResponseHeader {
    fn type_name(&self) -> &'static str {
        "templates.WrappedHeader"
    }

    fn member(&self, name: &str, args: &[Value]) -> Option<Result<Value>> {
        match (name, args.len()) {
            ("Add" | "Set", 2) | ("Del", 1) => Some(self.change(name, &Args(args))),
            ("Add" | "Set" | "Del", got) => Some(Err(Error::new(format!(
                "wrong number of args for {name}: got {got}"
            )))),
            ("Get" | "Values", _) => self.lists().member(name, args),
            ("Header", 0) => Some(Ok(Value::object(self.lists()))),
            _ => None,
        }
    }

    fn printed(&self) -> String {
        format!("{{{}}}", self.lists().printed())
    }

    fn as_dict(&self) -> Option<Arc<Dict>> {
        None
    }
}

/// Nothing: a header without fields.
pub(super) fn empty() -> StringLists {
    StringLists {
        type_name: "http.Header",
        spelled: super::request::spelled,
        lists: BTreeMap::new(),
    }
}
