//! The words of the command line: commands, arguments, flags and their help texts.
//!
//! Nothing is decided here. What a flag means together with the environment and the configuration file is decided in
//! `settings`; commands that a later release brings are known by name only (`commands::later`).

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use serde_json::json;

use crate::commands::later;
use crate::exit::Exit;
use crate::render::Screen;

/// Durable state machines for orders, payments, subscriptions and other things that live for days or years.
#[derive(Debug, Parser)]
#[command(
    name = "statehold",
    version,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 done, 1 the thing checked is not so, 2 wrong usage or configuration, 3 store or server unavailable."
)]
pub(crate) struct Cli {
    /// Flags of every command.
    #[command(flatten)]
    pub(crate) global: Global,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags of every command.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Print exactly one JSON document on stdout
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Configuration file (default: statehold.toml in the current folder, if there is one)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Work straight on a store: sqlite:PATH, sqlite::memory: or postgres://USER@HOST/DATABASE [default: sqlite:statehold.db]
    #[arg(long, global = true, value_name = "URL", conflicts_with = "server")]
    pub(crate) store: Option<String>,
    /// Work on a server, e.g. http://127.0.0.1:7700 [env: STATEHOLD_SERVER]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) server: Option<String>,
    /// Who acts: an id, or JSON such as {"id": "ann", "roles": ["support"]}
    #[arg(long, global = true, value_name = "JSON_OR_ID")]
    pub(crate) actor: Option<String>,
    /// Tenant whose entities are meant [default: main]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) tenant: Option<String>,
    /// Say more on stderr; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub(crate) verbose: u8,
    /// Say nothing on stderr but failures
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Everything in one process, for a first look and for development
    Dev(Dev),
    /// The server
    Serve(Serve),
    /// Load and check charts and mocks: every problem with its place and what to do about it
    Check(Check),
    /// Take one step of a chart, without a store
    Step(Step),
    /// Walk through a chart by hand, without a store
    Simulate(Simulate),
    /// Run the scenarios of charts
    Test(Test),
    /// Draw a chart, or write it for other tools
    Diagram(Diagram),
    /// Make a chart of what another tool wrote
    Import(Import),
    /// Create an entity
    Create(Create),
    /// Show an entity
    Get(Get),
    /// List entities of a machine
    List(List),
    /// Fire an event at an entity
    Fire(Fire),
    /// Say what an event would do to an entity, or each event it waits for
    Explain(Explain),
    /// Show the log of an entity
    Log(Log),
    /// Calls to the outside world
    #[command(subcommand)]
    Effects(Effects),
    /// Calls that will not be tried again without a person
    #[command(subcommand)]
    DeadLetters(DeadLetters),
    /// Run API mocks alone, for other test suites
    Mock(Mock),
    /// Publish a chart as a new machine version
    Publish(Publish),
    /// List the published machines
    Machines,
    /// Print the JSON Schema of charts, for editors
    Schema,
    /// Print a completion script
    Completions(Completions),
    /// Print the manual page
    Man(Man),
}

/// `statehold dev`
#[derive(Debug, Args)]
pub(crate) struct Dev {
    /// Folder with charts and mocks
    #[arg(value_name = "DIR", default_value = ".")]
    pub(crate) dir: PathBuf,
    /// Address of the API [default: 127.0.0.1:7700, or the next free port]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// Address of a destination, or a secret value, instead of a mock's; repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) env: Vec<String>,
    /// Forget everything that earlier runs stored in DIR/.statehold
    #[arg(long)]
    pub(crate) reset: bool,
    /// Form of the log on stderr: text or json
    #[arg(long, value_name = "FORMAT")]
    pub(crate) log_format: Option<String>,
}

/// `statehold serve`
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Charts to publish if they are new: files, or folders
    #[arg(value_name = "CHARTS")]
    pub(crate) charts: Vec<PathBuf>,
    /// Address of the API [default: 127.0.0.1:7700]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// Effects under way at once; 0 for a server that sends none and fires no timers [default: 64]
    #[arg(long, value_name = "N")]
    pub(crate) workers: Option<String>,
    /// Address of a destination, or a secret value, that charts name as ${env.NAME}; repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) env: Vec<String>,
    /// Start although charts name destinations that have no address
    #[arg(long)]
    pub(crate) allow_missing_destinations: bool,
    /// Form of the log on stderr: text or json
    #[arg(long, value_name = "FORMAT")]
    pub(crate) log_format: Option<String>,
    /// There is no console yet, so there is nothing to leave out
    #[arg(long, hide = true)]
    pub(crate) no_console: bool,
}

/// `statehold check`
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Charts, mocks, or folders of them
    #[arg(required = true, value_name = "PATHS")]
    pub(crate) paths: Vec<PathBuf>,
    /// Count warnings as errors
    #[arg(long)]
    pub(crate) strict: bool,
}

/// `statehold step`
#[derive(Debug, Args)]
pub(crate) struct Step {
    /// The chart
    #[arg(value_name = "CHART")]
    pub(crate) chart: PathBuf,
    /// The event; `create` shows the creation, with INPUT as the first context
    #[arg(value_name = "EVENT")]
    pub(crate) event: String,
    /// JSON, @FILE, or - for stdin; the output or error for events such as done.effect.NAME
    #[arg(value_name = "INPUT")]
    pub(crate) input: Option<String>,
    /// State to begin in, as the state column shows it [default: where a new entity begins]
    #[arg(long, value_name = "STATE")]
    pub(crate) state: Option<String>,
    /// Context to begin with: JSON, @FILE, or - for stdin
    #[arg(long, value_name = "JSON")]
    pub(crate) context: Option<String>,
    /// The instant of the step, e.g. 2026-03-01T12:00:00Z [default: now]
    #[arg(long, value_name = "INSTANT")]
    pub(crate) now: Option<String>,
}

/// `statehold simulate`
#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// The chart
    #[arg(value_name = "CHART")]
    pub(crate) chart: PathBuf,
    /// Input of the creation, which is the first context: JSON or @FILE
    #[arg(long, value_name = "JSON", conflicts_with = "state")]
    pub(crate) input: Option<String>,
    /// State to begin in, as the state column shows it, instead of creating the entity
    #[arg(long, value_name = "STATE")]
    pub(crate) state: Option<String>,
    /// Context to begin with: JSON or @FILE
    #[arg(long, value_name = "JSON", conflicts_with = "input")]
    pub(crate) context: Option<String>,
    /// The instant at which it begins [default: now]
    #[arg(long, value_name = "INSTANT")]
    pub(crate) now: Option<String>,
    /// Do what this file says first, a command on each line
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,
}

/// `statehold test`
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Scenario files, or folders of them
    #[arg(value_name = "PATHS", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// Only scenarios whose name holds this text
    #[arg(long, value_name = "TEXT")]
    pub(crate) only: Option<String>,
    /// Say how much of each chart the scenarios come by, and what is missing
    #[arg(long)]
    pub(crate) coverage: bool,
    /// Fail if they come by less than this, in percent
    #[arg(long, value_name = "N", value_parser = percent)]
    pub(crate) fail_under: Option<f64>,
    /// Write the results as JUnit XML too
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Kill it at each persistence point; a later release brings it
    #[arg(long, hide = true)]
    pub(crate) crash: bool,
}

fn percent(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=100.0).contains(&value) => Ok(value),
        _ => Err("expected a number from 0 to 100".to_owned()),
    }
}

/// `statehold diagram`
#[derive(Debug, Args)]
pub(crate) struct Diagram {
    /// The chart
    #[arg(value_name = "CHART")]
    pub(crate) chart: PathBuf,
    /// Form of the output [default: by the name of the file, else svg]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<DiagramFormat>,
    /// Where an entity stands, as the state column shows it: painted as active
    #[arg(long, value_name = "STATE")]
    pub(crate) highlight: Option<String>,
    /// Colours of SVG and PNG
    #[arg(long, value_enum, value_name = "THEME", default_value_t = DiagramTheme::Auto)]
    pub(crate) theme: DiagramTheme,
    /// Write to this file instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// What a chart can be drawn or written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum DiagramFormat {
    /// A picture for documents and browsers
    Svg,
    /// A picture of pixels, in builds with the feature `png`
    Png,
    /// Text for Mermaid, which code hosts draw
    Mermaid,
    /// Text for Graphviz
    Dot,
    /// Text for PlantUML
    Plantuml,
    /// SCXML 1.0
    Scxml,
    /// A machine configuration of XState 5
    Xstate,
    /// States and transitions as data
    Json,
}

/// Colours of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum DiagramTheme {
    /// As the reader's system prefers
    Auto,
    /// Dark on light
    Light,
    /// Light on dark
    Dark,
}

/// `statehold import`
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// What another tool wrote
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Its format: xstate, scxml, symfony, mermaid, plantuml or asl [default: told by its name and content]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) from: Option<String>,
    /// Name of the machine [default: its own]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Write nothing if anything of the document does not survive
    #[arg(long)]
    pub(crate) strict: bool,
    /// Write to this file, or as NAME.chart.yaml into this folder, instead of to stdout
    #[arg(short, long, value_name = "DIR_OR_FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write over a file that is there already
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}

/// `statehold create`
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Its machine
    #[arg(value_name = "MACHINE")]
    pub(crate) machine: String,
    /// First context: JSON, @FILE, or - for stdin
    #[arg(value_name = "INPUT")]
    pub(crate) input: Option<String>,
    /// Its id [default: a new UUID]
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
    /// Makes repeating the command safe: the same id is answered as a duplicate
    #[arg(long, value_name = "E")]
    pub(crate) event_id: Option<String>,
}

/// `statehold get`
#[derive(Debug, Args)]
pub(crate) struct Get {
    /// Its machine
    #[arg(value_name = "MACHINE")]
    pub(crate) machine: String,
    /// Its id
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

/// `statehold list`
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Their machine
    #[arg(value_name = "MACHINE")]
    pub(crate) machine: String,
    /// Only those in this state or below it
    #[arg(long, value_name = "STATE")]
    pub(crate) state: Option<String>,
    /// Only those that are active or done
    #[arg(long, value_name = "STATUS")]
    pub(crate) status: Option<String>,
    /// At most this many
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) limit: u32,
    /// Go on where the last page ended
    #[arg(long, value_name = "CURSOR")]
    pub(crate) cursor: Option<String>,
    /// All of them, page by page
    #[arg(long, conflicts_with = "limit")]
    pub(crate) all: bool,
    /// A condition on the context; a later release brings it
    #[arg(long = "where", value_name = "CEL", hide = true)]
    pub(crate) condition: Option<String>,
}

/// `statehold fire`
#[derive(Debug, Args)]
pub(crate) struct Fire {
    /// The entity's machine
    #[arg(value_name = "MACHINE")]
    pub(crate) machine: String,
    /// The entity's id
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// The event
    #[arg(value_name = "EVENT")]
    pub(crate) event: String,
    /// JSON, @FILE, or - for stdin
    #[arg(value_name = "INPUT")]
    pub(crate) input: Option<String>,
    /// Makes repeating the command safe: the same id is answered with the first result
    #[arg(long, value_name = "E")]
    pub(crate) event_id: Option<String>,
    /// Only if the entity is at this revision
    #[arg(long, value_name = "N")]
    pub(crate) if_revision: Option<u64>,
}

/// `statehold explain`
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The entity's machine
    #[arg(value_name = "MACHINE")]
    pub(crate) machine: String,
    /// The entity's id
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// The event [default: each event the entity waits for]
    #[arg(value_name = "EVENT")]
    pub(crate) event: Option<String>,
    /// JSON, @FILE, or - for stdin
    #[arg(value_name = "INPUT", requires = "event")]
    pub(crate) input: Option<String>,
}

/// `statehold log`
#[derive(Debug, Args)]
pub(crate) struct Log {
    /// The entity's machine
    #[arg(value_name = "MACHINE")]
    pub(crate) machine: String,
    /// The entity's id
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// The refused events instead
    #[arg(long)]
    pub(crate) refused: bool,
}

/// `statehold effects`
#[derive(Debug, Subcommand)]
pub(crate) enum Effects {
    /// List effects
    List(EffectsList),
    /// Show an effect with its attempts
    Show(EffectId),
    /// Ask for dead effects again, under their first keys
    Retry(Redrive),
    /// Close dead effects for good
    Discard(Redrive),
}

/// `statehold effects list`
#[derive(Debug, Args)]
pub(crate) struct EffectsList {
    /// Only those of this machine
    #[arg(long, value_name = "MACHINE")]
    pub(crate) machine: Option<String>,
    /// Only those that are ready, claimed, ok, failed, dead, cancelled or discarded
    #[arg(long, value_name = "STATUS")]
    pub(crate) status: Option<String>,
    /// At most this many
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) limit: u32,
    /// Go on where the last page ended
    #[arg(long, value_name = "CURSOR")]
    pub(crate) cursor: Option<String>,
}

/// An effect.
#[derive(Debug, Args)]
pub(crate) struct EffectId {
    /// Its id
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

/// `statehold dead-letters`
#[derive(Debug, Subcommand)]
pub(crate) enum DeadLetters {
    /// List dead letters
    List(DeadLettersList),
    /// Show a dead letter with its attempts
    Show(EffectId),
    /// Ask for them again, under their first keys
    Retry(Redrive),
    /// Close them for good
    Discard(Redrive),
}

/// `statehold dead-letters list`
#[derive(Debug, Args)]
pub(crate) struct DeadLettersList {
    /// Only those of this machine
    #[arg(long, value_name = "MACHINE")]
    pub(crate) machine: Option<String>,
    /// At most this many
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) limit: u32,
    /// Go on where the last page ended
    #[arg(long, value_name = "CURSOR")]
    pub(crate) cursor: Option<String>,
}

/// `statehold dead-letters retry` and `discard`
#[derive(Debug, Args)]
pub(crate) struct Redrive {
    /// Ids of dead letters
    #[arg(value_name = "ID", required_unless_present_any = ["filter", "dry_run"])]
    pub(crate) ids: Vec<String>,
    /// Why: what the next person on duty reads
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Those that match; a later release brings it
    #[arg(long, value_name = "FILTER", hide = true)]
    pub(crate) filter: Option<String>,
    /// Only count them; a later release brings it
    #[arg(long, hide = true)]
    pub(crate) dry_run: bool,
}

/// `statehold mock`
#[derive(Debug, Args)]
pub(crate) struct Mock {
    /// Mock files, or folders of them
    #[arg(required = true, value_name = "FILES")]
    pub(crate) files: Vec<PathBuf>,
    /// Address of the first mock; the others get the ports after it. Port 0 takes free ones
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) listen: String,
}

/// `statehold publish`
#[derive(Debug, Args)]
pub(crate) struct Publish {
    /// The chart
    #[arg(value_name = "CHART")]
    pub(crate) chart: PathBuf,
    /// Only say what would happen
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `statehold completions`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// For which shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

/// `statehold man`
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Write one page per command into this folder instead
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// Reads the command line. Help, versions and mistakes are answered at once.
pub(crate) fn parse() -> Result<Cli, Exit> {
    let args: Vec<OsString> = std::env::args_os().collect();
    let matches = later::extend(Cli::command()).try_get_matches_from(&args);
    let screen = Screen::new(args.iter().any(|arg| arg == "--json"), false);
    let matches = matches.map_err(|error| answer(&screen, &error))?;
    if let Some(failure) = later::asked(&matches) {
        screen.fail(&failure);
        return Err(failure.exit);
    }
    Cli::from_arg_matches(&matches).map_err(|error| answer(&screen, &error))
}

/// Prints help and versions on stdout, mistakes on stderr and, where JSON was asked for, as a document too.
fn answer(screen: &Screen, error: &clap::Error) -> Exit {
    // Nothing is left to tell anybody if this cannot be printed.
    let _ = error.print();
    if !error.use_stderr() {
        return Exit::Done;
    }
    if screen.json {
        let detail = error.to_string();
        screen.json_document(&json!({ "title": "wrong usage", "detail": detail.trim() }));
    }
    Exit::Usage
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_agrees_with_itself() {
        later::extend(Cli::command()).debug_assert();
    }

    #[test]
    fn global_flags_stand_before_and_after_the_command() {
        for args in [
            ["statehold", "--json", "machines"],
            ["statehold", "machines", "--json"],
        ] {
            let cli = Cli::try_parse_from(args).expect("both orders are usual");
            assert!(cli.global.json);
        }
    }
}
