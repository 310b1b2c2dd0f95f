//! Importer of Symfony workflows: `framework.workflows` in YAML, one chart for each.
//!
//! A `state_machine` comes over whole. A `workflow` is a Petri net, which may hold many tokens: it comes over if it
//! never has more than one, or if its tokens divide and meet again in good order, which makes regions; any other is
//! refused, because no chart does the same. What listens to the workflow is code elsewhere and does not come along.

mod definition;
mod expression;
mod lower;
mod net;
mod place;
mod words;

use statehold_core::codes;
use statehold_core::diagnostic::Diagnostic;
use statehold_core::source::{Key, Node, NodeValue, parse_partial};

use crate::draft::Slugs;
use crate::notes::Notes;
use crate::{FormatError, ImportOptions, Imported, Problem};

/// Most workflows of one file.
const WORKFLOWS_MAX: usize = 200;

/// Makes charts of a document.
///
/// # Errors
/// Everything that keeps the text from becoming charts.
pub(crate) fn import(text: &str, options: &ImportOptions) -> Result<Vec<Imported>, FormatError> {
    let mut notes = Notes::new(text);
    let Some(root) = tree(text, &mut notes) else {
        return Err(refusals(notes, text));
    };
    let found = workflows(&root, &mut notes);
    if notes.is_refused() || found.is_empty() {
        return Err(refusals(notes, text));
    }
    let one = ImportOptions {
        name: options.name.clone().filter(|_| found.len() == 1),
    };
    let mut names = Slugs::default();
    let mut all = Vec::new();
    let mut problems = Vec::new();
    // What is lost beside the workflows is told with the first.
    let mut notes = Some(notes);
    for (key, node) in found {
        let notes = notes.take().unwrap_or_else(|| Notes::new(text));
        match lower::chart(key, node, &mut names, notes, &one) {
            Ok(imported) => all.push(imported),
            Err(error) => problems.extend(error.problems),
        }
    }
    if problems.is_empty() {
        Ok(all)
    } else {
        Err(FormatError { problems })
    }
}

fn refusals(notes: Notes<'_>, text: &str) -> FormatError {
    match notes.into_losses() {
        Err(error) => error,
        Ok(_) => FormatError::one(Problem::at(
            text,
            0,
            "there is no `framework.workflows` here",
        )),
    }
}

/// The tree of the document. Constants of PHP are tags, which stand in front of what they name.
fn tree(text: &str, notes: &mut Notes<'_>) -> Option<Node> {
    let parsed = parse_partial("workflow.yaml", text);
    for problem in &parsed.diagnostics {
        let at = problem.span.start;
        if place::constant(&text[at..]).is_some() {
            continue;
        }
        if is_idle_anchor(problem) {
            notes.loss(at, "anchor", "nothing refers to it");
            continue;
        }
        let help = problem
            .help
            .as_ref()
            .map(|help| format!("; {help}"))
            .unwrap_or_default();
        notes.refuse(at, format!("{}{help}", problem.message));
    }
    parsed.root
}

fn is_idle_anchor(problem: &Diagnostic) -> bool {
    problem.code == codes::YAML_TRAP && problem.message.contains("as an anchor")
}

/// The workflows of a document, by name or by place in a list.
fn workflows<'n>(root: &'n Node, notes: &mut Notes<'_>) -> Vec<(Option<&'n Key>, &'n Node)> {
    let framework = root.get("framework").unwrap_or(root);
    for (key, node) in entries(root) {
        if key.text != "framework" && key.text != "workflows" {
            let message = format!("`{}` is not about workflows", key.text);
            notes.loss(node.span.start.min(key.span.start), "key", message);
        }
    }
    let Some(mut all) = framework.get("workflows") else {
        return Vec::new();
    };
    // `workflows: { enabled: true, workflows: ... }`
    if let Some(inner) = all
        .get("workflows")
        .filter(|inner| inner.get("transitions").is_none())
    {
        for (key, _) in entries(all)
            .iter()
            .filter(|(key, _)| key.text != "workflows")
        {
            notes.loss(
                key.span.start,
                "key",
                format!("`{}` has no counterpart", key.text),
            );
        }
        all = inner;
    }
    let found: Vec<(Option<&Key>, &Node)> = match &all.value {
        NodeValue::Map(entries) => entries
            .iter()
            .map(|(key, node)| (Some(key), node))
            .collect(),
        NodeValue::Seq(items) => items.iter().map(|node| (None, node)).collect(),
        _ => Vec::new(),
    };
    if found.len() > WORKFLOWS_MAX {
        notes.refuse(
            all.span.start,
            format!("more than {WORKFLOWS_MAX} workflows"),
        );
    }
    found
}

/// Entries of a mapping; none of anything else.
fn entries(node: &Node) -> &[(Key, Node)] {
    match &node.value {
        NodeValue::Map(entries) => entries,
        _ => &[],
    }
}
