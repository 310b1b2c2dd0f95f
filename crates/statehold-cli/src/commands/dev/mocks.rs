//! The mocks of a folder, each on a port that stays the same from run to run where it is free.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use statehold_engine::{Shutdown, ShutdownHandle};
use statehold_mock::MockSpec;
use statehold_server::MockLink;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::folder::Folder;
use crate::commands::mock;
use crate::exit::Failure;
use crate::files::File;
use crate::render::Screen;
use crate::render::failure;

/// Ports that new mocks take: after those of the API, and below those that systems hand out to everybody, so that
/// they are likely to be free next time too.
const PORTS: std::ops::RangeInclusive<u16> = 7721..=7799;

/// A mock that runs.
struct Running {
    name: String,
    env: Option<String>,
    port: u16,
    stop: ShutdownHandle,
    task: JoinHandle<()>,
}

/// The mocks that run, by file name.
pub(super) struct Mocks {
    running: BTreeMap<String, Running>,
    ports: BTreeMap<String, u16>,
    folder: Folder,
    /// Values of destinations as the engine knows them, once it does: they stay until a restart.
    bound: Option<BTreeMap<String, String>>,
}

impl Mocks {
    /// No mocks yet, with the ports of earlier runs.
    pub(super) fn new(folder: Folder) -> Self {
        Self {
            running: BTreeMap::new(),
            ports: folder.ports(),
            folder,
            bound: None,
        }
    }

    /// Starts the mock of a file, or puts a changed one in the place of the one that runs. A file with problems
    /// leaves everything as it is.
    pub(super) async fn load(&mut self, screen: &Screen, file: &File) {
        match mock::spec(&file.path) {
            Ok(spec) => {
                if let Err(failure) = self.start(screen, &file.path, spec).await {
                    screen.warn(&failure::draw(&failure));
                }
            }
            Err(failure) => {
                screen.warn(&failure::draw(&failure));
                let stays = self.running.contains_key(&key(&file.path));
                let so = if stays {
                    "the mock that runs stays"
                } else {
                    "the mock does not run"
                };
                screen.warn(&format!("{} has problems; {so}", file.path.display()));
            }
        }
    }

    /// Stops the mock of a file that is gone.
    pub(super) async fn remove(&mut self, path: &Path) {
        if let Some(running) = self.running.remove(&key(path)) {
            running.end().await;
        }
    }

    /// Stops all of them.
    pub(super) async fn end(self) {
        for running in self.running.into_values() {
            running.end().await;
        }
    }

    /// Name, destination and address of each, for the first page.
    pub(super) fn links(&self) -> Vec<MockLink> {
        let link = |mock: &Running| MockLink {
            name: mock.name.clone(),
            env: mock.env.clone().unwrap_or_default(),
            url: mock.url(),
        };
        self.running.values().map(link).collect()
    }

    /// The destinations of this run: mocks stand in for theirs unless a value is given.
    pub(super) fn bind(
        &mut self,
        screen: &Screen,
        given: &BTreeMap<String, String>,
    ) -> BTreeMap<String, String> {
        let mut bound = BTreeMap::new();
        for mock in self.running.values() {
            let Some(env) = &mock.env else { continue };
            if bound.insert(env.clone(), mock.url()).is_some() {
                screen.warn(&format!(
                    "warning: several mocks say `env: {env}`; {} is used",
                    mock.name
                ));
            }
        }
        bound.extend(given.clone());
        self.bound = Some(bound.clone());
        bound
    }

    async fn start(&mut self, screen: &Screen, path: &Path, spec: MockSpec) -> Result<(), Failure> {
        let key = key(path);
        if let Some(running) = self.running.remove(&key) {
            running.end().await;
        }
        let (listener, port) = listen(self.ports.get(&key).copied())
            .await
            .map_err(|error| {
                Failure::config(vec![format!(
                    "no port for mock {}: {error}",
                    path.display()
                )])
            })?;
        self.ports.insert(key.clone(), port);
        if let Err(problem) = self.folder.keep_ports(&self.ports) {
            screen.warn(&format!(
                "warning: {problem}; mocks get other ports next time"
            ));
        }
        let (name, env) = (spec.name().to_owned(), spec.env().map(str::to_owned));
        let (stop, stopped) = Shutdown::channel();
        let task = mock::spawn(spec, listener, stopped);
        let running = Running {
            name,
            env,
            port,
            stop,
            task,
        };
        self.mention_unbound(screen, &running);
        self.running.insert(key, running);
        Ok(())
    }

    /// A mock that came or moved after the engine was told where destinations are is not called.
    fn mention_unbound(&self, screen: &Screen, mock: &Running) {
        let (Some(bound), Some(env)) = (&self.bound, &mock.env) else {
            return;
        };
        if bound.get(env) != Some(&mock.url()) {
            screen.warn(&format!(
                "warning: ${{env.{env}}} is not the mock {} until a restart",
                mock.name
            ));
        }
    }
}

impl Running {
    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    async fn end(self) {
        self.stop.give();
        if let Err(error) = self.task.await {
            tracing::error!(mock = self.name, %error, "a mock ended with a fault");
        }
    }
}

fn key(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The port of earlier runs if it is free, else the first free one of ours, else any.
async fn listen(remembered: Option<u16>) -> std::io::Result<(TcpListener, u16)> {
    let on = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    for port in remembered.into_iter().chain(PORTS) {
        if let Ok(listener) = TcpListener::bind(on(port)).await {
            return Ok((listener, port));
        }
    }
    let listener = TcpListener::bind(on(0)).await?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}
