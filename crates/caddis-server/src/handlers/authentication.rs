//! `authentication`: ask who is there, by a name and a password (RFC 7617).

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use caddis_ir::{Authentication, Hash, HttpBasic, Path};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use zeroize::Zeroizing;

use crate::builder::Builder;
use crate::environment::CheckPassword;
use crate::node::{Answer, Erased};
use crate::password_hash::{self, Cost, Unusable, nobodys};
use crate::passwords::{Busy, Passwords};
use crate::{Context, HandlerError, Node, Request};

/// The prepared question.
struct Basic {
    accounts: HashMap<Box<str>, Account>,
    /// Checked in place of a hash that is not there, so that the time tells nothing of which names there are.
    nobodys_hash: Arc<str>,
    challenge: HeaderValue,
    passwords: Arc<Passwords>,
    instant: Option<Arc<CheckPassword>>,
    next: Node,
}

/// Someone who may come in.
struct Account {
    hash: Arc<str>,
    /// Unless there is one, nobody has this hash.
    cost: Option<Cost>,
}

/// Who a client says it is.
struct Credentials {
    user: String,
    password: Zeroizing<Vec<u8>>,
}

/// Prepares the question.
pub(crate) fn build(
    config: &Authentication,
    at: &Path,
    builder: &mut Builder<'_>,
    next: Node,
) -> Node {
    let at = at.key("providers");
    let Some(basic) = &config.providers.http_basic else {
        builder.error(
            &at,
            "`authentication` has no provider, and would let nobody in",
        );
        return next;
    };
    let at = at.key("http_basic");
    let accounts = accounts(basic, &at.key("accounts"), builder);
    let costs = accounts.values().filter_map(|account| account.cost);
    let nobodys_hash = Arc::from(nobodys(algorithm(basic), costs));
    let realm = match basic.realm.as_str() {
        "" => "restricted",
        realm => realm,
    };
    let challenge = HeaderValue::from_str(&format!("Basic realm=\"{realm}\""));
    let challenge = challenge.unwrap_or_else(|_| {
        let message = format!("`{}` cannot stand in a header", realm.escape_debug());
        builder.error(&at.key("realm"), message);
        HeaderValue::from_static("Basic")
    });
    Node::erased(Basic {
        nobodys_hash,
        accounts,
        challenge,
        passwords: builder.passwords(),
        instant: builder.environment.passwords.clone(),
        next,
    })
}

fn accounts(
    config: &HttpBasic,
    at: &Path,
    builder: &mut Builder<'_>,
) -> HashMap<Box<str>, Account> {
    let mut accounts = HashMap::new();
    for (index, caddis_ir::Account { username, password }) in config.accounts.iter().enumerate() {
        let at = at.index(index);
        let mut constant = |text: &str, key: &str| {
            let template = builder.template(text, &at.key(key));
            template.constant().unwrap_or_default().to_owned()
        };
        let (user, hash) = (
            constant(username, "username"),
            constant(password, "password"),
        );
        if user.is_empty() || hash.is_empty() {
            builder.error(&at, "an account needs a name and the hash of a password");
            continue;
        }
        let Some(hash) = modular_form(hash) else {
            let message = format!("the password of `{user}` is not a hash");
            builder.error_with_help(&at.key("password"), message, "run `caddis hash-password`");
            continue;
        };
        let cost = password_hash::cost(algorithm(config), &hash);
        if cost == Err(Unusable::TooCostly) {
            let message = format!("the hash of `{user}` would cost too much to check");
            builder.error_with_help(&at.key("password"), message, "use up to 1 GiB of memory");
        }
        let account = Account {
            hash: Arc::from(hash),
            cost: cost.ok(),
        };
        let message = format!("the account `{user}` is there already");
        if accounts.insert(user.into(), account).is_some() {
            builder.error(&at.key("username"), message);
        }
    }
    accounts
}

fn algorithm(config: &HttpBasic) -> Hash {
    config.hash.unwrap_or(Hash::Bcrypt {})
}

/// The hash itself; what does not begin as one is taken for one in base64, as older configs have it.
fn modular_form(hash: String) -> Option<String> {
    if hash.starts_with('$') {
        return Some(hash);
    }
    String::from_utf8(STANDARD.decode(hash).ok()?).ok()
}

impl Erased for Basic {
    fn run(&self, request: Request) -> Answer<'_> {
        let Some(credentials) = Credentials::of(request.headers()) else {
            return Answer::ready(Err(self.refusal(&request)));
        };
        let hash = self.hash(&credentials.user);
        match self.at_once(hash, &credentials) {
            Some(true) => self.let_in(credentials.user, request),
            Some(false) => Answer::ready(Err(self.refusal(&request))),
            None => Answer::waiting(async move {
                let Credentials { user, password } = credentials;
                let client = Context::of(&request).client_ip();
                let checked = self.passwords.check(client, (&user, hash), password);
                match checked.await {
                    Ok(true) => self.let_in(user, request).await,
                    Ok(false) => Err(self.refusal(&request)),
                    Err(Busy) => Err(HandlerError::status(StatusCode::SERVICE_UNAVAILABLE)
                        .because("too many passwords are being checked")),
                }
            }),
        }
    }
}

impl Basic {
    /// The hash that decides about a user.
    fn hash(&self, user: &str) -> &Arc<str> {
        let account = self.accounts.get(user);
        account
            .filter(|account| account.cost.is_some())
            .map_or(&self.nobodys_hash, |account| &account.hash)
    }

    fn at_once(&self, hash: &Arc<str>, credentials: &Credentials) -> Option<bool> {
        let Credentials { user, password } = credentials;
        if self.accounts.is_empty() {
            return Some(false);
        }
        if let Some(instant) = &self.instant
            && let Ok(password) = std::str::from_utf8(password)
            && let Some(answer) = instant(user, password)
        {
            return Some(answer && self.accounts.contains_key(user.as_str()));
        }
        self.passwords.remembered(user, hash, password)
    }

    fn let_in(&self, user: String, request: Request) -> Answer<'_> {
        Context::of(&request).notes().user = Some(user);
        self.next.answer(request)
    }

    fn refusal(&self, request: &Request) -> HandlerError {
        let mut notes = Context::of(request).notes();
        let challenge = self.challenge.clone();
        notes
            .response_headers()
            .insert(header::WWW_AUTHENTICATE, challenge);
        HandlerError::status(StatusCode::UNAUTHORIZED).because("not authenticated")
    }
}

impl Credentials {
    /// Reads the first `Authorization`, as Go does it: the scheme in any case, one space, base64 with its padding.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let field = headers.get(header::AUTHORIZATION)?.as_bytes();
        let (scheme, encoded) = field.split_at_checked("Basic ".len())?;
        if !scheme.eq_ignore_ascii_case(b"Basic ") {
            return None;
        }
        let decoded = Zeroizing::new(STANDARD.decode(encoded).ok()?);
        let colon = memchr::memchr(b':', &decoded)?;
        let (user, password) = decoded.split_at_checked(colon)?;
        Some(Self {
            user: String::from_utf8(user.to_vec()).ok()?,
            password: Zeroizing::new(password.get(1..)?.to_vec()),
        })
    }
}
