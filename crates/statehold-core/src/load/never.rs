//! Transitions that wait for an event of the engine which the chart itself rules out.

use super::chart::Loader;
use super::walk;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::machine::{Definition, Descriptor, Transition};

/// Warns of transitions whose event can never happen.
pub(super) fn check(loader: &Loader<'_>, definition: &Definition) {
    for state in &definition.states {
        for transition in &state.transitions {
            if let Some(message) = why_not(loader, definition, transition) {
                let pointer = loader.outline.draft(state.id).item.pointer.clone();
                let problem =
                    Diagnostic::warning(codes::NEVER_HAPPENS, transition.span.clone(), message.0);
                loader.reader.report(problem.help(message.1).at(pointer));
            }
        }
    }
}

fn why_not(
    loader: &Loader<'_>,
    definition: &Definition,
    transition: &Transition,
) -> Option<(String, &'static str)> {
    if let Some(path) = walk::awaits_completion(transition) {
        let state = definition.state_at(path)?;
        let stuck = walk::incomplete(&definition.states, state.id)?;
        let title = loader.outline.title(stuck);
        let whole = match stuck == state.id {
            true => String::new(),
            false => format!(", so `{path}` is never complete"),
        };
        let message = format!("this never happens: {title} has no final state inside{whole}");
        return Some((message, "add a state with `type: final`"));
    }
    let Some(Descriptor::Exact(event)) = &transition.on else {
        return None;
    };
    let effect = event
        .strip_prefix("done.effect.")
        .or_else(|| event.strip_prefix("error.effect."))?;
    // An invoke whose results are waited for was refused when it was read.
    let is_forgotten = transition.invoke.is_none() && !loader.effects.get(effect)?.reports();
    is_forgotten.then(|| {
        let message = format!(
            "this never happens: nothing is heard of `{effect}`, which is `mode: fire_and_forget`"
        );
        (
            message,
            "use `mode: async` for an effect whose result the chart waits for",
        )
    })
}
