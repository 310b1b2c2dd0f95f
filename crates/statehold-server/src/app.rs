//! [`app`]: routes and the layers around them.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use statehold_core::codes;
use statehold_engine::Engine;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;

use crate::config::AppConfig;
use crate::problem::Problem;
use crate::{envelope, loopback, routes};

/// What every handler can reach. Cheap to clone.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) engine: Engine,
    pub(crate) config: AppConfig,
    /// Places for requests under way.
    pub(crate) requests: Arc<Semaphore>,
    /// Places for charts being loaded.
    pub(crate) chart_loads: Arc<Semaphore>,
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// The API and its pages over an engine, to be given to [`serve`](crate::serve) or called in process.
pub fn app(engine: Engine, config: AppConfig) -> Router {
    let app = App(Arc::new(Parts {
        engine,
        requests: Arc::new(Semaphore::new(config.requests_max)),
        chart_loads: Arc::new(Semaphore::new(config.chart_loads_max)),
        config,
    }));
    let router = routes::router(app.config.dev.is_some())
        .fallback(unknown_route)
        .method_not_allowed_fallback(method_not_allowed);
    // The last one added sees the request first.
    let router = if app.config.open {
        router.layer(from_fn(loopback::guard))
    } else {
        router
    };
    router
        .layer(from_fn_with_state(app.clone(), envelope::admit))
        .layer(CatchPanicLayer::custom(|_| panicked()))
        .layer(from_fn_with_state(app.clone(), envelope::wrap))
        .with_state(app)
}

async fn unknown_route(State(app): State<App>, request: Request) -> Problem {
    let path = request.uri().path();
    let hint = if app.config.dev.is_none() && path.starts_with("/v1/dev/") {
        "this address exists on development servers only"
    } else {
        "the addresses that exist are listed at /docs"
    };
    Problem::new(
        codes::UNKNOWN_ROUTE,
        format!("there is no `{path}`; {hint}"),
    )
}

async fn method_not_allowed(request: Request) -> Problem {
    let (method, path) = (request.method(), request.uri().path());
    Problem::new(
        codes::METHOD_NOT_ALLOWED,
        format!("`{path}` does not take {method}; the `Allow` header says what it takes"),
    )
}

/// The panic itself was reported by the panic hook.
fn panicked() -> Response {
    Problem::new(
        codes::INTERNAL,
        "the server met a fault of its own; please report it with the request id",
    )
    .into_response()
}
