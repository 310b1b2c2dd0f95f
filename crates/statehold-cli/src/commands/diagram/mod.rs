//! `diagram`: a chart as a picture, or as text that other tools draw. Pure: reads the chart, writes one file.

mod graph;

use std::io::IsTerminal;
use std::path::Path;

use serde_json::json;
use statehold_core::Machine;
use statehold_diagram::{Highlight, Options, Theme};
use statehold_formats::{ExportFormat, export};

use super::step::states_help;
use crate::cli::{Diagram, DiagramFormat, DiagramTheme};
use crate::exit::{Exit, Failure};
use crate::input;
use crate::render::Screen;
use crate::render::style::{DOUBTFUL, clean, paint};

pub(crate) fn run(screen: &Screen, args: &Diagram) -> Result<Exit, Failure> {
    let format = format(args);
    let machine = input::chart(screen, &args.chart)?;
    let options = Options {
        theme: match args.theme {
            DiagramTheme::Auto => Theme::Auto,
            DiagramTheme::Light => Theme::Light,
            DiagramTheme::Dark => Theme::Dark,
        },
        highlight: highlight(&machine, args.highlight.as_deref())?,
        ..Options::default()
    };
    let drawn = draw(&machine, format, &options)?;
    for loss in &drawn.losses {
        screen.talk(&format!(
            "{} {} does not show everything: {}",
            paint(DOUBTFUL, "note:"),
            name(format),
            clean(loss)
        ));
    }
    match &args.output {
        Some(path) => {
            std::fs::write(path, &drawn.bytes)
                .map_err(|error| Failure::file(path, "cannot write", &error))?;
            if screen.json {
                screen.json_document(&document(&machine, format, &drawn, Some(path)));
            } else {
                screen.talk(&format!("written: {}", path.display()));
            }
        }
        None if format == DiagramFormat::Png
            && (screen.json || std::io::stdout().is_terminal()) =>
        {
            return Err(Failure::usage("PNG is not text").help("name a file with -o"));
        }
        None if screen.json && format != DiagramFormat::Json => {
            screen.json_document(&document(&machine, format, &drawn, None));
        }
        None => screen.bytes(&drawn.bytes),
    }
    Ok(Exit::Done)
}

/// What came out, and what the format cannot say.
struct Drawn {
    bytes: Vec<u8>,
    losses: Vec<String>,
}

impl Drawn {
    fn whole(text: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: text.into(),
            losses: Vec::new(),
        }
    }
}

fn draw(machine: &Machine, format: DiagramFormat, options: &Options) -> Result<Drawn, Failure> {
    let text = |exported: statehold_diagram::Exported| Drawn {
        bytes: exported.text.into_bytes(),
        losses: exported.losses,
    };
    let foreign = |format| {
        let exported = export(machine, format);
        Drawn {
            bytes: exported.text.into_bytes(),
            losses: exported.losses,
        }
    };
    Ok(match format {
        DiagramFormat::Svg => Drawn::whole(statehold_diagram::svg(machine, options)),
        DiagramFormat::Png => Drawn::whole(png(machine, options)?),
        DiagramFormat::Mermaid => text(statehold_diagram::mermaid(machine)),
        DiagramFormat::Dot => text(statehold_diagram::dot(machine)),
        DiagramFormat::Plantuml => text(statehold_diagram::plantuml(machine)),
        DiagramFormat::Scxml => foreign(ExportFormat::Scxml),
        DiagramFormat::Xstate => foreign(ExportFormat::XState),
        DiagramFormat::Json => {
            let text = serde_json::to_string_pretty(&graph::graph(machine)).unwrap_or_default();
            Drawn::whole(text + "\n")
        }
    })
}

#[cfg(feature = "png")]
fn png(machine: &Machine, options: &Options) -> Result<Vec<u8>, Failure> {
    /// Pixels per unit of the drawing: sharp on today's screens.
    const SCALE: f32 = 2.0;
    statehold_diagram::png(machine, options, SCALE)
        .map_err(|error| Failure::usage(format!("--format png: {error}")))
}

#[cfg(not(feature = "png"))]
fn png(_: &Machine, _: &Options) -> Result<Vec<u8>, Failure> {
    let help = "write SVG, which every browser turns into pixels, or build with `--features png`";
    Err(Failure::usage("--format png: this program was built without PNG").help(help))
}

fn document(
    machine: &Machine,
    format: DiagramFormat,
    drawn: &Drawn,
    written: Option<&Path>,
) -> serde_json::Value {
    let mut document = json!({
        "machine": machine.name,
        "version": machine.version,
        "format": name(format),
        "losses": drawn.losses,
    });
    match written {
        Some(path) => document["file"] = json!(path.display().to_string()),
        None => document["text"] = json!(String::from_utf8_lossy(&drawn.bytes)),
    }
    document
}

/// The format that was asked for, or the one that the name of the file tells.
fn format(args: &Diagram) -> DiagramFormat {
    let by_name = || {
        let name = args.output.as_deref()?.file_name()?.to_str()?;
        let suffixes = [
            (".png", DiagramFormat::Png),
            (".mmd", DiagramFormat::Mermaid),
            (".mermaid", DiagramFormat::Mermaid),
            (".dot", DiagramFormat::Dot),
            (".gv", DiagramFormat::Dot),
            (".puml", DiagramFormat::Plantuml),
            (".plantuml", DiagramFormat::Plantuml),
            (".scxml", DiagramFormat::Scxml),
            (".xstate.json", DiagramFormat::Xstate),
            (".json", DiagramFormat::Json),
        ];
        let known = suffixes.iter().find(|(suffix, _)| name.ends_with(suffix))?;
        Some(known.1)
    };
    args.format.or_else(by_name).unwrap_or(DiagramFormat::Svg)
}

fn name(format: DiagramFormat) -> &'static str {
    match format {
        DiagramFormat::Svg => "svg",
        DiagramFormat::Png => "png",
        DiagramFormat::Mermaid => "mermaid",
        DiagramFormat::Dot => "dot",
        DiagramFormat::Plantuml => "plantuml",
        DiagramFormat::Scxml => "scxml",
        DiagramFormat::Xstate => "xstate",
        DiagramFormat::Json => "json",
    }
}

/// A text of the state column, or the path of one state.
fn highlight(machine: &Machine, state: Option<&str>) -> Result<Highlight, Failure> {
    let Some(state) = state else {
        return Ok(Highlight::default());
    };
    let decoded = machine.decode(state);
    match decoded {
        Ok(active) => Ok(Highlight::of(machine, &active)),
        Err(_) if machine.by_path.contains_key(state) => Ok(Highlight::state(state)),
        Err(error) => {
            Err(Failure::usage(format!("--highlight: {error}")).help(states_help(machine, state)))
        }
    }
}
