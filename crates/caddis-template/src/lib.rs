//! Go's text/template language and the functions that Caddy gives it, with limits on what a template may use.
//!
//! Text is parsed by gotmpl; what it means is here, as Go has it: methods with arguments, maps that functions change,
//! Go's types as far as templates see them. No server is known here: pages, files and requests come through [`World`].

mod args;
mod balance;
mod budget;
mod builtins;
mod check;
mod compare;
mod duration;
mod error;
pub mod escape;
mod layout;
mod moment;
mod object;
pub mod pages;
mod pipeline;
mod printed;
mod printf;
mod reading;
mod run;
mod set;
mod sprig;
#[cfg(test)]
mod tests;
mod value;
mod world;

pub use args::{Args, Function};
pub use budget::Limits;
pub use error::{Error, Result};
pub use jiff;
pub use object::{Object, StringLists, no_arguments};
pub use run::Run;
pub use set::{Delimiters, Set};
pub use value::{Dict, List, Of, Value};
pub use world::World;
