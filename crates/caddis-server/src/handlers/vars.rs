//! `vars`: set variables, for placeholders and for handlers that look at them.

use caddis_ir::{Path, Vars};
use serde_json::Value;

use crate::build::Builder;
use crate::placeholders::{Template, Values};
use crate::{Context, Edit, Node, Request, Result};

/// Variables, by their names.
struct Variables(Vec<(Template, Template)>);

/// Prepares variables.
pub(crate) fn build(config: &Vars, at: &Path, builder: &mut Builder<'_>, next: Node) -> Node {
    let variables = config.0.iter().map(|(name, value)| {
        let at = at.key(name);
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        (builder.template(name, &at), builder.template(&value, &at))
    });
    let variables = Variables(variables.collect());
    Node::edit(variables, next)
}

impl Edit for Variables {
    fn edit(&self, request: &mut Request) -> Result<()> {
        for (name, value) in &self.0 {
            let values = Values::of(request);
            let (name, value) = (name.fill_text(&values), value.fill_text(&values));
            Context::of(request).notes().set_var(&name, value);
        }
        Ok(())
    }
}
