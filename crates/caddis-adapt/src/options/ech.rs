//! `ech`: names that clients ask for, hidden from others.

use caddis_ir::{EncryptedClientHello, OuterName};

use super::{GlobalOption, Options};
use crate::directives::no_provider;
use crate::scope::State;
use crate::{Args, Result};

pub(super) const ECH: GlobalOption = GlobalOption {
    name: "ech",
    summary: "Names that others see in place of those that clients ask for.",
    syntax: "ech <public name...>",
    subdirectives: &[],
    examples: &["ech ech.example.net"],
    read: ech,
};

fn ech(args: &mut Args<'_>, options: &mut Options, _: &mut State) -> Result<()> {
    let names = args.at_least_one("a public name")?.iter();
    let configs = names.map(|name| OuterName {
        public_name: name.text().into(),
    });
    let hello = EncryptedClientHello {
        configs: configs.collect(),
        publication: Vec::new(),
    };
    if let Some(line) = args.options().first() {
        if line.name().text() != "dns" {
            return Err(args.unknown(line.name(), &["dns"]));
        }
        let provider = Args::new(line, "dns <provider>").required("a DNS provider")?;
        return Err(no_provider(provider));
    }
    options.tls.hello = Some(hello);
    Ok(())
}
