//! What the database itself refuses, from whoever changes tables with another tool.

use statehold_store::suite::fixtures::*;
use statehold_store::*;
use statehold_testpg::{Database, execute};

use super::{config, database};

/// A database with an entity at revision 1, a claimed effect with a past, and an operator's act.
async fn filled() -> Option<Database> {
    let database = database().await?;
    let store = PostgresStore::open(config(database.url()))
        .await
        .expect("open");
    create_dead(&store, "1", "e1").await;
    let retried = store.retry_dead("main", "e1", act(700, "again")).await;
    retried.expect("retry_dead");
    claim_one(&store, at(700)).await;
    let row = current(&store, &key("1")).await;
    let mut commit = step(&row, "pay", "paid");
    commit.timers = vec![timer("paid", 1, "48h", at(60))];
    apply(&store, commit).await;
    let published = store.publish(version("main", "order", 1, "aa")).await;
    published.expect("publish");
    store.close().await.expect("close");
    Some(database)
}

async fn refused(database: &Database, statement: &str, words: &str) {
    let error = database.execute(statement).await.expect_err(statement);
    let cause = error.source().map(ToString::to_string);
    let text = format!("{error} {}", cause.unwrap_or_default());
    assert!(text.contains(words), "{statement}: {text}");
}

/// A statement that copies the newest log row with some columns changed.
fn log_copy(changes: &[(&str, &str)]) -> String {
    let columns = [
        "entity",
        "seq",
        "at",
        "event",
        "event_id",
        "fingerprint",
        "actor",
        "cause",
        "from_state",
        "to_state",
        "transitions",
        "patch",
        "input",
        "result",
        "chart_version",
    ];
    let values = columns.map(|column| {
        let change = changes.iter().find(|(name, _)| *name == column);
        change.map_or(column, |(_, value)| value)
    });
    format!(
        "INSERT INTO statehold.log ({}) SELECT {} FROM statehold.log ORDER BY entity, seq DESC LIMIT 1",
        columns.join(", "),
        values.join(", ")
    )
}

#[tokio::test]
async fn log_rows_cannot_be_changed_or_deleted() {
    let Some(database) = filled().await else {
        return;
    };
    for change in [
        "UPDATE statehold.log SET to_state = 'x'",
        "UPDATE statehold.log SET input = '{}' WHERE seq = 1",
        "DELETE FROM statehold.log",
        "TRUNCATE statehold.log CASCADE",
    ] {
        refused(&database, change, "never changed or deleted").await;
    }
}

#[tokio::test]
async fn log_holds_each_position_and_event_once() {
    let Some(database) = filled().await else {
        return;
    };
    let same_seq = log_copy(&[("event_id", "'new'")]);
    refused(&database, &same_seq, "log_pkey").await;
    let same_event = log_copy(&[("seq", "2")]);
    refused(&database, &same_event, "log_entity_event_id_key").await;
}

#[tokio::test]
async fn state_column_moves_only_with_its_log_row() {
    let Some(database) = filled().await else {
        return;
    };
    let forgeries = [
        "UPDATE statehold.entity SET state = 'refunded'",
        "UPDATE statehold.entity SET state = 'refunded', revision = revision + 1",
        "UPDATE statehold.entity SET revision = revision + 1",
        "UPDATE statehold.entity SET revision = 0",
    ];
    let words = "only together with a log row";
    for forged in forgeries {
        refused(&database, forged, words).await;
    }
    // A log row that starts elsewhere, leads elsewhere or leaves a gap does not help.
    let next = [
        ("seq", "2"),
        ("event_id", "'new'"),
        ("from_state", "to_state"),
        ("to_state", "'refunded'"),
    ];
    for wrong in [
        ("from_state", "'elsewhere'"),
        ("to_state", "'elsewhere'"),
        ("seq", "3"),
    ] {
        let mut changes = vec![wrong];
        changes.extend(next);
        for forged in forgeries {
            let together = format!("BEGIN; {}; {forged}; COMMIT", log_copy(&changes));
            refused(&database, &together, words).await;
        }
    }
    let together = format!("BEGIN; {}; {}; COMMIT", log_copy(&next), forgeries[1]);
    let moved = database.execute(&together).await;
    moved.expect("the row and its log row agree");
}

#[tokio::test]
async fn published_and_audited_rows_never_change() {
    let Some(database) = filled().await else {
        return;
    };
    for (change, words) in [
        (
            "UPDATE statehold.machine_version SET source = ''",
            "never changes",
        ),
        (
            "UPDATE statehold.operator_act SET reason = ''",
            "never changed",
        ),
        (
            "DELETE FROM statehold.operator_act",
            "never changed or deleted",
        ),
    ] {
        refused(&database, change, words).await;
    }
}

#[tokio::test]
async fn columns_hold_only_what_belongs_together() {
    let Some(database) = filled().await else {
        return;
    };
    for wrong in [
        "UPDATE statehold.entity SET status = 'halted'",
        "UPDATE statehold.entity SET id = ''",
        "UPDATE statehold.entity SET context = NULL",
        "UPDATE statehold.effect SET status = 'unheard of'",
        "UPDATE statehold.effect SET status = 'ok'",
        "UPDATE statehold.effect SET settled_at = now()",
        "UPDATE statehold.effect SET invoke_state = 'x'",
        "UPDATE statehold.outbox SET epoch = -1",
        "UPDATE statehold.effect_attempt SET n = 0",
        "INSERT INTO statehold.operator_act (effect, verb, at, actor, reason) VALUES ('e1', 'bribe', now(), '{}', 'why')",
    ] {
        refused(&database, wrong, "constraint").await;
    }
}

#[tokio::test]
async fn rows_belong_to_a_committed_step() {
    let Some(database) = filled().await else {
        return;
    };
    for orphan in [
        log_copy(&[("entity", "77"), ("seq", "0"), ("from_state", "''")]),
        "UPDATE statehold.effect SET seq = 77".to_owned(),
        "INSERT INTO statehold.outbox (id, due) VALUES ('absent', now())".to_owned(),
        "INSERT INTO statehold.timer (entity, state, name, entry, due) VALUES (77, 's', 'n', 1, now())".to_owned(),
        "DELETE FROM statehold.entity".to_owned(),
    ] {
        refused(&database, &orphan, "foreign key").await;
    }
}

/// What a role needs to run the store, and that it is enough.
#[tokio::test]
async fn role_with_the_documented_rights_can_run_the_store() {
    let Some(database) = filled().await else {
        return;
    };
    let role = format!("app_{}", database.name());
    let rights = include_str!("../../../sql/postgres/rights.sql").replace(":role", &role);
    let url = database.url().replace("statehold@", &format!("{role}@"));
    let make = format!("CREATE ROLE {role} LOGIN");
    database.execute(&make).await.expect("a role");
    let error = PostgresStore::open(config(&url))
        .await
        .expect_err("no rights");
    assert!(
        matches!(
            &error,
            StoreError::Unusable {
                why: Unfit::Rights,
                ..
            }
        ),
        "{error:?}"
    );
    database.execute(&rights).await.expect("grant");
    let store = PostgresStore::open(config(&url)).await.expect("open");
    let row = current(&store, &key("1")).await;
    let mut commit = step(&row, "refund", "refunded");
    commit.cancel_timers = vec![entry_of("paid", 1)];
    commit.effects = vec![effect("e2", at(0))];
    apply(&store, commit).await;
    let held = claim(&store, at(9_000), 10).await;
    for held in held {
        settle(&store, end(&held, EffectStatus::Dead)).await;
    }
    let retried = store.retry_dead("main", "e2", act(1, "why")).await;
    assert!(
        matches!(retried, Ok(OperateOutcome::Done(_))),
        "{retried:?}"
    );
    let next = store.publish(version("main", "order", 2, "bb")).await;
    assert_eq!(next.expect("publish"), PublishOutcome::Published);
    store.close().await.expect("close");
    // It may not do what the store never does.
    let forged = execute(&url, "DELETE FROM statehold.entity").await;
    assert!(forged.is_err());
    let cleaning = format!("DROP OWNED BY {role}; DROP ROLE {role}");
    database.execute(&cleaning).await.expect("the role goes");
}
