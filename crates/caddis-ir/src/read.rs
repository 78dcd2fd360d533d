//! Reads a config from JSON, as Caddy does: names for the admin endpoint and `null` for "not given" are passed over.

use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde_json::Value;

use crate::{Config, Path, Step, culprit, normal, place, plugins};

/// Why a JSON text is no config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// What is wrong.
    pub message: String,
    /// What it is about.
    pub about: About,
}

/// What of a JSON text is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// The text: it is no JSON from this byte on.
    Text(usize),
    /// A part of the config.
    Part(Path),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.about {
            About::Part(path) if !path.0.is_empty() => write!(f, "{path}: {}", self.message),
            About::Part(_) | About::Text(_) => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for ReadError {}

impl ReadError {
    /// Where in the text the part or the mistake stands.
    pub fn place(&self, text: &str) -> Range<usize> {
        match &self.about {
            About::Text(at) => *at..text.ceil_char_boundary(at + 1),
            About::Part(path) => place::of(text, path).unwrap_or(0..text.len().min(1)),
        }
    }
}

/// Reads a config; unknown modules and fields are errors.
pub fn read(text: &str) -> Result<Config, ReadError> {
    let json: Value = serde_json::from_str(text).map_err(|error| ReadError {
        message: without_place(&error),
        about: About::Text(place::offset(text, error.line(), error.column())),
    })?;
    from_value(&json)
}

/// Reads a config that is JSON already.
pub fn from_value(json: &Value) -> Result<Config, ReadError> {
    if json.is_null() {
        return Ok(Config::default());
    }
    if !json.is_object() {
        return Err(wrong(Path::root(), "a config is an object".into()));
    }
    let mut plain = json.clone();
    take_names(&mut plain);
    let config = Config::deserialize(&plain)
        .or_else(|_| {
            normal::take_nulls(&mut plain);
            normal::take_points(&mut plain);
            Config::deserialize(&plain)
        })
        .map_err(|_| refused(plain.clone()))?;
    match array_for_object(&plain, &crate::value(&config)) {
        None => Ok(config),
        Some(path) => Err(wrong(
            path,
            "an array stands where an object belongs".into(),
        )),
    }
}

fn wrong(path: Path, message: String) -> ReadError {
    ReadError {
        message,
        about: About::Part(path),
    }
}

/// Where an array was read as the fields of an object, which serde does and Caddy does not.
fn array_for_object(written: &Value, read: &Value) -> Option<Path> {
    let below = |step: Step, written: &Value, read: Option<&Value>| {
        let path = array_for_object(written, read?)?;
        Some(Path([vec![step], path.0].concat()))
    };
    match (written, read) {
        (Value::Array(_), Value::Object(_)) => Some(Path::root()),
        (Value::Object(members), Value::Object(_)) => (members.iter())
            .find_map(|(key, member)| below(Step::Key(key.clone()), member, read.get(key))),
        (Value::Array(items), Value::Array(_)) => (items.iter().enumerate())
            .find_map(|(index, item)| below(Step::Index(index), item, read.get(index))),
        (_, _) => None,
    }
}

/// What is wrong with a config, and with which part of it.
fn refused(json: Value) -> ReadError {
    let error = |json: &Value| Some(Config::deserialize(json).err()?.to_string());
    let (path, message) = culprit::find(json, error);
    let message = plugins::explained(&path, message);
    wrong(path, message)
}

/// What is wrong, without the line and the column that end the message.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

/// `@id` names a part for the admin endpoint, and means nothing to the server.
fn take_names(json: &mut Value) {
    match json {
        Value::Object(members) => {
            members.shift_remove("@id");
            members.values_mut().for_each(take_names);
        }
        Value::Array(items) => items.iter_mut().for_each(take_names),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{About, read};

    /// The place and the text of what is wrong.
    fn found(text: &str) -> (String, String) {
        let error = read(text).unwrap_err();
        let place = error.place(text);
        let at = match &error.about {
            About::Text(at) => at.to_string(),
            About::Part(path) => path.to_string(),
        };
        (at, text[place].to_owned())
    }

    #[test]
    fn what_is_wrong_is_found_however_deep_it_is() {
        let route = |handler: &str| {
            format!(
                r#"{{"apps":{{"http":{{"servers":{{"a":{{"listen":[":1"]}},"b":{{"listen":[":2"],"routes":[
                    {{"handle":[{{"handler":"static_response","body":"x"}}]}},
                    {{"handle":[{{"handler":"subroute","routes":[{{"match":[{{"path":["/"]}}],"handle":[{handler}]}}]}}]}}
                ]}}}}}}}}}}"#
            )
        };
        let inner = "apps/http/servers/b/routes/1/handle/0/routes/0/handle/0";
        let unknown = found(&route(r#"{"handler":"static_response","bdy":"x"}"#));
        assert_eq!(unknown, (format!("{inner}/bdy"), r#""bdy""#.into()));
        let mistyped = found(&route(r#"{"handler":"static_response","body":["x"]}"#));
        assert_eq!(mistyped, (format!("{inner}/body"), r#""body""#.into()));
        let module = found(&route(r#"{"handler":"nobodys"}"#));
        assert_eq!(module, (format!("{inner}/handler"), r#""handler""#.into()));
        assert_eq!(
            found(r#"{"apos": {}}"#),
            ("apos".into(), r#""apos""#.into())
        );
        assert_eq!(found("[]").0, "");
        assert_eq!(found(r#"{"apps": {"http": []}}"#).0, "apps/http");
    }

    #[test]
    fn what_is_no_json_is_pointed_at() {
        assert_eq!(found("{\n x}"), ("3".into(), "x".into()));
        assert_eq!(found(r#"{"apps"ä{}}"#), ("7".into(), "ä".into()));
    }

    #[test]
    fn null_is_what_was_not_given() {
        let text = r#"{"admin":null,"apps":{"http":{"servers":{"a":{"listen":null,"routes":[
            {"match":[{"header":{"X":null},"path":["/"]}],"handle":null,"group":null}]}}}}}"#;
        let config = read(text).unwrap();
        let http = config.apps.http.unwrap();
        let server = &http.servers["a"];
        let header = server.routes[0].matchers[0].header.as_ref().unwrap();
        assert_eq!(header["X"], None, "the field must not be there");
        assert_eq!(server.listen, Vec::<String>::new());
    }
}
