//! Tests of `authentication` through a server in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use caddis_ir::{
    Account, Authentication, AuthenticationProviders, Handler, Hash, HttpBasic, Server,
    StaticResponse,
};

use crate::testing::{Served, environment, errors_of, route, serve_in, serve_routes};

fn basic(accounts: &[(&str, &str)]) -> Handler {
    let account = |(username, password): &(&str, &str)| Account {
        username: (*username).into(),
        password: (*password).into(),
    };
    Handler::Authentication(Authentication {
        providers: AuthenticationProviders {
            http_basic: Some(HttpBasic {
                accounts: accounts.iter().map(account).collect(),
                ..HttpBasic::default()
            }),
        },
    })
}

fn guarded(accounts: &[(&str, &str)]) -> Served {
    let hello = StaticResponse::default().body("hello {http.auth.user.id}");
    serve_routes(vec![route(None, vec![basic(accounts), hello.into()])])
}

fn bobs(password: &str) -> Served {
    guarded(&[("bob", &bcrypt::hash(password, 4).unwrap())])
}

fn login(credentials: impl AsRef<[u8]>) -> String {
    format!("Basic {}", STANDARD.encode(credentials))
}

async fn status(server: &Served, authorization: &str) -> u16 {
    let answer = server
        .get_with("/", &[("authorization", authorization)])
        .await;
    answer.status.as_u16()
}

#[tokio::test]
async fn the_right_password_lets_in_and_the_user_is_known() {
    let server = bobs("pw");
    for _ in 0..2 {
        let answer = server
            .get_with("/", &[("authorization", &login("bob:pw"))])
            .await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "hello bob"));
    }
}

#[tokio::test]
async fn a_password_that_was_checked_is_remembered_by_the_next_config() {
    let hash = bcrypt::hash("pw", 4).unwrap();
    let server = guarded(&[("bob", &hash)]);
    assert_eq!(status(&server, &login("bob:pw")).await, 200);
    let (config, lasting) = (server.app().config(), server.app().lasting());
    let next = crate::build::build_with(config, &environment(), &lasting).unwrap();
    let remembered = |user| next.lasting().passwords.remembered(user, &hash, b"pw");
    assert_eq!((remembered("bob"), remembered("eve")), (Some(true), None));
}

#[tokio::test]
async fn without_credentials_the_client_is_asked_for_them() {
    let answer = bobs("pw").get("/").await;
    assert_eq!(answer.status, 401);
    assert_eq!(
        answer.field("www-authenticate"),
        ["Basic realm=\"restricted\""]
    );
    assert_eq!(answer.text(), "");
}

/// Each of these was seen to be refused by Caddy 2.11.4.
#[tokio::test]
async fn what_is_no_right_login_is_refused_as_in_caddy() {
    let server = bobs("pw");
    let wrong = [
        login("bob:no"),
        login("bob:"),
        login("bob"),
        login("nobody:pw"),
        login("bob:pw\0"),
        login("bob:pw\0x"),
        login([b'x'; 300]),
        "Bearer x".to_owned(),
        "Basic !!!".to_owned(),
        "Basic".to_owned(),
        format!("Basic  {}", STANDARD.encode("bob:pw")),
        login("bob:pwx").trim_end_matches('=').to_owned(),
    ];
    for authorization in wrong {
        assert_eq!(
            status(&server, &authorization).await,
            401,
            "{authorization}"
        );
    }
    assert_eq!(
        status(&server, &login("bob:pw").replace("Basic", "bAsIc")).await,
        200
    );
}

#[tokio::test]
async fn only_the_first_authorization_counts() {
    let login = login("bob:pw");
    let fields = [
        ("authorization", "Bearer x"),
        ("authorization", login.as_str()),
    ];
    assert_eq!(bobs("pw").get_with("/", &fields).await.status, 401);
}

/// As in Caddy: bcrypt has never looked at more than 72 bytes.
#[tokio::test]
async fn a_password_counts_up_to_its_seventy_second_byte() {
    let server = bobs(&"x".repeat(72));
    assert_eq!(
        status(&server, &login(format!("bob:{}", "x".repeat(73)))).await,
        200
    );
    assert_eq!(
        status(&server, &login(format!("bob:{}", "x".repeat(71)))).await,
        401
    );
}

#[tokio::test]
async fn hashes_of_every_bcrypt_version_and_in_base64_are_taken() {
    let hash = bcrypt::hash("pw", 4).unwrap();
    for version in ["$2a$", "$2b$", "$2y$", "$2x$"] {
        let hash = hash.replace("$2b$", version);
        let server = guarded(&[("bob", &hash)]);
        assert_eq!(status(&server, &login("bob:pw")).await, 200, "{version}");
        let server = guarded(&[("bob", &STANDARD.encode(hash))]);
        assert_eq!(status(&server, &login("bob:pw")).await, 200, "{version}");
    }
}

#[tokio::test]
async fn a_hash_that_is_none_lets_nobody_in() {
    let hash = bcrypt::hash("pw", 4).unwrap();
    let server = guarded(&[("bob", "$2a$14$HASH_HERE"), ("eve", &hash)]);
    for password in ["", "HASH_HERE", "$2a$14$HASH_HERE"] {
        assert_eq!(
            status(&server, &login(format!("bob:{password}"))).await,
            401
        );
    }
}

#[tokio::test]
async fn hashes_of_argon2id_let_in_where_the_config_says_so() {
    const HASH: &str =
        "$argon2id$v=19$m=4096,t=2,p=2$+2mDvopCsalpb3MUXSYh7Q$tToPND1QFB5lJExA/8mtsQ";
    let bcrypt = bcrypt::hash("hunter2", 4).unwrap();
    let guarded = |hash| {
        let Handler::Authentication(mut config) = basic(&[
            ("bob", HASH),
            ("eve", &STANDARD.encode(HASH)),
            ("old", &bcrypt),
        ]) else {
            unreachable!()
        };
        let basic = config.providers.http_basic.as_mut().unwrap();
        basic.hash = hash;
        let hello = StaticResponse::default().body("hello");
        let config = Handler::Authentication(config);
        serve_routes(vec![route(None, vec![config, hello.into()])])
    };
    let (argon2id, bcrypt) = (guarded(Some(Hash::Argon2id {})), guarded(None));
    for (user, by_argon2id, by_bcrypt) in [
        ("bob", 200, 401),
        ("eve", 200, 401),
        ("old", 401, 200),
        ("nobody", 401, 401),
    ] {
        let right = login(format!("{user}:hunter2"));
        assert_eq!(status(&argon2id, &right).await, by_argon2id, "{user}");
        assert_eq!(status(&bcrypt, &right).await, by_bcrypt, "{user}");
        let wrong = login(format!("{user}:hunter3"));
        assert_eq!(status(&argon2id, &wrong).await, 401, "{user}");
    }
}

#[test]
fn a_hash_that_would_cost_too_much_is_refused() {
    let hash = "$argon2id$v=19$m=4194304,t=1,p=1$+2mDvopCsalpb3MUXSYh7Q$tToPND1QFB5lJExA/8mtsQ";
    let Handler::Authentication(mut config) = basic(&[("bob", hash)]) else {
        unreachable!()
    };
    config.providers.http_basic.as_mut().unwrap().hash = Some(Hash::Argon2id {});
    assert_eq!(
        errors_of(Handler::Authentication(config)),
        [
            "handle/0/providers/http_basic/accounts/0/password: the hash of `bob` would cost too much to check"
        ]
    );
}

#[tokio::test]
async fn many_who_ask_the_same_wait_for_one_check() {
    let server = Arc::new(guarded(&[("bob", &bcrypt::hash("pw", 10).unwrap())]));
    let started = std::time::Instant::now();
    let first = status(&server, &login("bob:pw")).await;
    let one_check = started.elapsed();
    let wrong = login("bob:no");
    let started = std::time::Instant::now();
    let all = (0..200).map(|_| status(&server, &wrong));
    let all = futures_util::future::join_all(all).await;
    assert_eq!((first, all), (200, vec![401; 200]));
    assert!(
        started.elapsed() < one_check * 20,
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn more_checks_than_may_wait_are_turned_away() {
    let server = guarded(&[("bob", &bcrypt::hash("pw", 6).unwrap())]);
    let logins: Vec<String> = (0..400)
        .map(|index| login(format!("bob:{index}")))
        .collect();
    let all = logins.iter().map(|login| status(&server, login));
    let mut counts = BTreeMap::new();
    for status in futures_util::future::join_all(all).await {
        *counts.entry(status).or_insert(0) += 1;
    }
    assert_eq!(counts.keys().collect::<Vec<_>>(), [&401, &503]);
    assert!(
        counts[&401] >= crate::password_line::MAX_WAITING,
        "{counts:?}"
    );
    assert_eq!(status(&server, &login("bob:pw")).await, 200);
}

#[tokio::test]
async fn tests_may_say_at_once_whether_a_password_is_right() {
    let mut environment = environment();
    environment.passwords = Some(Arc::new(|user, password| {
        (user == "bob").then_some(password == "instant")
    }));
    let hello = StaticResponse::default().body("hello");
    let accounts = basic(&[("bob", "$2a$14$HASH_HERE")]);
    let server = Server {
        routes: vec![route(None, vec![accounts, hello.into()])],
        ..Server::default()
    };
    let server = serve_in(server, &environment).unwrap();
    assert_eq!(status(&server, &login("bob:instant")).await, 200);
    assert_eq!(status(&server, &login("bob:other")).await, 401);
}

#[test]
fn accounts_that_caddy_refuses_are_refused() {
    let hash = bcrypt::hash("pw", 4).unwrap();
    let at = "handle/0/providers/http_basic/accounts";
    for (accounts, expected) in [
        (
            vec![("bob", "")],
            format!("{at}/0: an account needs a name and the hash of a password"),
        ),
        (
            vec![("", hash.as_str())],
            format!("{at}/0: an account needs a name and the hash of a password"),
        ),
        (
            vec![("bob", "plain")],
            format!("{at}/0/password: the password of `bob` is not a hash"),
        ),
        (
            vec![("bob", &hash), ("bob", &hash)],
            format!("{at}/1/username: the account `bob` is there already"),
        ),
    ] {
        assert_eq!(errors_of(basic(&accounts)), [expected]);
    }
}
