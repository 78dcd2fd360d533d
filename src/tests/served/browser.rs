//! A page in a browser that people use: it trusts the internal root, speaks HTTP/2, and shows tokens as they are made.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;

use crate::answers::TOKENS;
use crate::curl::NAME;
use crate::ollama::Ollama;
use crate::server::{Server, keep};

/// How long a browser may take to start, or to do anything else, on a machine that does much beside.
const PATIENCE: Duration = Duration::from_mins(2);
const LOOK: Duration = Duration::from_millis(10);
/// What Chromium writes of a certificate whose authority it does not know: `ERR_CERT_AUTHORITY_INVALID`.
const UNTRUSTED: &str = "net_error -202";

/// The page says what it hears, piece by piece, and in the end over which protocol.
const PAGE: &str = r"<!doctype html>
<title>tokens</title>
<script type=module>
const say = (text) => fetch('/api/heard', {method: 'POST', body: text});
const protocol = (kind, name) => performance.getEntriesByType(kind)
  .find((entry) => entry.name.endsWith(name)).nextHopProtocol;
try {
  const answer = await fetch('/api/generate', {method: 'POST', body: '{}'});
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let piece; !(piece = await reader.read()).done;) await say(piece.value);
  await say(`over ${protocol('navigation', '/')} and ${protocol('resource', '/api/generate')}`);
} catch (error) {
  await say(`failed: ${error}`);
}
</script>
";

#[test]
fn a_page_hears_each_token_before_the_next_is_made() {
    let (server, ollama) = serve();
    let browser = Browser::open(&server, Roots::OfServer);
    for token in TOKENS {
        ollama.make_a_token();
        let heard = browser.says_next(&ollama);
        assert!(
            heard.contains(&format!(r#""response":"{token}""#)),
            "{heard}"
        );
    }
    ollama.make_a_token();
    let heard = browser.says_next(&ollama);
    assert!(heard.contains(r#""done":true"#), "{heard}");
    assert_eq!(browser.says_next(&ollama), "over h2 and h2");
}

#[test]
fn a_browser_without_the_root_loads_nothing() {
    let (server, ollama) = serve();
    let browser = Browser::open(&server, Roots::OfTheMachine);
    browser.wait_for("a refusal", || {
        browser.log().contains(UNTRUSTED).then_some(())
    });
    assert_eq!(ollama.received().len(), 0);
}

/// A page beside an API with streams.
fn serve() -> (Server, Ollama) {
    let ollama = Ollama::start();
    let port = ollama.port;
    let server = Server::start(&format!(
        "{NAME} {{\n\ttls internal\n\thandle /api/* {{\n\t\treverse_proxy localhost:{port}\n\t}}\n\thandle {{\n\t\troot page\n\t\tfile_server\n\t}}\n}}\n"
    ));
    let page = server.folder().join("page");
    fs::create_dir(&page).expect("the folder is ours");
    fs::write(page.join("index.html"), PAGE).expect("the folder is ours");
    (server, ollama)
}

/// Whom the browser trusts.
#[derive(Clone, Copy)]
enum Roots {
    OfServer,
    OfTheMachine,
}

/// Chromium without a window, with a home of its own; it ends with the test, and with it all that it started.
struct Browser {
    child: Child,
    log: Arc<Mutex<String>>,
    said: Mutex<usize>,
    _home: TempDir,
}

impl Browser {
    /// Opens the page of a server.
    fn open(server: &Server, roots: Roots) -> Self {
        let home = tempfile::tempdir().expect("there is room for a folder");
        let database = home.path().join(".pki/nssdb");
        fs::create_dir_all(&database).expect("the folder is ours");
        certutil(&database, &["-N", "--empty-password"]);
        if let Roots::OfServer = roots {
            let root = server.root();
            let root = root.to_string_lossy();
            certutil(&database, &["-A", "-t", "C,,", "-n", "caddis", "-i", &root]);
        }
        let mut child = Command::new("chromium")
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--no-proxy-server",
                "--enable-logging=stderr",
                "--remote-debugging-port=0",
            ])
            .arg(format!("--host-resolver-rules=MAP {NAME} 127.0.0.1"))
            .arg(format!(
                "--user-data-dir={}",
                home.path().join("profile").display()
            ))
            .arg(format!("https://{NAME}:{}/", server.https))
            .env("HOME", home.path())
            .env("XDG_CONFIG_HOME", home.path().join("config"))
            .env("XDG_CACHE_HOME", home.path().join("cache"))
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("chromium is installed");
        let log = Arc::new(Mutex::new(String::new()));
        let stderr = child.stderr.take().expect("it is piped");
        keep(stderr, &log);
        Self {
            child,
            log,
            said: Mutex::new(0),
            _home: home,
        }
    }

    /// What the page says next to the API.
    fn says_next(&self, ollama: &Ollama) -> String {
        let mut said = self.said.lock().expect("nobody panics with it");
        let next = self.wait_for("a word of the page", || {
            let received = ollama.received();
            let heard = received
                .iter()
                .filter(|one| one.head.starts_with("post /api/heard "));
            heard.map(|one| one.body.clone()).nth(*said)
        });
        *said += 1;
        next
    }

    fn wait_for<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = look() {
                return found;
            }
            let waited = start.elapsed();
            assert!(waited < PATIENCE, "{what} never comes:\n{}", self.log());
            thread::sleep(LOOK);
        }
    }

    fn log(&self) -> String {
        self.log.lock().expect("nobody panics with the log").clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = id {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

/// Changes what is trusted below a home.
fn certutil(database: &Path, words: &[&str]) {
    let mut command = Command::new("certutil");
    command.arg("-d").arg(format!("sql:{}", database.display()));
    let output = command.args(words).output();
    let output = output.expect("certutil is installed");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "certutil: {error}");
}
