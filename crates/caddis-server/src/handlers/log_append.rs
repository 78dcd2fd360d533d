//! `log_append`: add a field to the entry of the access log.

use caddis_ir::{LogAppend, Path};

use crate::builder::Builder;
use crate::placeholders::{PlaceholderName, Value, Values};
use crate::{Context, Edit, Handle, Node, Request, Response, Result};

/// Prepares the field.
pub(crate) fn build(config: &LogAppend, at: &Path, builder: &mut Builder<'_>, next: Node) -> Node {
    let field = Field {
        key: config.key.clone(),
        value: Given::read(&config.value, &at.key("value"), builder),
    };
    if config.early {
        Node::edit(field, next)
    } else {
        Node::handler(Late(field), next)
    }
}

struct Field {
    key: String,
    value: Given,
}

enum Given {
    Placeholder(PlaceholderName),
    /// The name of a variable, or a text if there is none of that name.
    Variable(String),
}

impl Given {
    /// As in Caddy, a text with more than one placeholder in it is a text.
    fn read(value: &str, at: &Path, builder: &mut Builder<'_>) -> Self {
        let name = value
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        match name.filter(|name| !name.contains('{')) {
            Some(name) => Self::Placeholder(PlaceholderName::build(name, at, builder)),
            None => Self::Variable(value.to_owned()),
        }
    }
}

impl Field {
    fn add(&self, values: &Values<'_>) {
        let value = match &self.value {
            Given::Placeholder(name) => name.value(values).to_json(),
            Given::Variable(name) => {
                let notes = values.context.notes();
                let variable = notes.var(name).map(Value::to_json);
                variable.unwrap_or_else(|| name.as_str().into())
            }
        };
        let mut notes = values.context.notes();
        notes.log_fields.push((self.key.clone(), value));
    }
}

impl Edit for Field {
    fn edit(&self, request: &mut Request) -> Result<()> {
        self.add(&Values::of(request));
        Ok(())
    }
}

/// Added when the answer is there.
struct Late(Field);

impl Handle for Late {
    async fn handle(&self, request: Request, next: &Node) -> Result<Response> {
        let context = Context::of(&request).clone();
        let (method, uri, version) = (
            request.method().clone(),
            request.uri().clone(),
            request.version(),
        );
        let headers = request.headers().clone();
        let answer = next.run(request).await;
        let rewritten = context.notes().rewritten.clone();
        self.0.add(&Values {
            method: &method,
            uri: rewritten.as_ref().unwrap_or(&uri),
            version,
            headers: &headers,
            context: &context,
            response: answer.as_ref().ok().map(Response::headers),
        });
        answer
    }
}
