//! A proxy between a store and its server that cuts a connection where a test wants it: before a request has reached the
//! server, after the server has answered, or in between.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

/// Bytes forwarded at once. A request of a test is smaller.
const CHUNK: usize = 256 * 1024;

/// Where the next request is cut. Its connection ends with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The server never sees it.
    BeforeRequest,
    /// The server may or may not have seen all of it.
    AfterRequest,
    /// The server has done it and said so, to nobody.
    BeforeAnswer,
}

/// Forwards the server's Unix socket under another folder, as long as it lives.
#[derive(Debug)]
pub(crate) struct Proxy {
    armed: Arc<Mutex<Option<Cut>>>,
    accepting: JoinHandle<()>,
    folder: tempfile::TempDir,
}

impl Proxy {
    /// `socket` is the file of the server's Unix socket.
    pub(crate) fn start(socket: PathBuf) -> io::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("statehold-proxy-")
            .tempdir_in("/tmp")?;
        let name = socket.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let listener = UnixListener::bind(folder.path().join(name))?;
        let armed = Arc::<Mutex<Option<Cut>>>::default();
        let cuts = Arc::clone(&armed);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (socket, cuts) = (socket.clone(), Arc::clone(&cuts));
                tokio::spawn(async move {
                    // Either end may go at any time; that is the point.
                    let _ = forward(client, &socket, &cuts).await;
                });
            }
        });
        Ok(Self {
            armed,
            accepting,
            folder,
        })
    }

    /// The folder of its own socket.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Cuts the next request, on whichever connection it comes.
    pub(crate) fn arm(&self, cut: Cut) {
        *self.armed.lock().unwrap_or_else(PoisonError::into_inner) = Some(cut);
    }

    /// Whether the cut still waits for its request.
    pub(crate) fn is_armed(&self) -> bool {
        self.armed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn forward(
    mut client: UnixStream,
    socket: &Path,
    armed: &Mutex<Option<Cut>>,
) -> io::Result<()> {
    let mut server = UnixStream::connect(socket).await?;
    let (mut request, mut answer) = (vec![0; CHUNK], vec![0; CHUNK]);
    loop {
        tokio::select! {
            read = client.read(&mut request) => {
                let read = read?;
                if read == 0 {
                    return Ok(());
                }
                let cut = armed.lock().unwrap_or_else(PoisonError::into_inner).take();
                if cut == Some(Cut::BeforeRequest) {
                    return Ok(());
                }
                server.write_all(&request[..read]).await?;
                match cut {
                    Some(Cut::AfterRequest) => return Ok(()),
                    Some(_) => return read_to_ready(&mut server, &mut answer).await,
                    None => {}
                }
            }
            read = server.read(&mut answer) => {
                let read = read?;
                if read == 0 {
                    return Ok(());
                }
                client.write_all(&answer[..read]).await?;
            }
        }
    }
}

/// Reads until the server says that it is ready for the next request: its transaction has ended.
async fn read_to_ready(server: &mut UnixStream, answer: &mut [u8]) -> io::Result<()> {
    /// A message `Z` of five bytes that says: outside of a transaction.
    const READY: &[u8] = b"Z\0\0\0\x05I";
    loop {
        let read = server.read(answer).await?;
        if read == 0 || answer[..read].ends_with(READY) {
            return Ok(());
        }
    }
}
