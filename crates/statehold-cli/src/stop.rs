//! When to stop: the first SIGTERM or SIGINT lets everything end in order, the second ends the process at once.

use statehold_engine::Shutdown;

use crate::exit::Failure;
use crate::render::Screen;

/// Listens for signals from now on.
///
/// # Errors
/// The operating system does not let us.
pub(crate) fn on_signal(screen: &Screen) -> Result<Shutdown, Failure> {
    let mut signals = Signals::new()
        .map_err(|error| Failure::unavailable(format!("signals cannot be received: {error}")))?;
    let (handle, shutdown) = Shutdown::channel();
    let screen = *screen;
    tokio::spawn(async move {
        signals.next().await;
        screen.talk("stopping; once more to stop at once");
        handle.give();
        let number = signals.next().await;
        // What is under way is cut off, as a crash would: leases run out, nothing is lost.
        std::process::exit(128 + number);
    });
    Ok(shutdown)
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Its number.
    async fn next(&mut self) -> i32 {
        use tokio::signal::unix::SignalKind;
        tokio::select! {
            _ = self.terminate.recv() => SignalKind::terminate().as_raw_value(),
            _ = self.interrupt.recv() => SignalKind::interrupt().as_raw_value(),
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> i32 {
        const INTERRUPT: i32 = 2;
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        INTERRUPT
    }
}
