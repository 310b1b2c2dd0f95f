//! Who is calling, and for which tenant.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::HeaderName;
use axum::http::request::Parts;
use statehold_core::json::{self, Limits};
use statehold_core::{Actor, codes};
use statehold_engine::{Engine, ID_BYTES_MAX};

use super::headers::one;
use crate::app::App;
use crate::problem::Problem;

const ACTOR: HeaderName = HeaderName::from_static("statehold-actor");
const TENANT: HeaderName = HeaderName::from_static("statehold-tenant");

/// Bytes of the actor header, at most: an id and [`ROLES_MAX`] roles of usual length.
const ACTOR_LIMITS: Limits = Limits {
    max_bytes: 8 * 1024,
    max_depth: 2,
};

/// Roles of one actor, at most: each is compared by every permission that asks for one.
const ROLES_MAX: usize = 64;

/// Length of a tenant's name in bytes, at most: it leads every key.
const TENANT_BYTES_MAX: usize = 64;

/// Kinds of actors that may call. `system` is the engine itself.
const KINDS: [&str; 2] = ["user", "service"];

/// Who is calling, with the engine that acts for their tenant.
#[derive(Debug)]
pub(crate) struct Caller {
    /// Acts for the caller's tenant.
    pub(crate) engine: Engine,
    /// Who it is.
    pub(crate) actor: Actor,
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let actor = match parts.extensions.get::<Actor>() {
            Some(authenticated) => authenticated.clone(),
            None if app.config.open => claimed(&parts.headers)?,
            None => {
                return Err(Problem::new(
                    codes::NOT_AUTHENTICATED,
                    "this server is not open to everyone, and the request does not prove who sends it",
                ));
            }
        };
        let engine = match tenant(&parts.headers)? {
            Some(tenant) => app.engine.for_tenant(tenant),
            None => app.engine.clone(),
        };
        Ok(Self { engine, actor })
    }
}

/// On an open server an actor is who they say they are.
fn claimed(headers: &HeaderMap) -> Result<Actor, Problem> {
    let mut values = headers.get_all(&ACTOR).iter();
    let Some(value) = values.next() else {
        return Ok(Actor::anonymous());
    };
    if values.next().is_some() {
        return Err(bad_actor("it is given twice"));
    }
    let value = json::parse_strict(value.as_bytes(), ACTOR_LIMITS)
        .map_err(|refusal| bad_actor(&refusal.message).with("offset", refusal.offset))?;
    if !value.is_object() {
        return Err(bad_actor("it is no object"));
    }
    let actor: Actor =
        serde_json::from_value(value).map_err(|error| bad_actor(&error.to_string()))?;
    check(&actor).map_err(|problem| bad_actor(&problem))?;
    Ok(actor)
}

fn check(actor: &Actor) -> Result<(), String> {
    if !KINDS.contains(&actor.kind.as_str()) {
        return Err(format!(
            "`kind` is `user` or `service`, not `{}`",
            actor.kind
        ));
    }
    if actor.roles.len() > ROLES_MAX {
        return Err(format!(
            "it has {} roles, at most {ROLES_MAX} are taken",
            actor.roles.len()
        ));
    }
    let names = actor.roles.iter().chain([&actor.id]);
    for name in names {
        if name.is_empty() || name.len() > ID_BYTES_MAX || name.chars().any(char::is_control) {
            return Err(format!(
                "the id and each role have 1 to {ID_BYTES_MAX} bytes and no control characters"
            ));
        }
    }
    Ok(())
}

fn bad_actor(problem: &str) -> Problem {
    Problem::new(
        codes::BAD_ACTOR,
        format!(
            "header `Statehold-Actor`: {problem}; expected e.g. {}",
            r#"{"id": "ann", "kind": "user", "roles": ["warehouse"]}"#
        ),
    )
}

fn tenant(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(tenant) = one(headers, &TENANT)? else {
        return Ok(None);
    };
    let usable = !tenant.is_empty()
        && tenant.len() <= TENANT_BYTES_MAX
        && tenant
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if usable {
        return Ok(Some(tenant));
    }
    Err(Problem::new(
        codes::BAD_HEADER,
        format!(
            "header `Statehold-Tenant`: a tenant has 1 to {TENANT_BYTES_MAX} characters out of letters, \
             digits, `-`, `_` and `.`"
        ),
    ))
}
