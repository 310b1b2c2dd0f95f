//! The guard of an open server: nobody has to say who they are, so a browser must not be talked into calling it.
//!
//! A page of another site can make a browser send requests to `127.0.0.1`, and with a name of its own that resolves
//! to `127.0.0.1` it could even read the answers. So only requests that name this machine as their host are taken,
//! and requests that change something must not come from a page of another origin.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::{HOST, HeaderName, ORIGIN};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use statehold_core::codes;

use crate::problem::Problem;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses requests to other names, and changes asked for by other sites.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    match check(&request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn check(request: &Request) -> Result<(), Problem> {
    let host = host(request.headers())?;
    let named = request
        .uri()
        .authority()
        .map(axum::http::uri::Authority::as_str);
    if !is_loopback(host) || !named.is_none_or(is_loopback) {
        return Err(Problem::new(
            codes::NOT_LOOPBACK_HOST,
            format!(
                "this server is open to everyone on its own machine, so it takes only requests to \
                 localhost, 127.0.0.1 or [::1], not to `{host}`"
            ),
        ));
    }
    if request.method().is_safe() || comes_from_here(request.headers(), host) {
        return Ok(());
    }
    Err(Problem::new(
        codes::CROSS_SITE,
        "a page of another site may not change anything here",
    ))
}

fn host(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut hosts = headers.get_all(HOST).iter();
    match (
        hosts.next().and_then(|host| host.to_str().ok()),
        hosts.next(),
    ) {
        (Some(host), None) => Ok(host),
        _ => Err(Problem::new(
            codes::NOT_LOOPBACK_HOST,
            "this server takes only requests with one readable `Host` header",
        )),
    }
}

/// Whether `host[:port]` names this machine, whatever a name server says.
fn is_loopback(host: &str) -> bool {
    let name = match without_port(host) {
        Some(name) => name,
        None => return false,
    };
    let address = name
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    if let Some(address) = address {
        return address.parse::<Ipv6Addr>().is_ok_and(|ip| ip.is_loopback());
    }
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
}

/// The host without `:port`; none if what follows the colon is no port.
fn without_port(host: &str) -> Option<&str> {
    // The last bracket ends an IPv6 address, whose own colons are no separators.
    let from = host.rfind(']').map_or(0, |at| at + 1);
    match host[from..].split_once(':') {
        None => Some(host),
        Some((_, port)) if port.bytes().all(|b| b.is_ascii_digit()) => {
            Some(&host[..host.len() - port.len() - 1])
        }
        Some(_) => None,
    }
}

/// Whether no other site is behind a request. Programs send neither header; browsers send at least one of them.
fn comes_from_here(headers: &HeaderMap, host: &str) -> bool {
    let same_site = headers
        .get(FETCH_SITE)
        .is_none_or(|site| site == "same-origin" || site == "none");
    let same_origin = headers.get_all(ORIGIN).iter().all(|origin| {
        let origin = origin.to_str().unwrap_or_default();
        let authority = origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"));
        authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
    });
    same_site && same_origin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        for host in [
            "localhost",
            "LocalHost:7700",
            "127.0.0.1",
            "127.9.8.7:80",
            "[::1]",
            "[::1]:7700",
            "localhost:",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            "example.com",
            "localhost.example.com",
            "127.0.0.1.example.com",
            "localhost:80@example.com",
            "localhost:80:80",
            "[::1",
            "::1",
            "[::ffff:127.0.0.1]",
            "128.0.0.1",
            "0.0.0.0",
            "127.1",
            "[::1].example.com",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn a_page_of_another_origin_is_not_from_here() {
        let from = |name: &'static str, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, axum::http::HeaderValue::from_static(value));
            comes_from_here(&headers, "localhost:7700")
        };
        assert!(comes_from_here(&HeaderMap::new(), "localhost:7700"));
        assert!(from("origin", "http://localhost:7700"));
        assert!(!from("origin", "http://localhost:7701"));
        assert!(!from("origin", "http://example.com"));
        assert!(!from("origin", "null"));
        assert!(from("sec-fetch-site", "same-origin"));
        assert!(!from("sec-fetch-site", "same-site"));
        assert!(!from("sec-fetch-site", "cross-site"));
    }
}
