//! The life of a server: how it is started, told of another config, watched over, and ended.

mod background;
mod called_as_caddy;
mod command_lines;
mod privileges;
mod reload;
mod resume;
mod run;
mod supervisor;
mod watch;
mod world;

pub(crate) use world::until;
