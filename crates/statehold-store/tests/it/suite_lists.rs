//! The shared suite runs what it holds.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A rule that `store_suite!` does not list would never run.
#[test]
fn every_rule_is_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/suite");
    let lists = fs::read_to_string(folder.join("mod.rs")).expect("the suite is there");
    let listed: BTreeSet<&str> = lists.split_whitespace().collect();
    let mut rules = 0;
    for entry in fs::read_dir(folder).expect("the suite is there") {
        let path = entry.expect("an entry").path();
        let helpers = ["mod", "fixtures", "contents"];
        if helpers
            .iter()
            .any(|name| path.file_stem() == Some(name.as_ref()))
        {
            continue;
        }
        let text = fs::read_to_string(&path).expect("the file is text");
        for line in text.lines() {
            let name = line
                .strip_prefix("pub async fn ")
                .and_then(|rest| rest.split('(').next());
            if let Some(name) = name {
                assert!(listed.contains(name), "{}: {name}", path.display());
                rules += 1;
            }
        }
    }
    assert!(rules > 50, "{rules}");
}
