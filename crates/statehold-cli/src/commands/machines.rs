//! Commands about machines: publish, list.

use super::{settings, target};
use crate::cli::{Global, Publish};
use crate::exit::{Exit, Failure};
use crate::input;
use crate::render::Screen;
use crate::render::machine;
use crate::settings::{StoreUrl, TargetSpec};
use crate::target::{Need, Target};

/// Publishes a chart that was found valid here; its problems are shown with their places.
pub(crate) async fn publish(
    screen: &Screen,
    global: &Global,
    args: &Publish,
) -> Result<Exit, Failure> {
    let mut settings = settings(global)?;
    let chart = input::chart(screen, &args.chart)?;
    if args.dry_run {
        settings.target = without_traces(settings.target);
    }
    let target = Target::open(&settings, need(&settings.target, args.dry_run)).await?;
    let published = target.publish(&chart, args.dry_run).await;
    target.close().await;
    screen.show(&published?, machine::publication);
    Ok(Exit::Done)
}

/// A store that is not there yet is not made just to ask what would happen: an empty one answers the same.
fn without_traces(target: TargetSpec) -> TargetSpec {
    match target {
        TargetSpec::Store(StoreUrl::SqliteFile(path)) if !path.exists() => {
            TargetSpec::Store(StoreUrl::SqliteMemory)
        }
        other => other,
    }
}

/// A database cannot be stood in for by an empty one: what is published there is what the question is about.
fn need(target: &TargetSpec, dry_run: bool) -> Need {
    match target {
        TargetSpec::Store(StoreUrl::Postgres(_)) if dry_run => Need::Existing,
        _ => Need::Any,
    }
}

pub(crate) async fn list(screen: &Screen, global: &Global) -> Result<Exit, Failure> {
    let target = target(global, Need::Existing).await?;
    let listed = target.machines().await;
    target.close().await;
    screen.show(&listed?, machine::machines);
    Ok(Exit::Done)
}
