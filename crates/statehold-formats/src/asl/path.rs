//! Paths: `$.order.total` is `ctx.order.total`, `$$.Execution.Id` is the entity's id, `$done` is a variable and a field
//! like any other. Filters, wildcards and functions have no words here.

use statehold_core::expr::Expr;

use super::flow::Flow;
use crate::draft::quoted;

/// Most steps of one path.
const STEPS_MAX: usize = 32;

/// What `$` stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Base {
    /// The context.
    Context,
    /// An expression, like `event.output`.
    Value(String),
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Name(String),
    Index(u32),
}

/// The steps of a path behind its `$`; none if it is more than steps.
pub(super) fn steps(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if steps.len() == STEPS_MAX {
            return None;
        }
        if let Some(inner) = rest.strip_prefix('[') {
            let (inner, behind) = inner.split_once(']')?;
            steps.push(match inner.parse() {
                Ok(index) => Step::Index(index),
                Err(_) => {
                    let name = ['\'', '"']
                        .iter()
                        .find_map(|q| inner.strip_prefix(*q)?.strip_suffix(*q))?;
                    Step::Name(name.to_owned())
                }
            });
            rest = behind;
            continue;
        }
        rest = rest.strip_prefix('.')?;
        // `$.[0]` is written by some.
        if rest.starts_with('[') {
            continue;
        }
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let name = &rest[..end];
        if name.is_empty() || name.contains(['*', '?', '@', '(', ')', '\'', '"', ' ', ',', ':']) {
            return None;
        }
        steps.push(Step::Name(name.to_owned()));
        rest = &rest[end..];
    }
    Some(steps)
}

impl Flow<'_> {
    /// A path as an expression; none if there is none that means the same.
    pub(super) fn path(&mut self, text: &str, base: &Base) -> Option<String> {
        let source = self.path_source(text.trim(), base)?;
        Expr::compile(&source).is_ok().then_some(source)
    }

    fn path_source(&mut self, text: &str, base: &Base) -> Option<String> {
        if let Some(rest) = text.strip_prefix("$$") {
            return environment(rest);
        }
        let rest = text.strip_prefix('$')?;
        let steps = if rest.is_empty() || rest.starts_with(['.', '[']) {
            steps(rest)?
        } else {
            // A variable.
            return self.written(&Base::Context, &steps(&format!(".{rest}"))?);
        };
        self.written(base, &steps)
    }

    fn written(&mut self, base: &Base, steps: &[Step]) -> Option<String> {
        let (mut source, rest) = match (base, steps.split_first()) {
            (Base::Context, None) => ("ctx".to_owned(), steps),
            (Base::Context, Some((Step::Name(name), rest))) => {
                (format!("ctx.{}", self.field(name)), rest)
            }
            (Base::Context, Some((Step::Index(_), _))) => return None,
            (Base::Value(value), _) => (value.clone(), steps),
        };
        for step in rest {
            match step {
                Step::Name(name) if is_word(name) => source.push_str(&format!(".{name}")),
                Step::Name(name) => source.push_str(&format!("[{}]", quoted(name))),
                Step::Index(index) => source.push_str(&format!("[{index}]")),
            }
        }
        Some(source)
    }

    /// Whether something stands at a path: every step of it has to be there.
    pub(super) fn is_present(&mut self, text: &str) -> Option<String> {
        let rest = text.trim().strip_prefix('$')?;
        let steps = steps(rest)?;
        let is_names = steps
            .iter()
            .all(|step| matches!(step, Step::Name(name) if is_word(name)));
        if steps.is_empty() || !is_names {
            return None;
        }
        let parts: Option<Vec<String>> = (1..=steps.len())
            .map(|length| {
                Some(format!(
                    "has({})",
                    self.written(&Base::Context, &steps[..length])?
                ))
            })
            .collect();
        let source = parts?.join(" && ");
        Expr::compile(&source).is_ok().then_some(source)
    }
}

/// What a path into the execution itself stands for.
fn environment(rest: &str) -> Option<String> {
    let source = match rest {
        ".Execution.Id" | ".Execution.Name" => "entity.id",
        // Whoever answers fires an event at the entity, so its id is all that is needed.
        ".Task.Token" => "entity.id",
        ".State.EnteredTime" => "string(now)",
        _ => return None,
    };
    Some(source.to_owned())
}

fn is_word(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::Draft;
    use crate::notes::Notes;

    #[test]
    fn paths_become_expressions() {
        let mut flow = Flow::new(Draft::new("x"), Notes::new(""));
        for (path, source) in [
            ("$", Some("ctx")),
            ("$.a", Some("ctx.a")),
            ("$.a.b[0].c-d", Some("ctx.a.b[0]['c-d']")),
            ("$['a b'].c", Some("ctx.a_b.c")),
            ("$$.Task.Token", Some("entity.id")),
            ("$total.x", Some("ctx.total.x")),
            ("$..a", None),
            ("$.a[*]", None),
            ("$.a[?(@.x > 1)]", None),
            ("$$.Map.Item.Index", None),
            ("$[0]", None),
            ("States.UUID()", None),
        ] {
            assert_eq!(flow.path(path, &Base::Context).as_deref(), source, "{path}");
        }
        assert_eq!(
            flow.path("$.[0].x", &Base::Value("event.output".to_owned()))
                .as_deref(),
            Some("event.output[0].x")
        );
        assert_eq!(
            flow.is_present("$.a.b").as_deref(),
            Some("has(ctx.a) && has(ctx.a.b)")
        );
        assert!(flow.draft.context.contains_key("total?"));
    }
}
