//! Every address the server answers, once: the router is made from this table, and tests hold the OpenAPI document
//! equal to it.

use axum::Router;
use axum::routing::{MethodRouter, get, post};

use crate::api::{
    dead_letters, dev, diagram, effects, entities, events, history, machines, service,
};
use crate::app::App;
use crate::{html, openapi};

/// Where a route exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// On every server.
    Always,
    /// On development servers.
    Dev,
}

struct Route {
    method: &'static str,
    path: &'static str,
    scope: Scope,
    handler: fn() -> MethodRouter<App>,
}

const fn route(
    method: &'static str,
    path: &'static str,
    handler: fn() -> MethodRouter<App>,
) -> Route {
    Route {
        method,
        path,
        scope: Scope::Always,
        handler,
    }
}

const fn dev_route(
    method: &'static str,
    path: &'static str,
    handler: fn() -> MethodRouter<App>,
) -> Route {
    Route {
        scope: Scope::Dev,
        ..route(method, path, handler)
    }
}

const ROUTES: &[Route] = &[
    route("get", "/v1/machines", || get(machines::list)),
    route("post", "/v1/machines", || post(machines::publish)),
    route("get", "/v1/machines/{machine}", || get(machines::show)),
    route("get", "/v1/machines/{machine}/versions/{version}", || {
        get(machines::show_version)
    }),
    route("get", "/v1/machines/{machine}/diagram.svg", || {
        get(diagram::svg)
    }),
    route("get", "/v1/machines/{machine}/entities", || {
        get(entities::list)
    }),
    route("post", "/v1/machines/{machine}/entities", || {
        post(entities::create)
    }),
    route("get", "/v1/machines/{machine}/entities/{id}", || {
        get(entities::get)
    }),
    route(
        "post",
        "/v1/machines/{machine}/entities/{id}/events",
        || post(events::fire),
    ),
    route(
        "post",
        "/v1/machines/{machine}/entities/{id}/explain",
        || post(events::explain),
    ),
    route("get", "/v1/machines/{machine}/entities/{id}/log", || {
        get(history::log)
    }),
    route(
        "get",
        "/v1/machines/{machine}/entities/{id}/effects",
        || get(history::effects),
    ),
    route("get", "/v1/machines/{machine}/entities/{id}/timers", || {
        get(history::timers)
    }),
    route(
        "get",
        "/v1/machines/{machine}/entities/{id}/attempts",
        || get(history::attempts),
    ),
    route("get", "/v1/effects", || get(effects::list)),
    route("get", "/v1/effects/{id}", || get(effects::show)),
    route("get", "/v1/dead-letters", || get(dead_letters::list)),
    route("get", "/v1/dead-letters/{id}", || get(dead_letters::show)),
    route("post", "/v1/dead-letters/{id}/retry", || {
        post(dead_letters::retry)
    }),
    route("post", "/v1/dead-letters/{id}/discard", || {
        post(dead_letters::discard)
    }),
    route("get", "/v1/status", || get(service::status)),
    dev_route("get", "/v1/dev/clock", || get(dev::clock)),
    dev_route("post", "/v1/dev/clock", || post(dev::advance)),
    route("get", "/healthz", || get(service::healthz)),
    route("get", "/readyz", || get(service::readyz)),
    route("get", "/openapi.json", || get(openapi::serve)),
    route("get", "/schema/chart-1.json", || get(openapi::chart_schema)),
    route("get", "/docs", || get(html::docs)),
    route("get", "/docs/style.css", || get(html::style)),
    route("get", "/docs/errors/{code}", || get(html::error_page)),
    route("get", "/", || get(html::index)),
];

/// Method in lower case, path with `{names}`, and scope of every route.
pub fn route_list() -> impl Iterator<Item = (&'static str, &'static str, Scope)> {
    ROUTES
        .iter()
        .map(|route| (route.method, route.path, route.scope))
}

/// The routes of a server, those for development among them if it is one.
pub(crate) fn router(dev: bool) -> Router<App> {
    ROUTES
        .iter()
        .filter(|route| dev || route.scope == Scope::Always)
        .fold(Router::new(), |router, route| {
            router.route(route.path, (route.handler)())
        })
}
