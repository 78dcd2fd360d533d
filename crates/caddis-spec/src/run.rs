//! Runs the cases of a script on a server.

use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{HOST, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING};

use crate::check::{Happened, Mismatch, mismatches};
use crate::script::Script;
use crate::spec::{Case, Expected, RequestBody, Step};
use crate::subject::STEP_LIMIT;
use crate::{Answer, Heard, Problem, Sent, Start, Stubs, Subject};

/// How long a log entry may take to be written, and how often to look.
const LOG_LIMIT: Duration = Duration::from_secs(2);
const LOG_PAUSE: Duration = Duration::from_millis(20);

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As expected.
    Passed,
    /// Not as expected.
    Failed(Vec<Failure>),
    /// It cannot be shown this way.
    Skipped(String),
    /// The config does not load.
    Broken(String),
}

/// A step that did not go as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The step, counted from one.
    pub step: usize,
    /// The request.
    pub request: String,
    /// What was different.
    pub mismatches: Vec<Mismatch>,
    /// What the server wrote.
    pub output: String,
}

/// Runs one case on the calling thread.
pub fn run(script: &Script, case: &Case, start: &dyn Start) -> (Outcome, Duration) {
    let began = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(start.paused())
        .build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run_case(script, case, start)),
        Err(error) => Err(Problem::Failed(error.to_string())),
    };
    let outcome = outcome.unwrap_or_else(|problem| match problem {
        Problem::Config(text) => Outcome::Broken(text),
        Problem::Skip(why) => Outcome::Skipped(why),
        Problem::Failed(text) => Outcome::Failed(vec![surprise(0, String::new(), text)]),
    });
    (outcome, began.elapsed())
}

fn surprise(step: usize, request: String, got: String) -> Failure {
    let mismatch = Mismatch {
        span: None,
        wanted: String::new(),
        got,
    };
    Failure {
        step,
        request,
        mismatches: vec![mismatch],
        output: String::new(),
    }
}

async fn run_case(script: &Script, case: &Case, start: &dyn Start) -> Result<Outcome, Problem> {
    let moved = case.steps.iter().any(|step| !step.advance.is_zero());
    if moved && !start.paused() {
        return Err(Problem::Skip(
            "the clock of a real server cannot be moved".into(),
        ));
    }
    if case.steps.iter().all(|step| step.expectations.is_empty()) {
        return Err(Problem::Failed("this case expects nothing".into()));
    }
    let world = script.world(case).map_err(Problem::Failed)?;
    let stubs = Arc::clone(&world.stubs);
    let mut subject = start.start(world).await?;
    let ran = run_steps(script, case, &stubs, subject.as_mut()).await;
    let output = subject.output();
    subject.stop().await;
    let mut failures = ran?;
    for failure in &mut failures {
        failure.output.clone_from(&output);
    }
    Ok(if failures.is_empty() {
        Outcome::Passed
    } else {
        Outcome::Failed(failures)
    })
}

/// Runs every step, also after one that failed: one failure should not hide another.
async fn run_steps(
    script: &Script,
    case: &Case,
    stubs: &Arc<Stubs>,
    subject: &mut dyn Subject,
) -> Result<Vec<Failure>, Problem> {
    let mut failures = Vec::new();
    for (index, step) in case.steps.iter().enumerate() {
        if !step.advance.is_zero() {
            tokio::time::advance(step.advance).await;
        }
        for _ in 0..step.repeat {
            let request = format!("{} {}", step.request.method, step.request.url);
            let ran = run_step(script, step, stubs, subject);
            match in_real_time(STEP_LIMIT, ran).await {
                Some(Ok(found)) if found.is_empty() => continue,
                Some(Ok(mismatches)) => failures.push(Failure {
                    step: index + 1,
                    request,
                    mismatches,
                    output: String::new(),
                }),
                Some(Err(Problem::Failed(text))) => {
                    failures.push(surprise(index + 1, request, text))
                }
                Some(Err(problem)) => return Err(problem),
                None => failures.push(surprise(index + 1, request, "no answer in time".into())),
            }
            // What fails once fails again; say it once.
            break;
        }
    }
    Ok(failures)
}

/// Waits no longer than a limit, by the clock on the wall: a clock that stands still would jump to the limit
/// whenever the server waits for another thread.
async fn in_real_time<T>(limit: Duration, task: impl Future<Output = T>) -> Option<T> {
    let (over, is_over) = tokio::sync::oneshot::channel();
    let (done, is_done) = std::sync::mpsc::channel::<()>();
    std::thread::spawn(move || {
        if is_done.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
            // The task may be done by now.
            let _ = over.send(());
        }
    });
    let outcome = tokio::select! {
        outcome = task => Some(outcome),
        Ok(()) = is_over => None,
    };
    drop(done);
    outcome
}

async fn run_step(
    script: &Script,
    step: &Step,
    stubs: &Arc<Stubs>,
    subject: &mut dyn Subject,
) -> Result<Vec<Mismatch>, Problem> {
    let heard = Arc::new(Heard::default());
    let wants = |what: fn(&Expected) -> bool| {
        let mut expectations = step.expectations.iter();
        expectations.any(|expectation| what(&expectation.what))
    };
    let chunks = wants(|what| matches!(what, Expected::Chunk(_)));
    stubs.begin(step.answers.clone(), chunks.then(|| Arc::clone(&heard)));
    subject.prepare().await?;
    let logged = subject.log().len();
    let sent = sent(script, step).map_err(Problem::Failed)?;
    let mut answer = subject.answer(&sent, &heard).await?;
    let mut record = stubs.end();
    let body = String::from_utf8_lossy(&heard.bytes()).into_owned();
    let body = subject.as_written(None, &body);
    if let Answer::Response { head, .. } = &mut answer {
        head.headers = as_written(subject, &head.headers);
    }
    for request in &mut record.requests {
        request.headers = as_written(subject, &request.headers);
    }
    let found = |log: &[_]| {
        let happened = Happened {
            answer: &answer,
            body: &body,
            record: &record,
            log,
        };
        mismatches(step, &happened)
    };
    let mut waited = Duration::ZERO;
    loop {
        let log = subject.log().split_off(logged);
        let mismatches = found(&log);
        let patient = wants(|what| matches!(what, Expected::Log(..))) && waited < LOG_LIMIT;
        if mismatches.is_empty() || !patient {
            return Ok(mismatches);
        }
        tokio::time::sleep(LOG_PAUSE).await;
        waited += LOG_PAUSE;
    }
}

/// Header fields as the script would write them.
fn as_written(subject: &dyn Subject, headers: &HeaderMap) -> HeaderMap {
    let written = |(name, value): (&HeaderName, &HeaderValue)| {
        let text = subject.as_written(Some(name), &String::from_utf8_lossy(value.as_bytes()));
        let value = HeaderValue::from_str(&text).unwrap_or_else(|_| value.clone());
        (name.clone(), value)
    };
    let mut all = HeaderMap::new();
    for (name, value) in headers.iter().map(written) {
        all.append(name, value);
    }
    all
}

/// The request of a step, with the fields that every request has.
fn sent(script: &Script, step: &Step) -> Result<Sent, String> {
    let request = &step.request;
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        headers.append(name, value.clone());
    }
    if !headers.contains_key(HOST) {
        let authority = request.url.authority().map_or("", |one| one.as_str());
        let host = HeaderValue::from_str(authority).map_err(|error| error.to_string())?;
        headers.insert(HOST, host);
    }
    let body = match &request.body {
        RequestBody::None => headers.contains_key(TRANSFER_ENCODING).then(Bytes::new),
        RequestBody::Lines(lines) => Some(lines.join("\n").into()),
        RequestBody::File(path) => Some(script.file(path)?.into()),
        RequestBody::Filler(size) => {
            let size = usize::try_from(*size).map_err(|error| error.to_string())?;
            Some(vec![b'x'; size].into())
        }
    };
    Ok(Sent {
        method: request.method.clone(),
        url: request.url.clone(),
        headers,
        body,
        protocol: step.protocol,
        peer: step.peer,
    })
}
