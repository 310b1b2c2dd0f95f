//! What a code means.

use statehold_core::codes::{self, Code};

use super::markup::{Html, el, link};
use crate::problem::Problem;

/// The content of the page about a code.
pub(super) fn render(code: &str) -> Result<Html, Problem> {
    let known = codes::ALL.iter().find(|known| known.id() == code);
    let known = known.ok_or_else(|| {
        Problem::new(codes::UNKNOWN_ROUTE, format!("there is no code `{code}`; all codes are listed at /docs#codes"))
    })?;
    let main = el("main")
        .attr("class", "narrow")
        .child(el("p").attr("class", "brand").child(link("/docs", "Statehold API")))
        .child(el("h1").child(known.id()))
        .child(el("p").attr("class", "lead").child(sentence(known.title())))
        .child(el("p").child(area(*known)))
        .child(el("p").child(link("/docs#codes", "All codes")));
    Ok(main.into())
}

/// Where a code can be met, by its first digits.
fn area(code: Code) -> &'static str {
    match &code.id()[..4] {
        "SH01" => {
            "A problem of a chart. `statehold check` shows every problem of a file with its place; \
             POST /v1/machines answers the same in `diagnostics`."
        }
        "SH02" => {
            "What became of an event or an entity. The answer's `detail` and `blockers` say why, and \
             `accepted_events` what would be considered instead. Nothing was changed, unless the outcome is `unknown`."
        }
        "SH03" => "About an effect: what a chart asked of the outside world, or what an operator asked for it.",
        "SH04" => {
            "About the request or the server's configuration. The answer's `detail` says what was expected; \
             nothing was changed."
        }
        "SH05" => "About the store, where entities are kept. The server's log has the cause.",
        _ => "About the API mocks.",
    }
}

fn sentence(title: &str) -> String {
    let mut letters = title.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => String::new(),
    }
}
