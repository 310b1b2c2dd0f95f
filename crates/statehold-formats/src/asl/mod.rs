//! Importer of the Amazon States Language, in JSON or YAML.
//!
//! A state machine there is driven by what its tasks answer, so a task becomes a state that invokes an effect and goes
//! on when that ends. The one document that is handed from state to state there is the context here: `$.total` is
//! `ctx.total`. Data flow that is not as simple as that is a loss; a `Map`, and whatever else would change where an
//! entity goes, is refused.

mod catch;
mod choice;
mod data;
mod flow;
mod kinds;
mod path;
mod scope;
mod task;

use statehold_core::source::{Node, NodeValue, parse_json, parse_yaml};

use crate::draft::{
    Draft, InitialDraft, Piece, StateDraft, TimerDraft, TransitionDraft, finish, free,
};
use crate::notes::Notes;
use crate::{FormatError, ImportOptions, Imported, Problem};

use flow::Flow;

/// Makes a chart of a document.
///
/// # Errors
/// Everything that keeps the text from becoming a chart.
pub(crate) fn import(text: &str, options: &ImportOptions) -> Result<Imported, FormatError> {
    let is_json = text
        .trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with('{');
    let parsed = if is_json {
        parse_json(text)
    } else {
        parse_yaml(text)
    };
    let root = parsed.map_err(|diagnostics| FormatError {
        problems: (diagnostics.iter())
            .map(|problem| Problem::at(text, problem.span.start, problem.message.clone()))
            .collect(),
    })?;
    let mut flow = Flow::new(Draft::new("state_machine"), Notes::new(text));
    machine(&mut flow, &root);
    let Flow { draft, notes, .. } = flow;
    finish(draft, notes, options)
}

fn machine(flow: &mut Flow<'_>, root: &Node) {
    for (key, value) in entries(root) {
        match key.text.as_str() {
            "StartAt" | "States" | "TimeoutSeconds" | "QueryLanguage" => {}
            "Comment" => flow.draft.description = value.as_str().map(str::to_owned),
            "Version" => flow.loss(value, "Version", "versions of a chart count from 1"),
            other => flow.loss(value, format!("key `{other}`"), "it has no counterpart"),
        }
    }
    let mut state = StateDraft::with_kind("", statehold_core::machine::StateKind::Compound, 0);
    let Some(initial) = scope::fill(flow, &mut state, root, &scope::Outer::root()) else {
        return;
    };
    state.initial = Some(InitialDraft::at(initial));
    if let Some(node) = root.get("TimeoutSeconds") {
        timeout(flow, &mut state, node);
    }
    flow.draft.root = state;
}

/// A machine that takes too long fails.
fn timeout(flow: &mut Flow<'_>, root: &mut StateDraft, node: &Node) {
    let Some(delay) = flow.seconds(node) else {
        flow.loss(
            node,
            "TimeoutSeconds",
            "it is no number; write a timer under `after` of the chart",
        );
        return;
    };
    let is_taken = |name: &str| root.states.iter().any(|state| state.name == name);
    let name = free("timed_out", is_taken);
    let mut end = StateDraft::with_kind(
        &name,
        statehold_core::machine::StateKind::Final,
        node.span.start,
    );
    end.label = None;
    root.states.push(end);
    root.after.push(TimerDraft::after(
        delay,
        vec![TransitionDraft::to(name, node.span.start)],
    ));
}

/// Entries of a mapping; none of anything else.
fn entries(node: &Node) -> &[(statehold_core::source::Key, Node)] {
    match &node.value {
        NodeValue::Map(entries) => entries,
        _ => &[],
    }
}

/// Items of a list; none of anything else.
fn items(node: Option<&Node>) -> &[Node] {
    match node.map(|node| &node.value) {
        Some(NodeValue::Seq(items)) => items,
        _ => &[],
    }
}

/// A text under a key.
fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.get(key)?.as_str()
}

/// A field that may hold anything.
fn any_field() -> Piece {
    Piece::new(serde_json::json!({}))
}
