//! The order as an XState machine, in a Node process of its own. The package is installed below `target/`, once.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Context as _;

/// Release that peers/package.json pins.
pub(super) const VERSION: &str = "5.33.3";

const PACKAGE: &str = include_str!("../../peers/package.json");
const SCRIPT: &str = include_str!("../../peers/order.mjs");

/// The folder with script and package.
pub(super) struct Installed(PathBuf);

pub(super) fn install() -> anyhow::Result<Installed> {
    let folder = PathBuf::from("target/peers");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("package.json"), PACKAGE)?;
    std::fs::write(folder.join("order.mjs"), SCRIPT)?;
    let present = std::fs::read_to_string(folder.join("node_modules/xstate/package.json"));
    if !present.is_ok_and(|text| text.contains(&format!("\"version\": \"{VERSION}\""))) {
        let arguments = [
            "install",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--silent",
        ];
        let mut npm = Command::new("npm");
        let status = npm.args(arguments).current_dir(&folder).status();
        let status = status.context("npm could not be started: the comparison needs Node.js 20")?;
        anyhow::ensure!(
            status.success(),
            "npm install failed in {}",
            folder.display()
        );
    }
    Ok(Installed(folder))
}

impl Installed {
    /// Nanoseconds per step of each round.
    pub(super) fn measure(&self, rounds: usize, steps: u32) -> anyhow::Result<Vec<f64>> {
        let mut node = Command::new("node");
        let node = node
            .arg("order.mjs")
            .args([rounds.to_string(), steps.to_string()])
            .current_dir(&self.0);
        let output = node.output().context("node could not be started")?;
        let problem = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "order.mjs failed: {problem}");
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pinned_release_is_the_named_one() {
        assert!(PACKAGE.contains(&format!("\"xstate\": \"{VERSION}\"")));
    }
}
