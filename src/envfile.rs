//! The language of `--envfile`: `KEY=VALUE` lines, as Caddy reads them.
//!
//! Nothing is expanded. A value in quotes runs on until a line ends with the quote; text after `#` is cut from the
//! first line of every value, even within quotes.

/// The variables of a file, in the order of their lines; of two lines with one key the later one counts.
pub(crate) fn read(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut variables: Vec<(String, String)> = Vec::new();
    let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
    while let Some((number, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) = pair(line, number)?;
        let value = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                unquoted(value, line, quote, lines.by_ref().map(|(_, line)| line))
            }
            Some(_) | None => value.into(),
        };
        variables.retain(|(known, _)| known != key);
        variables.push((key.into(), value));
    }
    Ok(variables)
}

fn pair(line: &str, number: usize) -> Result<(&str, &str), String> {
    let Some((key, value)) = line.split_once('=') else {
        return Err(format!("line {number} is not `KEY=VALUE`"));
    };
    let key = key.strip_prefix("export ").unwrap_or(key);
    if key.is_empty() {
        return Err(format!("line {number} has no name before `=`"));
    }
    if key.contains(' ') {
        return Err(format!("line {number}: the name `{key}` contains a blank"));
    }
    if value.starts_with([' ', '\t']) {
        return Err(format!(
            "line {number} has a blank between `=` and the value"
        ));
    }
    let value = value
        .split_once('#')
        .map_or(value, |(value, _)| value.trim_end_matches([' ', '\t']));
    Ok((key, value))
}

/// The value without its quotes, and the lines that it runs on to.
fn unquoted<'a>(
    value: &str,
    first: &'a str,
    quote: char,
    mut more: impl Iterator<Item = &'a str>,
) -> String {
    let escaped = format!("\\{quote}");
    let plain = quote.to_string();
    let mut value = value.to_owned();
    let mut line = first.to_owned();
    while !line.ends_with(quote) || line.ends_with(&escaped) {
        value = value.replace(&escaped, &plain);
        let Some(next) = more.next() else { break };
        line = next.replace(&escaped, &plain);
        value.push('\n');
        value.push_str(&line);
    }
    let value = value.strip_prefix(quote).unwrap_or(&value);
    value.strip_suffix(quote).unwrap_or(value).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str)]) {
        let read = read(text).unwrap();
        let read: Vec<_> = read.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(read, expected);
    }

    fn refuses(text: &str, expected: &str) {
        assert_eq!(read(text).unwrap_err(), expected);
    }

    #[test]
    fn comments_blank_lines_and_export_are_passed_over() {
        check("# c\n\nexport A=1\n  B=2\r\n", &[("A", "1"), ("B", "2")]);
    }

    #[test]
    fn text_after_a_hash_is_cut_even_within_quotes() {
        check(
            "A=1 # x\nB=a#b\nC=\"q # z\"\n",
            &[("A", "1"), ("B", "a"), ("C", "q")],
        );
    }

    #[test]
    fn a_quoted_value_runs_on_over_lines() {
        check(
            "A=\"one\nline \\\" two\nend\"\nB='s'\n",
            &[("A", "one\nline \" two\nend"), ("B", "s")],
        );
    }

    #[test]
    fn an_escaped_quote_on_a_line_that_ends_the_value_stays_as_it_is() {
        check("A='it\\'s'", &[("A", "it\\'s")]);
    }

    #[test]
    fn a_value_may_contain_an_equals_sign_and_be_empty() {
        check("A=1=2\nB=\nC=\"\"\n", &[("A", "1=2"), ("B", ""), ("C", "")]);
    }

    #[test]
    fn the_later_of_two_lines_counts() {
        check("A=1\nA=2\n", &[("A", "2")]);
    }

    #[test]
    fn what_is_no_pair_is_refused_with_its_line() {
        refuses("A=1\nB", "line 2 is not `KEY=VALUE`");
        refuses("=1", "line 1 has no name before `=`");
        refuses("A B=1", "line 1: the name `A B` contains a blank");
        refuses("A= 1", "line 1 has a blank between `=` and the value");
    }
}
