//! What is wrong with a template whatever it is rendered for: unknown functions and variables, stray `break`s.

use gotmpl::parse::{BranchNode, CommandNode, Expr, ListNode, Node, PipeNode};

use crate::{Error, Result, World, builtins, sprig};

/// Finds the first thing that is wrong.
pub(crate) fn check(body: &ListNode, world: &dyn World) -> Result<()> {
    let mut check = Check {
        world,
        variables: vec!["$".into()],
        loops: 0,
    };
    check.list(body)
}

/// Whether there is a function of this name.
fn is_function(name: &str, world: &dyn World) -> bool {
    world.knows(name)
        || sprig::find(name).is_some()
        || builtins::find(name).is_some()
        || matches!(name, "and" | "or")
}

struct Check<'a> {
    world: &'a dyn World,
    variables: Vec<String>,
    loops: usize,
}

impl Check<'_> {
    fn list(&mut self, list: &ListNode) -> Result<()> {
        list.nodes.iter().try_for_each(|node| self.node(node))
    }

    fn node(&mut self, node: &Node) -> Result<()> {
        match node {
            Node::List(list) => self.list(list),
            Node::Action(action) => self.pipe(&action.pipe),
            Node::If(branch) | Node::With(branch) => self.branch(branch, 0),
            Node::Range(branch) => self.branch(branch, 1),
            Node::Template(call) => call.pipe.iter().try_for_each(|pipe| self.pipe(pipe)),
            Node::Break(_) | Node::Continue(_) if self.loops == 0 => {
                Err(Error::new("{{break}} or {{continue}} outside {{range}}"))
            }
            Node::Text(_) | Node::Define(_) | Node::Break(_) | Node::Continue(_) => Ok(()),
        }
    }

    fn branch(&mut self, branch: &BranchNode, loops: usize) -> Result<()> {
        let known = self.variables.len();
        self.pipe(&branch.pipe)?;
        let inner = self.variables.len();
        self.loops += loops;
        self.list(&branch.body)?;
        self.loops -= loops;
        self.variables.truncate(inner);
        if let Some(other) = &branch.else_body {
            self.list(other)?;
        }
        self.variables.truncate(known);
        Ok(())
    }

    fn pipe(&mut self, pipe: &PipeNode) -> Result<()> {
        for (stage, command) in pipe.commands.iter().enumerate() {
            self.command(command, stage)?;
        }
        for name in &pipe.decl {
            if pipe.is_assign {
                self.variable(name)?;
            } else {
                self.variables.push(name.to_string());
            }
        }
        Ok(())
    }

    fn command(&mut self, command: &CommandNode, stage: usize) -> Result<()> {
        let first = command.args.first();
        let is_literal = matches!(
            first,
            Some(
                Expr::Bool(..) | Expr::Dot(_) | Expr::Nil(_) | Expr::Number(..) | Expr::String(..)
            )
        );
        if stage > 0 && is_literal {
            let stage = stage + 1;
            return Err(Error::new(format!(
                "non executable command in pipeline stage {stage}"
            )));
        }
        command.args.iter().try_for_each(|arg| self.expr(arg))
    }

    fn expr(&mut self, expr: &Expr) -> Result<()> {
        match expr {
            Expr::Dot(_)
            | Expr::Field(..)
            | Expr::String(..)
            | Expr::Number(..)
            | Expr::Bool(..)
            | Expr::Nil(_) => Ok(()),
            Expr::Variable(_, name, _) => self.variable(name),
            Expr::Identifier(_, name) if is_function(name, self.world) => Ok(()),
            Expr::Identifier(_, name) if sprig::is_left_out(name) => Err(Error::new(format!(
                "function \"{name}\" is not there in caddis"
            ))),
            Expr::Identifier(_, name) => {
                Err(Error::new(format!("function \"{name}\" not defined")))
            }
            Expr::Pipe(_, pipe) => self.pipe(pipe),
            Expr::Chain(_, inner, _) => self.expr(inner),
        }
    }

    fn variable(&self, name: &str) -> Result<()> {
        if self.variables.iter().any(|known| known == name) {
            return Ok(());
        }
        Err(Error::new(format!("undefined variable \"{name}\"")))
    }
}
