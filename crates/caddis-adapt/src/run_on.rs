//! Options that stand behind another one on the same line: Caddy reads word after word.

use caddis_syntax::{Line, Token};

use crate::Result;

/// Reads the options of a line, each as if it had a line of its own.
///
/// `takes` says of options how many words they take; the last option has the block.
pub(crate) fn each(
    line: &Line,
    takes: &[(&str, usize)],
    options: &[&str],
    mut read: impl FnMut(&Line) -> Result<()>,
) -> Result<()> {
    let Some(mut next) = next_option(&line.words, takes, options) else {
        return read(line);
    };
    let mut words = line.words.as_slice();
    loop {
        read(&Line {
            words: words[..next].to_vec(),
            block: None,
        })?;
        words = &words[next..];
        match next_option(words, takes, options) {
            Some(further) => next = further,
            None => break,
        }
    }
    read(&Line {
        words: words.to_vec(),
        block: line.block.clone(),
    })
}

/// Where another option starts, behind the words that the first one takes.
fn next_option(words: &[Token], takes: &[(&str, usize)], options: &[&str]) -> Option<usize> {
    let name = words.first()?.text();
    let (_, arguments) = takes.iter().find(|(option, _)| *option == name)?;
    let next = arguments + 1;
    let is_option = options.contains(&words.get(next)?.text());
    is_option.then_some(next)
}
