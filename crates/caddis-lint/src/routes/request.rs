//! A request that somebody without credentials sends.

use std::fmt;

/// A request as a witness shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// `http` or `https`.
    pub scheme: String,
    /// The host that is asked for.
    pub host: String,
    /// The port, if it is not the scheme's own.
    pub port: Option<u16>,
    /// The path, without the query.
    pub path: String,
    /// The query, in pairs.
    pub query: Vec<(String, String)>,
    /// Further header fields.
    pub headers: Vec<(String, String)>,
}

impl Request {
    /// The values of a header field.
    pub(crate) fn header(&self, name: &str) -> Vec<&str> {
        let fields = self.headers.iter();
        let of_name = fields.filter(|(field, _)| field.eq_ignore_ascii_case(name));
        of_name.map(|(_, value)| value.as_str()).collect()
    }

    /// The same for another path.
    pub(crate) fn at(&self, path: &str) -> Self {
        Self {
            path: path.into(),
            ..self.clone()
        }
    }

    /// The same with a header field more.
    pub(crate) fn with(&self, field: &str, value: &str) -> Self {
        let mut request = self.clone();
        request.headers.push((field.into(), value.into()));
        request
    }

    /// The same with a query parameter more.
    pub(crate) fn asking(&self, key: &str, value: &str) -> Self {
        let mut request = self.clone();
        request.query.push((key.into(), value.into()));
        request
    }

    /// Scheme, host and port, path and query.
    pub fn url(&self) -> String {
        let port = self.port.map(|port| format!(":{port}"));
        let query: Vec<_> = self
            .query
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        let query = if query.is_empty() {
            String::new()
        } else {
            format!("?{}", query.join("&"))
        };
        let port = port.unwrap_or_default();
        format!("{}://{}{port}{}{query}", self.scheme, self.host, self.path)
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url())?;
        for (at, (field, value)) in self.headers.iter().enumerate() {
            let with = if at == 0 { " with" } else { " and" };
            write!(f, "{with} `{field}: {value}`")?;
        }
        Ok(())
    }
}
