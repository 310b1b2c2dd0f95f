//! A signal to stop, given once, seen by everyone who holds it.

use tokio::sync::watch;

/// Gives the signal. Dropping it gives the signal as well, so that nothing outlives its owner unnoticed.
#[derive(Debug)]
pub struct ShutdownHandle(watch::Sender<bool>);

/// Waits for the signal.
#[derive(Debug, Clone)]
pub struct Shutdown(watch::Receiver<bool>);

impl Shutdown {
    /// A handle and the signal it gives.
    #[must_use]
    pub fn channel() -> (ShutdownHandle, Shutdown) {
        let (sender, receiver) = watch::channel(false);
        (ShutdownHandle(sender), Shutdown(receiver))
    }

    /// Returns when the signal is given.
    pub async fn wait(&mut self) {
        // An error means that the handle is gone, which is the signal too.
        let _ = self.0.wait_for(|stop| *stop).await;
    }

    /// Whether the signal was given.
    #[must_use]
    pub fn is_given(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }
}

impl ShutdownHandle {
    /// Gives the signal.
    pub fn give(&self) {
        self.0.send_replace(true);
    }
}
