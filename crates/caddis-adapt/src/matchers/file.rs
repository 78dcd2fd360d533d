//! `file`: requests for files that are there.

use caddis_ir::{FileMatch, MatcherSet, Path};
use caddis_syntax::Line;

use crate::{Args, Matcher, Result, Scope, Token, run_on};

const OPTIONS: &[&str] = &["root", "split_path", "try_files", "try_policy"];

/// How many words an option takes, where another one may follow.
const TAKES: &[(&str, usize)] = &[("root", 1), ("try_policy", 1)];

pub(super) const MATCHER: Matcher = Matcher {
    name: "file",
    summary: "Requests for files that are there; the first that is found becomes `{file_match.relative}`.",
    syntax: "file [<file>...] [{ <option>... }]",
    subdirectives: OPTIONS,
    examples: &[
        "file",
        "file {path} {path}.html",
        "file {\n\troot /srv\n\ttry_files {path} /index.html\n}",
    ],
    lower,
};

fn lower(args: &mut Args<'_>, set: &mut MatcherSet, scope: &mut Scope<'_>) -> Result<()> {
    let file = set.file.get_or_insert_default();
    file.try_files.extend(texts(args.rest()));
    for line in run_on::lines(args.options(), TAKES, OPTIONS).iter() {
        let at = Path::root().key("file").key(line.name().text());
        scope.origin(&at, line.span());
        option(line, args, file)?;
    }
    Ok(())
}

fn option(line: &Line, args: &Args<'_>, file: &mut FileMatch) -> Result<()> {
    match line.name().text() {
        "root" => {
            let folder = Args::new(line, "root <folder>").only("a folder")?;
            file.root = folder.text().into();
        }
        "split_path" => {
            let mut own = Args::new(line, "split_path <ending>...");
            file.split_path = texts(own.at_least_one("an ending such as `.php`")?).collect();
            own.finish()?;
        }
        "try_files" => {
            let mut own = Args::new(line, "try_files <file>...");
            // Caddy looks at the whole list, and so forgives an empty line after a full one.
            if file.try_files.is_empty() {
                own.at_least_one("a file")?;
                own = Args::new(line, "try_files <file>...");
            }
            file.try_files.extend(texts(own.rest()));
            own.finish()?;
        }
        "try_policy" => {
            let policy = Args::new(line, "try_policy <policy>").only("a policy")?;
            file.try_policy = policy.text().into();
        }
        _ => return Err(args.unknown(line.name(), OPTIONS)),
    }
    Ok(())
}

fn texts(words: &[Token]) -> impl Iterator<Item = String> + '_ {
    words.iter().map(|word| word.text().into())
}
