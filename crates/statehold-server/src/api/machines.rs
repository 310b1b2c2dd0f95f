//! Charts: publish, list, show.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::IntoResponse;
use serde::Serialize;
use statehold_core::diagnostic::Diagnostic;
use statehold_core::{ChartError, Loaded, Machine, codes};
use statehold_engine::Engine;

use super::machine_view::{DiagnosticView, MachineDetails, MachineSummary};
use super::{Answer, Items};
use crate::app::App;
use crate::door::{Caller, ChartBody, FromQuery, NoQuery, Params, Query, Segments};
use crate::problem::Problem;

/// Parameters of a publication.
pub(crate) struct PublishQuery {
    dry_run: bool,
}

impl FromQuery for PublishQuery {
    const KNOWN: &'static [&'static str] = &["dry_run"];

    fn from_query(params: &Params) -> Result<Self, Problem> {
        Ok(Self {
            dry_run: params.flag("dry_run")?,
        })
    }
}

/// What a publication did, or would do.
#[derive(Debug, Serialize)]
struct Published {
    machine: String,
    version: u32,
    new: bool,
    dry_run: bool,
    warnings: Vec<DiagnosticView>,
}

/// `POST /v1/machines`
pub(crate) async fn publish(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PublishQuery>,
    chart: ChartBody,
) -> Answer {
    let warnings_of = chart.text.clone();
    let Loaded { machine, warnings } = load(&app, chart).await?;
    let address = format!("/v1/machines/{}/versions/{}", machine.name, machine.version);
    let mut published = Published {
        machine: machine.name.clone(),
        version: machine.version,
        new: false,
        dry_run: query.dry_run,
        warnings: views(&warnings_of, &warnings),
    };
    if query.dry_run {
        Engine::check_doable(&machine)?;
        published.new = would_be_new(&caller.engine, &machine)?;
        return Ok(Json(published).into_response());
    }
    published.new = caller.engine.publish(machine, &caller.actor.id).await?.new;
    if published.new {
        Ok((StatusCode::CREATED, [(LOCATION, address)], Json(published)).into_response())
    } else {
        Ok(Json(published).into_response())
    }
}

/// `GET /v1/machines`
pub(crate) async fn list(caller: Caller, _: NoQuery) -> Answer {
    let machines = caller.engine.machines();
    let items = machines
        .iter()
        .map(|newest| {
            Ok(MachineSummary::new(
                newest,
                &caller.engine.machine_versions(&newest.name)?,
            ))
        })
        .collect::<Result<_, Problem>>()?;
    Ok(Json(Items { items }).into_response())
}

/// `GET /v1/machines/{machine}`
pub(crate) async fn show(caller: Caller, Segments(name): Segments<String>, _: NoQuery) -> Answer {
    let newest = caller.engine.machine(&name, None)?;
    details(&caller.engine, &newest)
}

/// `GET /v1/machines/{machine}/versions/{version}`
pub(crate) async fn show_version(
    caller: Caller,
    Segments((name, version)): Segments<(String, String)>,
    _: NoQuery,
) -> Answer {
    let machine = version_of(&caller.engine, &name, &version)?;
    details(&caller.engine, &machine)
}

/// A certain version of a machine, as a caller names it.
pub(super) fn version_of(engine: &Engine, name: &str, version: &str) -> Result<Machine, Problem> {
    let versions = engine.machine_versions(name)?;
    let machine = (versions.into_iter()).find(|machine| machine.version.to_string() == version);
    machine.ok_or_else(|| {
        Problem::new(
            codes::VERSION_MISSING,
            format!("there is no version `{version}` of machine `{name}`"),
        )
        .status(StatusCode::NOT_FOUND)
    })
}

fn details(engine: &Engine, machine: &Machine) -> Answer {
    let versions = engine.machine_versions(&machine.name)?;
    Ok(Json(MachineDetails::new(machine, &versions)).into_response())
}

/// Loads a chart beside the threads that answer requests, a few charts at a time.
async fn load(app: &App, chart: ChartBody) -> Result<Loaded, Problem> {
    let place = app.chart_loads.clone().acquire_owned().await;
    let place = place.map_err(|_| broken())?;
    let loaded = tokio::task::spawn_blocking(move || {
        let _place = place;
        Machine::load(chart.name, &chart.text)
    });
    loaded
        .await
        .map_err(|_| broken())?
        .map_err(|error| unusable(&error))
}

fn broken() -> Problem {
    Problem::new(
        codes::INTERNAL,
        "the chart could not be loaded, by a fault of the server",
    )
}

fn unusable(error: &ChartError) -> Problem {
    let mut errors = error.diagnostics.iter().filter(|d| d.is_error());
    let first = errors.next();
    let detail = match (first, errors.count()) {
        (None, _) => "the chart is not usable".to_owned(),
        (Some(first), 0) => format!("the chart is not usable: {}", first.message),
        (Some(first), more) => format!(
            "the chart is not usable: {}; and {more} more",
            first.message
        ),
    };
    let code = first.map_or(codes::SYNTAX, |first| first.code);
    let diagnostics = serde_json::to_value(views(&error.text, &error.diagnostics));
    Problem::new(code, detail)
        .status(StatusCode::UNPROCESSABLE_ENTITY)
        .with("diagnostics", diagnostics.unwrap_or_default())
}

fn views(text: &str, diagnostics: &[Diagnostic]) -> Vec<DiagnosticView> {
    diagnostics
        .iter()
        .map(|d| DiagnosticView::new(text, d))
        .collect()
}

/// The verdict of a publication without the publication.
fn would_be_new(engine: &Engine, machine: &Machine) -> Result<bool, Problem> {
    match engine.machine(&machine.name, Some(machine.version)) {
        Err(_) => Ok(true),
        Ok(published) if published.hash == machine.hash => Ok(false),
        Ok(_) => Err(Problem::new(
            codes::VERSION_TAKEN,
            format!(
                "machine `{}` version {} is published with another content; give the chart a higher `version:`",
                machine.name, machine.version
            ),
        )),
    }
}
