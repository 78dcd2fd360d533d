//! `caddis fmt`: a Caddyfile with its white space put in order.

use std::io::{self, Read};

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::cli::FmtArgs;
use crate::report::{Failure, Io, Outcome};
use crate::text;

/// Prints the result, the changes, or nothing where the file itself is changed.
///
/// The exit code is 1 for a file that is not in order; standard input may be in any.
pub(crate) fn run(args: &FmtArgs, io: &Io) -> Result<Outcome, Failure> {
    let name = name(args)?;
    let text = read(name)?;
    let formatted = caddis_syntax::format(&text);
    if name == "-" {
        io.print(&formatted)?;
        return Ok(Outcome::SUCCESS);
    }
    if args.overwrite {
        return overwrite(name, &text, &formatted);
    }
    if args.diff {
        io.print(&diff(&text, &formatted))?;
    } else {
        io.print(&formatted)?;
    }
    match first_difference(&text, &formatted) {
        None => Ok(Outcome::SUCCESS),
        Some(line) => {
            Err(
                Failure::message(format!("{name}:{line}: Caddyfile input is not formatted")).help(
                    format!("`{} fmt --overwrite` changes the file itself", io.name),
                ),
            )
        }
    }
}

fn name(args: &FmtArgs) -> Result<&str, Failure> {
    let names: Vec<&str> = (args.config.iter().chain(&args.files))
        .map(String::as_str)
        .collect();
    match names.as_slice() {
        [] => Ok("Caddyfile"),
        [name] => Ok(name),
        [_, _, ..] => Err(Failure::message(format!(
            "fmt does not support multiple files: {}",
            names.join(" ")
        ))),
    }
}

fn read(name: &str) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = match name {
        "-" => io::stdin().read_to_end(&mut bytes).map(drop),
        file => std::fs::read(file).map(|read| bytes = read),
    };
    read.map_err(|error| Failure::message(format!("reading input file: {name}: {error}")))?;
    text::utf8(bytes, name)
}

fn overwrite(name: &str, text: &str, formatted: &str) -> Result<Outcome, Failure> {
    if text != formatted {
        std::fs::write(name, formatted).map_err(|error| {
            Failure::message(format!("writing formatted file: {name}: {error}"))
        })?;
    }
    Ok(Outcome::SUCCESS)
}

/// The first line that is not in order; line ends may be those of Windows.
fn first_difference(text: &str, formatted: &str) -> Option<usize> {
    let text = text.replace("\r\n", "\n");
    if text == formatted {
        return None;
    }
    let same = (text.split('\n').zip(formatted.split('\n'))).take_while(|(a, b)| a == b);
    Some(same.count().min(text.split('\n').count() - 1) + 1)
}

/// Every line, marked with `- ` where it goes and `+ ` where it comes.
fn diff(text: &str, formatted: &str) -> String {
    let old: Vec<&str> = text.split('\n').collect();
    let new: Vec<&str> = formatted.split('\n').collect();
    let mut marked = String::new();
    for operation in capture_diff_slices(Algorithm::Myers, &old, &new) {
        let (before, after) = (
            old.get(operation.old_range()).unwrap_or_default(),
            new.get(operation.new_range()).unwrap_or_default(),
        );
        let groups = match operation {
            DiffOp::Equal { .. } => [("  ", before), ("", &[][..])],
            DiffOp::Delete { .. } | DiffOp::Insert { .. } | DiffOp::Replace { .. } => {
                [("- ", before), ("+ ", after)]
            }
        };
        for (mark, lines) in groups {
            for line in lines {
                marked.push_str(mark);
                marked.push_str(line);
                marked.push('\n');
            }
        }
    }
    marked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_shows_every_line() {
        let marked = diff(":80 {\nrespond hi\n}\n", ":80 {\n\trespond hi\n}\n");
        assert_eq!(marked, "  :80 {\n- respond hi\n+ \trespond hi\n  }\n  \n");
    }

    #[test]
    fn the_first_line_out_of_order_is_named() {
        assert_eq!(first_difference("a\nb\n", "a\n\tb\n"), Some(2));
        assert_eq!(first_difference("a", "a\n"), Some(1));
        assert_eq!(first_difference("a\r\nb\r\n", "a\nb\n"), None);
    }
}
