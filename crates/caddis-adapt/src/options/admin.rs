//! The admin endpoint: `admin`, `persist_config`.

use caddis_ir::Admin;
use caddis_source::Code;

use super::{GlobalOption, Options};
use crate::scope::State;
use crate::{Args, Result, run_on};

const NOT_OFF: Code = Code("option/not-off");
const AFTER_OFF: Code = Code("option/after-off");

/// Where the admin endpoint listens unless an option says otherwise.
const LISTEN: &str = "localhost:2019";

const SUBDIRECTIVES: &[&str] = &["enforce_origin", "origins"];

/// How many words an option takes, where another one may follow.
const TAKES: &[(&str, usize)] = &[("enforce_origin", 0)];

pub(super) const ADMIN: GlobalOption = GlobalOption {
    name: "admin",
    summary: "Where the admin endpoint listens, and who may ask.",
    syntax: "admin off | [<address>] { origins <origins...>  enforce_origin }",
    subdirectives: SUBDIRECTIVES,
    examples: &["admin off", "admin localhost:2020"],
    read: admin,
};

pub(super) const PERSIST_CONFIG: GlobalOption = GlobalOption {
    name: "persist_config",
    summary: "With `off`, the running config is not saved.",
    syntax: "persist_config off",
    subdirectives: &[],
    examples: &["persist_config off"],
    read: |args, options, _| {
        let word = args.required("`off`")?;
        args.finish()?;
        if word.text() != "off" {
            let message = format!("`persist_config` does not take `{}`", word.text());
            return Err(word
                .error(NOT_OFF, message)
                .help("write `persist_config off`"));
        }
        options.persist_config_off = true;
        Ok(())
    },
};

fn admin(args: &mut Args<'_>, options: &mut Options, state: &mut State) -> Result<()> {
    let mut admin = Admin::default();
    match args.optional() {
        Some(word) if word.text() == "off" => {
            if args.left() > 0 || args.block().is_some() {
                let message = "nothing can follow `admin off`";
                return Err(word.error(AFTER_OFF, message).help("take the rest away"));
            }
            admin.disabled = true;
        }
        Some(word) => {
            // An empty address is none.
            let address = Some(word.text()).filter(|address| !address.is_empty());
            admin.listen = address.unwrap_or(LISTEN).into();
            let lines = args.options();
            args.finish()?;
            read_block(lines, args, &mut admin, state);
        }
        None => {
            admin.listen = LISTEN.into();
            let lines = args.options();
            read_block(lines, args, &mut admin, state);
        }
    }
    options.admin = Some(admin);
    Ok(())
}

fn read_block(
    lines: &[caddis_syntax::Line],
    args: &Args<'_>,
    admin: &mut Admin,
    state: &mut State,
) {
    for line in run_on::lines(lines, TAKES, SUBDIRECTIVES).iter() {
        if let Err(error) = suboption(line, args, admin) {
            state.diagnostics.push(error);
        }
    }
}

fn suboption(line: &caddis_syntax::Line, of: &Args<'_>, admin: &mut Admin) -> Result<()> {
    match line.name().text() {
        "enforce_origin" => {
            admin.enforce_origin = true;
            Args::new(line, "enforce_origin").finish()
        }
        "origins" => {
            let mut own = Args::new(line, "origins <origin...>");
            admin.origins = own.rest().iter().map(|word| word.text().into()).collect();
            own.finish()
        }
        _ => Err(of.unknown(line.name(), SUBDIRECTIVES)),
    }
}
