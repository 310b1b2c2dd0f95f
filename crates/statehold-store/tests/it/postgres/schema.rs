//! The schema and the queries against a real, fresh database.

use std::fs;
use std::path::Path;

use statehold_store::*;
use statehold_testpg::{Database, execute, query, shared};

use super::{config, database};

/// What a schema consists of, as the server tells it.
const CATALOGUE: &str = "
    SELECT 'column', c.relname || '.' || a.attname, format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull::text || ' '
        || coalesce(l.collname, '') || ' ' || a.attidentity::text || ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_collation l ON l.oid = a.attcollation LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE n.nspname = 'statehold' AND a.attnum > 0 AND c.relkind IN ('r', 'v')
    UNION ALL
    SELECT 'constraint', conrelid::regclass::text || '.' || conname, pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE n.nspname = 'statehold'
    UNION ALL
    SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'statehold'
    UNION ALL
    SELECT 'trigger', tgname, pg_get_triggerdef(t.oid)
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'statehold' AND NOT tgisinternal
    UNION ALL
    SELECT 'function', proname, prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'statehold'
    UNION ALL
    SELECT 'view', viewname, definition FROM pg_views WHERE schemaname = 'statehold'
    UNION ALL
    SELECT 'options', c.relname, coalesce(array_to_string(c.reloptions, ','), '')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'statehold' AND c.relkind = 'r'
    ORDER BY 1, 2, 3";

/// The catalogue without the record of migrations.
async fn catalogue(url: &str) -> Vec<Vec<String>> {
    let rows = query(url, CATALOGUE).await.expect("the catalogue");
    rows.into_iter()
        .filter(|row| !row[1].contains("migrations"))
        .collect()
}

fn files(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("sql/postgres")
        .join(folder);
    let entries = fs::read_dir(folder).expect("the folder is there");
    let read = entries.map(|entry| {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy();
        let text = fs::read_to_string(&path).expect("the file is text");
        (name.into_owned(), text)
    });
    let mut files: Vec<_> = read.collect();
    files.sort();
    files
}

#[tokio::test]
async fn every_query_prepares_on_a_fresh_database() {
    let Some(database) = database().await else {
        return;
    };
    for (name, text) in files("queries") {
        let prepared = format!("PREPARE q AS {text}");
        let outcome = execute(database.url(), &prepared).await;
        let cause = outcome.err().map(|error| format!("{:?}", error.source()));
        assert_eq!(cause, None, "{name}");
    }
}

#[tokio::test]
async fn fresh_install_equals_schema_sql() {
    let Some(server) = shared() else {
        return;
    };
    let read = Database::empty(server).await.expect("a database");
    let text = include_str!("../../../sql/postgres/schema.sql");
    read.execute(text).await.expect("schema.sql runs");
    let fresh = database().await.expect("a server is there");
    assert_eq!(catalogue(fresh.url()).await, catalogue(read.url()).await);
}

#[tokio::test]
async fn newest_migration_may_run_twice() {
    let Some(database) = database().await else {
        return;
    };
    let before = catalogue(database.url()).await;
    let (name, text) = files("migrations").pop().expect("a migration");
    database
        .execute(&text)
        .await
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(catalogue(database.url()).await, before);
}

/// The plan of a statement whose parameters are not known, as the store's connections make it.
async fn plan(url: &str, file: &str, parameters: usize) -> String {
    let text = files("queries").into_iter().find(|(name, _)| name == file);
    let (_, text) = text.expect("the query is there");
    let nulls = vec!["NULL"; parameters].join(", ");
    let arguments = if parameters == 0 {
        String::new()
    } else {
        format!("({nulls})")
    };
    let statements = format!(
        "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; PREPARE q AS {text}; \
         EXPLAIN EXECUTE q{arguments}"
    );
    let rows = query(url, &statements).await.expect(file);
    rows.into_iter().map(|row| row[0].clone() + "\n").collect()
}

/// A query that reads a whole table is fast in every test and slow in production.
#[tokio::test]
async fn hot_queries_use_their_index_and_scan_no_table() {
    let Some(database) = database().await else {
        return;
    };
    for (file, parameters, indexes) in [
        ("load", 4, &["entity_pkey", "log_entity_event_id_key"][..]),
        (
            "move_entity",
            23,
            &["entity_pkey", "log_entity_event_id_key"],
        ),
        (
            "commit",
            65,
            &[
                "entity_pkey",
                "outbox_pkey",
                "effect_invoked",
                "timer_of_entity",
            ],
        ),
        ("commit_why", 7, &["entity_pkey", "log_entity_event_id_key"]),
        (
            "claim_effects",
            4,
            &["outbox_ready", "outbox_leased", "effect_pkey"],
        ),
        ("settle", 15, &["outbox_pkey", "effect_pkey"]),
        ("due_timers", 3, &["timer_due"]),
        (
            "next_due",
            0,
            &["timer_due", "outbox_ready", "outbox_leased"],
        ),
        ("effects_dead", 4, &["effect_dead"]),
        ("effects_of_entity", 6, &["effect_of_entity"]),
        ("effects", 5, &["effect_of_tenant"]),
        ("entities_in_state", 6, &["entity_pkey"]),
        ("log", 5, &["log_pkey"]),
        ("timers", 3, &["timer_of_entity"]),
        ("refusals", 4, &["refusal_of_entity"]),
        ("operator_acts", 2, &["operator_act_on_effect"]),
    ] {
        let plan = plan(database.url(), file, parameters).await;
        for index in indexes {
            assert!(plan.contains(index), "{file} does not use {index}:\n{plan}");
        }
        assert!(!plan.contains("Seq Scan"), "{file}:\n{plan}");
    }
}

/// What a release left behind is migrated on opening, and opening again changes nothing.
#[tokio::test]
async fn opening_twice_changes_nothing() {
    let Some(database) = database().await else {
        return;
    };
    let before = catalogue(database.url()).await;
    let store = PostgresStore::open(config(database.url()))
        .await
        .expect("open");
    store.close().await.expect("close");
    assert_eq!(catalogue(database.url()).await, before);
}
