//! Commands about entities: create, get, list, fire, explain, log.

use serde_json::{Value, json};

use super::target;
use crate::cli::{Create, Explain, Fire, Get, Global, List, Log};
use crate::exit::{Exit, Failure};
use crate::input::optional_json;
use crate::render::Screen;
use crate::render::entity;
use crate::target::{Need, Page, Target};

/// Rows that `--all` and `log` collect, at most: they are held in memory until they are printed.
const ROWS_MAX: usize = 100_000;

/// Rows of one page while collecting.
const PAGE: u32 = statehold_engine::PAGE_MAX;

pub(crate) async fn create(
    screen: &Screen,
    global: &Global,
    args: &Create,
) -> Result<Exit, Failure> {
    let input = optional_json("INPUT", args.input.as_deref())?;
    let target = target(global, Need::Existing).await?;
    let created = target
        .create(
            &args.machine,
            args.id.as_deref(),
            input,
            args.event_id.as_deref(),
        )
        .await;
    changed(screen, target, created).await
}

pub(crate) async fn fire(screen: &Screen, global: &Global, args: &Fire) -> Result<Exit, Failure> {
    let event = event(&args.event, args.input.as_deref())?;
    let target = target(global, Need::Existing).await?;
    let fired = target
        .fire(
            &args.machine,
            &args.id,
            event,
            args.event_id.as_deref(),
            args.if_revision,
        )
        .await;
    changed(screen, target, fired).await
}

/// Shows a change and, where nobody does what it asked for, says so.
async fn changed(
    screen: &Screen,
    target: Target,
    changed: Result<Value, Failure>,
) -> Result<Exit, Failure> {
    if changed.is_ok() {
        target.mention_waiting(screen);
    }
    target.close().await;
    screen.show(&changed?, entity::fired);
    Ok(Exit::Done)
}

pub(crate) async fn get(screen: &Screen, global: &Global, args: &Get) -> Result<Exit, Failure> {
    let target = target(global, Need::Existing).await?;
    let found = target.entity(&args.machine, &args.id).await;
    target.close().await;
    screen.show(&found?, entity::entity);
    Ok(Exit::Done)
}

pub(crate) async fn list(screen: &Screen, global: &Global, args: &List) -> Result<Exit, Failure> {
    if args.condition.is_some() {
        return Err(Failure::not_yet(
            "list --where",
            "use --state and --status, or filter the output of --json",
        ));
    }
    let target = target(global, Need::Existing).await?;
    let listed = if args.all {
        all(&target, args).await
    } else {
        page(&target, args).await
    };
    target.close().await;
    let listed = listed?;
    screen.show(&listed, entity::entities);
    super::effects::mention_more(screen, &listed);
    Ok(Exit::Done)
}

async fn page(target: &Target, args: &List) -> Result<Value, Failure> {
    let page = Page {
        limit: args.limit,
        cursor: args.cursor.as_deref(),
        filters: filters(args),
    };
    target.entities(&args.machine, &page).await
}

/// Page after page, until there is none or enough is collected; then the cursor says where to go on.
async fn all(target: &Target, args: &List) -> Result<Value, Failure> {
    let mut items = Vec::new();
    let mut cursor = args.cursor.clone();
    loop {
        let page = Page {
            limit: PAGE,
            cursor: cursor.as_deref(),
            filters: filters(args),
        };
        let mut listed = target.entities(&args.machine, &page).await?;
        items.append(&mut rows(&mut listed));
        cursor = listed["next_cursor"].as_str().map(str::to_owned);
        match &cursor {
            None => return Ok(json!({ "items": items })),
            Some(cursor) if items.len() >= ROWS_MAX => {
                return Ok(json!({ "items": items, "next_cursor": cursor }));
            }
            Some(_) => {}
        }
    }
}

fn filters(args: &List) -> Vec<(&'static str, Option<&str>)> {
    vec![
        ("state", args.state.as_deref()),
        ("status", args.status.as_deref()),
    ]
}

pub(crate) async fn explain(
    screen: &Screen,
    global: &Global,
    args: &Explain,
) -> Result<Exit, Failure> {
    let question = match &args.event {
        Some(kind) => event(kind, args.input.as_deref())?,
        None => json!({}),
    };
    let target = target(global, Need::Existing).await?;
    let explained = target.explain(&args.machine, &args.id, question).await;
    target.close().await;
    let explained = explained?;
    screen.show(&explained, entity::explained);
    let refused = explained["refusal"].is_object() && explained["outcome"] != "ignored";
    Ok(if refused { Exit::NotSo } else { Exit::Done })
}

pub(crate) async fn log(screen: &Screen, global: &Global, args: &Log) -> Result<Exit, Failure> {
    let target = target(global, Need::Existing).await?;
    let history = if args.refused {
        target.refusals(&args.machine, &args.id).await
    } else {
        whole_log(&target, args).await
    };
    target.close().await;
    let draw = if args.refused {
        entity::refusals
    } else {
        entity::log
    };
    screen.show(&history?, draw);
    Ok(Exit::Done)
}

async fn whole_log(target: &Target, args: &Log) -> Result<Value, Failure> {
    let mut items = Vec::new();
    let mut from = 0;
    loop {
        let mut listed = target.log(&args.machine, &args.id, from).await?;
        items.append(&mut rows(&mut listed));
        match listed["next_from"].as_u64() {
            None => return Ok(json!({ "items": items })),
            Some(next) if items.len() >= ROWS_MAX || next <= from => {
                return Ok(json!({ "items": items, "next_from": next }));
            }
            Some(next) => from = next,
        }
    }
}

fn rows(page: &mut Value) -> Vec<Value> {
    match page["items"].take() {
        Value::Array(rows) => rows,
        _ => Vec::new(),
    }
}

fn event(kind: &str, input: Option<&str>) -> Result<Value, Failure> {
    let mut event = json!({ "type": kind });
    if let Some(input) = optional_json("INPUT", input)? {
        event["input"] = input;
    }
    Ok(event)
}
