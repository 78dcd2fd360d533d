//! Functions of semantic versions.

use semver::{BuildMetadata, Comparator, Prerelease, Version, VersionReq};

use crate::args::{Function, exactly};
use crate::object::no_arguments;
use crate::{Args, Error, Object, Result, Value};

pub(super) fn find(name: &str) -> Option<Function> {
    match name {
        "semver" => exactly(1, |args, _| {
            let original = args.text(0)?.to_string();
            let version = version(&original)?;
            Ok(Value::object(Semver { version, original }))
        }),
        "semverCompare" => exactly(2, |args, _| {
            let version = version(args.text(1)?)?;
            allows(args.text(0)?, &version).map(Value::Bool)
        }),
        _ => None,
    }
}

struct Semver {
    version: Version,
    original: String,
}

impl Object for Semver {
    fn type_name(&self) -> &'static str {
        "*semver.Version"
    }

    fn kind(&self) -> &'static str {
        "ptr"
    }

    fn member(&self, name: &str, args: &[Value]) -> Option<Result<Value>> {
        let number = |number: u64| Value::Int64(i64::try_from(number).unwrap_or(i64::MAX));
        let value = match name {
            "Major" => number(self.version.major),
            "Minor" => number(self.version.minor),
            "Patch" => number(self.version.patch),
            "Prerelease" => self.version.pre.as_str().into(),
            "Metadata" => self.version.build.as_str().into(),
            "Original" => self.original.as_str().into(),
            "String" => self.printed().into(),
            "Compare" => return Some(compared(&self.version, &Args(args))),
            _ => return None,
        };
        Some(no_arguments(name, args).map(|()| value))
    }

    fn printed(&self) -> String {
        self.version.to_string()
    }
}

fn compared(own: &Version, args: &Args<'_>) -> Result<Value> {
    let Value::Object(other) = args.any(0) else {
        return Err(crate::args::wrong("*semver.Version", args.any(0)));
    };
    let other = version(&other.printed())?;
    Ok(Value::Int(own.cmp_precedence(&other) as i64))
}

/// A version; what is missing behind its first number is 0, and a `v` may stand before it.
fn version(text: &str) -> Result<Version> {
    let invalid = || Error::new("invalid semantic version");
    let bare = text.strip_prefix('v').unwrap_or(text);
    let (bare, build) = bare.split_once('+').unwrap_or((bare, ""));
    let (numbers, pre) = bare.split_once('-').unwrap_or((bare, ""));
    let mut parts = [0; 3];
    let given: Vec<_> = numbers.split('.').collect();
    if given.len() > parts.len() {
        return Err(invalid());
    }
    for (part, text) in parts.iter_mut().zip(given) {
        *part = text.parse().map_err(|_| invalid())?;
    }
    let [major, minor, patch] = parts;
    Ok(Version {
        major,
        minor,
        patch,
        pre: Prerelease::new(pre).map_err(|_| invalid())?,
        build: BuildMetadata::new(build).map_err(|_| invalid())?,
    })
}

/// Whether a constraint such as `>=1.2 <2 || ~3.1` allows a version.
fn allows(constraint: &str, version: &Version) -> Result<bool> {
    for alternative in constraint.split("||") {
        if all_allow(alternative, version)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn all_allow(text: &str, version: &Version) -> Result<bool> {
    if let Some((from, to)) = text.split_once(" - ") {
        return Ok(one(&format!(">={}", from.trim()), version)?
            && one(&format!("<={}", to.trim()), version)?);
    }
    let mut spaced = String::new();
    for letter in text.trim().chars() {
        // An operator may stand apart from its version.
        if letter == ' ' && spaced.ends_with(['<', '>', '=', '!', '~', '^']) {
            continue;
        }
        spaced.push(letter);
    }
    let mut parts = spaced.split([' ', ',']).filter(|part| !part.is_empty());
    parts.try_fold(true, |is, part| Ok(is && one(part, version)?))
}

fn one(text: &str, version: &Version) -> Result<bool> {
    let text = text.replacen("=>", ">=", 1).replacen("=<", "<=", 1);
    if let Some(rest) = text.strip_prefix("!=") {
        return one(&format!("={rest}"), version).map(|is| !is);
    }
    let is_bare = text.starts_with(|letter: char| letter.is_ascii_digit() || letter == 'v');
    let operator = text.find(|letter: char| letter.is_ascii_alphanumeric() || letter == '*');
    let (operator, number) = text.split_at(operator.unwrap_or(text.len()));
    let number = number
        .strip_prefix('v')
        .unwrap_or(number)
        .replace(['x', 'X'], "*");
    let operator = if is_bare { "=" } else { operator };
    let written = if number.starts_with('*') {
        "*".into()
    } else {
        format!("{operator}{number}")
    };
    let parsed = VersionReq::parse(&written)
        .map_err(|_| Error::new(format!("improper constraint: {text}")))?;
    let has_pre = |one: &Comparator| !one.pre.is_empty();
    if !version.pre.is_empty() && !parsed.comparators.iter().any(has_pre) {
        return Ok(false);
    }
    Ok(parsed.matches(version))
}
