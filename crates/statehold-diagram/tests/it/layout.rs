//! Layered pictures.

use statehold_diagram::layout::Elk;
use statehold_diagram::{Options, draw, picture};

use crate::charts::{self, Shape};
use crate::rules::breaches;

#[test]
fn drawings_of_the_charts_keep_every_rule() {
    for (name, machine) in charts::all() {
        let picture = picture(&machine);
        let drawing = draw(&picture, &Options::default(), &Elk).unwrap();
        let found = breaches(&picture, &drawing);
        assert!(found.is_empty(), "{name}:\n{}", found.join("\n"));
    }
}

#[test]
fn drawings_of_charts_made_by_chance_keep_every_rule() {
    let mut bad = Vec::new();
    for seed in 0..200 {
        let shape = Shape { states: 4 + (seed as usize % 25), transitions: 6 + (seed as usize % 40), nesting: seed as usize % 5 };
        let machine = charts::by_chance(seed, shape);
        let picture = picture(&machine);
        match draw(&picture, &Options::default(), &Elk) {
            Ok(drawing) => {
        let found = breaches(&picture, &drawing);
        if !found.is_empty() { bad.push(format!("{seed} {shape:?}:\n{}", found.join("\n"))); } }
            Err(e) => bad.push(format!("{seed} {shape:?}: {e}")),
        }
    }
    assert!(bad.is_empty(), "{}\n{} bad", bad.join("\n"), bad.len());
}
