//! The schema and the queries, as files. What needs a server is among the integration tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::{open, sql};

fn names(folder: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("sql/postgres")
        .join(folder);
    let entries = fs::read_dir(folder).expect("the folder is there");
    let name = |entry: fs::DirEntry| entry.path().file_stem().map(|n| n.to_string_lossy().into());
    entries
        .filter_map(|entry| name(entry.expect("an entry")))
        .collect()
}

#[test]
fn every_query_file_is_embedded() {
    let embedded: BTreeSet<String> = sql::ALL.iter().map(|(name, _)| (*name).into()).collect();
    assert_eq!(embedded, names("queries"));
}

#[test]
fn migrations_are_numbered_without_gaps() {
    let count = names("migrations").len();
    let newest = usize::try_from(open::newest()).expect("a small number");
    assert_eq!(newest, count);
}

#[test]
fn commit_that_waits_skips_nothing() {
    assert_eq!(sql::COMMIT.matches(" SKIP LOCKED\n").count(), 3);
    assert!(!sql::COMMIT_WAITING.contains("SKIP LOCKED\n"));
}
