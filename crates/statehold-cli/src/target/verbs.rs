//! What commands ask for, one method per request of the API.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use statehold_core::Machine;
use statehold_engine::PAGE_MAX;

use super::{Body, Request, Target};
use crate::exit::Failure;

/// Everything that means something in an address is encoded.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Which entities or effects are wanted.
#[derive(Debug, Default)]
pub(crate) struct Page<'a> {
    /// Names and values of filters; those without a value do not count.
    pub(crate) filters: Vec<(&'static str, Option<&'a str>)>,
    /// Rows at most.
    pub(crate) limit: u32,
    /// Where to go on.
    pub(crate) cursor: Option<&'a str>,
}

impl Target {
    pub(crate) async fn publish(&self, machine: &Machine, dry_run: bool) -> Result<Value, Failure> {
        let query = if dry_run { "?dry_run=true" } else { "" };
        let media_type = match serde_json::from_str::<Value>(&machine.source) {
            Ok(_) => "application/json",
            Err(_) => "application/yaml",
        };
        let body = Body::Chart(machine.source.clone(), media_type);
        self.call(post(format!("/v1/machines{query}"), body)).await
    }

    pub(crate) async fn machines(&self) -> Result<Value, Failure> {
        self.call(get("/v1/machines".to_owned())).await
    }

    pub(crate) async fn create(
        &self,
        machine: &str,
        id: Option<&str>,
        input: Option<Value>,
        event_id: Option<&str>,
    ) -> Result<Value, Failure> {
        let mut body = json!({});
        if let Some(id) = id {
            body["id"] = json!(id);
        }
        if let Some(input) = input {
            body["input"] = input;
        }
        let path = format!("/v1/machines/{}/entities", segment(machine)?);
        let mut request = post(path, Body::Json(body));
        header(&mut request, "idempotency-key", event_id)?;
        self.call(request).await
    }

    pub(crate) async fn entity(&self, machine: &str, id: &str) -> Result<Value, Failure> {
        self.call(get(entity_path(machine, id)?)).await
    }

    pub(crate) async fn entities(&self, machine: &str, page: &Page<'_>) -> Result<Value, Failure> {
        let path = format!("/v1/machines/{}/entities{}", segment(machine)?, query(page));
        self.call(get(path)).await
    }

    pub(crate) async fn fire(
        &self,
        machine: &str,
        id: &str,
        event: Value,
        event_id: Option<&str>,
        if_revision: Option<u64>,
    ) -> Result<Value, Failure> {
        let path = format!("{}/events", entity_path(machine, id)?);
        let mut request = post(path, Body::Json(event));
        header(&mut request, "idempotency-key", event_id)?;
        if let Some(revision) = if_revision {
            request
                .headers
                .push(("if-match", format!("\"{revision}\"")));
        }
        self.call(request).await
    }

    pub(crate) async fn explain(
        &self,
        machine: &str,
        id: &str,
        event: Value,
    ) -> Result<Value, Failure> {
        let path = format!("{}/explain", entity_path(machine, id)?);
        self.call(post(path, Body::Json(event))).await
    }

    /// Rows of an entity's log from a position on.
    pub(crate) async fn log(&self, machine: &str, id: &str, from: u64) -> Result<Value, Failure> {
        let path = entity_path(machine, id)?;
        self.call(get(format!("{path}/log?from={from}&limit={PAGE_MAX}")))
            .await
    }

    /// Refused events of an entity.
    pub(crate) async fn refusals(&self, machine: &str, id: &str) -> Result<Value, Failure> {
        self.call(get(format!("{}/attempts", entity_path(machine, id)?)))
            .await
    }

    pub(crate) async fn effects(&self, page: &Page<'_>) -> Result<Value, Failure> {
        self.call(get(format!("/v1/effects{}", query(page)))).await
    }

    pub(crate) async fn effect(&self, id: &str) -> Result<Value, Failure> {
        self.call(get(format!("/v1/effects/{}", segment(id)?)))
            .await
    }

    pub(crate) async fn dead_letter(&self, id: &str) -> Result<Value, Failure> {
        self.call(get(format!("/v1/dead-letters/{}", segment(id)?)))
            .await
    }

    pub(crate) async fn dead_letters(&self, page: &Page<'_>) -> Result<Value, Failure> {
        self.call(get(format!("/v1/dead-letters{}", query(page))))
            .await
    }

    /// `retry` or `discard` of a dead letter.
    pub(crate) async fn redrive(
        &self,
        id: &str,
        verb: &'static str,
        reason: &str,
    ) -> Result<Value, Failure> {
        let path = format!("/v1/dead-letters/{}/{verb}", segment(id)?);
        self.call(post(path, Body::Json(json!({ "reason": reason }))))
            .await
    }
}

fn get(path: String) -> Request {
    Request {
        method: "GET",
        path,
        headers: Vec::new(),
        body: Body::None,
    }
}

fn post(path: String, body: Body) -> Request {
    Request {
        method: "POST",
        path,
        headers: Vec::new(),
        body,
    }
}

/// Event ids that cannot be a header are refused here, in words.
fn header(request: &mut Request, name: &'static str, value: Option<&str>) -> Result<(), Failure> {
    let Some(value) = value else { return Ok(()) };
    if value.bytes().any(|b| !(b' '..=b'~').contains(&b)) {
        let problem = format!("event id `{value}`: only visible ASCII characters can be sent");
        return Err(Failure::usage(problem));
    }
    request.headers.push((name, value.to_owned()));
    Ok(())
}

fn entity_path(machine: &str, id: &str) -> Result<String, Failure> {
    Ok(format!(
        "/v1/machines/{}/entities/{}",
        segment(machine)?,
        segment(id)?
    ))
}

/// A name as part of an address. `.` and `..` lead elsewhere in every encoding, and nothing leads nowhere.
fn segment(name: &str) -> Result<String, Failure> {
    if matches!(name, "" | "." | "..") {
        return Err(Failure::usage(format!(
            "`{name}` cannot be an id or a name"
        )));
    }
    Ok(utf8_percent_encode(name, SEGMENT).to_string())
}

fn query(page: &Page<'_>) -> String {
    let encode = |value: &str| utf8_percent_encode(value, SEGMENT).to_string();
    let mut query = format!("?limit={}", page.limit);
    for (name, value) in page.filters.iter().chain(&[("cursor", page.cursor)]) {
        if let Some(value) = value {
            query.push_str(&format!("&{name}={}", encode(value)));
        }
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_cannot_leave_their_place_in_the_address() {
        let path = entity_path("order", "a/../b?x=1#y").expect("encoded");
        assert_eq!(path, "/v1/machines/order/entities/a%2F..%2Fb%3Fx%3D1%23y");
        assert!(entity_path("order", "..").is_err());
        assert!(entity_path("order", "").is_err());
    }

    #[test]
    fn filters_without_a_value_are_left_out() {
        let page = Page {
            filters: vec![("state", Some("a(b|c)")), ("status", None)],
            limit: 5,
            cursor: None,
        };
        assert_eq!(query(&page), "?limit=5&state=a%28b%7Cc%29");
    }
}
