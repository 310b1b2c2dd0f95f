//! `mock`: API mocks alone, on loopback, until a signal says stop.

use std::net::SocketAddr;
use std::path::Path;

use serde_json::json;
use statehold_engine::Shutdown;
use statehold_mock::{Mock, MockSpec};
use tokio::net::TcpListener;

use super::listen;
use crate::cli::{self, Global};
use crate::exit::{Exit, Failure};
use crate::files::{self, Kind};
use crate::input;
use crate::logging::{self, Usual};
use crate::render::Screen;
use crate::render::style::{STRONG, WEAK, clean, paint};
use crate::settings::{self, Settings};
use crate::stop;

pub(crate) async fn run(
    screen: &Screen,
    global: &Global,
    args: &cli::Mock,
) -> Result<Exit, Failure> {
    let settings = Settings::resolve(global, Path::new(""), |_| {})?;
    logging::start(&settings.log, global, Usual::Server)?;
    let first = settings::address(&args.listen)
        .map_err(|problem| Failure::config(vec![format!("--listen: {problem}")]))?;
    let specs = load(&args.files)?;
    let stop = stop::on_signal(screen)?;
    let mut listeners = Vec::new();
    for at in 0..specs.len() {
        listeners.push(listen::open(nth(first, at)?).await?);
    }
    announce(screen, &specs, &listeners)?;
    let running: Vec<_> = specs
        .into_iter()
        .zip(listeners)
        .map(|(spec, listener)| spawn(spec, listener, stop.clone()))
        .collect();
    for mock in running {
        if let Err(error) = mock.await {
            tracing::error!(%error, "a mock ended with a fault");
        }
    }
    Ok(Exit::Done)
}

fn load(paths: &[std::path::PathBuf]) -> Result<Vec<MockSpec>, Failure> {
    let files = files::expand(paths, &[Kind::Mock])?;
    files.iter().map(|file| spec(&file.path)).collect()
}

/// One mock file.
pub(super) fn spec(path: &Path) -> Result<MockSpec, Failure> {
    let source = input::text_file(path)?;
    MockSpec::load(&source.name, &source.text)
        .map_err(|diagnostics| Failure::drawn(Exit::NotSo, source, diagnostics))
}

/// Runs a mock beside everything else until told to stop.
pub(super) fn spawn(
    spec: MockSpec,
    listener: TcpListener,
    mut stop: Shutdown,
) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        Mock::new(spec)
            .serve(listener, async move { stop.wait().await })
            .await;
    })
}

/// Ports one after the other; port 0 is a free one each time.
fn nth(first: SocketAddr, at: usize) -> Result<SocketAddr, Failure> {
    let mut address = first;
    if first.port() != 0 {
        let port = u16::try_from(at)
            .ok()
            .and_then(|at| first.port().checked_add(at));
        let port = port
            .ok_or_else(|| Failure::usage("--listen: there are not enough ports for all mocks"))?;
        address.set_port(port);
    }
    Ok(address)
}

fn announce(screen: &Screen, specs: &[MockSpec], listeners: &[TcpListener]) -> Result<(), Failure> {
    let mut listed = Vec::new();
    for (spec, listener) in specs.iter().zip(listeners) {
        let url = listen::url(listener)?;
        if !screen.json {
            let stands_for = match spec.env() {
                Some(env) => paint(WEAK, format!("  ${{env.{}}}", clean(env))),
                None => String::new(),
            };
            let control = paint(WEAK, format!("  control {url}/__mock"));
            screen.data(&format!(
                "{}  {url}{stands_for}{control}",
                paint(STRONG, clean(spec.name()))
            ));
        }
        listed.push(json!({
            "mock": spec.name(),
            "env": spec.env(),
            "url": url,
            "control": format!("{url}/__mock"),
        }));
    }
    if screen.json {
        screen.json_line(&json!({ "mocks": listed }));
    }
    screen.talk("mocks are listening; SIGINT or SIGTERM stops them");
    Ok(())
}
