//! Runs the binary, in folders of their own, and ends what was started.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// How long anything may take; far more than it does, so that only a hang meets it.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a run of the binary ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The one JSON document on stdout.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!(
                "stdout is not one JSON document: {error}\n{}\n{}",
                self.stdout, self.stderr
            )
        })
    }

    /// The same run, having ended with this code.
    #[track_caller]
    pub(crate) fn ended(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self
    }
}

/// A folder with the files of the tests.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    /// An empty folder.
    pub(crate) fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// A folder with the order chart and its mock.
    pub(crate) fn order() -> Self {
        let place = Self::empty();
        for name in ["order.chart.yaml", "payments.mock.yaml"] {
            std::fs::copy(file(name), place.path(name)).expect("copied");
        }
        place
    }

    /// A copy of one of the examples.
    pub(crate) fn example(name: &str) -> Self {
        let place = Self::empty();
        let example = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../examples")
            .join(name);
        for entry in std::fs::read_dir(example).expect("an example") {
            let path = entry.expect("a file").path();
            if let Some(name) = path.file_name().filter(|_| path.is_file()) {
                std::fs::copy(&path, place.dir().join(name)).expect("copied");
            }
        }
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn dir(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("read")
    }

    /// The binary, to be run in this folder without anything of the surroundings.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_statehold"));
        command
            .args(args)
            .current_dir(self.dir())
            .stdin(Stdio::null());
        let ours = |name: &str| {
            name.starts_with("STATEHOLD_")
                || name.starts_with("RUST_")
                || name.starts_with("CLICOLOR")
        };
        for (name, _) in std::env::vars().filter(|(name, _)| ours(name)) {
            command.env_remove(name);
        }
        command
    }

    /// Runs the binary to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        finish(&mut self.command(args))
    }

    /// Runs the binary with text on stdin.
    pub(crate) fn run_with_stdin(&self, args: &[&str], input: &str) -> Ran {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        child
            .stdin
            .take()
            .expect("piped")
            .write_all(input.as_bytes())
            .expect("taken");
        ran(child.wait_with_output().expect("it ends"))
    }

    /// Publishes the order chart to the folder's own store.
    pub(crate) fn published() -> Self {
        let place = Self::order();
        place
            .run(&["publish", "order.chart.yaml", "--quiet"])
            .ended(0);
        place
    }

    /// Starts mocks and reads where they listen.
    pub(crate) fn start_mock(&self, args: &[&str]) -> RunningMock {
        let json = if args.contains(&"--json") {
            &[][..]
        } else {
            &["--json"]
        };
        let args = [args, json].concat();
        let mut server = Server::spawn(&mut self.command(&args));
        server.wait_for("mocks are listening");
        let document: Value = serde_json::from_str(&server.stdout_line()).expect("JSON");
        let url = document["mocks"][0]["url"]
            .as_str()
            .expect("a mock")
            .to_owned();
        RunningMock {
            url,
            document,
            _server: server,
        }
    }

    /// Starts a server and waits until it listens.
    pub(crate) fn start(&self, args: &[&str]) -> Server {
        Server::start(&mut self.command(args))
    }
}

/// Runs a prepared command to its end.
pub(crate) fn finish(command: &mut Command) -> Ran {
    ran(command.output().expect("the binary starts"))
}

fn ran(output: std::process::Output) -> Ran {
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// A file of the tests.
pub(crate) fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/files")
        .join(name)
}

/// Compares with an expected file; with `UPDATE_EXPECTED=1` writes it instead.
#[track_caller]
pub(crate) fn expect_file(name: &str, actual: &str) {
    let path = file(name);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, actual).expect("written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == actual,
        "{} differs (UPDATE_EXPECTED=1 accepts it); this came out:\n{actual}",
        path.display()
    );
}

/// A server that runs, and is killed by its id when the test is over.
pub(crate) struct Server {
    child: Child,
    /// Its address, from the ready line.
    pub(crate) url: String,
    lines: Receiver<String>,
    stdout: Receiver<String>,
}

/// Mocks that run.
pub(crate) struct RunningMock {
    /// Address of the first.
    pub(crate) url: String,
    /// What was printed.
    pub(crate) document: Value,
    _server: Server,
}

impl Server {
    /// Starts a prepared command and waits until it listens.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut server = Self::spawn(command);
        let ready = server.wait_for("listening on ");
        server.url = ready
            .rsplit_once("listening on ")
            .expect("found")
            .1
            .to_owned();
        server
    }

    fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let lines = lines_of(child.stderr.take().expect("piped"));
        let stdout = lines_of(child.stdout.take().expect("piped"));
        Self {
            child,
            url: String::new(),
            lines,
            stdout,
        }
    }

    /// The next line on stderr that holds this text.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let mut seen = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(text) => return line,
                Ok(line) => seen.push(line),
                Err(error) => panic!(
                    "`{text}` never came ({error}); stderr was:\n{}",
                    seen.join("\n")
                ),
            }
        }
    }

    /// The next line on stdout.
    #[track_caller]
    pub(crate) fn stdout_line(&mut self) -> String {
        self.stdout
            .recv_timeout(PATIENCE)
            .expect("a line on stdout")
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &id])
            .status()
            .expect("kill runs");
        assert!(sent.success());
    }

    /// Waits for the end and returns the exit code.
    pub(crate) fn end(&mut self) -> Option<i32> {
        // The pipe ends when the process does; only then waiting cannot hang.
        while self.lines.recv_timeout(PATIENCE).is_ok() {}
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines_of(stream: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}
