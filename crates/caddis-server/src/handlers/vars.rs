//! `vars`: variables of the request, `{http.vars.*}`.

use bytes::Bytes;
use caddis_ir::{Path, Vars};

use crate::builder::Builder;
use crate::placeholders::{Template, Value, Values};
use crate::{Context, Edit, Node, Request, Result};

struct Setting(Vec<(Template, Given)>);

enum Given {
    Text(Template),
    Typed(Value),
}

/// Who was let in, which a variable may say as well.
const USER: &str = "http.auth.user.id";

/// Prepares the variables.
pub(crate) fn build(config: &Vars, at: &Path, builder: &mut Builder<'_>, next: Node) -> Node {
    let mut setting = Vec::new();
    for (name, value) in &config.0 {
        let at = at.key(name);
        let given = match value {
            serde_json::Value::String(text) => Given::Text(builder.template(text, &at)),
            other => Given::Typed(Value::of_json(other)),
        };
        setting.push((builder.template(name, &at), given));
    }
    if setting.is_empty() {
        return next;
    }
    Node::edit(Setting(setting), next)
}

impl Edit for Setting {
    fn edit(&self, request: &mut Request) -> Result<()> {
        let context = Context::of(request);
        for (name, given) in &self.0 {
            let values = Values::of(request);
            let name = name.fill_text(&values);
            let value = match given {
                Given::Text(template) => {
                    Value::Text(Bytes::from(template.fill(&values).into_owned()))
                }
                Given::Typed(value) => value.clone(),
            };
            let mut notes = context.notes();
            if name == USER {
                let mut user = Vec::new();
                value.write(&mut user);
                notes.user = Some(String::from_utf8_lossy(&user).into_owned());
            }
            notes.set_var(&name, value);
        }
        Ok(())
    }
}
