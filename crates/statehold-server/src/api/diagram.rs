//! The picture of a machine: with the state of one entity highlighted, or with how many entities stand where.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use axum::response::IntoResponse;
use statehold_core::{Machine, codes};
use statehold_diagram::{Highlight, Options, Theme};
use statehold_engine::{Engine, PAGE_MAX};

use super::Answer;
use super::machines::version_of;
use crate::app::App;
use crate::door::{Caller, FromQuery, IfNoneMatch, Params, Query, Segments, bad_query};
use crate::problem::Problem;

/// Most entities that are counted for one picture: they are read one by one, and a request is no place for more.
const COUNTED_MAX: usize = 20_000;

/// A picture is opened by itself too: then its style sheet may work, and nothing else.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
);

/// Part of every tag: another release may draw another picture of the same machine.
const RELEASE: &str = env!("CARGO_PKG_VERSION");

/// What to draw.
pub(crate) struct DiagramQuery {
    version: Option<String>,
    entity: Option<String>,
    counts: bool,
    theme: Theme,
}

impl FromQuery for DiagramQuery {
    const KNOWN: &'static [&'static str] = &["version", "entity", "counts", "theme"];

    fn from_query(params: &Params) -> Result<Self, Problem> {
        Ok(Self {
            version: params.owned("version"),
            entity: params.owned("entity"),
            counts: params.flag("counts")?,
            theme: match params.text("theme") {
                None | Some("auto") => Theme::Auto,
                Some("light") => Theme::Light,
                Some("dark") => Theme::Dark,
                Some(other) => {
                    return Err(bad_query(format!(
                        "query parameter `theme`: expected auto, light or dark, got `{other}`"
                    )));
                }
            },
        })
    }
}

/// `GET /v1/machines/{machine}/diagram.svg`
pub(crate) async fn svg(
    State(app): State<App>,
    caller: Caller,
    Segments(name): Segments<String>,
    known: IfNoneMatch,
    Query(query): Query<DiagramQuery>,
) -> Answer {
    let (machine, options) = what_to_draw(&caller.engine, &name, query).await?;
    let tag = tag(&machine, &options);
    let headers: [(HeaderName, HeaderValue); 3] = [
        (ETAG, header(&tag)),
        // Kept, but asked about each time: who may see it can change, and with an entity or counts so can the picture.
        (CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        (CONTENT_SECURITY_POLICY, POLICY),
    ];
    if known.has_tag(&tag) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let picture = draw(&app, machine, options).await?;
    let kind = [(CONTENT_TYPE, "image/svg+xml; charset=utf-8")];
    Ok((headers, kind, picture).into_response())
}

async fn what_to_draw(
    engine: &Engine,
    name: &str,
    query: DiagramQuery,
) -> Result<(Machine, Options), Problem> {
    let mut options = Options {
        theme: query.theme,
        ..Options::default()
    };
    let machine = match &query.entity {
        Some(id) => {
            let entity = engine.get(name, id).await?;
            let machine = engine.machine(name, Some(entity.version))?;
            if let Some(version) = &query.version
                && *version != machine.version.to_string()
            {
                return Err(bad_query(format!(
                    "entity `{id}` follows version {} of `{name}`, not `{version}`; leave `version` out",
                    machine.version
                )));
            }
            // A state that its own chart does not know cannot be drawn; the entity itself shows it.
            if let Ok(active) = machine.decode(&entity.state) {
                options.highlight = Highlight::of(&machine, &active);
            }
            machine
        }
        None => match &query.version {
            Some(version) => version_of(engine, name, version)?,
            None => engine.machine(name, None)?,
        },
    };
    if query.counts {
        options.counts = count(engine, &machine).await?;
    }
    Ok((machine, options))
}

/// How many entities of this version stand in each state, those above it included.
async fn count(engine: &Engine, machine: &Machine) -> Result<BTreeMap<String, u64>, Problem> {
    let states = machine.states.iter().skip(1);
    let mut counts: BTreeMap<String, u64> = states.map(|state| (state.path.clone(), 0)).collect();
    let mut cursor: Option<String> = None;
    let mut seen = 0;
    loop {
        let page = engine.list(&machine.name, None, None, cursor.as_deref(), PAGE_MAX);
        let page = page.await?;
        seen += page.items.len();
        if seen > COUNTED_MAX {
            return Err(bad_query(format!(
                "`{}` has more than {COUNTED_MAX} entities, which are too many to count for a picture",
                machine.name
            )));
        }
        let own = page
            .items
            .iter()
            .filter(|entity| entity.version == machine.version);
        for active in own.filter_map(|entity| machine.decode(&entity.state).ok()) {
            for id in active.iter() {
                if let Some(count) = counts.get_mut(&machine.state(id).path) {
                    *count += 1;
                }
            }
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(counts);
        }
    }
}

/// The tag of a picture: everything that it is made from, in short.
fn tag(machine: &Machine, options: &Options) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [RELEASE, &machine.hash] {
        hasher.update(part.as_bytes()).update(&[0]);
    }
    hasher.update(format!("{options:?}").as_bytes());
    format!("\"{}\"", &hasher.finalize().to_hex()[..32])
}

fn header(tag: &str) -> HeaderValue {
    // Quotes and digits only.
    HeaderValue::from_str(tag).unwrap_or(HeaderValue::from_static("\"\""))
}

/// Draws beside the threads that answer requests, in the places for charts being loaded.
async fn draw(app: &App, machine: Machine, options: Options) -> Result<String, Problem> {
    let fault = || {
        Problem::new(
            codes::INTERNAL,
            "the picture could not be drawn, by a fault of the server",
        )
    };
    let place = app.chart_loads.clone().acquire_owned().await;
    let place = place.map_err(|_| fault())?;
    let drawn = tokio::task::spawn_blocking(move || {
        let _place = place;
        statehold_diagram::svg(&machine, &options)
    });
    drawn.await.map_err(|_| fault())
}
