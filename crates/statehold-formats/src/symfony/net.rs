//! A Petri net in good order: from its beginning it has one token, a transition with several outputs divides it into
//! regions that keep to themselves, and only transitions that take one token from every region leave them.

use std::collections::BTreeSet;

use super::definition::Workflow;

/// Most transitions with several inputs or outputs.
const BARS_MAX: usize = 64;

/// Deepest nesting of regions; charts nest less.
const DEPTH_MAX: usize = 16;

/// One level of a net: places of which one has the token, or a division instead.
#[derive(Debug, Default)]
pub(super) struct Level {
    pub(super) nodes: Vec<Part>,
    /// Index of the node in which it begins.
    pub(super) initial: usize,
}

/// What the token can be in.
#[derive(Debug)]
pub(super) enum Part {
    Place(usize),
    Division(Division),
}

/// Regions, each with a token.
#[derive(Debug)]
pub(super) struct Division {
    /// Number of the transition that was met first, if one leads here.
    pub(super) fork: Option<usize>,
    pub(super) regions: Vec<Level>,
    /// All places inside, by region.
    places: Vec<BTreeSet<usize>>,
    /// Transitions that take one token from every region.
    pub(super) joins: Vec<usize>,
}

/// The levels of a workflow, or the byte and the reason why it has none.
pub(super) fn levels(workflow: &Workflow<'_>) -> Result<Level, (usize, String)> {
    let bars = workflow
        .transitions
        .iter()
        .filter(|one| one.from.len() != 1 || one.to.len() != 1);
    if let Some(bar) = bars.clone().nth(BARS_MAX) {
        return Err((
            bar.at,
            format!("more than {BARS_MAX} transitions with several places"),
        ));
    }
    let scope: BTreeSet<usize> = (0..workflow.places.len()).collect();
    let net = Net { workflow };
    let mut level = net.level(&workflow.initial, None, &scope, 0)?;
    // Places that are never reached are states all the same.
    let mut met = BTreeSet::new();
    collect(&level, &mut met);
    for place in scope.difference(&met) {
        if let Some(bar) = bars
            .clone()
            .find(|bar| bar.from.contains(place) || bar.to.contains(place))
        {
            let name = &bar.name.written;
            return Err((
                bar.at,
                format!("`{name}` has several places, and its net is not in good order"),
            ));
        }
        level.nodes.push(Part::Place(*place));
    }
    Ok(level)
}

fn collect(level: &Level, met: &mut BTreeSet<usize>) {
    for node in &level.nodes {
        match node {
            Part::Place(place) => {
                met.insert(*place);
            }
            Part::Division(division) => met.extend(division.places.iter().flatten()),
        }
    }
}

struct Net<'w, 'n> {
    workflow: &'w Workflow<'n>,
}

impl Net<'_, '_> {
    /// Follows a token from where it begins as far as it goes within the scope. Depth is bounded.
    fn level(
        &self,
        initial: &[usize],
        fork: Option<usize>,
        scope: &BTreeSet<usize>,
        depth: usize,
    ) -> Result<Level, (usize, String)> {
        let mut level = Level::default();
        let mut work: Vec<usize> = Vec::new();
        match initial {
            [place] => work.push(*place),
            several => work.extend(self.divide(&mut level, several, fork, scope, depth)?),
        }
        while let Some(place) = work.pop() {
            let is_known = |part: &Part| matches!(part, Part::Place(known) if *known == place);
            if level.nodes.iter().any(is_known) {
                continue;
            }
            self.check_free(&level, place)?;
            level.nodes.push(Part::Place(place));
            for (number, transition) in self.workflow.transitions.iter().enumerate() {
                if !transition.from.contains(&place) {
                    continue;
                }
                let name = &transition.name.written;
                if transition.from.len() > 1 {
                    // One that leaves the scope takes a token from every region of what is around it.
                    if transition.from.iter().all(|from| scope.contains(from)) {
                        let message = format!(
                            "`{name}` takes from places that never have a token at the same time"
                        );
                        return Err((transition.at, message));
                    }
                    continue;
                }
                match transition.to.as_slice() {
                    [to] => work.push(*to),
                    several => {
                        work.extend(self.divide(
                            &mut level,
                            several,
                            Some(number),
                            scope,
                            depth,
                        )?);
                    }
                }
            }
        }
        // Document order reads better than the order of the walk.
        self.sort(&mut level, initial);
        Ok(level)
    }

    fn sort(&self, level: &mut Level, initial: &[usize]) {
        level.nodes.sort_by_key(|node| match node {
            Part::Place(place) => *place,
            Part::Division(division) => {
                division.places.iter().flatten().copied().min().unwrap_or(0)
            }
        });
        let begins = |part: &Part| match part {
            Part::Place(place) => initial == [*place],
            Part::Division(division) => initial.len() > 1 && division.takes(initial),
        };
        level.initial = level.nodes.iter().position(begins).unwrap_or(0);
    }

    /// A place inside a division can only be entered with the others.
    fn check_free(&self, level: &Level, place: usize) -> Result<(), (usize, String)> {
        for node in &level.nodes {
            if let Part::Division(division) = node
                && division.places.iter().any(|region| region.contains(&place))
            {
                let name = &self.workflow.places[place].name;
                let message = format!(
                    "a token comes to `{}` while others are still on their way",
                    name.written
                );
                return Err((name.at, message));
            }
        }
        Ok(())
    }

    /// Makes regions of the places behind a transition with several outputs, and returns where the token goes on.
    fn divide(
        &self,
        level: &mut Level,
        targets: &[usize],
        fork: Option<usize>,
        scope: &BTreeSet<usize>,
        depth: usize,
    ) -> Result<Vec<usize>, (usize, String)> {
        let known = level.nodes.iter().any(|node| match node {
            Part::Division(division) => division.takes(targets),
            Part::Place(_) => false,
        });
        if known {
            return Ok(Vec::new());
        }
        let (at, name) = match fork.map(|fork| &self.workflow.transitions[fork]) {
            Some(fork) => (fork.at, fork.name.written.clone()),
            None => (self.workflow.places[0].name.at, "the beginning".to_owned()),
        };
        if depth == DEPTH_MAX {
            return Err((at, format!("regions nest deeper than {DEPTH_MAX} levels")));
        }
        let places: Vec<BTreeSet<usize>> = targets
            .iter()
            .map(|target| self.region(*target, scope))
            .collect();
        let mut all = BTreeSet::new();
        for place in places.iter().flatten() {
            if !all.insert(*place) {
                let shared = &self.workflow.places[*place].name.written;
                let message = format!(
                    "the tokens that `{name}` makes can both come to `{shared}`; they have to meet in one transition"
                );
                return Err((at, message));
            }
        }
        for node in &level.nodes {
            if let Part::Place(place) = node
                && all.contains(place)
            {
                let place = &self.workflow.places[*place].name.written;
                return Err((
                    at,
                    format!(
                        "a token that `{name}` makes comes to `{place}` while others are on their way"
                    ),
                ));
            }
        }
        let joins = self.joins(&places, at, &name)?;
        let regions: Result<Vec<Level>, _> = (targets.iter().zip(&places))
            .map(|(target, places)| self.level(&[*target], None, places, depth + 1))
            .collect();
        let next = joins
            .iter()
            .map(|join| self.workflow.transitions[*join].to[0])
            .collect();
        level.nodes.push(Part::Division(Division {
            fork,
            regions: regions?,
            places,
            joins,
        }));
        Ok(next)
    }

    /// The places that a token can come to before it meets others.
    fn region(&self, target: usize, scope: &BTreeSet<usize>) -> BTreeSet<usize> {
        let mut places = BTreeSet::from([target]);
        loop {
            let before = places.len();
            for transition in &self.workflow.transitions {
                if transition.from.iter().all(|from| places.contains(from)) {
                    places.extend(transition.to.iter().filter(|to| scope.contains(to)));
                }
            }
            if places.len() == before {
                return places;
            }
        }
    }

    /// Transitions out of regions: all of them take one token from each, and put one token outside.
    fn joins(
        &self,
        places: &[BTreeSet<usize>],
        at: usize,
        name: &str,
    ) -> Result<Vec<usize>, (usize, String)> {
        let region_of = |place: &usize| places.iter().position(|region| region.contains(place));
        let mut joins = Vec::new();
        for (number, transition) in self.workflow.transitions.iter().enumerate() {
            let from: Vec<Option<usize>> = transition.from.iter().map(region_of).collect();
            let to: Vec<Option<usize>> = transition.to.iter().map(region_of).collect();
            let inside: BTreeSet<Option<usize>> = from.iter().copied().collect();
            if !from.iter().any(Option::is_some) {
                continue;
            }
            if inside.len() == 1 && to.iter().all(|region| *region == from[0]) {
                continue;
            }
            let takes_one_each =
                inside.len() == from.len() && from.len() == places.len() && !inside.contains(&None);
            if !takes_one_each || to.len() != 1 || to[0].is_some() {
                let join = &transition.name.written;
                let message = format!(
                    "`{join}` does not take one token from each way out of `{name}`; only fork and join that nest well become regions"
                );
                return Err((transition.at, message));
            }
            joins.push(number);
        }
        if joins.is_empty() {
            return Err((
                at,
                format!("the tokens that `{name}` makes never meet again"),
            ));
        }
        Ok(joins)
    }
}

impl Division {
    /// All places inside.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        self.places.iter().flatten().copied()
    }

    /// Whether these places are one of each region.
    pub(super) fn takes(&self, places: &[usize]) -> bool {
        let regions: Option<BTreeSet<usize>> = (places.iter())
            .map(|place| self.places.iter().position(|region| region.contains(place)))
            .collect();
        regions.is_some_and(|regions| {
            regions.len() == places.len() && places.len() == self.places.len()
        })
    }
}
