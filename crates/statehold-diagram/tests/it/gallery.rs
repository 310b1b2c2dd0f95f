//! `docs/gallery.md` and its pictures: charts of our own and charts written by others, drawn as they are drawn today.
//!
//! Only our renderings are kept here, not the files of others; each names where its chart comes from. `UPDATE_EXPECTED=1`
//! writes the page and the pictures instead of comparing them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use statehold_core::Machine;
use statehold_diagram::{Highlight, Options, svg};
use statehold_formats::{ImportFormat, ImportOptions, import};

use crate::{charts, corpus};

/// Charts of our own: name, text, what to look at, active states if any.
const OWN: [(&str, &str, &str, &str); 3] = [
    (
        "order",
        include_str!("../../../../examples/order/order.chart.yaml"),
        "A small life cycle: one payment, a timer, a deprecated event, a guard with a name.",
        "",
    ),
    (
        "checkout",
        include_str!("../charts/checkout.chart.yaml"),
        "Nested states, deep history, two regions; an entity stands in the highlighted states.",
        "processing(payment.declined|fulfilment.picking)",
    ),
    (
        "subscription",
        include_str!("../charts/subscription.chart.yaml"),
        "Timers that are relative, absolute and computed, and a way back at each step.",
        "",
    ),
];

/// Charts by others, from small to large.
const BY_OTHERS: [&str; 10] = [
    "xstate-json/debt.json",
    "scxml/history-deep-01.scxml",
    "mermaid/conductor_task.mmd",
    "symfony-yaml/sylius_order_checkout.yaml",
    "scxml/traffic_report.scxml",
    "asl/saga_trip.asl.json",
    "xstate-json/subscription_flow.json",
    "xstate-json/ecommerce_fulfillment.json",
    "xstate-json/commerce.json",
    "xstate-json/car_sales.json",
];

const HEAD: &str = "\
# Gallery

Pictures as `statehold diagram` draws them: charts of our own, and charts that others wrote for other tools, read by
`statehold import`. How to read them is told in [diagrams](diagrams.md).

## Our own

";

#[test]
fn the_gallery_is_current() {
    let Some(root) = corpus::root() else {
        return;
    };
    let sources = std::fs::read_to_string(root.join("SOURCES.md")).unwrap();
    let mut page = HEAD.to_owned();
    for (name, text, words, active) in OWN {
        let machine = charts::load(text);
        let options = Options {
            highlight: highlight(&machine, active),
            ..Options::default()
        };
        picture(&mut page, name, words, &svg(&machine, &options));
    }
    page.push_str(
        "## Charts by others\n\nThe charts belong to the authors named below each picture; the pictures are our rendering.\n\n",
    );
    for file in BY_OTHERS {
        let machines = imported(&root, file);
        let [machine] = &machines[..] else {
            panic!("{file} holds {} machines that can be drawn", machines.len());
        };
        let source = Source::of(&sources, file);
        let name = source.name();
        picture(
            &mut page,
            &name,
            &source.words(),
            &svg(machine, &Options::default()),
        );
    }
    compare(
        &docs().join("gallery.md"),
        page.trim_end_matches('\n'),
        "\n",
    );
}

/// The machines of a file, as `statehold import` reads them.
fn imported(root: &Path, file: &str) -> Vec<Machine> {
    let text = std::fs::read_to_string(root.join(file)).expect("a file of the corpus");
    let format = ImportFormat::detect(file, &text).expect("a known format");
    let imported = import(format, &text, &ImportOptions::default());
    let imported = imported.unwrap_or_else(|error| panic!("{file}: {error}"));
    (imported.iter())
        .map(|one| Machine::from_yaml(&one.chart).expect("an imported chart loads"))
        .collect()
}

fn highlight(machine: &Machine, active: &str) -> Highlight {
    if active.is_empty() {
        return Highlight::default();
    }
    Highlight::of(machine, &machine.decode(active).unwrap())
}

/// Where a chart of the corpus comes from: a row of its table of sources.
struct Source<'s> {
    file: &'s str,
    repository: &'s str,
    path: &'s str,
    licence: &'s str,
    what: &'s str,
}

impl<'s> Source<'s> {
    fn of(sources: &'s str, file: &str) -> Self {
        let (folder, name) = file.split_once('/').unwrap();
        let (_, section) = sources.split_once(&format!("## {folder}\n")).unwrap();
        let rows = section.lines().take_while(|line| !line.starts_with("## "));
        for row in rows {
            let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
            if let [file, repository, path, licence, what] = cells[..]
                && file == name
            {
                return Self {
                    file,
                    repository,
                    path,
                    licence,
                    what,
                };
            }
        }
        panic!("{file} is not among the sources");
    }

    fn name(&self) -> String {
        let stem = self.file.split('.').next().unwrap_or(self.file);
        stem.to_owned()
    }

    fn words(&self) -> String {
        let (repository, commit) = self.repository.split_once(" @ ").unwrap();
        format!(
            "{}. Chart: [{repository}](https://github.com/{repository}) at `{commit}`, `{}`, {}.",
            capitalized(self.what),
            self.path,
            self.licence
        )
    }
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    format!("{first}{}", chars.as_str())
}

fn picture(page: &mut String, name: &str, words: &str, drawn: &str) {
    let _ = write!(
        page,
        "### {name}\n\n{words}\n\n![The machine {name}](pictures/gallery/{name}.svg)\n\n"
    );
    compare(
        &docs().join(format!("pictures/gallery/{name}.svg")),
        drawn,
        "",
    );
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

fn compare(path: &Path, text: &str, end: &str) {
    let text = format!("{text}{end}");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &text).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == text,
        "{} is not what comes out today; look at the difference, then run the test with UPDATE_EXPECTED=1",
        path.display()
    );
}
