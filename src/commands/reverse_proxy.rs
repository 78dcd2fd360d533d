//! `caddis reverse-proxy`: ask other servers for all that comes to an address, without a config.

use crate::cli_proxy::ReverseProxyArgs;
use crate::commands::quick;
use crate::input::Input;
use crate::report::{Failure, Io, Outcome};
use crate::text::{Language, Text};
use crate::variables::Variables;

/// Serves, and ends as the server ended.
pub(crate) fn run(args: &ReverseProxyArgs, io: &Io) -> Result<Outcome, Failure> {
    if args.to.is_empty() {
        return Err(Failure::message("`--to` is missing: who is to be asked?"));
    }
    let variables = Variables::read(&[])?;
    let text = Text::of("the flags", caddyfile(args)?, Language::Caddyfile);
    let input = Input::read(text, &variables)?;
    io.findings(&input.warnings, &input.sources);
    let line = format!("proxying {} to {}", args.from, args.to.join(", "));
    quick::serve(&input.json, line)
}

/// The Caddyfile that says the same as the flags.
fn caddyfile(args: &ReverseProxyArgs) -> Result<String, Failure> {
    let mut options = vec!["admin off", "persist_config off"];
    options.extend(args.debug.then_some("debug"));
    options.extend((args.disable_redirects).then_some("auto_https disable_redirects"));
    let mut site = Vec::new();
    site.extend(args.access_log.then_some("log"));
    site.extend(args.internal_certs.then_some("tls internal"));
    let to = args.to.iter().map(|to| quoted(to));
    let to = to.collect::<Result<Vec<_>, _>>()?;
    Ok(format!(
        "{{\n\t{}\n}}\n{} {{\n\t{}\n\treverse_proxy {} {{\n{}\t}}\n}}\n",
        options.join("\n\t"),
        quoted(&args.from)?,
        site.join("\n\t"),
        to.join(" "),
        proxy(args)?,
    ))
}

/// What stands in the block of `reverse_proxy`.
fn proxy(args: &ReverseProxyArgs) -> Result<String, Failure> {
    let mut lines = String::new();
    for (directive, fields) in [
        ("header_up", &args.header_up),
        ("header_down", &args.header_down),
    ] {
        for field in fields {
            let (name, value) = split(field)?;
            let line = [
                "\t\t",
                directive,
                " ",
                &quoted(name)?,
                " ",
                &quoted(value)?,
                "\n",
            ];
            lines.push_str(&line.concat());
        }
    }
    if args.change_host_header {
        lines += "\t\theader_up Host {http.reverse_proxy.upstream.hostport}\n";
    }
    let is_https = |to: &String| to.to_ascii_lowercase().starts_with("https://");
    if args.insecure && args.to.iter().any(is_https) {
        lines += "\t\ttransport http {\n\t\t\ttls_insecure_skip_verify\n\t\t}\n";
    }
    Ok(lines)
}

/// Name and value of `Field: value`.
fn split(field: &str) -> Result<(&str, &str), Failure> {
    let parts = field.split_once(':');
    let parts = parts.map(|(name, value)| (name.trim(), value.trim()));
    parts
        .filter(|(name, value)| !name.is_empty() && !value.is_empty())
        .ok_or_else(|| {
            Failure::message(format!(
                "`{field}` is not a header field: write `Field: value`"
            ))
        })
}

/// A word of a Caddyfile, whatever is in it.
fn quoted(word: &str) -> Result<String, Failure> {
    if !word.contains(['"', '\\']) {
        return Ok(format!("\"{word}\""));
    }
    // Double quotes know no way to end in a backslash, so the others come first.
    if !word.contains('`') {
        return Ok(format!("`{word}`"));
    }
    if word.contains('\\') {
        let message = format!("`{word}` has both a backquote and a backslash");
        return Err(Failure::message(message).help("write a Caddyfile for it"));
    }
    Ok(format!("\"{}\"", word.replace('"', "\\\"")))
}

#[cfg(test)]
mod tests {
    use caddis_source::Sources;

    use super::caddyfile;
    use crate::cli_proxy::ReverseProxyArgs;

    #[test]
    fn flags_become_a_caddyfile() {
        let args = ReverseProxyArgs {
            from: ":8080".into(),
            to: vec!["https://a.test".into(), "https://b.test".into()],
            insecure: true,
            change_host_header: true,
            access_log: true,
            header_up: vec!["X-Say: \"hi\" }".into()],
            ..ReverseProxyArgs::default()
        };
        let text = caddyfile(&args).map_err(|failure| failure.text()).unwrap();
        assert_eq!(
            text,
            "{\n\tadmin off\n\tpersist_config off\n}\n\":8080\" {\n\tlog\n\treverse_proxy \"https://a.test\" \
             \"https://b.test\" {\n\t\theader_up \"X-Say\" `\"hi\" }`\n\t\theader_up Host \
             {http.reverse_proxy.upstream.hostport}\n\t\ttransport http {\n\t\t\ttls_insecure_skip_verify\n\t\t}\n\t}\n}\n"
        );
    }

    #[test]
    fn a_word_means_what_it_says_or_is_refused() {
        for word in [r"a\", r#"a\""#, "a\"`", "a b", r"C:\x"] {
            let args = ReverseProxyArgs {
                from: ":8080".into(),
                to: vec!["a.test".into()],
                header_up: vec![format!("X: {word}")],
                ..ReverseProxyArgs::default()
            };
            let text = caddyfile(&args).map_err(|failure| failure.text()).unwrap();
            let mut sources = Sources::new();
            let file = sources.add("flags", text);
            let (tokens, found) = caddis_syntax::tokens(&mut sources, file, &|_| None);
            assert_eq!(found, []);
            assert!(tokens.iter().any(|token| token.text() == word), "{word}");
        }
        assert!(super::quoted(r"`\").is_err());
    }

    #[test]
    fn what_is_no_field_is_refused() {
        let args = ReverseProxyArgs {
            header_down: vec!["nothing".into()],
            ..ReverseProxyArgs::default()
        };
        assert!(caddyfile(&args).is_err());
    }
}
