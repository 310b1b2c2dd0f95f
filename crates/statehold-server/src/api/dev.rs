//! What only a development server has: a clock that can be moved.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use statehold_core::{codes, delay};

use super::Answer;
use crate::app::App;
use crate::config::DevControls;
use crate::door::{Caller, Fields, FromFields, JsonBody, NoQuery};
use crate::problem::Problem;

/// Where the clock stands.
#[derive(Debug, Serialize)]
struct ClockView {
    now: Timestamp,
    /// How far it is ahead of the machine's own clock.
    offset: String,
    offset_seconds: i64,
}

/// Body of a move.
pub(crate) struct AdvanceBody {
    advance: String,
}

impl FromFields for AdvanceBody {
    const KNOWN: &'static [&'static str] = &["advance"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            advance: fields.text("advance")?,
        })
    }
}

/// `GET /v1/dev/clock`
pub(crate) async fn clock(State(app): State<App>, caller: Caller, _: NoQuery) -> Answer {
    let dev = controls(&app)?;
    Ok(view(&caller, dev.clock.offset()))
}

/// `POST /v1/dev/clock`
pub(crate) async fn advance(
    State(app): State<App>,
    caller: Caller,
    _: NoQuery,
    JsonBody(body): JsonBody<AdvanceBody>,
) -> Answer {
    let dev = controls(&app)?;
    let by = delay::parse(&body.advance).map_err(|problem| refused(&problem))?;
    let ahead = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    let most = SignedDuration::try_from(delay::MAX).unwrap_or(SignedDuration::MAX);
    if dev.clock.offset().saturating_add(ahead) > most {
        return Err(refused("the clock can be ahead by 100 years at most"));
    }
    let offset = dev.clock.advance(by);
    if let Some(tell) = dev.on_advance.clone() {
        let told = tokio::task::spawn_blocking(move || tell(offset)).await;
        let told = told.unwrap_or_else(|_| Err("the new offset was not taken".to_owned()));
        told.map_err(|problem| {
            let detail = format!("the clock was moved, but {problem}; a restart forgets the move");
            Problem::new(codes::INTERNAL, detail)
        })?;
    }
    Ok(view(&caller, offset))
}

fn controls(app: &App) -> Result<&DevControls, Problem> {
    let dev = app.config.dev.as_ref();
    dev.ok_or_else(|| Problem::new(codes::UNKNOWN_ROUTE, "this is not a development server"))
}

fn view(caller: &Caller, offset: SignedDuration) -> axum::response::Response {
    let length = std::time::Duration::try_from(offset).unwrap_or_default();
    Json(ClockView {
        now: caller.engine.now(),
        offset: delay::format(length),
        offset_seconds: offset.as_secs(),
    })
    .into_response()
}

fn refused(problem: &str) -> Problem {
    Problem::new(codes::MALFORMED_BODY, format!("field `advance`: {problem}"))
        .with("pointer", "/advance")
}
