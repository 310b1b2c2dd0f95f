//! The schema and the queries against a real, fresh database.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::{SqliteConfig, open, sql};

fn fresh() -> Connection {
    open::open(&SqliteConfig::memory()).expect("open").writer
}

fn files(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("sql/sqlite")
        .join(folder);
    let entries = fs::read_dir(folder).expect("the folder is there");
    let read = entries.map(|entry| {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy();
        let text = fs::read_to_string(&path).expect("the file is text");
        (name.into_owned(), text)
    });
    read.collect()
}

/// What the schema consists of: name and text of everything but the record of migrations, without comments and layout.
fn schema(db: &Connection) -> BTreeSet<(String, String)> {
    let mut statement = db
        .prepare(
            "SELECT name, sql FROM sqlite_schema
             WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name <> 'statehold_migrations'",
        )
        .expect("prepare");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)));
    rows.expect("query")
        .map(|row| row.expect("a row"))
        .map(|(name, text)| (name, plain(&text)))
        .collect()
}

fn plain(text: &str) -> String {
    let code = text
        .lines()
        .map(|line| line.split("--").next().unwrap_or(""));
    let words: Vec<&str> = code.flat_map(str::split_whitespace).collect();
    words.join(" ")
}

#[test]
fn every_query_prepares_on_a_fresh_database() {
    let db = fresh();
    for (name, text) in sql::ALL {
        assert!(db.prepare(text).is_ok(), "{name}: {:?}", db.prepare(text));
    }
}

#[test]
fn every_query_file_is_embedded() {
    let embedded: BTreeSet<&str> = sql::ALL.iter().map(|(name, _)| *name).collect();
    let files = files("queries");
    let there: BTreeSet<&str> = files.iter().map(|(name, _)| &**name).collect();
    assert_eq!(embedded, there);
}

/// A query that reads a whole table is fast in every test and slow in production.
#[test]
fn no_query_scans_a_table() {
    let db = fresh();
    for (name, text) in sql::ALL {
        let mut explain = db
            .prepare(&format!("EXPLAIN QUERY PLAN {text}"))
            .expect("prepare");
        for parameter in 1..=explain.parameter_count() {
            explain
                .raw_bind_parameter(parameter, "x")
                .expect("the parameter is there");
        }
        let mut plan = explain.raw_query();
        while let Some(step) = plan.next().expect("a step") {
            let step: String = step.get("detail").expect("a text");
            let small = ["json_each", "sqlite_schema", "statehold_migrations"];
            let whole = step.starts_with("SCAN ")
                && !step.contains("USING")
                && !step.contains("subquery")
                && !small.iter().any(|table| step.contains(table));
            assert!(!whole, "{name}: {step}");
        }
    }
}

/// The hot queries use the index that was made for them.
#[test]
fn hot_queries_use_their_index() {
    let db = fresh();
    for (query, index) in [
        (sql::CLAIM_EFFECTS, "effect_ready"),
        (sql::CLAIM_EFFECTS, "effect_leased"),
        (sql::CANCEL_INVOKES, "effect_invoked"),
        (sql::CANCEL_TIMERS, "timer_of_entity"),
        (sql::DUE_TIMERS, "timer_due"),
        (sql::EFFECTS_DEAD, "effect_dead"),
        (sql::EFFECTS_OF_ENTITY, "effect_of_entity"),
        (sql::ENTITIES_IN_STATE, "entity_by_state"),
        (sql::NEXT_DUE, "timer_due"),
        (sql::NEXT_DUE, "effect_ready"),
        (sql::NEXT_DUE, "effect_leased"),
    ] {
        let mut explain = db
            .prepare(&format!("EXPLAIN QUERY PLAN {query}"))
            .expect("prepare");
        let mut plan = explain.raw_query();
        let mut steps = Vec::new();
        while let Some(step) = plan.next().expect("a step") {
            steps.push(step.get::<_, String>("detail").expect("a text"));
        }
        let used = steps.iter().any(|step| step.contains(index));
        assert!(used, "{index} is not used by {query}: {steps:#?}");
    }
}

#[test]
fn fresh_install_equals_schema_sql() {
    let read = Connection::open_in_memory().expect("open");
    read.execute_batch(include_str!("../../sql/sqlite/schema.sql"))
        .expect("schema.sql runs");
    let (fresh, read) = (schema(&fresh()), schema(&read));
    let differing: Vec<_> = fresh.symmetric_difference(&read).collect();
    assert!(differing.is_empty(), "{differing:#?}");
}

#[test]
fn newest_migration_may_run_twice() {
    let db = fresh();
    let before = schema(&db);
    let newest = files("migrations")
        .into_iter()
        .max_by_key(|(name, _)| number_of(name));
    let (name, text) = newest.expect("a migration");
    db.execute_batch(&text)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(schema(&db), before);
}

#[test]
fn migrations_are_numbered_without_gaps() {
    let mut numbers: Vec<u32> = files("migrations")
        .iter()
        .map(|(name, _)| number_of(name))
        .collect();
    numbers.sort_unstable();
    let expected: Vec<u32> = (1..).take(numbers.len()).collect();
    assert_eq!(numbers, expected);
}

fn number_of(migration: &str) -> u32 {
    let number = migration.strip_prefix('V').and_then(|n| n.split_once("__"));
    let (number, _) = number.expect("V, a number, two underscores, a name");
    number.parse().expect("a number")
}
