//! The OpenAPI document as one page.

use serde_json::{Map, Value};
use statehold_core::codes;

use super::markup::{Html, code, el, link};
use super::prose;
use super::schemas::{self, Kind};
use crate::problem::ERROR_PAGES;
use crate::status::{OUTCOMES, of_outcome};

/// Methods in the order in which a path shows them.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

const PARAMETER_HEADS: [&str; 4] = ["Name", "In", "Type", ""];

/// Parameters that nearly every operation takes: shown once, not with each.
const EVERYWHERE: [&str; 2] = [
    "#/components/parameters/tenant",
    "#/components/parameters/actor",
];

/// One operation with its place in the document.
struct Operation<'d> {
    method: &'static str,
    path: &'d str,
    shared: &'d Value,
    body: &'d Value,
}

/// The content of the page.
pub(super) fn render(document: &Value) -> Html {
    let operations = operations(document);
    let main = el("main")
        .child(intro(document))
        .child(outcomes())
        .child(everywhere(document))
        .children(tags(document).map(|tag| group(document, tag, &operations)))
        .child(schemas::section(document, Kind::Ours))
        .child(schemas::section(document, Kind::OfMachines))
        .child(code_table());
    Html::from(nav(document, &operations)).and(main)
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = document["paths"].as_object();
    let mut operations = Vec::new();
    for (path, item) in paths.into_iter().flatten() {
        for method in METHODS {
            if let Some(body) = item.get(method) {
                operations.push(Operation {
                    method,
                    path,
                    shared: &item["parameters"],
                    body,
                });
            }
        }
    }
    operations
}

fn tags(document: &Value) -> impl Iterator<Item = &Value> {
    document["tags"].as_array().into_iter().flatten()
}

impl Operation<'_> {
    fn has_tag(&self, tag: &Value) -> bool {
        self.body["tags"]
            .as_array()
            .is_some_and(|tags| tags.contains(&tag["name"]))
    }

    fn id(&self) -> &str {
        text(&self.body["operationId"])
    }
}

fn nav(document: &Value, operations: &[Operation<'_>]) -> super::markup::Element {
    let mut nav = el("nav")
        .child(el("p").attr("class", "brand").child(link("/", "Statehold")))
        .child(
            el("ul")
                .child(entry("#outcomes", "Outcomes"))
                .child(entry("#everywhere", "Every request")),
        );
    for tag in tags(document) {
        let mut list = el("ul");
        for operation in operations.iter().filter(|operation| operation.has_tag(tag)) {
            let address = format!("#{}", operation.id());
            list = list.child(entry(&address, text(&operation.body["summary"])));
        }
        let list = Html::from(list);
        if operations.iter().any(|operation| operation.has_tag(tag)) {
            nav = nav.child(el("h2").child(text(&tag["name"]))).child(list);
        }
    }
    let rest = el("ul")
        .child(entry("#schemas", "Schemas"))
        .child(entry("#machines", "Published charts"))
        .child(entry("#codes", "Codes"));
    nav.child(el("h2").child("Reference")).child(rest)
}

fn entry(address: &str, name: &str) -> super::markup::Element {
    el("li").child(link(address, name))
}

fn intro(document: &Value) -> Html {
    let info = &document["info"];
    let title = el("h1")
        .child(text(&info["title"]))
        .child(" ")
        .child(el("small").child(text(&info["version"])));
    let source = el("p")
        .child("The same as data: ")
        .child(link("/openapi.json", code("/openapi.json")));
    Html::from(title)
        .and(
            el("p")
                .attr("class", "lead")
                .child(prose::inline(text(&info["summary"]))),
        )
        .and(prose::blocks(text(&info["description"])))
        .and(source)
}

fn outcomes() -> Html {
    let rows = OUTCOMES.iter().map(|(outcome, meaning)| {
        el("tr")
            .child(el("td").child(code(outcome.name())))
            .child(el("td").child(of_outcome(*outcome).as_u16().to_string()))
            .child(el("td").child(prose::inline(meaning)))
    });
    el("section")
        .attr("id", "outcomes")
        .child(el("h2").child("Outcomes"))
        .child(el("p").child("What becomes of an event, and the status that says so."))
        .child(table(&["Outcome", "Status", "Meaning"], rows))
        .into()
}

/// What is the same for all operations under `/v1`.
fn everywhere(document: &Value) -> Html {
    let parameters = EVERYWHERE
        .iter()
        .filter_map(|reference| document.pointer(&reference[1..]));
    let rows = parameters.map(|parameter| parameter_row(document, parameter));
    let problem = &document["components"]["responses"]["Problem"];
    el("section")
        .attr("id", "everywhere")
        .child(el("h2").child("Every request"))
        .child(el("p").child(prose::inline(
            "All addresses under `/v1` take these headers.",
        )))
        .child(table(&PARAMETER_HEADS, rows))
        .child(el("p").child(response_words(problem)))
        .into()
}

fn group(document: &Value, tag: &Value, operations: &[Operation<'_>]) -> Html {
    let mut inner = operations
        .iter()
        .filter(|operation| operation.has_tag(tag))
        .peekable();
    if inner.peek().is_none() {
        return Html::default();
    }
    el("section")
        .child(el("h2").child(text(&tag["name"])))
        .child(el("p").child(prose::inline(text(&tag["description"]))))
        .children(inner.map(|operation| article(document, operation)))
        .into()
}

fn article(document: &Value, operation: &Operation<'_>) -> Html {
    let method = operation.method.to_uppercase();
    let address = el("p")
        .attr("class", "address")
        .child(
            el("span")
                .attr("class", &format!("method {}", operation.method))
                .child(method),
        )
        .child(code(operation.path));
    el("article")
        .attr("id", operation.id())
        .child(el("h3").child(text(&operation.body["summary"])))
        .child(address)
        .child(prose::blocks(text(&operation.body["description"])))
        .child(parameters(document, operation))
        .child(request(document, &operation.body["requestBody"]))
        .child(responses(document, &operation.body["responses"]))
        .into()
}

fn parameters(document: &Value, operation: &Operation<'_>) -> Html {
    let lists = [operation.shared, &operation.body["parameters"]];
    let rows: Vec<_> = lists
        .into_iter()
        .filter_map(Value::as_array)
        .flatten()
        .filter(|parameter| !EVERYWHERE.contains(&text(&parameter["$ref"])))
        .map(|parameter| parameter_row(document, schemas::resolve(document, parameter)))
        .collect();
    if rows.is_empty() {
        return Html::default();
    }
    Html::from(el("h4").child("Parameters")).and(table(&PARAMETER_HEADS, rows))
}

fn parameter_row(document: &Value, parameter: &Value) -> super::markup::Element {
    let schema = match parameter.get("schema") {
        Some(schema) => schema,
        None => &parameter["content"]["application/json"]["schema"],
    };
    let schema_words = schemas::resolve(document, schema);
    el("tr")
        .child(el("td").child(code(text(&parameter["name"]))))
        .child(el("td").child(text(&parameter["in"])))
        .child(el("td").child(schemas::type_words(schema)))
        .child(
            el("td")
                .child(prose::inline(text(&parameter["description"]).trim()))
                .child(schemas::bounds(schema_words)),
        )
}

fn request(document: &Value, body: &Value) -> Html {
    let body = schemas::resolve(document, body);
    let Some(contents) = body["content"].as_object() else {
        return Html::default();
    };
    let title = if body["required"] == Value::Bool(false) {
        "Body, may be absent"
    } else {
        "Body"
    };
    let mut html = Html::from(el("h4").child(title));
    html.push(prose::blocks(text(&body["description"])));
    for (kind, content) in contents {
        html.push(el("p").attr("class", "kind").child(code(kind)));
        html.push(schemas::fields(document, &content["schema"]));
        html.push(example(content));
    }
    html
}

fn responses(document: &Value, responses: &Value) -> Html {
    let described = responses.as_object().into_iter().flatten();
    let rows = described
        .filter(|(status, _)| *status != "default")
        .map(|(status, response)| {
            el("tr")
                .child(el("td").child(el("strong").child(status)))
                .child(el("td").child(response_words(schemas::resolve(document, response))))
        });
    Html::from(el("h4").child("Answers")).and(table(&["Status", ""], rows))
}

fn response_words(response: &Value) -> Html {
    let mut html = prose::inline(text(&response["description"]).trim());
    let contents: Option<&Map<String, Value>> = response["content"].as_object();
    for content in contents.into_iter().flat_map(Map::values) {
        if content["schema"].get("type") != Some(&Value::String("string".to_owned())) {
            html.push(
                el("div")
                    .attr("class", "type")
                    .child(schemas::type_words(&content["schema"])),
            );
        }
        let shown = example(content);
        if !shown.is_empty() {
            html.push(
                el("details")
                    .child(el("summary").child("Example"))
                    .child(shown),
            );
        }
    }
    html
}

fn example(content: &Value) -> Html {
    let shown = match content.get("example") {
        None => return Html::default(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => schemas::pretty(value),
    };
    el("pre").child(el("code").child(shown.trim_end())).into()
}

fn code_table() -> Html {
    let rows = codes::ALL.iter().map(|known| {
        let address = format!("{ERROR_PAGES}{known}");
        el("tr")
            .child(el("td").child(link(&address, code(known.id()))))
            .child(el("td").child(known.title()))
    });
    el("section")
        .attr("id", "codes")
        .child(el("h2").child("Codes"))
        .child(
            el("p").child("Every code that an answer, a diagnostic or the command line can carry."),
        )
        .child(table(&["Code", "Meaning"], rows))
        .into()
}

/// A table that scrolls by itself where the screen is narrow.
pub(super) fn table(
    heads: &[&str],
    rows: impl IntoIterator<Item = super::markup::Element>,
) -> Html {
    let head = el("tr").children(heads.iter().map(|head| el("th").child(*head)));
    let table = el("table")
        .child(el("thead").child(head))
        .child(el("tbody").children(rows));
    el("div").attr("class", "scroll").child(table).into()
}

/// A text of the document; empty where it has none.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
