//! Every drawing of every layout keeps the rules.

#[cfg(feature = "elk")]
use statehold_diagram::layout::Elk;
use statehold_diagram::layout::{Ladder, Layout};
use statehold_diagram::{Options, draw, picture, svg};

use statehold_core::Machine;

use crate::charts::{self, Shape};
use crate::corpus;
use crate::rules::breaches;

fn layouts() -> Vec<(&'static str, Box<dyn Layout>)> {
    let mut all: Vec<(&'static str, Box<dyn Layout>)> = vec![("ladder", Box::new(Ladder))];
    #[cfg(feature = "elk")]
    all.extend(
        Elk::STYLES
            .into_iter()
            .map(|style| -> (&'static str, Box<dyn Layout>) { ("elk", Box::new(style)) }),
    );
    all
}

/// Every rule in every layout.
fn check(name: &str, machine: &Machine) {
    check_in(layouts(), name, machine);
}

fn check_in(layouts: Vec<(&'static str, Box<dyn Layout>)>, name: &str, machine: &Machine) {
    let picture = picture(machine);
    for (layout_name, layout) in layouts {
        let drawing = draw(&picture, &Options::default(), &*layout).unwrap();
        let found = breaches(&picture, &drawing);
        assert!(
            found.is_empty(),
            "{layout_name}, {name}:\n{}",
            found.join("\n")
        );
    }
}

#[test]
fn drawings_of_the_charts_keep_every_rule() {
    for (name, machine) in charts::all() {
        check(name, &machine);
    }
}

#[test]
fn drawings_of_charts_made_by_others_keep_every_rule() {
    for chart in corpus::charts() {
        check(&chart.file, &chart.machine);
    }
}

/// So many charts made by chance; each is drawn in one layout of several, in turn.
const BY_CHANCE: u64 = 180;

#[test]
fn drawings_of_charts_made_by_chance_keep_every_rule() {
    for seed in 0..BY_CHANCE {
        let shape = Shape {
            states: 3 + seed as usize % 26,
            transitions: 4 + seed as usize % 41,
            nesting: seed as usize % 5,
        };
        let mut layouts = layouts();
        let layout = layouts.swap_remove(seed as usize % layouts.len());
        let name = format!("seed {seed}, {shape:?}");
        check_in(vec![layout], &name, &charts::by_chance(seed, shape));
    }
}

#[test]
fn counts_find_room_in_their_boxes() {
    for (_, machine) in charts::all() {
        let options = Options {
            counts: machine
                .by_path
                .keys()
                .map(|path| (path.clone(), 1_234_567_890))
                .collect(),
            ..Options::default()
        };
        let picture = picture(&machine);
        for (_, layout) in layouts() {
            let drawing = draw(&picture, &options, &*layout).unwrap();
            assert_eq!(breaches(&picture, &drawing), Vec::<String>::new());
        }
    }
}

#[test]
fn the_same_machine_gives_the_same_bytes() {
    for (_, machine) in charts::all() {
        let again = charts::load(&machine.source);
        assert_eq!(
            svg(&machine, &Options::default()),
            svg(&again, &Options::default())
        );
    }
}

/// Far above what it takes without optimisation on a busy machine, far below what unbounded work would take.
const DRAWN_WITHIN: std::time::Duration = std::time::Duration::from_secs(10);

#[test]
fn a_thousand_states_are_drawn_at_once() {
    // The nested one gets history states on top.
    for (states, nesting) in [(1_000, 0), (750, 4)] {
        let machine = charts::by_chance(
            7,
            Shape {
                states,
                transitions: 1_500,
                nesting,
            },
        );
        let start = std::time::Instant::now();
        let text = svg(&machine, &Options::default());
        assert!(start.elapsed() < DRAWN_WITHIN, "took {:?}", start.elapsed());
        assert!(text.ends_with("</svg>\n"));
    }
}

#[cfg(feature = "elk")]
#[test]
fn what_one_layout_refuses_the_plain_one_draws() {
    let machine = charts::by_chance(
        3,
        Shape {
            states: 700,
            transitions: 900,
            nesting: 2,
        },
    );
    let picture = picture(&machine);
    let refused = draw(&picture, &Options::default(), &Elk::default()).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("more than this layout arranges"),
        "{refused}"
    );
    let drawing = statehold_diagram::drawing::plain(&picture, &Options::default());
    assert_eq!(breaches(&picture, &drawing), Vec::<String>::new());
}
