//! Playing scenarios: what happens, what came of it, and every expectation that was not met.

mod check;

use statehold_core::diagnostic::Span;
use statehold_core::{Creation, EntityInfo, Event, Machine, Outcome, Refusal, Step};

use crate::coverage::Coverage;
use crate::scenario::{Begin, Happens, Scenario, ScenarioStep};
use crate::world::{Answered, World};

/// Id of the entity, where a scenario gives none.
const ENTITY_ID: &str = "example";

/// What became of one scenario.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// What it shows.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// Every expectation that was not met; none means that it passed. The first one ends the scenario.
    pub failures: Vec<Failure>,
    /// What happened, step by step.
    pub steps: Vec<StepReport>,
}

impl Verdict {
    /// Whether every expectation was met.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// An expectation that was not met.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// Where the expectation stands.
    pub span: Span,
    /// What is wrong, one sentence.
    pub message: String,
    /// What was expected, as text to stand beside what was found.
    pub expected: Option<String>,
    /// What was found.
    pub found: Option<String>,
    /// What else helps: refusals with their reasons, what was possible.
    pub notes: Vec<String>,
    /// Bytes of the chart that the failure points to, if it does.
    pub chart: Option<Span>,
}

/// What one step did.
#[derive(Debug, Clone)]
pub struct StepReport {
    /// In a few words.
    pub title: String,
    /// State column before it.
    pub from: String,
    /// State column after it.
    pub to: String,
}

/// Plays all scenarios against a chart, each on its own.
#[must_use]
pub fn run<'s>(
    machine: &Machine,
    scenarios: impl IntoIterator<Item = &'s Scenario>,
) -> Vec<Verdict> {
    scenarios
        .into_iter()
        .map(|scenario| play(machine, scenario))
        .collect()
}

/// As [`run`], with what the scenarios came by.
#[must_use]
pub fn run_observed<'s>(
    machine: &Machine,
    scenarios: impl IntoIterator<Item = &'s Scenario>,
) -> (Vec<Verdict>, Coverage) {
    let mut coverage = Coverage::new(machine);
    let played = scenarios.into_iter().map(|scenario| {
        let (verdict, seen) = play_observed(machine, scenario);
        coverage.add(&seen);
        verdict
    });
    (played.collect(), coverage)
}

/// Plays one scenario.
#[must_use]
pub fn play(machine: &Machine, scenario: &Scenario) -> Verdict {
    play_in(&mut World::new(machine.clone(), scenario.now), scenario)
}

/// As [`play`], with what the scenario came by.
#[must_use]
pub fn play_observed(machine: &Machine, scenario: &Scenario) -> (Verdict, Coverage) {
    let mut world = World::observed(machine.clone(), scenario.now);
    let verdict = play_in(&mut world, scenario);
    (
        verdict,
        world
            .into_coverage()
            .unwrap_or_else(|| Coverage::new(machine)),
    )
}

fn play_in(world: &mut World, scenario: &Scenario) -> Verdict {
    let mut verdict = Verdict {
        name: scenario.name.clone(),
        span: scenario.span.clone(),
        failures: Vec::new(),
        steps: Vec::new(),
    };
    if let Err(failure) = begin(world, &scenario.begin) {
        verdict.failures.push(*failure);
        return verdict;
    }
    for step in &scenario.steps {
        let from = column(world);
        let happened = happen(world, step);
        let happened = happened.map(|mut happened| {
            happened.steps.extend(world.take_aftermath());
            happened
        });
        verdict.steps.push(StepReport {
            title: title(&step.happens),
            from,
            to: column(world),
        });
        verdict.failures = match happened {
            Ok(happened) => check::check(world, step, &happened),
            Err(failure) => vec![*failure],
        };
        if !verdict.failures.is_empty() {
            break;
        }
    }
    verdict
}

/// What came of a step.
#[derive(Debug, Default)]
struct Happened {
    /// Steps of the interpreter, in order.
    steps: Vec<Step>,
    /// The refusal, if there was one.
    refusal: Option<Refusal>,
}

impl Happened {
    fn of(outcome: Result<Step, Refusal>) -> Self {
        match outcome {
            Ok(step) => Self {
                steps: vec![step],
                refusal: None,
            },
            Err(refusal) => Self {
                steps: Vec::new(),
                refusal: Some(refusal),
            },
        }
    }

    /// What became of the event.
    fn outcome(&self) -> Outcome {
        self.refusal
            .as_ref()
            .map_or(Outcome::Applied, |refusal| refusal.outcome)
    }
}

fn begin(world: &mut World, begin: &Begin) -> Result<(), Box<Failure>> {
    match begin {
        Begin::Nothing => Ok(()),
        Begin::Create { input, actor, span } => {
            let creation = Creation {
                id: ENTITY_ID.to_owned(),
                input: input.clone(),
                actor: actor.clone(),
            };
            world.create(creation).map(drop).map_err(|refusal| {
                Box::new(Failure {
                    notes: check::reasons(&refusal),
                    ..failure(
                        span,
                        format!("the entity cannot be created: {}", refusal.message),
                    )
                })
            })
        }
        Begin::Given {
            state,
            context,
            id,
            owner,
            span,
        } => {
            let entity = EntityInfo {
                id: id.as_deref().unwrap_or(ENTITY_ID).into(),
                owner: owner.as_deref().map(Into::into),
                revision: 0,
            };
            let placed = world.place(state, context.clone(), entity);
            placed.map(drop).map_err(|refusal| {
                Box::new(Failure {
                    notes: check::reasons(&refusal),
                    ..failure(span, refusal.message)
                })
            })
        }
    }
}

fn happen(world: &mut World, step: &ScenarioStep) -> Result<Happened, Box<Failure>> {
    Ok(match &step.happens {
        Happens::Create { input, actor } => Happened::of(world.create(Creation {
            id: ENTITY_ID.to_owned(),
            input: input.clone(),
            actor: actor.clone(),
        })),
        Happens::Fire {
            event,
            input,
            actor,
        } => Happened::of(
            world.fire(
                Event::new(event.as_str())
                    .input(input.clone())
                    .actor(actor.clone()),
            ),
        ),
        Happens::Answer {
            effect,
            answer,
            until_ended,
        } => {
            let answered = match until_ended {
                true => world.exhaust(effect, answer),
                false => world.answer(effect, answer),
            };
            let Some(answered) = answered else {
                return Err(Box::new(no_such_effect(world, effect, &step.span)));
            };
            match answered {
                Answered::Ended(Some(outcome)) => Happened::of(*outcome),
                Answered::Ended(None) | Answered::Retried | Answered::Dead => Happened::default(),
            }
        }
        Happens::Advance(by) => {
            let mut happened = Happened::default();
            for (_, outcome) in world.advance(*by) {
                match outcome {
                    Ok(step) => happened.steps.push(step),
                    // A timer whose guards say no has fired nonetheless; only a step that failed is worth a word.
                    Err(refusal) if is_failure(refusal.outcome) => happened.refusal = Some(refusal),
                    Err(_) => {}
                }
            }
            happened
        }
        Happens::Look => Happened::default(),
    })
}

fn is_failure(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::GuardError | Outcome::StepError)
}

fn no_such_effect(world: &World, effect: &str, span: &Span) -> Failure {
    let open: Vec<&str> = world
        .effects()
        .iter()
        .map(|open| open.request.name.as_str())
        .collect();
    let note = match (
        open.as_slice(),
        world.machine().effects.contains_key(effect),
    ) {
        ([], _) => "no effect waits for an answer".to_owned(),
        (open, true) => format!("effects that wait: {}", open.join(", ")),
        (open, false) => format!(
            "the chart declares no such effect; effects that wait: {}",
            open.join(", ")
        ),
    };
    Failure {
        notes: vec![note, format!("the entity is in `{}`", column(world))],
        ..failure(
            span,
            format!("effect `{effect}` was not asked for, or has ended"),
        )
    }
}

fn failure(span: &Span, message: impl Into<String>) -> Failure {
    Failure {
        span: span.clone(),
        message: message.into(),
        expected: None,
        found: None,
        notes: Vec::new(),
        chart: None,
    }
}

fn column(world: &World) -> String {
    let snapshot = world.snapshot();
    snapshot
        .map(|snapshot| world.machine().encode(&snapshot.configuration))
        .unwrap_or_default()
}

fn title(happens: &Happens) -> String {
    match happens {
        Happens::Create { .. } => "create".to_owned(),
        Happens::Fire { event, .. } => format!("fire {event}"),
        Happens::Answer { effect, .. } => format!("answer {effect}"),
        Happens::Advance(by) => format!("advance {}", statehold_core::delay::format(*by)),
        Happens::Look => "look".to_owned(),
    }
}
