//! The API inside this process, on a store of its own.

use std::sync::Arc;

use axum::Router;
use statehold_engine::EngineError;
use statehold_server::AppConfig;
use statehold_store::Store;
use tower::ServiceExt;

use super::store::{self, Time};
use super::{Answer, Body, Need, Request};
use crate::exit::{Exit, Failure};
use crate::settings::StoreUrl;

/// Bytes of an answer, at most: a page of the largest entities.
pub(super) const ANSWER_BYTES_MAX: usize = 1024 * 1024 * 1024;

/// An engine without workers and its API.
pub(super) struct Local {
    url: StoreUrl,
    store: Arc<dyn Store>,
    app: Router,
}

impl Local {
    pub(super) async fn open(url: &StoreUrl, need: Need) -> Result<Self, Failure> {
        let opened = store::open(url, need, Time::OfStore).await?;
        let engine = opened.engine().open().await.map_err(|e| of_engine(&e))?;
        let app = statehold_server::app(engine, AppConfig::default());
        Ok(Self {
            url: url.clone(),
            store: opened.store,
            app,
        })
    }

    pub(super) fn url(&self) -> String {
        self.url.to_string()
    }

    pub(super) async fn send(&self, request: Request) -> Result<Answer, Failure> {
        let request = http(request).map_err(|error| Failure::usage(error.to_string()))?;
        // A router cannot fail: whatever happens is a response.
        let response = match self.app.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), ANSWER_BYTES_MAX)
            .await
            .map_err(|error| Failure::unavailable(format!("{}: {error}", self.url)))?;
        Ok(Answer {
            status,
            body: body.into(),
        })
    }

    pub(super) async fn close(self) {
        drop(self.app);
        if let Err(error) = self.store.close().await {
            tracing::warn!(%error, "the store did not close cleanly");
        }
    }
}

fn http(request: Request) -> Result<axum::extract::Request, axum::http::Error> {
    let mut builder = axum::http::Request::builder()
        .method(request.method)
        .uri(request.path)
        .header("host", "localhost");
    for (name, value) in request.headers {
        builder = builder.header(name, value);
    }
    let (body, media_type) = match request.body {
        Body::None => (String::new(), None),
        Body::Json(value) => (value.to_string(), Some("application/json")),
        Body::Chart(text, media_type) => (text, Some(media_type)),
    };
    if let Some(media_type) = media_type {
        builder = builder.header("content-type", media_type);
    }
    builder.body(axum::body::Body::from(body))
}

/// An engine that could not be opened, or a call to it that failed.
pub(crate) fn of_engine(error: &EngineError) -> Failure {
    let exit = match error {
        EngineError::Store { .. } => Exit::Unavailable,
        _ => Exit::NotSo,
    };
    let mut detail = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        detail.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    Failure::new(exit, error.code(), detail)
}
