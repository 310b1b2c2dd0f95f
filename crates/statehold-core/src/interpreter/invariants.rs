//! Invariants: what the chart says is true after every macrostep.

use super::run::{Fail, Run};
use crate::codes;
use crate::machine::Invariant;

impl Run<'_> {
    /// An enforced invariant that does not hold ends the step, any other is noted. One that cannot be evaluated does not
    /// hold: nobody can say that it does.
    pub(super) fn check_invariants(&mut self) -> Result<(), Fail> {
        for invariant in &self.machine.invariants {
            let problem = match self.view().with(|scope| invariant.check.eval_bool(scope)) {
                Ok(true) => continue,
                Ok(false) => None,
                Err(error) => Some(error.to_string()),
            };
            if invariant.enforce {
                return Err(broken(invariant, problem));
            }
            self.violated.push(invariant.name.clone());
        }
        Ok(())
    }
}

fn broken(invariant: &Invariant, problem: Option<String>) -> Fail {
    let name = &invariant.name;
    let message = match (problem, &invariant.reason) {
        (Some(problem), _) => format!("invariant `{name}` could not be evaluated: {problem}"),
        (None, Some(reason)) => format!("invariant `{name}` would not hold: {reason}"),
        (None, None) => format!("invariant `{name}` would not hold"),
    };
    Fail {
        code: codes::INVARIANT_BROKEN,
        message,
        place: name.clone(),
        event: None,
    }
}
