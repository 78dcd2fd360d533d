//! `basic_auth`: ask for a name and a password.

use caddis_ir::{
    Account, Authentication, AuthenticationProviders, Handler, Hash, HashCache, HttpBasic,
};
use caddis_source::{Code, Diagnostic};
use caddis_syntax::Line;

use crate::{Args, Directive, Lower, Result, Scope, Token};

pub(super) const DIRECTIVE: Directive = Directive {
    name: "basic_auth",
    old_names: &["basicauth"],
    summary: "Ask for a name and a password.",
    syntax: "basic_auth [<matcher>] [bcrypt | argon2id [<realm>]] { <name> <hash> }",
    subdirectives: &[],
    examples: &[
        "basic_auth {\n\talice $2a$14$Zkx19XLiW6VYouLHR5NmfOFU0z2GTNmpkT/5qqR7hx4IjWJPDhjvG\n}",
    ],
    lower: Lower::Handler(lower),
};

const UNKNOWN_HASH: Code = Code("basic_auth/unknown-hash");
const NO_PASSWORD: Code = Code("basic_auth/no-password");
const NO_USERS: Code = Code("basic_auth/no-users");
const NOT_A_HASH: Code = Code("basic_auth/not-a-hash");

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Handler> {
    let hash = args.optional().map_or(Ok(Hash::Bcrypt {}), hash)?;
    let realm = args.optional().map_or("", Token::text);
    args.no_more()?;
    let mut accounts = Vec::new();
    for line in args.options() {
        accounts.push(account(line, hash, scope)?);
    }
    if accounts.is_empty() {
        scope.report(no_users(args));
    }
    let http_basic = HttpBasic {
        hash: Some(hash),
        accounts,
        realm: realm.into(),
        hash_cache: Some(HashCache {}),
    };
    Ok(Handler::Authentication(Authentication {
        providers: AuthenticationProviders {
            http_basic: Some(http_basic),
        },
    }))
}

fn hash(name: &Token) -> Result<Hash> {
    match name.text() {
        "bcrypt" => Ok(Hash::Bcrypt {}),
        "argon2id" => Ok(Hash::Argon2id {}),
        other => Err(name
            .error(
                UNKNOWN_HASH,
                format!("`{other}` is not a way to hash passwords"),
            )
            .label("expected `bcrypt` or `argon2id`")
            .help(format!(
                "for a realm, write `basic_auth bcrypt \"{other}\" {{`"
            ))),
    }
}

fn account(line: &Line, kind: Hash, scope: &mut Scope<'_>) -> Result<Account> {
    let name = line.name();
    let mut args = Args::new(line, "<name> <hash>");
    let hash = args.optional();
    let Some(hash) = hash.filter(|hash| !hash.text().is_empty() && !name.text().is_empty()) else {
        return Err(Diagnostic::error(
            NO_PASSWORD,
            line.span(),
            "a user needs a name and the hash of a password",
        )
        .help("run `caddis hash-password` for the hash"));
    };
    args.finish()?;
    if !may_be_hash(kind, hash.text()) {
        scope.report(not_a_hash(kind, name, hash));
    }
    Ok(Account {
        username: name.text().into(),
        password: hash.text().into(),
    })
}

/// A hash of this kind, or a placeholder that may become one.
fn may_be_hash(kind: Hash, text: &str) -> bool {
    let is_hash = match kind {
        Hash::Argon2id {} => text.starts_with("$argon2id$") && text.matches('$').count() == 5,
        Hash::Bcrypt {} => is_bcrypt(text) || is_base64_of_bcrypt(text),
    };
    is_hash || text.contains('{')
}

/// `$2a$14$`, then 22 letters of salt and 31 of hash; only the first 60 letters count.
fn is_bcrypt(text: &str) -> bool {
    const HASH_LENGTH: usize = 53;
    let mut parts = text.splitn(4, '$');
    let ("", Some(version), Some(cost), Some(rest)) = (
        parts.next().unwrap_or_default(),
        parts.next(),
        parts.next(),
        parts.next(),
    ) else {
        return false;
    };
    let letters = rest
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/'));
    matches!(version, "2" | "2a" | "2b" | "2x" | "2y")
        && cost.len() == 2
        && cost.parse().is_ok_and(|cost: u8| (4..=31).contains(&cost))
        && letters.count() >= HASH_LENGTH
}

/// Base64 of `$2` begins with `JDJ`: older versions of Caddy wrote hashes so, and 2.11 still reads them.
fn is_base64_of_bcrypt(text: &str) -> bool {
    const LENGTH: usize = 80;
    text.starts_with("JDJ") && text.len() >= LENGTH
}

/// Does not repeat the text, which may be the password itself.
fn not_a_hash(kind: Hash, name: &Token, hash: &Token) -> Diagnostic {
    let kind = match kind {
        Hash::Argon2id {} => "an Argon2id hash",
        Hash::Bcrypt {} => "a bcrypt hash",
    };
    let message = format!("the password of `{}` is not {kind}", name.text());
    hash.warning(NOT_A_HASH, message)
        .label("no password fits this")
        .help("run `caddis hash-password`, and write what it prints here")
}

fn no_users(args: &Args<'_>) -> Diagnostic {
    Diagnostic::warning(NO_USERS, args.span(), "nobody can log in here")
        .label("no users")
        .help("write a line with a name and the hash of a password: run `caddis hash-password`")
}

#[cfg(test)]
mod tests {
    use caddis_ir::Hash;

    use super::may_be_hash;

    #[test]
    fn the_placeholder_of_a_guide_is_no_hash() {
        for hash in [
            "$2a$14$Zkx19XLiW6VYouLHR5NmfOFU0z2GTNmpkT/5qqR7hx4IjWJPDhjvG",
            "$2y$10$Zkx19XLiW6VYouLHR5NmfOFU0z2GTNmpkT/5qqR7hx4IjWJPDhjvG",
            "JDJhJDE0JFpreDE5WExpVzZWWW91TEhSNU5tZk9GVTB6MkdUTm1wa1QvNXFxUjdoeDRJaldKUERoanZH",
            "{env.HASH}",
        ] {
            assert!(may_be_hash(Hash::Bcrypt {}, hash), "{hash}");
        }
        for text in [
            "$2a$14$HASH_HERE",
            "secret",
            "",
            "$2a$14$",
            "$2a$99$Zkx19XLiW6VYouLHR5NmfOFU0z2GTNmpkT/5qqR7hx4IjWJPDhjvG",
            "$3a$14$Zkx19XLiW6VYouLHR5NmfOFU0z2GTNmpkT/5qqR7hx4IjWJPDhjvG",
            "JDJhJDE0",
        ] {
            assert!(!may_be_hash(Hash::Bcrypt {}, text), "{text}");
        }
    }

    #[test]
    fn a_hash_of_argon2id_has_five_fields() {
        let is_hash = |text: &str| may_be_hash(Hash::Argon2id {}, text);
        let salt_and_hash = "P2nzckEdTZ3bxCiBCkRTyA$xQL3Z32eo5jKl7u5tcIsnEKObYiyNZQQf5/4sAau6Pg";
        assert!(is_hash(&format!(
            "$argon2id$v=19$m=47104,t=1,p=1${salt_and_hash}"
        )));
        assert!(!is_hash(&format!(
            "$argon2i$v=19$m=47104,t=1,p=1${salt_and_hash}"
        )));
        assert!(!is_hash("$argon2id$v=19$HASH_HERE"));
    }
}
