//! Which crate may depend on which, and what the core may depend on at all.
//!
//! The arrows are the architecture: "core does no I/O" is true because core cannot reach a crate that
//! does. A new crate or a new arrow is a line in [`LAYERS`], so it is seen in review.

use toml::{Table, Value};

use crate::repo::Repo;
use crate::report::{Finding, Report};

/// One workspace crate: its height, and the crates it may use in the product.
struct Layer {
    name: &'static str,
    /// Tests may use any crate that stands lower.
    height: u8,
    uses: Uses,
}

enum Uses {
    Only(&'static [&'static str]),
    AnythingBut(&'static [&'static str]),
}

const LAYERS: &[Layer] = &[
    Layer {
        name: "statehold-core",
        height: 0,
        uses: Uses::Only(&[]),
    },
    Layer {
        name: "statehold-testpg",
        height: 0,
        uses: Uses::Only(&[]),
    },
    Layer {
        name: "statehold-store",
        height: 1,
        uses: Uses::Only(&["statehold-core"]),
    },
    Layer {
        name: "statehold-mock",
        height: 1,
        uses: Uses::Only(&["statehold-core"]),
    },
    Layer {
        name: "statehold-testkit",
        height: 1,
        uses: Uses::Only(&["statehold-core"]),
    },
    Layer {
        name: "statehold-formats",
        height: 1,
        uses: Uses::Only(&["statehold-core"]),
    },
    Layer {
        name: "statehold-diagram",
        // Beside the formats below it, whose charts its tests draw.
        height: 2,
        uses: Uses::Only(&["statehold-core"]),
    },
    Layer {
        name: "statehold-engine",
        height: 2,
        uses: Uses::Only(&["statehold-core", "statehold-store"]),
    },
    Layer {
        name: "statehold-server",
        height: 3,
        uses: Uses::Only(&["statehold-core", "statehold-diagram", "statehold-engine"]),
    },
    Layer {
        name: "statehold-sim",
        height: 3,
        uses: Uses::Only(&["statehold-core", "statehold-store", "statehold-engine"]),
    },
    Layer {
        name: "statehold",
        height: 3,
        uses: Uses::Only(&["statehold-core", "statehold-store", "statehold-engine"]),
    },
    Layer {
        name: "statehold-bench",
        height: 4,
        uses: Uses::AnythingBut(&["statehold-cli"]),
    },
    Layer {
        name: "statehold-cli",
        height: 5,
        uses: Uses::AnythingBut(&[]),
    },
    Layer {
        name: "xtask",
        height: 0,
        uses: Uses::Only(&[]),
    },
];

const CORE: &str = "statehold-core";

/// Every dependency of the core is compiled by every user and read by every auditor.
const CORE_DEPENDENCIES_MAX: usize = 14;

/// The pinned list: nothing here opens a socket or a file, or reads a clock on our behalf.
const CORE_DEPENDENCIES: &[&str] = &[
    "blake3",
    "cel",
    "chrono",
    "indexmap",
    "jiff",
    "jsonschema",
    "percent-encoding",
    "regex",
    "saphyr-parser",
    "serde",
    "serde_json",
    "thiserror",
];

/// The rules about manifests.
#[must_use]
pub fn check(repo: &Repo) -> Report {
    let mut report = Report::default();
    for (path, text) in repo.ending("/Cargo.toml") {
        match text.parse::<Table>() {
            Ok(manifest) => report.findings.extend(check_manifest(path, &manifest)),
            Err(error) => report
                .findings
                .push(finding(path, "arrows", error.message().to_owned())),
        }
    }
    report
}

fn check_manifest(path: &str, manifest: &Table) -> Vec<Finding> {
    let name = manifest
        .get("package")
        .and_then(|package| package.get("name"))
        .and_then(Value::as_str);
    let Some(name) = name else { return Vec::new() };
    let Some(layer) = layer(name) else {
        let message =
            format!("crate `{name}` has no layer; add it to LAYERS in xtask/src/tidy/crates.rs");
        return vec![finding(path, "arrows", message)];
    };
    let mut findings = Vec::new();
    for table in ["dependencies", "build-dependencies"] {
        for used in dependencies(manifest, table)
            .into_iter()
            .filter(|used| is_ours(used))
        {
            if !layer.may_use(&used) {
                findings.push(finding(
                    path,
                    "arrows",
                    format!("{name} must not depend on {used}"),
                ));
            }
        }
    }
    for used in dependencies(manifest, "dev-dependencies")
        .into_iter()
        .filter(|used| is_ours(used))
    {
        if !layer.may_test_with(&used) {
            let message =
                format!("the tests of {name} must not use {used}: it does not stand lower");
            findings.push(finding(path, "arrows", message));
        }
    }
    if name == CORE {
        findings.extend(check_core(path, manifest));
    }
    findings
}

fn check_core(path: &str, manifest: &Table) -> Vec<Finding> {
    let mut used = dependencies(manifest, "dependencies");
    used.extend(dependencies(manifest, "build-dependencies"));
    let mut findings: Vec<Finding> = used
        .iter()
        .filter(|used| !CORE_DEPENDENCIES.contains(&used.as_str()))
        .map(|used| {
            format!("`{used}` is not on the core's pinned list in xtask/src/tidy/crates.rs")
        })
        .map(|message| finding(path, "core-dependencies", message))
        .collect();
    if used.len() > CORE_DEPENDENCIES_MAX {
        let message = format!(
            "{} direct dependencies; the core's limit is {CORE_DEPENDENCIES_MAX}",
            used.len()
        );
        findings.push(finding(path, "core-dependencies", message));
    }
    findings
}

impl Layer {
    fn may_use(&self, used: &str) -> bool {
        match self.uses {
            Uses::Only(names) => names.contains(&used),
            Uses::AnythingBut(names) => !names.contains(&used),
        }
    }

    fn may_test_with(&self, used: &str) -> bool {
        // A crate may name itself to switch on its own features in its tests.
        used == self.name
            || self.may_use(used)
            || layer(used).is_some_and(|used| used.height < self.height)
    }
}

fn layer(name: &str) -> Option<&'static Layer> {
    LAYERS.iter().find(|layer| layer.name == name)
}

fn is_ours(name: &str) -> bool {
    name == "xtask" || name == "statehold" || name.starts_with("statehold-")
}

/// Package names in one kind of dependency table, those for single targets included.
fn dependencies(manifest: &Table, table: &str) -> Vec<String> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let targets = targets
        .into_iter()
        .flat_map(Table::values)
        .filter_map(Value::as_table);
    let tables = std::iter::once(manifest).chain(targets);
    tables
        .filter_map(|place| place.get(table).and_then(Value::as_table))
        .flatten()
        .map(|(key, value)| {
            value
                .get("package")
                .and_then(Value::as_str)
                .unwrap_or(key)
                .to_owned()
        })
        .collect()
}

fn finding(path: &str, rule: &'static str, message: String) -> Finding {
    Finding {
        path: path.to_owned(),
        line: None,
        rule,
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(name: &str, rest: &str) -> Vec<String> {
        let manifest = format!("[package]\nname = \"{name}\"\n{rest}");
        let repo = Repo::planted(&[("crates/it/Cargo.toml", &manifest)]);
        check(&repo)
            .findings
            .into_iter()
            .map(|finding| finding.message)
            .collect()
    }

    #[test]
    fn an_arrow_against_the_architecture_is_found() {
        let found = messages(
            "statehold-store",
            "[dependencies]\nstatehold-engine.workspace = true",
        );
        assert_eq!(
            found,
            ["statehold-store must not depend on statehold-engine"]
        );
        assert!(
            messages(
                "statehold-engine",
                "[dependencies]\nstatehold-store.workspace = true"
            )
            .is_empty()
        );
    }

    #[test]
    fn a_renamed_or_target_dependency_does_not_hide_an_arrow() {
        let renamed = "[dependencies]\nbackend = { package = \"statehold-store\", path = \"x\" }";
        assert_eq!(messages("statehold-mock", renamed).len(), 1);
        let target = "[target.'cfg(unix)'.dependencies]\nstatehold-cli = { path = \"x\" }";
        assert_eq!(messages("statehold-bench", target).len(), 1);
        assert_eq!(
            messages(
                "statehold-mock",
                "[build-dependencies]\nstatehold-store = \"1\""
            )
            .len(),
            1
        );
    }

    #[test]
    fn tests_may_use_lower_crates_but_not_higher_ones() {
        assert!(
            messages(
                "statehold-server",
                "[dev-dependencies]\nstatehold-mock.workspace = true"
            )
            .is_empty()
        );
        assert!(
            messages(
                "statehold-store",
                "[dev-dependencies]\nstatehold-store.path = \".\""
            )
            .is_empty()
        );
        let found = messages(
            "statehold-store",
            "[dev-dependencies]\nstatehold-server.workspace = true",
        );
        assert_eq!(
            found,
            ["the tests of statehold-store must not use statehold-server: it does not stand lower"]
        );
    }

    #[test]
    fn a_crate_without_a_layer_is_found() {
        assert!(messages("statehold-misc", "")[0].contains("has no layer"));
    }

    #[test]
    fn the_core_takes_only_pinned_dependencies() {
        let found = messages(
            "statehold-core",
            "[dependencies]\nserde = \"1\"\ntokio = \"1\"",
        );
        assert_eq!(
            found,
            ["`tokio` is not on the core's pinned list in xtask/src/tidy/crates.rs"]
        );
    }

    #[test]
    fn the_core_has_a_limit_of_direct_dependencies() {
        let many: String = (0..15)
            .map(|n| format!("d{n} = {{ package = \"serde\", version = \"1\" }}\n"))
            .collect();
        let found = messages("statehold-core", &format!("[dependencies]\n{many}"));
        assert_eq!(found, ["15 direct dependencies; the core's limit is 14"]);
    }

    #[test]
    fn the_pinned_list_fits_its_own_limit() {
        assert!(CORE_DEPENDENCIES.len() <= CORE_DEPENDENCIES_MAX);
    }

    #[test]
    fn a_broken_manifest_is_a_finding() {
        assert_eq!(messages("statehold-core", "[dependencies").len(), 1);
    }
}
