//! `simulate`: an author walks through a chart by hand. One entity in memory, on a clock that moves when told to.
//!
//! Commands come line by line, from a script, a pipe or a person; the same lines give the same output. Nothing is sent
//! and nothing is stored: effects wait until they are answered here.

mod commands;
mod view;

use std::io::{BufRead, IsTerminal, Write};

use jiff::Timestamp;
use serde_json::{Map, Value};
use statehold_core::{Actor, Creation, EntityInfo, Refusal, Step};
use statehold_testkit::World;

use super::settings;
use crate::cli::{Global, Simulate};
use crate::exit::{Exit, Failure};
use crate::input;
use crate::render::Screen;
use crate::render::style::{WEAK, paint};
use commands::Command;

/// Id of the entity.
const ENTITY_ID: &str = "example";

/// Longest line that is read, in bytes: an event with its input.
const LINE_BYTES_MAX: u64 = 256 * 1024;

/// Steps that can be taken back.
const UNDO_MAX: usize = 1_000;

/// A walk under way.
pub(super) struct Walk<'a> {
    screen: &'a Screen,
    world: World,
    actor: Actor,
    /// Earlier worlds, the newest last, with the length of the record at that time.
    earlier: Vec<(World, usize)>,
    /// The first world, before anything was done by hand.
    first: World,
    /// Commands that changed something, for `save`.
    record: Vec<String>,
}

pub(crate) fn run(screen: &Screen, global: &Global, args: &Simulate) -> Result<Exit, Failure> {
    let settings = settings(global)?;
    let machine = input::chart(screen, &args.chart)?;
    let now = match &args.now {
        None => Timestamp::now(),
        Some(text) => text.parse().map_err(|_| {
            Failure::usage(format!("--now: expected an instant such as 2026-03-01T12:00:00Z, got `{text}`"))
        })?,
    };
    let actor = settings.actor.unwrap_or_else(Actor::anonymous);
    let mut world = World::new(machine, now);
    begin(&mut world, args, &actor)?;
    let mut walk = Walk {
        screen,
        first: world.clone(),
        world,
        actor,
        earlier: Vec::new(),
        record: Vec::new(),
    };
    walk.show();
    if let Some(path) = &args.script {
        let text = input::text_file(path)?.text;
        for line in text.lines() {
            if walk.line(line) == Next::Quit {
                return Ok(Exit::Done);
            }
        }
        // A script stands for the person, unless there is one too.
        if !std::io::stdin().is_terminal() {
            return Ok(Exit::Done);
        }
    }
    walk.converse()
}

fn begin(world: &mut World, args: &Simulate, actor: &Actor) -> Result<Step, Failure> {
    let begun = match &args.state {
        Some(state) => {
            let context = match input::optional_json("--context", args.context.as_deref())? {
                None => Map::new(),
                Some(Value::Object(context)) => context,
                Some(_) => return Err(Failure::usage("--context: expected a JSON object")),
            };
            let entity = EntityInfo {
                id: ENTITY_ID.to_owned(),
                owner: Some(actor.id.clone()),
                revision: 0,
            };
            world.place(state, context, entity)
        }
        None => world.create(Creation {
            id: ENTITY_ID.to_owned(),
            input: input::optional_json("--input", args.input.as_deref())?.unwrap_or_else(|| Value::Object(Map::new())),
            actor: actor.clone(),
        }),
    };
    begun.map_err(|refusal| {
        let failure = super::step::refused(&refusal);
        match args.state {
            Some(_) => failure.help("give what the context needs with --context '{...}'"),
            None => failure.help("give what the creation needs with --input '{...}'"),
        }
    })
}

/// Whether the walk goes on.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    GoOn,
    Quit,
}

impl Walk<'_> {
    fn converse(&mut self) -> Result<Exit, Failure> {
        let stdin = std::io::stdin();
        let is_person = stdin.is_terminal();
        let mut lines = stdin.lock();
        loop {
            if is_person {
                self.prompt();
            }
            let mut line = Vec::new();
            let mut bounded = std::io::Read::take(&mut lines, LINE_BYTES_MAX);
            let read = bounded.read_until(b'\n', &mut line);
            let read = read.map_err(|error| Failure::usage(format!("cannot read stdin: {error}")))?;
            if read == 0 || self.line(&String::from_utf8_lossy(&line)) == Next::Quit {
                return Ok(Exit::Done);
            }
        }
    }

    fn prompt(&self) {
        let mut stderr = anstream::stderr().lock();
        let _ = write!(stderr, "{} ", paint(WEAK, ">"));
        let _ = stderr.flush();
    }

    /// Does what one line says.
    fn line(&mut self, line: &str) -> Next {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Next::GoOn;
        }
        match commands::parse(line, &view::choices(self)) {
            Err(problem) => self.complain(&problem),
            Ok(Command::Quit) => return Next::Quit,
            Ok(command) => self.obey(&command, line),
        }
        Next::GoOn
    }

    fn obey(&mut self, command: &Command, line: &str) {
        let before = (self.world.clone(), self.record.len());
        match commands::perform(self, command) {
            Ok(true) => {
                if self.earlier.len() == UNDO_MAX {
                    self.earlier.remove(0);
                }
                self.earlier.push(before);
                self.record.push(commands::text(command, line));
            }
            Ok(false) => {}
            Err(problem) => self.complain(&problem),
        }
    }

    fn complain(&self, problem: &str) {
        if self.screen.json {
            self.screen.json_line(&serde_json::json!({ "problem": problem }));
        } else {
            self.screen.data(&view::problem(problem));
        }
    }

    fn show(&self) {
        if self.screen.json {
            self.screen.json_line(&view::document(self));
        } else {
            self.screen.data(&view::draw(self));
        }
    }

    fn show_step(&self, title: &str, outcome: &Result<Step, Refusal>) {
        if self.screen.json {
            self.screen.json_line(&view::outcome_document(title, outcome));
        } else {
            self.screen.data(&view::outcome(title, outcome));
        }
    }
}
