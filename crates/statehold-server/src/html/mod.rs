//! The pages people read: the documents, what a code means, and the first page of a development server.
//!
//! Rendered here, without a script of any kind, so that the strictest content policy holds. Text becomes markup only
//! through [`markup`], which escapes it.

mod docs;
mod errors;
mod index;
mod markup;
mod prose;
mod schemas;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse, Redirect, Response};

use crate::api::Answer;
use crate::app::App;
use crate::door::{Caller, NoQuery, Segments};
use crate::openapi;
use markup::{Html, el};

const STYLE: &str = include_str!("style.css");

/// Only our own style sheet and our own pictures; no script, no form, no frame around it.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `GET /docs`
pub(crate) async fn docs(State(app): State<App>, caller: Caller, _: NoQuery) -> Answer {
    let document = openapi::completed(&app, &caller);
    Ok(page("Statehold API", docs::render(&document)))
}

/// `GET /docs/errors/{code}`
pub(crate) async fn error_page(Segments(code): Segments<String>, _: NoQuery) -> Answer {
    let body = errors::render(&code)?;
    Ok(page(&code, body))
}

/// `GET /`
pub(crate) async fn index(State(app): State<App>, caller: Caller, _: NoQuery) -> Answer {
    match &app.config.dev {
        Some(dev) => Ok(page("Statehold", index::render(&app, &caller, dev))),
        None => Ok(Redirect::temporary("/docs").into_response()),
    }
}

/// `GET /docs/style.css`
pub(crate) async fn style(_: NoQuery) -> Response {
    (
        [
            (CONTENT_TYPE, "text/css; charset=utf-8"),
            (CACHE_CONTROL, "no-cache"),
        ],
        STYLE,
    )
        .into_response()
}

/// A whole page around its content.
fn page(title: &str, content: Html) -> Response {
    let head = el("head")
        .child(el("meta").attr("charset", "utf-8"))
        .child(
            el("meta")
                .attr("name", "viewport")
                .attr("content", "width=device-width, initial-scale=1"),
        )
        .child(
            el("meta")
                .attr("name", "color-scheme")
                .attr("content", "light dark"),
        )
        .child(el("title").child(title))
        .child(
            el("link")
                .attr("rel", "stylesheet")
                .attr("href", "/docs/style.css"),
        );
    let document = el("html")
        .attr("lang", "en")
        .child(head)
        .child(el("body").child(content));
    let headers: [(HeaderName, &str); 3] = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
        (CONTENT_SECURITY_POLICY, POLICY),
    ];
    (
        headers,
        format!("<!doctype html>\n{}\n", Html::from(document)),
    )
        .into_response()
}
