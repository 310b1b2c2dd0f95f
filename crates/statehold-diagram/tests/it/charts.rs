//! Charts that the tests draw.

use std::fmt::Write as _;

use statehold_core::Machine;

/// Loads a chart that must be valid.
pub(crate) fn load(text: &str) -> Machine {
    match Machine::from_yaml(text) {
        Ok(machine) => machine,
        Err(error) => panic!("{error}\n{text}"),
    }
}

/// Charts with a name, from small to odd.
pub(crate) fn all() -> Vec<(&'static str, Machine)> {
    [
        (
            "order",
            include_str!("../../../../examples/order/order.chart.yaml"),
        ),
        ("checkout", include_str!("../charts/checkout.chart.yaml")),
        (
            "subscription",
            include_str!("../charts/subscription.chart.yaml"),
        ),
        ("claims", include_str!("../charts/claims.chart.yaml")),
        ("odd", include_str!("../charts/odd.chart.yaml")),
    ]
    .into_iter()
    .map(|(name, text)| (name, load(text)))
    .collect()
}

/// How a chart made by chance looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) states: usize,
    pub(crate) transitions: usize,
    pub(crate) nesting: usize,
}

/// A chart made by chance: nested, parallel, with labels of all lengths. The same seed gives the same chart.
pub(crate) fn by_chance(seed: u64, shape: Shape) -> Machine {
    let mut maker = Maker {
        chance: Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
        states: vec![Draft::default()],
        shape,
    };
    maker.grow();
    let text = maker.text();
    load(&text)
}

/// xorshift64: chance that needs no crate and is the same everywhere.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }
}

#[derive(Default)]
struct Draft {
    children: Vec<usize>,
    depth: usize,
    is_parallel: bool,
    is_final: bool,
    is_history: bool,
    path: String,
    on: Vec<String>,
}

struct Maker {
    chance: Chance,
    states: Vec<Draft>,
    shape: Shape,
}

impl Maker {
    fn grow(&mut self) {
        while self.states.len() <= self.shape.states {
            let mut parent = self.chance.below(self.states.len());
            if self.states[parent].depth >= self.shape.nesting || self.chance.one_in(2) {
                parent = 0;
            }
            self.add(parent);
        }
        for at in 1..self.states.len() {
            if self.states[at].children.is_empty() {
                let parent_is_parallel = self
                    .states
                    .iter()
                    .any(|state| state.is_parallel && state.children.contains(&at));
                self.states[at].is_final = !parent_is_parallel && self.chance.one_in(6);
            } else if self.states[at].children.len() > 1 {
                self.states[at].is_parallel = self.chance.one_in(3);
            }
        }
        for at in 1..self.states.len() {
            if !self.states[at].children.is_empty()
                && !self.states[at].is_parallel
                && self.chance.one_in(3)
            {
                let history = self.add(at);
                self.states[history].is_history = true;
            }
        }
        for number in 0..self.shape.transitions {
            self.add_transition(number);
        }
    }

    fn add(&mut self, parent: usize) -> usize {
        let at = self.states.len();
        let name = format!("s{at}");
        let path = match self.states[parent].path.as_str() {
            "" => name,
            above => format!("{above}.{name}"),
        };
        let depth = self.states[parent].depth + 1;
        self.states[parent].children.push(at);
        self.states.push(Draft {
            depth,
            path,
            ..Draft::default()
        });
        at
    }

    fn add_transition(&mut self, number: usize) {
        let from = self.chance.below(self.states.len());
        let to = 1 + self.chance.below(self.states.len() - 1);
        if self.states[from].is_final
            || self.states[from].is_history
            || self.leads_into_another_region(from, to)
        {
            return;
        }
        let words = [
            "a",
            "pay",
            "cancel_order",
            "payment.refund-requested.by_customer",
            "x",
        ];
        let event = format!("{}{number}", words[self.chance.below(words.len())]);
        let guard = match self.chance.below(4) {
            0 => ", guard: \"size(event.type) > 3\"",
            1 => {
                ", guard: \"event.type == 'something rather long' || size(event.type) > 100 || entity.version > 7\""
            }
            _ => "",
        };
        let target = match self.chance.below(12) {
            0 => String::new(),
            _ => format!(
                "target: /{}{}",
                self.states[to].path,
                if self.chance.one_in(5) {
                    ", reenter: true"
                } else {
                    ""
                }
            ),
        };
        if target.is_empty() && guard.is_empty() {
            self.states[from].on.push(format!("{event}: {{}}"));
        } else {
            let body = format!("{target}{guard}");
            self.states[from]
                .on
                .push(format!("{event}: {{ {} }}", body.trim_start_matches(", ")));
        }
    }

    /// Such transitions are refused by the loader.
    fn leads_into_another_region(&self, from: usize, to: usize) -> bool {
        let is_inside = |inner: usize, outer: usize| {
            inner == outer
                || outer == 0
                || self.states[inner]
                    .path
                    .starts_with(&format!("{}.", self.states[outer].path))
        };
        self.states
            .iter()
            .filter(|state| state.is_parallel)
            .any(|state| {
                let region_of =
                    |at: usize| state.children.iter().find(|child| is_inside(at, **child));
                matches!((region_of(from), region_of(to)), (Some(a), Some(b)) if a != b)
            })
    }

    fn text(&self) -> String {
        let mut out = "statehold: 1\nmachine: chance\nversion: 1\n".to_owned();
        self.write(0, 0, &mut out);
        out
    }

    fn write(&self, at: usize, indent: usize, out: &mut String) {
        let pad = " ".repeat(indent);
        let state = &self.states[at];
        if state.is_final {
            let _ = writeln!(out, "{pad}type: final");
            return;
        }
        if state.is_history {
            let _ = writeln!(out, "{pad}type: history\n{pad}history: deep");
            return;
        }
        if !state.on.is_empty() {
            let _ = writeln!(out, "{pad}on:");
            for line in &state.on {
                let _ = writeln!(out, "{pad}  {line}");
            }
        }
        if state.children.is_empty() {
            let _ = writeln!(out, "{pad}tags: [leaf]");
            return;
        }
        if state.is_parallel {
            let _ = writeln!(out, "{pad}type: parallel");
        } else {
            let _ = writeln!(out, "{pad}initial: s{}", state.children[0]);
        }
        let _ = writeln!(out, "{pad}states:");
        for child in &state.children {
            let _ = writeln!(out, "{pad}  s{child}:");
            self.write(*child, indent + 4, out);
        }
    }
}
