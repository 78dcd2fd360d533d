//! Where in the JSON something stands.

use std::fmt;

/// One step down into the JSON.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A key of an object.
    Key(String),
    /// A place in an array.
    Index(usize),
}

/// The steps from the top of the config to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// The whole config.
    pub fn root() -> Self {
        Self::default()
    }

    /// The value of a key below this one.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.step(Step::Key(key.into()))
    }

    /// An element of the array that is here.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.step(Step::Index(index))
    }

    /// The value around this one.
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(Self(rest.to_vec()))
    }

    fn step(&self, step: Step) -> Self {
        Self(self.0.iter().cloned().chain([step]).collect())
    }
}

impl fmt::Display for Path {
    /// As the admin API names it: `apps/http/servers/srv0/routes/0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            let slash = if at == 0 { "" } else { "/" };
            match step {
                Step::Key(key) => write!(f, "{slash}{key}")?,
                Step::Index(index) => write!(f, "{slash}{index}")?,
            }
        }
        Ok(())
    }
}
