//! `password USER PLAIN`: a hash that is checked in an instant takes the place of the one in the config.

use regex::{Captures, Regex};

use crate::spec::Password;
use crate::subject::World;

/// The lowest cost that bcrypt knows.
const COST: u32 = 4;

/// Puts a cheap hash of the password where the config, or a variable that it names, has the user's hash.
pub(crate) fn make_instant(password: &Password, world: &mut World) -> Result<(), String> {
    if password.real {
        return Ok(());
    }
    let user = regex::escape(&password.user);
    let line = format!(r"(?m)^(\s*{user}\s+)(\$2\S+|\{{\$?[^}}\s]+\}})(\s*)$");
    let line = Regex::new(&line).map_err(|error| error.to_string())?;
    let Some(found) = line.captures(&world.config) else {
        let user = &password.user;
        return Err(format!(
            "the config has no user `{user}` with a bcrypt hash or a variable"
        ));
    };
    let hash = bcrypt::hash(&password.plain, COST).map_err(|error| error.to_string())?;
    let hash = hash.replacen("$2b$", "$2a$", 1);
    let written = found.get(2).map_or("", |hash| hash.as_str());
    if let Some(name) = variable(written).map(str::to_owned) {
        world.env.retain(|(other, _)| *other != name);
        world.env.push((name, hash));
    } else {
        let cheap = |parts: &Captures<'_>| format!("{}{hash}{}", &parts[1], &parts[3]);
        world.config = line.replace(&world.config, cheap).into_owned();
    }
    Ok(())
}

/// The variable of `{env.NAME}` or `{$NAME:default}`.
fn variable(written: &str) -> Option<&str> {
    let inner = written.strip_prefix('{')?.strip_suffix('}')?;
    let name = inner.strip_prefix("env.").or(inner.strip_prefix('$'))?;
    name.split(':').next()
}
