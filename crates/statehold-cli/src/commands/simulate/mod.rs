//! `simulate`: an author walks through a chart by hand. One entity in memory, on a clock that moves when told to.
//!
//! Commands come line by line, from a script, a pipe or a person; the same lines give the same output. Nothing is sent
//! and nothing is stored: calls wait until they are answered here.

mod choices;
mod perform;
mod view;
mod words;

use std::io::{BufRead, IsTerminal, Read, Write};

use serde_json::{Map, Value, json};
use statehold_core::{Actor, Creation, EntityInfo, Machine, Refusal, Step};
use statehold_engine::EVENT_BYTES_MAX;
use statehold_testkit::World;

use super::settings;
use super::step::{ENTITY_ID, instant, refused, states_help};
use crate::cli::{Global, Simulate};
use crate::exit::{Exit, Failure};
use crate::input;
use crate::render::Screen;
use crate::render::style::{WEAK, clean, paint};
use words::{Command, nothing};

/// Longest line that is read, in bytes: an event with its input.
const LINE_BYTES_MAX: usize = EVENT_BYTES_MAX + 1_024;

/// Steps that can be taken back. A person takes back a handful; a script is bounded by it.
const UNDO_MAX: usize = 1_000;

pub(crate) fn run(screen: &Screen, global: &Global, args: &Simulate) -> Result<Exit, Failure> {
    let settings = settings(global)?;
    let machine = input::chart(screen, &args.chart)?;
    let actor = settings.actor.unwrap_or_else(Actor::anonymous);
    let now = instant(args.now.as_deref())?;
    let begun = begun(args, now, &actor);
    let world = begin(World::new(machine, now), args, &actor)?;
    let mut walk = Walk {
        screen,
        begun,
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

fn begin(mut world: World, args: &Simulate, actor: &Actor) -> Result<World, Failure> {
    let context = input::optional_json("--context", args.context.as_deref())?;
    let machine = world.machine().clone();
    if let Some(state) = &args.state {
        let context = match context {
            None => Map::new(),
            Some(Value::Object(context)) => context,
            Some(_) => return Err(Failure::usage("--context: expected a JSON object")),
        };
        let entity = EntityInfo {
            id: ENTITY_ID.into(),
            owner: Some(actor.id.as_str().into()),
            revision: 0,
        };
        if let Err(error) = machine.decode(state) {
            let failure = Failure::usage(format!("--state: {error}"));
            return Err(failure.help(states_help(&machine, state)));
        }
        let placed = world.place(state, context, entity);
        placed.map_err(|refusal| hint(&machine, &refusal, "--context"))?;
        return Ok(world);
    }
    let input = input::optional_json("--input", args.input.as_deref())?;
    let creation = Creation {
        id: ENTITY_ID.to_owned(),
        input: input.or(context).unwrap_or_else(nothing),
        actor: actor.clone(),
    };
    let created = world.create(creation);
    created.map_err(|refusal| hint(&machine, &refusal, "--input"))?;
    Ok(world)
}

fn hint(machine: &Machine, refusal: &Refusal, flag: &str) -> Failure {
    let sample = super::dev::sample::input(&machine.context);
    refused(refusal).help(format!("give the first context, e.g. {flag} '{sample}'"))
}

/// The arguments that begin the same walk again.
fn begun(args: &Simulate, now: jiff::Timestamp, actor: &Actor) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
    let mut begun = format!("{} --now {now}", args.chart.display());
    let given = [
        ("--state", &args.state),
        ("--context", &args.context),
        ("--input", &args.input),
    ];
    for (flag, value) in given {
        if let Some(value) = value {
            begun.push_str(&format!(" {flag} {}", quoted(value)));
        }
    }
    if *actor != Actor::anonymous() {
        let actor = serde_json::to_string(actor).unwrap_or_default();
        begun.push_str(&format!(" --actor {}", quoted(&actor)));
    }
    begun
}

/// A walk under way.
struct Walk<'a> {
    screen: &'a Screen,
    /// The arguments it began with.
    begun: String,
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
