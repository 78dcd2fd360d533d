//! Renders a template: its nodes, one after the other.

use std::sync::Arc;

use gotmpl::parse::{BranchNode, ListNode, Node, PipeNode, TemplateNode};

use crate::budget::Budget;
use crate::printed::print_into;
use crate::set::Defined;
use crate::{Delimiters, Error, Limits, Result, Set, Value, World};

/// A template that is being rendered, with all that it includes.
pub struct Run<'a> {
    pub(crate) world: &'a dyn World,
    pub(crate) budget: Budget,
    delimiters: &'a Delimiters,
    /// Those that are being rendered; the innermost is last.
    open: Vec<Open>,
}

/// A text that is being rendered.
struct Open {
    set: Set,
    out: String,
}

/// Where a part of a template stands, and what it sees.
pub(crate) struct Frame {
    file: Arc<str>,
    variables: Vec<(String, Value)>,
}

/// How the nodes after one go on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    On,
    Break,
    Continue,
}

/// The steps that a file or a request is worth.
const STEPS_OF_A_CALL: usize = 100;

/// After so many steps somebody asks whether the text is still waited for.
const ASK_EVERY: u64 = 256;

impl<'a> Run<'a> {
    /// Nothing is rendered yet.
    pub fn new(world: &'a dyn World, delimiters: &'a Delimiters, limits: Limits) -> Self {
        Self {
            world,
            budget: Budget::new(limits),
            delimiters,
            open: Vec::new(),
        }
    }

    /// Renders a text.
    pub fn render(&mut self, name: &str, text: &str, dot: &Value) -> Result<String> {
        let set = Set::parse(name, text, self.delimiters, self.world)?;
        self.budget.enter()?;
        self.open.push(Open {
            set,
            out: String::new(),
        });
        let result = self.template(name, dot);
        let open = self.open.pop();
        self.budget.leave();
        result.map(|()| open.map(|open| open.out).unwrap_or_default())
    }

    /// Lets the text that is being rendered use the templates that another one defines.
    pub fn import(&mut self, file: &str, text: &str) -> Result<()> {
        let (delimiters, world) = (self.delimiters, self.world);
        match self.open.last_mut() {
            Some(open) => open.set.add(file, text, delimiters, world),
            None => Ok(()),
        }
    }

    /// Counts bytes that a function of the world reads or makes.
    pub fn bytes(&mut self, bytes: usize) -> Result<()> {
        self.budget.room(bytes)?;
        self.budget.bytes(bytes)
    }

    /// Counts a call of a function of the world, which may take as long as many steps.
    pub fn calls(&mut self) -> Result<()> {
        self.budget.steps(STEPS_OF_A_CALL)
    }

    fn template(&mut self, name: &str, dot: &Value) -> Result<()> {
        let set = self.open.last().map(|open| &open.set);
        let found = set.and_then(|set| set.templates.get(name));
        let Some(Defined { file, body }) = found.cloned() else {
            return Err(Error::new(format!("template \"{name}\" not defined")));
        };
        self.budget.enter()?;
        let mut frame = Frame {
            file,
            variables: vec![("$".into(), dot.clone())],
        };
        let result = self.list(&body, dot, &mut frame);
        self.budget.leave();
        result.map(|_| ())
    }

    fn list(&mut self, list: &ListNode, dot: &Value, frame: &mut Frame) -> Result<Flow> {
        for node in &list.nodes {
            let flow = self.node(node, dot, frame)?;
            if flow != Flow::On {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }

    fn node(&mut self, node: &Node, dot: &Value, frame: &mut Frame) -> Result<Flow> {
        self.step()?;
        match node {
            Node::Text(text) => self.write(&text.text)?,
            Node::List(list) => return self.list(list, dot, frame),
            Node::Action(action) => {
                let value = self.at(&action.pipe, dot, frame)?;
                if action.pipe.decl.is_empty() {
                    self.print(&value)?;
                }
            }
            Node::If(branch) => return self.scoped(branch, dot, frame, Self::branch_if),
            Node::With(branch) => return self.scoped(branch, dot, frame, Self::branch_with),
            Node::Range(branch) => return self.scoped(branch, dot, frame, Self::branch_range),
            Node::Template(call) => self.call_template(call, dot, frame)?,
            Node::Define(_) => {}
            Node::Break(_) => return Ok(Flow::Break),
            Node::Continue(_) => return Ok(Flow::Continue),
        }
        Ok(Flow::On)
    }

    /// Another step; now and then somebody looks whether anyone still waits.
    pub(crate) fn step(&mut self) -> Result<()> {
        self.budget.step()?;
        if self.budget.steps_left().is_multiple_of(ASK_EVERY) && !self.world.waits() {
            return Err(Error::new("nobody waits for the text any more"));
        }
        Ok(())
    }

    /// The value of a pipeline, with its place in what is wrong with it.
    fn at(&mut self, pipe: &PipeNode, dot: &Value, frame: &mut Frame) -> Result<Value> {
        let value = self.pipe(pipe, dot, frame);
        value.map_err(|error| error.at(&frame.file, pipe.pos.line))
    }

    fn call_template(&mut self, call: &TemplateNode, dot: &Value, frame: &mut Frame) -> Result<()> {
        let dot = match &call.pipe {
            None => Value::Nil,
            Some(pipe) => self.at(pipe, dot, frame)?,
        };
        let result = self.template(&call.name, &dot);
        result.map_err(|error| error.at(&frame.file, call.pos.line))
    }

    /// A branch; what it declares is forgotten after it.
    fn scoped(
        &mut self,
        branch: &BranchNode,
        dot: &Value,
        frame: &mut Frame,
        run: fn(&mut Self, &BranchNode, &Value, &mut Frame) -> Result<Flow>,
    ) -> Result<Flow> {
        self.budget.enter()?;
        let known = frame.variables.len();
        let flow = run(self, branch, dot, frame);
        frame.variables.truncate(known);
        self.budget.leave();
        flow
    }

    fn branch_if(&mut self, branch: &BranchNode, dot: &Value, frame: &mut Frame) -> Result<Flow> {
        if self.at(&branch.pipe, dot, frame)?.is_true() {
            return self.list(&branch.body, dot, frame);
        }
        self.otherwise(branch, dot, frame)
    }

    fn branch_with(&mut self, branch: &BranchNode, dot: &Value, frame: &mut Frame) -> Result<Flow> {
        let value = self.at(&branch.pipe, dot, frame)?;
        if value.is_true() {
            return self.list(&branch.body, &value, frame);
        }
        self.otherwise(branch, dot, frame)
    }

    fn otherwise(&mut self, branch: &BranchNode, dot: &Value, frame: &mut Frame) -> Result<Flow> {
        match &branch.else_body {
            Some(body) => self.list(body, dot, frame),
            None => Ok(Flow::On),
        }
    }

    fn branch_range(
        &mut self,
        branch: &BranchNode,
        dot: &Value,
        frame: &mut Frame,
    ) -> Result<Flow> {
        let plain = PipeNode {
            decl: Vec::new(),
            ..branch.pipe.clone()
        };
        let value = self.at(&plain, dot, frame)?;
        let line = branch.pipe.pos.line;
        let count = match &value {
            Value::Int(count) | Value::Int64(count) => Some(*count),
            Value::Byte(count) => Some(i64::from(*count)),
            _ => None,
        };
        if let Some(count) = count {
            if branch.pipe.decl.len() > 1 {
                let message = format!("can't use {count} to iterate over more than one variable");
                return Err(Error::new(message).at(&frame.file, line));
            }
            let items = (0..count).map(|number| (Value::Int(number), Value::Int(number)));
            return self.rounds(branch, items, dot, frame);
        }
        match &value {
            Value::Nil => self.otherwise(branch, dot, frame),
            Value::List(list) => {
                let items = list.items().iter().cloned().enumerate();
                let items = items.map(|(index, item)| (Value::count(index), item));
                self.rounds(branch, items, dot, frame)
            }
            other => {
                let Some(dict) = other.as_dict() else {
                    let message = format!("range can't iterate over {other:?}");
                    return Err(Error::new(message).at(&frame.file, line));
                };
                let entries = dict.entries().into_iter();
                let items = entries.map(|(key, value)| (Value::Text(key), value));
                self.rounds(branch, items, dot, frame)
            }
        }
    }

    fn rounds(
        &mut self,
        branch: &BranchNode,
        items: impl Iterator<Item = (Value, Value)>,
        dot: &Value,
        frame: &mut Frame,
    ) -> Result<Flow> {
        let known = frame.variables.len();
        let pipe = &branch.pipe;
        let mut is_empty = true;
        for (key, item) in items {
            is_empty = false;
            self.step()?;
            let bound = match pipe.decl.as_slice() {
                [] => vec![],
                [value] => vec![(value, item.clone())],
                [index, value, ..] => vec![(index, key), (value, item.clone())],
            };
            for (name, value) in bound {
                frame.bind(name, value, pipe.is_assign)?;
            }
            let flow = self.list(&branch.body, &item, frame)?;
            frame.variables.truncate(known);
            if flow == Flow::Break {
                break;
            }
        }
        if is_empty {
            return self.otherwise(branch, dot, frame);
        }
        Ok(Flow::On)
    }

    fn print(&mut self, value: &Value) -> Result<()> {
        let mut text = String::new();
        match value {
            Value::Nil => text.push_str("<no value>"),
            Value::Text(own) => return self.write(own),
            other => print_into(&mut text, other, &mut self.budget)?,
        }
        self.write(&text)
    }

    fn write(&mut self, text: &str) -> Result<()> {
        let Some(open) = self.open.last_mut() else {
            return Ok(());
        };
        self.budget.room(open.out.len() + text.len())?;
        self.budget.bytes(text.len())?;
        open.out.push_str(text);
        Ok(())
    }
}

impl Frame {
    /// Declares a variable, or gives one that is there another value.
    pub(crate) fn bind(&mut self, name: &str, value: Value, is_assign: bool) -> Result<()> {
        if !is_assign {
            self.variables.push((name.into(), value));
            return Ok(());
        }
        let mut known = self.variables.iter_mut().rev();
        let found = known.find(|(known, _)| known == name);
        let Some((_, known)) = found else {
            return Err(Error::new(format!("undefined variable: {name}")));
        };
        *known = value;
        Ok(())
    }

    /// The value of a variable.
    pub(crate) fn variable(&self, name: &str) -> Result<Value> {
        let mut known = self.variables.iter().rev();
        let found = known.find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.clone())
            .ok_or_else(|| Error::new(format!("undefined variable: {name}")))
    }
}
