//! Options that `forward_auth` and `php_fastcgi` pass on to `reverse_proxy`.

use caddis_source::Code;
use caddis_syntax::Line;

use super::{handle_response, proxy_subdirectives};
use crate::{Args, Result};

const READ_AS_OPTION: Code = Code("args/read-as-option");

/// The line, if it is one for `reverse_proxy`; `own` are the options of the directive itself.
pub(super) fn pass_on<'a>(line: &'a Line, own: &[&str], of: &Args<'_>) -> Result<&'a Line> {
    let name = line.name();
    let is_known = proxy_subdirectives::OPTIONS.contains(&name.text());
    if !is_known && !handle_response::is_option(name) {
        let known = [own, proxy_subdirectives::OPTIONS].concat();
        return Err(of.unknown(name, &known));
    }
    // Caddy takes the name of an option for the option wherever the word stands in the block.
    let words = line.arguments();
    match words.iter().find(|word| own.contains(&word.text())) {
        None => Ok(line),
        Some(word) => {
            let message = format!("`{}` is read as an option of its own", word.text());
            let error = word.error(READ_AS_OPTION, message);
            Err(error
                .label("in the middle of another line")
                .help("put it in a variable of the environment, `{env.NAME}`"))
        }
    }
}
