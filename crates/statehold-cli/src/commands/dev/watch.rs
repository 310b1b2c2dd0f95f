//! Tells when charts or mocks of a folder change. Editors write in bursts, so a change is told once it is quiet.

use std::path::Path;
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use crate::files;

/// No further change for this long means that the editor is done.
const QUIET: Duration = Duration::from_millis(150);

/// Changes are told after this long even if they never stop.
const PATIENCE: Duration = Duration::from_secs(2);

/// Watches as long as it lives.
pub(super) struct Watch {
    changes: mpsc::Receiver<()>,
    _watcher: RecommendedWatcher,
}

impl Watch {
    /// Watches the charts and mocks of one folder.
    ///
    /// # Errors
    /// The operating system does not let us; in words.
    pub(super) fn start(dir: &Path) -> Result<Self, String> {
        // One waiting change stands for any number of them.
        let (sender, changes) = mpsc::channel(1);
        let tell = move |event: notify::Result<notify::Event>| {
            let ours = match &event {
                Ok(event) => {
                    !event.kind.is_access()
                        && event
                            .paths
                            .iter()
                            .any(|path| files::kind_of(path).is_some())
                }
                // The queue of the operating system ran over: anything may have changed.
                Err(_) => true,
            };
            if ours {
                // Full means that a change waits already.
                let _ = sender.try_send(());
            }
        };
        let mut watcher = notify::recommended_watcher(tell).map_err(|error| error.to_string())?;
        watcher
            .watch(dir, RecursiveMode::NonRecursive)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            changes,
            _watcher: watcher,
        })
    }

    /// Returns after the next change, when it has become quiet.
    pub(super) async fn changed(&mut self) {
        if self.changes.recv().await.is_none() {
            // The watcher is gone, which cannot be while we live; nothing will ever change then.
            std::future::pending::<()>().await;
        }
        let quiet = async {
            while tokio::time::timeout(QUIET, self.changes.recv())
                .await
                .is_ok()
            {}
        };
        // Running out of patience is as good as quiet.
        let _ = tokio::time::timeout(PATIENCE, quiet).await;
    }
}
