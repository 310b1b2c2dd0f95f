//! The first page of a development server: what runs, and where to go from here.

use statehold_core::{Machine, delay};

use super::docs::table;
use super::markup::{Html, code, el, link};
use crate::app::App;
use crate::config::{DevControls, MockLink};
use crate::door::Caller;

/// The content of the page.
pub(super) fn render(app: &App, caller: &Caller, dev: &DevControls) -> Html {
    el("main")
        .attr("class", "narrow")
        .child(el("h1").child("Statehold ").child(el("small").child(env!("CARGO_PKG_VERSION"))))
        .child(el("p").attr("class", "lead").child(
            "A development server. It is open to every program on this machine, as the actor it says it is.",
        ))
        .child(links(app, dev))
        .child(missing(&caller.engine.missing_destinations()))
        .child(machines(&caller.engine.machines()))
        .child(mocks(&dev.mocks))
        .into()
}

fn links(app: &App, dev: &DevControls) -> Html {
    let ahead = std::time::Duration::try_from(dev.clock.offset()).unwrap_or_default();
    let clock = match ahead.is_zero() {
        true => "The clock is the machine's own.".to_owned(),
        false => format!("The clock is {} ahead.", delay::format(ahead)),
    };
    let mut list = el("ul")
        .child(
            el("li")
                .child(link("/docs", "API documents"))
                .child(", as data: ")
                .child(link("/openapi.json", code("/openapi.json"))),
        )
        .child(el("li").child(link("/v1/status", "Status")))
        .child(el("li").child(link("/v1/dead-letters", "Dead letters")))
        .child(
            el("li")
                .child(clock)
                .child(" Move it: ")
                .child(code("POST /v1/dev/clock {\"advance\": \"48h\"}")),
        );
    if let Some(store) = &app.config.store {
        list = list.child(el("li").child("Store: ").child(code(store)));
    }
    list.into()
}

fn missing(destinations: &[String]) -> Html {
    if destinations.is_empty() {
        return Html::default();
    }
    el("p")
        .attr("class", "warning")
        .child("Destinations without an address: ")
        .child(destinations.join(", "))
        .child(". Effects that need them cannot be sent.")
        .into()
}

fn machines(machines: &[Machine]) -> Html {
    if machines.is_empty() {
        return Html::from(el("h2").child("Machines")).and(
            el("p")
                .child("None yet. Publish a chart with ")
                .child(code("POST /v1/machines"))
                .child("."),
        );
    }
    let rows = machines.iter().map(|machine| {
        let address = format!("/v1/machines/{}", machine.name);
        let label = machine.label.clone().unwrap_or_default();
        el("tr")
            .child(el("td").child(link(&address, code(&machine.name))))
            .child(el("td").child(machine.version.to_string()))
            .child(el("td").child(label))
            .child(el("td").child(link(&format!("{address}/entities"), "entities")))
    });
    let pictures = machines.iter().take(PICTURES_MAX).map(|machine| {
        let address = format!("/v1/machines/{}/diagram.svg", machine.name);
        let title = format!("The machine {}", machine.name);
        let picture = el("img").attr("src", &address).attr("alt", &title);
        el("p").child(link(&address, picture.attr("loading", "lazy")))
    });
    let table = table(&["Name", "Version", "Label", ""], rows);
    pictures.fold(Html::from(el("h2").child("Machines")).and(table), Html::and)
}

/// Most pictures on the page; the others are one click away.
const PICTURES_MAX: usize = 20;

fn mocks(mocks: &[MockLink]) -> Html {
    if mocks.is_empty() {
        return Html::default();
    }
    let rows = mocks.iter().map(|mock| {
        el("tr")
            .child(el("td").child(&mock.name))
            .child(el("td").child(code(&mock.env)))
            .child(el("td").child(link(&mock.url, code(&mock.url))))
    });
    Html::from(el("h2").child("Mocks")).and(table(&["Name", "Destination", "Address"], rows))
}
