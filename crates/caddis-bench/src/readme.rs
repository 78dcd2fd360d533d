//! The README's tables, between their marks.

use crate::Failure;
use crate::programs::root;

const START: &str = "<!-- printed by caddis-bench -->\n";
const END: &str = "<!-- /printed by caddis-bench -->";

/// Puts other tables in place of those that are there.
pub(crate) fn overwrite(tables: &str) -> Result<(), Failure> {
    let path = root().join("README.md");
    let text = std::fs::read_to_string(&path)?;
    let text = replaced(&text, tables).ok_or("the README has no marks for the tables")?;
    Ok(std::fs::write(&path, text)?)
}

fn replaced(text: &str, tables: &str) -> Option<String> {
    let (before, rest) = text.split_once(START)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{START}\n{tables}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_is_replaced() {
        let text = format!("a\n{START}old\n{END}\nb\n");
        let expected = format!("a\n{START}\nnew\n\n{END}\nb\n");
        assert_eq!(replaced(&text, "new\n").unwrap(), expected);
        assert_eq!(replaced("a", "new\n"), None);
    }

    #[test]
    fn the_readme_has_the_marks() {
        let text = std::fs::read_to_string(root().join("README.md")).unwrap();
        assert!(replaced(&text, "").is_some());
    }
}
