//! `simulate`: an author walks through a chart by hand. One entity in memory, on a clock that moves when told to.
//!
//! Commands come line by line, from a script, a pipe or a person; the same lines give the same output. Nothing is sent
//! and nothing is stored: calls wait until they are answered here.

mod choices;
mod perform;
mod view;
mod words;
mod world;

use std::io::{BufRead, IsTerminal, Read, Write};

use serde_json::{Value, json};
use statehold_core::{Actor, Refusal, Step};
use statehold_engine::EVENT_BYTES_MAX;

use super::settings;
use super::step::{Trial, instant, refused};
use crate::cli::{Global, Simulate};
use crate::exit::{Exit, Failure};
use crate::input;
use crate::render::Screen;
use crate::render::style::{WEAK, clean, paint};
use words::Command;
use world::World;

/// Longest line that is read, in bytes: an event with its input.
const LINE_BYTES_MAX: usize = EVENT_BYTES_MAX + 1_024;

/// Steps that can be taken back. A person takes back a handful; a script is bounded by it.
const UNDO_MAX: usize = 1_000;

pub(crate) fn run(screen: &Screen, global: &Global, args: &Simulate) -> Result<Exit, Failure> {
    let settings = settings(global)?;
    let machine = input::chart(screen, &args.chart)?;
    let actor = settings.actor.unwrap_or_else(Actor::anonymous);
    let trial = Trial {
        screen,
        machine: &machine,
        actor: actor.clone(),
        now: instant(args.now.as_deref())?,
    };
    let world = begin(&trial, args)?;
    let mut walk = Walk {
        screen,
        first: (world.clone(), actor.clone()),
        world,
        actor,
        earlier: Vec::new(),
        record: Vec::new(),
        said: Vec::new(),
        has_problem: false,
    };
    walk.show();
    let is_person = std::io::stdin().is_terminal() && !screen.json;
    let mut next = Next::GoOn;
    if let Some(path) = &args.script {
        let script = input::text_file(path)?;
        next = walk.read(script.text.as_bytes(), false)?;
    }
    // A script stands for the person, unless there is one too.
    if next == Next::GoOn && (args.script.is_none() || is_person) {
        walk.read(std::io::stdin().lock(), is_person)?;
    }
    walk.close();
    Ok(match walk.has_problem && !is_person {
        true => Exit::NotSo,
        false => Exit::Done,
    })
}

fn begin(trial: &Trial<'_>, args: &Simulate) -> Result<World, Failure> {
    let machine = trial.machine.clone();
    let context = input::optional_json("--context", args.context.as_deref())?;
    if let Some(state) = &args.state {
        let snapshot = trial.snapshot(state, context)?;
        return Ok(World::placed(machine, snapshot, trial.now));
    }
    let input = input::optional_json("--input", args.input.as_deref())?;
    let step = trial.create(input.or(context)).map_err(|refusal| {
        let sample = super::dev::sample::input(&trial.machine.context);
        refused(&refusal).help(format!("give the first context, e.g. --input '{sample}'"))
    })?;
    Ok(World::created(machine, &step, trial.now))
}

/// A walk under way.
struct Walk<'a> {
    screen: &'a Screen,
    world: World,
    actor: Actor,
    /// The beginning.
    first: (World, Actor),
    /// How it was before each step, with the length of the record at that time; the newest last.
    earlier: Vec<(World, Actor, usize)>,
    /// Lines that changed something, for `save`.
    record: Vec<String>,
    /// What was said so far, where that becomes one document.
    said: Vec<Value>,
    /// Whether some line was not understood or could not be done.
    has_problem: bool,
}

/// Whether the walk goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    GoOn,
    Quit,
}

impl Walk<'_> {
    /// Does what the lines say, up to the last one or the word that ends it.
    fn read(&mut self, mut lines: impl BufRead, is_person: bool) -> Result<Next, Failure> {
        loop {
            if is_person {
                prompt();
            }
            let line = read_line(&mut lines)
                .map_err(|error| Failure::usage(format!("the commands cannot be read: {error}")))?;
            let Some(line) = line else {
                if is_person {
                    self.screen.data("");
                }
                return Ok(Next::GoOn);
            };
            if self.line(&line, is_person) == Next::Quit {
                return Ok(Next::Quit);
            }
        }
    }

    fn line(&mut self, line: &[u8], is_person: bool) -> Next {
        let line = String::from_utf8_lossy(line);
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            return Next::GoOn;
        }
        if !is_person && !self.screen.json {
            // Without a terminal nobody sees what was typed.
            self.screen
                .data(&paint(WEAK, format!("\n> {}", clean(text))));
        }
        let understood = match line.len() > LINE_BYTES_MAX {
            true => Err(format!("a line has at most {LINE_BYTES_MAX} bytes")),
            false => words::parse(text, &choices::choices(self)),
        };
        match understood {
            Err(problem) => self.complain(&problem),
            Ok(Command::Quit) => return Next::Quit,
            Ok(command) => self.obey(&command),
        }
        Next::GoOn
    }

    fn obey(&mut self, command: &Command) {
        let before = (self.world.clone(), self.actor.clone(), self.record.len());
        match perform::perform(self, command) {
            Ok(perform::Effect::Changed) => {
                if self.earlier.len() == UNDO_MAX {
                    self.earlier.remove(0);
                }
                self.earlier.push(before);
                self.record.extend(words::recorded(command));
                self.show();
            }
            Ok(perform::Effect::Nothing) => {}
            Err(problem) => self.complain(&problem),
        }
    }

    fn complain(&mut self, problem: &str) {
        self.has_problem = true;
        if self.screen.json {
            self.said.push(json!({ "problem": problem }));
        } else {
            self.screen.data(&view::problem(problem));
        }
    }

    /// The entity, where somebody looks at each step.
    fn show(&self) {
        if !self.screen.json {
            self.screen.data(&view::draw(self));
        }
    }

    fn show_step(&mut self, title: &str, outcome: &Result<Step, Refusal>) {
        if self.screen.json {
            self.said.push(view::outcome_document(title, outcome));
        } else {
            self.screen.data(&view::outcome(title, outcome));
        }
    }

    fn close(&self) {
        if self.screen.json {
            let mut document = view::document(self);
            document["steps"] = json!(self.said);
            self.screen.json_document(&document);
        }
    }
}

/// One line without its end, cut off one byte beyond the bound so that whoever checks sees that it is too long; none at
/// the end.
fn read_line(lines: &mut impl BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let read = lines
        .by_ref()
        .take(LINE_BYTES_MAX as u64 + 1)
        .read_until(b'\n', &mut line)?;
    if read > LINE_BYTES_MAX && line.last() != Some(&b'\n') {
        lines.skip_until(b'\n')?;
    }
    Ok((read > 0).then_some(line))
}

fn prompt() {
    let mut stdout = anstream::stdout().lock();
    let _ = write!(stdout, "\n{} ", paint(WEAK, ">"));
    let _ = stdout.flush();
}
