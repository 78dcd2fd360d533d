//! nginx, to hold a port.

use std::fs;
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::server::PATIENCE;

/// nginx on one port; it is ended with the test.
pub(crate) struct Nginx {
    child: Child,
    _folder: TempDir,
}

impl Nginx {
    /// Listens on a port of every address, and waits until it does.
    pub(crate) fn on(port: u16) -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let root = folder.path().display();
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("\t{kind}_temp_path {root}/{kind};\n"));
        let config = format!(
            "daemon off;\nmaster_process off;\npid {root}/nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n\
             \taccess_log off;\n{}\tserver {{\n\t\tlisten {port};\n\t\treturn 204;\n\t}}\n}}\n",
            temporary.concat()
        );
        let file = folder.path().join("nginx.conf");
        fs::write(&file, config).expect("the folder is ours");
        let child = Command::new("nginx")
            .arg("-c")
            .arg(&file)
            // Debian has it where only root looks.
            .env(
                "PATH",
                "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin",
            )
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx is installed: .ci/setup");
        let nginx = Self {
            child,
            _folder: folder,
        };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(start.elapsed() < PATIENCE, "nginx never listens on {port}");
            std::thread::sleep(Duration::from_millis(10));
        }
        nginx
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
