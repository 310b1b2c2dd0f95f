//! Opening the addresses that servers and mocks listen on.

use std::io::ErrorKind;
use std::net::SocketAddr;

use statehold_core::codes;
use tokio::net::TcpListener;

use crate::exit::{Exit, Failure};

/// Opens an address of this machine only: nobody has to say who they are yet, so nobody else may connect.
///
/// # Errors
/// The address is reachable from outside, taken, or not of this machine.
pub(super) async fn open(address: SocketAddr) -> Result<TcpListener, Failure> {
    if !address.ip().is_loopback() {
        return Err(Failure::new(
            Exit::Usage,
            codes::NO_KEYS,
            format!("{address} can be reached from other machines, and there are no keys by which callers prove who they are"),
        )
        .help("listen on 127.0.0.1 or [::1], and let a proxy that authenticates its callers pass requests on"));
    }
    bind(address)
        .await
        .map_err(|error| failure(address, &error))
}

/// As [`open`], on the first free one of so many ports.
pub(super) async fn open_near(first: SocketAddr, ports: u16) -> Result<TcpListener, Failure> {
    let mut address = first;
    loop {
        let next = address
            .port()
            .checked_add(1)
            .filter(|next| next - first.port() <= ports);
        match (bind(address).await, next) {
            (Err(error), Some(next)) if error.kind() == ErrorKind::AddrInUse => {
                address.set_port(next);
            }
            (bound, _) => return bound.map_err(|error| failure(first, &error)),
        }
    }
}

async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

fn failure(address: SocketAddr, error: &std::io::Error) -> Failure {
    if error.kind() == ErrorKind::AddrInUse {
        let free = address.port().checked_add(1).unwrap_or(0);
        return Failure::new(
            Exit::Usage,
            codes::PORT_IN_USE,
            format!("{address} is taken by another program"),
        )
        .help(format!(
            "stop that program, or name another address: --listen {}:{free}",
            address.ip()
        ));
    }
    Failure::config(vec![format!("cannot listen on {address}: {error}")])
}

/// The address that was opened, as a URL.
pub(super) fn url(listener: &TcpListener) -> Result<String, Failure> {
    let address = listener.local_addr().map_err(|error| {
        Failure::unavailable(format!("the address listened on is not known: {error}"))
    })?;
    Ok(format!("http://{address}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_next_free_port_is_taken_within_bounds() {
        let taken = bind("127.0.0.1:0".parse().expect("an address"))
            .await
            .expect("a port");
        let address = taken.local_addr().expect("known");
        let near = open_near(address, 20).await.expect("one of them is free");
        let port = near.local_addr().expect("known").port();
        assert!(port > address.port() && port - address.port() <= 20);
        let none = open_near(address, 0)
            .await
            .expect_err("only one may be tried");
        assert_eq!(none.body["code"], "SH0411");
    }
}
