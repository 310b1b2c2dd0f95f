//! The charts of `examples/` are what we show: each loads without a warning.

use std::path::{Path, PathBuf};

use statehold_core::Machine;

fn charts(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("examples") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with(".statehold") {
            charts(&path, found);
        } else if path.to_string_lossy().ends_with(".chart.yaml") {
            found.push(path);
        }
    }
}

#[test]
fn example_charts_load_without_a_warning() {
    let mut found = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    charts(&folder, &mut found);
    assert!(found.len() >= 3, "{found:?}");
    for path in found {
        let text = std::fs::read_to_string(&path).expect("a chart");
        match Machine::load(&path.to_string_lossy(), &text) {
            Ok(loaded) => assert_eq!(loaded.warnings, [], "{}", path.display()),
            Err(error) => panic!("{error}"),
        }
    }
}
