//! What a template may use before it is stopped.

use crate::{Error, Result, Value};

/// What a template may use, with all that it includes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Actions, calls and rounds of loops.
    pub steps: u64,
    /// Bytes that functions make, all together.
    pub memory: usize,
    /// Bytes of a text.
    pub text: usize,
    /// Templates, branches and brackets in each other.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps: 1_000_000,
            memory: 256 << 20,
            text: 16 << 20,
            depth: 100,
        }
    }
}

/// What is left of it.
#[derive(Debug)]
pub(crate) struct Budget {
    pub(crate) limits: Limits,
    steps: u64,
    memory: usize,
    depth: usize,
}

/// What a value costs beside its text.
const VALUE: usize = 32;

impl Budget {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            steps: limits.steps,
            memory: limits.memory,
            depth: limits.depth,
        }
    }

    /// How many steps are left, for what has to be done every now and then.
    pub(crate) fn steps_left(&self) -> u64 {
        self.steps
    }

    pub(crate) fn step(&mut self) -> Result<()> {
        self.steps(1)
    }

    pub(crate) fn steps(&mut self, steps: usize) -> Result<()> {
        let left = self.steps.checked_sub(steps as u64);
        self.steps = left.ok_or_else(|| Error::new("the template takes too many steps"))?;
        Ok(())
    }

    pub(crate) fn enter(&mut self) -> Result<()> {
        let left = self.depth.checked_sub(1);
        self.depth = left.ok_or_else(|| Error::new("the template is nested too deeply"))?;
        Ok(())
    }

    pub(crate) fn leave(&mut self) {
        self.depth += 1;
    }

    /// Whether a text of so many bytes may be made.
    pub(crate) fn room(&self, bytes: usize) -> Result<()> {
        if bytes > self.limits.text {
            return Err(Error::new("the template makes too large a text"));
        }
        if bytes > self.memory {
            return Err(Error::new("the template takes too much memory"));
        }
        Ok(())
    }

    /// Counts bytes that are made.
    pub(crate) fn bytes(&mut self, bytes: usize) -> Result<()> {
        let left = self.memory.checked_sub(bytes);
        self.memory = left.ok_or_else(|| Error::new("the template takes too much memory"))?;
        Ok(())
    }

    /// Counts what a function made.
    pub(crate) fn made(&mut self, value: &Value) -> Result<()> {
        match value {
            Value::Text(text) => {
                self.room(text.len())?;
                self.bytes(text.len() + VALUE)
            }
            Value::List(list) => self.bytes((list.items().len() + 1) * VALUE),
            Value::Dict(dict) => self.bytes((dict.len() + 1) * VALUE),
            _ => self.bytes(VALUE),
        }
    }
}
