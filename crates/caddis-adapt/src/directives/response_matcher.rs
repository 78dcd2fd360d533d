//! What a response must be like: `match status 2xx`, `match { … }`.

use caddis_ir::RequireResponse;
use caddis_source::{Code, Diagnostic, suggest};
use caddis_syntax::Line;

use crate::{Args, Result, Token, matchers, read};

const CONDITIONS: &[&str] = &["status", "header"];

/// Reads the conditions on the line and in its block.
pub(super) fn read(args: &mut Args<'_>) -> Result<RequireResponse> {
    let mut require = RequireResponse::default();
    let name = args.name();
    let lines = args.options();
    if let words @ [_, ..] = args.rest() {
        let line = Line {
            words: words.to_vec(),
            block: None,
        };
        condition(&line, name, &mut require)?;
    }
    for line in lines {
        condition(line, name, &mut require)?;
    }
    Ok(require)
}

fn condition(line: &Line, of: &Token, require: &mut RequireResponse) -> Result<()> {
    match line.name().text() {
        "status" => {
            let mut args = Args::new(line, "status <code or class...>");
            for code in args.at_least_one("a status code")? {
                require.status_code.push(status_or_class(code)?);
            }
            args.finish()
        }
        "header" => {
            let mut args = Args::new(line, "header <field> <value> | !<field>");
            matchers::header_field(&mut args, &mut require.headers)
        }
        _ => Err(unknown(line.name(), of)),
    }
}

/// `5xx` is 5 in Caddy's JSON.
fn status_or_class(token: &Token) -> Result<u16> {
    let text = token.text();
    let digits = text.strip_suffix("xx").filter(|class| class.len() == 1);
    match digits.unwrap_or(text).parse() {
        Ok(code @ (1..=9 | 100..=999)) => Ok(code),
        _ => Err(token
            .error(
                read::NOT_A_STATUS,
                format!("`{text}` is not a status code or class"),
            )
            .label("expected a number such as 404, or a class such as 4xx")),
    }
}

fn unknown(condition: &Token, of: &Token) -> Diagnostic {
    const UNKNOWN: Code = Code("header/unknown-condition");
    let message = format!("`{}` has no condition `{}`", of.text(), condition.text());
    let error = condition.error(UNKNOWN, message);
    match suggest(condition.text(), CONDITIONS.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help("a response is matched by `status` and `header`"),
    }
}
