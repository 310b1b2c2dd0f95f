//! From a draft to text that loads, or to the words why it cannot.

use statehold_core::Machine;
use statehold_core::diagnostic::Diagnostic;

use super::form;
use super::layout::document;
use super::model::{Draft, StateDraft};
use super::names::slug;
use crate::notes::Notes;
use crate::{FormatError, ImportOptions, Imported};

/// The chart's text.
fn write(draft: &Draft) -> String {
    document(&draft.comments, &form::chart(draft))
}

/// Writes the draft and proves that it loads. What the loader refuses is refused with the place in the document that
/// it comes from.
///
/// # Errors
/// What was refused on the way, or what the loader says.
pub(crate) fn finish(
    mut draft: Draft,
    mut notes: Notes<'_>,
    options: &ImportOptions,
) -> Result<Imported, FormatError> {
    if let Some(name) = &options.name {
        draft.machine = slug(name, "machine");
    }
    if notes.is_refused() {
        notes.into_losses()?;
        return Err(FormatError {
            problems: Vec::new(),
        });
    }
    let chart = write(&draft);
    if let Err(error) = Machine::load("chart.yaml", &chart) {
        for problem in error
            .diagnostics
            .iter()
            .filter(|problem| problem.is_error())
        {
            let at = place(&draft.root, problem);
            notes.refuse(at, words(problem));
        }
    }
    Ok(Imported {
        losses: notes.into_losses()?,
        name: draft.machine,
        chart,
    })
}

fn words(problem: &Diagnostic) -> String {
    let help = (problem.help.as_ref())
        .map(|help| format!("; {help}"))
        .unwrap_or_default();
    format!("{} {}{help}", problem.code, problem.message)
}

/// The byte of the document from which the innermost state or transition of a problem's pointer was made.
fn place(root: &StateDraft, problem: &Diagnostic) -> usize {
    let mut state = root;
    let mut segments = problem.pointer.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        match segment {
            "states" => {
                let name = segments.next().unwrap_or_default();
                match state.states.iter().find(|child| child.name == name) {
                    Some(child) => state = child,
                    None => return state.at,
                }
            }
            "on" => {
                let event = segments.next().unwrap_or_default();
                let number = segments
                    .next()
                    .and_then(|text| text.parse().ok())
                    .unwrap_or(0);
                let transition = state.on.get(event).and_then(|all| all.get::<usize>(number));
                return transition.map_or(state.at, |transition| transition.at);
            }
            "always" => {
                let number = segments
                    .next()
                    .and_then(|text| text.parse().ok())
                    .unwrap_or(0);
                let transition = state.always.get::<usize>(number);
                return transition.map_or(state.at, |transition| transition.at);
            }
            _ => return state.at,
        }
    }
    state.at
}
