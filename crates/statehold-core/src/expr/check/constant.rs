//! Conversions of literals: what they come to is known now, so a text that is no timestamp is a mistake now.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::super::ast::{Kind, Node};
use super::super::functions::Function;
use super::super::scope::{EntityScope, EventScope, Scope};
use super::Checker;
use crate::schema::Record;

impl Checker<'_> {
    /// Notes a conversion that fails whatever the entity is.
    pub(super) fn constant_call(&mut self, node: &Node, function: Function, args: &[Node]) {
        let converts = matches!(
            function,
            Function::ToTimestamp
                | Function::ToDuration
                | Function::ToInt
                | Function::ToUint
                | Function::ToDouble
                | Function::ToBool
        );
        let [argument] = args else { return };
        if converts
            && matches!(argument.kind, Kind::Literal(_))
            && let Some(problem) = failure(node, self.source)
        {
            self.error(argument, problem);
        }
    }
}

/// Why a node that reads nothing cannot be evaluated.
fn failure(node: &Node, source: &str) -> Option<String> {
    let nothing = (Map::new(), Record::default(), Value::Null);
    let scope = Scope {
        ctx: &nothing.0,
        ctx_record: &nothing.1,
        event: EventScope {
            kind: "",
            input: &nothing.2,
            input_record: None,
            output: None,
            error: None,
            attempt: None,
        },
        actor: None,
        entity: EntityScope {
            id: "",
            owner: None,
            version: 1,
            revision: 0,
        },
        now: Timestamp::UNIX_EPOCH,
        in_state: &|_| false,
        extra: &[],
    };
    super::super::eval::eval(node, source, &scope)
        .err()
        .map(|error| error.message)
}
