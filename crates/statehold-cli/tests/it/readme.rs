//! The commands of the README pages, run as written against a fresh `dev`, print what the pages show.
//!
//! `UPDATE_EXPECTED=1` writes what came out into the pages. What differs from run to run (times, ids, keys) is compared
//! by its shape. `sleep N` stands where a person waits for the workers: the test waits until no effect is under way or due,
//! and then until the next command prints what is shown.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use regex::Regex;
use serde_json::Value;

use crate::support::{Place, Server};

/// Longest a command may take to print what is shown, after a `sleep`.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn the_front_page_shows_what_its_commands_print() {
    check("README.md");
}

#[test]
fn the_order_example_shows_what_its_commands_print() {
    check("examples/order/README.md");
}

fn check(page: &str) {
    let path = root().join(page);
    let text = std::fs::read_to_string(&path).expect("a page");
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let world = World::start();
    let mut written = String::new();
    let mut waited = None;
    let mut lines = text.lines().peekable();
    let mut in_block = false;
    let mut commands = 0;
    while let Some(line) = lines.next() {
        written.push_str(line);
        written.push('\n');
        if line.starts_with("```") {
            in_block = line == "```console";
        }
        let Some(command) = line.strip_prefix("$ ").filter(|_| in_block) else {
            continue;
        };
        let mut shown = String::new();
        while let Some(output) =
            lines.next_if(|next| !next.starts_with("$ ") && !next.starts_with("```"))
        {
            shown.push_str(output);
            shown.push('\n');
        }
        if let Some(seconds) = command.strip_prefix("sleep ") {
            waited = seconds.parse().ok().map(Duration::from_secs);
        } else if command.starts_with("curl ") || command.starts_with("statehold ") {
            commands += 1;
            let waits = waited.take();
            if waits.is_some() {
                world.until_idle();
            }
            let printed = if update {
                world.print_after(command, waits)
            } else {
                world.print_until(command, &shown, waits.is_some())
            };
            assert!(
                update || shape(&printed) == shape(&shown),
                "{page}: `{command}` printed\n{printed}\nand the page shows\n{shown}"
            );
            shown = printed;
        }
        written.push_str(&shown);
    }
    assert!(commands > 0, "{page} has commands");
    if update {
        std::fs::write(&path, written).expect("written");
    }
}

/// A `dev` server over a copy of the example, and where its addresses differ from those on the pages.
struct World {
    place: Place,
    server: Server,
    addresses: Vec<(String, String)>,
}

impl World {
    fn start() -> Self {
        let place = Place::empty();
        for name in ["order.chart.yaml", "payments.mock.yaml", "mailer.mock.yaml"] {
            std::fs::copy(root().join("examples/order").join(name), place.path(name))
                .expect("copied");
        }
        let mut server = place.start(&["dev", ".", "--listen", "127.0.0.1:0"]);
        let mut addresses = vec![("http://127.0.0.1:7700".to_owned(), server.url.clone())];
        for (name, port) in [("mailer", 7721), ("payments", 7722)] {
            let line = std::iter::repeat_with(|| server.stdout_line())
                .take(100)
                .find(|line| line.contains(name) && line.contains("mock"));
            let line = line.expect("the mock is listed");
            let url = line
                .split_whitespace()
                .find(|word| word.starts_with("http://"))
                .expect("its address");
            addresses.push((format!("http://127.0.0.1:{port}"), url.to_owned()));
        }
        Self {
            place,
            server,
            addresses,
        }
    }

    fn print_after(&self, command: &str, wait: Option<Duration>) -> String {
        std::thread::sleep(wait.unwrap_or_default()); // tidy: wait on another process, when pages are rewritten
        self.print(command)
    }

    /// Waits until every effect that is due has been tried: only then does moving the clock meet the next retry.
    fn until_idle(&self) {
        let give_up = Instant::now() + PATIENCE;
        while !self.is_idle() {
            assert!(Instant::now() < give_up, "the workers never come to rest");
            std::thread::sleep(Duration::from_millis(20)); // tidy: wait on another process
        }
    }

    fn is_idle(&self) -> bool {
        let read = |path: &str| -> Value {
            let text = self.print(&format!("curl -s http://127.0.0.1:7700{path}"));
            serde_json::from_str(&text).expect("JSON")
        };
        let instant = |value: &Value| -> Timestamp {
            let text = value.as_str().expect("an instant");
            text.parse().expect("an instant")
        };
        // In this order: what is claimed in between shows up in the second, what becomes due in the last.
        let ready = read("/v1/effects?status=ready");
        let claimed = read("/v1/effects?status=claimed");
        let now = instant(&read("/v1/dev/clock")["now"]);
        let items = |page: &Value| page["items"].as_array().expect("a page").clone();
        items(&claimed).is_empty()
            && items(&ready)
                .iter()
                .all(|effect| instant(&effect["due"]) > now)
    }

    fn print_until(&self, command: &str, shown: &str, patient: bool) -> String {
        let give_up = Instant::now() + PATIENCE;
        loop {
            let printed = self.print(command);
            if !patient || shape(&printed) == shape(shown) || Instant::now() > give_up {
                return printed;
            }
            std::thread::sleep(Duration::from_millis(100)); // tidy: wait on another process
        }
    }

    /// What the command prints, with the addresses of the pages.
    fn print(&self, command: &str) -> String {
        let mut command = command.to_owned();
        for (shown, real) in &self.addresses {
            command = command.replace(shown, real);
        }
        let binary = Path::new(env!("CARGO_BIN_EXE_statehold"))
            .parent()
            .expect("a folder");
        let path = format!(
            "{}:{}",
            binary.display(),
            std::env::var("PATH").unwrap_or_default()
        );
        let output = Command::new("sh")
            .args(["-c", &command])
            .current_dir(self.place.dir())
            .env("PATH", path)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .expect("sh runs");
        let mut printed = String::from_utf8(output.stdout).expect("UTF-8");
        for (shown, real) in &self.addresses {
            printed = printed.replace(real, shown);
        }
        if !printed.is_empty() && !printed.ends_with('\n') {
            printed.push('\n');
        }
        assert!(
            self.server.url.starts_with("http"),
            "the server lives as long as the page"
        );
        printed
    }
}

/// The text with everything that differs from run to run replaced by its kind; runs of blanks count as one.
fn shape(text: &str) -> String {
    let kinds = [
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
        (
            r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
            "ID",
        ),
        (r"sh_[0-9a-f]{40}", "KEY"),
        (r" {2,}", " "),
    ];
    kinds
        .iter()
        .fold(text.trim_end().to_owned(), |text, (pattern, kind)| {
            Regex::new(pattern)
                .expect("a pattern")
                .replace_all(&text, *kind)
                .into_owned()
        })
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
