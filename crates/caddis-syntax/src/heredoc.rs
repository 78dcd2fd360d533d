//! The text of a heredoc: what stands between its markers, without the indentation of the closing one.

use std::ops::Range;

/// What a heredoc holds, or what is wrong with it.
pub(crate) struct Heredoc {
    pub(crate) text: String,
    /// The white space before the closing marker; other text there is dropped.
    pub(crate) indent: Range<usize>,
    /// The lines, within the heredoc, that do not begin with the indentation.
    pub(crate) mismatched: Vec<Range<usize>>,
}

/// Reads `<<MARK`, its lines and the closing marker.
pub(crate) fn read(raw: &str) -> Heredoc {
    let start = raw.find('\n').map_or(raw.len(), |at| at + 1);
    let marker = marker(raw);
    let end = raw.len().saturating_sub(marker.len()).max(start);
    let last = raw
        .get(start..end)
        .and_then(|body| body.rfind('\n'))
        .map_or(start, |at| start + at + 1);
    let indent = raw.get(last..end).unwrap_or("");
    let mut text = String::new();
    let mut mismatched = Vec::new();
    let mut at = start;
    let body = raw.get(start..last).unwrap_or("");
    for line in body.split_inclusive('\n') {
        let content = line.strip_suffix('\n').unwrap_or(line);
        match content.strip_prefix(indent) {
            _ if matches!(content, "" | "\r") => text.push('\n'),
            Some(kept) => {
                text.extend(kept.chars().filter(|&char| char != '\r'));
                text.push('\n');
            }
            None => mismatched.push(at..at + content.len()),
        }
        at += line.len();
    }
    // The line end before the closing marker is not part of the text.
    text.pop();
    Heredoc {
        text,
        indent: last..end,
        mismatched,
    }
}

/// The marker in the first line of a heredoc, right or wrong.
pub(crate) fn marker(raw: &str) -> &str {
    let line = raw.lines().next().unwrap_or("");
    line.trim_start_matches("<<").trim_end_matches('\r')
}

#[cfg(test)]
mod tests {
    use super::read;

    fn check(raw: &str, expected: &str) {
        let heredoc = read(raw);
        assert_eq!(heredoc.text, expected);
        assert!(heredoc.mismatched.is_empty());
    }

    #[test]
    fn the_indentation_of_the_closing_marker_is_taken_away() {
        check("<<E\n\ta\n\t\tb\n\n\tE", "a\n\tb\n");
        check("<<E\r\n  a\r\n  E", "a");
        check("<<E\nE", "");
        check("<<E\n\nE", "");
    }

    #[test]
    fn lines_with_another_indentation_are_found() {
        let heredoc = read("<<E\n\ta\nb\n\tE");
        assert_eq!(heredoc.mismatched.first(), Some(&(7..8)));
    }

    #[test]
    fn text_before_the_closing_marker_is_no_indentation() {
        let raw = "<<E\nlost E";
        let heredoc = read(raw);
        assert_eq!(heredoc.text, "");
        assert_eq!(&raw[heredoc.indent], "lost ");
    }
}
