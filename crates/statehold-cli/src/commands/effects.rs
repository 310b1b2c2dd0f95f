//! Commands about effects and dead letters.

use serde_json::{Value, json};

use super::target;
use crate::cli::{DeadLetters, DeadLettersList, Effects, EffectsList, Global, Redrive};
use crate::exit::{Exit, Failure};
use crate::render::Screen;
use crate::render::effect;
use crate::target::{Need, Page};

pub(crate) async fn run(screen: &Screen, global: &Global, args: Effects) -> Result<Exit, Failure> {
    match args {
        Effects::List(args) => list(screen, global, &args).await,
        Effects::Show(args) => {
            let target = target(global, Need::Existing).await?;
            let found = target.effect(&args.id).await;
            target.close().await;
            screen.show(&found?, effect::details);
            Ok(Exit::Done)
        }
        Effects::Retry(args) => redrive(screen, global, &args, "retry").await,
        Effects::Discard(args) => redrive(screen, global, &args, "discard").await,
    }
}

pub(crate) async fn dead_letters(
    screen: &Screen,
    global: &Global,
    args: DeadLetters,
) -> Result<Exit, Failure> {
    match args {
        DeadLetters::List(args) => list_dead(screen, global, &args).await,
        DeadLetters::Show(args) => {
            let target = target(global, Need::Existing).await?;
            let found = target.dead_letter(&args.id).await;
            target.close().await;
            screen.show(&found?, effect::details);
            Ok(Exit::Done)
        }
        DeadLetters::Retry(args) => redrive(screen, global, &args, "retry").await,
        DeadLetters::Discard(args) => redrive(screen, global, &args, "discard").await,
    }
}

async fn list(screen: &Screen, global: &Global, args: &EffectsList) -> Result<Exit, Failure> {
    let target = target(global, Need::Existing).await?;
    let filters = vec![
        ("machine", args.machine.as_deref()),
        ("status", args.status.as_deref()),
    ];
    let page = Page {
        filters,
        limit: args.limit,
        cursor: args.cursor.as_deref(),
    };
    let listed = target.effects(&page).await;
    target.close().await;
    let listed = listed?;
    screen.show(&listed, effect::effects);
    mention_more(screen, &listed);
    Ok(Exit::Done)
}

async fn list_dead(
    screen: &Screen,
    global: &Global,
    args: &DeadLettersList,
) -> Result<Exit, Failure> {
    let target = target(global, Need::Existing).await?;
    let filters = vec![("machine", args.machine.as_deref())];
    let page = Page {
        filters,
        limit: args.limit,
        cursor: args.cursor.as_deref(),
    };
    let listed = target.dead_letters(&page).await;
    target.close().await;
    let listed = listed?;
    screen.show(&listed, effect::effects);
    mention_more(screen, &listed);
    Ok(Exit::Done)
}

/// Says how to see the next page, if there is one.
pub(crate) fn mention_more(screen: &Screen, listed: &Value) {
    if let Some(cursor) = listed["next_cursor"].as_str() {
        screen.talk(&format!(
            "there may be more: --cursor {}",
            crate::render::style::clean(cursor)
        ));
    }
}

/// Retries or discards each; one that fails does not keep the others from being tried.
async fn redrive(
    screen: &Screen,
    global: &Global,
    args: &Redrive,
    verb: &'static str,
) -> Result<Exit, Failure> {
    if args.filter.is_some() || args.dry_run {
        return Err(Failure::not_yet(
            "--filter and --dry-run",
            "name the ids; `dead-letters list --json` gives them",
        ));
    }
    let target = target(global, Need::Existing).await?;
    let (mut items, mut failed, mut exit) = (Vec::new(), Vec::new(), Exit::Done);
    for id in &args.ids {
        match target.redrive(id, verb, &args.reason).await {
            Ok(effect) => items.push(effect),
            Err(failure) => {
                exit = exit.or(failure.exit);
                failed.push((id, failure));
            }
        }
    }
    if verb == "retry" && !items.is_empty() {
        target.mention_waiting(screen);
    }
    target.close().await;
    for (_, failure) in &failed {
        screen.warn(&crate::render::failure::draw(failure));
    }
    let problems = failed
        .into_iter()
        .map(|(id, failure)| json!({ "id": id, "problem": failure.body }));
    let document = json!({ "items": items, "failed": problems.collect::<Vec<_>>() });
    if screen.json || !items_of(&document).is_empty() {
        screen.show(&document, effect::redriven);
    }
    Ok(exit)
}

fn items_of(document: &Value) -> &[Value] {
    document["items"].as_array().map_or(&[], Vec::as_slice)
}
