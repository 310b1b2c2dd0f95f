//! What things are called: places and transitions by text, or by a constant of PHP.

use statehold_core::source::{Node, NodeValue};

/// Constants that say nothing but that they are the name.
const EMPTY_WORDS: [&str; 4] = ["GRAPH", "NAME", "WORKFLOW", "ID"];

/// Endings of classes that hold such constants.
const CLASS_ENDINGS: [&str; 4] = ["Transitions", "Workflow", "States", "Interface"];

/// A name in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// As it is written: two that are written alike are the same.
    pub(super) written: String,
    /// What a name here is made of.
    pub(super) short: String,
    pub(super) is_constant: bool,
    pub(super) at: usize,
}

impl Name {
    /// A name that stands at a byte. A tagged value is text with its tag.
    pub(super) fn at(text: &str, at: usize) -> Self {
        let constant = constant(text);
        let written = constant.unwrap_or(text).trim();
        let short = if constant.is_some() {
            let last = written.rsplit("::").next().unwrap_or(written);
            last.trim_end_matches("->value")
                .trim_end_matches("->name")
                .to_lowercase()
        } else {
            written.to_owned()
        };
        Self {
            written: written.to_owned(),
            short,
            is_constant: constant.is_some(),
            at,
        }
    }

    /// A name that is the value of a node.
    pub(super) fn of(node: &Node) -> Option<Self> {
        let written = match &node.value {
            NodeValue::Str(written) => written.clone(),
            // YAML reads some names as numbers and truth values, PHP takes them for text.
            NodeValue::Int(number) => number.to_string(),
            NodeValue::Bool(value) => value.to_string(),
            _ => return None,
        };
        Some(Self::at(&written, node.span.start))
    }

    /// What a machine with this name should be called: a constant may only name its class.
    pub(super) fn of_machine(&self) -> String {
        let is_empty_word = EMPTY_WORDS
            .iter()
            .any(|word| self.short.eq_ignore_ascii_case(word));
        if !self.is_constant || !is_empty_word {
            return self.short.clone();
        }
        let class = self.written.rsplit("::").nth(1).unwrap_or_default();
        let class = class.rsplit('\\').next().unwrap_or_default();
        let class = CLASS_ENDINGS
            .iter()
            .find_map(|ending| class.strip_suffix(ending))
            .unwrap_or(class);
        if class.is_empty() {
            self.short.clone()
        } else {
            snake(class)
        }
    }
}

/// What a constant or an enum of PHP is called, if the text is one.
pub(super) fn constant(text: &str) -> Option<&str> {
    let rest = ["!php/const", "!php/enum"]
        .iter()
        .find_map(|tag| text.strip_prefix(tag))?;
    rest.starts_with([' ', '\t']).then(|| rest.trim_start())
}

/// `orderState` as `order_state`.
pub(super) fn snake(text: &str) -> String {
    let mut out = String::new();
    let mut before_is_small = false;
    for c in text.chars() {
        if c.is_uppercase() && before_is_small {
            out.push('_');
        }
        before_is_small = c.is_lowercase() || c.is_ascii_digit();
        out.extend(c.to_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_called_by_their_last_word() {
        let name = Name::at("!php/const App\\OrderTransitions::GRAPH", 0);
        assert_eq!(
            (name.short.as_str(), name.of_machine().as_str()),
            ("graph", "order")
        );
        assert_eq!(name.written, "App\\OrderTransitions::GRAPH");
        assert_eq!(
            Name::at("!php/enum App\\Status::InReview->value", 0).short,
            "inreview"
        );
        assert_eq!(Name::at("In Review", 0).short, "In Review");
        assert_eq!(snake("checkoutState2X"), "checkout_state2_x");
    }
}
