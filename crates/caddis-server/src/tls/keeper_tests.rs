//! The keeper with issuers that follow a script, on a clock that goes as fast as nothing happens.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use rustls::SignatureScheme::ECDSA_NISTP256_SHA256;
use serde_json::Value;
use time::OffsetDateTime;
use tokio::time::{Duration, Instant, sleep};

use super::issuer::{Cause, Issue, Issued, Issuing, Refusal, Wish};
use super::keeper::{Clock, Keeper, Prepared, Wanted};
use super::terms::Terms;
use super::validations::Validations;
use super::{Certificate, Certificates, Storage};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// What an issuer answers.
#[derive(Clone, Copy)]
enum Answer {
    /// A certificate that lasts as long.
    Lasting(Duration),
    /// A certificate that lasts as long, and has ended by our clock.
    Ended(Duration),
    No(Cause),
    /// It looks whether the name is ours, and it is not.
    NotYours,
    /// It takes its time, then gives a certificate.
    After(Duration),
}

/// Answers as it is told; the last answer again and again.
struct Script {
    folder: &'static str,
    answers: Mutex<VecDeque<Answer>>,
    begun: Instant,
    /// When it was asked, and for which name.
    asked: Mutex<Vec<(Duration, String)>>,
    /// When it looked in vain.
    in_vain: Mutex<Vec<Duration>>,
    validations: Arc<Validations>,
    at_work: Mutex<(usize, usize)>,
}

impl Script {
    fn new(folder: &'static str, answers: &[Answer]) -> Arc<Self> {
        Arc::new(Self {
            folder,
            answers: Mutex::new(answers.iter().copied().collect()),
            begun: Instant::now(),
            asked: Mutex::default(),
            in_vain: Mutex::default(),
            validations: Arc::default(),
            at_work: Mutex::default(),
        })
    }

    fn times(&self) -> Vec<u64> {
        let asked = self.asked.lock();
        asked.iter().map(|(at, _)| at.as_secs()).collect()
    }

    async fn answer(&self, wish: &Wish) -> Result<Issued, Refusal> {
        let now = self.begun.elapsed();
        self.asked.lock().push((now, wish.name.clone()));
        let answer = {
            let mut answers = self.answers.lock();
            match answers.len() {
                1 => answers[0],
                _ => answers.pop_front().unwrap(),
            }
        };
        match answer {
            Answer::Lasting(lifetime) => Ok(issued(wish, lifetime)),
            Answer::Ended(lifetime) => {
                let now = wish.now - lifetime * 2;
                Ok(issued(
                    &Wish {
                        now,
                        ..wish.clone()
                    },
                    lifetime,
                ))
            }
            Answer::No(cause) => Err(Refusal::new(cause, "no")),
            Answer::NotYours => {
                if let Err(wait) = self.validations.begin("ca", &wish.name) {
                    let until = wish.now + wait;
                    return Err(Refusal::new(Cause::TooOften(Some(until)), "enough"));
                }
                self.in_vain.lock().push(now);
                Err(Refusal::new(Cause::Validation, "not yours"))
            }
            Answer::After(time) => {
                {
                    let mut at_work = self.at_work.lock();
                    at_work.0 += 1;
                    at_work.1 = at_work.1.max(at_work.0);
                }
                sleep(time).await;
                self.at_work.lock().0 -= 1;
                Ok(issued(wish, DAY * 90))
            }
        }
    }
}

impl Issue for Script {
    fn folder(&self) -> &str {
        self.folder
    }

    fn stands_by(&self, _: &Certificate) -> bool {
        true
    }

    fn issue_at_once(&self, _: &Wish) -> Option<Result<Issued, Refusal>> {
        None
    }

    fn issue<'a>(&'a self, wish: &'a Wish) -> Issuing<'a> {
        Box::pin(self.answer(wish))
    }
}

fn issued(wish: &Wish, lifetime: Duration) -> Issued {
    let mut params = rcgen::CertificateParams::new(vec![wish.name.clone()]).unwrap();
    params.not_before = wish.now;
    params.not_after = wish.now + lifetime;
    let key = super::issue::key("p256").unwrap();
    Issued {
        chain: params.self_signed(&key).unwrap().pem(),
        key: super::issue::key_pem(&key),
        about: Value::Null,
    }
}

struct World {
    keeper: Keeper,
    folder: tempfile::TempDir,
    certificates: Arc<ArcSwap<Certificates>>,
}

impl World {
    fn new() -> Self {
        let clock = Clock::Virtual {
            begun: Instant::now(),
            // Certificates know whole seconds.
            at: OffsetDateTime::now_utc().replace_nanosecond(0).unwrap(),
        };
        Self {
            keeper: Keeper::with_clock(clock),
            folder: tempfile::tempdir().unwrap(),
            certificates: Arc::default(),
        }
    }

    /// Loads a config with these names. `settings` are those of its issuers.
    fn load(&mut self, names: &[&str], settings: &str, issuers: &[&Arc<Script>]) {
        let prepared = self.prepare(names, settings, issuers);
        self.keeper.adopt(prepared);
    }

    fn prepare(&mut self, names: &[&str], settings: &str, issuers: &[&Arc<Script>]) -> Prepared {
        let issuers: Vec<Arc<dyn Issue>> = issuers
            .iter()
            .map(|issuer| Arc::clone(issuer) as Arc<dyn Issue>)
            .collect();
        let wanted = names.iter().map(|name| Wanted {
            key: format!("{name} {settings}"),
            terms: Terms::default(),
            stapling: Arc::default(),
            wish: Wish::new((*name).to_owned(), String::new()),
            issuers: issuers.clone(),
        });
        self.certificates = Arc::default();
        let certificates = Arc::clone(&self.certificates);
        let prepared = (self.keeper).get_ready(
            wanted.collect(),
            storage(self.folder.path()),
            certificates,
            BTreeSet::new(),
        );
        prepared.unwrap()
    }

    fn served(&self, name: &str) -> Option<Vec<u8>> {
        let certificates = self.certificates.load();
        let any = crate::tls::Selection::default();
        let chosen = certificates.choose(name, &any, &[ECDSA_NISTP256_SHA256])?;
        Some(chosen.chain()[0].to_vec())
    }
}

fn storage(folder: &Path) -> Storage {
    Storage::of(&caddis_ir::Config::default(), folder)
}

#[tokio::test(start_paused = true)]
async fn whoever_refuses_is_asked_again_after_waits_that_grow() {
    let (mut world, script) = (
        World::new(),
        Script::new("ca", &[Answer::No(Cause::Refused)]),
    );
    world.load(&["a.test"], "", &[&script]);
    sleep(DAY).await;
    let times = script.times();
    let waits = times.windows(2).map(|pair| pair[1] - pair[0]);
    let minutes = [1, 2, 5, 10, 30, 60, 120, 240, 360, 360];
    for (wait, minutes) in waits.zip(minutes) {
        let least = minutes * 60;
        assert!(
            (least..=least + least / 10 + 1).contains(&wait),
            "{times:?}"
        );
    }
    assert!((10..=11).contains(&times.len()), "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn at_most_three_validations_fail_in_any_hour_even_when_configs_are_loaded_all_the_time() {
    let (mut world, script) = (World::new(), Script::new("ca", &[Answer::NotYours]));
    for load in 0..(24 * 60) {
        world.load(&["a.test"], &load.to_string(), &[&script]);
        sleep(Duration::from_mins(1)).await;
    }
    let in_vain = script.in_vain.lock();
    let in_an_hour = |from: &Duration| {
        let hour = *from..*from + HOUR;
        in_vain.iter().filter(|at| hour.contains(*at)).count()
    };
    assert_eq!(in_vain.iter().map(in_an_hour).max(), Some(3));
    // It is not given up either.
    assert!(in_vain.len() > 60, "{in_vain:?}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_down_is_asked_soon_and_its_certificate_is_served_when_it_is_back() {
    let down = [Answer::No(Cause::Down); 3];
    let answers = [&down[..], &[Answer::Lasting(DAY * 90)]].concat();
    let (mut world, script) = (World::new(), Script::new("ca", &answers));
    world.load(&["a.test"], "", &[&script]);
    sleep(Duration::from_mins(1)).await;
    assert_eq!(world.served("a.test"), None);
    sleep(Duration::from_mins(1)).await;
    assert!(world.served("a.test").is_some(), "{:?}", script.times());
}

#[tokio::test(start_paused = true)]
async fn a_load_that_changes_nothing_for_a_name_changes_neither_its_certificate_nor_its_next_try() {
    let answers = [Answer::Lasting(DAY * 90), Answer::No(Cause::Refused)];
    let (mut world, script) = (World::new(), Script::new("ca", &answers));
    world.load(&["a.test"], "", &[&script]);
    sleep(HOUR).await;
    let first = world.served("a.test").unwrap();
    // The second name is refused, and loads do not make it be asked for sooner.
    for _ in 0..20 {
        world.load(&["a.test", "b.test"], "", &[&script]);
        sleep(Duration::from_secs(1)).await;
        assert_eq!(world.served("a.test").as_ref(), Some(&first));
    }
    assert_eq!(script.times(), [0, 3600]);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_gets_another_issuer_is_served_with_the_old_certificate_until_there_is_another()
{
    let old = Script::new("old", &[Answer::Lasting(DAY * 90)]);
    let new = Script::new("new", &[Answer::After(Duration::from_secs(5))]);
    let mut world = World::new();
    world.load(&["a.test"], "old", &[&old]);
    sleep(HOUR).await;
    let first = world.served("a.test").unwrap();
    world.load(&["a.test"], "new", &[&new]);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(world.served("a.test").as_ref(), Some(&first));
    sleep(HOUR).await;
    assert_ne!(world.served("a.test").unwrap(), first);
}

#[tokio::test(start_paused = true)]
async fn an_order_under_way_goes_on_over_a_load_and_ends_when_the_name_is_gone() {
    let (mut world, script) = (World::new(), Script::new("ca", &[Answer::After(HOUR)]));
    world.load(&["a.test", "b.test"], "", &[&script]);
    sleep(HOUR / 2).await;
    world.load(&["a.test"], "", &[&script]);
    sleep(HOUR).await;
    assert!(world.served("a.test").is_some());
    assert_eq!(world.served("b.test"), None);
    assert_eq!(script.times(), [0, 0]);
}

#[tokio::test(start_paused = true)]
async fn certificates_are_renewed_with_a_third_left_those_of_twenty_seconds_too() {
    for (lifetime, span) in [(DAY * 90, DAY * 365), (Duration::from_secs(20), HOUR)] {
        let (mut world, script) = (
            World::new(),
            Script::new("ca", &[Answer::Lasting(lifetime)]),
        );
        world.load(&["a.test"], "", &[&script]);
        sleep(span).await;
        let times = script.times();
        assert!(times.len() > 4, "{times:?}");
        for pair in times.windows(2) {
            let part = (pair[1] - pair[0]) * 100 / lifetime.as_secs();
            assert!((60..70).contains(&part), "{times:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_far_off_does_not_ask_for_certificates_without_end() {
    let (mut world, script) = (World::new(), Script::new("ca", &[Answer::Ended(DAY * 90)]));
    world.load(&["a.test"], "", &[&script]);
    sleep(DAY * 90).await;
    let days: Vec<_> = (script.times().iter())
        .map(|seconds| seconds / DAY.as_secs())
        .collect();
    assert_eq!(days, [0, 9, 18, 27, 36, 45, 54, 63, 72, 81]);
}

#[tokio::test(start_paused = true)]
async fn the_old_certificate_is_served_while_renewing_it_fails() {
    let answers = [Answer::Lasting(DAY), Answer::No(Cause::Down)];
    let (mut world, script) = (World::new(), Script::new("ca", &answers));
    world.load(&["a.test"], "", &[&script]);
    sleep(HOUR).await;
    let first = world.served("a.test").unwrap();
    sleep(DAY).await;
    assert!(script.times().len() > 10);
    assert_eq!(world.served("a.test"), Some(first));
}

#[tokio::test(start_paused = true)]
async fn the_next_issuer_is_asked_when_the_first_does_not_give_a_certificate() {
    let until = OffsetDateTime::now_utc() + DAY * 30;
    let first = Script::new("first", &[Answer::No(Cause::TooOften(Some(until)))]);
    let second = Script::new("second", &[Answer::No(Cause::Down), Answer::Lasting(DAY)]);
    let mut world = World::new();
    world.load(&["a.test"], "", &[&first, &second]);
    sleep(Duration::from_secs(30)).await;
    assert!(world.served("a.test").is_some());
    // The first one wanted to be left alone, and was.
    assert_eq!(first.times(), [0]);
}

#[tokio::test(start_paused = true)]
async fn eight_orders_run_side_by_side() {
    let (mut world, script) = (World::new(), Script::new("ca", &[Answer::After(HOUR)]));
    let names: Vec<_> = (0..20).map(|at| format!("{at}.test")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    world.load(&names, "", &[&script]);
    sleep(HOUR * 4).await;
    assert_eq!(script.at_work.lock().1, 8);
    assert!(names.iter().all(|name| world.served(name).is_some()));
}

#[tokio::test(start_paused = true)]
async fn another_start_asks_for_nothing_that_is_kept_and_fresh() {
    let (mut world, script) = (
        World::new(),
        Script::new("ca", &[Answer::Lasting(DAY * 90)]),
    );
    world.load(&["a.test"], "", &[&script]);
    sleep(HOUR).await;
    let first = world.served("a.test");
    world.keeper = World::new().keeper;
    world.load(&["a.test"], "", &[&script]);
    sleep(HOUR).await;
    assert_eq!(world.served("a.test"), first);
    assert_eq!(script.times(), [0]);
}

#[tokio::test(start_paused = true)]
async fn a_certificate_for_other_names_is_not_taken() {
    let (mut world, script) = (
        World::new(),
        Script::new("ca", &[Answer::Lasting(DAY * 90)]),
    );
    world.load(&["a.test"], "", &[&script]);
    sleep(HOUR).await;
    let at = world.folder.path().join("certificates/ca");
    std::fs::create_dir_all(at.join("b.test")).unwrap();
    for ending in ["crt", "key"] {
        let file = |name: &str| at.join(name).join(format!("{name}.{ending}"));
        std::fs::copy(file("a.test"), file("b.test")).unwrap();
    }
    world.load(&["b.test"], "", &[&script]);
    sleep(HOUR).await;
    assert!(world.served("b.test").is_some());
    assert_eq!(script.times(), [0, 3600]);
}
